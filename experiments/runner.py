"""Run an experiment: compute its points resumably, write table, figures and summary."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from elise_pynn.analysis.style import save
from elise_pynn.experiments import find_experiment
from elise_pynn.experiments.experiment import PRESETS
from elise_pynn.jsonfile import write_json
from elise_pynn.points import compute_points, write_csv
from elise_pynn.quantity import ParameterError
from elise_pynn.versions import versions

SUMMARY, ROWS = "summary.json", "rows.csv"


def run_experiment(
    name: str,
    folder: Path,
    preset: str = "quick",
    backend: str = "engine",
    seeds: int = 2,
    jobs: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Run an experiment, or what is left of it.

    Parameters
    ----------
    name : str
    folder : Path
        New, or of the same experiment, preset and backend.
    preset : str
        ``smoke``, ``quick`` or ``paper``.
    backend : str
    seeds : int
    jobs : int
        Processes.
    progress : callable, optional
        Called with the numbers of points done and of all.

    Returns
    -------
    dict
        The summary, as in ``summary.json``: each claim with the figure measured and whether it holds.
    """
    begin = time.perf_counter()
    experiment = find_experiment(name)
    if preset not in PRESETS:
        raise ParameterError(f"preset = {preset!r} is not allowed: give one of {', '.join(PRESETS)}.")
    if backend not in experiment.backends:
        raise ParameterError(f"experiment {name} runs on {', '.join(experiment.backends)}, not on {backend}.")
    points = experiment.points(preset, seeds, backend)
    definition = {"experiment": name, "preset": preset, "backend": backend}
    done = (lambda n: progress(n, len(points))) if progress else None
    results, computed = compute_points(folder, definition, points, experiment.compute, ("error",), jobs, None, done)
    failed = [result for result in results if result["error"]]
    rows = [{**point.values, **row} for point, result in zip(points, results, strict=True) for row in result.get("rows", [])]
    if not rows:
        raise ParameterError(f"no point of {name} could be computed: {failed[0]['error']}")
    # tidy: what is a curve or a picture stays in the points
    columns = dict.fromkeys(name for row in rows for name, value in row.items() if not isinstance(value, list))
    write_csv(rows, list(columns), folder / ROWS)
    figure = experiment.draw(rows)
    for kind in ("png", "svg"):
        save(figure, folder / f"{name}.{kind}")
    if experiment.keep:
        experiment.keep(rows, folder)
    summary = {
        **definition,
        "title": experiment.title,
        "seeds": seeds,
        "points": len(points),
        "computed": computed,
        "failed": [result["error"] for result in failed],
        # too short to judge anything by
        "claims": [claim.to_dict() | ({"holds": None} if preset == "smoke" else {}) for claim in experiment.summarise(rows)],
        "seconds": time.perf_counter() - begin,
        "versions": versions(),
    }
    write_json(summary, folder / SUMMARY)
    return summary
