"""A trained network as a platform is to play it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from elise_pynn.analysis.spike_scores import SpikeScores, score_spikes
from elise_pynn.blueprint import Blueprint
from elise_pynn.engine import EngineSimulation
from elise_pynn.protocol import CUE_CYCLES, target_rates
from elise_pynn.results import Run
from elise_pynn.sequence import Sequence
from elise_pynn.simulation import Activity, score_interval

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
        Of its replay by the platform's cells; None when they cannot play it.
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


def replayed_without_scaffold(blueprint: Blueprint, sequence: Sequence, timestep: float, cycles: int) -> Activity:
    """Cue and replay a `threshold` network on the engine as stock cells play it: spike by spike what IF_curr_exp does on NEST.

    Returns
    -------
    Activity
        Of `cycles` + 1 cycles after the cue, of which the last one only serves shifts.
    """
    simulation = EngineSimulation(without_scaffold(blueprint), sequence, timestep)
    simulation.learn(0.0)
    simulation.nudge(blueprint.parameters.learning.nudging)
    simulation.run(CUE_CYCLES * sequence.period)
    simulation.nudge(0.0)
    simulation.record()
    simulation.run((cycles + 1) * sequence.period)
    return simulation.take()


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
