"""Find the compiled NEST module and load it into a running NEST."""

from __future__ import annotations

import ctypes
import importlib
import json
import sys
from pathlib import Path
from typing import Any

#: names of the models in NEST: NESTML names a paired neuron and synapse after each other
NEURON = "elise_neuron__with_elise_synapse"
SYNAPSE = "elise_synapse__with_elise_neuron"

REINSTALL = "Install elise-pynn again in this environment: pip install --force-reinstall --no-deps elise-pynn (or . in a clone)."


class ModuleError(RuntimeError):
    """The NEST module is missing, does not fit, or cannot be loaded; the message says what to do."""


def _find(name: str) -> Path:
    # An editable install has two folders: the sources and the compiled files.
    package = importlib.import_module("elise_pynn.nestml_models")
    for folder in package.__path__:
        if (Path(folder) / name).is_file():
            return Path(folder) / name
    raise ModuleError(f"{name} was not found in {', '.join(package.__path__)}: the NEST module was not compiled. {REINSTALL}")


def module_path() -> Path:
    """Path of the compiled module."""
    return _find("elisemodule.so")


def build_info() -> dict[str, str]:
    """Versions that the module was compiled for, keys ``nest``, ``nestml``, ``module``."""
    return json.loads(_find("build_info.json").read_text())


def loader_error() -> str | None:
    """The dynamic loader's own words when the module cannot be loaded, else None. Imports NEST, whose symbols the module needs."""
    importlib.import_module("nest")
    try:
        ctypes.CDLL(str(module_path()))
    except OSError as error:
        return str(error)
    return None


def install(nest: Any = None) -> None:
    """Make the models known to NEST. Call it again after each ``nest.ResetKernel()``; calling it twice does no harm.

    Parameters
    ----------
    nest : module
        The imported ``nest``; imported here when not given.

    Raises
    ------
    ModuleError
        When the module was compiled for another version of NEST or cannot be loaded.
    """
    nest = nest or importlib.import_module("nest")
    if NEURON in nest.node_models:
        return
    path, compiled_for = module_path(), build_info()["nest"]
    if nest.__version__ != compiled_for:
        raise ModuleError(
            f"this NEST module was compiled for NEST {compiled_for}, but NEST {nest.__version__} is running. "
            f"Install the matching one (pip install nest-simulator=={compiled_for}), or compile for yours: {REINSTALL}"
        )
    try:
        nest.Install(str(path))
    except Exception as error:
        if "Network elements have been created" in str(error):
            raise ModuleError(
                "NEST takes new models only while its network is empty: load ours before you create anything, with "
                "elise_pynn.nestml_models.install() after nest.ResetKernel(), in PyNN with elise_pynn.cell_types(sim) after sim.setup()."
            ) from error
        raise ModuleError(f"NEST cannot load {path}: {loader_error() or error} (Python {sys.version.split()[0]}). {REINSTALL}") from error
