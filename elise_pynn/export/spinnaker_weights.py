"""Weights as SpiNNaker holds them: 16 bit, with one step size for each population and receptor type."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, log2

import numpy as np

from elise_pynn.blueprint import on_grid
from elise_pynn.export.deployed import Deployed
from elise_pynn.simulation import Activity
from elise_pynn.stock_cells import STEPS, current_per_weight

#: what is expected at most is the largest sum of a replay, times this
MARGIN = 1.25
#: bits of a ring buffer, which holds the sum of what arrives in a step
BITS = 16
RECEPTORS = ("excitatory", "inhibitory")


@dataclass(frozen=True)
class BoardWeights:
    """The currents of one population and receptor type.

    Attributes
    ----------
    population, receptor : str
    expected : float
        nA that arrive in a step at most, which sPyNNaker is told.
    largest : float
        nA that arrived in a step of the replay at most.
    step : float
        nA of the last bit.
    errors : ndarray
        Of each synapse, in steps.
    lost : int
        Synapses that become 0.
    """

    population: str
    receptor: str
    expected: float
    largest: float
    step: float
    errors: np.ndarray
    lost: int

    @property
    def capacity(self) -> float:
        """nA that a ring buffer holds."""
        return (2**BITS - 1) * self.step


def step_size(expected: float) -> float:
    """nA of the last bit when at most `expected` nA are expected in a step.

    Half of what 16 bit hold is the next power of two above, and at least 1 nA.
    """
    power = ceil(max(0.0, log2(expected))) if expected > 0 else 0
    power += 2**power <= expected
    return 2.0**power / 2 ** (BITS - 1)


def largest_sums(network: Deployed, activity: Activity) -> dict[tuple[str, str], float]:
    """Largest sum of currents in nA that arrive at a neuron in one step, by population and receptor type."""
    blueprint, dt = network.blueprint, network.timestep
    steps = round(activity.duration / dt)
    delays = np.rint(on_grid(blueprint.delay_dendritic, dt, least=2) / dt).astype(int)
    arrived = np.zeros((steps + delays.max() + 1, blueprint.size))
    at = np.rint(activity.spike_times / dt).astype(int)
    np.add.at(arrived, (at + delays[activity.spike_neurons], activity.spike_neurons), 1.0)
    currents = blueprint.weights * _unit(network)
    sums = {}
    for name in ("visible", "latent"):
        own = currents[blueprint.members(name)]
        for receptor, part in zip(RECEPTORS, (np.maximum(own, 0), np.maximum(-own, 0)), strict=True):
            sums[name, receptor] = float((arrived @ part.T).max()) if own.size else 0.0
    return sums


def on_board(network: Deployed, activity: Activity) -> tuple[Deployed, list[BoardWeights]]:
    """The network with its weights rounded as on the board, and what that does to them; the activity is of its replay before."""
    weights, unit = network.blueprint.weights.copy(), _unit(network)
    found = []
    for (name, receptor), largest in largest_sums(network, activity).items():
        block = weights[network.blueprint.members(name)]
        chosen = block > 0 if receptor == "excitatory" else block < 0
        expected = MARGIN * max(largest, float(np.abs(block[chosen]).max(initial=0.0)) * unit)
        step = step_size(expected)
        exact = block[chosen] * unit / step
        whole = np.rint(exact)
        block[chosen] = whole * step / unit
        found.append(BoardWeights(name, receptor, expected, largest, step, whole - exact, int((whole == 0).sum())))
    return replace(network, blueprint=replace(network.blueprint, weights=weights)), found


def _unit(network: Deployed) -> float:
    """nA of a synapse of 1 mV."""
    return current_per_weight(network.blueprint.parameters.neuron, network.timestep, STEPS["spiNNaker"])
