"""The period at which a population repeats itself, from its spikes alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import neo
import numpy as np
import quantities as pq
from scipy.signal import find_peaks

from elise_pynn.analysis.rates import KERNEL_SD, firing_rates
from elise_pynn.analysis.trains import is_silent

#: time between the population vectors that are compared; the period is interpolated between them
RESOLUTION = 2.0 * pq.ms
#: a repeat is at least so similar in all moments but this share of them
EXCEPTIONS = 0.1
#: periods are sought from so many kernel widths on, where a spike does not reach itself any more, up to this share of the recording
SHORTEST_SD, LONGEST_SHARE = 6.0, 0.4
#: a peak stands out by this share of its height; a shorter period is preferred when it is this much as similar as the best
PROMINENCE, AS_GOOD = 0.5, 0.8
#: surrogates; the recording must exceed all of them, so that chance does it with probability 1 / (surrogates + 1)
SURROGATES = 39
#: rows of the similarity matrix that are computed at once
BLOCK = 512


def similarity_over_lags(vectors: np.ndarray, longest: int) -> np.ndarray:
    """Similarity of the population to itself some time later.

    Parameters
    ----------
    vectors : ndarray, shape (samples, neurons)
        Rates.
    longest : int
        Longest lag in samples, below the number of samples.

    Returns
    -------
    ndarray, shape (samples, longest + 1)
        Cosine between the population vectors, less their mean, at t and t + lag; nan beyond the end. All 0 when nothing changes.

    Notes
    -----
    Diagonals of ASSET's intersection matrix: Torre et al., PLoS Comput. Biol. 12 (2016), e1004939, with kernel rates in place of bins.
    """
    x = vectors - vectors.mean(axis=0)
    size = np.linalg.norm(x, axis=1, keepdims=True)
    x = np.divide(x, size, out=np.zeros_like(x), where=size > 1e-12 * max(size.max(), 1e-300))
    samples = len(x)
    padded = np.vstack([x, np.full((longest + BLOCK, x.shape[1]), np.nan)])
    similarity = np.empty((samples, longest + 1))
    for begin in range(0, samples, BLOCK):
        rows = x[begin : begin + BLOCK]
        product = rows @ padded[begin : begin + len(rows) + longest].T
        row, column = product.strides
        # row r from its diagonal on: lags 0 .. longest
        similarity[begin : begin + len(rows)] = np.lib.stride_tricks.as_strided(product, (len(rows), longest + 1), (row + column, column))
    return similarity


def repeat_profile(
    trains: Sequence[neo.SpikeTrain], kernel_sd: pq.Quantity = KERNEL_SD, resolution: pq.Quantity = RESOLUTION
) -> tuple[pq.Quantity, np.ndarray, np.ndarray]:
    """How similar a population is to itself, over lags.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain
        Of one beginning and one end.
    kernel_sd, resolution : Quantity
        Of the rates that are compared, times.

    Returns
    -------
    lags : Quantity
        From 0 to half of the recording, ms.
    mean : ndarray
        Mean similarity (`similarity_over_lags`) over time, in [-1, 1].
    lowest : ndarray
        What the similarity exceeds in all but a tenth of the time: near 1 only if everything comes back, however often parts of it do.
    """
    rates = firing_rates(trains, kernel_sd, resolution)
    longest = len(rates) // 2
    similarity = similarity_over_lags(rates.magnitude, longest)
    mean, lowest = np.nanmean(similarity, axis=0), np.nanquantile(similarity, EXCEPTIONS, axis=0)
    return np.arange(longest + 1) * resolution.rescale(pq.ms), mean, lowest


def find_period(
    trains: Sequence[neo.SpikeTrain],
    kernel_sd: pq.Quantity = KERNEL_SD,
    resolution: pq.Quantity = RESOLUTION,
    surrogates: int = SURROGATES,
    seed: int = 0,
) -> pq.Quantity | None:
    """The period at which a population repeats itself.

    The smallest lag at which the mean similarity peaks and nearly all moments are as similar as at the best lag, if they are more
    similar than at any lag in surrogates whose intervals between spikes are shuffled.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain
        Of one beginning and one end; the recording must hold two and a half periods.
    kernel_sd : Quantity
        Time scale on which the activity must come back. Periods below six times as much are not found.
    resolution : Quantity
        A time, at most `kernel_sd`.
    surrogates : int
    seed : int
        Of the surrogates.

    Returns
    -------
    Quantity or None
        ms; None when nothing repeats, in silence, and without trains.

    Notes
    -----
    Surrogates by `elephant.spike_train_surrogates.shuffle_isis`. They tell repetition from a chance of the intervals; against slow
    common changes of rate it helps that nearly all moments must come back.
    """
    if is_silent(trains):
        return None
    lags, mean, lowest = repeat_profile(trains, kernel_sd, resolution)
    step = float(lags[1]) if len(lags) > 1 else 1.0
    first = int(np.ceil(SHORTEST_SD * float(kernel_sd.rescale(pq.ms)) / step))
    last = int(2 * LONGEST_SHARE * (len(lags) - 1))
    peaks, properties = find_peaks(mean, prominence=0)
    keep = (peaks >= first) & (peaks <= last) & (properties["prominences"] >= PROMINENCE * np.abs(mean[peaks])) & (lowest[peaks] > 0)
    peaks = peaks[keep]
    if not len(peaks):
        return None
    best = peaks[lowest[peaks] >= AS_GOOD * lowest[peaks].max()][0]
    if any(chance[first : last + 1].max() >= lowest[best] for chance in _surrogate_profiles(trains, kernel_sd, resolution, surrogates, seed)):
        return None
    left, top, right = mean[best - 1 : best + 2]
    return (best + 0.5 * (left - right) / (left - 2 * top + right)) * step * pq.ms


def _surrogate_profiles(
    trains: Sequence[neo.SpikeTrain], kernel_sd: pq.Quantity, resolution: pq.Quantity, number: int, seed: int
) -> Iterator[np.ndarray]:
    from elephant.spike_train_surrogates import shuffle_isis

    # shuffled intervals add up to the last spike but for rounding: leave it room before the end
    roomy = [neo.SpikeTrain(train.times, t_start=train.t_start, t_stop=train.t_stop + resolution) for train in trains]
    with _seeded(seed):
        shuffled = [shuffle_isis(train, n_surrogates=number) for train in roomy]
    for i in range(number):
        yield repeat_profile([surrogate[i] for surrogate in shuffled], kernel_sd, resolution)[2]


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed numpy's global generator, which Elephant draws from, and give it back as it was."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
