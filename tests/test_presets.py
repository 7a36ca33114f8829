"""Settings and parameters by name."""

from __future__ import annotations

import pytest

from elise_pynn import ParameterError
from elise_pynn.presets import configure, find_field, parse


def test_paper_preset_is_the_papers():
    settings, parameters = configure("paper", latent=30)
    assert (settings.backend, settings.integrator, settings.latent, settings.cycles) == ("engine", "reference", 30, 10_000)
    assert settings.replay_learning and parameters.neuron.emission == "rate" and parameters.growth.method == "published"
    assert [parameters.learning.gain(cycle, 10_000) for cycle in (0, 5000, 9999)] == [1, 1, 1]
    assert parameters.learning.initial_eta(10_000) == 0.01 and parameters.learning.vv_factor == 0.1


def test_given_values_win():
    settings, parameters = configure("paper", scaffold="tree", backend="engine", p=0.1, **{"delays.low": 4.0})
    assert (parameters.growth.method, parameters.growth.p, parameters.delays.low, settings.seed) == ("tree", 0.1, 4.0, 1)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [("latent", "50", 50), ("p", "0.2", 0.2), ("scaffold", "tree", "tree"), ("learn-in-replay", "on", True), ("learning.eta", "1", 1.0)],
)
def test_parse_takes_the_type_of_the_field(name, text, value):
    assert parse(name, text) == value and type(parse(name, text)) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "message"), [("latent", "5.5", r"\[0, 20000\]"), ("eta", "x", "number"), ("replay_learning", "2", "true")]
)
def test_parse_refuses(name, text, message):
    with pytest.raises(ParameterError, match=message):
        parse(name, text)


def test_unknown_names_are_refused():
    with pytest.raises(ParameterError, match="there is no parameter speed"):
        find_field("speed")
    with pytest.raises(ParameterError, match="spiking, paper"):
        configure("fast")
    with pytest.raises(ParameterError, match="beta"):
        configure(beta=-1.0)
