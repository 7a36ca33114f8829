"""Scores against analytic cases."""

from __future__ import annotations

import numpy as np
import pytest

from elise_pynn.analysis.notes import cyclic_notes, kernel_rates, note_f1
from elise_pynn.analysis.recording import make_block, make_segment, read_nix, write_nix
from elise_pynn.analysis.scores import correlation, drift, errors_over_shifts, mean_squared_error, score_replay
from elise_pynn.melody import fuer_elise


def sines(n=200, channels=3):
    t = np.arange(n) / n * 2 * np.pi
    return 0.5 + 0.4 * np.array([np.sin(t + i) for i in range(channels)])


def test_perfect_and_opposite_and_constant():
    x = sines()
    assert mean_squared_error(x, x) == 0 and correlation(x, x) == pytest.approx(1)
    assert correlation(1 - x, x) == pytest.approx(-1)
    assert correlation(np.ones_like(x), x) == 0
    assert correlation(x, np.ones_like(x)) == 0
    assert mean_squared_error(x + 0.1, x) == pytest.approx(0.01)


def test_correlation_agrees_with_numpy():
    rng = np.random.default_rng(0)
    x, y = rng.random((2, 4, 50))
    assert correlation(x, y) == pytest.approx(np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(x, y, strict=True)]))


def test_errors_over_shifts_agree_with_a_plain_loop():
    rng = np.random.default_rng(1)
    target, rates = rng.random((3, 40)), rng.random((3, 80))
    expected = [np.mean((rates[:, s : s + 40] - target) ** 2) for s in range(40)]
    np.testing.assert_allclose(errors_over_shifts(rates, target), expected, atol=1e-12)


def test_replay_with_a_known_shift_and_drift():
    """A target played 2 % too slowly from a lag of 3 ms on: the shift grows by 2 % of the period a cycle."""
    n, cycles, interval = 500, 6, 0.5
    target = sines(n)
    t = np.arange((cycles + 1) * n)
    position = (t - 6) / 1.02 / n * 2 * np.pi
    rates = 0.5 + 0.4 * np.array([np.sin(position + i) for i in range(3)])
    scores = score_replay(rates, target, interval)
    assert scores.cycles == scores.sustained_cycles == cycles
    assert scores.drift_ms_per_cycle == pytest.approx(0.02 * n * interval, abs=1.0)
    assert scores.shift_ms[0] == pytest.approx(3.0, abs=0.02 * n * interval)
    assert min(scores.correlation) > 0.99


def test_sustained_cycles_end_at_the_first_loss():
    target = sines()
    rates = np.concatenate([target, target, np.zeros_like(target), np.zeros_like(target), target, target], axis=1)
    scores = score_replay(rates, target, 1.0)
    assert scores.sustained_cycles == 2 and scores.cycles == 5


def test_silent_replay_scores_without_trouble():
    target = sines()
    scores = score_replay(np.zeros((3, 3 * 200)), target, 1.0)
    assert scores.sustained_cycles == 0 and scores.median_correlation == 0
    assert scores.median_mse == pytest.approx(np.mean(target**2))


def test_drift_takes_the_short_way_round():
    assert drift(np.array([98.0, 99.5, 1.0, 2.5]), 100.0) == pytest.approx(1.5)
    assert drift(np.array([5.0]), 100.0) == 0.0


def _spikes(pattern, cycles, step=10.0, shift=0.0, rate=0.9):
    times, channels = [], []
    for cycle in range(cycles):
        for channel, at in zip(*np.nonzero(pattern), strict=True):
            t = (cycle * pattern.shape[1] + at) * step + shift + np.arange(0.05 * step, step, 1 / rate)
            times.append(t)
            channels.append(np.full(len(t), channel))
    return np.concatenate(times), np.concatenate(channels)


def test_note_f1_of_the_pattern_itself_is_one():
    pattern = fuer_elise().pattern
    for shift in (0.0, 13.0, 120.0):
        times, channels = _spikes(pattern, 7, shift=shift)
        assert note_f1(times, channels, pattern, 10.0, cycles=5) == 1.0


