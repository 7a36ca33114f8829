"""The charts of a report: learning curve, replayed cycles, distribution of weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from elise_pynn.analysis.report.chart import Chart, Line, make_axis, make_chart
from elise_pynn.analysis.report.data import ReportData
from elise_pynn.analysis.scores import SUSTAINED

#: points of a curve that are drawn at most
POINTS = 600


def learning(runs: Sequence[tuple[str, list[dict[str, Any]]]], cycles: int) -> list[Chart]:
    """Correlation and error of the free runs in training, a line per run.

    Parameters
    ----------
    runs : sequence of (name, list of dict)
        Each with the free runs' ``cycle``, ``correlation`` and ``mse``.
    cycles : int
        Of the training, the longest one if there are several.
    """
    thin = [(name, [free_run[i] for i in _thinned(len(free_run))]) for name, free_run in runs]

    def lines(key: str) -> list[Line]:
        return [
            Line([f["cycle"] for f in free_run], [f[key] for f in free_run], name, f"s{i % 8}", dots=len(free_run) <= 80)
            for i, (name, free_run) in enumerate(thin)
        ]

    r, mse = lines("correlation"), lines("mse")
    across = make_axis("training cycle", [0, cycles], whole=True)
    up = make_axis("correlation", [], low=min([0.0, *(v for line in r for v in line.y)]), high=1.0)
    error = make_axis("MSE in 1/ms²", [v for line in mse for v in line.y], log=True)
    return [
        make_chart(r, across, up, "Correlation of free runs over training. " + _ends(r), SUSTAINED),
        make_chart(mse, across, error, "Error of free runs over training. " + _ends(mse)),
    ]


def _thinned(n: int) -> list[int]:
    return np.unique(np.linspace(0, n - 1, min(n, POINTS)).round().astype(int)).tolist() if n else []


def _ends(lines: list[Line]) -> str:
    return " ".join(f"{line.name or 'It'} goes from {line.y[0]:.3g} to {line.y[-1]:.3g}." for line in lines if len(line.y))


def replayed(runs: Sequence[tuple[str, dict[str, Any]]]) -> Chart:
    """Correlation of each replayed cycle, a line per run with its replay scores."""
    lines = []
    for i, (name, replay) in enumerate(runs):
        at = _thinned(len(replay["correlation"]))
        lines.append(Line([k + 1 for k in at], [replay["correlation"][k] for k in at], name, f"s{i % 8}", dots=len(at) <= 80))
    across = make_axis("replayed cycle", [x for line in lines for x in line.x], whole=True)
    lowest = min([v for line in lines for v in line.y], default=0.0)
    axis = make_axis("correlation", [], low=min(0.0, lowest) if lowest < 0.5 else 0.5, high=1.0)
    return make_chart(lines, across, axis, "Correlation of each replayed cycle. " + _ends(lines), SUSTAINED)


def distribution(data: ReportData) -> Chart:
    """Number of synapses by weight, before and after training."""
    off_diagonal = ~np.eye(data.size, dtype=bool)
    kinds = [("before", data.weights_before, "s7"), ("after", data.weights_after, "s0")]
    limit = 1.5 * (float(np.percentile(np.abs(data.weights_after), 99.5)) or 1.0)
    edges = np.linspace(-limit, limit, 62)
    lines = []
    for name, matrix, colour in kinds:
        if matrix is not None:
            counts = np.histogram(matrix[off_diagonal], bins=edges)[0].astype(float)
            lines.append(Line(edges[:-1].tolist(), np.maximum(counts, 0.7).tolist(), name, colour, dots=False, steps=True))
    spread = [
        f"Standard deviation {name} training: {m[off_diagonal].std():.3g} mV." for name, m, _ in kinds if m is not None and len(m) > 1
    ]
    up = make_axis("synapses", [v for line in lines for v in line.y], log=True, low=0.7)
    return make_chart(lines, make_axis("weight in mV", edges), up, " ".join(["Distribution of the weights.", *spread]))
