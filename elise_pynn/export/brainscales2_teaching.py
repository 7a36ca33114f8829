"""Networks that obey BrainScaleS-2 from the start: few enough, without dendritic delays of their own, of cells that fire; then 6 bit."""

from __future__ import annotations

from dataclasses import replace

from elise_pynn.analysis.spike_scores import SpikeScores
from elise_pynn.blueprint import Blueprint
from elise_pynn.delay_policy import relays_played
from elise_pynn.engine import EngineSimulation
from elise_pynn.export.brainscales2_chip import CHIP
from elise_pynn.export.brainscales2_emulator import TIMESTEP, EmulatedChip, in_steps_of
from elise_pynn.export.deployed import REPLAY, Deployed, without_scaffold
from elise_pynn.export.stock_teaching import ATTEMPTS, GOOD_FINE, Report
from elise_pynn.parameters import Parameters
from elise_pynn.predictor import best_blueprint
from elise_pynn.presets import configure
from elise_pynn.protocol import Progress, teach
from elise_pynn.quantity import ParameterError
from elise_pynn.results import Run
from elise_pynn.sequence import Sequence

#: cycles of teaching: at least, at most
CYCLES = (1000, 3000)


def most_neurons(visible: int) -> int:
    """Neurons, visible ones included, whose rows and those of the cue fit into a half of the chip: two for each."""
    return CHIP.rows // 2 - visible


def chip_parameters(delay_policy: str = "fixed", **given: object) -> Parameters:
    """Parameters of networks for the chip: cells that fire, taught at 0.1 ms, dendritic delays that the chip plays.

    Parameters
    ----------
    delay_policy : str
        ``fixed`` or ``relay``.
    **given
        Other parameters by their bare names.
    """
    _, parameters = configure("spiking", emission="threshold", timestep=TIMESTEP, **{**given, "delay_policy": delay_policy})
    return parameters


def chip_blueprint(sequence: Sequence, latent: int, seed: int, delay_policy: str = "fixed", draws: int = 1) -> Blueprint:
    """Grow a network that obeys the chip from the start.

    Raises
    ------
    ParameterError
        When it does not fit: too many neurons, or relays.
    """
    visible = sequence.n_channels
    if visible + latent > most_neurons(visible):
        raise ParameterError(
            f"latent = {latent} with {visible} channels needs {2 * (2 * visible + latent)} rows of synapses, and BrainScaleS-2 has "
            f"{CHIP.rows}: give latent <= {most_neurons(visible) - visible}."
        )
    blueprint = best_blueprint(sequence, latent, seed, chip_parameters(delay_policy), draws)
    relays, free = int(relays_played(blueprint.delay_dendritic, blueprint.parameters.delays).sum()), CHIP.circuits - CHIP.rows
    if relays > free:
        raise ParameterError(
            f"the delays need {relays} relays, and {free} circuits are left for them: give fewer latent neurons, or fixed."
        )
    return blueprint


def teach_blueprint(blueprint: Blueprint, sequence: Sequence, cycles: int, progress: Progress | None = None) -> Blueprint:
    """Teach it on the engine, scaffold and all, at the chip's time step; returned with trained weights that are not rounded."""
    simulation = EngineSimulation(blueprint, sequence, TIMESTEP, blueprint.parameters.learning.initial_eta(cycles))
    teach(simulation, blueprint, sequence, cycles, progress)
    return blueprint.trained(simulation.weights())


def held_by_chip(blueprint: Blueprint, sequence: Sequence, timestep: float = TIMESTEP) -> Blueprint:
    """The network without scaffold and with the weights that the chip holds."""
    step = EmulatedChip(blueprint, sequence, timestep, seed=0).step
    return without_scaffold(replace(blueprint, weights=in_steps_of(blueprint.weights, step) * step))


def played_by_ideal(blueprint: Blueprint, sequence: Sequence, timestep: float, cycles: int = REPLAY) -> SpikeScores:
    """Scores of a chip whose circuits are all alike, with the published noise."""
    return EmulatedChip(blueprint, sequence, timestep, seed=0, spread=0.0).replay(cycles)


