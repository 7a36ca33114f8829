"""One run from sequence to files: teach, replay, score, keep."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from elise_pynn import results
from elise_pynn.blueprint import Blueprint, make_blueprint
from elise_pynn.parameters import Parameters
from elise_pynn.protocol import CUE_CYCLES, Progress, Replay, replay, teach
from elise_pynn.quantity import ParameterError
from elise_pynn.sequence import Sequence
from elise_pynn.simulation import PyNNSimulation, Simulation

BACKENDS = ("nest",)


@dataclass(frozen=True)
class Settings:
    """What a user chooses for a run besides the sequence; see ``elise run --help``."""

    backend: str = "nest"
    latent: int = 100
    cycles: int = 1000
    replay: int = 30
    seed: int = 1
    timestep: float = 0.1
    threads: int = 1
    replay_learning: bool = False

    def __post_init__(self) -> None:
        limits = {"latent": (0, 100_000), "cycles": (1, 10_000_000), "replay": (1, 1_000_000), "seed": (0, 2**31 - 2), "threads": (1, 1024)}
        for name, (low, high) in limits.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ParameterError(f"{name} = {value} is not allowed: give a whole number from {low} to {high}.")
        if not 0.01 <= self.timestep <= 1.0:
            raise ParameterError(f"timestep = {self.timestep} ms is not allowed: give 0.01 to 1.0 ms.")
        if self.backend not in BACKENDS:
            raise ParameterError(f"there is no backend {self.backend!r}: give one of {', '.join(BACKENDS)}.")


def make_simulation(settings: Settings, blueprint: Blueprint, sequence: Sequence, learning_rate: float) -> Simulation:
    """Build the network on the backend that the settings name."""
    return PyNNSimulation(blueprint, sequence, settings.timestep, learning_rate, settings.backend, settings.threads)


def run(
    sequence: Sequence,
    folder: Path,
    settings: Settings,
    parameters: Parameters,
    blueprint: Blueprint | None = None,
    progress: Progress | None = None,
    begin: float | None = None,
) -> dict[str, Any]:
    """Teach a sequence, replay it and leave everything in a folder.

    Parameters
    ----------
    sequence : Sequence
    folder : Path
        Must not hold a run.
    settings : Settings
    parameters : Parameters
        For the network to be grown.
    blueprint : Blueprint, optional
        Used instead of growing one; its parameters count.
    progress : callable, optional
        Called with the number of cycles done, of ``settings.cycles`` + 3 + ``settings.replay`` + 1, and the newest free-run correlation.
    begin : float, optional
        ``time.perf_counter()`` at the start of the command, for the total time.

    Returns
    -------
    dict
        The summary that ``--json`` prints.
    """
    begin = begin or time.perf_counter()
    results.claim(folder)
    if blueprint is None:
        blueprint = make_blueprint(sequence.n_channels, settings.latent, settings.seed, parameters)
    eta = blueprint.parameters.learning.initial_eta(settings.cycles)
    simulation = make_simulation(settings, blueprint, sequence, eta)
    training = results.training_json(teach(simulation, blueprint, sequence, settings.cycles, progress))
    trained, simulate = blueprint.trained(simulation.weights()), simulation.seconds
    played, replaying = _replay(settings, trained, sequence, eta, progress)
    summary = {**_identity(settings, trained), "training": training, **_scores(played)}
    results.write_arrays(folder, trained, sequence, played, _annotations(summary, sequence))
    results.draw(folder, trained, sequence, training, played, settings.timestep)
    summary["seconds"] = {
        "total": time.perf_counter() - begin,
        "simulate": simulate + replaying,
        "per_cycle_simulate": simulate / settings.cycles,
    }
    kept = {
        "settings": {**asdict(settings), "latent": trained.latent, "seed": trained.seed, "learning_rate": eta},
        "parameters": trained.parameters.to_dict(),
        "sequence": sequence.to_dict(),
    }
    results.write_json({**summary, **kept}, folder / results.RUN)
    return summary


def replay_again(
    folder: Path, cycles: int | None = None, threads: int = 1, progress: Progress | None = None, begin: float | None = None
) -> dict[str, Any]:
    """Replay a run that has been taught, without teaching it again; writes nothing.

    Parameters
    ----------
    folder : Path
        Of the run.
    cycles : int, optional
        As many as in the run when not given.

    Returns
    -------
    dict
        The summary that ``--json`` prints, with the training scores of the run.
    """
    begin = begin or time.perf_counter()
    values, trained, sequence = results.read_run(folder)
    known = dict(values["settings"])
    eta = known.pop("learning_rate")
    settings = replace(Settings(**known), threads=threads, replay=cycles or known["replay"])
    played, simulate = _replay(settings, trained, sequence, eta, progress)
    summary = {**_identity(settings, trained), "training": values["training"], **_scores(played)}
    summary["seconds"] = {
        "total": time.perf_counter() - begin,
        "simulate": simulate,
        "per_cycle_simulate": simulate / (CUE_CYCLES + settings.replay + 1),
    }
    return summary


def _replay(settings: Settings, trained: Blueprint, sequence: Sequence, eta: float, progress: Progress | None) -> tuple[Replay, float]:
    simulation = make_simulation(settings, trained, sequence, eta)

    def after_training(done: int, correlation: float | None) -> None:
        if progress:
            progress(settings.cycles + done, correlation)

    played = replay(simulation, trained, sequence, settings.replay, settings.replay_learning, after_training)
    return played, simulation.seconds


def _identity(settings: Settings, blueprint: Blueprint) -> dict[str, Any]:
    return {
        "cycles": settings.cycles,
        "seed": blueprint.seed,
        "n_visible": blueprint.visible,
        "n_latent": blueprint.latent,
        "timestep_ms": settings.timestep,
    }


def _scores(played: Replay) -> dict[str, Any]:
    return {
        "replay": results.replay_json(played),
        "spikes_per_cycle": played.spikes_per_cycle,
        "seconds": {},
        "versions": results.versions(),
    }


def _annotations(summary: dict[str, Any], sequence: Sequence) -> dict[str, Any]:
    identity = {key: summary[key] for key in ("seed", "cycles", "timestep_ms")}
    return {"sequence": sequence.name, **identity, **{f"version_{name}": v for name, v in summary["versions"].items()}}
