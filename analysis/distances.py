"""Distances between spike trains on scales of milliseconds."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import neo
import numpy as np
import quantities as pq

#: time scale of the distances; in Victor and Purpura's a spike moves by twice as much at most before it is replaced
TIME_SCALE = 10.0 * pq.ms


def van_rossum_distances(
    trains: Sequence[neo.SpikeTrain], others: Sequence[neo.SpikeTrain], time_constant: pq.Quantity = TIME_SCALE
) -> np.ndarray:
    """Van Rossum's distance between each train and its partner.

    Parameters
    ----------
    trains, others : sequence of neo.SpikeTrain
        Partners at the same place.
    time_constant : Quantity
        Of the exponential filter, a time.

    Returns
    -------
    ndarray, shape (trains,)
        Dimensionless. Between a silent train and one of n spikes far apart it is sqrt(n); 0 between silent ones.

    Raises
    ------
    ValueError
        When the numbers of trains differ.

    Notes
    -----
    van Rossum, Neural Comput. 13 (2001), times sqrt(2): `elephant.spike_train_dissimilarity.van_rossum_distance`.
    """
    from elephant.spike_train_dissimilarity import van_rossum_distance

    return _pairwise(trains, others, lambda pair: van_rossum_distance(pair, time_constant=time_constant))


def victor_purpura_distances(
    trains: Sequence[neo.SpikeTrain], others: Sequence[neo.SpikeTrain], time_scale: pq.Quantity = TIME_SCALE
) -> np.ndarray:
    """Victor and Purpura's distance between each train and its partner.

    Parameters
    ----------
    trains, others : sequence of neo.SpikeTrain
        Partners at the same place.
    time_scale : Quantity
        1 / q: moving a spike by so much costs as much as inserting or deleting one, 1.

    Returns
    -------
    ndarray, shape (trains,)
        Dimensionless; at most the number of spikes of both trains.

    Raises
    ------
    ValueError
        When the numbers of trains differ.

    Notes
    -----
    Victor & Purpura, J. Neurophysiol. 76 (1996): `elephant.spike_train_dissimilarity.victor_purpura_distance`.
    """
    from elephant.spike_train_dissimilarity import victor_purpura_distance

    return _pairwise(trains, others, lambda pair: victor_purpura_distance(pair, cost_factor=(1.0 / time_scale).rescale(pq.Hz)))


def _pairwise(
    trains: Sequence[neo.SpikeTrain], others: Sequence[neo.SpikeTrain], matrix: Callable[[list[neo.SpikeTrain]], np.ndarray]
) -> np.ndarray:
    if len(trains) != len(others):
        raise ValueError(f"{len(trains)} spike trains cannot be compared one by one with {len(others)}.")
    # in seconds rounding can make squared distances negative
    return np.array([float(matrix([a.rescale(pq.ms), b.rescale(pq.ms)])[0, 1]) for a, b in zip(trains, others, strict=True)])
