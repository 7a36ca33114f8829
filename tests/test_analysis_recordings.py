"""The analysis of whole recordings: from PyNN, from disk, and of a run."""

from __future__ import annotations

import json

import neo
import numpy as np
import pytest
import quantities as pq

from elise_pynn.analysis.dimensionality import participation_ratio
from elise_pynn.analysis.notes import NoteScores, note_f1
from elise_pynn.analysis.played_notes import score_notes
from elise_pynn.analysis.recording import make_block, make_segment, read_nix, write_nix
from elise_pynn.analysis.replay_scores import score_block, score_signal, score_trains
from elise_pynn.analysis.scores import score_replay
from elise_pynn.analysis.summary import describe
from elise_pynn.analysis.trains import choose_segment, population_names, population_trains
from elise_pynn.melody import fuer_elise
from spike_trains import poisson, smooth_rates, train
from test_cli import elise


def ms_signal(rates, interval=0.5, **names):
    return neo.AnalogSignal(rates.T, units=1 / pq.ms, sampling_period=interval * pq.ms, **names)


def recording():
    """Four visible and six latent neurons, five cycles of 200 ms, latent ones 9 ms later than visible ones; neuron 3 is silent."""
    rng = np.random.default_rng(0)
    cycle = smooth_rates(rng, 4, 200.0)
    both = np.vstack([cycle, np.roll(cycle[[0, 1, 2, 0, 1, 2]], 18, axis=1)])
    both[3] = 0
    trains = poisson(rng, np.tile(both, (1, 5)))
    times = np.concatenate([t.magnitude for t in trains])
    neurons = np.repeat(np.arange(10), [len(t) for t in trains])
    populations = {"visible": slice(0, 4), "latent": slice(4, 10)}
    segments = [make_segment(name, times, neurons, populations, np.tile(cycle, (1, 5)), 0.5, 1000.0) for name in ("cue", "replay")]
    return make_block("test", segments, {}), trains, cycle


def test_populations_of_our_recordings(tmp_path):
    block, trains, _ = recording()
    write_nix(block, tmp_path / "r.nix")
    for source in (block, read_nix(tmp_path / "r.nix")):
        assert population_names(source) == ["visible", "latent"]
        for population, members in (("visible", trains[:4]), ("latent", trains[4:]), (None, trains)):
            for found, expected in zip(population_trains(source, population, "replay"), members, strict=True):
                np.testing.assert_array_equal(found.magnitude, expected.magnitude)
    assert choose_segment(block).name == "replay" and choose_segment(block, "cue").name == "cue"
    with pytest.raises(ValueError, match=r"no spike trains of population 'hidden'; there are \['latent', 'visible'\]"):
        population_trains(block, "hidden")
    with pytest.raises(ValueError, match=r"no Segment 'rest' in the Block; it has \['cue', 'replay'\]"):
        population_trains(block, "latent", "rest")
    with pytest.raises(ValueError, match="no Segment None"):
        choose_segment(neo.Block())


def test_populations_of_pynn(sim):
    """What PyNN returns for one population, and the Blocks of two put together."""
    times = {"visible": [[5.0, 9.0], []], "latent": [[1.0], [2.0, 30.0], [40.0]]}
    blocks = {}
    for name, spikes in times.items():
        population = sim.Population(len(spikes), sim.SpikeSourceArray(spike_times=spikes), label=name)
        population.record("spikes")
        blocks[name] = population
    sim.run(50.0)
    blocks = {name: population.get_data() for name, population in blocks.items()}
    for name, block in blocks.items():
        assert population_names(block) == [name]
        assert [list(t.magnitude) for t in population_trains(block, name)] == times[name]
    both = blocks["visible"]
    both.merge(blocks["latent"])
    for name in times:
        assert [list(t.magnitude) for t in population_trains(both, name)] == times[name]
    described = describe(both)["populations"]
    assert described["visible"]["silent_neurons"] == 1 and described["latent"]["neurons"] == 3
    assert described["latent"]["mean_rate_hz"] == pytest.approx(4 / 3 / 0.05)


def test_block_without_names_of_populations():
    """As of PyNN before 0.13: the Block's name is the population's label; trains are numbered by source_id."""
    segment = neo.Segment(name="segment000")
    segment.spiketrains.extend([train([2.0], source_id=8), train([1.0], source_id=7)])
    block = neo.Block(name="latent")
    block.segments.append(segment)
    assert population_names(block) == ["latent"]
    assert [float(t[0]) for t in population_trains(block, "latent")] == [1.0, 2.0]
    assert population_names(segment) == ["all"] and len(population_trains(segment)) == 2


