"""What the model promises, over several seeds, on NEST. Slow: minutes."""

from __future__ import annotations

import json
import statistics
from concurrent.futures import ThreadPoolExecutor

import pytest

from test_cli import elise

pytestmark = pytest.mark.slow


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
