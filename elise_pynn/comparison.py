"""Compare runs: one page, and plain values of the same."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from elise_pynn.analysis.report.comparison import compare_page, identity_of, names_of, rows_of
from elise_pynn.analysis.report.data import ReportData
from elise_pynn.analysis.report.scores import scores_of
from elise_pynn.quantity import ParameterError
from elise_pynn.report import gather, write_page

#: so many runs fit on a page
MOST = 12


def gather_runs(folders: Sequence[str | os.PathLike]) -> list[ReportData]:
    """Read the runs to be compared.

    Raises
    ------
    ParameterError
        When they are fewer than two or too many, one is given twice, or a folder holds no run.
    """
    if not 2 <= len(folders) <= MOST:
        raise ParameterError(f"{len(folders)} runs to compare: give 2 to {MOST} folders of runs.")
    if len({Path(folder).resolve() for folder in folders}) < len(folders):
        raise ParameterError("a folder is given twice: give each run once.")
    return [gather(folder) for folder in folders]


def write_comparison(runs: Sequence[ReportData], out: str | os.PathLike) -> Path:
    """Write the comparison of runs as one HTML page; only a comparison of the same runs is replaced."""
    path = Path(out)
    write_page(compare_page(runs), identity_of(runs), path)
    return path


def comparison_json(runs: Sequence[ReportData]) -> dict[str, Any]:
    """Return scores of runs, and the parameters in which they differ, as plain values, fit for JSON."""
    scores = [[(score.name, score.value) for score in scores_of(run.summary, run.period)] for run in runs]
    kept = ("cycles", "seed", "n_visible", "n_latent", "timestep_ms", "replay", "spikes_per_cycle")
    return {
        "runs": [
            {"name": name, "folder": run.folder, "sequence": run.title, **{key: run.summary[key] for key in kept}, "scores": dict(values)}
            for name, run, values in zip(names_of(runs), runs, scores, strict=True)
        ],
        "differing": {row.name: list(row.values) for row in rows_of(runs) if row.differs},
    }
