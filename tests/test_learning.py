"""What the model promises, over several seeds, on NEST. Slow: minutes."""

from __future__ import annotations

import csv
import json
import statistics
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.stats import ks_2samp

from test_cli import elise

pytestmark = pytest.mark.slow
#: scores compared between backends
COMPARED = ("median_correlation", "median_mse", "note_f1", "free_run_mse", "spikes_per_cycle")


def replays(folder, seeds, *options):
    """Run seeds two at a time and return their summaries."""

    def one(seed):
        done = elise("run", "fuer-elise", "--seed", seed, "--out", folder / str(seed), "--json", *options, timeout=3000)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, seeds))


def test_default_settings(tmp_path):
    runs = [r["replay"] for r in replays(tmp_path, range(1, 6), "--replay", 100)]
    assert all(r["sustained_cycles"] == 100 for r in runs)
    correlations = [r["median_correlation"] for r in runs]
    assert statistics.median(correlations) >= 0.955 and min(correlations) >= 0.92
    assert statistics.median(r["median_mse"] for r in runs) <= 0.006
    assert min(r["note_f1"] for r in runs) >= 0.97


def test_one_millisecond_step(tmp_path):
    runs = [r["replay"] for r in replays(tmp_path, range(1, 4), "--timestep", 1.0, "--cycles", 3000)]
    assert all(r["sustained_cycles"] == r["cycles"] for r in runs)
    assert statistics.median(r["median_correlation"] for r in runs) >= 0.94


def test_escape_emission(tmp_path):
    options = ("--emission", "escape", "--spikes-per-rate", 3, "--cycles", 3000)
    runs = [r["replay"] for r in replays(tmp_path, range(1, 4), *options)]
    assert all(r["sustained_cycles"] == r["cycles"] for r in runs)
    assert statistics.median(r["median_correlation"] for r in runs) >= 0.93


def test_published_scaffold_too(tmp_path):
    (run,) = replays(tmp_path, [1], "--scaffold", "published")
    assert run["replay"]["sustained_cycles"] == run["replay"]["cycles"]


def test_frozen_threads_do_not_change_a_learned_replay(tmp_path):
    one, two = (replays(tmp_path / str(n), [3], "--threads", n, "--cycles", 200, "--replay", 5)[0] for n in (1, 2))
    assert one["replay"] == two["replay"] and one["training"] == two["training"]


def test_replay_command_keeps_a_learned_run(tmp_path):
    (run,) = replays(tmp_path, [1], "--timestep", 1.0, "--cycles", 500, "--replay", 10)
    again = json.loads(elise("replay", tmp_path / "1", "--json").stdout)
    assert again["replay"] == run["replay"]


def test_escape_learns_alike_on_nest_and_on_the_engine(tmp_path):
    """Five networks, taught on both with different random numbers: the scores agree in distribution, and network by network."""
    options = ("--grid", "emission=escape", "--grid", "spikes_per_rate=3", "--grid", "cycles=300", "--grid", "replay=10", "--seeds", 5)
    tables = {}
    for backend in ("nest", "engine"):
        done = elise(
            "sweep", "fuer-elise", *options, "--backend", backend, "--jobs", 2, "--out", tmp_path / backend, "--json", timeout=1800
        )
        assert done.returncode == 0, done.stderr
        with open(tmp_path / backend / "table.csv", newline="") as file:
            tables[backend] = list(csv.DictReader(file))
    nest, engine = ({k: np.array([float(row[k]) for row in t]) for k in COMPARED} for t in (tables["nest"], tables["engine"]))
    for score in COMPARED:
        assert len(nest[score]) == 5 and ks_2samp(nest[score], engine[score]).pvalue > 0.05, score
    np.testing.assert_allclose(engine["spikes_per_cycle"], nest["spikes_per_cycle"], rtol=0.05)
    np.testing.assert_allclose(engine["median_correlation"], nest["median_correlation"], atol=0.04)
    np.testing.assert_allclose(engine["median_mse"].mean(), nest["median_mse"].mean(), rtol=0.2)
