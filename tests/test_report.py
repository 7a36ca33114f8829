"""Reports and comparisons of runs: what is in the page, escaping, size, and bad input."""

from __future__ import annotations

import base64
import io
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
import soundfile

from elise_pynn import Blueprint, make_blueprint
from elise_pynn.analysis.report.chart import make_axis
from elise_pynn.analysis.report.graph import make_graph
from elise_pynn.analysis.report.html import report_page, sounds_within
from elise_pynn.analysis.report.payload import chosen, coarser, viewer
from elise_pynn.analysis.report.scores import scores_of
from elise_pynn.presets import configure
from elise_pynn.report import gather, write_report
from elise_pynn.run import run
from reports import EVIL, continuous_sequence, evil_sequence, small_run, write_tone
from test_cli import elise

LIMIT = 8_000_000


class Page(HTMLParser):
    """Tags, text and scripts of a page."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.scripts, self.words, self.inside = [], [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        self.inside = tag

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, text):
        if self.inside == "script":
            self.scripts.append(text)
        elif self.inside != "style":
            self.words.append(text)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def data(self, name):
        """The JSON of a script element by its id."""
        scripts = [attributes for tag, attributes in self.tags if tag == "script"]
        return json.loads(self.scripts[[attributes.get("id") for attributes in scripts].index(name)])


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("report") / "run")


@pytest.fixture(scope="module")
def evil(tmp_path_factory):
    return small_run(tmp_path_factory.mktemp("report") / "a<b>&\"c'", evil_sequence(), latent=3, cycles=1)


def test_report_holds_the_run(small):
    done = elise("report", small)
    assert done.returncode == 0, done.stderr
    assert str(small / "report.html") in done.stdout
    text = (small / "report.html").read_text()
    page, kept, data = Page(text), json.loads((small / "run.json").read_text()), gather(small)
    assert len(text.encode()) < LIMIT
    for score in scores_of(kept, 250.0):
        assert score.name in page.text and score.text in page.text and score.sentence in page.text
    for name, version in kept["versions"].items():
        assert name in page.text and version in page.text
    shown = page.data("viewers")[0]
    assert shown["channels"] == kept["sequence"]["channels"] and shown["period"] == 250.0
    assert [c["number"] for c in shown["cycles"]] == [1, 2, 3, 0]
    rates = np.frombuffer(base64.b64decode(shown["cycles"][1]["rates"]), np.uint8).reshape(13, -1) / 255
    np.testing.assert_allclose(rates, data.cycles[1].rates, atol=0.5 / 255 + 1e-9)
    weights = page.data("weights")
    after = np.frombuffer(base64.b64decode(weights["matrices"]["after"]), np.int16).reshape(25, 25) / 32767 * weights["top"]
    np.testing.assert_allclose(after, Blueprint.load(small / "blueprint.npz").weights, atol=weights["top"] / 60_000)
    sounds = [attributes for tag, attributes in page.tags if tag == "audio"]
    for sound, name in zip(sounds, ("taught.wav", "replay.wav"), strict=True):
        embedded, rate = soundfile.read(io.BytesIO(base64.b64decode(sound["src"].split(",")[1])))
        left, _ = soundfile.read(small / name)
        assert "controls" in sound and len(embedded) / rate == pytest.approx(3 * 25 * 0.15, abs=0.1)
        assert embedded.std() == pytest.approx(left.std(), rel=0.05, abs=1e-3)
    assert not [name for name in small.iterdir() if name.name.endswith(".part")]


def test_cycles_are_cut_where_they_are_scored(small):
    """The rates of each cycle give the correlation that the run notes, and the spikes are those of the same stretch."""
    from elise_pynn.analysis.recording import read_nix
    from elise_pynn.analysis.scores import correlation

    data = gather(small)
    scores = data.summary["replay"]
    times = np.concatenate([train.magnitude for train in read_nix(small / "recording.nix").segments[1].spiketrains])
    for cycle, r, shift in zip(data.cycles, scores["correlation"], scores["shift_ms"], strict=False):
        assert correlation(cycle.rates, data.target) == pytest.approx(r)
        begin = (cycle.number - 1) * 250.0 + shift
        inside = times[(times > begin) & (times <= begin + 250.0)]
        np.testing.assert_allclose(np.sort(cycle.spike_times), np.sort(inside) - begin)


def test_page_needs_nothing_else(small):
    """No address outside of the page in any tag, style or script."""
    text = write_report(small).read_text()
    for tag, attributes in Page(text).tags:
        for name in ("src", "href", "srcset", "action", "data"):
            assert attributes.get(name, "#")[:5] in ("data:", "#") or attributes[name].startswith("#"), (tag, attributes[name][:80])
    assert not re.findall(r"(?:https?:)?//[a-z]|@import|url\(|fetch\(|XMLHttpRequest|WebSocket", re.sub(r"base64,[^\"]*", "", text))


def test_names_from_files_are_escaped(evil):
    assert elise("report", evil).returncode == 0
    text = (evil / "report.html").read_text()
    page = Page(text)
    assert EVIL not in text and EVIL in "".join(page.words)
    assert [tag for tag, _ in page.tags].count("script") == 3 and not [tag for tag, _ in page.tags if tag == "b"]
    assert page.data("viewers")[0]["channels"] == list(evil_sequence().channels)
    assert "49" not in re.findall(r"\$\{1\}.{0,20}", page.text)[0]


def test_rate_form(tmp_path):
    data = gather(small_run(tmp_path / "p", preset="paper"))
    page = Page(report_page(replace(data, sounds=())))
    assert len(data.sounds) == 2 and not page.data("viewers")[0]["spiking"] and "which has no spikes" in page.text
    assert "Not given here, for the run has no spikes." in page.text
    assert "This run left no sounds" in page.text and "audio" not in [tag for tag, _ in page.tags]


def test_continuous_sequence(tmp_path):
    page = Page(report_page(gather(small_run(tmp_path / "c", continuous_sequence()))))
    assert "The channels are continuous" in page.text and "continuous channels have no notes" in page.text
    assert sum(tag == "rect" for tag, _ in page.tags) > 60 and page.data("viewers")[0]["spiking"]


def test_large_runs_are_cut_to_fit(small):
    """What does not fit is left out from the middle, and the page says so."""
    data = gather(small)
    assert chosen([10] * 6, 40) == [0, 1, 4, 5] and chosen([100], 1) == [0] and chosen([10] * 3, 1000) == [0, 1, 2]
    np.testing.assert_allclose(coarser(np.array([[1.0, 3.0, 5.0, 7.0, 9.0]]), 2), [[2.0, 6.0, 9.0]])
    full, cut = viewer(data), viewer(data, 12_000)
    assert full["left_out"] == {"cycles": 0, "latent": 0}
    assert cut["left_out"]["cycles"] > 0 and cut["cycles"][0]["number"] == 1
    assert len(json.dumps(cut)) < 12_000 * 4 / 3 + 13 * 250 * 2 + 2000
    assert viewer(data, 600)["left_out"]["latent"] > 0


def test_long_sounds_are_compressed_and_too_long_ones_left_out(tmp_path):
    folder = small_run(tmp_path / "r", cycles=1)
    write_tone(folder / "replay.wav", seconds=40.0, rate=44_100)
    data = gather(folder)
    page = report_page(data)
    sounds = [a for tag, a in Page(page).tags if tag == "audio"]
    assert len(page.encode()) < LIMIT and [a["data-name"] for a in sounds] == ["taught.wav", "replay.wav"]
    decoded, rate = soundfile.read(io.BytesIO(base64.b64decode(sounds[1]["src"].removeprefix("data:audio/mpeg;base64,"))))
    assert len(decoded) / rate == pytest.approx(40.0, abs=0.2)
    assert [sound["name"] for sound in sounds_within(data.sounds, len(data.sounds[0].media))[0]] == ["taught.wav"]
    huge = replace(data.sounds[1], media=bytes(4_000_000))
    cut = report_page(replace(data, sounds=(data.sounds[0], huge)))
    assert len(cut.encode()) < LIMIT and "Too large for this page, but in the run's folder: replay.wav." in Page(cut).text


def test_a_report_is_replaced_and_nothing_else(small, tmp_path):
    out = tmp_path / "mine.html"
    assert elise("report", small, "--out", out).returncode == 0
    first = out.read_bytes()
    assert elise("report", small, "--out", out).returncode == 0 and out.read_bytes() == first
    other = small_run(tmp_path / "other", seed=2, cycles=1)
    (tmp_path / "letter.html").write_text("<p>a letter</p>")
    (tmp_path / "empty").mkdir()
    for name in ("mine.html", "letter.html", "empty"):
        before = (tmp_path / name).read_bytes() if (tmp_path / name).is_file() else None
        refused = elise("report", other, "--out", tmp_path / name)
        assert refused.returncode == 2 and "is there already" in " ".join(refused.stderr.split()) and "Traceback" not in refused.stderr
        assert before is None or (tmp_path / name).read_bytes() == before
    assert not list(tmp_path.glob("*.part"))


def _broken(folder, **changes):
    values = json.loads((folder / "run.json").read_text())
    for key, value in changes.items():
        values[key] = value
    (folder / "run.json").write_text(json.dumps(values))


BROKEN = {
    "no run": (lambda f: (f / "run.json").unlink(), "holds no run"),
    "no JSON": (lambda f: (f / "run.json").write_bytes(bytes(range(256))), "damaged"),
    "no scores": (lambda f: _broken(f, replay={}), "lacks 'cycles'"),
    "scores of words": (lambda f: _broken(f, spikes_per_cycle="many"), "'many' is no number"),
    "free runs of words": (lambda f: _broken(f, training=[{"cycle": 0, "mse": "x", "correlation": 0}]), "'x' is no number"),
    "versions": (lambda f: _broken(f, versions=3), "damaged"),
    "no blueprint": (lambda f: (f / "blueprint.npz").unlink(), "cannot read the blueprint"),
    "other blueprint": (lambda f: make_blueprint(2, 3).save(f / "blueprint.npz"), "does not fit"),
    "no recording": (lambda f: (f / "recording.nix").unlink(), "cannot read the recording"),
    "recording of text": (lambda f: (f / "recording.nix").write_text("no HDF5"), "cannot read the recording"),
    "sound of text": (lambda f: (f / "taught.wav").write_text("la " * 400_000), "cannot read the sound"),
    "half a recording": (
        lambda f: (f / "recording.nix").write_bytes((f / "recording.nix").read_bytes()[:3000]),
        "cannot read the recording",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_runs_give_one_message(case, small, tmp_path):
    folder = shutil.copytree(small, tmp_path / "run", ignore=shutil.ignore_patterns("report.html"))
    damage, message = BROKEN[case]
    damage(folder)
    done = elise("report", folder)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert message in " ".join(done.stderr.split()) and "Traceback" not in done.stderr and not done.stdout
    assert not (folder / "report.html").exists()


@pytest.mark.parametrize("out", ["absent/report.html", "run/run.json/report.html"])
def test_unwritable_places_are_refused(out, small, tmp_path):
    shutil.copytree(small, tmp_path / "run")
    done = elise("report", "run", "--out", out, cwd=tmp_path)
    assert done.returncode == 2 and "cannot write" in " ".join(done.stderr.split()) and "Traceback" not in done.stderr


def test_command_repeats_the_run(small, tmp_path):
    data = gather(small)
    assert data.language == "bash"
    assert data.command == "elise run fuer-elise --backend engine --latent 12 --cycles 21 --replay 3 --draws 1 --timestep 1.0 --out again"
    done = elise(*data.command.split()[1:], "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["replay"] == data.summary["replay"]


def test_command_of_a_recommended_network(tmp_path):
    """With the network that is recommended for a sequence, the best of several, the command is short and gives the same again."""
    done = elise("run", "fuer-elise", "--backend", "engine", "--cycles", 1, "--replay", 1, "--timestep", 1, "--out", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    data = gather(tmp_path / "run")
    assert data.command == "elise run fuer-elise --backend engine --cycles 1 --replay 1 --timestep 1.0 --out again"
    again = elise(*data.command.split()[1:], "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["replay"] == data.summary["replay"]


def test_command_of_a_preset(tmp_path):
    data = gather(small_run(tmp_path / "p", preset="paper", cycles=1, learn_in_replay=True))
    assert data.command == "elise run fuer-elise --preset paper --latent 12 --cycles 1 --replay 3 --out again"


@pytest.mark.parametrize("kind", ["sequence", "parameter", "blueprint"])
def test_python_repeats_what_options_cannot(kind, tmp_path):
    folder = tmp_path / "run"
    if kind == "sequence":
        small_run(folder, continuous_sequence())
    elif kind == "parameter":
        small_run(folder, p=0.4)
    else:
        from elise_pynn import fuer_elise

        settings, parameters = configure(backend="engine", cycles=3, replay=2, timestep=1.0)
        run(fuer_elise(), folder, settings, parameters, make_blueprint(13, 8, 5).sparse(0.5))
    data = gather(folder)
    assert data.language == "python"
    done = subprocess.run([sys.executable, "-c", data.command], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "again" / "run.json").read_text())["replay"] == data.summary["replay"]


def test_verdicts():
    scores = {
        "cycles": 4,
        "sustained_cycles": 1,
        "median_mse": 0.03,
        "median_correlation": 0.9,
        "drift_ms_per_cycle": -20.0,
        "note_f1": 1.0,
    }
    found = {s.name: s for s in scores_of({"replay": scores, "spikes_per_cycle": 1234.0}, 250.0)}
    assert [s.verdict for s in found.values()] == ["poor", "fair", "poor", "good", "poor", ""]
    assert found["Drift"].text == "−20.0" and found["Spikes per cycle"].text == "1 234"


@pytest.mark.parametrize(
    ("values", "log"), [([0.001, 0.2], True), ([0.05, 0.2], True), ([3.0, 3.0], False), ([], True), ([-1e-9, 1e6], False)]
)
def test_axes_have_ticks_within(values, log):
    axis = make_axis("x", values, log)
    assert len(axis.ticks) >= 2 and all(0 <= at <= 100 for at, _ in axis.ticks)
    assert len({label for _, label in axis.ticks}) == len(axis.ticks)


def test_compare(small, evil, tmp_path):
    other = small_run(tmp_path / "run", seed=2)
    out = tmp_path / "c.html"
    done = elise("compare", small, other, evil, "--out", out)
    assert done.returncode == 0, done.stderr
    for words in ("Correlation", "seed", "MSE"):
        assert words in done.stdout
    page = Page(out.read_text())
    assert len(page.data("viewers")) == 3 and EVIL not in out.read_text()
    printed = elise("compare", small, other, "--out", tmp_path / "two.html", "--json")
    summary = json.loads(printed.stdout)
    assert summary["differing"] == {"seed": [1, 2]} and summary["page"] == str(tmp_path / "two.html")
    assert [r["folder"] for r in summary["runs"]] == [r["name"] for r in summary["runs"]] == [str(small), str(other)]
    assert summary["runs"][0]["scores"]["Correlation"] == json.loads((small / "run.json").read_text())["replay"]["median_correlation"]
    refused = elise("compare", other, evil, "--out", out)
    assert refused.returncode == 2 and "is there already" in " ".join(refused.stderr.split())


def test_whole_axes_have_whole_ticks():
    assert make_axis("cycle", [1.0], whole=True).ticks == [(50.0, "1")]


@pytest.mark.parametrize(("latent", "channels"), [(0, 1), (200, 150), (30, 8)])
def test_dots_of_a_scaffold_stay_apart(latent, channels):
    blueprint = make_blueprint(channels, latent, 1)
    graph = make_graph(blueprint.scaffold, tuple(map(str, range(channels))), blueprint.size)
    if not latent:
        assert graph is None
        return
    at = np.array([(dot.x, dot.y) for dot in graph.visible])
    apart = np.hypot(*(at[:, None] - at[None]).transpose(2, 0, 1)) + 1e3 * np.eye(channels)
    assert len(graph.visible) == channels and apart.min() > graph.visible_radius
    left, top, width, height = graph.box
    assert all(left < dot.x < left + width and top < dot.y < top + height for dot in graph.visible + graph.latent)


def test_best_score_is_marked(small, tmp_path):
    from elise_pynn.analysis.report.comparison import best_of

    runs = [gather(small), gather(small_run(tmp_path / "longer", cycles=101))]
    columns = list(zip(*(scores_of(run.summary, run.period) for run in runs), strict=True))
    mse = next(column for column in columns if column[0].name == "MSE")
    assert best_of(mse) == [mse[0].value < mse[1].value, mse[1].value < mse[0].value]
    assert best_of(columns[-1]) == [False, False]


@pytest.mark.parametrize(
    ("folders", "message"), [(["run"], "2 to 12"), (["run", "./run"], "given twice"), (["run", "absent"], "holds no run")]
)
def test_compare_refuses(folders, message, small, tmp_path):
    shutil.copytree(small, tmp_path / "run")
    done = elise("compare", *folders, cwd=tmp_path)
    assert done.returncode == 2 and message in " ".join(done.stderr.split()) and "Traceback" not in done.stderr
    assert not (tmp_path / "compare.html").exists()
