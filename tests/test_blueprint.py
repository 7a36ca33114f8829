"""Scaffold growth and the blueprint's file."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from elise_pynn import Blueprint, GrowthParameters, ParameterError, Parameters, grow_scaffold, make_blueprint


def grow(method, visible=13, latent=100, seed=0, **options):
    return grow_scaffold(visible, latent, GrowthParameters(method=method, **options), np.random.default_rng(seed))


@pytest.mark.parametrize("method", ["tree", "published"])
@pytest.mark.parametrize("latent", [0, 1, 2, 30, 100])
def test_edges_are_unique_and_end_in_latent_neurons(method, latent):
    for seed in range(5):
        edges = grow(method, latent=latent, seed=seed)
        assert edges.shape == (len(edges), 2)
        assert len(np.unique(edges, axis=0)) == len(edges)
        assert (edges[:, 1] >= 13).all() and (edges[:, 1] < 13 + latent).all()
        assert (edges[:, 0] != edges[:, 1]).all()


@pytest.mark.parametrize(("latent", "n_min"), [(100, 2), (60, 1)])
def test_tree_serves_every_visible_neuron_and_has_no_loops(latent, n_min):
    for seed in range(10):
        edges = grow("tree", latent=latent, seed=seed)
        assert (np.bincount(edges[:, 1], minlength=13 + latent)[13:] <= 1).all()
        assert (np.bincount(edges[:, 0], minlength=13)[:13] >= n_min).all()
        # each latent neuron has one source at most, so a loop could not be entered from outside: all edges start at what is reached
        reached, todo = set(range(13)), edges.tolist()
        while any(pre in reached for pre, _ in todo):
            reached |= {post for pre, post in todo if pre in reached}
            todo = [edge for edge in todo if edge[0] not in reached or edge[1] not in reached]
        assert not todo


def test_published_growth_makes_as_many_connections_as_the_paper_says():
    """Out-degree of the visible neurons: 0 with p_0, else n with probability p^(n (n - 1) / 2) (1 - p^n)."""
    p, p_0 = 0.2, 0.04
    degrees = np.concatenate([np.bincount(grow("published", seed=s)[:, 0], minlength=13)[:13] for s in range(300)])
    expected = [p_0, (1 - p_0) * (1 - p), (1 - p_0) * p * (1 - p**2)]
    for n, probability in enumerate(expected):
        sigma = np.sqrt(probability * (1 - probability) / len(degrees))
        assert (degrees == n).mean() == pytest.approx(probability, abs=4 * sigma)


def test_published_growth_draws_targets_by_their_in_degree():
    """With two latent neurons of in-degree 1 and 0, the first is drawn with probability q / (q + 1)."""
    q, first = 0.5, []
    for seed in range(4000):
        edges = grow("published", visible=2, latent=2, seed=seed, p=0.0, p_0=0.0, q=q)
        # the first edge is the first one of the two visible neurons; look at the next visible neuron's when it came second
        if edges[1, 0] < 2 and edges[0, 0] < 2:
            first.append(edges[1, 1] == edges[0, 1])
    expected = q / (1 + q)
    assert len(first) > 1000
    assert np.mean(first) == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / len(first)))


@pytest.mark.parametrize("options", [{"p": 1.0, "q": 1.0}, {"p": 1.0, "q": 0.0}, {"p": 0.0, "q": 0.0}, {"p_0": 1.0}, {"p": 1.0, "q": 1e-9}])
@pytest.mark.parametrize("method", ["tree", "published"])
def test_growth_ends_at_the_limits(method, options):
    edges = grow(method, latent=40, **options)
    if method == "tree":
        assert sorted(edges[:, 1]) == list(range(13, 53))
    elif options.get("p_0") == 1.0:
        assert len(edges) == 0
    else:
        assert len(edges) >= 13 if options["q"] else len(edges) == 40


@pytest.mark.parametrize("latent", [13, 14, 16, 20, 26, 100])
def test_tree_serves_every_visible_neuron_first(latent):
    for seed in range(100):
        assert (np.bincount(grow("tree", latent=latent, seed=seed)[:, 0], minlength=13)[:13] >= 1).all()


def test_tree_reaches_every_latent_neuron():
    for seed in range(100):
        assert len(grow("tree", visible=1, latent=50, seed=seed)) == 50


def test_blueprint_survives_its_file(tmp_path):
    parameters = Parameters.from_dict({"neuron": {"beta": 0.25}, "growth": {"method": "published"}})
    blueprint = make_blueprint(3, 8, seed=5, parameters=parameters)
    trained = blueprint.trained(blueprint.weights * 2)
    trained.save(tmp_path / "b.npz")
    loaded = Blueprint.load(tmp_path / "b.npz")
    for name in ("scaffold", "delay_dendritic", "delay_exc", "delay_inh", "weights", "initial_weights"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(trained, name))
    assert (loaded.visible, loaded.seed, loaded.parameters) == (3, 5, parameters)
    np.testing.assert_array_equal(loaded.initial_weights, blueprint.weights)
    assert [p.name for p in tmp_path.iterdir()] == ["b.npz"]


def test_blueprint_from_the_documented_arrays_alone(tmp_path):
    n = 5
    arrays = {
        "visible": 2,
        "scaffold": np.array([[0, 2], [1, 3], [2, 4]]),
        "delay_dendritic": np.full(n, 10.0),
        "delay_exc": np.full(n, 8.0),
        "delay_inh": np.full(n, 33.0),
        "weights": np.ones((n, n)) - np.eye(n),
        "parameters": '{"neuron": {"g_D": 1.5}}',
    }
    np.savez(tmp_path / "mine.npz", **arrays)
    blueprint = Blueprint.load(tmp_path / "mine.npz")
    assert blueprint.latent == 3 and blueprint.parameters.neuron.g_D == 1.5
    np.testing.assert_array_equal(blueprint.in_degree, [0, 0, 1, 1, 1])


def test_seed_decides_everything():
    one, same, other = make_blueprint(13, 50, seed=1), make_blueprint(13, 50, seed=1), make_blueprint(13, 50, seed=2)
    np.testing.assert_array_equal(one.weights, same.weights)
    np.testing.assert_array_equal(one.scaffold, same.scaffold)
    np.testing.assert_array_equal(one.initial_phases(), same.initial_phases())
    assert (one.weights != other.weights).any() and (one.delay_exc != other.delay_exc).all()


def test_random_numbers_have_the_models_distributions():
    blueprint = make_blueprint(13, 300, seed=3)
    for delays in (blueprint.delay_dendritic, blueprint.delay_exc):
        assert delays.min() >= 5 and delays.max() <= 15
        assert delays.mean() == pytest.approx(10, abs=4 * 10 / np.sqrt(12 * 313))
    np.testing.assert_allclose(blueprint.delay_inh - blueprint.delay_exc, 25.0)
    off = blueprint.weights[~np.eye(313, dtype=bool)]
    assert off.std() == pytest.approx(0.5, rel=0.02) and abs(off.mean()) < 0.01


def _arrays():
    b = make_blueprint(2, 3, seed=1)
    names = ("visible", "scaffold", "delay_dendritic", "delay_exc", "delay_inh", "weights")
    return {name: getattr(b, name) for name in names}


BAD = {
    "visible zero": ({"visible": 0}, "visible = 0"),
    "visible above size": ({"visible": 9}, "visible = 9"),
    "weights of a wrong shape": ({"weights": np.zeros((4, 5))}, "shape"),
    "weights with NaN": ({"weights": np.full((5, 5), np.nan)}, "finite"),
    "self-connection": ({"weights": np.eye(5)}, "diagonal"),
    "delay of zero": ({"delay_exc": np.zeros(5)}, "above 0 ms"),
    "edge out of range": ({"scaffold": np.array([[0, 7]])}, "from 0 to 4"),
    "scaffold the wrong way round": ({"scaffold": np.array([[0, 1, 0], [2, 3, 4]])}, "one row per edge"),
    "negative seed": ({"seed": -1}, "seed = -1"),
    "parameters no groups": ({"parameters": "[]"}, "not valid"),
    "edge to a visible neuron": ({"scaffold": np.array([[0, 1]])}, "latent"),
    "edge twice": ({"scaffold": np.array([[0, 3], [0, 3]])}, "twice"),
    "fractional edge": ({"scaffold": np.array([[0.5, 3.0]])}, "integers"),
    "unknown array": ({"extra": np.zeros(3)}, "extra"),
    "unknown parameter": ({"parameters": '{"neuron": {"gL": 1}}'}, "gL"),
    "parameter out of range": ({"parameters": '{"neuron": {"g_L": -1}}'}, "g_L = -1"),
    "parameters not JSON": ({"parameters": "{"}, "not valid"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_blueprints_are_refused(tmp_path, case):
    change, message = BAD[case]
    np.savez(tmp_path / "bad.npz", **{**_arrays(), **change})
    with pytest.raises(ParameterError, match=message):
        Blueprint.load(tmp_path / "bad.npz")


def test_files_that_are_no_blueprints_are_refused(tmp_path):
    (tmp_path / "text.npz").write_text("hello")
    np.savez(tmp_path / "lacks.npz", visible=2)
    np.savez(tmp_path / "pickled.npz", **{**_arrays(), "parameters": np.array([{"a": 1}], dtype=object)})
    (tmp_path / "raw.npz").write_bytes(pickle.dumps({"a": 1}))
    with open(tmp_path / "array.npz", "wb") as file:
        np.save(file, np.zeros(3))
    for name in ("text.npz", "lacks.npz", "pickled.npz", "raw.npz", "array.npz", "absent.npz"):
        with pytest.raises(ParameterError, match=name):
            Blueprint.load(tmp_path / name)
