"""Settings and parameters by their bare names, and presets of them."""

from __future__ import annotations

import dataclasses
from typing import Any

from elise_pynn.parameters import Parameters
from elise_pynn.quantity import ParameterError, allowed_range
from elise_pynn.settings import Settings

#: what a preset sets; everything else has its default
PRESETS: dict[str, dict[str, Any]] = {
    "spiking": {},
    "paper": {
        "backend": "engine",
        "integrator": "reference",
        "emission": "rate",
        "method": "published",
        "latent": 50,
        "cycles": 10_000,
        "replay_learning": True,
        # constant learning rates of 1e-2 per ms, visible-to-visible 1e-3
        "eta": 0.01,
        "vv_factor": 0.1,
        "anneal_to": 1.0,
    },
}
#: the integrate-and-fire cells of `threshold` at time steps below half a millisecond, unless something else is said of them
FINE_THRESHOLD = {"lif_t_ref": 1.0, "lif_v_rheo": -61.7, "lif_gain": 0.829}
#: names on the command line that differ from the fields'
ALIASES = {"scaffold": "method", "learn_in_replay": "replay_learning"}
GROUPS: dict[str, Any] = {"settings": Settings, **{field.name: type(field.default) for field in dataclasses.fields(Parameters)}}
FIELDS: dict[str, tuple[str, dataclasses.Field]] = {
    name: (group, f) for group, cls in GROUPS.items() for f in dataclasses.fields(cls) for name in (f.name, f"{group}.{f.name}")
}


def find_field(name: str) -> tuple[str, dataclasses.Field]:
    """Return group and field of a name, e.g. ``latent``, ``p`` or ``learning.eta``.

    Raises
    ------
    ParameterError
        When there is no such field.
    """
    bare = name.replace("-", "_")
    bare = ALIASES.get(bare, bare)
    if bare not in FIELDS:
        names = [*(n for n in FIELDS if "." not in n and n != "seed"), *ALIASES]
        raise ParameterError(f"there is no parameter {name}: give one of {', '.join(names)}.")
    return FIELDS[bare]


def parse(name: str, text: str) -> Any:
    """Return the value that `text` is for the parameter `name`; its range is checked when it is used."""
    _, field = find_field(name)
    words: dict[str, Any] = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}
    try:
        if isinstance(field.default, bool):
            return words[text.lower()]
        kind: Any = type(field.default)
        return kind(text)
    except (KeyError, ValueError):
        kind = "a whole number" if isinstance(field.default, int) else "a number"
        wanted = "true or false" if isinstance(field.default, bool) else f"{kind} in {allowed_range(field)}"
        raise ParameterError(f"{name} = {text!r} is not allowed: give {wanted}.") from None


def configure(preset: str = "spiking", **given: Any) -> tuple[Settings, Parameters]:
    """Return the settings and parameters of a preset, with what is given in place of its values.

    Parameters
    ----------
    preset : str
        ``spiking`` (defaults) or ``paper`` (the published rate model on the engine).
    **given
        Fields of `Settings` and of the groups of `Parameters` by their bare names, ``latent=50, p=0.1``; ``scaffold`` stands for
        the growth's ``method``.

    Raises
    ------
    ParameterError
        For a name that does not exist or a value outside its range.
    """
    if preset not in PRESETS:
        raise ParameterError(f"preset = {preset!r} is not allowed: give one of {', '.join(PRESETS)}.")
    groups: dict[str, dict[str, Any]] = {group: {} for group in GROUPS}
    for name, value in (PRESETS[preset] | {ALIASES.get(name, name): value for name, value in given.items()}).items():
        group, field = find_field(name)
        groups[group][field.name] = value
    settings = Settings(**groups.pop("settings"))
    if (
        groups["neuron"].get("emission") == "threshold"
        and settings.timestep < 0.5
        and not any(n.startswith("lif_") for n in groups["neuron"])
    ):
        groups["neuron"] |= FINE_THRESHOLD
    return settings, Parameters.from_dict(groups)
