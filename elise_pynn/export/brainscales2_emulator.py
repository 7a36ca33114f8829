"""A network on a virtual BrainScaleS-2 chip: 6-bit weights, circuits that differ, noise, relays, a cue from spikes."""

from __future__ import annotations

import numpy as np

from elise_pynn.analysis.spike_scores import SpikeScores
from elise_pynn.blueprint import Blueprint
from elise_pynn.delay_policy import relays_played
from elise_pynn.engine.lif import LifNetwork
from elise_pynn.export.brainscales2_cells import circuit, current_in_spans, emulated_cells
from elise_pynn.export.brainscales2_chip import CHIP
from elise_pynn.export.brainscales2_cue import cue_events, cue_weights
from elise_pynn.export.brainscales2_relays import chained, relay_circuit
from elise_pynn.export.brainscales2_spread import virtual_chip
from elise_pynn.export.deployed import score_played
from elise_pynn.protocol import CUE_CYCLES
from elise_pynn.sequence import Sequence
from elise_pynn.simulation import Activity

#: time step of the emulation in ms; the chip has none
TIMESTEP = 0.1


def in_steps_of(weights: np.ndarray, step: float, bits: int = 6) -> np.ndarray:
    """Weights as the chip holds them, in whole steps; with fewer bits than 6, every so many steps.

    Parameters
    ----------
    weights : ndarray
        mV per unit rate.
    step : float
        mV.
    bits : int
        Of the magnitude; the sign is the row's.
    """
    levels = 2**bits - 1
    coarse = CHIP.largest / levels
    return np.clip(np.round(weights / step / coarse), -levels, levels) * coarse


class EmulatedChip:
    """A network on a virtual chip.

    Parameters
    ----------
    blueprint : Blueprint
        Trained, of the threshold form. Relays stand behind its neurons when its delays are of the policy ``relay``.
    sequence : Sequence
    timestep : float
        ms, at which it was trained.
    seed : int
        Of the chip.
    spread, noise : float
        Multiply the published ones.
    bits : int
        Of the weights' magnitudes.
    """

    def __init__(
        self, blueprint: Blueprint, sequence: Sequence, timestep: float, seed: int, spread: float = 1.0, noise: float = 1.0, bits: int = 6
    ) -> None:
        neuron, n = blueprint.parameters.neuron, blueprint.size
        self.blueprint, self.sequence, self.bits, self.seed = blueprint, sequence, bits, seed
        self.circuit = circuit(neuron, blueprint.weights, timestep)
        self.step = self.circuit.unit / current_in_spans(neuron, timestep)  #: of the weights, mV
        self.relays = relays_played(blueprint.delay_dendritic, blueprint.parameters.delays)
        total = n + int(self.relays.sum())
        made, delay = virtual_chip(total, seed, spread, noise), np.full(total, CHIP.delay)
        self.cells = emulated_cells(self.circuit, made.part(slice(n)), delay[:n])
        beside = emulated_cells(relay_circuit(self.circuit), made.part(slice(n, None)), delay[n:])
        quantum = CHIP.largest * self.circuit.unit
        self.network = LifNetwork(
            self.cells + beside,
            chained(self.spans(blueprint.weights), self.relays),
            TIMESTEP,
            np.concatenate([blueprint.initial_phases(), np.zeros(total - n)]),
            cue_weights(total, blueprint.visible, quantum),
            seed,
        )
        target = sequence.target(TIMESTEP, neuron)
        strength = neuron.lif_gain * blueprint.parameters.learning.nudging
        #: spikes of the cue, as `cue_events` returns them
        self.cue = cue_events(strength * (target - neuron.E_L), quantum, self.circuit.tau_syn, TIMESTEP, CUE_CYCLES)

    def spans(self, weights: np.ndarray) -> np.ndarray:
        """What a spike brings in spans, at weights in mV that the chip rounds."""
        return in_steps_of(weights, self.step, self.bits) * self.circuit.unit

    def write(self, weights: np.ndarray) -> None:
        """Replace the dendritic weights, mV; the step stays."""
        self.network.write(chained(self.spans(weights), self.relays))

    def play(self, duration: float) -> Activity:
        """Cue the network and let it play for `duration` ms; its somata cannot be seen, so that there are no rates."""
        cue = CUE_CYCLES * self.sequence.period
        times, cells = self.network.run(cue + duration, self.cue)
        chosen = (times > cue) & (cells < self.blueprint.size)
        return Activity(cue, duration, TIMESTEP, np.empty((self.blueprint.visible, 0)), times[chosen] - cue, cells[chosen])

    def replay(self, cycles: int) -> SpikeScores:
        """Cue the network and score what it plays."""
        played = self.play((cycles + 1) * self.sequence.period)
        return score_played(played, self.blueprint, self.sequence, TIMESTEP)
