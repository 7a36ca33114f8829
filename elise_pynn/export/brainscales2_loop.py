"""Training with the chip in the loop: the chip plays, the host learns from its spikes and rewrites its weights.

The host plays the spikes of a network of ideal circuits into the chip's synapses, instead of the chip's own, and each circuit answers
with its own gains, leak and threshold. The rule is the model's, dw = eta (phi(u) - phi(v*)) x; but a circuit shows neither u nor v*, only
spikes. Those that the ideal circuit emits stand for the soma that has been taught, those that the real one emits for its prediction, and
x is the trace of the spikes that were played. A dendrite that the host reconstructs from spikes and weights would not do as a prediction,
for it knows nothing of the circuit's gains. Nothing of the chip but its spikes is used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from elise_pynn.blueprint import Blueprint
from elise_pynn.engine.lif import LifNetwork
from elise_pynn.export.brainscales2_chip import CHIP
from elise_pynn.export.brainscales2_emulator import TIMESTEP, EmulatedChip
from elise_pynn.sequence import Sequence

#: cycles of the ideal network that are played again and again, after so many that are not
LESSON_CYCLES, SETTLING_CYCLES = 8, 2
#: learning rate, 1/ms per unit rate as everywhere, and what remains of it in the end
ETA, ANNEAL_TO = 0.1, 0.03


@dataclass(frozen=True)
class Lesson:
    """What an ideal chip plays.

    Attributes
    ----------
    spikes : ndarray, shape (neurons, steps)
        Number of spikes in each step.
    trace : ndarray, shape (neurons, steps)
        PSP of each neuron's spikes where they arrive.
    events : ndarray of int, shape (spikes, 2)
        Step of arrival, from 1, and neuron.
    """

    spikes: np.ndarray
    trace: np.ndarray
    events: np.ndarray


def lesson(blueprint: Blueprint, sequence: Sequence, timestep: float, cycles: int = LESSON_CYCLES) -> Lesson:
    """Let ideal circuits play a trained network, for `cycles` cycles."""
    ideal, neuron = EmulatedChip(blueprint, sequence, timestep, seed=0, spread=0.0, noise=0.0), blueprint.parameters.neuron
    begin = SETTLING_CYCLES * sequence.period
    played = ideal.play(begin + cycles * sequence.period)
    step = np.round((played.spike_times - begin) / TIMESTEP).astype(np.int64)
    total = round(cycles * sequence.period / TIMESTEP)
    spikes = np.zeros((blueprint.size, total))
    inside = step > 0
    np.add.at(spikes, (played.spike_neurons[inside], step[inside] - 1), 1.0)
    delays = blueprint.parameters.delays
    late = np.round((CHIP.delay + ideal.relays * delays.relay_delay) / TIMESTEP).astype(np.int64)
    arriving = np.array([np.roll(row, k) for row, k in zip(spikes, late, strict=True)])
    jump = neuron.g_L * neuron.g_D / (neuron.g_L + neuron.g_D) / neuron.spikes_per_rate
    neuron_of, step_of = np.nonzero(arriving)
    trace = lfilter([jump], [1, -np.exp(-neuron.g_L * TIMESTEP)], arriving, axis=1)
    return Lesson(spikes, trace, np.stack((step_of + 1, neuron_of), axis=1))


def refine(chip: EmulatedChip, taught: Lesson, cycles: int = 80) -> tuple[np.ndarray, list[float]]:
    """Teach a chip with its own spikes.

    Parameters
    ----------
    chip : EmulatedChip
        Left as it is; its circuits are used.
    taught : Lesson
        Of the same network.
    cycles : int

    Returns
    -------
    weights : ndarray
        mV, before the chip rounds them.
    errors : list of float
        Of each cycle: mean number of spikes too many or too few in 10 ms and neuron.
    """
    blueprint, k = chip.blueprint, chip.blueprint.parameters.neuron.spikes_per_rate
    n, length = blueprint.size, round(chip.sequence.period / TIMESTEP)
    silent, weights, errors = np.zeros((n, n)), blueprint.weights.copy(), []
    played = LifNetwork(chip.cells, silent, TIMESTEP, blueprint.initial_phases(), silent, seed=chip.seed)
    edges = np.arange(0, length, round(10.0 / TIMESTEP))
    for cycle in range(cycles):
        begin = cycle * length % taught.spikes.shape[1]
        chosen = (taught.events[:, 0] > begin) & (taught.events[:, 0] <= begin + length)
        played.write(silent, chip.spans(weights))
        times, neurons = played.run(chip.sequence.period, taught.events[chosen] - np.array([begin, 0]))
        missing = taught.spikes[:, begin : begin + length].copy()
        np.add.at(missing, (neurons, np.round(times / TIMESTEP).astype(np.int64) - 1), -1.0)
        errors.append(float(np.abs(np.add.reduceat(missing, edges, axis=1)).mean()))
        wrong, where = np.nonzero(missing)
        change = np.zeros((n, n))
        np.add.at(change, wrong, missing[wrong, where, None] * taught.trace[:, begin + where].T)
        change *= ETA * ANNEAL_TO ** (cycle / cycles) / k
        np.fill_diagonal(change, 0.0)
        weights += change if blueprint.connected is None else change * blueprint.connected
    return weights, errors
