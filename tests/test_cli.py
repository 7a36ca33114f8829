"""The command line: a small run and its files, replay, threads, and bad input."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from elise_pynn.analysis.recording import read_nix
from elise_pynn.blueprint import Blueprint

ELISE = Path(sys.executable).with_name("elise")
SMALL = ["--latent", "30", "--cycles", "60", "--replay", "4", "--timestep", "1.0", "--json"]
PICTURES = ("learning_curve.png", "replay.png", "raster.png", "weights.png", "scaffold.png")
HEARD = ("taught.wav", "replay.wav", "replay.mid")


def elise(*arguments, cwd=None, timeout=300):
    return subprocess.run([ELISE, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, timeout=timeout)


def without_times(summary):
    return {key: value for key, value in summary.items() if key != "seconds"}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small") / "run"
    done = elise("run", "fuer-elise", "--out", folder, *SMALL)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_json_has_the_documented_keys(small):
    _, summary = small
    assert set(summary) == {
        "cycles", "seed", "n_visible", "n_latent", "timestep_ms", "training", "replay", "spikes_per_cycle", "seconds", "versions",
        "warnings",
    }  # fmt: skip
    assert (summary["cycles"], summary["seed"], summary["n_visible"], summary["n_latent"], summary["timestep_ms"]) == (60, 1, 13, 30, 1.0)
    assert [set(entry) for entry in summary["training"]] == 3 * [{"cycle", "mse", "correlation"}]
    assert [entry["cycle"] for entry in summary["training"]] == [0, 20, 40]
    replay = summary["replay"]
    assert set(replay) == {
        "cycles", "sustained_cycles", "mse", "correlation", "shift_ms", "median_mse", "median_correlation", "drift_ms_per_cycle", "note_f1",
    }  # fmt: skip
    assert replay["cycles"] == len(replay["mse"]) == len(replay["correlation"]) == len(replay["shift_ms"]) == 4
    assert set(summary["seconds"]) == {"total", "simulate", "per_cycle_simulate"}
    assert 0 < summary["seconds"]["simulate"] < summary["seconds"]["total"]


def test_learning_has_begun(small):
    _, summary = small
    assert summary["training"][-1]["mse"] < 0.95 * summary["training"][0]["mse"]


def test_files_of_a_run(small):
    folder, summary = small
    assert {p.name for p in folder.iterdir()} == {"run.json", "blueprint.npz", "recording.nix", *PICTURES, *HEARD}
    kept = json.loads((folder / "run.json").read_text())
    assert without_times({k: kept[k] for k in summary}) == without_times(summary)
    assert kept["parameters"]["learning"]["nudging"] == 0.6 and kept["settings"]["learning_rate"] == 0.4
    blueprint = Blueprint.load(folder / "blueprint.npz")
    assert blueprint.initial_weights is not None and (blueprint.weights != blueprint.initial_weights).any()
    for picture in PICTURES:
        assert (folder / picture).read_bytes().startswith(b"\x89PNG")


def test_scores_can_be_recomputed_from_the_recording(small):
    from elise_pynn.analysis.scores import score_replay
    from elise_pynn.melody import fuer_elise
    from elise_pynn.protocol import target_rates

    folder, summary = small
    block = read_nix(folder / "recording.nix")
    assert [s.name for s in block.segments] == ["cue", "replay"] and block.annotations["seed"] == 1
    rates = block.segments[1].analogsignals[0].rescale("1/ms").magnitude.T
    target = target_rates(fuer_elise(), Blueprint.load(folder / "blueprint.npz"), 1.0, 1.0)
    scores = score_replay(rates, target, 1.0)
    np.testing.assert_allclose(scores.mse, summary["replay"]["mse"], rtol=1e-9)
    trains = block.segments[1].spiketrains
    assert len(trains) == 43
    assert sum(len(train) for train in trains) == pytest.approx(summary["spikes_per_cycle"] * 5)


def test_replay_repeats_the_runs_replay_without_writing(small):
    folder, summary = small
    before = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    done = elise("replay", folder, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["replay"] == summary["replay"]
    longer = json.loads(elise("replay", folder, "--cycles", "7", "--json").stdout)["replay"]
    assert longer["cycles"] == 7 and longer["mse"][:4] == summary["replay"]["mse"]
    assert {p.name: p.stat().st_mtime_ns for p in folder.iterdir()} == before


def test_same_seed_same_scores_and_threads_do_not_matter(small, tmp_path):
    folder, summary = small
    done = elise("run", "fuer-elise", "--out", tmp_path / "two", "--threads", "2", *SMALL)
    assert done.returncode == 0, done.stderr
    assert without_times(json.loads(done.stdout)) == without_times(summary)
    trains = [read_nix(where / "recording.nix").segments[1].spiketrains for where in (folder, tmp_path / "two")]
    for one, two in zip(*trains, strict=True):
        np.testing.assert_array_equal(one.magnitude, two.magnitude)


def test_given_blueprint_is_used(small, tmp_path):
    folder, _ = small
    done = elise("run", "fuer-elise", "--out", tmp_path / "b", "--blueprint", folder / "blueprint.npz", "--cycles", 1, "--replay", 1,
                 "--timestep", 1, "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n_latent"] == 30
    np.testing.assert_array_equal(
        Blueprint.load(tmp_path / "b" / "blueprint.npz").scaffold, Blueprint.load(folder / "blueprint.npz").scaffold
    )


def test_silent_population_does_not_lose_the_run(tmp_path):
    done = elise("run", "fuer-elise", "--out", tmp_path / "s", "--spikes-per-rate", "0.0001", "--latent", 1, "--cycles", 1, "--replay", 1,
                 "--timestep", 1, "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["replay"]["note_f1"] == 0.0


def test_engine_gives_the_same_files_and_scores(small, tmp_path):
    """The engine is the same network: same spikes, hence the same learning curve and replay as NEST's."""
    _, nest = small
    done = elise("run", "fuer-elise", "--out", tmp_path / "e", "--backend", "engine", *SMALL)
    assert done.returncode == 0, done.stderr
    engine = json.loads(done.stdout)
    assert {p.name for p in (tmp_path / "e").iterdir()} == {"run.json", "blueprint.npz", "recording.nix", *PICTURES, *HEARD}
    assert set(engine) == set(nest) and set(engine["replay"]) == set(nest["replay"])
    np.testing.assert_allclose([t["mse"] for t in engine["training"]], [t["mse"] for t in nest["training"]], rtol=1e-6)
    again = elise("replay", tmp_path / "e", "--json")
    assert json.loads(again.stdout)["replay"] == engine["replay"]


