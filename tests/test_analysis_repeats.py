"""The period of a population, found without being told it; none where there is none."""

from __future__ import annotations

import neo
import numpy as np
import pytest
import quantities as pq
from elephant.spike_train_surrogates import randomise_spikes, shuffle_isis

from elise_pynn.analysis.repeats import find_period, is_modulated
from elise_pynn.analysis.self_similarity import repeat_profile, similarity_over_lags
from elise_pynn.analysis.trains import population_trains
from elise_pynn.melody import fuer_elise
from spike_trains import poisson, smooth_rates, train


def ms(quantity):
    return float(quantity.rescale("ms"))


@pytest.mark.parametrize(("neurons", "period", "cycles"), [(50, 250.0, 4), (100, 250.0, 10), (20, 130.0, 6), (50, 700.0, 3)])
def test_period_of_poisson_spikes(neurons, period, cycles):
    rng = np.random.default_rng(int(period) + cycles)
    trains = poisson(rng, np.tile(smooth_rates(rng, neurons, period), (1, cycles)))
    assert ms(find_period(trains)) == pytest.approx(period, rel=0.02)


@pytest.mark.parametrize("order", ["AAB", "AAAB", "ABAC", "AAAAAB"])
def test_near_repeats_inside_of_a_sequence_are_not_its_period(order):
    rng = np.random.default_rng(2)
    parts = {name: smooth_rates(rng, 50, 80.0) for name in "ABC"}
    trains = poisson(rng, np.tile(np.hstack([parts[name] for name in order]), (1, 4)))
    assert ms(find_period(trains)) == pytest.approx(80.0 * len(order), rel=0.02)


def test_weak_rates_give_the_period_and_no_multiple():
    rng = np.random.default_rng(1)
    trains = poisson(rng, np.tile(smooth_rates(rng, 80, 250.0, low=0.01, high=0.2), (1, 8)))
    assert ms(find_period(trains)) == pytest.approx(250.0, rel=0.02)


def test_fuer_elise_played_by_its_channels_alone():
    rng = np.random.default_rng(3)
    trains = poisson(rng, np.tile(0.02 + 0.85 * np.repeat(fuer_elise().pattern, 20, axis=1), (1, 5)))
    assert ms(find_period(trains)) == pytest.approx(250.0, rel=0.02)


def test_one_spike_per_neuron_and_cycle():
    trains = [train(7.0 * i + 3 + 160.0 * np.arange(6), stop=960.0) for i in range(22)]
    assert ms(find_period(trains)) == pytest.approx(160.0, rel=0.005)


@pytest.mark.parametrize("unit", ["s", "us"])
def test_units_and_beginning_do_not_matter(unit):
    rng = np.random.default_rng(4)
    trains = poisson(rng, np.tile(smooth_rates(rng, 30, 200.0), (1, 5)))
    moved = [neo.SpikeTrain((t.times + 3 * pq.s).rescale(unit), t_start=3 * pq.s, t_stop=4 * pq.s) for t in trains]
    assert ms(find_period(moved)) == pytest.approx(ms(find_period(trains)), abs=0.1)


def nothing(rng, kind):
    if kind == "constant Poisson":
        return poisson(rng, np.full((50, 4000), 0.4))
    if kind == "different constant rates":
        return poisson(rng, np.repeat(rng.uniform(0.1, 0.9, (60, 1)), 4000, axis=1))
    if kind == "endless melody":
        return poisson(rng, smooth_rates(rng, 50, 2000.0))
    if kind == "common rate":
        return poisson(rng, np.repeat(smooth_rates(rng, 1, 2000.0, 15.0), 50, axis=0))
    interval = rng.uniform(1.1, 10.0, 50)  # kind == "regular"
    return [train(np.arange(rng.uniform(0, i), 2000.0, i), 2000.0) for i in interval]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["constant Poisson", "different constant rates", "endless melody", "common rate", "regular"])
def test_what_does_not_repeat_has_no_period(kind, seed):
    assert find_period(nothing(np.random.default_rng(seed), kind)) is None


@pytest.mark.parametrize("shuffle", [randomise_spikes, shuffle_isis])
def test_shuffled_spikes_of_a_repeating_population_have_no_period(shuffle):
    rng = np.random.default_rng(5)
    trains = poisson(rng, np.tile(smooth_rates(rng, 60, 250.0), (1, 8)))
    assert find_period(trains) is not None
    np.random.seed(5)  # noqa: NPY002
    assert find_period([shuffle(t)[0] for t in trains]) is None


