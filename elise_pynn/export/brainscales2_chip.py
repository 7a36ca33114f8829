"""Facts of the BrainScaleS-2 chip, in biological units: it runs 1000 times as fast, so a microsecond of its own counts as a millisecond."""

from __future__ import annotations

from dataclasses import dataclass

from elise_pynn.quantity import quantity


@dataclass(frozen=True)
class Chip:
    """What the chip has, and the ranges to which its cells can be calibrated (CalibHXNeuronCuba)."""

    circuits: int = quantity(512, "1", "neuron circuits, in two halves")
    rows: int = quantity(256, "1", "synapse rows of each half: synapses per circuit; the sign belongs to the row")
    largest: int = quantity(63, "1", "largest weight of a synapse, 6 bit")
    delay: float = quantity(1.0, "ms", "delay of every connection; none can be set")
    speed: float = quantity(1000.0, "1", "times as fast as biology")
    rest: tuple[int, int] = quantity((50, 160), "LSB", "range of the resting potential")
    reset: tuple[int, int] = quantity((50, 160), "LSB", "range of the reset potential")
    threshold: tuple[int, int] = quantity((50, 220), "LSB", "range of the threshold")
    tau_m: tuple[float, float] = quantity((0.5, 60.0), "ms", "range of the membrane time constant")
    tau_syn: tuple[float, float] = quantity((0.3, 30.0), "ms", "range of the synaptic time constants")
    refractory: tuple[float, float] = quantity((0.04, 32.0), "ms", "range of the refractory time")
    synin_gm: tuple[int, int] = quantity((30, 800), "1", "range of the synaptic inputs' strength, the same for all cells")
    default_gm: int = quantity(500, "1", "strength at which the current of a full weight was published")
    volt: float = quantity(5.9, "mV/LSB", "published 741 and 458 mV stand for thresholds of 125 and rests of 80 LSB: 5.7 to 5.9")
    capacitance: float = quantity(2.4, "pF", "membrane capacitance")
    current: float = quantity(0.57, "nA", "synaptic current of a full weight, excitatory")
    current_inh: float = quantity(0.67, "nA", "synaptic current of a full weight, inhibitory")


#: the chip of the EBRAINS platform
CHIP = Chip()
