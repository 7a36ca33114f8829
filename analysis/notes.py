"""Note-level score of a replay, from spikes alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from elise_pynn.analysis.scores import errors_over_shifts

#: bins of the spike trains in a step of the pattern, and standard deviation of the Gaussian kernel in bins
BINS_PER_STEP, KERNEL_SD = 10, 4.0
#: the same at least, in ms: in short steps, single spikes are no notes
LEAST_SD_MS = 2.5
#: a note is a stretch above this rate in spikes per ms and K, half of the rate of a visible neuron that is fully on
THRESHOLD = 0.45


def kernel_rates(times: np.ndarray, channels: np.ndarray, n_channels: int, bins: int, bin_ms: float) -> np.ndarray:
    """Spike rates by a Gaussian kernel.

    Parameters
    ----------
    times : ndarray
        Spike times in ms, in (0, bins bin_ms].
    channels : ndarray of int
    n_channels, bins : int
    bin_ms : float

    Returns
    -------
    ndarray, shape (n_channels, bins)
        Spikes per ms.
    """
    counts = np.zeros((n_channels, bins))
    index = np.ceil(np.asarray(times) / bin_ms - 1e-6).astype(int) - 1
    inside = (index >= 0) & (index < bins)
    np.add.at(counts, (np.asarray(channels, dtype=int)[inside], index[inside]), 1.0)
    return gaussian_filter1d(counts / bin_ms, _kernel_sd(bin_ms), axis=1, mode="nearest")


def _kernel_sd(bin_ms: float) -> float:
    """Standard deviation of the kernel in bins."""
    return max(KERNEL_SD, LEAST_SD_MS / bin_ms)


def target_rates(pattern: np.ndarray, step_ms: float) -> np.ndarray:
    """The pattern as rates between 0 and 1, smoothed like the spikes; shape (channels, bins of one cycle)."""
    return gaussian_filter1d(np.repeat(pattern, BINS_PER_STEP, axis=1), _kernel_sd(step_ms / BINS_PER_STEP), axis=1, mode="wrap")


def cyclic_notes(rates: np.ndarray) -> list[tuple[int, int, int]]:
    """Notes of one cycle, taken as periodic: stretches of a quarter of a step or more above the threshold.

    Parameters
    ----------
    rates : ndarray, shape (channels, bins)

    Returns
    -------
    list of (channel, onset, duration)
        In bins; a channel that is always on is one note from 0 over the whole cycle.
    """
    n = rates.shape[1]
    notes = []
    for channel, on in enumerate(rates > THRESHOLD):
        if on.all():
            notes.append((channel, 0, n))
            continue
        for onset in np.flatnonzero(on & ~np.roll(on, 1)):
            duration = int(np.argmin(np.roll(on, -onset)))
            if duration >= BINS_PER_STEP / 4:
                notes.append((channel, int(onset), duration))
    return notes


def count_hits(found: list[tuple[int, int, int]], wanted: list[tuple[int, int, int]], n: int) -> int:
    """Number of wanted notes that are found, one to one: same channel, onset and offset within one step, around a cycle of n bins."""

    def apart(a: int, b: int) -> int:
        return min((a - b) % n, (b - a) % n)

    left, hits = list(found), 0
    for channel, onset, duration in wanted:
        near = [
            note
            for note in left
            if note[0] == channel and apart(note[1], onset) <= BINS_PER_STEP and apart(sum(note[1:]), onset + duration) <= BINS_PER_STEP
            and (note[2] == n) == (duration == n)
        ]  # fmt: skip
        if near:
            left.remove(min(near, key=lambda note: apart(note[1], onset)))
            hits += 1
    return hits


@dataclass(frozen=True)
class NoteScores:
    """Notes played, wanted, and both, over all cycles together."""

    played: int
    wanted: int
    hits: int

    @property
    def precision(self) -> float:
        """Share of the notes played that are right; when none is played, 1 if none is wanted, else 0."""
        return self.hits / self.played if self.played else float(not self.wanted)

    @property
    def recall(self) -> float:
        """Share of the wanted notes that are played; when none is wanted, 1 if none is played, else 0."""
        return self.hits / self.wanted if self.wanted else float(not self.played)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 1 when there is nothing to play and nothing is played."""
        total = self.played + self.wanted
        return 2 * self.hits / total if total else 1.0


def note_scores(
    times: np.ndarray, channels: np.ndarray, pattern: np.ndarray, step_ms: float, cycles: int, spikes_per_rate: float = 1.0
) -> NoteScores:
    """Count the notes played, from spikes alone.

    Each cycle is aligned at the best shift of its kernel rates. A note is a stretch above 0.45 K spikes per ms; it is right when its
    channel is, and its onset and offset lie within one step of those in the pattern.

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
    NoteScores
    """
    target = target_rates(pattern, step_ms)
    n = target.shape[1]
    rates = kernel_rates(times, channels, len(pattern), (cycles + 1) * n, step_ms / BINS_PER_STEP) / spikes_per_rate
    wanted = cyclic_notes(target)
    hits = played = 0
    for cycle in range(cycles):
        piece = rates[:, cycle * n : (cycle + 2) * n]
        shift = int(np.argmin(errors_over_shifts(piece, target)))
        found = cyclic_notes(piece[:, shift : shift + n])
        hits += count_hits(found, wanted, n)
        played += len(found)
    return NoteScores(played, cycles * len(wanted), hits)


def note_f1(
    times: np.ndarray, channels: np.ndarray, pattern: np.ndarray, step_ms: float, cycles: int, spikes_per_rate: float = 1.0
) -> float:
    """F1 score of the notes played, in [0, 1]; arguments as of `note_scores`."""
    return note_scores(times, channels, pattern, step_ms, cycles, spikes_per_rate).f1
