"""The look that all pictures share."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure

VISIBLE, LATENT, INK, GRID = "#c0392b", "#2c5f8a", "#222222", "#dddddd"

STYLE: Any = {
    "font.size": 9,
    "font.family": "sans-serif",
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "legend.frameon": False,
    "figure.dpi": 150,
    "savefig.dpi": 200,
}


def save(figure: Figure, path: str | os.PathLike) -> None:
    """Write a figure to a file, reproducibly."""
    figure.savefig(path, metadata={"Software": None} if str(path).endswith(".png") else None)


def new(width: float, height: float, rows: int = 1, columns: int = 1, **options: Any) -> tuple[Figure, np.ndarray]:
    """Return a figure of `width` x `height` inches and its axes, rows x columns."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(rows, columns, squeeze=False, **options)


def styled(function: Callable[..., Figure]) -> Callable[..., Figure]:
    """Let a function draw in the common style."""

    @wraps(function)
    def draw(*args: Any, **options: Any) -> Figure:
        with matplotlib.rc_context(STYLE):
            return function(*args, **options)

    return draw
