"""A cue from spikes: BrainScaleS-2 has no current sources, so spikes from outside stand for the teacher's current.

A current that decays with the synaptic time constant is pushed up by an excitatory and down by an inhibitory spike whenever it is half
a spike away from what it should be.
"""

from __future__ import annotations

import numpy as np


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
    channels, decay = len(current), float(np.exp(-timestep / tau_syn))
    present, events = np.zeros(channels), []
    wanted = np.concatenate([np.tile(current, cycles), np.zeros((channels, 1))], axis=1)
    for step, goal in enumerate(wanted.T, start=1):
        present *= decay
        last = step == wanted.shape[1]
        for sign, first in ((1, 0), (-1, channels)):
            lacking = np.maximum(np.round(sign * (goal - present) / quantum), 0).astype(int)
            number = lacking if last else np.minimum(lacking, 1)
            events += [(step, first + c) for c in range(channels) for _ in range(number[c])]
            present += sign * quantum * number
    return np.array(events, dtype=np.int64).reshape(-1, 2)


def cue_weights(cells: int, channels: int, quantum: float) -> np.ndarray:
    """Weights of the sources of `cue_events` onto the cells, shape (cells, 2 channels), in spans."""
    weights = np.zeros((cells, 2 * channels))
    for c in range(channels):
        weights[c, c], weights[c, channels + c] = quantum, -quantum
    return weights
