"""Fields of parameter classes: a unit, a meaning, the paper's symbol and an allowed range, checked when an object is made."""

from __future__ import annotations

import dataclasses
import math
import numbers
from typing import Any


class ParameterError(ValueError):
    """A parameter outside its allowed range; the message says what to do."""


def quantity(
    default: Any,
    unit: str,
    meaning: str,
    *,
    symbol: str = "",
    low: float = -math.inf,
    high: float = math.inf,
    open_low: bool = False,
    open_high: bool = False,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare a dataclass field.

    Parameters
    ----------
    default : float, int or str
    unit : str
        ``"1"`` for a pure number.
    meaning : str
        One line for the user.
    symbol : str
        The symbol in the paper (arXiv:2402.16763).
    low, high : float
        Allowed range, ends included unless `open_low` or `open_high`.
    choices : tuple of str
        Allowed words, for a field that is a word.
    """
    metadata = {
        "unit": unit,
        "meaning": meaning,
        "symbol": symbol,
        "low": low,
        "high": high,
        "open_low": open_low,
        "open_high": open_high,
        "choices": choices,
    }
    return dataclasses.field(default=default, metadata=metadata)


def allowed_range(field: dataclasses.Field) -> str:
    """The field's allowed values in words, e.g. ``"[0, 1)"``."""
    m = field.metadata
    if m["choices"]:
        return ", ".join(m["choices"])
    left = "(" if m["open_low"] or m["low"] == -math.inf else "["
    right = ")" if m["open_high"] or m["high"] == math.inf else "]"
    return f"{left}{m['low']:g}, {m['high']:g}{right}"


def _within(value: Any, m: Any) -> bool:
    above = value > m["low"] if m["open_low"] else value >= m["low"]
    below = value < m["high"] if m["open_high"] else value <= m["high"]
    return above and below


def check(parameters: Any) -> None:
    """Check every field of a parameter object; to be called by ``__post_init__``.

    Raises
    ------
    ParameterError
        Names the field, the value, the allowed range and what to do.
    """
    for field in dataclasses.fields(parameters):
        m = field.metadata
        if "unit" not in m:
            continue
        value = getattr(parameters, field.name)
        if m["choices"]:
            ok, kind = value in m["choices"], "one of"
        elif isinstance(field.default, int) and not isinstance(field.default, bool):
            ok, kind = isinstance(value, numbers.Integral) and not isinstance(value, bool) and _within(value, m), "a whole number in"
        else:
            number = isinstance(value, numbers.Real) and not isinstance(value, bool)
            ok, kind = number and math.isfinite(value) and _within(value, m), "a number in"
        if not ok:
            unit = "" if m["unit"] == "1" else f" {m['unit']}"
            raise ParameterError(
                f"{field.name} = {value!r} ({m['meaning']}) is not allowed: give {kind} {allowed_range(field)}{unit}; "
                f"the default is {field.default!r}."
            )


def from_dict(cls: type, values: dict[str, Any]) -> Any:
    """Make a parameter object from a dictionary, refusing names that the class does not have."""
    names = [f.name for f in dataclasses.fields(cls)]
    unknown = sorted(set(values) - set(names))
    if unknown:
        raise ParameterError(f"{cls.__name__} has no parameter {', '.join(unknown)}; it has {', '.join(names)}.")
    return cls(**values)
