"""What is taught and played, made audible."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace

import mido
import numpy as np
import pytest
import soundfile

from elise_pynn import NeuronParameters, Sequence, find_sequence, fuer_elise, make_blueprint
from elise_pynn.analysis.notes import note_f1
from elise_pynn.rendition import (
    audible_frequencies,
    cycles_heard,
    loudness,
    notes_of,
    render,
    replayed_rates,
    step_heard,
    tones,
)  # fmt: skip
from elise_pynn.sound import SAMPLE_RATE
from test_cli import elise


def perfect_replay(sequence, blueprint, cycles=3, shift=7.0):
    """Spikes of a network that plays its targets exactly, `shift` ms late, regular at the target's rate."""
    neuron = blueprint.parameters.neuron
    rates = np.tile(neuron.rate(sequence.target(0.1)), (1, cycles + 1))
    counts = np.floor(np.cumsum(rates * 0.1, axis=1))
    channels, steps = np.nonzero(np.diff(counts, axis=1))
    activity = SimpleNamespace(spike_times=(steps + 2) * 0.1 + shift, spike_neurons=channels, rates=rates, interval=0.1)
    return SimpleNamespace(activity=activity, scores=SimpleNamespace(shift_ms=[shift], cycles=cycles))


def test_a_perfect_replay_gives_the_notes_of_the_score(tmp_path):
    sequence, blueprint = fuer_elise(), make_blueprint(13, 4)
    replay = perfect_replay(sequence, blueprint)
    rates, interval = replayed_rates(replay, sequence, blueprint)
    played = notes_of(rates[:, : 25 * 10], interval, sequence.step_ms)
    wanted = [(channel, 10.0 * first, 10.0 * steps) for channel, first, steps in sequence.notes()]
    assert len(played) == len(wanted)
    for (channel, begin, length), note in zip(sorted(played), sorted(wanted), strict=True):
        assert channel == note[0] and abs(begin - note[1]) <= 2 and abs(length - note[2]) <= 4
    assert set(render(tmp_path, sequence, blueprint, replay)) == {"taught.wav", "replay.wav", "replay.mid"}
    taught, played = (soundfile.read(tmp_path / name)[0] for name in ("taught.wav", "replay.wav"))
    assert len(taught) == len(played) == pytest.approx(3 * 25 * 0.15 * SAMPLE_RATE, abs=3)
    assert mido.MidiFile(tmp_path / "replay.mid").length == pytest.approx(3 * 25 * 0.15, abs=0.1)


@pytest.mark.parametrize("step_ms", [1.0, 2.0, 5.0])
def test_single_spikes_are_no_notes_however_short_the_step(step_ms):
    """Für Elise with its notes as long as ever, on a finer grid."""
    plain = fuer_elise()
    sequence = replace(plain, pattern=np.repeat(plain.pattern, round(10 / step_ms), axis=1), step_ms=step_ms)
    replay = perfect_replay(sequence, make_blueprint(13, 4))
    played = note_f1(replay.activity.spike_times, replay.activity.spike_neurons, sequence.pattern, step_ms, 3)
    assert played > 0.95
    rates, interval = replayed_rates(replay, sequence, make_blueprint(13, 4))
    assert len(notes_of(rates, interval, step_ms)) == pytest.approx(cycles_heard(sequence, 3) * len(plain.notes()), abs=2)


def test_a_note_sounds_at_its_pitch_and_time():
    sound = tones([(1, 100.0, 200.0)], (440.0, 880.0), 500.0)
    power = np.abs(np.fft.rfft(sound)) ** 2
    assert np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)[power.argmax()] == pytest.approx(880.0, abs=3)
    sounding = np.flatnonzero(np.abs(sound) > 1e-6) / SAMPLE_RATE * 1000
    assert sounding[0] == pytest.approx(100, abs=1) and sounding[-1] == pytest.approx(300, abs=1)
    assert not tones([], (440.0,), 100.0).any()


def test_loudness_inverts_the_target():
    sequence = find_sequence("birdsong")
    neuron = NeuronParameters()
    u = sequence.target(5.0)[:, ::2]  # at 5, 15, ... ms: the middles of the steps
    np.testing.assert_allclose(loudness(neuron.rate(u), sequence, neuron), sequence.pattern, atol=1e-9)


def test_channels_without_a_pitch_get_one():
    plain, graded = Sequence("x", np.eye(6)), Sequence("y", np.full((4, 3), 0.5))
    for sequence in (plain, graded):
        found = np.array(audible_frequencies(sequence))
        assert len(found) == sequence.n_channels and (np.diff(found) > 0).all()
    assert step_heard(plain) == 150.0 and step_heard(graded) == 10.0
    assert cycles_heard(plain, 30) == 4 and cycles_heard(plain, 2) == 2 and cycles_heard(Sequence("z", np.eye(200)), 9) == 1


@pytest.mark.parametrize("emission", ["integrate", "rate"])
def test_runs_leave_what_can_be_heard(emission, tmp_path):
    done = elise("run", "birdsong", "--channels", 6, "--backend", "engine",
                 "--emission", emission, "--latent", 5, "--draws", 1, "--cycles", 1,
                 "--replay", 1, "--out", tmp_path / "r", "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["replay"]["note_f1"] is None
    for name in ("taught.wav", "replay.wav"):
        assert soundfile.info(tmp_path / "r" / name).duration == pytest.approx(0.6, abs=0.02)
    assert not (tmp_path / "r" / "replay.mid").exists()
