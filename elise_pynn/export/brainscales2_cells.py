"""Circuits of BrainScaleS-2 for the cells of the `threshold` form: potentials, time constants, the weight of one step.

A circuit has no constant current, so the cell's constant drive, which is negative, is made by a rest below the reset. The drive and the
range of rests set the span from reset to threshold, and with it how much a mV of the chip counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from elise_pynn.engine.lif import LifCells
from elise_pynn.export.brainscales2_chip import CHIP, Chip
from elise_pynn.export.brainscales2_spread import VirtualChip
from elise_pynn.parameters import NeuronParameters
from elise_pynn.stock_cells import C_M, V_REST, V_THRESH, cell_parameters, current_per_weight


@dataclass(frozen=True)
class Circuit:
    """What every circuit of a network is calibrated to.

    Attributes
    ----------
    v_rest, v_reset, v_thresh : int
        LSB.
    tau_m, tau_syn, tau_refrac : float
        Biological ms, which are the chip's microseconds.
    unit : float
        Current of one weight step, in spans.
    """

    v_rest: int
    v_reset: int
    v_thresh: int
    tau_m: float
    tau_syn: float
    tau_refrac: float
    unit: float

    @property
    def span(self) -> int:
        """From reset to threshold, LSB."""
        return self.v_thresh - self.v_reset

    @property
    def drive(self) -> float:
        """Constant drive in spans."""
        return (self.v_rest - self.v_reset) / self.span

    def current(self, chip: Chip = CHIP) -> float:
        """Current in nA that a full weight needs."""
        return chip.largest * self.unit * self.span * chip.volt * chip.capacitance / self.tau_m / 1000

    def synin_gm(self, chip: Chip = CHIP) -> tuple[int, int]:
        """Strengths of the excitatory and the inhibitory input, when currents grow in proportion to them."""
        needed = chip.default_gm * self.current(chip)
        return round(needed / chip.current), round(needed / chip.current_inh)


def constant_drive(neuron: NeuronParameters) -> float:
    """Drive of a cell without input, in spans."""
    cell = cell_parameters(neuron)
    return cell["i_offset"] * neuron.lif_tau_m / C_M / (V_THRESH - V_REST)


def current_in_spans(neuron: NeuronParameters, timestep: float) -> float:
    """Synaptic current of a spike at w = 1 mV, in spans."""
    return current_per_weight(neuron, timestep) * neuron.lif_tau_m / C_M / (V_THRESH - V_REST)


def circuit(neuron: NeuronParameters, weights: np.ndarray, timestep: float, chip: Chip = CHIP) -> Circuit:
    """The circuit that uses the chip's range of potentials as far as the drive lets it, and the 6 bits up to the largest weight.

    Parameters
    ----------
    neuron : NeuronParameters
        Of the threshold form.
    weights : ndarray
        mV per unit rate.
    timestep : float
        At which they were learned.
    """
    drive, reset = constant_drive(neuron), chip.reset[1]
    span = chip.threshold[1] - reset
    if drive < 0:
        span = min(span, max(1, int((reset - chip.rest[0]) / -drive)))
    largest = float(np.abs(weights).max()) or 1.0
    return Circuit(
        v_rest=reset + round(drive * span),
        v_reset=reset,
        v_thresh=reset + span,
        tau_m=neuron.lif_tau_m,
        tau_syn=1 / neuron.g_L,
        tau_refrac=neuron.lif_t_ref,
        unit=largest * current_in_spans(neuron, timestep) / chip.largest,
    )


def emulated_cells(wanted: Circuit, made: VirtualChip, delay: np.ndarray, chip: Chip = CHIP) -> LifCells:
    """The cells that a virtual chip makes of a circuit.

    Shifts in mV count by the span; a smaller capacitance or a longer membrane time constant makes every synaptic current count for more,
    but not the leak, whose conductance it shares.

    Parameters
    ----------
    wanted : Circuit
    made : VirtualChip
    delay : ndarray
        ms, of each cell's connections, before the chip's own shifts.
    """
    span = wanted.span * chip.volt
    weight = made.tau_m / made.capacitance
    n = len(weight)
    return LifCells(
        tau_m=wanted.tau_m * made.tau_m,
        tau_exc=wanted.tau_syn * made.tau_exc,
        tau_inh=wanted.tau_syn * made.tau_inh,
        refractory=np.full(n, wanted.tau_refrac),
        drive=wanted.drive + made.leak / span,
        threshold=1 + made.threshold / span,
        floor=np.full(n, -wanted.v_reset / wanted.span),
        gain_exc=made.gain_exc * weight,
        gain_inh=made.gain_inh * weight,
        delay=delay + made.delay,
        noise=np.full(n, made.noise / span),
    )
