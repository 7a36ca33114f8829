"""All quantities of one recording."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import neo
import numpy as np
import quantities as pq

from elise_pynn.analysis.cycles import cut_cycles
from elise_pynn.analysis.dimensionality import participation_ratio
from elise_pynn.analysis.distances import van_rossum_distances, victor_purpura_distances
from elise_pynn.analysis.irregularity import irregularity
from elise_pynn.analysis.lags import cross_correlation_lag
from elise_pynn.analysis.played_notes import score_notes
from elise_pynn.analysis.repeats import find_period
from elise_pynn.analysis.replay_scores import RATE, score_block, score_trains
from elise_pynn.analysis.synchrony import spike_contrast
from elise_pynn.analysis.trains import choose_segment, population_names, population_trains

#: successive cycles that are compared
COMPARED = 4


def describe(
    recording: neo.Block | neo.Segment,
    target: neo.AnalogSignal | None = None,
    pattern: np.ndarray | None = None,
    step: pq.Quantity | None = None,
    spikes_per_rate: float = 1.0,
    segment: str | None = None,
    played_by: str = "visible",
) -> dict[str, Any]:
    """Describe a recording by all that this package computes.

    Parameters
    ----------
    recording : neo.Block or neo.Segment
        From a PyNN backend or from disk.
    target : neo.AnalogSignal, optional
        Rates of one cycle, shape (samples, channels), for the scores.
    pattern : ndarray, shape (channels, steps), optional
        Notes of one cycle and the duration of a step, for the note scores.
    step : Quantity, optional
    spikes_per_rate : float
        K.
    segment : str, optional
        As in `choose_segment`.
    played_by : str
        Population that plays the target; others are related to it.

    Returns
    -------
    dict
        Plain values, fit for JSON, units in the names; None for what is not defined or not asked for. ``populations`` has a
        dictionary for each population, see `describe_population`.

    Raises
    ------
    ValueError
        As the functions that it calls.
    """
    part = choose_segment(recording, segment)
    trains = {name: population_trains(recording, name, segment) for name in population_names(recording, segment)}
    played = trains.get(played_by)
    populations = {name: describe_population(members) for name, members in trains.items()}
    for name, members in trains.items():
        lag = cross_correlation_lag(played, members) if played and name != played_by else None
        populations[name][f"lag_behind_{played_by}_ms"] = None if lag is None else float(lag.rescale(pq.ms))
    scores: dict[str, Any] | None = None
    if target is not None and (played or any(signal.name == RATE for signal in part.analogsignals)):
        scores = _scores(part, played or [], target, spikes_per_rate)
    notes = None
    if pattern is not None and step is not None and played:
        counted = score_notes(played, pattern, step, spikes_per_rate)
        notes = {"precision": counted.precision, "recall": counted.recall, "f1": counted.f1}
    return {"segment": part.name, "scores": scores, "notes": notes, "populations": populations}


def _scores(part: neo.Segment, played: Sequence[neo.SpikeTrain], target: neo.AnalogSignal, spikes_per_rate: float) -> dict[str, Any]:
    recorded = any(signal.name == RATE for signal in part.analogsignals)
    scores = score_block(part, target) if recorded else score_trains(played, target, spikes_per_rate)
    return {
        "cycles": scores.cycles,
        "sustained_cycles": scores.sustained_cycles,
        "median_correlation": float(np.median(scores.correlation)),
        "median_mse_per_ms2": float(np.median(scores.mse.magnitude)),
        "drift_ms_per_cycle": float(scores.drift.rescale(pq.ms)),
    }


def describe_population(trains: Sequence[neo.SpikeTrain]) -> dict[str, Any]:
    """Describe the spikes of a population.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain
        At least one, of one beginning and one end.

    Returns
    -------
    dict
        Plain values: numbers of neurons, medians over neurons of interval statistics, the period at which it repeats itself, mean
        distances of a neuron's spikes between successive cycles of that period, synchrony and dimensionality.
    """
    statistics = irregularity(trains)
    period = find_period(trains)
    cycles = [] if period is None else cut_cycles(trains, period)[: COMPARED + 1]
    pairs = list(pairwise(cycles))
    return {
        "neurons": len(trains),
        "silent_neurons": sum(not len(train) for train in trains),
        "mean_rate_hz": float(statistics.rate.mean()),
        "median_interval_ms": _median(statistics.mean_interval.magnitude),
        "median_cv": _median(statistics.cv),
        "median_cv2": _median(statistics.cv2),
        "median_lv": _median(statistics.lv),
        "period_ms": None if period is None else float(period),
        "van_rossum_between_cycles": float(np.mean([van_rossum_distances(*pair) for pair in pairs])) if pairs else None,
        "victor_purpura_between_cycles": float(np.mean([victor_purpura_distances(*pair) for pair in pairs])) if pairs else None,
        "spike_contrast": spike_contrast(trains),
        "participation_ratio": participation_ratio(trains),
    }


def _median(values: np.ndarray) -> float | None:
    defined = values[np.isfinite(values)]
    return float(np.median(defined)) if len(defined) else None
