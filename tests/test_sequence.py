"""Patterns, their target potentials, and parameters."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from elise_pynn import LearningParameters, NeuronParameters, ParameterError, Parameters, Sequence, find_sequence, fuer_elise


def test_fuer_elise_is_as_long_and_wide_as_in_the_paper():
    sequence = fuer_elise()
    assert sequence.pattern.shape == (13, 25) and sequence.period == 250.0
    assert sequence.pattern.any(axis=0).all() and sequence.pattern.any(axis=1).all()
    assert sequence.channels[0] == "E2" and sequence.channels[-1] == "E5"


def test_fuer_elise_has_the_papers_activity():
    """A network at rest scores an MSE of 0.0784 in the authors' code, each neuron's mean rate 0.0648 (reference results)."""
    neuron = NeuronParameters()
    rate = neuron.rate(fuer_elise().target(0.2))
    assert np.mean((rate - neuron.rate(-70.0)) ** 2) == pytest.approx(0.0784, rel=0.003)
    assert np.mean(rate.var(axis=1)) == pytest.approx(0.0648, rel=0.003)


def test_target_of_one_note_is_two_logistic_ramps():
    pattern = np.zeros((1, 10))
    pattern[0, 3:5] = 1
    u = Sequence("one", pattern).target(0.1)[0]
    t = (np.arange(1000) + 1) * 0.1
    rise, fall = 1 / (1 + np.exp(-(t - 30 + 0.7))), 1 / (1 + np.exp(-(50 - t + 0.7)))
    expected = -70 + 20 * np.where((t >= 30 - 10 / 3) & (t <= 50 + 10 / 3), np.minimum(rise, fall), 0)
    np.testing.assert_allclose(u, expected, atol=1e-9)


def test_notes_merge_and_wrap():
    pattern = np.array([[1, 0, 0, 1, 1], [0, 1, 0, 1, 0], [1, 1, 1, 1, 1], [0, 0, 0, 0, 0]])
    sequence = Sequence("x", pattern)
    assert sequence.notes() == [(0, 3, 3), (1, 1, 1), (1, 3, 1), (2, 0, 5)]
    u = sequence.target(1.0)
    assert (u[2] == -50.0).all() and (u[3] == -70.0).all()
    assert u[0, -1] == pytest.approx(-50.0, abs=1e-3)  # no gap where the cycle closes


@pytest.mark.parametrize("timestep", [0.1, 0.25, 1.0])
def test_target_at_other_time_steps_is_the_same_function(timestep):
    sequence, every = fuer_elise(), round(timestep / 0.05)
    np.testing.assert_allclose(sequence.target(timestep), sequence.target(0.05)[:, every - 1 :: every], atol=1e-9)


def test_time_step_must_divide_the_period():
    with pytest.raises(ParameterError, match="divide"):
        fuer_elise().target(0.7)


def test_sequences_from_files(tmp_path):
    pattern = np.array([[1, 0, 1], [0, 1, 0]])
    np.savetxt(tmp_path / "a.csv", pattern, delimiter=",")
    np.save(tmp_path / "b.npy", pattern)
    for name in ("a.csv", "b.npy"):
        np.testing.assert_array_equal(find_sequence(str(tmp_path / name)).pattern, pattern)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "1,x"), ("b.csv", "1,0\n1"), ("c.csv", "1,2"), ("d.csv", ""), ("e.npy", "nonsense"), ("f.csv", "nan,1"), ("g.mp3", "")],
)
def test_bad_files_are_refused(tmp_path, name, content):
    (tmp_path / name).write_text(content)
    with pytest.raises(ParameterError, match=name):
        find_sequence(str(tmp_path / name))


def test_arrays_that_are_no_patterns_are_refused(tmp_path):
    (tmp_path / "empty.npy").write_bytes(b"")
    np.save(tmp_path / "structured.npy", np.zeros(3, dtype=[("a", float)]))
    np.save(tmp_path / "complex.npy", np.ones((2, 2)) * 1j)
    for name in ("empty.npy", "structured.npy", "complex.npy"):
        with pytest.raises(ParameterError, match=name):
            find_sequence(str(tmp_path / name))


def test_unknown_sequence_names_the_known_ones():
    with pytest.raises(ParameterError, match="fuer-elise"):
        find_sequence("for-elise")


def test_rate_function():
    neuron = NeuronParameters()
    assert neuron.rate(-58.0) == 0.5
    np.testing.assert_allclose(neuron.rate([-70.0, -50.0]), [1 / (1 + np.exp(3.6)), 1 / (1 + np.exp(-2.4))])


def test_learning_rate_follows_the_number_of_cycles():
    learning = LearningParameters()
    assert learning.initial_eta(1000) == pytest.approx(0.4)
    assert learning.initial_eta(3000) == pytest.approx(0.2)
    assert learning.initial_eta(500) == pytest.approx(0.4)
    assert LearningParameters(eta=0.1).initial_eta(3000) == 0.1
    assert learning.gain(0, 1000) == 1.0 and learning.gain(1000, 1000) == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("group", "name", "value"),
    [
        ("neuron", "g_L", 0.0),
        ("neuron", "tau_syn", -1.0),
        ("neuron", "beta", float("nan")),
        ("neuron", "emission", "poisson"),
        ("neuron", "E_L", "low"),
        ("growth", "p", 1.1),
        ("growth", "n_min", 1.5),
        ("delays", "low", 0.0),
        ("delays", "high", 1.0),
        ("learning", "nudging", 1.0),
        ("learning", "anneal_to", 0.0),
    ],
)
def test_parameters_out_of_range_are_refused_with_name_value_and_range(group, name, value):
    with pytest.raises(ParameterError) as caught:
        Parameters.from_dict({group: {name: value}})
    message = str(caught.value)
    assert name in message and str(value) in message and "give" in message


def test_every_parameter_has_unit_and_meaning():
    for part in dataclasses.fields(Parameters):
        for field in dataclasses.fields(part.default):
            assert field.metadata["unit"] and field.metadata["meaning"]


def test_parameters_survive_a_dictionary():
    parameters = Parameters.from_dict({"neuron": {"theta": -57.0}, "learning": {"eta": 0.3}})
    assert Parameters.from_dict(parameters.to_dict()) == parameters
