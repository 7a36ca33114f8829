"""Every experiment in its smallest form, resumed, and the arithmetic of its claims."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from elise_pynn import NeuronParameters, ParameterError, Sequence
from elise_pynn.experiments import NAMES, find_experiment
from elise_pynn.experiments.dynamics import SEARCH_MS, SETTLING, floquet_multipliers, spectral_radius, strong_share
from elise_pynn.experiments.experiment import Claim
from elise_pynn.experiments.growth import area_under_curve, failure_rate
from elise_pynn.experiments.networks import teach_network
from elise_pynn.experiments.noise import CORRELATION_MS, correlated
from elise_pynn.experiments.runner import run_experiment
from test_cli import elise


@pytest.mark.parametrize("name", NAMES)
def test_smoke(name, tmp_path):
    command = ["experiment", name, "--preset", "smoke", "--seeds", 2, "--jobs", 2, "--out", tmp_path / name, "--json"]
    done = elise(*command)
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert (summary["experiment"], summary["preset"], summary["seeds"], summary["failed"]) == (name, "smoke", 2, [])
    assert summary["computed"] == summary["points"] >= 2 and summary["claims"]
    for claim in summary["claims"]:
        assert set(claim) == {"claim", "figure", "needed", "holds"} and claim["holds"] is None
        assert set(claim["figure"]) == {"median", "interquartile_range", "n", "yes"}
    assert any(claim["figure"]["n"] for claim in summary["claims"])
    assert json.loads((tmp_path / name / "summary.json").read_text())["claims"] == summary["claims"]
    if name == "birdsong":
        assert len(list((tmp_path / name).glob("*.wav"))) == 4
    assert (tmp_path / name / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (tmp_path / name / f"{name}.svg").read_bytes()
    with open(tmp_path / name / "rows.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) >= summary["points"] and {row["seed"] for row in rows} == {"1", "2"}


def test_what_is_done_is_kept_and_more_seeds_are_added(tmp_path):
    first = run_experiment("timescale", tmp_path / "t", "smoke", seeds=1)
    more = run_experiment("timescale", tmp_path / "t", "smoke", seeds=2)
    assert more["computed"] == first["computed"] == more["points"] / 2
    again = run_experiment("timescale", tmp_path / "t", "smoke", seeds=2)
    assert again["computed"] == 0 and again["claims"] == more["claims"]
    with pytest.raises(ParameterError, match="another kind"):
        run_experiment("size", tmp_path / "t", "smoke")


@pytest.mark.parametrize("name", ["size", "reservoir", "disruption"])
def test_smoke_on_nest(name, tmp_path):
    summary = run_experiment(name, tmp_path / name, "smoke", backend="nest", seeds=1)
    assert summary["backend"] == "nest" and summary["failed"] == [] and summary["claims"]


def test_bad_input(tmp_path):
    for arguments, message in ((["cold-fusion"], "there is no experiment cold-fusion"), (["growth", "--backend", "nest"], "not on nest")):
        done = elise("experiment", *arguments, "--preset", "smoke", "--out", tmp_path / "x")
        assert done.returncode == 2 and message in " ".join(done.stderr.split()) and "Traceback" not in done.stderr
    assert not (tmp_path / "x").exists()
    with pytest.raises(ParameterError, match="smoke, quick, paper"):
        run_experiment("size", tmp_path / "x", "huge")
    assert find_experiment("size").name == "size"


def test_help_names_all_experiments():
    text = " ".join(elise("experiment", "--help").stdout.split())
    assert all(name in text for name in NAMES)


def test_claim_gives_median_and_quartiles():
    figure = Claim("x", [1.0, 2.0, 3.0, 4.0, float("nan")], "y", True).to_dict()["figure"]
    assert figure == {"median": 2.5, "interquartile_range": [1.75, 3.25], "n": 4, "yes": None}
    assert Claim("x", [], "y", None).to_dict()["figure"] == {"median": None, "interquartile_range": [None, None], "n": 0, "yes": None}
    assert Claim("x", [True, False, 1.0], "y", None).to_dict()["figure"]["yes"] == 2


def test_correlated_noise_has_unit_variance_and_the_correlation_time():
    noise = correlated((20, 100_000), 0.5, np.random.default_rng(1))
    assert abs(noise.var() - 1) < 0.03 and abs(noise[:, 0].var() - 1) < 0.8
    lag = round(CORRELATION_MS / 0.5)
    assert abs(np.mean(noise[:, lag:] * noise[:, :-lag]) - np.exp(-1)) < 0.03


def test_strong_share_and_spectral_radius():
    rng = np.random.default_rng(1)
    assert strong_share(np.ones((50, 50))) == pytest.approx(0.5, abs=0.001)
    assert strong_share(rng.normal(size=(400, 400))) == pytest.approx(0.239, abs=0.005)
    assert strong_share(np.diag(np.ones(29), 1)) == pytest.approx(15 / (30 * 29))
    neuron = NeuronParameters()
    assert spectral_radius(np.diag([3.0, -5.0]), neuron) == pytest.approx(0.3 / 4 * 2.0 / 2.1 * 5)


def test_failure_rates_and_roc():
    rows = [{"arm": "a", "sustained": i >= 2, "predictor": 0.1 if i >= 3 else 0.3} for i in range(10)]
    failures, draws, low, high = failure_rate(rows, arm="a")
    assert (failures, draws) == (2, 10) and 0.025 < low < 0.026 and 0.55 < high < 0.56  # Clopper-Pearson
    assert area_under_curve(rows) == pytest.approx((7 + 0.5) / 8)
    assert area_under_curve(rows[2:]) is None


def test_floquet_multipliers_are_the_eigenvalues_of_the_whole_derivative():
    """Against the matrix of difference quotients along every direction, for a small network that plays."""
    given = {"backend": "engine", "latent": 12, "seed": 1, "cycles": 3000, "timestep": 1.0, "integrator": "exponential", "method": "tree"}
    taught = teach_network({**given, "eta": 0.02}, Sequence("small", np.repeat(np.eye(4), 2, axis=1)))
    returned, found = floquet_multipliers(taught)
    assert len(found) == 3 and found[0] == pytest.approx(1.0, abs=0.05) and found[1] < 0.9
    simulation = taught.cued()
    simulation.run(SETTLING * taught.sequence.period)
    start = simulation.rate_state()

    def after(state):
        simulation.set_rate_state(state)
        simulation.run(returned)
        return simulation.rate_state()

    end = after(start)
    jacobian = np.array([(after(start + 1e-4 * direction) - end) / 1e-4 for direction in np.eye(start.size)]).T
    expected = np.sort(np.abs(np.linalg.eigvals(jacobian)))[::-1]
    assert abs(returned - taught.sequence.period) < SEARCH_MS - 1
    np.testing.assert_allclose(found, expected[: len(found)], rtol=0.02, atol=1e-4)


def test_rate_state_is_all_that_decides():
    taught = teach_network({"backend": "engine", "latent": 6, "seed": 1, "cycles": 20})
    simulation = taught.cued()
    simulation.run(33.3)
    state, played = simulation.rate_state(), []
    for _ in range(2):
        simulation.record()
        simulation.run(300.0)
        played.append(simulation.take().rates)
        simulation.set_rate_state(state)
    assert np.ptp(played[0]) > 1e-4
    np.testing.assert_array_equal(*played)


def test_a_silent_network_has_no_cycle():
    taught = teach_network({"backend": "engine", "latent": 6, "seed": 1, "cycles": 1})
    returned, found = floquet_multipliers(taught)
    assert np.isnan(returned) and found == []
