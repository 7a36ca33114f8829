"""Sound to channels and back: loudness in bands of frequency over time."""

from __future__ import annotations

import numpy as np
from scipy.signal import ShortTimeFFT
from scipy.signal.windows import hann

from elise_pynn.quantity import ParameterError
from elise_pynn.sequence import Sequence

#: loudness from so far below the loudest, in dB, becomes 0 to 1
RANGE_DB = 36.0
#: share of a sound's energy below its lowest channel, and above its highest
OUTSIDE = 0.003
#: a sound that moves by less, full scale being 2, is silent; samples of a Fourier transform at least, so that low bands are no gaps
SILENT, FINEST = 1e-6, 8192
#: hop and window of the inversion in ms, its sampling rate in Hz, and how often phases are made consistent
HOP_MS, WINDOW_MS, SAMPLE_RATE, ROUNDS = 2.0, 16.0, 22_050, 60


def mel(frequency: np.ndarray | float) -> np.ndarray:
    """Perceived pitch of a frequency in Hz (O'Shaughnessy 1987)."""
    return 2595.0 * np.log10(1.0 + np.asarray(frequency) / 700.0)


def from_mel(pitch: np.ndarray | float) -> np.ndarray:
    """Inverse of `mel`."""
    return 700.0 * (10.0 ** (np.asarray(pitch) / 2595.0) - 1.0)


def bands(frequencies: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Weight of each frequency in each band, shape (bands, frequencies): triangles in mel that add up to 1 between the outer centres."""
    pitch, middle = mel(frequencies), mel(centres)
    spacing = middle[1] - middle[0] if len(middle) > 1 else max(middle[0], 1.0)
    return np.maximum(0.0, 1.0 - np.abs(pitch[None] - middle[:, None]) / spacing)


def sound_to_sequence(name: str, sound: np.ndarray, sample_rate: float, channels: int = 24, step_ms: float = 10.0) -> Sequence:
    """Return a sound as a sequence of time-frequency channels.

    Bands are spread evenly in mel over the frequencies that hold all but a small part of the sound's energy. A value is the loudness, in
    dB above a floor of 36 dB below the loudest, as a share of those 36 dB.

    Parameters
    ----------
    name : str
    sound : ndarray, shape (samples,)
        One cycle.
    sample_rate : float
        Hz.
    channels : int
    step_ms : float

    Raises
    ------
    ParameterError
        When the sound is silent, no numbers, or shorter than two steps.
    """
    sound = np.asarray(sound, dtype=float)
    steps = round(len(sound) / sample_rate * 1000 / step_ms)
    if steps < 2 or not np.isfinite(sound).all() or not np.ptp(sound) > SILENT:
        raise ParameterError(f"{name} holds no sound of at least two steps of {step_ms:g} ms: give one that is longer and not silent.")
    width = max(2, round(2 * step_ms * sample_rate / 1000))
    size = max(FINEST, 1 << (width - 1).bit_length())
    middle = np.round((np.arange(steps) + 0.5) * step_ms * sample_rate / 1000).astype(int)
    around = np.pad(sound - sound.mean(), (width // 2, width))
    windows = np.stack([around[m : m + width] for m in middle]) * hann(width, sym=False)
    power = np.abs(np.fft.rfft(windows, size, axis=1)).T ** 2
    frequencies = np.fft.rfftfreq(size, 1 / sample_rate)
    share = np.cumsum(power.sum(axis=1)) / power.sum()
    low, high = (frequencies[np.searchsorted(share, s)] for s in (OUTSIDE, 1 - OUTSIDE))
    centres = from_mel(np.linspace(mel(low), mel(max(high, low + sample_rate / width)), channels))
    weights = bands(frequencies, centres) if channels > 1 else np.ones((1, len(frequencies)))
    loud = 10 * np.log10(np.maximum(weights @ power, 1e-300))
    pattern = np.clip((loud - loud.max() + RANGE_DB) / RANGE_DB, 0, 1)
    return Sequence(name, pattern, step_ms, tuple(f"{f:.0f} Hz" for f in centres), tuple(float(f) for f in centres))


def channels_to_sound(values: np.ndarray, frequencies: tuple[float, ...], interval: float) -> np.ndarray:
    """Return the sound whose bands are as loud as the channels say, by inversion of its spectrogram (Griffin and Lim 1984).

    Parameters
    ----------
    values : ndarray, shape (channels, samples)
        0 to 1, as in `sound_to_sequence`.
    frequencies : tuple of float
        Centre of each channel in Hz, evenly spaced in mel.
    interval : float
        ms between samples.

    Returns
    -------
    ndarray
        Samples from -1 to 1 at `SAMPLE_RATE`.
    """
    hop, width = (round(SAMPLE_RATE * ms / 1000) for ms in (HOP_MS, WINDOW_MS))
    transform = ShortTimeFFT(hann(width, sym=False), hop, SAMPLE_RATE)
    length = round(values.shape[1] * interval / 1000 * SAMPLE_RATE)
    n = max(length, 2 * width)  # no shorter sound can be inverted
    here = np.arange(transform.p_min, transform.p_max(n)) * hop / SAMPLE_RATE * 1000
    middle = (np.arange(values.shape[1]) + 0.5) * interval
    levels = np.stack([np.interp(here, middle, row) for row in np.clip(values, 0, 1)])
    weights = bands(transform.f, np.array(frequencies))
    amplitude = 10 ** ((levels - 1) * RANGE_DB / 20) * (levels > 0.02)
    # a wide band spreads its power over more frequencies
    wanted = weights.T @ (amplitude / np.sqrt(np.maximum(weights.sum(axis=1), 1e-9))[:, None])
    phase = np.exp(2j * np.pi * np.random.default_rng(1).random(wanted.shape))
    for _ in range(ROUNDS):
        again = transform.stft(transform.istft(wanted * phase, k1=n))
        phase = again / np.maximum(np.abs(again), 1e-12)
    sound = transform.istft(wanted * phase, k1=n)[:length]
    return sound / max(np.abs(sound).max(), 1e-12) * 0.9
