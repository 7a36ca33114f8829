"""Sound to channels and back, the motif, and continuous targets."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy.signal import chirp

from elise_pynn import ParameterError, Sequence
from elise_pynn.birdsong import SYLLABLES, birdsong
from elise_pynn.sound import SAMPLE_RATE, bands, channels_to_sound, from_mel, mel, sound_to_sequence
from elise_pynn.sound_file import write_sound

TIME = np.arange(SAMPLE_RATE // 2) / SAMPLE_RATE


def test_mel_is_the_published_scale():
    assert mel(1000.0) == pytest.approx(1000.0, abs=0.1) and mel(0.0) == 0
    np.testing.assert_allclose(from_mel(mel(np.array([50.0, 440.0, 8000.0]))), [50.0, 440.0, 8000.0])
    weights = bands(np.linspace(300, 3000, 50), from_mel(np.linspace(mel(300), mel(3000), 9)))
    np.testing.assert_allclose(weights.sum(axis=0), 1.0)


def test_a_sweep_moves_through_the_channels_and_a_gap_is_silent():
    sound = chirp(TIME, 500, TIME[-1], 5000)
    sound[SAMPLE_RATE // 5 : SAMPLE_RATE // 4] = 0.0  # 200 to 250 ms
    sequence = sound_to_sequence("sweep", sound, SAMPLE_RATE, channels=16)
    assert sequence.pattern.shape == (16, 50) and sequence.period == 500.0
    assert sequence.pattern.max() == 1.0 and (sequence.pattern[:, 21:24] == 0).all()
    loudest = np.array(sequence.frequencies)[sequence.pattern.argmax(axis=0)]
    swept = 500 + 4500 * (np.arange(50) + 0.5) / 50
    sounding = np.r_[1:19, 27:49]
    spacing = np.gradient(np.array(sequence.frequencies))[sequence.pattern.argmax(axis=0)]
    assert (np.abs(loudest - swept)[sounding] < spacing[sounding]).all()


def test_bands_narrower_than_the_file_resolves_are_no_gaps():
    noise = np.random.default_rng(3).normal(size=44_100 // 2)
    spectrum = np.fft.rfft(noise)
    spectrum[np.fft.rfftfreq(len(noise), 1 / 44_100) > 1000] = 0
    pattern = sound_to_sequence("low", np.fft.irfft(spectrum), 44_100, channels=24).pattern
    assert pattern[1:-1].mean(axis=1).min() > 0.3


def test_one_channel_hears_everything():
    sound = np.concatenate([np.sin(2 * np.pi * f * TIME[: len(TIME) // 2]) for f in (300, 3000)])
    pattern = sound_to_sequence("x", sound, SAMPLE_RATE, channels=1).pattern
    assert pattern.shape[0] == 1 and pattern[0, 3:-3].min() > 0.9
    assert np.abs(channels_to_sound(pattern[:, :1], (440.0,), 2.0)).max() > 0


def test_twice_as_loud_is_six_decibels():
    tone = np.sin(2 * np.pi * 1000 * TIME) * np.where(TIME < 0.25, 1.0, 0.5)
    pattern = sound_to_sequence("tone", tone, SAMPLE_RATE, channels=12).pattern
    channel = pattern.max(axis=1).argmax()
    assert pattern[channel, 5] - pattern[channel, 40] == pytest.approx(20 * np.log10(2) / 36, abs=0.005)


def test_inverted_sound_has_the_channels_it_was_made_of():
    sequence = birdsong()
    sound = channels_to_sound(sequence.pattern, sequence.frequencies, sequence.step_ms)
    assert len(sound) == round(0.6 * SAMPLE_RATE) and np.abs(sound).max() <= 0.9 + 1e-9
    again = sound_to_sequence("again", sound, SAMPLE_RATE)
    values = np.array(
        [np.interp(mel(np.array(sequence.frequencies)), mel(np.array(again.frequencies)), column) for column in again.pattern.T]
    ).T
    assert np.corrcoef(values.ravel(), sequence.pattern.ravel())[0, 1] > 0.85
    flat = tuple(float(f) for f in from_mel(np.linspace(mel(200), mel(7000), 24)))
    noise = channels_to_sound(np.ones((24, 60)), flat, 10.0)
    power = np.abs(np.fft.rfft(noise)) ** 2
    levels = 10 * np.log10(bands(np.fft.rfftfreq(len(noise), 1 / SAMPLE_RATE), np.array(flat)) @ power)
    assert np.ptp(levels[1:-1]) < 3.0  # as loud in every band, wide or narrow
    silent = channels_to_sound(np.zeros((3, 20)), (500.0, 800.0, 1200.0), 10.0)
    assert np.abs(silent).max() < 1e-6


def test_birdsong_has_syllables_and_gaps():
    sequence = birdsong()
    assert sequence.pattern.shape == (24, 60) and sequence.step_ms == 10.0 and sequence.continuous.all()
    loud = sequence.pattern.mean(axis=0)
    for begin, end, *_ in SYLLABLES:
        assert loud[begin // 10 + 2 : end // 10 - 2].min() > 0.05
    gaps = [(end + after[0]) / 20 for (_, end, *_), after in itertools.pairwise(SYLLABLES)]
    assert all(loud[int(gap)] < 0.12 for gap in gaps)


@pytest.mark.parametrize("sound", [np.zeros(5000), np.ones(5000), np.full(5000, np.nan), np.array([1.0, -1.0]), np.array([])])
def test_no_sound_is_refused(sound):
    with pytest.raises(ParameterError, match="no sound"):
        sound_to_sequence("x", sound, 22_050)


def test_written_sound_is_read_back(tmp_path):
    import soundfile

    tone = 0.5 * np.sin(2 * np.pi * 440 * TIME)
    write_sound(tmp_path / "a.wav", tone)
    read, rate = soundfile.read(tmp_path / "a.wav")
    assert rate == SAMPLE_RATE
    np.testing.assert_allclose(read, tone, atol=1e-4)


def test_continuous_targets_run_straight_from_middle_to_middle_around_the_cycle():
    sequence = Sequence("x", np.array([[0.0, 0.5, 1.0, 0.25], [1, 0, 0, 1]]))
    assert sequence.continuous.tolist() == [True, False] and sequence.notes() == [(1, 3, 2)]
    u = sequence.target(1.0)
    t = np.arange(1, 41)
    expected = np.interp(t, [-5, 5, 15, 25, 35, 45], [0.25, 0.0, 0.5, 1.0, 0.25, 0.0])
    np.testing.assert_allclose(u[0], -70 + 20 * expected)
    np.testing.assert_allclose(u[1], Sequence("y", np.array([[1, 0, 0, 1]])).target(1.0)[0])


def test_any_potentials():
    t = np.arange(50) + 0.5
    wanted = np.stack([-65 + 7 * np.sin(2 * np.pi * t / 50), np.full(50, -66.0)])
    sequence = Sequence.from_potentials("sine", wanted, 1.0)
    np.testing.assert_allclose(sequence.target(0.5)[:, ::2], wanted, atol=1e-9)
    again = Sequence.from_dict(sequence.to_dict())
    np.testing.assert_array_equal(again.target(0.5), sequence.target(0.5))
    np.testing.assert_allclose(Sequence.from_potentials("flat", np.full((2, 3), -60.0), 10.0).target(1.0), -60.0)
    square = np.tile(np.repeat([-70.0, -60.0], 10), (1, 2))
    levels = Sequence.from_potentials("square", square, 1.0)
    assert levels.continuous.all()
    np.testing.assert_allclose(levels.target(0.5)[:, ::2], square)
    for wrong in (np.array([1.0]), np.full((2, 2), np.inf), np.empty((0, 3))):
        with pytest.raises(ParameterError, match="potentials"):
            Sequence.from_potentials("x", wrong, 1.0)
