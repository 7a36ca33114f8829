"""Rates, intervals, distances, lags, synchrony and dimensionality against analytic cases."""

from __future__ import annotations

import neo
import numpy as np
import pytest
import quantities as pq

from elise_pynn.analysis.cycles import cut_cycles
from elise_pynn.analysis.dimensionality import participation_ratio
from elise_pynn.analysis.distances import van_rossum_distances, victor_purpura_distances
from elise_pynn.analysis.irregularity import intervals, irregularity
from elise_pynn.analysis.lags import cross_correlation_lag
from elise_pynn.analysis.rates import firing_rates
from elise_pynn.analysis.synchrony import spike_contrast
from spike_trains import poisson, smooth_rates, train

SILENT = train([])


def test_rate_of_one_spike_is_the_kernel():
    rates = firing_rates([train([500.05]), SILENT], kernel_sd=0.008 * pq.s, sampling_period=0.1 * pq.ms)
    assert rates.shape == (10000, 2) and str(rates.units.dimensionality) == "1/ms"
    t = np.arange(10000) * 0.1
    expected = np.exp(-0.5 * ((t - 500.0) / 8.0) ** 2) / (8.0 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(rates.magnitude[:, 0], expected, atol=2e-3 * expected.max())
    assert (rates.magnitude[:, 1] == 0).all()
    with pytest.raises(ValueError, match="no spike trains"):
        firing_rates([])


def test_rate_of_regular_spikes_is_one_by_their_interval():
    rates = firing_rates([train(np.arange(2.0, 1000.0, 4.0))]).magnitude[100:-100]
    np.testing.assert_allclose(rates, 0.25, rtol=1e-3)


def test_statistics_of_regular_and_of_alternating_intervals():
    found = irregularity([train(np.arange(10.0, 1000.0, 10.0)), train(np.cumsum(np.tile([5.0, 15.0], 40)))])
    np.testing.assert_allclose(found.rate.rescale("Hz").magnitude, [99.0, 80.0])
    # 40 long and 39 short intervals: I' - I is always 10, I' + I always 20
    both = np.array([15.0] * 40 + [5.0] * 39)
    np.testing.assert_allclose(found.mean_interval.rescale("ms").magnitude, [10.0, both.mean()])
    np.testing.assert_allclose(found.cv, [0.0, both.std() / both.mean()], atol=1e-12)
    np.testing.assert_allclose(found.cv2, [0.0, 1.0], atol=1e-12)
    np.testing.assert_allclose(found.lv, [0.0, 0.75], atol=1e-12)


def test_statistics_of_poisson_spikes_are_one():
    rng = np.random.default_rng(0)
    found = irregularity([train(np.cumsum(rng.exponential(5.0, 19000)), 1e5) for _ in range(4)])
    for measure in (found.cv, found.cv2, found.lv):
        np.testing.assert_allclose(measure, 1.0, atol=0.05)


def test_statistics_of_too_few_spikes_are_not_defined():
    found = irregularity([SILENT, train([3.0]), train([3.0, 5.0])])
    np.testing.assert_array_equal(found.rate.magnitude, [0, 1, 2])
    np.testing.assert_array_equal(found.mean_interval.magnitude, [np.nan, np.nan, 2.0])
    for measure in (found.cv, found.cv2, found.lv):
        assert np.isnan(measure).all() and measure.shape == (3,)
    assert len(irregularity([]).rate) == 0


def test_spikes_at_the_same_time_are_one_event():
    np.testing.assert_allclose(intervals(train([1, 1, 1, 4, 4, 9])).rescale("us").magnitude, [3000, 5000])
    assert len(intervals(SILENT)) == 0


@pytest.mark.parametrize("delta", [0.0, 2.0, 10.0, 300.0])
def test_distances_of_one_spike_moved(delta):
    one, two = train([100.0]), train([100.0 + delta])
    assert van_rossum_distances([one], [two])[0] == pytest.approx(np.sqrt(2 * (1 - np.exp(-delta / 10.0))), abs=1e-7)
    assert victor_purpura_distances([one], [two])[0] == pytest.approx(min(delta / 10.0, 2.0), abs=1e-9)
    assert victor_purpura_distances([one], [two], 50 * pq.ms)[0] == pytest.approx(min(delta / 50.0, 2.0), abs=1e-9)


def test_van_rossum_agrees_with_the_integral_of_filtered_trains():
    rng = np.random.default_rng(1)
    spikes = [np.sort(rng.uniform(50, 300, n)) for n in (12, 9)]
    t = np.arange(0, 500, 0.01)
    traces = [sum(np.where(t >= s, np.exp(-(t - s) / 7.0), 0.0) for s in times) for times in spikes]
    expected = np.sqrt(2 / 7.0 * np.sum((traces[0] - traces[1]) ** 2) * 0.01)
    seconds = [neo.SpikeTrain(times / 1000 * pq.s, t_stop=1 * pq.s) for times in spikes]
    assert van_rossum_distances(seconds[:1], seconds[1:], 7 * pq.ms)[0] == pytest.approx(expected, rel=2e-3)


def test_victor_purpura_agrees_with_the_recursion():
    rng = np.random.default_rng(2)
    a, b = (np.sort(rng.uniform(0, 200, n)) for n in (15, 11))
    cost = np.zeros((16, 12))
    cost[:, 0], cost[0] = np.arange(16), np.arange(12)
    for i in range(1, 16):
        for j in range(1, 12):
            cost[i, j] = min(cost[i - 1, j] + 1, cost[i, j - 1] + 1, cost[i - 1, j - 1] + abs(a[i - 1] - b[j - 1]) / 10.0)
    assert victor_purpura_distances([train(a)], [train(b)])[0] == pytest.approx(cost[-1, -1])


def test_distances_to_silence():
    far = train([100.0, 400.0, 700.0])
    np.testing.assert_allclose(van_rossum_distances([SILENT, far], [SILENT, SILENT]), [0, np.sqrt(3)], atol=1e-6)
    np.testing.assert_allclose(victor_purpura_distances([SILENT, far], [SILENT, SILENT]), [0, 3])
    assert len(van_rossum_distances([], [])) == 0
    with pytest.raises(ValueError, match="one by one"):
        victor_purpura_distances([far], [])


@pytest.mark.parametrize("lag", [-23.0, 0.0, 7.0])
def test_lag_of_a_delayed_copy(lag):
    rng = np.random.default_rng(3)
    times = [np.sort(rng.uniform(100, 900, 60)) for _ in range(5)]
    found = cross_correlation_lag([train(t) for t in times], [train(t + lag) for t in times])
    assert float(found.rescale("ms")) == pytest.approx(lag)
    fine = cross_correlation_lag([train(t) for t in times], [train(t + lag / 10) for t in times], 0.1 * pq.ms, 10 * pq.ms)
    assert float(fine.rescale("us")) == pytest.approx(100 * lag, abs=1e-6)


def test_lag_of_silence_and_of_even_firing_is_not_defined():
    busy, even = train([5.0, 80.0]), train(np.arange(1.0, 1001.0))
    assert cross_correlation_lag([busy], [SILENT]) is None
    assert cross_correlation_lag([], [busy]) is None
    assert cross_correlation_lag([even], [busy]) is None


def test_spike_contrast_of_identical_and_of_independent_trains():
    rng = np.random.default_rng(4)
    times = np.sort(rng.uniform(0, 1000, 20))
    assert spike_contrast([train(times)] * 8) == pytest.approx(1, abs=0.02)
    apart = [train(np.sort(rng.uniform(0, 1000, 20))) for _ in range(8)]
    assert spike_contrast(apart) < 0.5


def test_spike_contrast_of_silence_is_not_defined():
    assert spike_contrast([]) is None
    assert spike_contrast([train([1, 2, 3])]) is None
    assert spike_contrast([SILENT, SILENT]) is None
    assert spike_contrast([train([1.0, 1.0]), train([2.0])]) is None
    assert spike_contrast([train([100.0, 200.0]), SILENT]) == pytest.approx(0.0, abs=1e-12)


def test_dimensions_of_groups_that_vary_together():
    """Groups of equal trains whose spikes are too far apart to overlap: the eigenvalues are those of the groups."""
    groups = 8
    spikes = [np.arange(20.0 + 40 * g, 10000.0, 40.0 * groups) for g in range(groups)]
    trains = [train(spikes[g], 10000.0) for g in range(groups) for _ in range(3)]
    # covariance of spikes too far apart to overlap: variance v on the diagonal, minus rate squared elsewhere
    rate = 1 / (40.0 * groups)
    v, c = rate / (2 * np.sqrt(np.pi) * 4.0) - rate**2, -(rate**2)
    l = np.array([v - c] * (groups - 1) + [v + (groups - 1) * c])  # noqa: E741
    assert participation_ratio(trains) == pytest.approx(l.sum() ** 2 / np.sum(l**2), rel=0.01)
    assert participation_ratio(trains[:3]) == pytest.approx(1)


def test_dimensions_agree_with_eigenvalues():
    rng = np.random.default_rng(5)
    trains = poisson(rng, smooth_rates(rng, 12, 1000.0))
    values = np.linalg.eigvalsh(np.cov(firing_rates(trains).magnitude.T))
    assert participation_ratio(trains) == pytest.approx(values.sum() ** 2 / np.sum(values**2))


def test_silence_has_no_dimensions():
    assert participation_ratio([]) is None and participation_ratio([SILENT, SILENT]) is None
    assert participation_ratio([train([500.0]), SILENT]) == pytest.approx(1)


def test_cycles_are_cut_after_their_last_time_step():
    cycles = cut_cycles([train([10, 250, 250.1, 499.9, 750], 1000.0), train([], 1000.0)], 0.25 * pq.s)
    assert [[list(np.round(t.magnitude, 6)) for t in cycle] for cycle in cycles] == [
        [[10, 250], []], [[0.1, 249.9], []], [[250], []], [[], []],
    ]  # fmt: skip
    assert cycles[2][0].t_stop == 250 * pq.ms
    assert cut_cycles([], 1 * pq.s) == []
    with pytest.raises(ValueError, match="positive"):
        cut_cycles([SILENT], 0 * pq.ms)
