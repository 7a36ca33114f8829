"""Virtual chips: what is left of the differences between circuits after calibration, drawn from the published spreads."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from elise_pynn.quantity import quantity


@dataclass(frozen=True)
class Spread:
    """Standard deviations between the circuits of a calibrated chip, and the noise within each."""

    capacitance: float = quantity(0.2 / 2.4, "1", "of the membrane capacitance, relative")
    threshold: float = quantity(6.0, "mV", "of the threshold")
    leak: float = quantity(43.0, "mV", "of the resting potential")
    tau_m: float = quantity(1.5 / 21.5, "1", "of the membrane time constant, relative")
    tau_syn: float = quantity(0.3 / 5.3, "1", "of the synaptic time constants, relative")
    gain_exc: float = quantity(0.10 / 0.57, "1", "of the excitatory input's gain, relative")
    gain_inh: float = quantity(0.10 / 0.67, "1", "of the inhibitory input's gain, relative")
    delay: float = quantity(0.1, "ms", "of the delay")
    noise: float = quantity(2.0, "mV", "of the membrane potential in time")


#: published for calibrated chips
PUBLISHED = Spread()
#: factors are no smaller than this, however large a spread is tried
LEAST = 0.2


@dataclass(frozen=True)
class VirtualChip:
    """The circuits of one chip, an entry per cell.

    Attributes
    ----------
    capacitance, tau_m, tau_exc, tau_inh, gain_exc, gain_inh : ndarray
        Factors of what was asked for.
    threshold, leak : ndarray
        Shifts in mV.
    delay : ndarray
        Shifts in ms.
    noise : float
        mV.
    seed : int
    """

    capacitance: np.ndarray
    tau_m: np.ndarray
    tau_exc: np.ndarray
    tau_inh: np.ndarray
    gain_exc: np.ndarray
    gain_inh: np.ndarray
    threshold: np.ndarray
    leak: np.ndarray
    delay: np.ndarray
    noise: float
    seed: int

    def part(self, cells: slice) -> VirtualChip:
        """Some of its circuits."""
        arrays = (f.name for f in fields(self) if f.name not in ("noise", "seed"))
        return replace(self, **{name: getattr(self, name)[cells] for name in arrays})


def virtual_chip(cells: int, seed: int, scale: float = 1.0, noise: float = 1.0, spread: Spread = PUBLISHED) -> VirtualChip:
    """Draw a chip.

    Parameters
    ----------
    cells : int
    seed : int
        Which chip; the same circuits at every `scale`, further from their mean or nearer.
    scale : float
        Multiplies all spreads between circuits; 0: an ideal chip.
    noise : float
        Multiplies the noise in time.
    spread : Spread
    """
    rng = np.random.default_rng([seed, 8])

    def factor(sd: float) -> np.ndarray:
        return np.maximum(1 + scale * sd * rng.standard_normal(cells), LEAST)

    def shift(sd: float) -> np.ndarray:
        return scale * sd * rng.standard_normal(cells)

    return VirtualChip(
        capacitance=factor(spread.capacitance),
        tau_m=factor(spread.tau_m),
        tau_exc=factor(spread.tau_syn),
        tau_inh=factor(spread.tau_syn),
        gain_exc=factor(spread.gain_exc),
        gain_inh=factor(spread.gain_inh),
        threshold=shift(spread.threshold),
        leak=shift(spread.leak),
        delay=shift(spread.delay),
        noise=noise * spread.noise,
        seed=seed,
    )