def test_paper_preset(tmp_path):
    done = elise("run", "fuer-elise", "--out", tmp_path / "p", "--preset", "paper", "--cycles", 41, "--replay", 2, "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["n_latent"] == 50 and summary["replay"]["note_f1"] is None and summary["spikes_per_cycle"] == 0
    kept = json.loads((tmp_path / "p" / "run.json").read_text())
    settings = kept["settings"]
    assert settings["integrator"] == "reference" and settings["replay_learning"] and settings["learning_rate"] == 0.01
    assert kept["parameters"]["growth"]["method"] == "published" and kept["parameters"]["neuron"]["emission"] == "rate"


def test_table_for_people(tmp_path):
    done = elise("run", "fuer-elise", "--out", tmp_path / "t", *SMALL[:-1], "--cycles", "1", "--replay", "1", "--emission", "escape")
    assert done.returncode == 0, done.stderr
    assert "sustained" in done.stdout and "replay.png" in done.stdout


BAD = {
    "unknown sequence": (["run", "for-elise", "--out", "x"], "fuer-elise"),
    "missing file": (["run", "absent.csv", "--out", "x"], "absent.csv"),
    "backend": (["run", "fuer-elise", "--out", "x", "--backend", "brian"], "nest"),
    "emission": (["run", "fuer-elise", "--out", "x", "--emission", "poisson"], "integrate"),
    "scaffold": (["run", "fuer-elise", "--out", "x", "--scaffold", "grid"], "tree"),
    "latent": (["run", "fuer-elise", "--out", "x", "--latent", "-1"], "--latent"),
    "latent word": (["run", "fuer-elise", "--out", "x", "--latent", "many"], "--latent"),
    "cycles": (["run", "fuer-elise", "--out", "x", "--cycles", "0"], "--cycles"),
    "replay": (["run", "fuer-elise", "--out", "x", "--replay", "0"], "--replay"),
    "seed": (["run", "fuer-elise", "--out", "x", "--seed", "-3"], "--seed"),
    "seed too large": (["run", "fuer-elise", "--out", "x", "--seed", "99999999999"], "seed"),
    "time step": (["run", "fuer-elise", "--out", "x", "--timestep", "2"], "timestep = 2.0"),
    "time step odd": (["run", "fuer-elise", "--out", "x", "--timestep", "0.7"], "divide"),
    "spikes per rate": (["run", "fuer-elise", "--out", "x", "--spikes-per-rate", "0"], "spikes_per_rate = 0.0"),
    "threads": (["run", "fuer-elise", "--out", "x", "--threads", "0"], "--threads"),
    "time step between tics": (["run", "fuer-elise", "--out", "x", "--timestep", "0.0625"], "multiple of 0.001"),
    "out holds pictures": (["run", "fuer-elise", "--out", "pictures"], "raster.png"),
    "out is in use": (["run", "fuer-elise", "--out", "busy"], "at work"),
    "seed beside a blueprint": (["run", "fuer-elise", "--out", "x", "--blueprint", "two.npz", "--seed", "3"], "--seed cannot go"),
    "rate form on NEST": (["run", "fuer-elise", "--out", "x", "--emission", "rate"], "--backend engine"),
    "reference on NEST": (["run", "fuer-elise", "--out", "x", "--integrator", "reference"], "integrator"),
    "replay of binary": (["replay", "binary"], "damaged"),
    "blueprint": (["run", "fuer-elise", "--out", "x", "--blueprint", "absent.npz"], "absent.npz"),
    "blueprint of other size": (["run", "three.csv", "--out", "x", "--blueprint", "two.npz"], "3 channels"),
    "out holds a run": (["run", "fuer-elise", "--out", "taken"], "holds a run already"),
    "out is a file": (["run", "fuer-elise", "--out", "three.csv"], "three.csv"),
    "replay of nothing": (["replay", "absent"], "absent"),
    "replay of a damaged run": (["replay", "taken"], "damaged"),
    "replay cycles": (["replay", "taken", "--cycles", "0"], "--cycles"),
    "unknown command": (["teach"], "teach"),
    "unknown option": (["run", "fuer-elise", "--out", "x", "--fast"], "--fast"),
}


@pytest.mark.parametrize("case", ["unknown sequence", "latent word", "time step", "out holds a run", "out is in use"])
def test_bad_input_gives_one_message_and_leaves_everything(case, tmp_path):
    """As a process; all cases, and more, are tried within one in test_bad_input."""
    from elise_pynn import make_blueprint

    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "run.json").write_text("{}")
    (tmp_path / "three.csv").write_text("1,0\n0,1\n1,1\n")
    make_blueprint(2, 3).save(tmp_path / "two.npz")
    for folder, name in (("pictures", "raster.png"), ("busy", "run.lock"), ("binary", "run.json")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_bytes(bytes(range(256)))
    before = {p: p.is_file() and p.read_bytes() for p in tmp_path.rglob("*")}
    arguments, message = BAD[case]
    with open(tmp_path / "busy" / "run.lock", "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = elise(*arguments, cwd=tmp_path)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr and not done.stdout
    assert {p: p.is_file() and p.read_bytes() for p in tmp_path.rglob("*")} == before


def test_unwritable_folder_is_refused(tmp_path):
    if os.geteuid() == 0:
        target = Path("/proc/elise-run")  # nobody can create folders there
    else:
        tmp_path.chmod(0o500)
        target = tmp_path / "run"
    done = elise("run", "fuer-elise", "--out", target)
    assert done.returncode == 2 and "cannot write" in done.stderr and "Traceback" not in done.stderr


def test_replay_elsewhere(small):
    """What NEST has learned plays alike on the engine: with deterministic spikes, the same ones."""
    folder, summary = small
    engine = json.loads(elise("replay", folder, "--backend", "engine", "--json").stdout)
    assert engine["replay"]["note_f1"] == summary["replay"]["note_f1"] and engine["spikes_per_cycle"] == summary["spikes_per_cycle"]
    np.testing.assert_allclose(engine["replay"]["mse"], summary["replay"]["mse"], rtol=1e-6)
    rates = json.loads(elise("replay", folder, "--backend", "engine", "--emission", "rate", "--json").stdout)
    assert rates["replay"]["note_f1"] is None and rates["spikes_per_cycle"] == 0
    refused = elise("replay", folder, "--emission", "rate")
    assert refused.returncode == 2 and "--backend engine" in refused.stderr


def test_without_a_folder_only_scores_are_printed(tmp_path):
    options = ["--backend", "engine", "--latent", 20, "--cycles", 21, "--replay", 2]
    done = elise("run", "fuer-elise", *options, "--json", cwd=tmp_path)
    assert done.returncode == 0 and json.loads(done.stdout)["replay"]["cycles"] == 2
    spoken = elise("run", "fuer-elise", *options, cwd=tmp_path)
    assert spoken.returncode == 0 and "give --out" in spoken.stdout and not list(tmp_path.iterdir())


def test_doctor_finds_a_working_module():
    done = elise("doctor")
    assert done.returncode == 0
    assert "nest-simulator: 3.10" in done.stdout and "loads into NEST: yes" in done.stdout and "dynamic loader: no error" in done.stdout


def test_version():
    assert elise("--version").stdout.startswith("elise ")
