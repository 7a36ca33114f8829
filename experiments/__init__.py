"""The paper's experiments, one file each; see ``elise experiment --help`` and docs/experiments.md."""

from __future__ import annotations

import importlib

from elise_pynn.experiments.experiment import Experiment
from elise_pynn.quantity import ParameterError

#: in the order of docs/experiments.md
NAMES = (
    "size",
    "reservoir",
    "scaffold",
    "disruption",
    "timescale",
    "patterns",
    "completion",
    "noise",
    "birdsong",
    "spiking",
    "dynamics",
    "growth",
    "sequences",
    "threshold",
    "deployment",
    "brainscales2",
)


def find_experiment(name: str) -> Experiment:
    """Return an experiment by its name.

    Raises
    ------
    ParameterError
        When there is no such experiment.
    """
    if name not in NAMES:
        raise ParameterError(f"there is no experiment {name}: give one of {', '.join(NAMES)}.")
    return importlib.import_module(f"elise_pynn.experiments.{name}").EXPERIMENT


__all__ = ["NAMES", "Experiment", "find_experiment"]
