"""Bad input of all kinds: one clear message, exit code 2, no traceback, and every file as it was."""

from __future__ import annotations

import fcntl
import io
import json
import zipfile

import numpy as np
import pytest
from typer.testing import CliRunner

from elise_pynn import make_blueprint
from elise_pynn.cli import app
from elise_pynn.recommendation import configure_for
from elise_pynn.run import run
from elise_pynn.sequence_sources import find_sequence
from test_cli import BAD
from test_hostile_files import FILES

RUN = ["run", "fuer-elise", "--out", "x"]
ENGINE = [*RUN, "--backend", "engine"]


def archive(**changes):
    """Arrays of a blueprint of 2 + 3 neurons, changed or (None) left out."""
    whole = io.BytesIO()
    make_blueprint(2, 3).save(FOLDERLESS / "whole.npz")
    arrays = dict(np.load(FOLDERLESS / "whole.npz"))
    (FOLDERLESS / "whole.npz").unlink()
    arrays = {name: value for name, value in {**arrays, **changes}.items() if value is not None}
    np.savez(whole, **arrays)
    return whole.getvalue()


def blueprints():
    """Contents of files that are no blueprints, or bad ones."""
    weights = np.zeros((5, 5))
    nan, diagonal = weights.copy(), np.eye(5)
    nan[0, 1] = np.nan
    whole = archive()
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as file:
        file.writestr("visible.npy", b"no array")
    return {
        "empty": b"",
        "text": b"visible = 2\n",
        "cut": whole[: len(whole) // 2],
        "npy": FILES["flat.npy"],
        "no array": twice.getvalue(),
        "no weights": archive(weights=None),
        "no delays": archive(delay_exc=None),
        "nan": archive(weights=nan),
        "diagonal": archive(weights=diagonal),
        "shape": archive(weights=np.zeros((5, 4))),
        "objects": archive(weights=np.array([{}] * 25, dtype=object).reshape(5, 5)),
        "words": archive(weights=np.full((5, 5), "a")),
        "too many visible": archive(visible=np.array(9)),
        "no visible": archive(visible=np.array(0)),
        "negative delay": archive(delay_exc=np.full(5, -1.0)),
        "edge to visible": archive(scaffold=np.array([[2, 0]])),
        "edge to nobody": archive(scaffold=np.array([[0, 99]])),
        "edge twice": archive(scaffold=np.array([[0, 2], [0, 2]])),
        "three columns": archive(scaffold=np.array([[0, 2, 3]])),
        "edge of halves": archive(scaffold=np.array([[0.5, 2.0]])),
        "parameters": archive(parameters=np.array('{"neuron": {"g_X": 1}}')),
        "parameter": archive(parameters=np.array('{"neuron": {"g_L": -1}}')),
        "parameter word": archive(parameters=np.array('{"neuron": {"g_L": "much"}}')),
        "parameters list": archive(parameters=np.array("[1, 2]")),
        "parameters deep": archive(parameters=np.array("[" * 100_000)),
        "parameters broken": archive(parameters=np.array("{")),
        "seed": archive(seed=np.array(-1)),
        "connected": archive(connected=np.ones((5, 5), dtype=bool)),
        "more": archive(surprise=np.zeros(3)),
    }


def damaged_runs(good):
    """Changes of a run.json that was good, by name."""
    values = json.loads(good)

    def changed(**changes):
        return json.dumps({**values, **changes}).encode()

    return {
        "empty": b"",
        "list": b"[]",
        "number": b"1",
        "binary": bytes(range(256)),
        "cut": good[: len(good) // 2].encode(),
        "deep": b"[" * 100_000,
        "no settings": json.dumps({k: v for k, v in values.items() if k != "settings"}).encode(),
        "unknown setting": changed(settings={**values["settings"], "speed": 2}),
        "bad setting": changed(settings={**values["settings"], "timestep": -1}),
        "word for a number": changed(settings={**values["settings"], "latent": "many"}),
        "null sequence": changed(sequence=None),
        "pattern of words": changed(sequence={**values["sequence"], "pattern": [["a"]]}),
        "ragged pattern": changed(sequence={**values["sequence"], "pattern": [[1], [0, 1]]}),
        "replay is a list": changed(replay=[1]),
        "training is null": changed(training=None),
    }


FOLDERLESS = None
OPTIONS = {
    "cycles too many": ([*RUN, "--cycles", "99999999999"], "cycles"),
    "cycles of a half": ([*RUN, "--cycles", "1.5"], "--cycles"),
    "latent too many": ([*RUN, "--latent", "1000000"], "latent"),
    "time step zero": ([*RUN, "--timestep", "0"], "timestep = 0.0"),
    "time step negative": ([*RUN, "--timestep", "-0.1"], "timestep = -0.1"),
    "time step nan": ([*RUN, "--timestep", "nan"], "timestep = nan"),
    "time step inf": ([*RUN, "--timestep", "inf"], "timestep = inf"),
    "K nan": ([*RUN, "--spikes-per-rate", "nan"], "spikes_per_rate = nan"),
    "K negative": ([*RUN, "--spikes-per-rate", "-1"], "spikes_per_rate = -1.0"),
    "K too large": ([*RUN, "--spikes-per-rate", "1e9"], "spikes_per_rate"),
    "draws": ([*RUN, "--draws", "0"], "--draws"),
    "threads too many": ([*RUN, "--threads", "99999"], "--threads"),
    "threads on the engine": ([*ENGINE, "--threads", "2"], "threads = 2 with the engine"),
    "step": ([*RUN, "--step-ms", "0"], "step_ms = 0.0"),
    "step nan": ([*RUN, "--step-ms", "nan"], "step_ms = nan"),
    "speed of no MIDI": ([*RUN, "--speed", "2"], "--speed does nothing"),
    "pitches of no MIDI": ([*RUN, "--pitches", "C4:B5"], "--pitches does nothing"),
    "channels of no sound": ([*RUN, "--channels", "5"], "--channels does nothing"),
    "channels of random": (["run", "random", "--out", "x", "--channels", "-2"], "channels = -2"),
    "order": (["run", "random", "--out", "x", "--order", "0"], "order = 0"),
    "order of few steps": (["sequence", "show", "random", "--order", "20", "--steps", "3"], "give"),
    "steps": (["run", "random", "--out", "x", "--steps", "1"], "steps = 1"),
    "sequence seed": (["run", "random", "--out", "x", "--sequence-seed", "-1"], "sequence_seed = -1"),
    "preset": ([*RUN, "--preset", "best"], "--preset"),
    "preset on NEST": ([*RUN, "--preset", "paper", "--backend", "nest"], "--backend engine"),
    "integrator": ([*ENGINE, "--integrator", "reference"], "integrator"),
    "option without a value": ([*RUN, "--cycles"], "--cycles"),
    "two sequences": (["run", "fuer-elise", "birdsong"], "birdsong"),
    "no sequence": (["run"], "SEQUENCE"),
    "folder as a sequence": (["run", "taken", "--out", "x"], "taken"),
    "sequence of no known kind": (["run", "strange.xyz", "--out", "x"], "no kind that can be read"),
    "nothing changes": (["run", "still.csv", "--out", "x"], "nothing to learn"),
    "silent": (["run", "zero.csv", "--out", "x"], "silent"),
    "several options beside a blueprint": (
        [*RUN, "--blueprint", "two.npz", "--latent", "3", "--draws", "2"],
        "--draws, --latent cannot go",
    ),
    "resume of nothing": (["run", "fuer-elise", "--resume"], "give --out DIR"),
    "resume of a run that is done": ([*RUN[:3], "good", "--resume"], "nothing to resume"),
    "resume of others": ([*RUN[:3], "interrupted", "--resume"], "is damaged"),
    "interrupted": ([*RUN[:3], "interrupted"], "--resume"),
    "checkpoint every": ([*RUN, "--checkpoint-every", "-1"], "checkpoint_every = -1.0"),
    "checkpoint every nan": ([*RUN, "--checkpoint-every", "nan"], "checkpoint_every = nan"),
    "out is in the way": ([*RUN[:3], "three.csv/x"], "cannot write to three.csv/x"),
    "out is a sweep": ([*RUN[:3], "swept"], "holds a sweep"),
    "replay cycles of a word": (["replay", "good", "--cycles", "few"], "--cycles"),
    "replay backend": (["replay", "good", "--backend", "brian"], "--backend"),
    "replay as rates": (["replay", "good", "--emission", "rate", "--backend", "nest"], "--backend engine"),
    "replay without a folder": (["replay"], "DIR"),
    "replay without a blueprint": (["replay", "no blueprint"], "blueprint.npz"),
    "verify of nothing": (["verify", "absent"], "holds no run"),
    "verify of a damaged run": (["verify", "taken"], "damaged"),
    "verify without a recording": (["verify", "no recording"], "recording.nix"),
    "verify of another recording": (["verify", "text recording"], "recording.nix is damaged"),
    "verify of a file": (["verify", "three.csv"], "holds no run"),
    "analyse of nothing": (["analyse", "absent"], "holds no run"),
    "analyse without a recording": (["analyse", "no recording"], "recording.nix"),
    "analyse of another recording": (["analyse", "text recording"], "damaged"),
    "report of nothing": (["report", "absent"], "holds no run"),
    "report over another file": (["report", "good", "--out", "three.csv"], "three.csv"),
    "report of another recording": (["report", "text recording"], "recording.nix"),
    "compare of one": (["compare", "good"], "2 to"),
    "compare of the same": (["compare", "good", "good"], "twice"),
    "compare of nothing": (["compare", "good", "absent"], "absent"),
    "sweep of nothing": (["sweep", "fuer-elise", "--out", "s", "--grid", "latent"], "not understood"),
    "sweep of an unknown name": (["sweep", "fuer-elise", "--out", "s", "--grid", "colour=1"], "colour"),
    "sweep of a word": (["sweep", "fuer-elise", "--out", "s", "--grid", "latent=many"], "latent"),
    "sweep of a value twice": (["sweep", "fuer-elise", "--out", "s", "--grid", "latent=3,3"], "twice"),
    "sweep out of range": (["sweep", "fuer-elise", "--out", "s", "--grid", "p=2"], "p = 2"),
    "sweep of no value": (["sweep", "fuer-elise", "--out", "s", "--grid", "latent="], "latent"),
    "sweep seeds": (["sweep", "fuer-elise", "--out", "s", "--seeds", "0"], "--seeds"),
    "sweep jobs": (["sweep", "fuer-elise", "--out", "s", "--jobs", "0"], "--jobs"),
    "sweep into a run": (["sweep", "fuer-elise", "--out", "good"], "holds something else"),
    "sweep into another sweep": (["sweep", "birdsong", "--out", "swept"], "another kind"),
    "sweep into a file": (["sweep", "fuer-elise", "--out", "three.csv"], "cannot write to three.csv"),
    "experiment unknown": (["experiment", "magic", "--out", "e"], "there is no experiment magic"),
    "experiment preset": (["experiment", "size", "--out", "e", "--preset", "huge"], "--preset"),
    "experiment into a run": (["experiment", "size", "--preset", "smoke", "--out", "good"], "holds something else"),
    "show into another file": (["sequence", "show", "fuer-elise", "--out", "three.csv"], "three.csv is there already"),
    "show into nowhere": (["sequence", "show", "fuer-elise", "--out", "no/where.png"], "no/where.png"),
    "show as a strange picture": (["sequence", "show", "fuer-elise", "--out", "a.xyz"], "a.xyz"),
    "sequence without a verb": (["sequence", "draw"], "draw"),
    "benchmark of nothing": (["benchmark", "brian"], "brian"),
}
BLUEPRINT_MESSAGES = {
    "empty": "cannot read", "text": "cannot read", "cut": "cannot read", "npy": "no .npz archive", "no array": "lacks",
    "no weights": "lacks weights", "no delays": "lacks delay_exc", "nan": "finite numbers", "diagonal": "diagonal", "shape": "(5, 5)",
    "objects": "never loaded", "words": "not valid", "too many visible": "visible = 9", "no visible": "visible = 0",
    "negative delay": "not above 0 ms", "edge to visible": "must be latent", "edge to nobody": "neuron numbers", "edge twice": "twice",
    "three columns": "two columns", "edge of halves": "integers", "parameters": "g_X", "parameter": "g_L = -1",
    "parameter word": "g_L = 'much'",
    "parameters list": "no JSON object", "parameters broken": "not valid", "parameters deep": "not valid", "seed": "seed = -1",
    "connected": "connected", "more": "surprise",
}  # fmt: skip
RUN_MESSAGES = (
    "empty", "list", "number", "binary", "cut", "deep", "no settings", "unknown setting", "bad setting", "word for a number",
    "null sequence", "pattern of words", "ragged pattern", "replay is a list", "training is null",
)  # fmt: skip
CASES = {
    **BAD,
    **OPTIONS,
    **{f"blueprint: {name}": (["run", "three.csv", "--out", "x", "--blueprint", f"b {name}.npz"], message) for name, message in
       BLUEPRINT_MESSAGES.items()},
    **{f"run.json: {name}, {command}": ([command, f"r {name}"], "damaged") for name in RUN_MESSAGES for command in ("replay", "verify")},
    **{f"sequence: {name}": (["run", name, "--out", "x"], name.rpartition(".")[0]) for name in FILES if "huge" not in name},
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with bad files of all kinds and one good run."""
    global FOLDERLESS
    folder = FOLDERLESS = tmp_path_factory.mktemp("bad")
    (folder / "three.csv").write_text("1,0\n0,1\n1,1\n")
    (folder / "still.csv").write_text("1,1,1\n1,1,1\n")
    (folder / "zero.csv").write_text("0,0\n0,0\n")
    (folder / "strange.xyz").write_text("1,0\n0,1\n")
    make_blueprint(2, 3).save(folder / "two.npz")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("elise_pynn.results.draw", lambda *a: None)
        sequence = find_sequence(str(folder / "three.csv"))
        settings, parameters = configure_for(sequence, "spiking", backend="engine", latent=4, cycles=1, replay=1, timestep=1.0, draws=1)
        run(sequence, folder / "good", settings, parameters)
    good = (folder / "good" / "run.json").read_text()
    parts = {name: (folder / "good" / name).read_bytes() for name in ("run.json", "blueprint.npz", "recording.nix")}
    for name, contents in {
        "taken": {"run.json": b"{}"},
        "pictures": {"raster.png": bytes(range(256))},
        "busy": {"run.lock": b""},
        "binary": {"run.json": bytes(range(256))},
        "interrupted": {"checkpoint-00000020.elise": b"elise-checkpoint 1 0\nhalf"},
        "swept": {"definition.json": b'{"sweep_over": {}}', "points.lock": b"", "points/a.json": b"{}"},
        "no blueprint": {"run.json": parts["run.json"]},
        "no recording": {key: parts[key] for key in ("run.json", "blueprint.npz")},
        "text recording": {**parts, "recording.nix": b"no HDF5"},
        **{f"r {key}": {**parts, "run.json": data} for key, data in damaged_runs(good).items()},
    }.items():
        for file, data in contents.items():
            (folder / name / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / file).write_bytes(data)
    for name, data in blueprints().items():
        (folder / f"b {name}.npz").write_bytes(data)
    for name, data in FILES.items():
        if "huge" not in name:
            (folder / name).write_bytes(data)
    return folder


def everything(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


def test_there_are_enough_cases():
    assert len(CASES) >= 60 + len(BAD) and set(BLUEPRINT_MESSAGES) and len({str(case) for case in CASES.values()}) == len(CASES)


@pytest.mark.parametrize("case", CASES)
def test_one_message_and_nothing_overwritten(case, place, monkeypatch):
    arguments, message = CASES[case]
    monkeypatch.chdir(place)
    before = everything(place)
    with open(place / "busy" / "run.lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    said = " ".join(done.stderr.replace("│", " ").split())
    assert done.exit_code == 2 and (done.exception is None or isinstance(done.exception, SystemExit)), (done.exception, said)
    assert message in said and "Traceback" not in said and not done.stdout, said
    assert len(said) < 1500
    assert everything(place) == before
