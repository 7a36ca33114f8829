"""What an experiment is: points to compute, claims to check, a figure to draw."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.points import Point

Row = dict[str, Any]
PRESETS = ("smoke", "quick", "paper")


@dataclass(frozen=True)
class Claim:
    """A statement, the figure measured here, and whether it holds.

    Attributes
    ----------
    text : str
        The statement; its source in brackets when it is the paper's.
    values : list of float
        The figure, once per seed or draw.
    needed : str
        What the statement asks of the figure, in words.
    holds : bool or None
        None when this preset cannot tell.
    """

    text: str
    values: list[float]
    needed: str
    holds: bool | None

    def to_dict(self) -> Row:
        """Return plain values: the text, and median, quartiles and number of the values; how many are 1, when all are 0 or 1."""
        known = np.array([v for v in self.values if v is not None and np.isfinite(v)], dtype=float)
        quartiles = [float(q) for q in np.quantile(known, (0.25, 0.5, 0.75))] if known.size else [None, None, None]
        yes = int(known.sum()) if known.size and np.isin(known, (0, 1)).all() else None
        figure = {"median": quartiles[1], "interquartile_range": [quartiles[0], quartiles[2]], "n": int(known.size), "yes": yes}
        return {"claim": self.text, "figure": figure, "needed": self.needed, "holds": self.holds}


@dataclass(frozen=True)
class Experiment:
    """An experiment.

    Attributes
    ----------
    name, title, question : str
    points : callable
        ``points(preset, seeds, backend)`` returns the points, whose work goes to `compute`.
    compute : callable
        Returns ``{"rows": [...], "error": ""}``: one or several rows for a point; importable by name.
    summarise : callable
        Returns the claims from all rows.
    draw : callable
        Returns the figure from all rows.
    backends : tuple of str
    keep : callable, optional
        Writes further files to the folder, from all rows.
    """

    name: str
    title: str
    question: str
    points: Callable[[str, int, str], list[Point]]
    compute: Callable[[Row], Row]
    summarise: Callable[[list[Row]], list[Claim]]
    draw: Callable[[list[Row]], Figure]
    backends: tuple[str, ...] = ("engine", "nest")
    keep: Callable[[list[Row], Path], None] | None = None


def point(values: Row, backend: str, given: Row, **more: Any) -> Point:
    """Return a point of the paper's preset with other parameters `given`; `more` goes to the work."""
    work = {"given": {"backend": backend, **given}, **more}
    return Point(values, work, work)


def column(rows: Iterable[Row], name: str, **conditions: Any) -> list[float]:
    """Values of a column in the rows that meet all conditions."""
    return [row[name] for row in rows if all(row[key] == value for key, value in conditions.items())]


def share(flags: Iterable[bool | float]) -> float:
    """Part of the flags that are true; NaN for none."""
    values = list(flags)
    return float(np.mean([bool(v) for v in values])) if values else float("nan")
