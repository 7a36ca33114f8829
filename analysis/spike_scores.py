"""Scores of a replay from spikes alone, for cells whose somata cannot be recorded: stock cells and chips."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter1d

from elise_pynn.analysis.notes import note_f1
from elise_pynn.analysis.scores import ReplayScores, score_replay

#: standard deviation of the Gaussian kernel for spikes and target alike, in ms
KERNEL_SD_MS = 4.0


@dataclass(frozen=True)
class SpikeScores:
    """Scores of consecutive replay cycles from spikes.

    Attributes
    ----------
    replay : ReplayScores
        Of kernel rates against the target smoothed alike, each cycle at its best shift.
    note_f1 : float or None
        None when the target has no notes.
    spikes_per_cycle : float
        Of all spikes given.
    """

    replay: ReplayScores
    note_f1: float | None
    spikes_per_cycle: float

    @property
    def sustained(self) -> bool:
        """Whether every cycle keeps a correlation of 0.8 or more."""
        return self.replay.sustained_cycles == self.replay.cycles

    def reaches(self, correlation: float, f1: float) -> bool:
        """Whether every cycle is sustained, and median correlation and note F1 are at least this."""
        return self.sustained and self.replay.median_correlation >= correlation and (self.note_f1 is None or self.note_f1 >= f1)

    def in_words(self) -> str:
        """The scores in a few words."""
        f1 = "" if self.note_f1 is None else f", note F1 {self.note_f1:.3f}"
        return (
            f"{self.replay.sustained_cycles} of {self.replay.cycles} cycles sustained, correlation {self.replay.median_correlation:.3f}{f1}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, fit for JSON."""
        return {**self.replay.to_dict(), "note_f1": self.note_f1, "spikes_per_cycle": self.spikes_per_cycle}


def score_spikes(
    times: np.ndarray,
    neurons: np.ndarray,
    target: np.ndarray,
    interval: float,
    cycles: int,
    pattern: np.ndarray | None = None,
    step_ms: float = 10.0,
    spikes_per_rate: float = 1.0,
) -> SpikeScores:
    """Score a replay from its spikes.

    Parameters
    ----------
    times : ndarray
        ms from the start of the replay, in (0, (cycles + 1) period].
    neurons : ndarray of int
        Neuron of each spike; the first ones are the channels, in order, the others only count as spikes.
    target : ndarray, shape (channels, samples)
        Rates of one cycle in 1/ms.
    interval : float
        Sampling interval of the target in ms.
    cycles : int
        Cycles that are scored; the spikes are of one more, which only serves shifts.
    pattern : ndarray, shape (channels, steps), optional
        Notes, when the target has any.
    step_ms : float
        Step of the pattern.
    spikes_per_rate : float
        K.

    Returns
    -------
    SpikeScores
    """
    channels, samples = target.shape
    counts = np.zeros((channels, (cycles + 1) * samples))
    bins = np.ceil(np.asarray(times) / interval - 1e-6).astype(int) - 1
    heard = (np.asarray(neurons) < channels) & (bins >= 0) & (bins < counts.shape[1])
    np.add.at(counts, (np.asarray(neurons)[heard], bins[heard]), 1.0)
    sd = KERNEL_SD_MS / interval
    rates = gaussian_filter1d(counts / (interval * spikes_per_rate), sd, axis=1, mode="nearest")
    scores = score_replay(rates, gaussian_filter1d(target, sd, axis=1, mode="wrap"), interval)
    f1 = None
    if pattern is not None:
        f1 = note_f1(np.asarray(times)[heard], np.asarray(neurons)[heard], pattern, step_ms, cycles, spikes_per_rate)
    return SpikeScores(scores, f1, len(times) / (cycles + 1))
