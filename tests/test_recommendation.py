"""What `elise sequence show` says, and that `elise run` follows it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from elise_pynn import Reading, Sequence, find_sequence, fuer_elise, make_blueprint
from elise_pynn.predictor import best_blueprint, residual_variance
from elise_pynn.recommendation import describe, recommend
from test_cli import elise


def test_recommendation_grows_with_the_sequence():
    small, long, wide = (Sequence("x", np.eye(c, s)) for c, s in ((5, 5), (5, 200), (60, 60)))
    assert recommend(small).latent < recommend(long).latent and recommend(small).latent < recommend(wide).latent
    assert recommend(fuer_elise()).settings() == {"latent": 100, "cycles": 1000, "method": "tree", "draws": 5}
    assert recommend(find_sequence("birdsong")).method == "published"
    t = (np.arange(300) + 0.5) / 300
    waves = np.stack([-65 + 7 * np.sin(2 * np.pi * k * t) for k in (1, 2, 3)])
    fine, coarse = (Sequence.from_potentials("x", waves[:, ::every], float(every)) for every in (1, 10))
    assert recommend(fine).latent == recommend(coarse).latent == 200


@pytest.mark.parametrize("order", [2, 3, 4])
def test_ambiguity_is_that_of_the_sequence(order):
    described = describe(find_sequence("random", Reading(order=order, sequence_seed=4, steps=16)))
    assert described["context"] == order and described["steps"] == 16 and "16 notes" in described["kind"]


def test_of_several_draws_the_most_promising_is_taught():
    sequence = fuer_elise()
    candidates = [make_blueprint(13, 40, 7000 + draw) for draw in range(3)]
    best = best_blueprint(sequence, 40, 7, draws=3)
    assert residual_variance(best, sequence) == min(residual_variance(candidate, sequence) for candidate in candidates)
    np.testing.assert_array_equal(best_blueprint(sequence, 40, 7, draws=1).weights, make_blueprint(13, 40, 7).weights)
    assert best_blueprint(sequence, 5, 2**31 - 2, draws=2).seed < 2**31


def test_show_draws_and_recommends(tmp_path):
    spoken = elise("sequence", "show", "random", "--order", 3, "--out", tmp_path / "a.png")
    assert spoken.returncode == 0 and "100 latent neurons" in " ".join(spoken.stdout.split()) and "█" in spoken.stdout
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    shown = json.loads(elise("sequence", "show", "birdsong", "--channels", 12, "--json").stdout)
    assert shown["channels"] == 12 and shown["recommended"]["method"] == "published"
    refused = elise("sequence", "show", "random", "--out", tmp_path / "absent" / "a.png")
    assert refused.returncode == 2 and "Traceback" not in refused.stderr


def test_run_follows_the_recommendation_unless_told_otherwise(tmp_path):
    common = ["run", "random", "--order", 2, "--channels", 5, "--steps", 10, "--backend", "engine", "--cycles", 21, "--replay", 1]
    done = elise(*common, "--out", tmp_path / "a", "--json")
    assert done.returncode == 0, done.stderr
    kept = json.loads((tmp_path / "a" / "run.json").read_text())
    assert kept["settings"]["latent"] == 100 and kept["settings"]["draws"] == 5 and kept["seed"] == 1
    assert kept["sequence"]["name"] == "random-order-2-seed-1"
    other = elise(*common, "--latent", 12, "--draws", 1, "--scaffold", "published", "--out", tmp_path / "b", "--json")
    kept = json.loads((tmp_path / "b" / "run.json").read_text())
    assert json.loads(other.stdout)["n_latent"] == 12 and kept["settings"]["draws"] == 1
    assert kept["parameters"]["growth"]["method"] == "published"
