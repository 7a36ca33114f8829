"""Note-level precision, recall and F1 of spike trains."""

from __future__ import annotations

from collections.abc import Sequence

import neo
import numpy as np
import quantities as pq

from elise_pynn.analysis.notes import NoteScores, note_scores


def score_notes(trains: Sequence[neo.SpikeTrain], pattern: np.ndarray, step: pq.Quantity, spikes_per_rate: float = 1.0) -> NoteScores:
    """Count the notes that spike trains play.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain
        One per channel, of one beginning and one end; the last whole cycle only serves shifts of the one before.
    pattern : ndarray, shape (channels, steps)
    step : Quantity
        A time.
    spikes_per_rate : float
        K.

    Returns
    -------
    NoteScores

    Raises
    ------
    ValueError
        When there is not one train for each channel, or the trains are shorter than two cycles.
    """
    if len(trains) != len(pattern):
        raise ValueError(f"{len(trains)} spike trains cannot play {len(pattern)} channels.")
    step_ms = float(step.rescale(pq.ms))
    begin, end = (float(limit.rescale(pq.ms)) for limit in (trains[0].t_start, trains[0].t_stop))
    cycles = int((end - begin) / (step_ms * pattern.shape[1]) + 1e-9) - 1
    if cycles < 1:
        raise ValueError("the spike trains are shorter than two cycles, of which the last one only serves shifts.")
    times = [train.rescale(pq.ms).magnitude - begin for train in trains]
    channels = np.repeat(np.arange(len(trains)), [len(t) for t in times])
    return note_scores(np.concatenate(times), channels, pattern, step_ms, cycles, spikes_per_rate)
