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
from elise_pynn.checkpoint import forget
from elise_pynn.claim import claimed, unwritable
from elise_pynn.doubts import doubts_about_network, doubts_about_replay
from elise_pynn.jsonfile import RAN_AWAY, write_json
from elise_pynn.parameters import Parameters
from elise_pynn.predictor import best_blueprint
from elise_pynn.protocol import CUE_CYCLES, FreeRun, Progress, Replay, replay, teach
from elise_pynn.quantity import ParameterError
from elise_pynn.recommendation import configure_for
from elise_pynn.rendition import render
from elise_pynn.resume import EVERY, Checkpoints, Notice, can_be_taken_up, content_of, taken_up
from elise_pynn.runaway import check_weights
from elise_pynn.sequence import Sequence
from elise_pynn.settings import Settings
from elise_pynn.simulation import Simulation, check_fit
from elise_pynn.versions import versions


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
    resume: bool = False,
    checkpoint_every: float = EVERY,
    notice: Notice | None = None,
) -> dict[str, Any]:
    """Teach a sequence, replay it, score it, and leave everything in a folder.

    Parameters
    ----------
    sequence : Sequence
    folder : Path or None
        Must not hold a run, but an interrupted one to `resume`. None: nothing is written.
    settings : Settings
    parameters : Parameters
        For the network to be grown.
    blueprint : Blueprint, optional
        Used instead of growing one; its parameters count.
    progress : callable, optional
        Called with the number of cycles done, of ``settings.cycles`` + ``settings.replay`` + 1, and the newest free-run correlation.
    begin : float, optional
        ``time.perf_counter()`` at the start of the command, for the total time.
    resume : bool
        Go on from the checkpoints of an interrupted run, to the same bits as if it had not been interrupted.
    checkpoint_every : float
        Seconds between checkpoints; 0: none.
    notice : callable, optional
        Told in words what happens, and what may be wrong with the results.

    Returns
    -------
    dict
        The summary that ``--json`` prints.
    """
    begin = begin or time.perf_counter()
    if not 0 <= checkpoint_every < float("inf"):
        raise ParameterError(f"checkpoint_every = {checkpoint_every} s is not allowed: give 0 (none) or more.")
    if resume and folder is None:
        raise ParameterError("resume goes on with the run in a folder: give --out DIR, too.")
    if blueprint is None:
        blueprint = best_blueprint(sequence, settings.latent, settings.seed, parameters, settings.draws)
    else:
        settings = replace(settings, latent=blueprint.latent, seed=blueprint.seed, draws=1)
    check_fit(blueprint, sequence)
    check_combination(settings, blueprint.parameters, sequence)
    with claimed(folder, results.FILES, resume) if folder else nullcontext():
        return _run(sequence, folder, settings, blueprint, progress, begin, resume, checkpoint_every, notice or (lambda text: None))


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
    sequence: Sequence,
    folder: Path | None,
    settings: Settings,
    blueprint: Blueprint,
    progress: Progress | None,
    begin: float,
    resume: bool,
    checkpoint_every: float,
    notice: Notice,
) -> dict[str, Any]:
    warnings: list[str] = []

    def warn(text: str) -> None:
        warnings.append(text)
        notice(f"Warning: {text}")

    eta = blueprint.parameters.learning.initial_eta(settings.cycles)
    content = content_of(settings, blueprint, sequence, eta)
    found = taken_up(folder, content, notice, warn) if folder and resume else None
    for doubt in doubts_about_network(blueprint, sequence, settings.timestep):
        warn(doubt)
    simulation = make_simulation(settings, blueprint, sequence, eta)
    done, scores = 0, []
    if found:
        simulation.restore(found.state)
        simulation.seconds, done, scores = found.seconds, found.cycle, [FreeRun(**free_run) for free_run in found.training]
    if folder and checkpoint_every and not can_be_taken_up(settings, blueprint):
        notice("no checkpoints: stochastic emission of so many spikes per step cannot be taken up again on NEST.")
        checkpoint_every = 0
    kept = Checkpoints(folder, checkpoint_every, content, simulation, warn, settings.cycles)
    training = results.training_json(
        teach(simulation, blueprint, sequence, settings.cycles, progress, None, done, scores, kept.keep if folder else None)
    )
    weights, simulate = simulation.weights(), simulation.seconds
    check_weights(weights, blueprint, settings.cycles)
    trained = blueprint.trained(weights)
    del simulation, kept
    played, replaying = _replay(settings, trained, sequence, eta, progress)
    for doubt in doubts_about_replay(trained, sequence, played, settings.timestep):
        warn(doubt)
    summary = {**_identity(settings, trained), "training": training, **_scores(played), "warnings": warnings}

    def seconds() -> dict[str, float]:
        total = time.perf_counter() - begin
        return {"total": total, "simulate": simulate + replaying, "per_cycle_simulate": simulate / settings.cycles}

    if folder:
        about = {
            "settings": {**asdict(settings), "learning_rate": eta},
            "parameters": trained.parameters.to_dict(),
            "sequence": sequence.to_dict(),
            "sha256": {},
        }
        try:
            trained.save(folder / results.BLUEPRINT)
            results.write_recording(folder, trained, sequence, played, summary)
            about["sha256"] = results.hashes(folder, trained)
            write_json({**summary, "seconds": seconds(), **about}, folder / results.RUN)
            results.draw(folder, trained, sequence, training, played, settings.timestep)
            render(folder, sequence, trained, played)
            summary["seconds"] = seconds()
            write_json({**summary, **about}, folder / results.RUN)
        except (OSError, RuntimeError) as error:  # HDF5, NIX and libsndfile raise RuntimeError when a disk is full
            raise unwritable(folder, error, begun=True) from error
        forget(folder)
    return {**summary, "seconds": seconds()}


def replay_again(
    done: results.Run,
    cycles: int | None = None,
    threads: int = 1,
    progress: Progress | None = None,
    begin: float | None = None,
    backend: str | None = None,
    emission: str | None = None,
    notice: Notice | None = None,
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
    notice : callable, optional
        Told in words what may be wrong with the replay.

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
    doubts = doubts_about_replay(blueprint, done.sequence, played, settings.timestep)
    summary = {**_identity(settings, blueprint), "training": done.training, **_scores(played), "warnings": doubts}
    for doubt in doubts:
        if notice:
            notice(f"Warning: {doubt}")
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
        "versions": versions(),
    }
