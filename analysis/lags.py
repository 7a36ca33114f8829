"""By how much one population follows another."""

from __future__ import annotations

from collections.abc import Sequence

import neo
import numpy as np
import quantities as pq

from elise_pynn.analysis.trains import is_silent, pooled

BIN, WINDOW = 1.0 * pq.ms, 50.0 * pq.ms


def cross_correlation_lag(
    trains: Sequence[neo.SpikeTrain], others: Sequence[neo.SpikeTrain], bin_size: pq.Quantity = BIN, window: pq.Quantity = WINDOW
) -> pq.Quantity | None:
    """Lag at which the spikes of two populations, each taken together, are most correlated.

    Parameters
    ----------
    trains, others : sequence of neo.SpikeTrain
        Of one beginning and one end.
    bin_size : Quantity
        Resolution, a time.
    window : Quantity
        Longest lag to either side.

    Returns
    -------
    Quantity or None
        ms, positive when `others` follow; the smallest such lag. None when one of them is silent or fires evenly.

    Notes
    -----
    Perkel, Gerstein & Moore, Biophys. J. 7 (1967): the coefficient of `elephant.spike_train_correlation.cross_correlation_histogram`,
    corrected for the overlap, which falls with the lag.
    """
    if is_silent(trains) or is_silent(others):
        return None
    from elephant.conversion import BinnedSpikeTrain
    from elephant.spike_train_correlation import cross_correlation_histogram

    begin, width = (float(time.rescale(pq.ms)) for time in (pooled(trains).t_start, bin_size))
    bins = int((float(pooled(trains).t_stop) - begin) / width + 1e-9)
    reach = min(round(float(window.rescale(pq.ms)) / width), bins - 1)
    # a spike at the end of a time step belongs to it: bins hold what lies in (begin, end]
    shifted = [
        neo.SpikeTrain(p.times - 1e-6 * width * pq.ms, t_start=p.t_start - width * pq.ms, t_stop=p.t_stop)
        for p in map(pooled, (trains, others))
    ]
    one, two = (BinnedSpikeTrain(train, bin_size=width * pq.ms, n_bins=bins, t_start=begin * pq.ms) for train in shifted)
    if any(np.ptp(binned.to_array()) == 0 for binned in (one, two)):
        return None
    histogram, lags = cross_correlation_histogram(
        one, two, window=[-reach, reach], border_correction=True, cross_correlation_coefficient=True
    )
    correlation = histogram.magnitude.ravel()
    best = np.flatnonzero(correlation >= correlation.max() - 1e-12)
    return float(lags[best[np.argmin(np.abs(lags[best]))]]) * width * pq.ms
