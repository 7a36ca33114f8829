"""All that decides how a network on NEST goes on, as arrays, and back into a freshly built one.

Variables of neurons and synapses can be read and set. Spikes on their way cannot: they sit in NEST's buffers. They are made anew, by the
network itself: before the variables are set, the neurons emit once more, step by step, what they have emitted during the longest delay
before the checkpoint. So each spike passes its relay, or waits in the buffer of its target, as it did then. What else the neurons do
meanwhile does no harm: all of their variables are set afterwards, and those of the synapses.

NEST's random numbers can be neither read nor set, so stochastic emission draws by the cycle's number (`reseed`).
"""

from __future__ import annotations

from typing import Any

import nest
import numpy as np

from elise_pynn.builder import Network

#: variables of the NESTML neuron, all of them, and the parameters that a protocol changes
NEURON = (
    "V_m", "V_dend", "V_pred", "rate", "rate_pred", "error", "s_exc", "s_inh", "g_exc", "g_inh", "u_target", "phase", "lif", "lif_wait",
    "teacher_step", "window", "window_step", "window_grow", "window_fade", "window_ratio", "trace_unit", "Q", "Q_1", "Q_2", "Q_3", "Q_4",
    "Q_old", "nudging", "plasticity",
)  # fmt: skip
COUNTS = ("lif_wait", "teacher_step", "window_step")
#: variables of the NESTML synapse
SYNAPSE = ("w", "trace", "Q_last", "window_last")
#: parameters with which a neuron emits nothing by itself and learns nothing
MUTE = {"theta": 1e9, "escape": 0, "threshold": 0}


def reseed(seed: int, cycle: int) -> None:
    """Draw by these numbers from now on."""
    nest.rng_seed = int(np.random.SeedSequence([seed, 5, cycle]).generate_state(1)[0] % (2**31 - 1)) + 1


def dendrites(population: Any) -> np.ndarray:
    """Present dendritic potentials in mV."""
    return np.atleast_1d(population.node_collection.get("V_dend"))


def longest_memory(network: Network, dt: float) -> int:
    """Steps after which a spike is nowhere on its way any more."""
    blueprint = network.blueprint
    return round(max(blueprint.delay_dendritic.max(), blueprint.delay_exc.max(), blueprint.delay_inh.max()) / dt) + 3


def state_of(network: Network, spikes: dict[str, tuple[np.ndarray, np.ndarray]]) -> dict[str, np.ndarray]:
    """Read the state of a network.

    Parameters
    ----------
    network : Network
    spikes : dict of (ndarray, ndarray)
        Per population, spikes during at least the longest delay: times in ms, neuron numbers within the population.
    """
    dt, state = nest.resolution, {}
    now = round(nest.biological_time / dt)
    for name, population in network.populations.items():
        nodes = population.node_collection
        nodes.set(show_past_integrals=True)
        values = nodes.get([*NEURON, "past_integrals"])
        nodes.set(show_past_integrals=False)
        for key in NEURON:
            state[f"{name}.{key}"] = np.atleast_1d(values[key])
        past = values["past_integrals"]
        state[f"{name}.past_integrals"] = np.array(past, dtype=float).reshape(population.size, -1)
        times, neurons = spikes[name]
        ages = now - np.rint(times / dt).astype(np.int64)
        state[f"{name}.spikes"] = np.stack([ages, neurons], axis=1)[ages < longest_memory(network, dt)]
    for pre, post, projection in network.plastic:
        rows, j, i = _synapses(projection, SYNAPSE)
        for key in SYNAPSE:
            matrix = np.zeros((projection.post.size, projection.pre.size))
            matrix[i, j] = rows[key]
            state[f"{pre}_to_{post}.{key}"] = matrix
    return state


def restore(network: Network, state: dict[str, np.ndarray], sim: Any, interval: float) -> None:
    """Bring a network, freshly built from the same blueprint, into a state; its time becomes a multiple of `interval`."""
    dt = nest.resolution
    memory = longest_memory(network, dt)
    grid = round(interval / dt)
    muted = {name: population.node_collection.get([*MUTE]) for name, population in network.populations.items()}
    for population in network.populations.values():
        population.node_collection.set(MUTE)
    # PyNN keeps NEST one step ahead; the last step is that of the checkpoint
    sim.run((-(-memory // grid) * grid + grid - memory) * dt)
    for age in range(memory - 1, -1, -1):
        for name, population in network.populations.items():
            spikes = state[f"{name}.spikes"]
            neurons, counts = np.unique(spikes[spikes[:, 0] == age, 1], return_counts=True)
            if len(neurons):
                population.node_collection[neurons.tolist()].set([{"phase": count + 0.5} for count in counts.tolist()])
        nest.Simulate(dt)
    for name, population in network.populations.items():
        rows: list[dict[str, Any]] = []
        for k in range(population.size):
            row: dict[str, Any] = {key: float(state[f"{name}.{key}"][k]) for key in NEURON}
            row |= {key: int(row[key]) for key in COUNTS}
            row["past_integrals"] = state[f"{name}.past_integrals"][k].tolist()
            row |= {key: np.atleast_1d(muted[name][key])[k].item() for key in MUTE}
            rows.append(row)
        population.node_collection.set(rows)
    for pre, post, projection in network.plastic:
        _, j, i = _synapses(projection, ())
        projection.nest_connections.set({key: state[f"{pre}_to_{post}.{key}"][i, j] for key in SYNAPSE})


def _synapses(projection: Any, keys: tuple[str, ...]) -> tuple[dict[str, Any], np.ndarray, np.ndarray]:
    rows = projection.nest_connections.get(["source", "target", *keys])
    pre, post = (np.atleast_1d(rows[name]) for name in ("source", "target"))
    return rows, pre - int(projection.pre.all_cells[0]), post - int(projection.post.all_cells[0])
