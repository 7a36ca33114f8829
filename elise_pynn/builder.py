"""Assemble a blueprint's network from PyNN populations and projections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pyNN.parameters import Sequence as Waveform

from elise_pynn import stock_cells
from elise_pynn.backends import backend_of
from elise_pynn.blueprint import Blueprint, on_grid
from elise_pynn.quantity import ParameterError


@dataclass
class Network:
    """A built network.

    Attributes
    ----------
    blueprint : Blueprint
    populations : dict
        ``visible`` and, unless it is empty, ``latent``.
    projections : dict
        ``visible_to_visible``, ``visible_to_latent``, ... (plastic) and ``scaffold_exc_visible``, ``scaffold_inh_latent``, ... (static, by
        population of their sources).
    """

    blueprint: Blueprint
    backend: Any = field(repr=False)
    populations: dict[str, Any] = field(default_factory=dict)
    projections: dict[str, Any] = field(default_factory=dict)
    relays: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def plastic(self) -> Iterator[tuple[str, str, Any]]:
        """The plastic projections with the names of their source and target."""
        for pre in self.populations:
            for post in self.populations:
                if f"{pre}_to_{post}" in self.projections:
                    yield pre, post, self.projections[f"{pre}_to_{post}"]

    def members(self, name: str) -> slice:
        """Neuron numbers of a population in the blueprint."""
        return self.blueprint.members(name)

    def weights(self) -> np.ndarray:
        """Read the present weights, shape (neurons, neurons), post x pre, mV per unit rate."""
        weights = np.zeros((self.blueprint.size, self.blueprint.size))
        for pre, post, projection in self.plastic:
            j, i, weight = self.backend.connection_weights(projection)
            weights[self.members(post), self.members(pre)][i, j] = weight
        return weights


def build(
    sim: Any,
    blueprint: Blueprint,
    *,
    target: np.ndarray | None = None,
    learning_rate: float = 0.0,
    cells: str = "elise",
) -> Network:
    """Build a blueprint on a PyNN backend; to be called between ``sim.setup()`` and ``sim.run()``.

    Parameters
    ----------
    sim : module
        A PyNN backend that has been set up, e.g. ``pyNN.nest``.
    blueprint : Blueprint
    target : ndarray, shape (visible, samples), optional
        Target potential in mV of one cycle, one sample a time step.
    learning_rate : float
        eta in 1/ms; visible-to-visible synapses learn more slowly by the blueprint's factor.
    cells : str
        ``elise``, or ``stock``: PyNN's IF_curr_exp with static synapses and without scaffold, on pyNN.nest and pyNN.spiNNaker, for
        networks that were trained with ``threshold`` at this time step. The other arguments do not count then.

    Returns
    -------
    Network
    """
    if cells not in ("elise", "stock"):
        raise ParameterError(f"cells = {cells!r} is not allowed: give elise or stock.")
    if cells == "stock":
        populations = stock_cells.create_populations(sim, blueprint)
        return Network(blueprint, None, populations, stock_cells.connect(sim, blueprint, populations, sim.get_time_step()))
    backend = backend_of(sim)
    if blueprint.parameters.neuron.emission == "rate":
        raise ParameterError("emission = 'rate': cells on a PyNN backend emit spikes; give another one, or use --backend engine.")
    dt = sim.get_time_step()
    if learning_rate < 0:
        raise ParameterError(f"learning_rate = {learning_rate} /ms is not allowed: give 0 or more.")
    if abs(sim.get_min_delay() - dt) > 1e-9:
        raise ParameterError(
            f"min_delay = {sim.get_min_delay()} ms: plastic synapses read their neuron exactly at min_delay = timestep = {dt} ms only; "
            f"call sim.setup(timestep={dt}, min_delay={dt}, ...)."
        )
    longest = max(blueprint.delay_exc.max(), blueprint.delay_inh.max(), blueprint.delay_dendritic.max())
    if sim.get_max_delay() < longest + dt:
        raise ParameterError(
            f"max_delay = {sim.get_max_delay()} ms is too short for this blueprint's delays: "
            f"call sim.setup(..., max_delay={np.ceil(longest + dt)})."
        )
    if target is not None and (np.ndim(target) != 2 or len(target) != blueprint.visible):
        raise ParameterError(
            f"target of shape {np.shape(target)}: give one row per visible neuron, ({blueprint.visible}, samples), as Sequence.target does."
        )
    network = Network(blueprint, backend)
    _create_populations(sim, backend, network, target)
    _connect_dendrites(sim, backend, network, dt, learning_rate)
    _connect_scaffold(sim, network, dt)
    return network


def _create_populations(sim: Any, backend: Any, network: Network, target: np.ndarray | None) -> None:
    blueprint = network.blueprint
    neuron = blueprint.parameters.neuron
    phases, in_degree = blueprint.initial_phases(), blueprint.in_degree
    common = {
        "g_leak": neuron.g_L,
        "g_dend": neuron.g_D,
        "e_leak": neuron.E_L,
        "e_rev_E": neuron.E_exc,
        "e_rev_I": neuron.E_inh,
        "beta": neuron.beta,
        "theta": neuron.theta,
        "g_exc0": neuron.g_exc0,
        "g_inh0": neuron.g_inh0,
        "tau_syn": neuron.tau_syn,
        "spikes_per_rate": neuron.spikes_per_rate,
        "escape": int(neuron.emission == "escape"),
        "threshold": int(neuron.emission == "threshold"),
        "lif_tau_m": neuron.lif_tau_m,
        "lif_t_ref": neuron.lif_t_ref,
        "lif_v_rheo": neuron.lif_v_rheo,
        "lif_gain": neuron.lif_gain,
    }
    for name in ("visible", "latent"):
        members = network.members(name)
        size = members.stop - members.start
        if size == 0:
            continue
        own: dict[str, Any] = {"n_scaffold": in_degree[members].astype(float)}
        if name == "visible" and target is not None:
            own["teacher_size"] = target.shape[1]
            own["teacher_waveform"] = [Waveform(row) for row in target]
        population = sim.Population(size, backend.EliseNeuron(**common, **own), label=name)
        population.initialize(v=neuron.E_L, v_dend=neuron.E_L, v_pred=neuron.E_L, phase=phases[members], lif=phases[members])
        network.populations[name] = population
        network.relays[name] = sim.Population(size, backend.Relay(), label=f"{name} relays")


def _connect_dendrites(sim: Any, backend: Any, network: Network, dt: float, learning_rate: float) -> None:
    # A neuron's dendritic delay is its relay's but for the one step of the plastic synapses, which then read their neuron at arrival.
    blueprint = network.blueprint
    to_relay = on_grid(blueprint.delay_dendritic, dt, least=2) - dt
    for name, population in network.populations.items():
        one_to_one = [(i, i, delay) for i, delay in enumerate(to_relay[network.members(name)])]
        sim.Projection(
            population,
            network.relays[name],
            sim.FromListConnector(one_to_one, column_names=["delay"]),
            sim.StaticSynapse(weight=1.0),
            label=f"{name} to its relays",
        )
    learning = blueprint.parameters.learning
    for pre in network.populations:
        for post in network.populations:
            block = blueprint.weights[network.members(post), network.members(pre)]
            i, j = np.indices(block.shape).reshape(2, -1)
            pairs = np.column_stack([j, i, block.ravel()])
            if blueprint.connected is not None:
                pairs = pairs[blueprint.connected[network.members(post), network.members(pre)].ravel()]
            elif pre == post:
                pairs = pairs[i != j]
            if not len(pairs):
                continue
            rate = learning_rate * (learning.vv_factor if pre == post == "visible" else 1.0)
            if post == "latent":
                rate *= learning.latent_factor
            network.projections[f"{pre}_to_{post}"] = sim.Projection(
                network.relays[pre],
                network.populations[post],
                sim.FromListConnector(pairs, column_names=["weight"]),
                backend.EliseSynapse(learning_rate=rate, delay=dt),
                receptor_type="dendrite",
                label=f"{pre} to {post}",
            )


def _connect_scaffold(sim: Any, network: Network, dt: float) -> None:
    blueprint = network.blueprint
    for part, delays in (("exc", blueprint.delay_exc), ("inh", blueprint.delay_inh)):
        delays = on_grid(delays, dt)
        for name, population in network.populations.items():
            members = network.members(name)
            own = [edge for edge in blueprint.scaffold if members.start <= edge[0] < members.stop]
            if not own:
                continue
            edges_of_source = [(pre - members.start, post - blueprint.visible, delays[pre]) for pre, post in own]
            network.projections[f"scaffold_{part}_{name}"] = sim.Projection(
                population,
                network.populations["latent"],
                sim.FromListConnector(edges_of_source, column_names=["delay"]),
                sim.StaticSynapse(weight=1.0),
                receptor_type=f"soma_{part}",
                label=f"scaffold {part} from {name}",
            )
