"""Dendritic delays that a chip without settable delays can play: that of a connection, or of a chain of relay neurons.

The cells that play are later than the somata that taught them, so a network that is taught with delays a little longer than those that
it plays with keeps its tempo.
"""

from __future__ import annotations

import numpy as np

from elise_pynn.parameters import DelayParameters


def obeying(drawn: np.ndarray, delays: DelayParameters) -> np.ndarray:
    """Dendritic delays for teaching, in ms, that obey the policy: `drawn` ones from low to high choose the numbers of relays."""
    if delays.delay_policy == "drawn":
        return drawn
    relays = np.zeros(len(drawn))
    if delays.delay_policy == "relay" and delays.high > delays.low:
        relays = np.floor((drawn - delays.low) / (delays.high - delays.low) * (delays.relays + 1 - 1e-9))
    return delays.connection_delay + relays * delays.relay_delay + delays.delay_lead


def relays_played(taught: np.ndarray, delays: DelayParameters) -> np.ndarray:
    """Relay neurons behind each neuron of a network that obeys a policy."""
    return relays_needed(taught, delays) if delays.delay_policy == "relay" else np.zeros(len(taught), dtype=np.int64)


def relays_needed(delay_dendritic: np.ndarray, delays: DelayParameters) -> np.ndarray:
    """Relay neurons behind each neuron that come nearest to its dendritic delay, whatever policy it is from; shape of the delays."""
    lead = 0.0 if delays.delay_policy == "drawn" else delays.delay_lead
    return np.maximum(np.round((delay_dendritic - lead - delays.connection_delay) / delays.relay_delay), 0).astype(np.int64)
