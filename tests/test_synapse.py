"""Event-driven learning on NEST against a direct sum over time steps of the recorded error times the true trace."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from elise_pynn.nestml_models import NEURON, SYNAPSE

ETA = 0.5


def learn(nest, dt, trains, duration, **neuron_parameters):
    """Weights that NEST learns for presynaptic trains, and the directly summed ones."""
    nest.resolution = dt
    rng = np.random.default_rng(3)
    samples = round(137 / dt)
    target = -70 + 20 * rng.random(samples) * (np.arange(samples) % 40 > 12)
    post = nest.Create(NEURON, params={"nudging": 0.6, "teacher_size": samples, "teacher_waveform": target, **neuron_parameters})
    meter = nest.Create("multimeter", params={"record_from": ["error"], "interval": dt})
    nest.Connect(meter, post)
    relays = []
    for train in trains:
        times = np.round(np.asarray(train, dtype=float), 6)
        generator = nest.Create("spike_generator", params={"spike_times": times})
        relays.append(nest.Create("parrot_neuron"))
        nest.Connect(generator, relays[-1], syn_spec={"delay": dt})
        nest.Connect(relays[-1], post, syn_spec={"synapse_model": SYNAPSE, "weight": 0.3, "eta": ETA, "delay": dt, "receptor_type": 1})
    nest.Simulate(duration)
    error = np.zeros(round(duration / dt) + 1)
    error[np.round(meter.events["times"] / dt).astype(int)] = meter.events["error"]
    learned = np.array([nest.GetConnections(relay, post).weight for relay in relays])
    return learned, np.array([direct_sum(train, dt, error, post) for train in trains])


def direct_sum(train, dt, error, post):
    """Step by step: the trace jumps at an arrival, the weight grows by eta e x dt, the trace decays."""
    g_L, g_D, k = post.g_L, post.g_D, post.spikes_per_rate
    arrivals = Counter(np.round(np.asarray(train) / dt).astype(int) + 1)
    trace, weight = 0.0, 0.3
    for step in range(1, max(arrivals) + 1):
        trace += arrivals.get(step - 1, 0) * g_L * g_D / (g_L + g_D) / k
        weight += ETA * error[step] * trace * dt
        trace *= np.exp(-dt * g_L)
    return weight


TRAINS = {
    "one spike only": [50.0],
    "within one window": [12.0, 13.0, 20.0, 57.0],
    "on the window's border": [99.0, 100.0, 199.0, 300.0],
    "silences of one to seven windows": [30.0, 130.0, 340.0, 650.0, 1060.0, 1570.0, 2180.0, 2890.0],
    "several spikes in one step": [40.0, 40.0, 40.0, 140.0, 140.0, 700.0],
    "silence of seconds": [70.0, 5070.0],
    "long silence after a burst": [100.0, 101.0, 102.0, 9900.0],
    "first spike late": [8000.0, 8005.0],
}


@pytest.mark.parametrize("dt", [0.1, 0.5, 1.0])
def test_equals_the_direct_sum(nest, dt):
    learned, expected = learn(nest, dt, TRAINS.values(), 10000.0)
    change = np.abs(expected - 0.3)
    assert (change[1:] > 1e-4).all()
    np.testing.assert_allclose(learned, expected, rtol=1e-9)
    np.testing.assert_allclose(learned - 0.3, expected - 0.3, rtol=1e-9, atol=1e-14)


@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_equals_the_direct_sum_at_random_rates(nest, dt):
    rng = np.random.default_rng(7)
    trains = [np.sort(rng.integers(1, round(7900 / dt), n)) * dt for n in (3, 30, 300, 3000)]
    learned, expected = learn(nest, dt, trains, 8000.0, spikes_per_rate=2.0)
    np.testing.assert_allclose(learned, expected, rtol=1e-9)


def test_a_minute_of_silence(nest):
    learned, expected = learn(nest, 1.0, [[500.0, 60500.0]], 61000.0)
    np.testing.assert_allclose(learned, expected, rtol=1e-9)


def test_silence_beyond_all_windows_kept_changes_nothing(nest):
    """With a window of 1 ms the 4096 windows kept are over after 4.1 s: the last spike's learning is left out, not invented."""
    learned, _ = learn(nest, 1.0, [[10.0, 6010.0], [10.0, 3010.0]], 6100.0, g_L=10.0, g_D=200.0)
    assert learned[0] == 0.3
    assert learned[1] != 0.3


def test_wrapped_ring_still_holds_recent_windows(nest):
    learned, expected = learn(nest, 1.0, [[6000.0, 6300.0, 6500.0]], 6600.0, g_L=10.0, g_D=200.0)
    assert expected[0] != 0.3
    np.testing.assert_allclose(learned, expected, rtol=1e-9)


def test_plasticity_gain_scales_and_freezes(nest):
    full, _ = learn(nest, 0.1, [[20.0, 50.0, 900.0]], 1000.0)
    for gain in (0.25, 0.0):
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        from elise_pynn.nestml_models import install

        install(nest)
        scaled, _ = learn(nest, 0.1, [[20.0, 50.0, 900.0]], 1000.0, plasticity=gain)
        np.testing.assert_allclose(scaled - 0.3, gain * (full - 0.3), rtol=1e-3)  # the weight acts back on the error


def test_no_spike_history_is_kept(nest):
    """The neuron registers no synapse that would read its spikes, so its archive stays empty."""
    nest.resolution = 0.1
    pre = nest.Create("poisson_generator", params={"rate": 500.0})
    relay, post = nest.Create("parrot_neuron"), nest.Create(NEURON, params={"nudging": 0.6, "teacher_waveform": [-50.0]})
    nest.Connect(pre, relay)
    nest.Connect(relay, post, syn_spec={"synapse_model": SYNAPSE, "delay": 0.1, "receptor_type": 1})
    recorder = nest.Create("spike_recorder")
    nest.Connect(post, recorder)
    nest.Simulate(500.0)
    assert recorder.n_events > 200
    assert post.archiver_length == 0


def test_arrivals_do_not_depend_on_their_order(nest):
    """Weights go out on a grid of 2^-26, so that sums over synapses are the same in any order."""
    nest.resolution = 0.1
    weights = np.random.default_rng(0).normal(0, 10, 200)
    potentials = []
    for order in (weights, weights[::-1]):
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        from elise_pynn.nestml_models import install

        install(nest)
        post = nest.Create(NEURON)
        generator, relays = nest.Create("spike_generator", params={"spike_times": [1.0]}), nest.Create("parrot_neuron", len(order))
        nest.Connect(generator, relays)
        nest.Connect(relays, post, syn_spec={"synapse_model": SYNAPSE, "weight": order.reshape(1, -1), "delay": 0.1, "receptor_type": 1})
        nest.Simulate(5.0)
        potentials.append(post.V_dend)
    assert potentials[0] == potentials[1] != -70.0
