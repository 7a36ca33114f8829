"""The benchmark's numpy step is the engine's, and the command reports what it should."""

from __future__ import annotations

import json

import numpy as np

from elise_pynn import fuer_elise
from elise_pynn.benchmark.engine import SERIES, network
from elise_pynn.benchmark.naive import NaiveRate
from elise_pynn.engine import EngineSimulation
from test_cli import elise


def test_naive_step_is_the_same_step():
    blueprint, sequence = network(30, "rate"), fuer_elise()
    simulation = EngineSimulation(blueprint, sequence, 0.1, 0.05, "reference")
    simulation.nudge(blueprint.parameters.learning.nudging)
    simulation.run(100.0)
    naive = NaiveRate(blueprint, sequence.target(0.1), 0.1, 0.05)
    for _ in range(1000):
        naive.advance()
    np.testing.assert_allclose(simulation.weights(), naive.weights, rtol=0, atol=1e-12)
    assert np.abs(naive.weights - blueprint.weights).max() > 1e-3


def test_engine_benchmark():
    done = elise("benchmark", "engine", "--quick", "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    for form, integrator in (*SERIES, ("naive_numpy", "reference")):
        for n in ("63", "113"):
            assert 1e3 < result["steps_per_second"][form][n][integrator] < 1e8
    assert set(result["speedup_vs_numpy"]) == set(result["roofline"]) == {"63", "113"}
    assert all(set(times) == {"arrival_s", "weights_pass_s"} for times in result["roofline"].values())
    assert all(0.1 < rate < 10 for form in ("integrate", "escape") for rate in result["events_per_step"][form].values())
