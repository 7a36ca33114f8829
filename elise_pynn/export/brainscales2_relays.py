"""Relay neurons: circuits that send on every spike that they get, and thereby delay it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from elise_pynn.export.brainscales2_cells import Circuit
from elise_pynn.export.brainscales2_chip import CHIP, Chip

#: drive in spans that a spike brings: enough for a circuit of half the gain, too little for a second spike of one of twice the gain
KICK = 12.0
#: calibration of a relay: its rest is its reset, its span 30 LSB, and its times are short; the unit follows from the network's
RELAY = Circuit(v_rest=100, v_reset=100, v_thresh=130, tau_m=1.0, tau_syn=0.4, tau_refrac=0.9, unit=0.0)


def relay_circuit(network: Circuit) -> Circuit:
    """The relay's circuit beside a network's: the strength of the synaptic inputs is the same for all circuits of a chip."""
    return replace(RELAY, unit=network.unit * network.span / RELAY.span * RELAY.tau_m / network.tau_m)


def synapses_per_relay(network: Circuit, chip: Chip = CHIP) -> int:
    """Synapses of full weight that bring the kick."""
    return int(np.ceil(KICK / (chip.largest * relay_circuit(network).unit)))


def chained(weights: np.ndarray, relays: np.ndarray) -> np.ndarray:
    """Weights of a network whose neurons act through chains of relays, which follow the neurons in the order of these.

    Parameters
    ----------
    weights : ndarray, shape (neurons, neurons)
        Post x pre, in spans.
    relays : ndarray of int, shape (neurons,)
        Relays behind each neuron.

    Returns
    -------
    ndarray, shape (neurons + relays, neurons + relays)
    """
    n, number = len(weights), int(relays.sum())
    full = np.zeros((n + number, n + number))
    first = n + np.cumsum(relays) - relays
    for j, (begin, k) in enumerate(zip(first, relays, strict=True)):
        chain = [j, *range(begin, begin + k)]
        for source, goal in pairwise(chain):
            full[goal, source] = KICK
        full[:n, chain[-1]] = weights[:, j]
    return full
