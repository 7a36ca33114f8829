"""Synchrony of a population."""

from __future__ import annotations

from collections.abc import Sequence

import neo
import numpy as np
import quantities as pq

#: smallest bin that is tried
SMALLEST_BIN = 1.0 * pq.ms


def spike_contrast(trains: Sequence[neo.SpikeTrain], smallest_bin: pq.Quantity = SMALLEST_BIN) -> float | None:
    """Synchrony of spike trains at the time scale at which it is greatest.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain
    smallest_bin : Quantity
        A time. Bins from half the recording down to it are tried.

    Returns
    -------
    float or None
        In [0, 1], 1 for identical trains of isolated spikes; None for fewer than two trains, or when no train has two spikes.

    Notes
    -----
    Spike-contrast of Ciba et al., J. Neurosci. Methods 293 (2018), `elephant.spike_train_synchrony.spike_contrast`.
    """
    if len(trains) < 2 or all(len(np.unique(train.magnitude)) < 2 for train in trains):
        return None
    from elephant.spike_train_synchrony import spike_contrast as contrast

    return float(contrast([train.rescale(pq.ms) for train in trains], min_bin=smallest_bin))
