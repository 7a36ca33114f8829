"""The engine against a numpy transcription of the model, and against NEST."""

from __future__ import annotations

import numpy as np
import pytest

from elise_pynn import ParameterError, Parameters, fuer_elise, make_blueprint
from elise_pynn.engine import EngineSimulation
from elise_pynn.engine.compiled import forget_stale
from elise_pynn.engine.exponential import exp
from elise_pynn.engine.spiking import _poisson
from elise_pynn.pynn_simulation import PyNNSimulation


def blueprint(latent=20, seed=1, emission="rate", **groups):
    return make_blueprint(13, latent, seed, Parameters.from_dict({**groups, "neuron": {"emission": emission, **groups.get("neuron", {})}}))


def test_exponential_is_accurate():
    x = np.concatenate([np.linspace(-700, 700, 20001), np.linspace(-1e-3, 1e-3, 101)])
    ours = np.array([exp(value) for value in x])
    np.testing.assert_allclose(ours, np.exp(x), rtol=5e-16)
    assert exp(-1e6) < 1e-300 and np.isfinite(exp(1e6))


def phi(u):
    return 1 / (1 + np.exp(0.3 * (-58.0 - u)))


def published_order(network, target, steps, dt, eta, nudging, weights, connected=1.0, exponential=False):
    """The rate form of the model, step by step: dendritic rates delayed by d_D - 2 steps, conductances by d_E - 1 and d_I - 1.

    With `exponential`, soma and dendrite relax exactly for constant input, rates arrive at the dendrite before the soma reads it, d_D
    counts one step more, and the trace jumps by the arriving rate after its decay.
    """
    g_L, g_D, E_L, E_exc, E_inh = 0.1, 2.0, -70.0, 0.0, -75.0
    n, visible = network.size, network.visible
    delay = {name: np.round(getattr(network, name) / dt).astype(int) for name in ("delay_dendritic", "delay_exc", "delay_inh")}
    rates = {}  # by time; zero before the start
    u, v, x, w = np.full(n, E_L), np.full(n, E_L), np.zeros(n), weights.copy()
    eta_matrix = np.full((n, n), eta) * connected
    eta_matrix[:visible, :visible] *= 0.1
    np.fill_diagonal(eta_matrix, 0.0)
    everyone = np.arange(n)

    def delayed(t, by):
        return np.array([rates[t - d][j] if t - d >= 1 else 0.0 for j, d in zip(everyone, by, strict=True)])

    trajectory = []
    for t in range(steps):
        teacher = nudging[t] / (1 - nudging[t]) * (g_L + g_D)
        r_dendrite = delayed(t, delay["delay_dendritic"] - (1 if exponential else 2))
        g_exc, g_inh = np.zeros(n), np.zeros(n)
        r_exc, r_inh = delayed(t, delay["delay_exc"] - 1), delayed(t, delay["delay_inh"] - 1)
        for pre, post in network.scaffold:
            g_exc[post] += 0.3 * max(r_exc[pre], phi(E_L))
            g_inh[post] += 6.0 * max(r_inh[pre], phi(E_L))
        goal = target[:, t % target.shape[1]]
        g_exc[:visible] += teacher * (goal - E_inh) / (E_exc - E_inh)
        g_inh[:visible] += teacher * (E_exc - goal) / (E_exc - E_inh)
        if exponential:
            v = v + dt * g_L * w @ r_dendrite
        u_new = u + dt * (-g_L * (u - E_L) + g_D * (v - u) + g_exc * (E_exc - u) + g_inh * (E_inh - u))
        v_star = (g_L * E_L + g_D * v) / (g_L + g_D)
        if exponential:
            g = g_L + g_D + g_exc + g_inh
            level = (g_L * E_L + g_D * v + g_exc * E_exc + g_inh * E_inh) / g
            u_new = level + (u - level) * np.exp(-dt * g)
            v = E_L + (v - E_L) * np.exp(-dt * g_L)
            x = x * np.exp(-dt * g_L) + dt * g_L * g_D / (g_L + g_D) * r_dendrite
        else:
            v = v + dt * (-g_L * (v - E_L) + g_L * w @ r_dendrite)
            x = x + dt * (-g_L * x + g_L * g_D / (g_L + g_D) * r_dendrite)
        w = w + dt * eta_matrix * np.outer(phi(u_new) - phi(v_star), x)
        u = u_new
        rates[t + 1] = phi(u)
        trajectory.append(phi(u)[:visible])
    return np.array(trajectory).T, w


def test_rate_form_is_the_published_one():
    network, sequence = blueprint(growth={"method": "published"}), fuer_elise()
    simulation = EngineSimulation(network, sequence, 0.1, 0.05, integrator="reference")
    simulation.interval = 0.1
    simulation.nudge(0.6)
    simulation.record()
    simulation.run(350.0)
    simulation.nudge(0.0)
    simulation.run(150.0)
    strength = np.r_[np.full(3501, 0.6), np.zeros(1499)]  # a change takes effect one step late
    rates, weights = published_order(network, sequence.target(0.1), 5000, 0.1, 0.05, strength, network.weights)
    np.testing.assert_allclose(simulation.take().rates, rates, rtol=0, atol=1e-12)
    np.testing.assert_allclose(simulation.weights(), weights, rtol=0, atol=1e-12)
    assert np.abs(weights - network.weights).max() > 0.01


