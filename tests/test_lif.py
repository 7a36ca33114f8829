"""Integrate-and-fire cells that differ: spike by spike as pyNN.nest's stock cells do, and as their equations say."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from elise_pynn.backends.nest import sim  # pyNN.nest
from elise_pynn.engine.lif import LifCells, LifNetwork

#: ms; exact as a double, for external spikes must lie on NEST's grid to the last bit
STEP = 0.125
SPAN, C_M = 15.0, 0.1


def cells(n, seed=1, **same):
    """Cells whose parameters all differ, but for those that are given."""
    rng = np.random.default_rng(seed)
    values = {
        "tau_m": rng.uniform(1.5, 12.0, n),
        "tau_exc": rng.uniform(2.0, 12.0, n),
        "tau_inh": rng.uniform(2.0, 12.0, n),
        "refractory": rng.integers(4, 20, n) * STEP,
        "drive": rng.uniform(0.5, 1.5, n),
        "threshold": rng.uniform(0.8, 1.2, n),
        "floor": np.full(n, -1e9),
        "gain_exc": np.ones(n),
        "gain_inh": np.ones(n),
        "delay": rng.integers(3, 40, n) * STEP,
        "noise": np.zeros(n),
    }
    return LifCells(**{**values, **{name: np.full(n, float(value)) for name, value in same.items()}})


def nest_spikes(c, weights, duration, start, events, external):
    """Spikes (step, cell) of IF_curr_exp with the same parameters."""
    n = len(c.tau_m)
    sim.setup(timestep=STEP, min_delay=STEP, max_delay=20.0, spike_precision="on_grid", verbosity="error")
    resistance = c.tau_m / C_M
    population = sim.Population(
        n,
        sim.IF_curr_exp(
            v_rest=0.0,
            v_reset=0.0,
            v_thresh=SPAN * c.threshold,
            cm=C_M,
            tau_m=c.tau_m,
            tau_refrac=c.refractory,
            tau_syn_E=c.tau_exc,
            tau_syn_I=c.tau_inh,
            i_offset=SPAN * c.drive / resistance,
        ),
    )
    population.initialize(v=SPAN * start)
    population.record("spikes")
    times = [(np.sort(events[events[:, 1] == s, 0]) - 1) * STEP for s in range(external.shape[1])]
    source = sim.Population(external.shape[1], sim.SpikeSourceArray(spike_times=[t.tolist() for t in times]))
    for pre, matrix, delays in ((population, weights, c.delay), (source, external, np.full(external.shape[1], STEP))):
        for receptor, chosen in (("excitatory", matrix > 0), ("inhibitory", matrix < 0)):
            post, before = np.nonzero(chosen)
            current = (SPAN * matrix / resistance[:, None])[post, before]
            rows = [(int(j), int(i), float(w), float(delays[j])) for i, j, w in zip(post, before, current, strict=True)]
            sim.Projection(pre, population, sim.FromListConnector(rows, ["weight", "delay"]), sim.StaticSynapse(), receptor_type=receptor)
    sim.run(duration)
    trains = population.get_data().segments[0].spiketrains
    return sorted((round(float(t) / STEP), k) for k, train in enumerate(trains) for t in train.magnitude)


@pytest.mark.parametrize("same", [{}, {"tau_m": 10.0, "tau_exc": 10.0, "tau_inh": 10.0}])
def test_fires_as_stock_cells_do_on_nest(same):
    """Heterogeneous cells, delays of their own, external spikes; equal time constants included."""
    n, rng = 30, np.random.default_rng(2)
    c = cells(n, **same)
    weights, external = rng.normal(0, 0.25, (n, n)), rng.normal(0, 0.5, (n, 3))
    events = np.stack((rng.integers(20, 5000, 300), rng.integers(0, 3, 300)), axis=1)
    start = rng.random(n) * 0.7
    network = LifNetwork(c, weights, STEP, start, external)
    found = []
    for begin, end in ((0, 2000), (2000, 5000)):  # in two stretches
        inside = (events[:, 0] > begin) & (events[:, 0] <= end)
        times, who = network.run((end - begin) * STEP, events[inside] - np.array([begin, 0]))
        found += [(round(t / STEP) + begin, int(i)) for t, i in zip(times, who, strict=True)]
    assert len(found) > 1000
    assert sorted(found) == nest_spikes(c, weights, 5000 * STEP, start, events, external)


def test_gains_scale_what_arrives_of_each_sign():
    """A gain of 2 is a weight twice as large, for its own sign only."""
    n, rng = 8, np.random.default_rng(3)
    weights, start = rng.normal(0, 0.4, (n, n)), np.zeros(n)
    louder = dataclasses.replace(cells(n), gain_exc=np.full(n, 2.0), gain_inh=np.full(n, 0.5))
    changed = np.where(weights > 0, 2 * weights, 0.5 * weights)
    a, b = (LifNetwork(c, w, STEP, start).run(300.0) for c, w in ((louder, weights), (cells(n), changed)))
    assert len(a[0]) > 100
    np.testing.assert_array_equal(a, b)
    assert len(LifNetwork(cells(n), weights, STEP, start).run(300.0)[0]) != len(a[0])


def test_noise_has_its_standard_deviation_and_time_constant():
    """Ornstein-Uhlenbeck: the potential's standard deviation at rest, and its correlation exp(-dt / tau) over a step."""
    n, dt, tau, sd = 2000, 0.5, 5.0, 0.4
    network = LifNetwork(cells(n, tau_m=tau, drive=0.0, threshold=1e9, noise=sd), np.zeros((n, n)), dt, np.zeros(n))
    network.run(50.0)
    before = network._y.copy()
    network.run(dt)
    assert np.std(network._y) == pytest.approx(sd, rel=5 / np.sqrt(2 * n))
    assert np.corrcoef(before, network._y)[0, 1] == pytest.approx(np.exp(-dt / tau), abs=0.02)
    assert len(LifNetwork(cells(9, drive=0.0), np.zeros((9, 9)), dt, np.zeros(9)).run(500.0)[0]) == 0


def test_floor_holds_the_potential():
    c = cells(3, tau_m=2.0, drive=-10.0, floor=-3.0)
    network = LifNetwork(c, np.zeros((3, 3)), 0.1, np.zeros(3))
    network.run(50.0)
    np.testing.assert_array_equal(network._y, -3.0)


def test_cells_behind_cells():
    both = cells(2) + cells(3, seed=2)
    assert both.tau_m.tolist() == [*cells(2).tau_m, *cells(3, seed=2).tau_m] and len(both.noise) == 5
