"""A trained network of the `threshold` form from stock PyNN cells, IF_curr_exp, without its scaffold.

The synaptic current of a stock cell is the linear dendrite, its membrane the cell that fires: with y = (V - v_rest) / S,

    tau_m dy/dt = 1 + G (v* - v_rheo) - y,    v* = E_L + g_D / (g_L + g_D) (v - E_L),

and v - E_L decays with 1 / g_L, as synaptic currents do, and jumps by g_L w / K at a spike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from elise_pynn.blueprint import Blueprint, on_grid
from elise_pynn.parameters import NeuronParameters
from elise_pynn.quantity import ParameterError

#: potentials of the stock cells in mV, and their capacitance in nF; they change nothing but the scale of V and of the currents
V_REST, V_THRESH, C_M = -65.0, -50.0, 0.1


@dataclass(frozen=True)
class Step:
    """How a simulator's IF_curr_exp takes a step.

    Attributes
    ----------
    decays_within : bool
        Whether synaptic currents decay within the step (exact integration); else they are constant at the step's mean.
    later : int
        Steps from a spike's arrival, as its delay says, to its first effect on the membrane.
    """

    decays_within: bool
    later: int


#: PyNN backends; SpiNNaker adds what arrives, scaled by tau/dt (1 - exp(-dt/tau)), before it updates a cell
STEPS = {"nest": Step(True, 1), "spiNNaker": Step(False, 0)}


def step_of(sim: Any) -> Step:
    """The step of a PyNN backend, given as a module."""
    name = sim.__name__.rpartition(".")[2]
    if name not in STEPS:
        raise ParameterError(f"how the stock cells of {sim.__name__} take a step is not known here: use one of {', '.join(STEPS)}.")
    return STEPS[name]


def cell_parameters(neuron: NeuronParameters) -> dict[str, float]:
    """Parameters of IF_curr_exp for a neuron's threshold form, in PyNN's units (mV, ms, nF, nA)."""
    if neuron.emission != "threshold":
        raise ParameterError(f"emission = {neuron.emission!r}: stock cells play what threshold learned: teach with it.")
    resistance = neuron.lif_tau_m / C_M
    return {
        "v_rest": V_REST,
        "v_reset": V_REST,
        "v_thresh": V_THRESH,
        "cm": C_M,
        "tau_m": neuron.lif_tau_m,
        "tau_refrac": neuron.lif_t_ref,
        "tau_syn_E": 1 / neuron.g_L,
        "tau_syn_I": 1 / neuron.g_L,
        "i_offset": (V_THRESH - V_REST) * (1 + neuron.lif_gain * (neuron.E_L - neuron.lif_v_rheo)) / resistance,
    }


def current_per_weight(neuron: NeuronParameters, timestep: float, step: Step = STEPS["nest"]) -> float:
    """Synaptic current in nA of a spike at w = 1 mV, such that the cell moves as with a dendrite that is constant during a step."""
    tau_m, tau_s = neuron.lif_tau_m, 1 / neuron.g_L
    share = 1 - np.exp(-timestep / tau_m)
    if not step.decays_within:
        response = tau_m / C_M * share * tau_s / timestep * (1 - np.exp(-timestep / tau_s))
    elif abs(tau_m - tau_s) < 1e-9:
        response = timestep / C_M * np.exp(-timestep / tau_m)
    else:
        response = (np.exp(-timestep / tau_s) - np.exp(-timestep / tau_m)) / (C_M * (1 / tau_m - 1 / tau_s))
    w_D = neuron.g_D / (neuron.g_L + neuron.g_D)
    return float((V_THRESH - V_REST) * share * neuron.lif_gain * w_D * neuron.g_L / neuron.spikes_per_rate / response)


def cue_currents(neuron: NeuronParameters, target: np.ndarray, strength: float) -> np.ndarray:
    """Currents in nA that stand for a teacher of that strength, shape of `target` (potentials in mV)."""
    resistance = neuron.lif_tau_m / C_M
    return (V_THRESH - V_REST) * neuron.lif_gain * strength * (target - neuron.E_L) / resistance


def create_populations(sim: Any, blueprint: Blueprint) -> dict[str, Any]:
    """Create ``visible`` and, unless it is empty, ``latent``."""
    parameters, phases = cell_parameters(blueprint.parameters.neuron), blueprint.initial_phases()
    populations = {}
    for name in ("visible", "latent"):
        members = blueprint.members(name)
        if members.start < members.stop:
            population = sim.Population(members.stop - members.start, sim.IF_curr_exp(**parameters), label=name)
            population.initialize(v=V_REST + (V_THRESH - V_REST) * phases[members])
            populations[name] = population
    return populations


def connections(
    blueprint: Blueprint, pre: slice, post: slice, timestep: float, step: Step = STEPS["nest"]
) -> dict[str, list[tuple[int, int, float, float]]]:
    """Rows (pre, post, weight in nA, delay in ms) of each receptor type between two populations."""
    unit = current_per_weight(blueprint.parameters.neuron, timestep, step)
    delays = on_grid(blueprint.delay_dendritic, timestep, least=2) - step.later * timestep
    block = blueprint.weights[post, pre] * unit
    rows = {}
    for receptor, chosen in (("excitatory", block > 0), ("inhibitory", block < 0)):
        i, j = np.nonzero(chosen)
        rows[receptor] = [(int(a), int(b), float(w), float(d)) for a, b, w, d in zip(j, i, block[i, j], delays[pre][j], strict=True)]
    return rows


def connect(sim: Any, blueprint: Blueprint, populations: dict[str, Any], timestep: float) -> dict[str, Any]:
    """Connect the populations by static synapses from explicit lists, one projection per pair of populations and receptor type."""
    projections, step = {}, step_of(sim)
    for pre, source in populations.items():
        for post, goal in populations.items():
            for receptor, rows in connections(blueprint, blueprint.members(pre), blueprint.members(post), timestep, step).items():
                if rows:
                    label = f"{pre}_to_{post}_{receptor}"
                    connector = sim.FromListConnector(rows, column_names=["weight", "delay"])
                    projections[label] = sim.Projection(source, goal, connector, sim.StaticSynapse(), receptor_type=receptor, label=label)
    return projections


def cue(sim: Any, population: Any, currents: np.ndarray, timestep: float, cycles: int) -> None:
    """Inject a teacher's currents (`cue_currents`) into the visible cells for some cycles from time 0 on."""
    samples = currents.shape[1]
    for k, row in enumerate(currents):
        changes = np.flatnonzero(np.diff(np.tile(row, cycles), prepend=np.inf))
        times = np.append(changes * timestep, cycles * samples * timestep)
        amplitudes = np.append(np.tile(row, cycles)[changes], 0.0)
        source = sim.StepCurrentSource(times=times.tolist(), amplitudes=amplitudes.tolist())  # SpiNNaker takes no arrays
        population[k : k + 1].inject(source)
