"""A trained network as a platform is to play it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from elise_pynn.analysis.spike_scores import SpikeScores, score_spikes
from elise_pynn.blueprint import Blueprint
from elise_pynn.engine import EngineSimulation
from elise_pynn.protocol import CUE_CYCLES, target_rates
from elise_pynn.sequence import Sequence
from elise_pynn.simulation import score_interval

#: kernel rates are sampled near this interval in ms
SAMPLED_MS = 1.0
#: scores that a replay must reach at the time steps of 1 ms and below: correlation from spikes, note F1
REQUIRED = {1.0: (0.97, 0.98), 0.1: (0.95, 0.95)}


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


def score_played(
    times: np.ndarray, neurons: np.ndarray, blueprint: Blueprint, sequence: Sequence, timestep: float, cycles: int
) -> SpikeScores:
    """Score spikes in ms from the start of a replay of `cycles` + 1 cycles; neurons as in the blueprint."""
    interval = score_interval(timestep, round(sequence.period / timestep), SAMPLED_MS)
    pattern = None if sequence.continuous.any() else sequence.pattern
    target, k = target_rates(sequence, blueprint, timestep, interval), blueprint.parameters.neuron.spikes_per_rate
    return score_spikes(times, neurons, target, interval, cycles, pattern, sequence.step_ms, k)


def replay_without_scaffold(blueprint: Blueprint, sequence: Sequence, timestep: float, cycles: int) -> SpikeScores:
    """Cue and replay a `threshold` network on the engine as stock cells play it: spike by spike what IF_curr_exp does on NEST."""
    simulation = EngineSimulation(without_scaffold(blueprint), sequence, timestep)
    simulation.learn(0.0)
    simulation.nudge(blueprint.parameters.learning.nudging)
    simulation.run(CUE_CYCLES * sequence.period)
    simulation.nudge(0.0)
    simulation.record()
    simulation.run((cycles + 1) * sequence.period)
    activity = simulation.take()
    return score_played(activity.spike_times, activity.spike_neurons, blueprint, sequence, timestep, cycles)
