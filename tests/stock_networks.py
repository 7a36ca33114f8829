"""A network that stock cells play, taught once in a process."""

from __future__ import annotations

import functools

from elise_pynn import Parameters, fuer_elise
from elise_pynn.engine import EngineSimulation
from elise_pynn.export.deployed import REPLAY, Deployed, replayed_without_scaffold, score_played, without_scaffold
from elise_pynn.predictor import best_blueprint
from elise_pynn.protocol import teach


@functools.cache
def taught(cycles: int = 1500, seed: int = 1) -> Deployed:
    """Für Elise, 100 latent neurons, 1 ms."""
    sequence = fuer_elise()
    blueprint = best_blueprint(sequence, 100, seed, Parameters.from_dict({"neuron": {"emission": "threshold"}}), 5)
    simulation = EngineSimulation(blueprint, sequence, 1.0, blueprint.parameters.learning.initial_eta(cycles))
    teach(simulation, blueprint, sequence, cycles)
    trained = blueprint.trained(simulation.weights())
    scores = score_played(replayed_without_scaffold(trained, sequence, 1.0, REPLAY), trained, sequence, 1.0)
    return Deployed(without_scaffold(trained), sequence, 1.0, scores, ("taught by a test",))
