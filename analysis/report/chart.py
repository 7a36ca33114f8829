"""Line charts as vectors that stretch with the page: paths in a box of 1000 x 1000, ticks in per cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import LogLocator, MaxNLocator

#: side of the box
BOX = 1000.0


@dataclass(frozen=True)
class Line:
    """A line: its points, name, colour (a CSS class), and whether it has a dot at each point."""

    x: Sequence[float]
    y: Sequence[float]
    name: str = ""
    colour: str = "s0"
    dots: bool = True
    steps: bool = False


@dataclass(frozen=True)
class Axis:
    """An axis: its title, limits and ticks, each (per cent, label)."""

    title: str
    low: float
    high: float
    log: bool
    ticks: list[tuple[float, str]]

    def part(self, values: Sequence[float] | np.ndarray) -> np.ndarray:
        """Where values lie between the ends, 0 to 1."""
        low, high, v = self.low, self.high, np.asarray(values, dtype=float)
        if self.log:
            low, high, v = np.log10(low), np.log10(high), np.log10(np.maximum(v, self.low))
        return np.clip((v - low) / (high - low), 0, 1)


@dataclass(frozen=True)
class Chart:
    """A chart: axes, paths (SVG path data, dots, line), a level to compare with, and what it says in words."""

    x: Axis
    y: Axis
    paths: list[tuple[str, str, Line]]
    level: float | None
    words: str


def _number(value: float) -> str:
    return f"{value:,.10g}".replace(",", " ").replace("-", "−")


def make_axis(title: str, values: Sequence[float] | np.ndarray, log: bool = False, low: float | None = None, high: float | None = None,
              whole: bool = False) -> Axis:  # fmt: skip
    """Return an axis that holds all values, with round numbers as ticks.

    Parameters
    ----------
    title : str
    values : sequence of float
    log : bool
    low, high : float, optional
        Ends of the axis in place of those of the values.
    whole : bool
        Ticks at whole numbers only.
    """
    v = np.asarray(values, dtype=float)
    v = v[np.isfinite(v) & ((v > 0) | (not log))]
    ends = [float(v.min()), float(v.max())] if len(v) else [1.0, 1.0]
    least, most = ends[0] if low is None else low, ends[1] if high is None else high
    if log:
        least, most = least / 1.15, most * 1.15
        at = [t for t in LogLocator(numticks=6).tick_values(least, most) if least <= t <= most]
        if len(at) < 3:
            at = [t for t in LogLocator(subs=(1.0, 2.0, 5.0)).tick_values(least, most) if least <= t <= most]
        if len(at) < 3:
            at = [t for t in MaxNLocator(4).tick_values(least, most) if least <= t <= most]
    else:
        if most - least < 1e-12:
            least, most = least - 0.5, most + 0.5
        at = [t for t in MaxNLocator(5, integer=whole).tick_values(least, most) if least - 1e-9 <= t <= most + 1e-9]
        at = [t for t in at if t == round(t)] if whole else at
    bare = Axis(title, least, most, log, [])
    return Axis(title, least, most, log, [(round(100 * p, 2), _number(t)) for p, t in zip(bare.part(at).tolist(), at, strict=True)])


def make_chart(lines: Sequence[Line], x: Axis, y: Axis, words: str, level: float | None = None) -> Chart:
    """Return a chart of lines on two axes; `level` is a value of y to compare with, `words` describe the chart."""
    paths = []
    for line in lines:
        across, down = x.part(line.x) * BOX, (1 - y.part(line.y)) * BOX
        if line.steps and len(across):
            across, down = np.repeat(across, 2)[1:], np.repeat(down, 2)[:-1]
        points = [f"{a:.1f} {d:.1f}" for a, d in zip(across, down, strict=True)]
        dots = "".join(f"M{point}h0" for point in points) if line.dots else ""
        paths.append(("M" + "L".join(points) if points else "", dots, line))
    mark = None if level is None else round(100 * float(1 - y.part([level])[0]), 2)
    return Chart(x, y, paths, mark, words)