def test_scores_of_a_block_are_those_of_its_rates():
    block, _, cycle = recording()
    rng = np.random.default_rng(1)
    noisy = np.tile(cycle, (1, 5)) + 0.1 * rng.standard_normal((4, 2000))
    block.segments[1].analogsignals[0] = ms_signal(np.roll(noisy, 6, axis=1), name="rate")
    expected = score_replay(np.roll(noisy, 6, axis=1), cycle, 0.5)
    hertz = ms_signal(cycle).rescale("Hz")
    found = score_block(block, hertz, "replay")
    assert (found.cycles, found.sustained_cycles) == (4, 4)
    np.testing.assert_allclose(found.mse.rescale(1 / pq.ms**2).magnitude, expected.mse)
    np.testing.assert_allclose(found.correlation, expected.correlation)
    np.testing.assert_allclose(found.shift.rescale("s").magnitude, 0.003, atol=1e-9)
    assert float(found.drift.rescale("ms")) == pytest.approx(0)
    spiking = score_trains(poisson(rng, np.tile(cycle, (1, 5)) * 20), ms_signal(cycle), spikes_per_rate=20)
    assert spiking.sustained_cycles == 4 and spiking.correlation.min() > 0.9
    assert (spiking.shift.magnitude + 100) % 200 - 100 == pytest.approx(0, abs=2)
    silent = score_trains([train([])] * 4, ms_signal(cycle))
    assert silent.sustained_cycles == 0 and (silent.correlation == 0).all()


def test_scores_refuse_what_does_not_fit():
    _, _, cycle = recording()
    target, rates = ms_signal(cycle), np.tile(cycle, (1, 5))
    with pytest.raises(ValueError, match="4 channels, the target 3"):
        score_signal(ms_signal(rates), ms_signal(cycle[:3]))
    with pytest.raises(ValueError, match="sampled every"):
        score_signal(ms_signal(rates, 1.0), target)
    with pytest.raises(ValueError, match="shorter than two cycles"):
        score_signal(ms_signal(cycle), target)
    with pytest.raises(ValueError, match="no signal 'rate'"):
        score_block(neo.Segment(), target)


def test_precision_and_recall_of_notes():
    """Three of four notes, and one that is wrong: precision 3 of 4; without the wrong one 3 of 3, recall 3 of 4."""
    pattern = np.zeros((4, 20))
    for i in range(4):
        pattern[i, 2 + 5 * i : 4 + 5 * i] = 1
    on = [(channel, 10.0 * step) for channel, step in zip(*np.nonzero(pattern[:3]), strict=True)]

    def played(notes):
        spikes = [[start + 200.0 * cycle + np.arange(0.5, 10, 1.1) for c, start in notes if c == i for cycle in range(6)] for i in range(4)]
        return [train(np.sort(np.concatenate(s)) if s else [], 1200.0) for s in spikes]

    three = score_notes(played(on), pattern, 0.01 * pq.s)
    assert (three.precision, three.recall) == (1.0, 0.75) and three.f1 == pytest.approx(6 / 7)
    wrong = score_notes(played([*on, (3, 70.0), (3, 80.0)]), pattern, 10 * pq.ms)
    assert (wrong.precision, wrong.recall, wrong.f1) == (0.75, 0.75, 0.75)
    trains = played(on)
    channels = np.repeat(np.arange(4), [len(t) for t in trains])
    assert note_f1(np.concatenate([t.magnitude for t in trains]), channels, pattern, 10.0, 5) == three.f1
    silent = score_notes([train([], 1200.0)] * 4, pattern, 10 * pq.ms)
    assert (silent.precision, silent.recall, silent.f1) == (0, 0, 0)
    assert (NoteScores(0, 0, 0).precision, NoteScores(0, 0, 0).recall, NoteScores(0, 0, 0).f1) == (1, 1, 1)
    assert (NoteScores(2, 0, 0).precision, NoteScores(2, 0, 0).recall) == (0, 0)
    with pytest.raises(ValueError, match="4 spike trains cannot play 3"):
        score_notes(trains, pattern[:3], 10 * pq.ms)
    with pytest.raises(ValueError, match="shorter than two cycles"):
        score_notes(played(on), pattern, 50 * pq.ms)


