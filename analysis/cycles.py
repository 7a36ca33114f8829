"""Cutting spike trains into cycles."""

from __future__ import annotations

from collections.abc import Sequence

import neo
import numpy as np
import quantities as pq


def cut_cycles(trains: Sequence[neo.SpikeTrain], period: pq.Quantity) -> list[list[neo.SpikeTrain]]:
    """Cut spike trains into cycles that all begin at 0.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain
        Of one beginning and one end.
    period : Quantity
        A time.

    Returns
    -------
    list of list of neo.SpikeTrain
        Trains of each whole cycle, in ms, spikes in (0, period]: a spike at the end of a time step belongs to it.

    Raises
    ------
    ValueError
        When the period is not positive.
    """
    length = float(period.rescale(pq.ms))
    if not length > 0:
        raise ValueError(f"the period is {period}: give a positive time.")
    if not trains:
        return []
    begin, end = (float(limit.rescale(pq.ms)) for limit in (trains[0].t_start, trains[0].t_stop))
    cycles: list[list[neo.SpikeTrain]] = []
    times = [np.sort(train.rescale(pq.ms).magnitude) - begin for train in trains]
    for cycle in range(int((end - begin) / length + 1e-9)):
        low, high = cycle * length, (cycle + 1) * length
        # rounding may put a spike of the grid just beyond a border
        pieces = [t[(t > low + 1e-6) & (t <= high + 1e-6)] - low for t in times]
        cycles.append([neo.SpikeTrain(np.clip(piece, 0, length) * pq.ms, t_stop=length * pq.ms) for piece in pieces])
    return cycles
