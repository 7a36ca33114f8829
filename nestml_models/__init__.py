"""The NESTML models and the NEST module compiled from them at install.

* ``elise_neuron.nestml``, ``elise_synapse.nestml``: the models, source of truth.
* ``generate.py``, ``finish.py``, ``past_integrals.h``: their build, run by CMake.
* ``module.py``: finds and loads the compiled module.
"""

from elise_pynn.nestml_models.module import NEURON, SYNAPSE, ModuleError, build_info, install, loader_error, module_path

__all__ = ["NEURON", "SYNAPSE", "ModuleError", "build_info", "install", "loader_error", "module_path"]
