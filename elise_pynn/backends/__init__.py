"""One module per PyNN backend, each a translation table of ``elise_pynn.cells`` (see docs/backends.md)."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

#: PyNN backend: module of this folder
BACKENDS = {"pyNN.nest": "elise_pynn.backends.nest"}


def backend_of(sim: Any) -> ModuleType:
    """Return our module for the PyNN backend `sim`.

    Raises
    ------
    NotImplementedError
        When there is none.
    """
    name = getattr(sim, "__name__", str(sim))
    if name not in BACKENDS:
        raise NotImplementedError(
            f"elise_pynn has no cells for {name}; it has them for {', '.join(BACKENDS)}. docs/backends.md says how to add one."
        )
    return importlib.import_module(BACKENDS[name])


def cell_types(sim: Any) -> tuple[type, type]:
    """Return the classes EliseNeuron and EliseSynapse for the PyNN backend `sim`, to be called after ``sim.setup()``.

    >>> import pyNN.nest as sim
    >>> from elise_pynn import cell_types
    >>> EliseNeuron, EliseSynapse = cell_types(sim)
    """
    backend = backend_of(sim)
    return backend.EliseNeuron, backend.EliseSynapse
