"""Weights that run away are noticed while they do, and a message says where and what to try."""

from __future__ import annotations

import numpy as np

from elise_pynn.blueprint import Blueprint
from elise_pynn.quantity import ParameterError
from elise_pynn.simulation import Simulation

#: mV per unit rate; learned weights stay below a hundred, and from 33 554 on NEST's grid of weights is too narrow
LARGEST_WEIGHT = 10_000.0
#: mV; a dendrite beyond it is worth a look at the weights, which take longer to read
SUSPICIOUS = 1000.0
TRY = "Lower the learning rate eta, teach for more cycles (which lowers it), shorten the time step, or give more spikes per rate."


def check_potentials(simulation: Simulation, blueprint: Blueprint, cycle: int) -> None:
    """Raise ParameterError when dendrites are not numbers any more or follow weights that ran away; quick."""
    potentials = simulation.dendrites()
    if np.isfinite(potentials).all() and np.abs(potentials).max() < SUSPICIOUS:
        return
    check_weights(simulation.weights(), blueprint, cycle)
    if not np.isfinite(potentials).all():
        neuron = int(np.flatnonzero(~np.isfinite(potentials))[0])
        raise ParameterError(
            f"training ran away in cycle {cycle}: the potential of {_named(neuron, blueprint)} is not a number any more. {TRY}"
        )


def check_weights(weights: np.ndarray, blueprint: Blueprint, cycle: int) -> None:
    """Raise ParameterError when a weight is not a number or too large; names the neuron with the worst one."""
    size = np.where(np.isfinite(weights), np.abs(weights), np.inf)
    post, pre = np.unravel_index(int(np.argmax(size)), size.shape)
    if size[post, pre] <= LARGEST_WEIGHT:
        return
    raise ParameterError(
        f"weights ran away in cycle {cycle}: that of {_named(int(post), blueprint)} from {_named(int(pre), blueprint)} is "
        f"{weights[post, pre]:.3g} mV per unit rate, more than {LARGEST_WEIGHT:g}. {TRY}"
    )


def _named(neuron: int, blueprint: Blueprint) -> str:
    return f"{'visible' if neuron < blueprint.visible else 'latent'} neuron {neuron}"
