"""A trained network as a platform is to play it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from elise_pynn.analysis.spike_scores import SpikeScores, score_spikes
from elise_pynn.blueprint import Blueprint, on_grid
from elise_pynn.engine.lif import LifCells, LifNetwork
from elise_pynn.protocol import CUE_CYCLES, target_rates
from elise_pynn.results import Run
from elise_pynn.sequence import Sequence
from elise_pynn.simulation import Activity, score_interval
from elise_pynn.stock_cells import C_M, STEPS, V_REST, V_THRESH, current_per_weight

#: cycles of the replay that decides
REPLAY = 100
#: kernel rates are sampled near this interval in ms
SAMPLED_MS = 1.0


@dataclass(frozen=True)
class Deployed:
    """A trained network without its scaffold, and how it plays.

    Attributes
    ----------
    blueprint : Blueprint
        Trained, quantised if the platform asks for it, without scaffold.
    sequence : Sequence
    timestep : float
        ms, at which it was trained and is to run.
    scores : SpikeScores or None
        Of its replay by the platform's cells, as emulated; None when they cannot play it.
    history : tuple of str
        What was done to get it, a sentence each.
    """

    blueprint: Blueprint
    sequence: Sequence
    timestep: float
    scores: SpikeScores | None
    history: tuple[str, ...] = ()


def without_scaffold(blueprint: Blueprint) -> Blueprint:
    """The same network with dendritic synapses only."""
    return replace(blueprint, scaffold=np.empty((0, 2), dtype=int))


def stock_network(blueprint: Blueprint, timestep: float) -> LifNetwork:
    """The network's IF_curr_exp cells on pyNN.nest, in units of their span."""
    neuron, n = blueprint.parameters.neuron, blueprint.size
    span = (V_THRESH - V_REST) * C_M / neuron.lif_tau_m  # nA
    every = {"tau_m": neuron.lif_tau_m, "tau_exc": 1 / neuron.g_L, "tau_inh": 1 / neuron.g_L, "refractory": neuron.lif_t_ref}
    every |= {"drive": 1 + neuron.lif_gain * (neuron.E_L - neuron.lif_v_rheo), "threshold": 1.0, "floor": -np.inf}
    every |= {"gain_exc": 1.0, "gain_inh": 1.0, "noise": 0.0}
    delay = on_grid(blueprint.delay_dendritic, timestep, least=2) - STEPS["nest"].later * timestep
    cells = LifCells(**{name: np.full(n, value) for name, value in every.items()}, delay=delay)
    weights = blueprint.weights * current_per_weight(neuron, timestep) / span
    return LifNetwork(cells, weights, timestep, blueprint.initial_phases())


def replayed_without_scaffold(blueprint: Blueprint, sequence: Sequence, timestep: float, cycles: int) -> Activity:
    """Cue a `threshold` network by currents and let it play, spike by spike as IF_curr_exp cells do on pyNN.nest.

    Returns
    -------
    Activity
        Of `cycles` + 1 cycles after the cue, of which the last one only serves shifts.
    """
    neuron, network = blueprint.parameters.neuron, stock_network(blueprint, timestep)
    target = sequence.target(timestep, neuron)
    cued = np.zeros((CUE_CYCLES * target.shape[1], blueprint.size))
    strength = neuron.lif_gain * blueprint.parameters.learning.nudging
    cued[:, : blueprint.visible] = np.tile(strength * (target - neuron.E_L), CUE_CYCLES).T
    changes = np.flatnonzero(np.any(np.diff(cued, axis=0, prepend=np.nan) != 0, axis=1))
    for begin, end in zip(changes, [*changes[1:], len(cued)], strict=True):
        network.drive(cued[begin])
        network.run((end - begin) * timestep)
    network.drive(np.zeros(blueprint.size))
    duration = (cycles + 1) * sequence.period
    times, neurons = network.run(duration)
    return Activity(len(cued) * timestep, duration, timestep, np.empty((blueprint.visible, 0)), times, neurons)


def sampling_interval(sequence: Sequence, timestep: float) -> float:
    """Interval in ms at which kernel rates are sampled."""
    return score_interval(timestep, round(sequence.period / timestep), SAMPLED_MS)


def score_played(activity: Activity, blueprint: Blueprint, sequence: Sequence, timestep: float) -> SpikeScores:
    """Score the spikes of a replay."""
    cycles = round(activity.duration / sequence.period) - 1
    interval = sampling_interval(sequence, timestep)
    pattern = None if sequence.continuous.any() else sequence.pattern
    target, k = target_rates(sequence, blueprint, timestep, interval), blueprint.parameters.neuron.spikes_per_rate
    return score_spikes(activity.spike_times, activity.spike_neurons, target, interval, cycles, pattern, sequence.step_ms, k)


def as_it_is(run: Run) -> Deployed:
    """A run's network as it is, played if stock cells can play it."""
    blueprint, timestep, scores = run.blueprint, run.settings.timestep, None
    if blueprint.parameters.neuron.emission == "threshold":
        activity = replayed_without_scaffold(blueprint, run.sequence, timestep, REPLAY)
        scores = score_played(activity, blueprint, run.sequence, timestep)
    return Deployed(without_scaffold(blueprint), run.sequence, timestep, scores, ("The run's own network, as it was taught.",))
