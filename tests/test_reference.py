"""The engine's rate form against results of the authors' published code (tests/data), over ten seeds. Slow: minutes.

``tests/data/summary_train.csv`` has a row per run with the free-run MSE at fixed cycles, ``summary_replay.csv`` a row per run and
variant with the best-shift MSE of the median replay cycle. ``def_h50_*`` are the published defaults with 50 latent neurons.
"""

from __future__ import annotations

import csv
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import ks_2samp

from test_cli import elise

pytestmark = pytest.mark.slow
DATA = Path(__file__).parent / "data"


def published(table, column, **conditions):
    with open(DATA / table, newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["run"].startswith("def_h50_")]
    return np.array([float(row[column]) for row in rows if all(row[k] == v for k, v in conditions.items())])


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("paper")

    def one(seed):
        done = elise("run", "fuer-elise", "--preset", "paper", "--replay", 96, "--seed", seed, "--out", folder / str(seed), "--json",
                     timeout=1800)  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, range(1, 11)))


@pytest.mark.parametrize("cycle", [5000, 9980])
def test_free_run_error_during_training(runs, cycle):
    theirs = published("summary_train.csv", f"free_mse@{cycle}")
    ours = np.array([t["mse"] for run in runs for t in run["training"] if t["cycle"] == cycle])
    assert len(ours) == len(theirs) == 10
    assert theirs.min() <= np.median(ours) <= theirs.max()
    assert ks_2samp(ours, theirs).pvalue > 0.05


def test_replay_error(runs):
    theirs = published("summary_replay.csv", "mse_median", variant="none")
    ours = np.array([run["replay"]["median_mse"] for run in runs])
    assert len(ours) == len(theirs) == 10
    assert theirs.min() <= np.median(ours) <= theirs.max()
    assert ks_2samp(ours, theirs).pvalue > 0.05


def test_learned_and_sustained(runs):
    assert np.median([run["training"][-1]["mse"] for run in runs]) <= 0.007
    assert all(run["replay"]["sustained_cycles"] == 96 for run in runs)
