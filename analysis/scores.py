"""How well a network plays its sequence: MSE, correlation, best shift, drift, sustained cycles.

Definitions as in the ELiSe paper (arXiv:2402.16763): rates are phi(u) of the visible somata, compared with phi(u*) of the target.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

#: a cycle with at least this correlation counts as sustained
SUSTAINED = 0.8


def mean_squared_error(rates: np.ndarray, target: np.ndarray) -> float:
    """Mean over channels and samples of (rates - target)^2, both of shape (channels, samples) in 1/ms."""
    return float(np.mean((rates - target) ** 2))


def correlation(rates: np.ndarray, target: np.ndarray) -> float:
    """Pearson correlation per channel, averaged over channels.

    A channel with a constant target does not count; one with a constant rate counts as 0.

    Parameters
    ----------
    rates, target : ndarray, shape (channels, samples)

    Returns
    -------
    float
        In [-1, 1]; 0 when no channel counts.
    """
    x = rates - rates.mean(axis=1, keepdims=True)
    y = target - target.mean(axis=1, keepdims=True)
    norm_x, norm_y = np.linalg.norm(x, axis=1), np.linalg.norm(y, axis=1)
    counts = norm_y > 1e-12
    if not counts.any():
        return 0.0
    valid = norm_x > 1e-12
    r = np.where(valid, np.sum(x * y, axis=1) / np.where(valid, norm_x, 1) / np.where(counts, norm_y, 1), 0.0)
    return float(r[counts].mean())


def errors_over_shifts(rates: np.ndarray, target: np.ndarray) -> np.ndarray:
    """MSE between the target and the rates that begin s samples later, for s = 0 .. samples - 1.

    Parameters
    ----------
    rates : ndarray, shape (channels, 2 * samples)
    target : ndarray, shape (channels, samples)

    Returns
    -------
    ndarray, shape (samples,)
    """
    n = target.shape[1]
    size = next_fast_len(2 * n, real=True)
    product = irfft(rfft(rates, size) * np.conj(rfft(target, size)), size)[:, :n].sum(axis=0)
    sums = np.concatenate([[0.0], np.cumsum(np.sum(rates**2, axis=0))])
    energy = sums[n : 2 * n] - sums[:n]
    return (energy - 2 * product + np.sum(target**2)) / target.size


@dataclass(frozen=True)
class ReplayScores:
    """Scores of consecutive replay cycles, each at its best shift.

    Attributes
    ----------
    mse, correlation, shift_ms : list of float
        One per cycle. The shift is in [0, period): the replay lags its cycle's start by so much.
    drift_ms_per_cycle : float
        Median growth of the shift per cycle.
    """

    cycles: int
    sustained_cycles: int
    mse: list[float]
    correlation: list[float]
    shift_ms: list[float]
    median_mse: float
    median_correlation: float
    drift_ms_per_cycle: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, fit for JSON."""
        return asdict(self)


def score_replay(rates: np.ndarray, target: np.ndarray, interval: float) -> ReplayScores:
    """Score each cycle of a replay at its best shift.

    Parameters
    ----------
    rates : ndarray, shape (channels, (cycles + 1) * samples)
        1/ms; the last cycle only serves shifts into the following samples.
    target : ndarray, shape (channels, samples)
        1/ms, one cycle.
    interval : float
        Sampling interval in ms.

    Returns
    -------
    ReplayScores
        ``sustained_cycles`` counts cycles from the first one until the correlation falls below `SUSTAINED`.
    """
    n = target.shape[1]
    cycles = rates.shape[1] // n - 1
    mse, corr, shifts = [], [], []
    for cycle in range(cycles):
        piece = rates[:, cycle * n : (cycle + 2) * n]
        shift = int(np.argmin(errors_over_shifts(piece, target)))
        best = piece[:, shift : shift + n]
        mse.append(mean_squared_error(best, target))
        corr.append(correlation(best, target))
        shifts.append(shift * interval)
    lost = np.flatnonzero(np.array(corr) < SUSTAINED)
    return ReplayScores(
        cycles=cycles,
        sustained_cycles=int(lost[0]) if len(lost) else cycles,
        mse=mse,
        correlation=corr,
        shift_ms=shifts,
        median_mse=float(np.median(mse)) if cycles else float("nan"),
        median_correlation=float(np.median(corr)) if cycles else float("nan"),
        drift_ms_per_cycle=drift(np.array(shifts), n * interval),
    )


def drift(shifts: np.ndarray, period: float) -> float:
    """Median growth per cycle of cyclic shifts in ms; steps are taken the short way round. 0 for fewer than two cycles."""
    if len(shifts) < 2:
        return 0.0
    steps = np.diff(shifts)
    return float(np.median((steps + period / 2) % period - period / 2))
