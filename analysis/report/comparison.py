"""Several runs side by side: scores, learning curves, what they play, and the parameters in which they differ."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elise_pynn.analysis.report import charts, payload
from elise_pynn.analysis.report.data import ReportData
from elise_pynn.analysis.report.html import SOUNDS, environment, sounds_within
from elise_pynn.analysis.report.scores import Score, scores_of


@dataclass(frozen=True)
class Row:
    """A parameter or a fact of several runs, one value per run."""

    name: str
    values: tuple[Any, ...]
    unit: str = ""
    meaning: str = ""

    @property
    def differs(self) -> bool:
        """Whether the runs differ in it."""
        return any(value != self.values[0] for value in self.values)


def names_of(runs: Sequence[ReportData]) -> list[str]:
    """Return a name for each run: that of its folder, or the whole path where two are the same."""
    short = [Path(run.folder).name or run.folder for run in runs]
    often = Counter(short)
    return [name if often[name] == 1 else run.folder for name, run in zip(short, runs, strict=True)]


def rows_of(runs: Sequence[ReportData]) -> list[Row]:
    """Return sequence, settings, parameters and versions of runs, row by row."""
    rows = [
        Row("sequence", tuple(run.title for run in runs), "", "what was taught"),
        Row("channels", tuple(len(run.channels) for run in runs), "", "of the sequence"),
        Row("period", tuple(run.period for run in runs), "ms", "of the sequence"),
    ]
    for group in runs[0].values:
        for k, value in enumerate(runs[0].values[group]):
            name = value.name if group == "settings" else f"{group}.{value.name}"
            unit = "" if value.unit == "1" else value.unit
            rows.append(Row(name, tuple(run.values[group][k].value for run in runs), unit, value.meaning))
    versions = dict.fromkeys(name for run in runs for name in run.versions)
    return [*rows, *(Row(f"version of {name}", tuple(run.versions.get(name, "–") for run in runs)) for name in versions)]


def best_of(scores: Sequence[Score]) -> list[bool]:
    """Which runs have the best value of a score; none when all are alike or the score has no better."""
    values = [score.value for score in scores if score.value is not None]
    better = scores[0].higher_is_better
    if better is None or len(set(values)) < 2:
        return [False] * len(scores)
    best = max(values) if better else min(values)
    return [score.value == best for score in scores]


def identity_of(runs: Sequence[ReportData]) -> str:
    """The same for two comparisons of the same runs only."""
    return hashlib.sha256(" ".join(run.identity for run in runs).encode()).hexdigest()


def compare_page(runs: Sequence[ReportData]) -> str:
    """Return the comparison of runs as HTML.

    Parameters
    ----------
    runs : sequence of ReportData

    Returns
    -------
    str
        Below 8 MB; needs no other file and no network.
    """
    names = names_of(runs)
    scores = [scores_of(run.summary, run.period) for run in runs]
    rows = rows_of(runs)
    sounds = [sounds_within(run.sounds, SOUNDS // len(runs)) for run in runs]
    return environment().get_template("compare.html").render(
        identity=identity_of(runs),
        names=names,
        runs=runs,
        scores=[(column, best_of(column)) for column in zip(*scores, strict=True)],
        learning=charts.learning(
            [(name, run.summary["training"]) for name, run in zip(names, runs, strict=True)], max(run.summary["cycles"] for run in runs)
        ),
        replayed=charts.replayed([(name, run.summary["replay"]) for name, run in zip(names, runs, strict=True)]),
        differing=[row for row in rows if row.differs],
        same=[row for row in rows if not row.differs],
        viewers=[payload.viewer(run, payload.BUDGET // len(runs)) for run in runs],
        sounds=[kept for kept, _ in sounds],
        left_out=[left_out for _, left_out in sounds],
    )  # fmt: skip
