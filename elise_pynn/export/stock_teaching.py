"""Networks that stock cells can play: taught again in the `threshold` form, and replayed without scaffold before anybody exports them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from elise_pynn.analysis.spike_scores import SpikeScores
from elise_pynn.engine import EngineSimulation
from elise_pynn.export.deployed import REPLAY, Deployed, as_it_is, replayed_without_scaffold, score_played, without_scaffold
from elise_pynn.predictor import best_blueprint
from elise_pynn.presets import configure
from elise_pynn.protocol import Progress, teach
from elise_pynn.quantity import ParameterError
from elise_pynn.results import Run
from elise_pynn.sequence import Sequence
from elise_pynn.settings import Settings

#: cycles of teaching, and networks grown of which one is taught, at least; networks that are taught, at most
CYCLES, DRAWS, ATTEMPTS = 3000, 5, 5
#: what a replay should reach at a time step of 1 ms, and below: correlation from spikes, note F1
GOOD, GOOD_FINE = (0.97, 0.98), (0.95, 0.95)

#: the remedy for networks of another form
AGAIN = "elise export teaches the sequence again in this form; or teach with --emission threshold --timestep 1."

#: called with a sentence about what is being done; returns what follows the cycles of a training, if anything does
Report = Callable[[str, int], Progress | None]
AsPlayed = Callable[[Deployed], SpikeScores | None]


def playable(run: Run, timesteps: tuple[float, ...]) -> bool:
    """Whether a run's network is one that stock cells can play at one of these time steps."""
    return run.blueprint.parameters.neuron.emission == "threshold" and run.settings.timestep in timesteps


def deploy_on_stock_cells(
    run: Run, timesteps: tuple[float, ...], report: Report | None = None, as_played: AsPlayed | None = None
) -> Deployed:
    """Make a network of a run that stock cells play without its scaffold.

    The run's own network is taken if it is of the `threshold` form at one of the time steps and plays well; else the run's sequence is
    taught, on the engine, to networks of the run's size in that form, each drawn with another seed, until one plays well.

    Parameters
    ----------
    run : Run
    timesteps : tuple of float
        ms; the first one is that of networks that are taught again.
    report : callable, optional
    as_played : callable, optional
        Scores of a network as the platform plays it, if they differ from those of its own replay.

    Returns
    -------
    Deployed
        The first network that plays well, else the best one that is sustained.

    Raises
    ------
    ParameterError
        When none is sustained, or the sequence fits none of the time steps.
    """
    history: tuple[str, ...] = ()
    as_played = as_played or (lambda network: network.scores)
    own = as_it_is(run) if playable(run, timesteps) else None
    tried = [replace(own, scores=as_played(own))] if own else []
    if not tried:
        emission = run.blueprint.parameters.neuron.emission
        history = (
            f"The run's own network, of emission {emission} at {run.settings.timestep:g} ms, is none that these cells can play: "
            "taught again in the threshold form, with its growth and delays and the other parameters' defaults.",
        )
    parameters = run.blueprint.parameters.to_dict()
    given = {**parameters["growth"], **parameters["delays"]}
    return draw_until_good(run.sequence, run.settings, given, _fitting(run, timesteps), tried, history, report, as_played)


def _fitting(run: Run, timesteps: tuple[float, ...]) -> float:
    """The time step of networks that are taught again: the run's own if it is allowed, else the first that divides the period."""
    if playable(run, timesteps):
        return run.settings.timestep
    period = run.sequence.period
    for timestep in timesteps:
        if abs(round(period / timestep) * timestep - period) < 1e-6 * timestep:
            return timestep
    raise ParameterError(
        f"a period of {period:g} ms is no multiple of {' or '.join(f'{step:g}' for step in timesteps)} ms, the platform's time steps: "
        "give the sequence another --step-ms."
    )


def draw_until_good(
    sequence: Sequence,
    settings: Settings,
    given: dict[str, Any],
    timestep: float,
    tried: list[Deployed],
    history: tuple[str, ...] = (),
    report: Report | None = None,
    as_played: AsPlayed | None = None,
) -> Deployed:
    """Teach networks until one plays well without its scaffold.

    Parameters
    ----------
    sequence : Sequence
    settings : Settings
        Latent neurons, cycles, draws, and the seed from which the others follow.
    given : dict
        Parameters by their bare names, besides those of the threshold form.
    timestep : float
        ms.
    tried : list of Deployed
        Networks tried before; the others are added.
    history : tuple of str
        What was done before.
    report : callable, optional
    as_played : callable, optional
        As in `deploy_on_stock_cells`.

    Returns
    -------
    Deployed
        The first network that plays well, else the best one that is sustained.

    Raises
    ------
    ParameterError
        When none is sustained.
    """
    while not (tried and _good(tried[-1])) and len(tried) < ATTEMPTS:
        if tried:
            history = (*history, f"{tried[-1].history[-1]} Replayed without scaffold: {_in_words(tried[-1])}: drawn again.")
        network = _taught(sequence, settings, given, timestep, settings.seed + 1000 * len(tried), history, report)
        tried.append(replace(network, scores=as_played(network)) if as_played else network)
    best = max(tried, key=lambda network: (_sustained(network), _correlation(network)))
    if not _sustained(best):
        raise ParameterError(
            f"none of {len(tried)} networks plays {sequence.name} without its scaffold (best: {_in_words(best)}): "
            "teach the run with more --latent neurons."
        )
    return best


def _taught(
    sequence: Sequence,
    settings: Settings,
    given: dict[str, Any],
    timestep: float,
    seed: int,
    history: tuple[str, ...],
    report: Report | None,
) -> Deployed:
    cycles = max(CYCLES, settings.cycles)
    _, parameters = configure("spiking", emission="threshold", timestep=timestep, **given)
    sentence = f"Seed {seed}, {settings.latent} latent neurons, {cycles} cycles at {timestep:g} ms on the engine."
    blueprint = best_blueprint(sequence, settings.latent, seed, parameters, max(settings.draws, DRAWS))
    simulation = EngineSimulation(blueprint, sequence, timestep, parameters.learning.initial_eta(cycles))
    teach(simulation, blueprint, sequence, cycles, report(sentence, cycles) if report else None)
    trained = blueprint.trained(simulation.weights())
    scores = score_played(replayed_without_scaffold(trained, sequence, timestep, REPLAY), trained, sequence, timestep)
    return Deployed(without_scaffold(trained), sequence, timestep, scores, (*history, sentence))


def _good(network: Deployed) -> bool:
    return network.scores is not None and network.scores.reaches(*(GOOD if network.timestep >= 0.5 else GOOD_FINE))


def _sustained(network: Deployed) -> bool:
    return network.scores is not None and network.scores.sustained


def _correlation(network: Deployed) -> float:
    return network.scores.replay.median_correlation if network.scores else 0.0


def _in_words(network: Deployed) -> str:
    return network.scores.in_words() if network.scores else "not played"
