"""One run from sequence to files: teach, replay, score, keep."""

from __future__ import annotations

import os
import time
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from elise_pynn import results
from elise_pynn.blueprint import Blueprint
from elise_pynn.jsonfile import RAN_AWAY, write_json
from elise_pynn.parameters import Parameters
from elise_pynn.predictor import best_blueprint
from elise_pynn.protocol import CUE_CYCLES, Progress, Replay, replay, teach
from elise_pynn.quantity import ParameterError
from elise_pynn.recommendation import configure_for
from elise_pynn.rendition import render
from elise_pynn.sequence import Sequence
from elise_pynn.settings import Settings
from elise_pynn.simulation import Simulation, check_fit


def make_simulation(settings: Settings, blueprint: Blueprint, sequence: Sequence, learning_rate: float) -> Simulation:
    """Build the network on the backend that the settings name."""
    if settings.backend == "engine":
        from elise_pynn.engine import EngineSimulation

        return EngineSimulation(blueprint, sequence, settings.timestep, learning_rate, settings.integrator)
    from elise_pynn.pynn_simulation import PyNNSimulation

    return PyNNSimulation(blueprint, sequence, settings.timestep, learning_rate, settings.backend, settings.threads)


def check_combination(settings: Settings, parameters: Parameters, sequence: Sequence) -> None:
    """Raise ParameterError when settings, parameters and sequence are right each by itself but not together."""
    emission = parameters.neuron.emission
    if emission == "rate" and settings.backend != "engine":
        raise ParameterError("emission = 'rate' has no spikes, with which NEST's neurons talk: add --backend engine.")
    if settings.integrator == "reference" and emission != "rate":
        raise ParameterError(f"integrator = 'reference' is the rate form's, not that of emission = {emission!r}: give --emission rate.")
    target = sequence.target(settings.timestep)  # refuses time steps that do not divide the period
    if not np.ptp(target, axis=1).any():
        raise ParameterError(f"nothing changes in the sequence {sequence.name}, so that there is nothing to learn: give one that does.")


def run(
    sequence: Sequence,
    folder: Path | None,
    settings: Settings,
    parameters: Parameters,
    blueprint: Blueprint | None = None,
    progress: Progress | None = None,
    begin: float | None = None,
) -> dict[str, Any]:
    """Teach a sequence, replay it, score it, and leave everything in a folder.

    Parameters
    ----------
    sequence : Sequence
    folder : Path or None
        Must not hold a run. None: nothing is written.
    settings : Settings
    parameters : Parameters
        For the network to be grown.
    blueprint : Blueprint, optional
        Used instead of growing one; its parameters count.
    progress : callable, optional
        Called with the number of cycles done, of ``settings.cycles`` + ``settings.replay`` + 1, and the newest free-run correlation.
    begin : float, optional
        ``time.perf_counter()`` at the start of the command, for the total time.

    Returns
    -------
    dict
        The summary that ``--json`` prints.
    """
    begin = begin or time.perf_counter()
    if blueprint is None:
        blueprint = best_blueprint(sequence, settings.latent, settings.seed, parameters, settings.draws)
    else:
        settings = replace(settings, latent=blueprint.latent, seed=blueprint.seed, draws=1)
    check_fit(blueprint, sequence)
    check_combination(settings, blueprint.parameters, sequence)
    with results.claimed(folder) if folder else nullcontext():
        return _run(sequence, folder, settings, blueprint, progress, begin)


def run_sequence(sequence: Sequence, folder: str | os.PathLike, preset: str = "spiking", **given: Any) -> results.Run:
    """Teach a sequence to the network that is recommended for it, replay it, and leave everything in a folder, as ``elise run`` does.

    Parameters
    ----------
    sequence : Sequence
    folder : path
        Must not hold a run.
    preset : str
    **given
        Settings and parameters by their bare names, ``backend="engine", latent=50, seed=2``.

    Returns
    -------
    Run
        Shows itself in a notebook.
    """
    settings, parameters = configure_for(sequence, preset, **given)
    run(sequence, Path(folder), settings, parameters)
    return results.read_run(folder)


def _run(
    sequence: Sequence, folder: Path | None, settings: Settings, blueprint: Blueprint, progress: Progress | None, begin: float
) -> dict[str, Any]:
    eta = blueprint.parameters.learning.initial_eta(settings.cycles)
    simulation = make_simulation(settings, blueprint, sequence, eta)
    training = results.training_json(teach(simulation, blueprint, sequence, settings.cycles, progress))
    weights, simulate = simulation.weights(), simulation.seconds
    if not np.isfinite(weights).all():
        raise ParameterError(RAN_AWAY)
    trained = blueprint.trained(weights)
    if folder:
        trained.save(folder / results.BLUEPRINT)
    del simulation
    played, replaying = _replay(settings, trained, sequence, eta, progress)
    summary = {**_identity(settings, trained), "training": training, **_scores(played)}

    def seconds() -> dict[str, float]:
        total = time.perf_counter() - begin
        return {"total": total, "simulate": simulate + replaying, "per_cycle_simulate": simulate / settings.cycles}

    if folder:
        kept = {
            "settings": {**asdict(settings), "learning_rate": eta},
            "parameters": trained.parameters.to_dict(),
            "sequence": sequence.to_dict(),
        }
        results.write_recording(folder, trained, sequence, played, summary)
        write_json({**summary, "seconds": seconds(), **kept}, folder / results.RUN)
        results.draw(folder, trained, sequence, training, played, settings.timestep)
        render(folder, sequence, trained, played)
        summary["seconds"] = seconds()
        write_json({**summary, **kept}, folder / results.RUN)
    return {**summary, "seconds": seconds()}


def replay_again(
    done: results.Run,
    cycles: int | None = None,
    threads: int = 1,
    progress: Progress | None = None,
    begin: float | None = None,
    backend: str | None = None,
    emission: str | None = None,
) -> dict[str, Any]:
    """Replay a run that has been taught, without teaching it again; writes nothing.

    Parameters
    ----------
    done : elise_pynn.results.Run
        The run, as `elise_pynn.results.read_run` returns it.
    cycles : int, optional
        As many as in the run when not given.
    backend, emission : str, optional
        Those of the run when not given; a run taught on NEST can be replayed on the engine, and the other way round.

    Returns
    -------
    dict
        The summary that ``--json`` prints, with the training scores of the run.
    """
    begin = begin or time.perf_counter()
    blueprint, where = done.blueprint, backend or done.settings.backend
    if emission:
        neuron = replace(blueprint.parameters.neuron, emission=emission)
        blueprint = replace(blueprint, parameters=replace(blueprint.parameters, neuron=neuron))
    same_form = blueprint.parameters.neuron.emission == "rate" and where == "engine"
    settings = replace(
        done.settings,
        threads=threads,
        replay=cycles or done.settings.replay,
        backend=where,
        integrator=done.settings.integrator if same_form else "exponential",
    )
    check_combination(settings, blueprint.parameters, done.sequence)
    played, simulate = _replay(settings, blueprint, done.sequence, done.learning_rate, progress)
    summary = {**_identity(settings, blueprint), "training": done.training, **_scores(played)}
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
    if not np.isfinite([played.scores.median_mse, *played.scores.mse]).all():
        raise ParameterError(RAN_AWAY)
    return played, simulation.seconds


def _identity(settings: Settings, blueprint: Blueprint) -> dict[str, Any]:
    return {
        "cycles": settings.cycles,
        "seed": settings.seed,
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
