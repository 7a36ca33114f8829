"""How similar a population is to itself some time later."""

from __future__ import annotations

from collections.abc import Sequence

import neo
import numpy as np
import quantities as pq

from elise_pynn.analysis.rates import KERNEL_SD, firing_rates

#: time between the population vectors that are compared
RESOLUTION = 2.0 * pq.ms
#: longest lag that is looked at
LONGEST = 2500.0 * pq.ms
#: similarity is averaged over so many kernel widths, and may be lower in this share of the time
MOMENT_SD, EXCEPTIONS = 5.0, 0.1
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
    ndarray, shape (longest + 1, samples)
        Cosine between the population vectors, less their mean, at t and t + lag; nan beyond the end. All 0 when nothing changes.

    Notes
    -----
    Diagonals of ASSET's intersection matrix: Torre et al., PLoS Comput. Biol. 12 (2016), e1004939, with kernel rates in place of bins.
    """
    x = vectors - vectors.mean(axis=0)
    size = np.linalg.norm(x, axis=1, keepdims=True)
    x = np.divide(x, size, out=np.zeros_like(x), where=size > 1e-12 * max(size.max(), 1e-300))
    padded = np.vstack([x, np.full((longest, x.shape[1]), np.nan)])
    similarity = np.empty((longest + 1, len(x)))
    for begin in range(0, len(x), BLOCK):
        rows = x[begin : begin + BLOCK]
        product = rows @ padded[begin : begin + len(rows) + longest].T
        down, right = product.strides
        # the block's diagonals: lags 0 .. longest from each row's own time on
        diagonals = np.lib.stride_tricks.as_strided(product, (longest + 1, len(rows)), (right, down + right))
        similarity[:, begin : begin + len(rows)] = diagonals
    return similarity


def repeat_profile(
    trains: Sequence[neo.SpikeTrain],
    kernel_sd: pq.Quantity = KERNEL_SD,
    resolution: pq.Quantity = RESOLUTION,
    longest: pq.Quantity = LONGEST,
) -> tuple[pq.Quantity, np.ndarray, np.ndarray]:
    """How similar a population is to itself, over lags.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain
        Of one beginning and one end.
    kernel_sd, resolution : Quantity
        Of the rates that are compared, times.
    longest : Quantity
        Longest lag; memory and time grow with it and with the recording.

    Returns
    -------
    lags : Quantity
        From 0 to `longest` or half of the recording, ms.
    mean : ndarray
        Mean similarity (`similarity_over_lags`) over time, in [-1, 1].
    lowest : ndarray
        What the similarity, averaged over 5 `kernel_sd` as ASSET's filter does along its diagonals, exceeds in all but a tenth of
        the time: near 1 only if everything comes back, however often parts of it do.
    """
    step, sd = (float(time.rescale(pq.ms)) for time in (resolution, kernel_sd))
    vectors = firing_rates(trains, kernel_sd, resolution).magnitude
    width = max(round(MOMENT_SD * sd / step), 1)
    last = max(min(len(vectors) // 2, round(float(longest.rescale(pq.ms)) / step), len(vectors) - width), 0)
    mean, lowest = np.zeros((2, last + 1))
    for lag, row in enumerate(similarity_over_lags(vectors, last)):
        sums = np.concatenate([[0.0], np.cumsum(row[: len(row) - lag])])
        moments = (sums[width:] - sums[:-width]) / width
        mean[lag], lowest[lag] = sums[-1] / (len(sums) - 1), np.quantile(moments, EXCEPTIONS)
    return np.arange(last + 1) * step * pq.ms, mean, lowest
