"""Intervals between spikes and how irregular they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import neo
import numpy as np
import quantities as pq


@dataclass(frozen=True)
class Irregularity:
    """Statistics of the intervals between spikes, one value per neuron; nan where there are too few spikes.

    Attributes
    ----------
    rate : Quantity
        Spikes by duration, Hz.
    mean_interval : Quantity
        ms; needs two spikes.
    cv : ndarray
        Standard deviation by mean; needs three spikes. 1 for Poisson spikes, 0 for regular ones.
    cv2 : ndarray
        Mean of 2 |I' - I| / (I' + I) over neighbouring intervals; needs three spikes. Like `cv`, but blind to slow changes of rate.
    lv : ndarray
        Mean of 3 (I' - I)^2 / (I' + I)^2; needs three spikes. 1 for Poisson spikes.
    """

    rate: pq.Quantity
    mean_interval: pq.Quantity
    cv: np.ndarray
    cv2: np.ndarray
    lv: np.ndarray


def intervals(train: neo.SpikeTrain) -> pq.Quantity:
    """Intervals between the spikes of a train.

    Parameters
    ----------
    train : neo.SpikeTrain

    Returns
    -------
    Quantity
        ms, one less than there are spikes. Spikes at the same time count as one: `escape` sends several in a time step.
    """
    from elephant.statistics import isi

    return isi(np.unique(train.rescale(pq.ms).magnitude) * pq.ms)


def irregularity(trains: Sequence[neo.SpikeTrain]) -> Irregularity:
    """Interval statistics of each train.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain

    Returns
    -------
    Irregularity

    Notes
    -----
    By `elephant.statistics`. CV2: Holt et al., J. Neurophysiol. 75 (1996). LV: Shinomoto, Shima & Tanji, Neural Comput. 15 (2003).
    """
    from elephant.statistics import cv, cv2, lv, mean_firing_rate

    found = [intervals(train).magnitude for train in trains]
    rate = [float(mean_firing_rate(train).rescale(pq.Hz)) if len(train) else 0.0 for train in trains]
    mean = [float(i.mean()) if len(i) else np.nan for i in found]
    measures = (np.array([float(measure(i)) if len(i) > 1 else np.nan for i in found]) for measure in (cv, cv2, lv))
    return Irregularity(np.array(rate) * pq.Hz, np.array(mean) * pq.ms, *measures)
