"""Dimensionality of a population's activity."""

from __future__ import annotations

from collections.abc import Sequence

import neo
import numpy as np
import quantities as pq

from elise_pynn.analysis.rates import KERNEL_SD, firing_rates


def participation_ratio(trains: Sequence[neo.SpikeTrain], kernel_sd: pq.Quantity = KERNEL_SD) -> float | None:
    """Number of dimensions in which the rates of a population vary.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain
        Of one beginning and one end.
    kernel_sd : Quantity
        Of the rates, a time.

    Returns
    -------
    float or None
        (sum of l)^2 / (sum of l^2) for the eigenvalues l of the covariance of rates: 1 when all vary together, the number of neurons when
        they vary alike and independently. None when no rate varies.

    Notes
    -----
    Gao & Ganguli, Curr. Opin. Neurobiol. 32 (2015); Abbott, Rajan & Sompolinsky in The Dynamic Brain (2011).
    """
    if not trains:
        return None
    rates = firing_rates(trains, kernel_sd).magnitude
    covariance = np.atleast_2d(np.cov(rates, rowvar=False))
    total = float(np.trace(covariance))
    # sum of l^2 without the eigenvalues
    return total**2 / float(np.sum(covariance**2)) if total > 0 else None
