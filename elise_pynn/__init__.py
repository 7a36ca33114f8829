"""ELiSe sequence learning (arXiv:2402.16763) for NEST and PyNN.

The usual way in is the command ``elise``; from Python:

>>> from elise_pynn import fuer_elise, make_blueprint
>>> blueprint = make_blueprint(visible=13, latent=100, seed=1)
>>> # import pyNN.nest as sim; sim.setup(timestep=0.1, min_delay=0.1); network = build(sim, blueprint)

No simulator is imported here; `build` takes the PyNN backend to build on.
"""

from __future__ import annotations

from typing import Any

from elise_pynn.blueprint import Blueprint, make_blueprint
from elise_pynn.melody import fuer_elise
from elise_pynn.parameters import DelayParameters, GrowthParameters, LearningParameters, NeuronParameters, Parameters
from elise_pynn.quantity import ParameterError
from elise_pynn.reading import Reading
from elise_pynn.scaffold import grow_scaffold
from elise_pynn.sequence import Sequence
from elise_pynn.sequence_sources import find_sequence

__version__ = "0.1.0"

__all__ = [
    "Blueprint",
    "DelayParameters",
    "GrowthParameters",
    "LearningParameters",
    "NeuronParameters",
    "ParameterError",
    "Parameters",
    "Reading",
    "Sequence",
    "build",
    "cell_types",
    "find_sequence",
    "fuer_elise",
    "grow_scaffold",
    "make_blueprint",
    "read_run",
    "run_sequence",
]


def __getattr__(name: str) -> Any:
    # PyNN takes a while to import, and not every use of a blueprint needs it.
    if name == "build":
        from elise_pynn.builder import build

        return build
    if name == "cell_types":
        from elise_pynn.backends import cell_types

        return cell_types
    if name == "run_sequence":
        from elise_pynn.run import run_sequence

        return run_sequence
    if name == "read_run":
        from elise_pynn.results import read_run

        return read_run
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