def deploy(run: Run, report: Report | None = None, delay_policy: str | None = None) -> Deployed:
    """A network of the run for BrainScaleS-2, its weights rounded.

    The run's own network is taken if it was made for the chip and plays well; else the run's sequence is taught again to networks that
    obey the chip, each drawn with another seed, until one plays well.

    Parameters
    ----------
    run : Run
    report : callable, optional
    delay_policy : str, optional
        ``fixed`` or ``relay``; the run's own when not given, or ``fixed``.

    Returns
    -------
    Deployed
        The first network that plays well on ideal circuits, else the best one that is sustained.

    Raises
    ------
    ParameterError
        When none is sustained, or the sequence has too many channels.
    """
    own = run.blueprint.parameters.delays.delay_policy
    policy = delay_policy or ("fixed" if own == "drawn" else own)
    if policy not in ("fixed", "relay"):
        raise ParameterError(f"delay_policy = {policy!r} is not allowed: give fixed or relay.")
    tried: list[Deployed] = []
    history: list[str] = []
    if _obeys(run, policy):
        tried.append(_deployed(run.blueprint, run.sequence, ("The run's own network, as it was taught.",)))
    else:
        emission = run.blueprint.parameters.neuron.emission
        history.append(
            f"The run's own network ({run.blueprint.size} neurons, emission {emission}, {run.settings.timestep:g} ms, delays {own}) "
            "was not made for the chip: taught again."
        )
    while not (tried and _good(tried[-1])) and len(tried) < ATTEMPTS:
        if tried:
            history.append(f"{tried[-1].history[-1]} On ideal circuits: {_in_words(tried[-1])}: drawn again.")
        tried.append(_taught_again(run, policy, len(tried), tuple(history), report))
    best = max(tried, key=lambda network: (_sustained(network), network.scores.replay.median_correlation if network.scores else 0.0))
    if not _sustained(best):
        raise ParameterError(
            f"none of {len(tried)} networks plays {run.sequence.name} on ideal circuits (best: {_in_words(best)}): "
            "teach the run with more --latent neurons."
        )
    return replace(best, history=(*best.history, "Weights rounded to 6 bit and a sign."))


def _obeys(run: Run, policy: str) -> bool:
    blueprint, delays, neuron = run.blueprint, run.blueprint.parameters.delays, run.blueprint.parameters.neuron
    relays = int(relays_played(blueprint.delay_dendritic, delays).sum())
    times = ((neuron.lif_tau_m, CHIP.tau_m), (1 / neuron.g_L, CHIP.tau_syn), (neuron.lif_t_ref, CHIP.refractory))
    return (
        neuron.emission == "threshold"
        and all(low <= time <= high for time, (low, high) in times)
        and run.settings.timestep <= TIMESTEP
        and delays.delay_policy == policy
        and delays.connection_delay == CHIP.delay
        and blueprint.size <= most_neurons(blueprint.visible)
        and relays <= CHIP.circuits - CHIP.rows
    )


def _taught_again(run: Run, policy: str, attempt: int, history: tuple[str, ...], report: Report | None) -> Deployed:
    sequence, settings = run.sequence, run.settings
    most = most_neurons(sequence.n_channels) - sequence.n_channels
    if most < 1:
        raise ParameterError(
            f"{sequence.n_channels} channels are too many for BrainScaleS-2, which has rows for {CHIP.rows // 4 - 1}: "
            "teach a sequence of fewer channels."
        )
    latent, seed = min(settings.latent, most), settings.seed + 1000 * attempt
    cycles = min(max(CYCLES[0], settings.cycles), CYCLES[1])
    sentence = f"Seed {seed}, {latent} latent neurons, delays {policy}, {cycles} cycles at {TIMESTEP:g} ms on the engine."
    blueprint = chip_blueprint(sequence, latent, seed, policy, max(settings.draws, 5))
    trained = teach_blueprint(blueprint, sequence, cycles, report(sentence, cycles) if report else None)
    return _deployed(trained, sequence, (*history, sentence))


def _deployed(trained: Blueprint, sequence: Sequence, history: tuple[str, ...]) -> Deployed:
    held = held_by_chip(trained, sequence)
    return Deployed(held, sequence, TIMESTEP, played_by_ideal(held, sequence, TIMESTEP), history)


def _good(network: Deployed) -> bool:
    return network.scores is not None and network.scores.reaches(*GOOD_FINE)


def _sustained(network: Deployed) -> bool:
    return network.scores is not None and network.scores.sustained


def _in_words(network: Deployed) -> str:
    return network.scores.in_words() if network.scores else "not played"
