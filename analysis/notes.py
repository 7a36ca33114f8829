"""Note-level score of a replay, from spikes alone."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from elise_pynn.analysis.scores import errors_over_shifts

#: width of the Gaussian kernel in ms and bin of the spike trains in ms
KERNEL_SD, BIN = 4.0, 1.0


def kernel_rates(times: np.ndarray, channels: np.ndarray, n_channels: int, duration: float) -> np.ndarray:
    """Spike rates by a Gaussian kernel.

    Parameters
    ----------
    times : ndarray
        Spike times in ms, in (0, duration].
    channels : ndarray of int
    n_channels : int
    duration : float
        ms, a whole number of bins.

    Returns
    -------
    ndarray, shape (n_channels, bins)
        Spikes per ms.
    """
    bins = round(duration / BIN)
    counts = np.zeros((n_channels, bins))
    index = np.ceil(np.asarray(times) / BIN - 1e-6).astype(int) - 1
    inside = (index >= 0) & (index < bins)
    np.add.at(counts, (np.asarray(channels)[inside], index[inside]), 1.0)
    return gaussian_filter1d(counts / BIN, KERNEL_SD / BIN, axis=1, mode="nearest")


def target_rates(pattern: np.ndarray, step_ms: float) -> np.ndarray:
    """The pattern as rates between 0 and 1, smoothed like the spikes; shape (channels, bins of one cycle)."""
    bins = round(pattern.shape[1] * step_ms / BIN)
    step = np.minimum((np.arange(bins) * BIN / step_ms).astype(int), pattern.shape[1] - 1)
    return gaussian_filter1d(pattern[:, step], KERNEL_SD / BIN, axis=1, mode="wrap")


def find_notes(rates: np.ndarray, threshold: float, least: float) -> list[tuple[int, float, float]]:
    """Stretches of at least `least` ms above `threshold` as (channel, onset, offset) in ms."""
    notes = []
    for channel, row in enumerate(rates > threshold):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
        for on, off in zip(edges[::2] * BIN, edges[1::2] * BIN, strict=True):
            if off - on >= least:
                notes.append((channel, float(on), float(off)))
    return notes


def match(found: list[tuple[int, float, float]], wanted: list[tuple[int, float, float]], tolerance: float) -> int:
    """Number of wanted notes that are found: same channel, onset and offset within `tolerance` ms, one to one."""
    left = list(found)
    hits = 0
    for channel, on, off in wanted:
        near = [n for n in left if n[0] == channel and abs(n[1] - on) <= tolerance and abs(n[2] - off) <= tolerance]
        if near:
            left.remove(min(near, key=lambda n: abs(n[1] - on)))
            hits += 1
    return hits


def note_f1(
    times: np.ndarray, channels: np.ndarray, pattern: np.ndarray, step_ms: float, cycles: int, spikes_per_rate: float = 1.0
) -> float:
    """F1 score of the notes played, from spikes alone.

    Each cycle is aligned at the best shift of its kernel rates. A note is a stretch above half of the full rate of K spikes
    per ms; it is right when its channel is, and its onset and offset lie within one step of those in the pattern.

    Parameters
    ----------
    times : ndarray
        Spike times in ms from the start of the replay, over cycles + 1 cycles.
    channels : ndarray of int
        Visible neuron of each spike.
    pattern : ndarray, shape (channels, steps)
    step_ms : float
    cycles : int
    spikes_per_rate : float
        K.

    Returns
    -------
    float
        In [0, 1], over all cycles together.
    """
    target = target_rates(pattern, step_ms)
    n = target.shape[1]
    rates = kernel_rates(times, channels, len(pattern), (cycles + 1) * n * BIN) / spikes_per_rate
    threshold, least, margin = 0.45, step_ms / 4, n // 2
    lap = np.concatenate([target, target, target], axis=1)
    everything = find_notes(lap, threshold, least)
    wanted = [note for note in everything if n * BIN <= note[1] < 2 * n * BIN]
    hits = played = 0
    for cycle in range(cycles):
        piece = rates[:, cycle * n : (cycle + 2) * n]
        start = cycle * n + int(np.argmin(errors_over_shifts(piece, target)))
        # with a margin on either side, so that notes across the cycle's border stay whole
        low, high = max(start - margin, 0), min(start + n + margin, rates.shape[1])
        found = [
            (c, on + (low - start) * BIN + n * BIN, off + (low - start) * BIN + n * BIN)
            for c, on, off in find_notes(rates[:, low:high], threshold, least)
        ]
        hits += match(found, wanted, step_ms)
        played += sum(n * BIN <= on < 2 * n * BIN for _, on, _ in found)
    total = played + cycles * len(wanted)
    return float(min(1.0, 2 * hits / total)) if total else 0.0
