"""Properties that hold for any input, tried on drawn ones: readers, blueprints, parameters, growth."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from elise_pynn import Blueprint, GrowthParameters, ParameterError, Parameters, Reading, Sequence, find_sequence, make_blueprint
from elise_pynn.checkpoint import Checkpoint, DamagedCheckpoint
from elise_pynn.quantity import allowed_range
from elise_pynn.scaffold import grow_scaffold
from test_hostile_files import GOOD, TONE, wav

#: tests share the machine with others: no deadline per example
settings.register_profile("elise", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
settings.load_profile("elise")

PATTERNS = arrays.arrays(float, st.tuples(st.integers(1, 12), st.integers(1, 20)), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0]))
GROWTHS = st.builds(
    GrowthParameters,
    method=st.sampled_from(["tree", "published"]),
    p=st.sampled_from([0.0, 0.2, 0.9, 1 - 1e-12, 1.0]) | st.floats(0, 1),
    q=st.sampled_from([0.0, 1e-300, 0.15, 1 - 1e-12, 1.0]) | st.floats(0, 1),
    p_0=st.sampled_from([0.0, 0.04, 1.0]) | st.floats(0, 1),
    n_min=st.integers(0, 5) | st.just(10**9),
)


def read_or_refused(path):
    """A sequence, or one message that names the file."""
    try:
        return find_sequence(str(path))
    except ParameterError as error:
        assert path.stem in str(error) and len(str(error)) < 1000
        return None


@given(PATTERNS)
def test_matrices_come_back(tmp_path, pattern):
    np.save(tmp_path / "a.npy", pattern)
    np.savetxt(tmp_path / "a.csv", pattern, delimiter=",")
    for name in ("a.npy", "a.csv"):
        found = read_or_refused(tmp_path / name)
        if pattern.any():
            np.testing.assert_array_equal(found.pattern, pattern)
        else:
            assert found is None


@pytest.mark.parametrize("ending", ["csv", "npy", "mid", "wav", "flac", "ogg"])
@given(data=st.data())
def test_any_bytes_are_read_or_refused(ending, tmp_path, data):
    start = {"npy": GOOD, "wav": wav(TONE[:600]), "csv": b"0,1\n1,0\n", "mid": b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0MTrk"}
    noise = data.draw(st.binary(max_size=300))
    whole = bytearray(start.get(ending, b"") if data.draw(st.booleans()) else b"")
    if whole:
        for _ in range(data.draw(st.integers(0, 6))):
            whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / f"drawn.{ending}").write_bytes(bytes(whole) + noise)
    read_or_refused(tmp_path / f"drawn.{ending}")


@given(PATTERNS, st.sampled_from([1.0, 2.5, 10.0, 40.0]), st.booleans())
def test_sequences_survive_their_dictionary_and_stay_within_their_range(pattern, step_ms, graded):
    sequence = Sequence("drawn", pattern, step_ms, graded=graded)
    again = Sequence.from_dict(sequence.to_dict())
    np.testing.assert_array_equal(again.pattern, sequence.pattern)
    assert again.to_dict() == sequence.to_dict()
    target = sequence.target(0.5)
    assert target.shape == (len(pattern), round(sequence.period / 0.5))
    assert target.min() >= -70 - 1e-9 and target.max() <= -50 + 1e-9


@settings(max_examples=150)
@given(st.integers(1, 12), st.integers(0, 40), GROWTHS, st.integers(0, 2**31 - 2))
def test_growth_ends_and_keeps_its_promises(visible, latent, growth, seed):
    edges = grow_scaffold(visible, latent, growth, np.random.default_rng(seed))
    assert edges.shape == (len(edges), 2) and len(np.unique(edges, axis=0)) == len(edges)
    if latent == 0:
        assert len(edges) == 0
        return
    assert (edges[:, 1] >= visible).all() and (edges < visible + latent).all() and (edges[:, 0] != edges[:, 1]).all()
    if growth.method == "tree":
        assert sorted(edges[:, 1]) == list(range(visible, visible + latent))  # each latent neuron is reached once
    elif growth.q == 0:
        assert len(np.unique(edges[:, 1])) == len(edges)


@pytest.mark.parametrize("method", ["tree", "published"])
@pytest.mark.parametrize(("p", "q"), [(1.0, 1.0), (1 - 1e-15, 1 - 1e-15), (1.0, 0.0), (0.0, 1.0)])
@pytest.mark.parametrize(("visible", "latent"), [(13, 0), (13, 1), (1, 1), (1, 100), (13, 100)])
def test_growth_ends_at_the_limits(method, p, q, visible, latent):
    growth = GrowthParameters(method=method, p=p, q=q, p_0=0.0)
    edges = grow_scaffold(visible, latent, growth, np.random.default_rng(1))
    assert len(edges) <= (visible + latent) * latent
    if method == "published" and p == 1 and q > 0 and latent > 0:
        assert len(np.unique(edges[:, 0])) == (visible + latent if latent > 1 else visible)  # all that can connect do
    blueprint = make_blueprint(visible, latent, 1, Parameters(growth=growth))
    assert blueprint.latent == latent


def test_growth_that_would_not_end_in_reasonable_time_is_refused():
    """Everybody with everybody, among thousands; and not what only comes near."""
    for p in (1.0, 1 - 1e-9):
        with pytest.raises(ParameterError, match=rf"p = {p} .* give a smaller p"):
            grow_scaffold(13, 2000, GrowthParameters(method="published", p=p), np.random.default_rng(1))
    assert len(grow_scaffold(13, 2000, GrowthParameters(method="published", p=0.9), np.random.default_rng(1))) > 1000
    assert len(grow_scaffold(13, 2000, GrowthParameters(method="tree", p=1.0), np.random.default_rng(1))) == 2000


@settings(max_examples=40)
@given(st.integers(1, 6), st.integers(0, 12), st.integers(0, 2**31 - 2), GROWTHS, st.booleans(), st.floats(0.01, 1))
def test_blueprints_come_back(tmp_path, visible, latent, seed, growth, trained, density):
    blueprint = make_blueprint(visible, latent, seed, Parameters(growth=growth)).sparse(density)
    if trained:
        blueprint = blueprint.trained(blueprint.weights * 2)
    blueprint.save(tmp_path / "b.npz")
    again = Blueprint.load(tmp_path / "b.npz")
    assert again.digest() == blueprint.digest() and again.parameters == blueprint.parameters
    np.testing.assert_array_equal(again.weights, blueprint.weights)
    np.testing.assert_array_equal(again.scaffold, blueprint.scaffold)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    path = tmp_path_factory.mktemp("saved") / "b.npz"
    make_blueprint(2, 3).save(path)
    return path.read_bytes()


@given(data=st.data())
def test_damaged_blueprints_are_read_or_refused(saved, tmp_path, data):
    whole = bytearray(saved[: data.draw(st.integers(0, len(saved)))] if data.draw(st.booleans()) else saved)
    for _ in range(data.draw(st.integers(0, 8)) if whole else 0):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "b.npz").write_bytes(bytes(whole))
    try:
        Blueprint.load(tmp_path / "b.npz")
    except ParameterError as error:
        assert "b.npz" in str(error)


@given(st.binary(max_size=200), st.booleans())
def test_damaged_checkpoints_are_refused(data, headed):
    with pytest.raises((DamagedCheckpoint, ParameterError)):
        Checkpoint.from_bytes((b"elise-checkpoint 1 " if headed else b"") + data)


GROUPS = [(group.name, type(group.default)) for group in dataclasses.fields(Parameters)]
FIELDS = [(name, field) for name, cls in GROUPS for field in dataclasses.fields(cls)]


@pytest.mark.parametrize(("group", "field"), FIELDS, ids=lambda value: value if isinstance(value, str) else value.name)
@settings(max_examples=25)
@given(value=st.floats() | st.integers() | st.text(max_size=5) | st.none() | st.booleans() | st.lists(st.integers(), max_size=2))
def test_any_value_of_a_parameter_is_within_its_range_or_refused(group, field, value):
    m = field.metadata
    try:
        parameters = Parameters.from_dict({group: {field.name: value}})
    except ParameterError as error:
        said = str(error)
        assert field.name in said and (allowed_range(field) in said or "give" in said)
        return
    kept = getattr(getattr(parameters, group), field.name)
    assert kept == value
    if m["choices"]:
        assert value in m["choices"]
    else:
        assert math.isfinite(value) and m["low"] <= value <= m["high"]
    assert Parameters.from_dict(parameters.to_dict()) == parameters


@settings(max_examples=60)
@given(
    st.dictionaries(st.sampled_from(["step_ms", "channels", "order", "steps", "sequence_seed", "speed"]), st.integers(-5, 60) | st.floats())
)
def test_any_choice_for_a_random_sequence_gives_one_or_is_refused(choices):
    try:
        sequence = find_sequence("random", Reading(**choices))
    except ParameterError as error:
        assert "give" in str(error) or "leave it out" in str(error)
        return
    assert sequence.pattern.any() and np.isfinite(sequence.target(sequence.step_ms)).all()
