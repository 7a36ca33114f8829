"""Networks that stock cells can play: taught again in the `threshold` form, and replayed without scaffold before anybody exports them."""

from __future__ import annotations

from collections.abc import Callable

from elise_pynn.engine import EngineSimulation
from elise_pynn.export.deployed import REPLAY, Deployed, as_it_is, replayed_without_scaffold, score_played, without_scaffold
from elise_pynn.predictor import best_blueprint
from elise_pynn.presets import configure
from elise_pynn.protocol import Progress, teach
from elise_pynn.quantity import ParameterError
from elise_pynn.results import Run

#: cycles of teaching, at least; networks that are tried, at most
CYCLES, ATTEMPTS = 3000, 5
#: what a replay should reach at a time step of 1 ms, and below: correlation from spikes, note F1
GOOD, GOOD_FINE = (0.97, 0.98), (0.95, 0.95)

#: the remedy for networks of another form
AGAIN = "elise export teaches the sequence again in this form; or teach with --emission threshold --timestep 1."

#: called with a sentence about what is being done; returns what follows the cycles of a training, if anything does
Report = Callable[[str, int], Progress | None]


def playable(run: Run, timesteps: tuple[float, ...]) -> bool:
    """Whether a run's network is one that stock cells can play at one of these time steps."""
    return run.blueprint.parameters.neuron.emission == "threshold" and run.settings.timestep in timesteps


def deploy_on_stock_cells(run: Run, timesteps: tuple[float, ...], report: Report | None = None) -> Deployed:
    """Make a network of a run that stock cells play without its scaffold.

    The run's own network is taken if it is of the `threshold` form at one of the time steps and plays well; else the run's sequence is
    taught, on the engine, to networks of the run's size in that form, each drawn with another seed, until one plays well.

    Parameters
    ----------
    run : Run
    timesteps : tuple of float
        ms; the first one is that of networks that are taught again.
    report : callable, optional

    Returns
    -------
    Deployed
        The first network that plays well, else the best one that is sustained.

    Raises
    ------
    ParameterError
        When none is sustained.
    """
    history: list[str] = []
    tried: list[Deployed] = []
    if playable(run, timesteps):
        tried.append(as_it_is(run))
    else:
        neuron = run.blueprint.parameters.neuron
        history.append(
            f"The run's own network, of emission {neuron.emission} at {run.settings.timestep:g} ms, is none that these cells can play: "
            "taught again in the threshold form."
        )
    while not (tried and _good(tried[-1])) and len(tried) < ATTEMPTS:
        if tried:
            history.append(f"{tried[-1].history[-1]} Replayed without scaffold: {_in_words(tried[-1])}: drawn again.")
        tried.append(_taught_again(run, timesteps[0], len(tried), tuple(history), report))
    best = max(tried, key=lambda network: (_sustained(network), _correlation(network)))
    if not _sustained(best):
        raise ParameterError(
            f"none of {len(tried)} networks plays {run.sequence.name} without its scaffold (best: {_in_words(best)}): "
            "teach the run with more --latent neurons."
        )
    return best


def _taught_again(run: Run, timestep: float, attempt: int, history: tuple[str, ...], report: Report | None) -> Deployed:
    settings, sequence = run.settings, run.sequence
    cycles, seed, parameters = max(CYCLES, settings.cycles), settings.seed + 1000 * attempt, run.blueprint.parameters.to_dict()
    given = {name: value for group in ("growth", "delays") for name, value in parameters[group].items()}
    _, fitting = configure("spiking", emission="threshold", timestep=timestep, **given)
    sentence = f"Seed {seed}, {settings.latent} latent neurons, {cycles} cycles at {timestep:g} ms on the engine."
    blueprint = best_blueprint(sequence, settings.latent, seed, fitting, max(settings.draws, 5))
    simulation = EngineSimulation(blueprint, sequence, timestep, fitting.learning.initial_eta(cycles))
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