@pytest.mark.parametrize(
    ("latent", "dt", "delays"), [(20, 0.1, (5.0, 15.0)), (1, 0.5, (1.0, 8.0)), (0, 1.0, (2.0, 2.0)), (7, 0.1, (0.3, 9.0))]
)
def test_exponential_rate_form_equals_numpy(latent, dt, delays):
    """The default integrator, nudged and free, learning on: also with one latent neuron or none, and delays shorter than a block."""
    network, sequence = blueprint(latent, delays={"low": delays[0], "high": delays[1]}), fuer_elise()
    simulation = EngineSimulation(network, sequence, dt, 0.05)
    simulation.interval = dt
    steps = round(250.0 / dt)
    simulation.nudge(0.6)
    simulation.record()
    simulation.run(150.0)
    simulation.nudge(0.0)
    simulation.run(100.0)
    strength = np.where(np.arange(steps) <= round(150.0 / dt), 0.6, 0.0)
    rates, weights = published_order(network, sequence.target(dt), steps, dt, 0.05, strength, network.weights, exponential=True)
    np.testing.assert_allclose(simulation.take().rates, rates, rtol=0, atol=1e-11)
    np.testing.assert_allclose(simulation.weights(), weights, rtol=0, atol=1e-11)
    assert np.abs(weights - network.weights).max() > 1e-3


def test_rate_form_is_the_limit_of_many_spikes():
    """As K grows, integrate converges to the rate form (with a short tau_syn, for the rate form has no filter in its scaffold)."""
    sequence, distances = fuer_elise(), []
    for k in (10.0, 1000.0):
        spiking = {"spikes_per_rate": k, "tau_syn": 0.01}
        recorded = []
        for network in (blueprint(), blueprint(emission="integrate", neuron=spiking)):
            simulation = EngineSimulation(network, sequence, 0.1, 0.0)
            simulation.nudge(0.6)
            simulation.record()
            simulation.run(250.0)
            recorded.append(simulation.take().rates)
        distances.append(np.abs(recorded[0] - recorded[1]).max())
    assert distances[1] < 0.1 * distances[0] < 1e-3


#: a refractory threshold form for short time steps
REFRACTORY = {"lif_t_ref": 1.0, "lif_v_rheo": -61.7, "lif_gain": 0.829}


@pytest.mark.parametrize(
    ("emission", "dt", "cycles", "neuron"),
    [
        ("integrate", 0.1, 12, {}),
        ("integrate", 0.5, 12, {}),
        ("integrate", 1.0, 14, {}),
        ("threshold", 1.0, 14, {}),
        ("threshold", 0.1, 12, REFRACTORY),
    ],
)
def test_deterministic_forms_equal_nest_spike_by_spike(emission, dt, cycles, neuron):
    """Learning on, taught, free and taught again at another gain: identical spikes, weights to 1e-9."""
    network, sequence = blueprint(50, seed=4, emission=emission, neuron=neuron), fuer_elise()
    results = []
    for kind in (PyNNSimulation, EngineSimulation):
        simulation = kind(network, sequence, dt, 0.4)
        simulation.nudge(0.6)
        simulation.record()
        for cycle in range(cycles):
            if cycle == cycles // 2:
                simulation.nudge(0.0)
            if cycle == cycles // 2 + 2:
                simulation.nudge(0.6)
                simulation.learn(0.5)
            simulation.run(sequence.period)
        activity = simulation.take()
        if kind is EngineSimulation:
            simulation.run(dt)  # PyNN has simulated one step ahead, and its weights have seen the arrivals of that step
        results.append((activity, simulation.weights()))
    (nest, nest_weights), (engine, engine_weights) = results
    assert len(nest.spike_times) > 1500
    np.testing.assert_array_equal(nest.spike_neurons, engine.spike_neurons)
    np.testing.assert_allclose(nest.spike_times, engine.spike_times, atol=1e-9)
    np.testing.assert_allclose(nest.rates, engine.rates, rtol=0, atol=1e-9)
    np.testing.assert_allclose(engine_weights, nest_weights, rtol=1e-9, atol=1e-9)


def test_long_silences_equal_nest(dt=1.0):
    """Neurons that rest far below threshold fire every few seconds: synapses are silent over dozens of windows."""
    network, sequence = blueprint(10, seed=2, emission="integrate", neuron={"theta": -45.0}), fuer_elise()
    weights = []
    for kind in (PyNNSimulation, EngineSimulation):
        simulation = kind(network, sequence, dt, 0.4)
        simulation.nudge(0.6)
        simulation.run(20 * sequence.period)
        if kind is EngineSimulation:
            simulation.run(dt)
        weights.append(simulation.weights())
    np.testing.assert_allclose(weights[1], weights[0], rtol=1e-9, atol=1e-12)
    assert np.abs(weights[0] - network.weights).max() > 1e-6