def test_note_f1_counts_missing_and_wrong_notes():
    pattern = np.zeros((4, 20))
    for i in range(4):
        pattern[i, 2 + 5 * i : 4 + 5 * i] = 1
    played = pattern.copy()
    played[0] = 0
    times, channels = _spikes(played, 7)
    assert note_f1(times, channels, pattern, 10.0, cycles=5) == pytest.approx(2 * 3 / (3 + 4))
    played[3] = np.roll(pattern[3], 8)
    times, channels = _spikes(played, 7)
    assert note_f1(times, channels, pattern, 10.0, cycles=5) == pytest.approx(2 * 2 / (3 + 4))


def test_note_f1_of_silence_and_of_noise_is_low():
    pattern = fuer_elise().pattern
    assert note_f1(np.array([]), np.array([], dtype=int), pattern, 10.0, cycles=5) == 0.0
    rng = np.random.default_rng(0)
    assert note_f1(rng.random(9000) * 1500, rng.integers(0, 13, 9000), pattern, 10.0, cycles=5) < 0.3


def test_kernel_rates_keep_the_number_of_spikes():
    rates = kernel_rates(np.array([50.0, 51.0, 52.0]), np.array([0, 0, 1]), 2, 200, 0.5)
    np.testing.assert_allclose(rates.sum(axis=1) * 0.5, [2, 1], rtol=1e-6)
    assert cyclic_notes(np.zeros((2, 10))) == []


@pytest.mark.parametrize("step_ms", [2.0, 10.0, 33.3])
@pytest.mark.parametrize(
    "notes",
    [
        [(0, 0, 12), (1, 12, 8)],  # held notes
        [(0, 15, 12), (1, 8, 4)],  # across the cycle's border
        [(0, 0, 20), (1, 3, 2), (1, 9, 2)],  # a drone under a melody
        [(0, 0, 20)],  # nothing but a drone
    ],
)
def test_note_f1_of_held_notes_and_drones(notes, step_ms):
    pattern = np.zeros((2, 20))
    for channel, first, length in notes:
        pattern[channel, np.arange(first, first + length) % 20] = 1
    times, channels = _spikes(pattern, 6, step=step_ms, shift=0.37 * step_ms, rate=0.9 * max(1.0, 10 / step_ms))
    k = max(1.0, 10 / step_ms)
    assert note_f1(times, channels, pattern, step_ms, cycles=4, spikes_per_rate=k) == 1.0
    silent = channels != 0
    expected = 2 * (len(notes) - 1) / (2 * len(notes) - 1)
    assert note_f1(times[silent], channels[silent], pattern, step_ms, cycles=4, spikes_per_rate=k) == pytest.approx(expected)


def test_recording_survives_nix(tmp_path):
    rng = np.random.default_rng(0)
    rates = rng.random((2, 50))
    segments = [
        make_segment(
            name, np.array([1.0, 3.0, 2.0]), np.array([0, 0, 3]), {"visible": slice(0, 2), "latent": slice(2, 4)}, rates, 0.2, 10.0, 500.0
        )
        for name in ("cue", "replay")
    ]
    write_nix(make_block("test", segments, {"seed": 3, "version": "1.0"}), tmp_path / "r.nix")
    block = read_nix(tmp_path / "r.nix")
    assert block.annotations["seed"] == 3 and [s.name for s in block.segments] == ["cue", "replay"]
    for segment in block.segments:
        trains = {t.annotations["neuron"]: t for t in segment.spiketrains}
        assert len(segment.spiketrains) == 4 and trains[3].annotations["population"] == "latent"
        np.testing.assert_array_equal(trains[0].rescale("ms").magnitude, [1.0, 3.0])
        signal = segment.analogsignals[0]
        np.testing.assert_allclose(signal.magnitude, rates.T)
        assert str(signal.units.dimensionality) == "1/ms"
    assert [p.name for p in tmp_path.iterdir()] == ["r.nix"]
