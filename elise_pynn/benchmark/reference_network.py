"""The reference network, 13 visible and 100 latent neurons, on NEST: time per cycle with plastic and with static synapses, same spikes."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from elise_pynn.melody import fuer_elise
from elise_pynn.predictor import best_blueprint
from elise_pynn.presets import configure
from elise_pynn.pynn_simulation import PyNNSimulation
from elise_pynn.simulation import Activity

TIMESTEPS = (0.1, 1.0)
ROUNDS = 3
#: cycles that are timed in each round
CYCLES = {True: 4, False: 16}
#: a learning rate in 1/ms with which all of learning is computed and spikes stay what they are
SLOW = 1e-12


@contextmanager
def _static_synapses(backend: Any) -> Iterator[None]:
    """Build static synapses where the plastic ones would be."""
    plastic = backend.EliseSynapse
    backend.EliseSynapse = lambda learning_rate, delay: backend.sim.StaticSynapse(delay=delay)
    try:
        yield
    finally:
        backend.EliseSynapse = plastic


def measure(quick: bool = False, progress: Callable[[str], None] | None = None) -> dict[str, Any]:
    """Replay a network that the engine has taught, nudged, with plastic and with static synapses in turns.

    Returns
    -------
    dict
        By time step in ms: ``ms_per_cycle`` of each kind, the fastest of three rounds; ``ratio``; ``spikes_per_cycle``;
        ``plastic_events_per_cycle``.

    Raises
    ------
    RuntimeError
        When the two do not fire the same spikes.
    """
    return {f"{timestep:g}": _measure(timestep, quick, progress) for timestep in TIMESTEPS}


def _measure(timestep: float, quick: bool, progress: Callable[[str], None] | None) -> dict[str, Any]:
    from elise_pynn.engine import EngineSimulation
    from elise_pynn.protocol import teach

    sequence, cycles = fuer_elise(), 300 if quick else 1000
    _, parameters = configure("spiking", timestep=timestep)
    blueprint = best_blueprint(sequence, 100, 1, parameters, 5)
    if progress:
        progress(f"reference network, {timestep:g} ms: teaching {cycles} cycles")
    taught = EngineSimulation(blueprint, sequence, timestep, parameters.learning.initial_eta(cycles))
    teach(taught, blueprint, sequence, cycles)
    trained = blueprint.trained(taught.weights())
    backend, best, spikes = importlib.import_module("elise_pynn.backends.nest"), dict[str, float](), dict[str, Activity]()
    for _ in range(ROUNDS):
        for kind in ("plastic", "static"):
            if progress:
                progress(f"reference network, {timestep:g} ms: {kind}")
            if kind == "plastic":
                simulation = PyNNSimulation(trained, sequence, timestep, SLOW)
            else:
                with _static_synapses(backend):
                    simulation = PyNNSimulation(trained, sequence, timestep, SLOW)
            simulation.nudge(parameters.learning.nudging)
            simulation.run(2 * sequence.period)
            before = simulation.seconds
            simulation.run(CYCLES[quick] * sequence.period)
            best[kind] = min(best.get(kind, np.inf), 1000 * (simulation.seconds - before) / CYCLES[quick])
            simulation.record()
            simulation.run(sequence.period)
            spikes[kind] = simulation.take()
    same = all(
        np.array_equal(getattr(spikes["plastic"], name), getattr(spikes["static"], name)) for name in ("spike_times", "spike_neurons")
    )
    if not same:
        raise RuntimeError(f"plastic and static synapses do not fire the same spikes at {timestep:g} ms.")
    fired = len(spikes["plastic"].spike_times)
    return {
        "ms_per_cycle": best,
        "ratio": best["plastic"] / best["static"],
        "spikes_per_cycle": fired,
        "plastic_events_per_cycle": fired * (blueprint.size - 1),
    }