def test_description_of_a_recording():
    block, trains, cycle = recording()
    found = describe(block, ms_signal(cycle))
    json.dumps(found, allow_nan=False)
    assert found["segment"] == "replay" and found["notes"] is None
    assert found["scores"]["sustained_cycles"] == 4 and found["scores"]["median_mse_per_ms2"] == pytest.approx(0, abs=1e-12)
    visible, latent = found["populations"]["visible"], found["populations"]["latent"]
    assert visible["neurons"] == 4 and visible["silent_neurons"] == 1 and visible["lag_behind_visible_ms"] is None
    assert latent["period_ms"] == pytest.approx(200.0, rel=0.02) and latent["lag_behind_visible_ms"] == pytest.approx(9.0, abs=3)
    assert latent["mean_rate_hz"] == pytest.approx(np.mean([len(t) for t in trains[4:]]))
    assert latent["participation_ratio"] == pytest.approx(participation_ratio(trains[4:]))
    # a neuron's Poisson spikes differ from cycle to cycle, but less than from silence in both
    assert 1 < latent["victor_purpura_between_cycles"] < 2 * np.mean([len(t) for t in trains[4:]]) / 5


def test_description_of_silence():
    segment = make_segment("replay", np.array([]), np.array([], int), {"visible": slice(0, 2), "latent": slice(2, 4)},
                           np.zeros((2, 100)), 1.0, 100.0)  # fmt: skip
    found = describe(segment, ms_signal(np.ones((2, 20)), 1.0), np.ones((2, 2)), 10 * pq.ms)
    assert found["scores"]["sustained_cycles"] == 0 and found["notes"] == {"precision": 0.0, "recall": 0.0, "f1": 0.0}
    for population in found["populations"].values():
        assert population.pop("neurons") == population.pop("silent_neurons") == 2 and population.pop("mean_rate_hz") == 0
        assert set(population.values()) == {None}
    assert describe(neo.Segment(name="nothing")) == {"segment": "nothing", "scores": None, "notes": None, "populations": {}}


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("analysed") / "run"
    options = ["--backend", "engine", "--latent", 50, "--cycles", 400, "--replay", 4, "--timestep", 0.5, "--json"]
    done = elise("run", "fuer-elise", "--out", folder, *options)
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_analyse_a_run(run_folder):
    folder, summary = run_folder
    before = {path: path.read_bytes() for path in folder.iterdir()}
    done = elise("analyse", folder, "--json")
    assert done.returncode == 0, done.stderr
    found, replay = json.loads(done.stdout), summary["replay"]
    assert found["scores"]["median_correlation"] == pytest.approx(replay["median_correlation"])
    assert found["scores"]["median_mse_per_ms2"] == pytest.approx(replay["median_mse"])
    assert found["scores"]["drift_ms_per_cycle"] == pytest.approx(replay["drift_ms_per_cycle"])
    assert found["notes"]["f1"] == pytest.approx(replay["note_f1"])
    assert found["populations"]["latent"]["period_ms"] == pytest.approx(fuer_elise().period + replay["drift_ms_per_cycle"], rel=0.02)
    spoken = elise("analyse", folder)
    assert spoken.returncode == 0 and "participation_ratio" in spoken.stdout and "note_recall" in spoken.stdout
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


@pytest.mark.parametrize("damage", ["absent folder", "no recording", "text", "cut off"])
def test_analyse_refuses_with_one_message(run_folder, damage, tmp_path):
    folder = tmp_path / "run"
    if damage != "absent folder":
        folder.mkdir()
        for name in ("run.json", "blueprint.npz", "recording.nix"):
            (folder / name).write_bytes((run_folder[0] / name).read_bytes())
        recorded = folder / "recording.nix"
        if damage == "no recording":
            recorded.unlink()
        else:
            recorded.write_bytes(b"no NIX" if damage == "text" else recorded.read_bytes()[:5000])
    done = elise("analyse", folder)
    assert done.returncode == 2 and not done.stdout
    assert done.stderr.startswith("Error: ") and "run" in done.stderr and "Traceback" not in done.stderr
    assert ("damaged" in done.stderr.replace("\n", " ")) == (damage in ("text", "cut off"))
