"""A synthetic motif in the manner of a zebra finch: five syllables and the gaps between them."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfiltfilt

from elise_pynn.sequence import Sequence
from elise_pynn.sound import SAMPLE_RATE, sound_to_sequence

#: syllables: begin and end in ms, fundamental at begin and end in Hz, number of harmonics, loss from one to the next in dB, share of noise.
#: A stack that falls, a noisy burst, a high note that sweeps up, a long stack, a fast sweep down.
SYLLABLES = (
    (0, 95, 760, 560, 9, 1.5, 0.02),
    (115, 180, 420, 420, 16, 0.5, 0.7),
    (205, 285, 2900, 4300, 2, 9.0, 0.0),
    (310, 455, 640, 600, 10, 1.0, 0.02),
    (475, 575, 5600, 1700, 2, 8.0, 0.0),
)
#: the motif's duration, and how long a syllable takes to swell and to fade, in ms
MOTIF_MS, FADE_MS = 600.0, 12.0
#: nothing sounds above, in Hz
HIGHEST = 7500.0


def motif() -> np.ndarray:
    """The motif as sound, samples from -1 to 1 at `SAMPLE_RATE`."""
    sound = np.zeros(round(MOTIF_MS / 1000 * SAMPLE_RATE))
    noise = sosfiltfilt(butter(6, HIGHEST, fs=SAMPLE_RATE, output="sos"), np.random.default_rng(1).normal(size=sound.size))
    t = np.arange(sound.size) / SAMPLE_RATE * 1000
    for begin, end, first, last, harmonics, loss, noisy in SYLLABLES:
        inside = (t >= begin) & (t < end)
        part = (t[inside] - begin) / (end - begin)
        pitch = first * (last / first) ** part
        phase = 2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE
        tone = sum(10 ** (-loss * k / 20) * np.sin((k + 1) * phase) * ((k + 1) * pitch < HIGHEST) for k in range(harmonics))
        swell = np.clip(np.minimum(t[inside] - begin, end - t[inside]) / FADE_MS, 0, 1)
        syllable = (1 - noisy) * tone / np.std(tone) + noisy * noise[inside] / np.std(noise)
        sound[inside] += np.sin(swell * np.pi / 2) ** 2 * syllable
    return sound / np.abs(sound).max()


def birdsong(channels: int = 24, step_ms: float = 10.0) -> Sequence:
    """The motif as a sequence of time-frequency channels, 600 ms long."""
    return sound_to_sequence("birdsong", motif(), SAMPLE_RATE, channels, step_ms)
