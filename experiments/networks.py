"""Teaching networks and letting them play, as experiments need it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from elise_pynn.analysis.scores import ReplayScores, score_replay
from elise_pynn.blueprint import Blueprint, make_blueprint
from elise_pynn.melody import fuer_elise
from elise_pynn.parameters import Parameters
from elise_pynn.presets import configure
from elise_pynn.protocol import CUE_CYCLES, FreeRun, target_rates, teach
from elise_pynn.run import make_simulation
from elise_pynn.sequence import Sequence
from elise_pynn.settings import Settings
from elise_pynn.simulation import Activity, Simulation

#: cycles of training by preset, for the rate form with the paper's learning rates
CYCLES = {"smoke": 40, "quick": 10_000, "paper": 10_000}
#: latent neurons by preset, where an experiment does not vary them
LATENT_NEURONS = {"smoke": 12, "quick": 50, "paper": 50}
#: cycles of a replay that is scored
REPLAY = {"smoke": 2, "quick": 30, "paper": 96}


#: the spiking form in the paper's place, for NEST
SPIKING = {"emission": "integrate", "integrator": "exponential", "eta": 0.4, "anneal_to": 0.01, "replay_learning": False}


def form(backend: str, preset: str) -> dict[str, Any]:
    """The model's form on a backend, and the cycles of training that it needs."""
    return {"cycles": CYCLES[preset]} if backend == "engine" else {**SPIKING, "cycles": min(CYCLES[preset], 1000)}


@dataclass(frozen=True)
class Taught:
    """A network that has been taught."""

    settings: Settings
    sequence: Sequence
    blueprint: Blueprint
    eta: float
    training: list[FreeRun]

    @property
    def first_learned(self) -> int | None:
        """First cycle whose free run has an MSE below 0.01; None if there is none."""
        return next((run.cycle for run in self.training if run.mse < 0.01), None)

    def simulation(self, learning: bool = False, sequence: Sequence | None = None) -> Simulation:
        """A fresh simulation of the taught network, learning or frozen, possibly with another phase of its sequence."""
        simulation = make_simulation(self.settings, self.blueprint, sequence or self.sequence, self.eta)
        simulation.learn(self.blueprint.parameters.learning.anneal_to if learning else 0.0)
        return simulation

    def cued(self, learning: bool = False) -> Simulation:
        """A fresh simulation at the end of its cue, the teacher gone."""
        simulation = self.simulation(learning)
        simulation.nudge(self.blueprint.parameters.learning.nudging)
        simulation.run(CUE_CYCLES * self.sequence.period)
        simulation.nudge(0.0)
        return simulation

    def score(self, activity: Activity) -> ReplayScores:
        """Scores of a recording that began at the start of a cycle."""
        target = target_rates(self.sequence, self.blueprint, self.settings.timestep, activity.interval)
        return score_replay(activity.rates, target, activity.interval)

    def play(self, simulation: Simulation, cycles: int) -> ReplayScores:
        """Let a simulation play for a number of cycles and score them."""
        simulation.record()
        simulation.run((cycles + 1) * self.sequence.period)
        return self.score(simulation.take())


def prepare(given: dict[str, Any], sequence: Sequence | None = None) -> tuple[Settings, Parameters, Sequence]:
    """Return settings, parameters and sequence of a point: the paper's preset with what is `given`."""
    settings, parameters = configure("paper", **given)
    return settings, parameters, sequence or fuer_elise()


def teach_network(
    given: dict[str, Any],
    sequence: Sequence | None = None,
    blueprint: Blueprint | None = None,
    each_cycle: Callable[[Simulation, int], None] | None = None,
) -> Taught:
    """Grow a network, unless a blueprint is given, and teach it.

    Parameters
    ----------
    given : dict
        Settings and parameters in place of those of the paper's preset.
    sequence : Sequence, optional
        Für Elise when not given.
    blueprint : Blueprint, optional
    each_cycle : callable, optional
        Called with the simulation and the cycle's number before each cycle.
    """
    settings, parameters, sequence = prepare(given, sequence)
    blueprint = blueprint or make_blueprint(sequence.n_channels, settings.latent, settings.seed, parameters)
    eta = blueprint.parameters.learning.initial_eta(settings.cycles)
    simulation = make_simulation(settings, blueprint, sequence, eta)
    training = teach(simulation, blueprint, sequence, settings.cycles, None, each_cycle)
    weights = simulation.weights()
    return Taught(settings, sequence, blueprint.trained(weights), eta, training)


def replay_columns(scores: ReplayScores) -> dict[str, Any]:
    """The columns of a replay that most tables have."""
    return {
        "replay_mse": scores.median_mse,
        "replay_correlation": scores.median_correlation,
        "sustained": scores.sustained_cycles == scores.cycles,
        "drift_ms_per_cycle": scores.drift_ms_per_cycle,
    }


def training_columns(taught: Taught) -> dict[str, Any]:
    """The columns of a training that most tables have."""
    last = taught.training[-10:]
    return {"free_run_mse": float(np.median([run.mse for run in last])), "first_learned_cycle": taught.first_learned}
