"""Teach a network, let it run freely, replay."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence as Items
from dataclasses import dataclass

import numpy as np

from elise_pynn.analysis.notes import note_f1
from elise_pynn.analysis.scores import ReplayScores, correlation, mean_squared_error, score_replay
from elise_pynn.blueprint import Blueprint
from elise_pynn.runaway import check_potentials
from elise_pynn.sequence import Sequence
from elise_pynn.simulation import Activity, Simulation

#: every so many cycles the teacher pauses and the free run is scored
FREE_RUN_EVERY = 20
#: the gain of the learning rates follows its exponential in steps of so many cycles; divides FREE_RUN_EVERY
ANNEAL_EVERY = 10
#: nudged cycles before a replay
CUE_CYCLES = 3

#: called before every 20th cycle with the number of cycles done and the free runs so far
Keep = Callable[[int, "list[FreeRun]"], None]
#: called every few cycles with the number of cycles done and the newest free-run correlation
Progress = Callable[[int, float | None], None]


@dataclass(frozen=True)
class FreeRun:
    """Score of a free run during training, unshifted."""

    cycle: int
    mse: float
    correlation: float


@dataclass(frozen=True)
class Replay:
    """A replay: what was recorded and how it scores."""

    cue: Activity
    activity: Activity
    scores: ReplayScores
    note_f1: float | None  #: None in the rate form, which has no spikes, and for continuous channels, which have no notes
    spikes_per_cycle: float


def target_rates(sequence: Sequence, blueprint: Blueprint, timestep: float, interval: float) -> np.ndarray:
    """phi(u*) of one cycle, sampled like the recorded rates, shape (channels, samples)."""
    neuron = blueprint.parameters.neuron
    every = round(interval / timestep)
    return neuron.rate(sequence.target(timestep, neuron)[:, every - 1 :: every])


def teach(
    simulation: Simulation,
    blueprint: Blueprint,
    sequence: Sequence,
    cycles: int,
    progress: Progress | None = None,
    each_cycle: Callable[[Simulation, int], None] | None = None,
    done: int = 0,
    scores: Items[FreeRun] = (),
    keep: Keep | None = None,
) -> list[FreeRun]:
    """Teach a sequence for a number of cycles.

    Every 20th cycle, from the first one on, runs without the teacher, learning on, and is scored. The learning rates are
    annealed exponentially from 1 to ``learning.anneal_to``, in steps of a few cycles.

    Parameters
    ----------
    simulation : Simulation
        At the start of a cycle.
    cycles : int
    progress : callable, optional
    each_cycle : callable, optional
        Called with the simulation and the cycle's number before each cycle, to intervene.
    done, scores : int, sequence of FreeRun
        Where the training stands, when the simulation was brought to a state in which `keep` was called.
    keep : callable, optional
        Called where a training can be taken up again.

    Returns
    -------
    list of FreeRun
    """
    learning = blueprint.parameters.learning
    target = target_rates(sequence, blueprint, simulation.timestep, simulation.interval)
    scores, begin = list(scores), done
    while done < cycles:
        if done % FREE_RUN_EVERY == 0:
            if keep and done > begin:
                keep(done, scores)
            simulation.mark(done)
        simulation.learn(learning.gain(done, cycles))
        if each_cycle:
            each_cycle(simulation, done)
        if done % FREE_RUN_EVERY == 0:
            scores.append(_free_run(simulation, sequence, done, target))
            check_potentials(simulation, blueprint, done)
            simulation.nudge(learning.nudging)
            done += 1
        else:
            stretch = 1 if each_cycle else min(ANNEAL_EVERY - done % ANNEAL_EVERY, cycles - done)
            simulation.run(stretch * sequence.period)
            done += stretch
        if progress:
            progress(done, scores[-1].correlation)
    if keep and done > begin:
        keep(done, scores)
    return scores


def _free_run(simulation: Simulation, sequence: Sequence, cycle: int, target: np.ndarray) -> FreeRun:
    simulation.nudge(0.0)
    simulation.record()
    simulation.run(sequence.period)
    rates = simulation.take().rates
    return FreeRun(cycle, mean_squared_error(rates, target), correlation(rates, target))


def replay(
    simulation: Simulation,
    blueprint: Blueprint,
    sequence: Sequence,
    cycles: int,
    learning: bool = False,
    progress: Progress | None = None,
) -> Replay:
    """Cue a trained network with nudged cycles, then let it play.

    One cycle more than asked for is simulated, into which the best shift of the last cycle reaches.

    Parameters
    ----------
    simulation : Simulation
        Freshly built from the trained blueprint.
    cycles : int
    learning : bool
        Leave learning on, at the rate at which training ended; else weights are frozen.
    progress : callable, optional
    """
    simulation.learn(blueprint.parameters.learning.anneal_to if learning else 0.0)
    simulation.nudge(blueprint.parameters.learning.nudging)
    simulation.record()
    simulation.run(CUE_CYCLES * sequence.period)
    cue = simulation.take()
    simulation.nudge(0.0)
    simulation.record()
    for cycle in range(cycles + 1):
        simulation.run(sequence.period)
        if progress:
            progress(cycle + 1, None)
    activity = simulation.take()
    target = target_rates(sequence, blueprint, simulation.timestep, simulation.interval)
    visible = activity.spike_neurons < blueprint.visible
    neuron = blueprint.parameters.neuron
    f1 = None
    if neuron.emission != "rate" and not sequence.continuous.any():
        played = activity.spike_times[visible], activity.spike_neurons[visible]
        f1 = note_f1(*played, sequence.pattern, sequence.step_ms, cycles, neuron.spikes_per_rate)
    scores = score_replay(activity.rates, target, simulation.interval)
    return Replay(cue, activity, scores, f1, len(activity.spike_times) / (cycles + 1))