def test_escape_agrees_with_nest_in_distribution():
    """Frozen and nudged alike: spike counts per neuron within their Poisson errors, intervals by Kolmogorov-Smirnov."""
    from scipy.stats import ks_2samp

    network, sequence = blueprint(20, seed=3, emission="escape"), fuer_elise()
    counts, intervals = [], []
    for kind in (PyNNSimulation, EngineSimulation):
        simulation = kind(network, sequence, 0.1, 0.0)
        simulation.nudge(0.9)
        simulation.run(sequence.period)
        simulation.record()
        simulation.run(60 * sequence.period)
        activity = simulation.take()
        visible = activity.spike_neurons < 13
        counts.append(np.bincount(activity.spike_neurons[visible], minlength=13))
        intervals.append(np.concatenate([np.diff(activity.spike_times[activity.spike_neurons == i]) for i in range(13)]))
    z = (counts[0] - counts[1]) / np.sqrt(counts[0] + counts[1])
    assert np.abs(z).max() < 4 and counts[0].min() > 400
    # every 7th interval only: intervals share the pattern's phases and are not independent
    assert ks_2samp(intervals[0][::7], intervals[1][::7]).pvalue > 1e-3


def test_escape_depends_on_the_seed_only():
    sequence, trains = fuer_elise(), []
    for seed in (1, 1, 2):
        simulation = EngineSimulation(blueprint(seed=seed, emission="escape"), sequence, 0.1, 0.2)
        simulation.record()
        simulation.run(100.0)
        trains.append(simulation.take().spike_times)
    np.testing.assert_array_equal(trains[0], trains[1])
    assert len(trains[0]) != len(trains[2]) or (trains[0] != trains[2]).any()


@pytest.mark.parametrize(("emission", "k", "dt"), [("integrate", 3000.0, 1.0), ("escape", 2000.0, 0.5), ("integrate", 1.0, 0.1)])
def test_no_spike_is_lost_in_recording(emission, k, dt):
    """Many spikes in a step, recorded in short pieces: their number is the integral of the recorded rates."""
    simulation = EngineSimulation(blueprint(5, emission=emission, neuron={"spikes_per_rate": k}), fuer_elise(), dt)
    simulation.interval = dt
    simulation.nudge(0.9)
    simulation.record()
    for _ in range(50):
        simulation.run(5.0)
    activity = simulation.take()
    expected = k * dt * activity.rates.sum(axis=1)
    counts = np.bincount(activity.spike_neurons, minlength=13)[:13]
    assert (np.abs(counts - expected) <= (1.0 if emission == "integrate" else 5 * np.sqrt(expected))).all()


@pytest.mark.parametrize("mean", [0.01, 3.0, 700.0, 5000.0])
def test_poisson_numbers_have_the_right_moments(mean):
    state = np.array([12345], dtype=np.uint64)
    numbers = np.array([_poisson(mean, state) for _ in range(20_000)])
    assert abs(numbers.mean() - mean) < 5 * np.sqrt(mean / 20_000)
    assert abs(numbers.var() / mean - 1) < 0.06 + 5 / np.sqrt(20_000 * mean)


def test_code_compiled_from_older_sources_is_forgotten(tmp_path):
    sources, cache = tmp_path / "sources", tmp_path / "cache"
    sources.mkdir()
    cache.mkdir()
    (sources / "rate.py").write_text("one")
    compiled = [cache / name for name in ("rate.simulate-1.py311.nbi", "rate.simulate-1.py311.1.nbc")]
    other = cache / "another.function-1.py311.nbi"
    for path in (*compiled, other):
        path.write_text("")
    forget_stale(cache, sources)
    assert not any(path.exists() for path in compiled) and other.exists()
    compiled[0].write_text("")
    forget_stale(cache, sources)
    assert compiled[0].exists()
    (sources / "exponential.py").write_text("two")
    forget_stale(cache, sources)
    assert not compiled[0].exists()


def test_frozen_weights_stay():
    for emission in ("rate", "integrate"):
        network = blueprint(emission=emission)
        simulation = EngineSimulation(network, fuer_elise(), 0.1, 0.4)
        simulation.learn(0.0)
        simulation.nudge(0.6)
        simulation.run(300.0)
        np.testing.assert_array_equal(simulation.weights(), network.weights)


def test_reference_integrator_is_for_rates():
    with pytest.raises(ParameterError, match="reference"):
        EngineSimulation(blueprint(emission="integrate"), fuer_elise(), 0.1, 0.4, integrator="reference")
    with pytest.raises(ParameterError, match="midpoint"):
        EngineSimulation(blueprint(), fuer_elise(), 0.1, 0.4, integrator="midpoint")
    with pytest.raises(ParameterError, match="too long for the reference integrator"):
        EngineSimulation(blueprint(), fuer_elise(), 0.5, 0.4, integrator="reference")


def test_rate_form_is_refused_by_spiking_backends():
    with pytest.raises(ParameterError, match="--backend engine"):
        PyNNSimulation(blueprint(), fuer_elise(), 0.1, 0.4)
