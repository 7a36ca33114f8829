"""ELiSe sequence learning (arXiv:2402.16763) for NEST and PyNN.

The usual way in is the command ``elise``; from Python:

>>> from elise_pynn import fuer_elise, make_blueprint
>>> blueprint = make_blueprint(visible=13, latent=100, seed=1)
>>> # import pyNN.nest as sim; sim.setup(timestep=0.1, min_delay=0.1); network = build(sim, blueprint)

No simulator is imported here; `build` takes the PyNN backend to build on.
"""

from __future__ import annotations

import importlib
from typing import Any

from elise_pynn.blueprint import Blueprint, make_blueprint
from elise_pynn.melody import fuer_elise
from elise_pynn.parameters import DelayParameters, GrowthParameters, LearningParameters, NeuronParameters, Parameters
from elise_pynn.quantity import ParameterError
from elise_pynn.reading import Reading
from elise_pynn.scaffold import grow_scaffold
from elise_pynn.sequence import Sequence

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


#: what takes long to import, PyNN or scipy.signal, and not every use needs, and its module
LATER = {
    "build": "builder",
    "cell_types": "backends",
    "find_sequence": "sequence_sources",
    "read_run": "results",
    "run_sequence": "run",
}


def __getattr__(name: str) -> Any:
    if name in LATER:
        return getattr(importlib.import_module(f"{__name__}.{LATER[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
