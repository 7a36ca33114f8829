"""Holding somata, other targets, reservoirs and sparse dendrites: on the engine against numpy, and on NEST against the engine."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from elise_pynn import Blueprint, ParameterError, Parameters, fuer_elise, make_blueprint
from elise_pynn.engine import EngineSimulation
from elise_pynn.pynn_simulation import PyNNSimulation
from test_engine import published_order


def network(emission, latent=20, seed=1, **learning):
    return make_blueprint(13, latent, seed, Parameters.from_dict({"neuron": {"emission": emission}, "learning": learning}))


def test_sparse_rate_form_equals_numpy():
    """With a third of the synapses, learning on: what is not connected stays 0 and the others follow the dense equations."""
    sequence, sparse = fuer_elise(), network("rate").sparse(0.3)
    simulation = EngineSimulation(sparse, sequence, 0.1, 0.05, "reference")
    simulation.interval = 0.1
    simulation.nudge(0.6)
    simulation.record()
    simulation.run(150.0)
    masked = published_order(sparse, sequence.target(0.1), 1500, 0.1, 0.05, np.full(1500, 0.6), sparse.weights, sparse.connected)
    np.testing.assert_allclose(simulation.take().rates, masked[0], rtol=0, atol=1e-12)
    np.testing.assert_allclose(simulation.weights(), masked[1], rtol=0, atol=1e-12)
    assert not simulation.weights()[~sparse.connected].any() and np.abs(masked[1] - sparse.weights).max() > 1e-3


def test_sparse_keeps_what_is_protected():
    full = network("rate", 40)
    kept, protected = full.sparse(0.2), full.sparse(0.2, protect_scaffold=True)
    post, pre = full.scaffold[:, 1], full.scaffold[:, 0]
    assert protected.connected[post, pre].all() and not kept.connected[post, pre].all()
    assert abs(kept.connected.mean() - 0.2) < 0.03 and (protected.connected >= kept.connected).all()
    np.testing.assert_array_equal(full.sparse(1.0).weights, full.weights)
    with pytest.raises(ParameterError, match="density = 0"):
        full.sparse(0.0)


def test_sparse_blueprint_survives_its_file(tmp_path):
    sparse = network("integrate").sparse(0.3)
    sparse.save(tmp_path / "sparse.npz")
    np.testing.assert_array_equal(Blueprint.load(tmp_path / "sparse.npz").connected, sparse.connected)
    with pytest.raises(ParameterError, match="connected"):
        dataclasses.replace(sparse, connected=np.ones((33, 33), dtype=bool))


@pytest.mark.parametrize("emission", ["rate", "integrate"])
def test_reservoir_learns_in_its_readout_only(emission):
    start = network(emission, latent_factor=0.0)
    simulation = EngineSimulation(start, fuer_elise(), 0.1, 0.2)
    simulation.nudge(0.6)
    simulation.run(500.0)
    change = np.abs(simulation.weights() - start.weights)
    assert not change[13:].any() and change[:13].max() > 1e-3


@pytest.mark.parametrize("integrator", ["exponential", "reference"])
def test_held_somata_keep_their_rate(integrator):
    start = network("rate")
    simulation = EngineSimulation(start, fuer_elise(), 0.1, 0.0, integrator)
    simulation.nudge(0.6)
    simulation.run(100.0)
    simulation.hold(slice(0, 5), -55.0)
    simulation.record()
    simulation.run(50.0)
    simulation.hold(slice(0, 5), None)
    simulation.run(50.0)
    rates = simulation.take().rates
    held = slice(1, 250)  # a change takes effect one step late
    np.testing.assert_allclose(rates[:5, held], float(start.parameters.neuron.rate(-55.0)), rtol=1e-12)
    assert rates[5:, held].std() > 0.1 and rates[:5, 260:].std() > 0.01


def test_another_target_is_followed():
    sequence = fuer_elise()
    target = sequence.target(0.1)
    swapped = EngineSimulation(network("rate"), sequence, 0.1)
    swapped.show(target[::-1])
    direct = EngineSimulation(network("rate"), dataclasses.replace(sequence, pattern=sequence.pattern[::-1]), 0.1)
    activity = []
    for simulation in (swapped, direct):
        simulation.nudge(0.6)
        simulation.record()
        simulation.run(100.0)
        activity.append(simulation.take().rates)
    np.testing.assert_array_equal(*activity)


@pytest.mark.parametrize("case", ["sparse", "reservoir", "held", "shown"])
def test_nest_does_the_same(case):
    """Spike by spike, or, where a teacher holds on NEST what the engine sets, nearly so."""
    sequence, start = fuer_elise(), network("integrate", latent_factor=0.0 if case == "reservoir" else 1.0)
    if case == "sparse":
        start = start.sparse(0.3, protect_scaffold=True)
    spikes, weights, rates = [], [], []
    for kind in (PyNNSimulation, EngineSimulation):
        simulation = kind(start, sequence, 0.5, 0.4)
        simulation.nudge(0.6)
        simulation.record()
        simulation.run(500.0)
        if case == "shown":
            simulation.show(sequence.target(0.5)[::-1])
        if case == "held":
            simulation.nudge(0.0)
            simulation.run(100.0)
            simulation.hold(slice(0, 20), -60.0)
            simulation.run(100.0)
            simulation.hold(slice(0, 20), None)
        simulation.run(250.0)
        activity = simulation.take()
        if kind is EngineSimulation:
            simulation.run(0.5)
        spikes.append(np.column_stack([activity.spike_times, activity.spike_neurons]))
        weights.append(simulation.weights())
        rates.append(activity.rates)
    assert len(spikes[0]) > 1000
    tolerance = 1e-3 if case == "held" else 1e-9
    np.testing.assert_allclose(rates[0], rates[1], rtol=0, atol=tolerance)
    if case != "held":
        np.testing.assert_allclose(spikes[0], spikes[1], rtol=0, atol=1e-9)
        np.testing.assert_allclose(weights[0], weights[1], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("emission", ["rate", "integrate"])
def test_some_channels_can_be_taught_alone(emission):
    """Nudged channels follow the target, the others do not; on NEST the same spikes."""
    sequence, rates = fuer_elise(), []
    for kind in (EngineSimulation,) if emission == "rate" else (EngineSimulation, PyNNSimulation):
        simulation = kind(network(emission), sequence, 0.5)
        simulation.nudge(0.9, slice(5, 13))
        simulation.record()
        simulation.run(250.0)
        rates.append(simulation.take().rates)
    goal = network(emission).parameters.neuron.rate(sequence.target(0.5))
    near = np.array([np.corrcoef(rate, target)[0, 1] for rate, target in zip(rates[0], goal, strict=True)])
    assert (near[5:] > 0.9).all() and (np.abs(near[:5]) < 0.8).all()
    np.testing.assert_allclose(rates[-1], rates[0], rtol=0, atol=1e-9)
