"""A cue from spikes: BrainScaleS-2 has no current sources, so spikes from outside stand for the teacher's current.

A current that decays with the synaptic time constant is pushed up by an excitatory and down by an inhibitory spike whenever it is half
a spike away from what it should be.
"""

from __future__ import annotations

import numpy as np
from numba import njit


def cue_events(current: np.ndarray, quantum: float, tau_syn: float, timestep: float, cycles: int) -> np.ndarray:
    """Spikes that make a current.

    Parameters
    ----------
    current : ndarray, shape (channels, steps)
        What is wanted in a cycle, in spans.
    quantum : float
        What a spike brings, in spans.
    tau_syn, timestep : float
        ms.
    cycles : int

    Returns
    -------
    ndarray of int, shape (spikes, 2)
        Step of arrival, from 1, and source: channel c is excited by source c and inhibited by source channels + c. After the last
        cycle the current is brought to zero.
    """
    wanted = np.concatenate([np.tile(current, cycles), np.zeros((len(current), 1))], axis=1)
    return _pushes(np.ascontiguousarray(wanted), quantum, float(np.exp(-timestep / tau_syn)))


@njit(cache=True)
def _pushes(wanted, quantum, decay):
    channels, steps = wanted.shape
    events = [(0, 0) for _ in range(0)]
    present = np.zeros(channels)
    for step in range(steps):
        for c in range(channels):
            present[c] *= decay
            lacking = round((wanted[c, step] - present[c]) / quantum)
            if step < steps - 1:
                lacking = min(max(lacking, -1), 1)
            for _ in range(abs(lacking)):
                events.append((step + 1, c if lacking > 0 else channels + c))
            present[c] += quantum * lacking
    found = np.empty((len(events), 2), dtype=np.int64)
    for k, (step, source) in enumerate(events):
        found[k] = step, source
    return found


def cue_weights(cells: int, channels: int, quantum: float) -> np.ndarray:
    """Weights of the sources of `cue_events` onto the cells, shape (cells, 2 channels), in spans."""
    weights = np.zeros((cells, 2 * channels))
    for c in range(channels):
        weights[c, c], weights[c, channels + c] = quantum, -quantum
    return weights
