"""Map an exported script on a virtual SpiNNaker board: partitioning, placement, routing and data specifications run, the network does not.

sPyNNaker keeps its state in the process and its files in the working directory, so this runs in a process and a folder of its own.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

#: a board of 48 chips of which nothing exists; never part of an export
VIRTUAL_BOARD = "[Machine]\nversion = 5\nvirtual_board = True\n"


@dataclass(frozen=True)
class Mapping:
    """What mapping said.

    Attributes
    ----------
    cores, all_cores, chips : int
        Cores of the network, cores with those that serve the board, chips that have any.
    sdram : int
        Bytes.
    synapses : dict
        By source, target and receptor type: ndarray, shape (synapses, 4), pre, post, weight in nA, delay in ms, as on the board.
    """

    cores: int
    all_cores: int
    chips: int
    sdram: int
    synapses: dict[tuple[str, str, str], np.ndarray]


class MappingError(Exception):
    """The script does not map; the message is the end of what sPyNNaker said."""


def has_spynnaker() -> bool:
    """Whether sPyNNaker is installed."""
    return importlib.util.find_spec("spynnaker") is not None


def map_script(script: Path, timeout: float = 600.0) -> Mapping:
    """Map a script on a virtual board.

    Raises
    ------
    MappingError
        When sPyNNaker refuses it.
    """
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, ".spynnaker.cfg").write_text(VIRTUAL_BOARD)
        found = Path(folder, "mapping.npz")
        home = Path(folder, "home")  # a configuration of the user's own would be refused beside this one
        home.mkdir()
        environment = {**os.environ, "XDG_CONFIG_HOME": folder, "HOME": str(home)}
        command = [sys.executable, "-m", __name__, str(Path(script).resolve()), str(found)]
        try:
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired as error:
            raise MappingError(f"it took longer than {timeout:g} s.") from error
        if done.returncode or not found.exists():
            said = [line for line in (done.stderr or done.stdout).strip().splitlines() if line.strip()]
            raise MappingError(said[-1] if said else f"it ended with code {done.returncode}.")
        with np.load(found, allow_pickle=False) as arrays:
            figures = json.loads(str(arrays["figures"]))
            keys = [key for key in arrays.files if key != "figures"]
            synapses = {(a, b, c): arrays[key] for key in keys for a, b, c in [key.split(" ")]}
    return Mapping(**figures, synapses=synapses)


def _map(script: str, found: str) -> None:
    """Run in a process of its own."""
    specification = importlib.util.spec_from_file_location("script", script)
    assert specification and specification.loader
    module: Any = importlib.util.module_from_spec(specification)
    sys.modules["script"] = module  # its dataclasses look for it
    specification.loader.exec_module(module)
    sim, _, projections = module.build("spiNNaker")
    steps = (module.CUE_CYCLES + module.CYCLES + 1) * module.PERIOD
    sim.run(steps)
    from spinn_front_end_common.data import FecDataView

    placements = list(FecDataView.iterate_placemements())
    figures = {
        "cores": sum(placement.vertex.app_vertex is not None for placement in placements),
        "all_cores": len(placements),
        "chips": len({(placement.x, placement.y) for placement in placements}),
        "sdram": sum(int(p.vertex.sdram_required.get_total_sdram(round(steps / module.TIMESTEP))) for p in placements),
    }
    arrays: dict[str, Any] = {
        " ".join(key): np.array([list(map(float, row)) for row in projection.get(["weight", "delay"], format="list")]).reshape(-1, 4)
        for key, projection in projections.items()
    }
    sim.end()
    np.savez_compressed(found, figures=json.dumps(figures), **arrays)


if __name__ == "__main__":
    _map(*sys.argv[1:])
