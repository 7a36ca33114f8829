"""Rates of spike trains by a kernel."""

from __future__ import annotations

from collections.abc import Sequence

import neo
import quantities as pq

#: standard deviation of the Gaussian kernel, that of the note score at steps of 10 ms, and sampling period
KERNEL_SD, SAMPLING_PERIOD = 4.0 * pq.ms, 1.0 * pq.ms


def firing_rates(
    trains: Sequence[neo.SpikeTrain], kernel_sd: pq.Quantity = KERNEL_SD, sampling_period: pq.Quantity = SAMPLING_PERIOD
) -> neo.AnalogSignal:
    """Instantaneous rates by a Gaussian kernel.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain
        Of one beginning and one end; silent ones have the rate 0.
    kernel_sd : Quantity
        Standard deviation of the kernel, a time. It is cut off at five standard deviations.
    sampling_period : Quantity
        A time.

    Returns
    -------
    neo.AnalogSignal, shape (samples, neurons)
        1/ms. Not corrected at the borders: the area is the number of spikes but for what the kernel spreads over them.

    Raises
    ------
    ValueError
        When there are no trains.

    Notes
    -----
    `elephant.statistics.instantaneous_rate`; Nawrot, Aertsen & Rotter, J. Neurosci. Methods 94 (1999).
    """
    if not trains:
        raise ValueError("there are no spike trains to take rates of.")
    from elephant.kernels import GaussianKernel
    from elephant.statistics import instantaneous_rate

    return instantaneous_rate(list(trains), sampling_period=sampling_period, kernel=GaussianKernel(kernel_sd)).rescale(1 / pq.ms)
