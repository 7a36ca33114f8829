"""Generate the C++ sources of the NEST module from the NESTML models.

Run by CMake: ``python generate.py OUT_FOLDER``. Needs NESTML and NEST, no compiler.
"""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from finish import finish  # noqa: E402  (a script of this folder, run before the package exists)

MODULE = "elisemodule"
#: what the synapse reads from its neuron, the same names on both sides
POST_PORTS = ("Q", "Q_1", "Q_2", "Q_3", "Q_4", "Q_old", "window", "window_ratio", "trace_unit")


def generate(out: Path) -> None:
    """Write the module's sources and ``build_info.json`` to the folder `out`."""
    from pynestml.codegeneration.nest_builder import NESTBuilder
    from pynestml.frontend.pynestml_frontend import generate_target

    # NESTML would go on to compile; that is CMake's part here, with the flags of the NEST wheel.
    NESTBuilder.build = lambda self: None
    nest_version = importlib.metadata.version("nest-simulator")
    generate_target(
        input_path=[str(HERE / "elise_neuron.nestml"), str(HERE / "elise_synapse.nestml")],
        target_platform="NEST",
        target_path=str(out),
        module_name=MODULE,
        logging_level="ERROR",
        codegen_opts={
            "nest_version": f"v{nest_version}",
            "nest_path": sys.prefix,
            "neuron_synapse_pairs": [
                {
                    "neuron": "elise_neuron",
                    "synapses": {"elise_synapse": {"post_ports": [[port, port] for port in POST_PORTS]}},
                }
            ],
            "weight_variable": {"elise_synapse": "w"},
            "continuous_state_buffering_method": "post_spike_based",
        },
    )
    shutil.copy(HERE / "past_integrals.h", out)
    # NEST's headers ask for libltdl's, of which they use one type name only.
    (out / "ltdl.h").write_text("#pragma once\ntypedef struct lt__handle* lt_dlhandle;\n")
    finish(out)
    info = {"nest": nest_version, "nestml": importlib.metadata.version("NESTML"), "module": MODULE}
    (out / "build_info.json").write_text(json.dumps(info, indent=2) + "\n")


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve()
    target.mkdir(parents=True, exist_ok=True)
    generate(target)
