"""A deployed network on a virtual BrainScaleS-2 chip: 6-bit weights, circuits that differ, noise, a cue from spikes."""

from __future__ import annotations

import numpy as np

from elise_pynn.analysis.spike_scores import SpikeScores
from elise_pynn.blueprint import Blueprint
from elise_pynn.engine.lif import LifNetwork
from elise_pynn.export.brainscales2_cells import Circuit, circuit, current_in_spans, emulated_cells
from elise_pynn.export.brainscales2_chip import CHIP
from elise_pynn.export.brainscales2_cue import cue_events, cue_weights
from elise_pynn.export.brainscales2_spread import VirtualChip
from elise_pynn.export.deployed import score_played
from elise_pynn.protocol import CUE_CYCLES
from elise_pynn.sequence import Sequence

#: time step of the emulation in ms; the chip has none
TIMESTEP = 0.1


def in_steps_of(weights: np.ndarray, step: float, bits: int = 6) -> np.ndarray:
    """Weights in whole steps of `step`; with fewer bits than 6, the steps are coarser."""
    coarse = CHIP.largest / (2**bits - 1)
    largest = 2**bits - 1
    return np.clip(np.round(weights / step / coarse), -largest, largest) * coarse


class EmulatedChip:
    """A network on a virtual chip.

    Parameters
    ----------
    blueprint : Blueprint
        Trained, of the threshold form.
    sequence : Sequence
    timestep : float
        ms, at which it was trained.
    made : VirtualChip
    bits : int
        Of the weights' magnitudes; the sign is the row's.
    """

    def __init__(self, blueprint: Blueprint, sequence: Sequence, timestep: float, made: VirtualChip, bits: int = 6) -> None:
        neuron = blueprint.parameters.neuron
        self.blueprint, self.sequence, self.bits = blueprint, sequence, bits
        self.circuit: Circuit = circuit(neuron, blueprint.weights, timestep)
        self.step = self.circuit.unit / current_in_spans(neuron, timestep)  #: of the weights, mV
        quantum = CHIP.largest * self.circuit.unit
        delay = np.full(blueprint.size, CHIP.delay)
        self.network = LifNetwork(
            emulated_cells(self.circuit, made, delay),
            self._spans(blueprint.weights),
            TIMESTEP,
            blueprint.initial_phases(),
            cue_weights(blueprint.size, blueprint.visible, quantum),
            made.seed,
        )
        target = sequence.target(TIMESTEP, neuron)
        strength = neuron.lif_gain * blueprint.parameters.learning.nudging
        self._cue = cue_events(strength * (target - neuron.E_L), quantum, self.circuit.tau_syn, TIMESTEP, CUE_CYCLES)

    def _spans(self, weights: np.ndarray) -> np.ndarray:
        return in_steps_of(weights, self.step, self.bits) * self.circuit.unit

    def replay(self, cycles: int) -> SpikeScores:
        """Cue the network and score what it plays."""
        period = self.sequence.period
        # the last events of the cue fall into the first step of the replay
        cue = CUE_CYCLES * period
        times, cells = self.network.run(cue + (cycles + 1) * period, self._cue)
        played = times > cue
        return score_played(times[played] - cue, cells[played], self.blueprint, self.sequence, TIMESTEP, cycles)
