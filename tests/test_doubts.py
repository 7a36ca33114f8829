"""Nothing goes wrong in silence: runaway weights stop a run, doubtful results are warned of, and scores can be verified."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from elise_pynn import Blueprint, LearningParameters, NeuronParameters, ParameterError, Parameters, fuer_elise, make_blueprint
from elise_pynn.doubts import doubts_about_network, reached
from elise_pynn.protocol import teach
from elise_pynn.recommendation import configure_for
from elise_pynn.run import make_simulation, run
from elise_pynn.runaway import check_weights
from elise_pynn.verify import verify
from test_cli import elise

SETTINGS = {"backend": "engine", "latent": 20, "cycles": 41, "replay": 2, "timestep": 1.0}


def summary_of(blueprint=None, **given):
    settings, parameters = configure_for(fuer_elise(), "spiking", **{**SETTINGS, **given})
    said = []
    summary = run(fuer_elise(), None, settings, parameters, blueprint, notice=said.append)
    assert said == [f"Warning: {text}" for text in summary["warnings"]]
    return summary


@pytest.mark.parametrize("backend", ["engine", "nest"])
def test_runaway_weights_stop_the_training_where_they_are(backend):
    settings, parameters = configure_for(fuer_elise(), "spiking", **{**SETTINGS, "backend": backend, "eta": 1e5})
    blueprint = make_blueprint(13, 20, 1, parameters)
    simulation = make_simulation(settings, blueprint, fuer_elise(), 1e5)
    with pytest.raises(
        ParameterError, match=r"weights ran away in cycle (0|20): that of (visible|latent) neuron \d+ from .* Lower the"
    ) as error:
        teach(simulation, blueprint, fuer_elise(), 41)
    assert "mV per unit rate" in str(error.value)


def test_the_worst_weight_is_named():
    blueprint = make_blueprint(3, 4)
    weights = np.zeros((7, 7))
    check_weights(weights, blueprint, 5)
    weights[4, 1] = 2e4
    with pytest.raises(ParameterError, match="in cycle 5: that of latent neuron 4 from visible neuron 1 is 2e"):
        check_weights(weights, blueprint, 5)
    weights[2, 6] = np.nan
    with pytest.raises(ParameterError, match="that of visible neuron 2 from latent neuron 6 is nan"):
        check_weights(weights, blueprint, 5)


def test_runaway_on_the_command_line(tmp_path):
    make_blueprint(13, 20, 1, Parameters(learning=LearningParameters(eta=1e5))).save(tmp_path / "wild.npz")
    done = elise("run", "fuer-elise", "--out", tmp_path / "x", "--blueprint", tmp_path / "wild.npz", "--backend", "engine", "--timestep", 1)
    assert done.returncode == 2 and "ran away in cycle" in done.stderr and "Traceback" not in done.stderr
    assert not list((tmp_path / "x").iterdir())


def test_untrained_networks_play_at_chance_and_trained_ones_without_a_warning():
    assert [text[:23] for text in summary_of(cycles=1)["warnings"]] == ["the replay is at chance"]
    assert summary_of(cycles=400, latent=50)["warnings"] == []


def test_silent_networks_are_reported():
    warnings = " ".join(summary_of(spikes_per_rate=1e-4, cycles=1)["warnings"])
    assert "visible neurons are silent" in warnings and "latent neurons are silent" in warnings


def test_saturated_networks_are_reported():
    still = Parameters(learning=LearningParameters(eta=1e-9))
    blueprint = make_blueprint(13, 20, 1, still)
    weights = np.full((33, 33), 20.0)
    np.fill_diagonal(weights, 0)
    warnings = " ".join(summary_of(replace(blueprint, weights=weights), cycles=1)["warnings"])
    assert "13 of 13 visible neurons (0, 1, 2, 3, 4, ...) are saturated" in warnings and "20 of 20 latent neurons" in warnings


def test_latent_neurons_out_of_reach_are_reported():
    """Neither those without any edge, nor those of a loop of latent neurons."""
    blueprint = replace(make_blueprint(2, 5), scaffold=np.array([[0, 2], [2, 3], [4, 5], [5, 4]]))
    np.testing.assert_array_equal(reached(blueprint), [2, 3])
    (text,) = doubts_about_network(replace(make_blueprint(13, 5), scaffold=np.empty((0, 2), dtype=int)), fuer_elise(), 1.0)
    assert "5 of 5 latent neurons (13, 14, 15, 16, 17) are not reached" in text


def test_a_teacher_that_no_soma_can_follow_is_reported():
    parameters = Parameters(neuron=NeuronParameters(E_inh=-65.0))
    (text,) = doubts_about_network(make_blueprint(13, 5, 1, parameters), fuer_elise(), 1.0)
    assert "from -70 to" in text and "-65 to 0 mV" in text


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("done") / "run"
    options = ["--backend", "engine", "--latent", 40, "--cycles", 300, "--replay", 3, "--timestep", 1, "--seed", 3]
    made = elise("run", "fuer-elise", "--out", folder, *options, "--json")
    assert made.returncode == 0, made.stderr
    return folder, json.loads(made.stdout), made.stderr


def test_runs_carry_seed_versions_hashes_and_warnings(done):
    folder, summary, said = done
    kept = json.loads((folder / "run.json").read_text())
    assert kept["seed"] == 3 and kept["versions"]["numpy"] == np.__version__ and kept["warnings"] == summary["warnings"]
    assert (
        set(kept["sha256"]) == {"parameters", "blueprint", "recording"}
        and kept["sha256"]["blueprint"] == Blueprint.load(folder / "blueprint.npz").digest()
    )
    assert all(" ".join(text.split()) in " ".join(said.split()) for text in summary["warnings"])


def test_runs_are_verified(done):
    folder = done[0]
    found = verify(folder, simulate=True)
    assert found["verified"] and len(found["checks"]) == 23 and all(check["same"] for check in found["checks"])
    json_out = elise("verify", folder, "--json")
    assert json_out.returncode == 0 and json.loads(json_out.stdout)["verified"]


def changed_score(folder):
    values = json.loads((folder / "run.json").read_text())
    values["replay"]["mse"][1] *= 1 + 1e-6
    (folder / "run.json").write_text(json.dumps(values))


def changed_weights(folder):
    blueprint = Blueprint.load(folder / "blueprint.npz")
    weights = blueprint.weights.copy()
    weights[0, 1] = np.nextafter(weights[0, 1], 1e9)
    replace(blueprint, weights=weights).save(folder / "blueprint.npz")


def other_recording(folder):
    data = bytearray((folder / "recording.nix").read_bytes())
    data[-1] ^= 1
    (folder / "recording.nix").write_bytes(data)


def changed_spikes(folder):
    values = json.loads((folder / "run.json").read_text())
    values["spikes_per_cycle"] += 0.25
    (folder / "run.json").write_text(json.dumps(values))


@pytest.mark.parametrize(
    ("harm", "what"),
    [
        (changed_score, "mse"),
        (changed_weights, "SHA-256 of blueprint"),
        (other_recording, "SHA-256 of recording"),
        (changed_spikes, "spikes"),
    ],
)
def test_what_was_changed_is_not_verified(harm, what, done, tmp_path):
    folder = shutil.copytree(done[0], tmp_path / "run")
    harm(folder)
    found = verify(folder)
    assert not found["verified"] and [what in check["what"] for check in found["checks"] if not check["same"]] == [True]
    said = elise("verify", folder)
    assert said.returncode == 1 and "differs" in said.stdout and "NOT verified" in said.stdout and "Traceback" not in said.stderr
