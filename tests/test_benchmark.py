"""The benchmark's numpy step is the engine's, and the command reports what it should."""

from __future__ import annotations

import json

import numpy as np
import pytest

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


def test_nest_models_are_compared_on_the_same_spikes():
    """Small and short: the form of the results, and that every model was driven."""
    from elise_pynn.benchmark import nest as synapses

    case = synapses.Case(20, 10, 100.0)
    found = synapses.compare(case, quick=True)
    assert set(found["ns_per_event"]) == set(synapses.MODELS) and min(found["ns_per_event"].values()) > 0
    assert found["speedup_vs_urbanczik"] == pytest.approx(found["ns_per_event"]["urbanczik"] / found["ns_per_event"]["elise"])
    assert found["overhead_vs_static"] == pytest.approx(found["ns_per_event"]["elise"] / found["ns_per_event"]["static"])
    spikes = synapses._spikes(case, 1000.0, np.random.default_rng(1))
    counts = [len(train["spike_times"]) for train in spikes]
    assert len(counts) == 20 and abs(np.mean(counts) - 100) < 10
    assert max(train["spike_times"].max() for train in spikes) <= 1000.0


def test_memory_of_plastic_synapses():
    from elise_pynn.benchmark import nest as synapses

    plastic, static = (synapses.bytes_per_synapse(model, synapses=500_000) for model in ("elise", "static"))
    assert 20 < static < 60 and 0 < plastic - static <= 64


def test_reference_network_fires_the_same_spikes_with_static_synapses(monkeypatch):
    """`measure` itself refuses when it does not."""
    from elise_pynn.benchmark import reference_network

    monkeypatch.setattr(reference_network, "TIMESTEPS", (1.0,))
    monkeypatch.setattr(reference_network, "ROUNDS", 1)
    found = reference_network.measure(quick=True)["1"]
    assert found["spikes_per_cycle"] > 1000 and found["ratio"] == pytest.approx(
        found["ms_per_cycle"]["plastic"] / found["ms_per_cycle"]["static"]
    )


def test_a_large_network_in_small():
    from elise_pynn.benchmark import large_network

    found = large_network.measure((1, 2), neurons=400)
    assert [found["by_threads"][n]["synapses"] for n in ("1", "2")] == [80_000, 80_000]
    assert (
        found["by_threads"]["1"]["spikes_per_second"] == pytest.approx(found["by_threads"]["2"]["spikes_per_second"], rel=0.1)
        and found["speedup"] > 0
    )
