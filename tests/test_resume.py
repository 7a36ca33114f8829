"""Checkpoints: killed runs go on to the same bits, damaged files and full disks harm nothing."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from elise_pynn import Blueprint, ParameterError, checkpoint, fuer_elise, make_blueprint
from elise_pynn.protocol import teach
from elise_pynn.recommendation import configure_for
from elise_pynn.run import make_simulation, run
from test_cli import ELISE, elise

HERE = Path(__file__).parent
OPTIONS = ["--backend", "engine", "--latent", 20, "--cycles", 100, "--replay", 2, "--timestep", 1.0]
GIVEN = {"backend": "engine", "latent": 20, "cycles": 100, "replay": 2, "timestep": 1.0}


class Killed(BaseException):
    """Stands for SIGKILL where a process of its own would take too long."""


@pytest.fixture(autouse=True)
def no_pictures(monkeypatch):
    """Pictures and sounds take longer than these runs."""
    monkeypatch.setattr("elise_pynn.results.draw", lambda *a: None)
    monkeypatch.setattr("elise_pynn.run.render", lambda *a: None)


def teach_until(folder, cycle, every=1e-9, **given):
    """Run, and stop as if killed when so many cycles are done."""

    def progress(done, _):
        if done >= cycle:
            raise Killed

    with pytest.raises(Killed):
        run(fuer_elise(), folder, *configure_for(fuer_elise(), "spiking", **{**GIVEN, **given}), progress=progress, checkpoint_every=every)


def go_on(folder, notice=None, every=1e-9, **given):
    settings, parameters = configure_for(fuer_elise(), "spiking", **{**GIVEN, **given})
    return run(fuer_elise(), folder, settings, parameters, resume=True, checkpoint_every=every, notice=notice)


def result(folder):
    summary = {k: v for k, v in json.loads((folder / "run.json").read_text()).items() if k not in ("seconds", "warnings")}
    summary["sha256"].pop("recording")  # of the file, which carries times and identifiers
    return summary, Blueprint.load(folder / "blueprint.npz").digest()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The result of a run that was never interrupted."""
    folder = tmp_path_factory.mktemp("whole") / "run"
    run(fuer_elise(), folder, *configure_for(fuer_elise(), "spiking", **GIVEN), checkpoint_every=0)
    return result(folder)


