"""All parameters of the model, with the values of the paper (arXiv:2402.16763) as defaults.

Conductances are per membrane capacitance, so their unit is 1/ms.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from elise_pynn.quantity import ParameterError, check, from_dict, quantity


@dataclass(frozen=True)
class NeuronParameters:
    """The two-compartment neuron and its spike emission."""

    g_L: float = quantity(0.1, "1/ms", "leak conductance of soma and dendrite", symbol="g_L", low=0, open_low=True)
    g_D: float = quantity(2.0, "1/ms", "dendrite-to-soma coupling", symbol="g_D", low=0, open_low=True)
    E_L: float = quantity(-70.0, "mV", "leak reversal potential", symbol="E_L", low=-200, high=100)
    E_exc: float = quantity(0.0, "mV", "excitatory reversal potential", symbol="E_exc", low=-200, high=200)
    E_inh: float = quantity(-75.0, "mV", "inhibitory reversal potential", symbol="E_inh", low=-200, high=200)
    beta: float = quantity(0.3, "1/mV", "slope of the rate function phi", symbol="beta", low=0, open_low=True)
    theta: float = quantity(-58.0, "mV", "potential of half-maximal rate", symbol="theta", low=-200, high=100)
    g_exc0: float = quantity(0.3, "1/ms", "excitatory scaffold conductance at unit rate", symbol="g_exc0", low=0)
    g_inh0: float = quantity(6.0, "1/ms", "inhibitory scaffold conductance at unit rate", symbol="g_inh0", low=0)
    tau_syn: float = quantity(1.0, "ms", "time constant of scaffold synapses", symbol="tau_syn", low=0, open_low=True)
    spikes_per_rate: float = quantity(1.0, "1", "spikes per ms at phi = 1", symbol="K", low=0, open_low=True, high=10_000)
    emission: str = quantity("integrate", "1", "how spikes are emitted", choices=("integrate", "escape", "threshold", "rate"))
    lif_tau_m: float = quantity(2.0, "ms", "time constant of the cell that fires (threshold)", symbol="tau_m", low=0, open_low=True)
    lif_t_ref: float = quantity(0.0, "ms", "its refractory time (threshold)", symbol="t_ref", low=0)
    lif_v_rheo: float = quantity(-62.2, "mV", "somatic potential from which on it fires (threshold)", symbol="v_rheo", low=-200, high=100)
    lif_gain: float = quantity(0.462, "1/mV", "its drive above rheobase (threshold)", symbol="G", low=0, open_low=True)

    def __post_init__(self) -> None:
        check(self)

    def rate(self, u: Any) -> Any:
        """Return phi(u) in 1/ms for potentials `u` in mV (scalar or array)."""
        return 1.0 / (1.0 + np.exp(self.beta * (self.theta - np.asarray(u))))


@dataclass(frozen=True)
class GrowthParameters:
    """Growth of the static scaffold from the visible into the latent population."""

    method: str = quantity("tree", "1", "way of growth", choices=("tree", "published"))
    p: float = quantity(0.2, "1", "probability of a further outgoing connection, p^n after the n-th", symbol="p", low=0, high=1)
    q: float = quantity(0.15, "1", "acceptance q^k of a target of in-degree k (published)", symbol="q", low=0, high=1)
    p_0: float = quantity(0.04, "1", "probability that a candidate makes no connection", symbol="p_0", low=0, high=1)
    n_min: int = quantity(0, "1", "least connections per visible neuron (tree); 0: 2 if latent/visible >= 6, else 1", low=0)

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class DelayParameters:
    """Delays, one per presynaptic neuron, uniformly distributed, or those of a chip that has no delays to choose."""

    low: float = quantity(5.0, "ms", "shortest delay", symbol="d", low=0, open_low=True)
    high: float = quantity(15.0, "ms", "longest delay", symbol="d", low=0, open_low=True)
    inhibitory_lag: float = quantity(25.0, "ms", "lag of the scaffold's inhibitory part, d_I - d_E", symbol="d_I", low=0)
    delay_policy: str = quantity("drawn", "1", "where dendritic delays come from", choices=("drawn", "fixed", "relay"))
    connection_delay: float = quantity(1.0, "ms", "delay of a connection (fixed, relay)", low=0, open_low=True)
    relay_delay: float = quantity(1.15, "ms", "what a relay neuron adds to it (relay)", low=0, open_low=True)
    relays: int = quantity(4, "1", "most relay neurons behind a neuron (relay)", low=0)
    delay_lead: float = quantity(0.3, "ms", "by which taught dendritic delays are longer than played ones (fixed, relay)", low=0)

    def __post_init__(self) -> None:
        check(self)
        if self.high < self.low:
            raise ParameterError(f"high = {self.high} ms (longest delay) is below low = {self.low} ms: give high >= low.")


@dataclass(frozen=True)
class LearningParameters:
    """Plasticity of the dendritic synapses and its annealing over a training of many cycles."""

    eta: float = quantity(0.0, "1/ms", "learning rate at the start; 0: from the number of cycles", symbol="eta", low=0)
    vv_factor: float = quantity(0.1, "1", "visible-to-visible learning rate relative to eta", symbol="eta_vv", low=0)
    latent_factor: float = quantity(1.0, "1", "learning rate onto latent neurons relative to eta; 0: a reservoir", low=0)
    anneal_to: float = quantity(0.01, "1", "gain of the learning rate at the end", low=0, open_low=True, high=1)
    nudging: float = quantity(0.6, "1", "teacher's strength", symbol="lambda", low=0, high=1, open_high=True)
    initial_sd: float = quantity(0.5, "mV", "standard deviation of the initial weights", symbol="w(0)", low=0)

    def __post_init__(self) -> None:
        check(self)

    def initial_eta(self, cycles: int) -> float:
        """Learning rate in 1/ms for a training of `cycles` cycles: 0.4 up to 1000, falling as a power to 0.2 at 3000."""
        if self.eta > 0:
            return self.eta
        return 0.4 * min(1.0, (1000.0 / max(cycles, 1)) ** (math.log(2) / math.log(3)))

    def gain(self, cycle: int, cycles: int) -> float:
        """Gain of all learning rates in a cycle of a training of `cycles` cycles."""
        return self.anneal_to ** (cycle / max(cycles, 1))


@dataclass(frozen=True)
class Parameters:
    """Everything that describes a network but its size and seed."""

    neuron: NeuronParameters = NeuronParameters()
    growth: GrowthParameters = GrowthParameters()
    delays: DelayParameters = DelayParameters()
    learning: LearningParameters = LearningParameters()

    def to_dict(self) -> dict[str, dict[str, Any]]:
        """Return nested dictionaries of plain values, fit for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Parameters:
        """Inverse of `to_dict`; missing values take their defaults, unknown ones raise ParameterError."""
        parts = {f.name: type(f.default) for f in dataclasses.fields(cls)}
        unknown = sorted(set(values) - set(parts))
        if unknown:
            raise ParameterError(f"there is no group of parameters {', '.join(unknown)}; there are {', '.join(parts)}.")
        return cls(**{name: from_dict(parts[name], group) for name, group in values.items()})
