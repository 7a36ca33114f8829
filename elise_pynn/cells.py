"""The PyNN cell and synapse type, without any backend.

One table each: PyNN name, default, unit, meaning. A backend is one translation table more (``elise_pynn/backends``).
"""

from __future__ import annotations

from pyNN.parameters import Sequence
from pyNN.standardmodels import StandardCellType, StandardSynapseType, check_delays

#: name: (default, unit, meaning)
CELL_PARAMETERS = {
    "g_leak": (0.1, "1/ms", "leak conductance per capacitance of soma and dendrite, g_L"),
    "g_dend": (2.0, "1/ms", "dendrite-to-soma coupling, g_D"),
    "e_leak": (-70.0, "mV", "leak reversal potential, E_L"),
    "e_rev_E": (0.0, "mV", "excitatory reversal potential, E_exc"),
    "e_rev_I": (-75.0, "mV", "inhibitory reversal potential, E_inh"),
    "beta": (0.3, "1/mV", "slope of the rate function phi"),
    "theta": (-58.0, "mV", "potential of half-maximal rate"),
    "g_exc0": (0.3, "1/ms", "excitatory scaffold conductance at unit rate"),
    "g_inh0": (6.0, "1/ms", "inhibitory scaffold conductance at unit rate"),
    "tau_syn": (1.0, "ms", "time constant of scaffold synapses"),
    "n_scaffold": (0.0, "dimensionless", "number of scaffold sources, for the floor n phi(E_L)"),
    "spikes_per_rate": (1.0, "dimensionless", "spikes per ms at phi = 1, K"),
    "escape": (0, "dimensionless", "emission: 0 integrate (deterministic), 1 escape (stochastic)"),
    "threshold": (0, "dimensionless", "emission: 1 spikes of a leaky integrate-and-fire cell"),
    "lif_tau_m": (2.0, "ms", "its time constant"),
    "lif_t_ref": (0.0, "ms", "its refractory time"),
    "lif_v_rheo": (-62.2, "mV", "somatic potential from which on it fires"),
    "lif_gain": (0.462, "1/mV", "its drive above rheobase"),
    "nudging": (0.0, "dimensionless", "teacher's strength lambda in [0, 1); 0: no teacher"),
    "plasticity": (1.0, "dimensionless", "gain of the learning rates of all plastic synapses onto the cell; 0 freezes them"),
    "teacher_size": (1, "dimensionless", "number of samples of the teacher's waveform"),
    "teacher_waveform": (Sequence([-70.0]), "mV", "periodic target potential, one sample a time step"),
}

#: name: (initial value, unit, meaning)
CELL_VARIABLES = {
    "v": (-70.0, "mV", "somatic membrane potential u"),
    "v_dend": (-70.0, "mV", "dendritic membrane potential v"),
    "v_pred": (-70.0, "mV", "somatic potential predicted by the dendrite, v*"),
    "rate": (0.0, "1/ms", "phi(u)"),
    "rate_pred": (0.0, "1/ms", "phi(v*)"),
    "error": (0.0, "1/ms", "plasticity (phi(u) - phi(v*))"),
    "g_exc": (0.0, "1/ms", "excitatory scaffold conductance"),
    "g_inh": (0.0, "1/ms", "inhibitory scaffold conductance"),
    "u_target": (-70.0, "mV", "teacher's potential u*"),
    "phase": (0.0, "dimensionless", "part of the next spike accumulated so far (integrate)"),
    "lif": (0.0, "dimensionless", "state of the integrate-and-fire cell (threshold), which fires at 1"),
}

SYNAPSE_PARAMETERS = {
    "weight": (0.0, "mV", "weight w, mV per unit presynaptic rate"),
    "delay": (None, "ms", "delay; exact learning asks for one time step, longer delays go into a relay before the synapse"),
    "learning_rate": (0.01, "1/ms", "eta"),
}


class EliseNeuron(StandardCellType):
    """Two-compartment neuron whose dendrite learns to predict its own soma (ELiSe, arXiv:2402.16763).

    Receptor types: ``dendrite`` (plastic synapses, weight in mV per unit rate), ``soma_exc`` and ``soma_inh`` (scaffold, weight 1).
    Current sources injected into it drive the teacher: their amplitude in mV is added to the waveform's sample.
    Parameters, variables and their units: `CELL_PARAMETERS`, `CELL_VARIABLES`.
    """

    default_parameters = {name: row[0] for name, row in CELL_PARAMETERS.items()}
    default_initial_values = {name: row[0] for name, row in CELL_VARIABLES.items()}
    recordable = ["spikes", *CELL_VARIABLES]
    units = {
        "spikes": "ms",
        **{name: row[1] for name, row in CELL_VARIABLES.items()},
        **{name: row[1] for name, row in CELL_PARAMETERS.items()},
    }
    receptor_types = ("dendrite", "soma_exc", "soma_inh")
    injectable = True
    conductance_based = False


class EliseSynapse(StandardSynapseType):
    """Plastic synapse of the `EliseNeuron`: event-driven dendritic prediction learning. Parameters: `SYNAPSE_PARAMETERS`."""

    default_parameters = {name: row[0] for name, row in SYNAPSE_PARAMETERS.items()}
    units = {name: row[1] for name, row in SYNAPSE_PARAMETERS.items()}
    #: plastic weights may have either sign, so PyNN's check of signs does not apply
    parameter_checks = {"delay": check_delays}