@pytest.fixture
def interrupted(tmp_path):
    """A folder with the checkpoints of cycles 40 and 60."""
    teach_until(tmp_path / "run", 70)
    return tmp_path / "run"


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def killed_and_resumed(*options):
    done = subprocess.run(
        [sys.executable, HERE / "kill_and_resume.py", *map(str, options)], capture_output=True, text=True, timeout=1500, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["killed"] == options[options.index("--moments") + 1] and found["identical"] == found["runs"] > 0


def test_killed_at_random_moments_the_engine_ends_alike():
    killed_and_resumed("--moments", 3, "--cycles", 400)


@pytest.mark.slow
@pytest.mark.parametrize(
    "options",
    [
        ("--backend", "engine", "--moments", 20, "--cycles", 2000, "--pictures"),
        ("--backend", "engine", "--emission", "escape", "--moments", 20),
        ("--backend", "engine", "--emission", "rate", "--timestep", 0.1, "--cycles", 100, "--moments", 20),
        ("--backend", "nest", "--moments", 20),
        ("--backend", "nest", "--emission", "escape", "--moments", 10),
        ("--backend", "nest", "--emission", "threshold", "--moments", 10, "--timestep", 0.5),
    ],
)
def test_killed_at_many_random_moments(options):
    killed_and_resumed(*options)


@pytest.mark.parametrize("backend", ["engine", "nest"])
@pytest.mark.parametrize(("emission", "timestep"), [("integrate", 0.1), ("integrate", 1.0), ("escape", 1.0), ("threshold", 0.5)])
def test_a_restored_simulation_goes_on_to_the_same_state(backend, emission, timestep):
    """All of it: weights, traces, potentials, windows, spikes on their way."""
    sequence, cycles = fuer_elise(), 60
    settings, parameters = configure_for(sequence, "spiking", backend=backend, emission=emission, latent=20, timestep=timestep)
    blueprint = make_blueprint(13, 20, 1, parameters)
    states = {}

    def simulate(done=0, scores=()):
        simulation = make_simulation(settings, blueprint, sequence, 0.4)
        if done:
            simulation.restore(states[done][0])
        kept = {}
        teach(
            simulation,
            blueprint,
            sequence,
            cycles,
            done=done,
            scores=scores,
            keep=lambda n, s: kept.update({n: (simulation.state(), list(s))}),
        )
        return kept

    states = simulate()
    assert set(states) == {20, 40, 60}
    again = simulate(40, states[40][1])
    assert again[60][1] == states[60][1] and set(again[60][0]) == set(states[60][0])
    for name, array in states[60][0].items():
        np.testing.assert_array_equal(again[60][0][name], array, err_msg=name)


def test_state_of_nest_holds_all_variables_of_the_models():
    """A variable that is added to a model must be added to its state."""
    from elise_pynn.backends import nest_state

    for model, names in (("elise_neuron", {*nest_state.NEURON} - {"nudging", "plasticity"}), ("elise_synapse", {*nest_state.SYNAPSE})):
        text = (HERE.parent / "nestml_models" / f"{model}.nestml").read_text()
        block = text.partition("    state:\n")[2].partition("    parameters:\n")[0]
        declared = {line.split()[0] for line in block.splitlines() if line.strip() and not line.strip().startswith("#")}
        assert declared == names


def test_interrupted_runs_keep_two_checkpoints_and_end_alike(interrupted, whole):
    assert names(interrupted) == ["checkpoint-00000040.elise", "checkpoint-00000060.elise"]
    said = []
    go_on(interrupted, said.append)
    assert said[0] == f"goes on from cycle 60 of 100 in {interrupted}."
    assert result(interrupted) == whole and not list(interrupted.glob("*elise*")) and not (interrupted / "run.lock").exists()


def test_checkpoints_come_by_time(tmp_path):
    teach_until(tmp_path / "run", 70, every=3600)
    assert names(tmp_path / "run") == []
    said = []
    go_on(tmp_path / "run", said.append)
    assert "begins at the start" in said[0]


@pytest.mark.parametrize("harm", ["cut", "flipped", "empty", "noise"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(harm, interrupted, whole):
    newest = interrupted / "checkpoint-00000060.elise"
    data = bytearray(newest.read_bytes())
    data[len(data) // 2] ^= 1
    newest.write_bytes({"cut": data[:-100], "flipped": data, "empty": b"", "noise": os.urandom(1000)}[harm])
    said = []
    summary = go_on(interrupted, said.append)
    assert "checkpoint-00000060.elise is damaged" in said[0] and "cycle 40 of 100" in said[1]
    assert result(interrupted) == whole and "damaged" in summary["warnings"][0]


def test_every_flipped_bit_is_noticed(interrupted):
    data = (interrupted / "checkpoint-00000060.elise").read_bytes()
    checkpoint.Checkpoint.from_bytes(data)
    rng = np.random.default_rng(1)
    for bit in [*range(0, 8 * 90, 7), *rng.integers(0, 8 * len(data), 100)]:
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        with pytest.raises((checkpoint.DamagedCheckpoint, ParameterError)):
            checkpoint.Checkpoint.from_bytes(bytes(flipped))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: b"", "Delete checkpoint-"),
        (lambda data: data.replace(b"elise-checkpoint 1 ", b"elise-checkpoint 2 "), "format 2"),
    ],
)
def test_without_any_good_checkpoint_a_message_says_what_to_do(change, message, interrupted):
    for path in interrupted.iterdir():
        path.write_bytes(change(path.read_bytes()))
    before = {path: path.read_bytes() for path in interrupted.iterdir()}
    with pytest.raises(ParameterError, match=message):
        go_on(interrupted)
    assert {path: path.read_bytes() for path in interrupted.iterdir()} == before


def rewritten(folder, **changes):
    for path in checkpoint.checkpoints(folder):
        path.write_bytes(replace(checkpoint.Checkpoint.from_bytes(path.read_bytes()), **changes).to_bytes())


def test_a_checkpoint_of_another_version(interrupted, whole):
    there = checkpoint.newest(interrupted)[0].versions
    rewritten(interrupted, versions={**there, "elise_pynn": "0.0.9"})
    with pytest.raises(ParameterError, match=r"elise-pynn 0\.0\.9 began"):
        go_on(interrupted)
    rewritten(interrupted, versions={**there, "numpy": "1.0"})
    summary = go_on(interrupted)
    assert "numpy 1.0 ->" in summary["warnings"][0] and result(interrupted) == whole


def test_pickles_are_never_loaded(interrupted):
    class Evil:
        def __reduce__(self):
            return (os.mkdir, (str(interrupted / "unpickled"),))

    for path in checkpoint.checkpoints(interrupted):
        archive = io.BytesIO()
        np.savez(archive, about=np.array("{}"), evil=np.array([Evil()], dtype=object))
        data = archive.getvalue()
        path.write_bytes(f"elise-checkpoint 1 {hashlib.sha256(data).hexdigest()}\n".encode() + data)
    with pytest.raises(ParameterError, match="is damaged"):
        go_on(interrupted)
    assert not (interrupted / "unpickled").exists()


@pytest.mark.parametrize(
    ("given", "message"),
    [({"cycles": 120}, "cycles = 100 there, 120 here"), ({"seed": 2}, "seed = 1 there, 2 here"), ({"p": 0.3}, "p = 0.2 there, 0.3 here")],
)
def test_other_settings_are_refused(given, message, interrupted):
    before = {path: path.read_bytes() for path in interrupted.iterdir()}
    with pytest.raises(ParameterError, match=message):
        go_on(interrupted, **given)
    assert {path: path.read_bytes() for path in interrupted.iterdir()} == before


def test_interrupted_folders_are_not_overwritten_by_new_runs(interrupted):
    with pytest.raises(ParameterError, match="add --resume"):
        run(fuer_elise(), interrupted, *configure_for(fuer_elise(), "spiking", **GIVEN))
    go_on(interrupted)
    with pytest.raises(ParameterError, match="nothing to resume"):
        go_on(interrupted)


def test_killed_on_the_command_line(tmp_path, whole):
    """A second run into the same folder is refused; a dead one does not hold its folder."""
    command = ["run", "fuer-elise", "--out", tmp_path / "run", *OPTIONS[:4], "--cycles", 20000, *OPTIONS[6:], "--checkpoint-every", 0.01]
    process = subprocess.Popen([ELISE, *map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not checkpoint.checkpoints(tmp_path / "run"):
        assert process.poll() is None
        time.sleep(0.02)
    second = elise(*command, "--resume")
    assert second.returncode == 2 and "another run is at work" in second.stderr and "Traceback" not in second.stderr
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert (tmp_path / "run" / "run.lock").exists()
    refused = elise("run", "fuer-elise", "--out", tmp_path / "run", *OPTIONS)
    assert refused.returncode == 2 and "add --resume" in refused.stderr
    other = elise("run", "fuer-elise", "--out", tmp_path / "run", *OPTIONS, "--resume")
    assert other.returncode == 2 and "cycles = 20000 there, 100 here" in " ".join(other.stderr.split())
    without = elise("run", "fuer-elise", *OPTIONS, "--resume")
    assert without.returncode == 2 and "--out" in without.stderr


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 3.5 MB, and a function that mounts it with other options."""
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(*options):
        return subprocess.run(["mount", *options, disk], capture_output=True, check=False).returncode == 0

    if os.geteuid() != 0 or not mount("-t", "tmpfs", "-o", "size=3500k", "tmpfs"):
        pytest.skip("mounting a small file system needs root")
    yield disk, lambda options: mount("-o", f"remount,{options}")
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_stops_nothing_that_can_go_on_and_harms_nothing(small_disk, whole):
    disk, remount = small_disk
    teach_until(disk / "run", 30)
    first = names(disk / "run")
    assert first == ["checkpoint-00000020.elise"]
    good = (disk / "run" / first[0]).read_bytes()
    (disk / "filler").write_bytes(bytes(3_500_000 - len(good) - 100_000))
    done = elise("run", "fuer-elise", "--out", disk / "run", *OPTIONS, "--resume", "--checkpoint-every", 0.0001)
    message = " ".join(done.stderr.split())
    assert done.returncode == 2 and "Traceback" not in message, message
    assert "checkpoint could not be written in cycle 40" in message and "go on with --resume" in message
    assert (disk / "run" / first[0]).read_bytes() == good
    assert remount("size=60M")
    go_on(disk / "run")
    assert result(disk / "run") == whole


def test_a_read_only_folder_is_refused(small_disk):
    disk, remount = small_disk
    teach_until(disk / "run", 30)
    assert remount("ro")
    for more in ([], ["--resume"]):
        done = elise("run", "fuer-elise", "--out", disk / ("run" if more else "new"), *OPTIONS, *more)
        assert done.returncode == 2 and "cannot write to" in done.stderr and "Traceback" not in done.stderr
