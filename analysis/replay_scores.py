"""Scores of a replay in a neo recording: what `analysis/scores.py` computes, with quantities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import neo
import numpy as np
import quantities as pq

from elise_pynn.analysis.rates import firing_rates
from elise_pynn.analysis.scores import score_replay
from elise_pynn.analysis.trains import choose_segment

#: signal of a recording that is scored
RATE = "rate"


@dataclass(frozen=True)
class RecordedScores:
    """Scores of consecutive replay cycles, each at its best shift.

    Attributes
    ----------
    cycles, sustained_cycles : int
    mse : Quantity, shape (cycles,)
        1/ms^2.
    correlation : ndarray, shape (cycles,)
    shift : Quantity, shape (cycles,)
        ms.
    drift : Quantity
        Median growth of the shift per cycle, ms.
    """

    cycles: int
    sustained_cycles: int
    mse: pq.Quantity
    correlation: np.ndarray
    shift: pq.Quantity
    drift: pq.Quantity


def score_signal(signal: neo.AnalogSignal, target: neo.AnalogSignal) -> RecordedScores:
    """Score each cycle of recorded rates at its best shift.

    Parameters
    ----------
    signal : neo.AnalogSignal, shape ((cycles + 1) * samples, channels)
        Rates; the last cycle only serves shifts.
    target : neo.AnalogSignal, shape (samples, channels)
        One cycle, sampled alike.

    Returns
    -------
    RecordedScores

    Raises
    ------
    ValueError
        When channels or sampling differ, or the signal is shorter than two cycles.

    Notes
    -----
    MSE, correlation, drift and sustained cycles as in arXiv:2402.16763; see `elise_pynn.analysis.scores`.
    """
    if signal.shape[1] != target.shape[1]:
        raise ValueError(f"the signal has {signal.shape[1]} channels, the target {target.shape[1]}.")
    interval = float(target.sampling_period.rescale(pq.ms))
    if not np.isclose(float(signal.sampling_period.rescale(pq.ms)), interval, rtol=1e-6):
        raise ValueError(f"the signal is sampled every {signal.sampling_period.rescale(pq.ms)}, the target every {interval} ms.")
    if len(signal) < 2 * len(target):
        raise ValueError("the signal is shorter than two cycles, of which the last one only serves shifts.")
    rates, wanted = (s.rescale(1 / pq.ms).magnitude.T for s in (signal, target))
    scores = score_replay(rates, wanted, interval)
    return RecordedScores(
        cycles=scores.cycles,
        sustained_cycles=scores.sustained_cycles,
        mse=np.array(scores.mse) / pq.ms**2,
        correlation=np.array(scores.correlation),
        shift=np.array(scores.shift_ms) * pq.ms,
        drift=scores.drift_ms_per_cycle * pq.ms,
    )


def score_block(recording: neo.Block | neo.Segment, target: neo.AnalogSignal, segment: str | None = None) -> RecordedScores:
    """Score the rates that are recorded in a Block.

    Parameters
    ----------
    recording : neo.Block or neo.Segment
        With an AnalogSignal ``rate``, as in our recordings or as PyNN returns it for cells that record ``rate``.
    target : neo.AnalogSignal, shape (samples, channels)
        One cycle.
    segment : str, optional
        As in `elise_pynn.analysis.trains.choose_segment`.

    Returns
    -------
    RecordedScores

    Raises
    ------
    ValueError
        When there is no such signal, and as `score_signal`.
    """
    signals = choose_segment(recording, segment).analogsignals
    found = [signal for signal in signals if signal.name == RATE]
    if not found:
        raise ValueError(f"there is no signal {RATE!r} in the recording; there are {[signal.name for signal in signals]}.")
    return score_signal(found[0], target)


def score_trains(trains: Sequence[neo.SpikeTrain], target: neo.AnalogSignal, spikes_per_rate: float = 1.0) -> RecordedScores:
    """Score kernel rates of spike trains, for recordings without rates.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain
        One per channel, of one beginning and one end.
    target : neo.AnalogSignal, shape (samples, channels)
        One cycle.
    spikes_per_rate : float
        K: rates are divided by it.

    Returns
    -------
    RecordedScores

    Raises
    ------
    ValueError
        As `score_signal`.
    """
    return score_signal(firing_rates(trains, sampling_period=target.sampling_period) / spikes_per_rate, target)