@pytest.mark.parametrize("seed", [3, 9, 19])
def test_surrogates_refuse_what_few_spikes_do_by_chance(seed):
    trains = poisson(np.random.default_rng(seed), np.full((1, 400), 0.02))
    assert find_period(trains, surrogates=0) is not None
    assert find_period(trains) is None


def test_silence_has_no_period():
    assert find_period([]) is None
    assert find_period([train([]) for _ in range(5)]) is None
    assert find_period([train([500.0]), train([])]) is None
    assert find_period([train([1.0], stop=2.0)]) is None


def test_silent_neurons_among_others_do_no_harm():
    rng = np.random.default_rng(6)
    trains = poisson(rng, np.tile(smooth_rates(rng, 30, 200.0), (1, 5)))
    assert ms(find_period([*trains, train([], 1000.0)])) == pytest.approx(200.0, rel=0.02)


def test_numpys_global_generator_is_left_alone():
    rng = np.random.default_rng(7)
    trains = poisson(rng, np.tile(smooth_rates(rng, 30, 200.0), (1, 4)))
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    assert ms(find_period(trains)) == ms(find_period(trains))
    np.testing.assert_array_equal(np.random.get_state()[1], before)  # noqa: NPY002


def test_similarity_agrees_with_a_plain_loop():
    rng = np.random.default_rng(8)
    vectors = rng.random((1100, 4))  # longer than a block
    similarity = similarity_over_lags(vectors, 30)
    x = vectors - vectors.mean(axis=0)
    for lag in (0, 1, 17, 30):
        for t in (0, 511, 512, 1099 - lag):
            expected = x[t] @ x[t + lag] / np.linalg.norm(x[t]) / np.linalg.norm(x[t + lag])
            assert similarity[lag, t] == pytest.approx(expected)
        assert np.isnan(similarity[lag, 1100 - lag :]).all()


def test_similarity_of_an_exact_repeat_is_one():
    trains = [train(np.concatenate([t + 100.0 * np.arange(10) for t in spikes])) for spikes in ([10, 13], [50], [70, 74, 90])]
    lags, mean, lowest = repeat_profile([neo.SpikeTrain(np.sort(t.times), t_stop=t.t_stop) for t in trains])
    at = int(np.flatnonzero(lags.magnitude == 100.0)[0])
    assert mean[at] > 0.99 and lowest[at] > 0.99 and lowest[at // 2] < 0
    assert mean[0] == pytest.approx(1) and len(lags) == len(mean) == len(lowest)


def test_modulation_is_that_of_poisson_spikes():
    rng = np.random.default_rng(9)
    assert is_modulated(poisson(rng, np.full((30, 4000), 0.3)))
    assert not is_modulated([train(np.arange(5.0, 1000.0, 5.0))])
    # the variance of spikes too far apart to overlap is rate (1 / (2 sqrt(pi) sd) - rate): three quarters at 14.2 sd
    assert is_modulated([train(np.arange(16 * 4.0, 10000.0, 16 * 4.0), 10000.0)])
    assert not is_modulated([train(np.arange(12 * 4.0, 10000.0, 12 * 4.0), 10000.0)])


def test_period_of_a_replay_from_latent_spikes_alone():
    """The whole way on the engine: learn, replay, and find the replay's period; a network that has learned nothing has none."""
    from elise_pynn import make_blueprint
    from elise_pynn.analysis.recording import make_block, make_segment
    from elise_pynn.engine import EngineSimulation
    from elise_pynn.protocol import replay, teach

    sequence, blueprint = fuer_elise(), make_blueprint(13, 50, seed=1)
    simulation = EngineSimulation(blueprint, sequence, timestep=0.5, learning_rate=blueprint.parameters.learning.initial_eta(cycles=600))
    teach(simulation, blueprint, sequence, cycles=600)
    trained = blueprint.trained(simulation.weights())
    found = {}
    for name, network in (("trained", trained), ("untrained", blueprint)):
        played = replay(EngineSimulation(network, sequence, timestep=0.5), network, sequence, cycles=6)
        activity, names = played.activity, {"visible": slice(0, 13), "latent": slice(13, 63)}
        spikes = activity.spike_times, activity.spike_neurons
        segment = make_segment("replay", *spikes, names, activity.rates, activity.interval, activity.duration)
        latent = population_trains(make_block("test", [segment], {}), "latent", "replay")
        found[name] = find_period(latent)
        if name == "trained":
            assert played.scores.sustained_cycles == 6
            true = sequence.period + played.scores.drift_ms_per_cycle
            assert find_period([randomise_spikes(t)[0] for t in latent]) is None
    assert ms(found["trained"]) == pytest.approx(true, rel=0.02)
    assert found["untrained"] is None
