"""What commands leave: nothing outside of the folder that they were given, and the same pictures from the same run."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

import elise_pynn
from test_cli import ELISE, HEARD, PICTURES

SMALL = ["--latent", "10", "--cycles", "1", "--replay", "1", "--timestep", "1"]
#: known to be kept between processes: compiled Python, numba's compiled functions, matplotlib's list of fonts
CACHES = ("__pycache__", ".cache/matplotlib", ".config/matplotlib")


def files(*folders):
    """Every file with size and time of change, but for caches."""
    found = {}
    for folder in folders:
        for path in Path(folder).rglob("*"):
            if path.is_file() and not any(cache in str(path) for cache in CACHES):
                stat = path.stat()
                found[path] = stat.st_size, stat.st_mtime_ns
    return found


@pytest.fixture(scope="module")
def watched(tmp_path_factory):
    """Run a command with home, temporary and working folder of its own; return the files that it left anywhere but in `given`."""
    base = tmp_path_factory.mktemp("watched")
    places = {name: base / name for name in ("HOME", "TMPDIR", "cwd")}
    for place in places.values():
        place.mkdir()
    packages = [Path(folder).resolve() for folder in elise_pynn.__path__]
    environment = {**os.environ, "HOME": str(places["HOME"]), "TMPDIR": str(places["TMPDIR"])}
    environment = {name: value for name, value in environment.items() if not name.startswith(("XDG_", "MPLCONFIG"))}

    def command(*arguments, given=()):
        before = files(*places.values(), *packages)
        done = subprocess.run(
            [ELISE, *map(str, arguments)], cwd=places["cwd"], env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        assert done.returncode == 0, done.stderr
        after = files(*places.values(), *packages)
        changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
        return {path for path in changed if not any(path.is_relative_to(places["cwd"] / name) for name in given)}

    return command, places["cwd"]


@pytest.mark.slow
def test_no_command_writes_outside_of_its_folder(watched):
    command, cwd = watched
    assert command("run", "fuer-elise", "--out", "run", *SMALL, "--backend", "engine", given=["run"]) == set()
    assert command("run", "fuer-elise", "--out", "nest", *SMALL, given=["nest"]) == set()
    for reading in (["replay", "run"], ["verify", "run", "--simulate"], ["analyse", "run"], ["sequence", "show", "fuer-elise"], ["doctor"]):
        assert command(*reading) == set()
    assert command("report", "run", given=["run/report.html"]) == set()
    assert command("compare", "run", "nest", "--out", "c.html", given=["c.html"]) == set()
    grid = ["--grid", "latent=5", "--grid", "cycles=1", "--grid", "replay=1", "--grid", "timestep=1"]
    assert command("sweep", "fuer-elise", *grid, "--out", "s", given=["s"]) == set()
    assert {path.name for path in cwd.iterdir()} == {"run", "nest", "c.html", "s"}


@pytest.mark.slow
def test_the_same_run_draws_the_same_pictures(watched):
    command, cwd = watched
    command("run", "fuer-elise", "--out", "again", *SMALL, "--backend", "engine", given=["again"])
    if not (cwd / "run").exists():
        command("run", "fuer-elise", "--out", "run", *SMALL, "--backend", "engine", given=["run"])
    for name in (*PICTURES, *HEARD, "blueprint.npz"):
        assert (cwd / "run" / name).read_bytes() == (cwd / "again" / name).read_bytes(), name
    one, two = (json.loads((cwd / name / "run.json").read_text()) for name in ("run", "again"))
    assert one["replay"] == two["replay"] and one["training"] == two["training"]
