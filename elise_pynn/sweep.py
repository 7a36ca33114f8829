"""A sweep: one run for each point of a grid and each seed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from elise_pynn import __version__
from elise_pynn.points import TABLE, Point, compute_points
from elise_pynn.presets import find_field, parse
from elise_pynn.quantity import ParameterError
from elise_pynn.recommendation import configure_for
from elise_pynn.run import check_combination, run
from elise_pynn.sequence import Sequence

#: columns of the table behind those of the grid
SCORES = (
    "sustained_cycles", "replay_cycles", "median_correlation", "least_correlation", "median_mse", "drift_ms_per_cycle", "note_f1",
    "free_run_mse", "free_run_correlation", "spikes_per_cycle", "seconds_simulate", "error", "version",
)  # fmt: skip


def parse_grid(texts: list[str]) -> dict[str, list[Any]]:
    """Return the values of each parameter of a grid that is given like ``latent=30,50,100``."""
    grid: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not name or not all(values.split(",")):
            raise ParameterError(f"--grid {text!r} is not understood: give a parameter and its values, like latent=30,50,100.")
        _, field = find_field(name)
        same = [other for other in grid if find_field(other) == find_field(name)]
        if field.name == "seed" or same:
            advice = "seeds are given by --seeds N" if field.name == "seed" else "give each parameter once"
            raise ParameterError(f"--grid {name}: {advice}.")
        grid[name] = [parse(name, value) for value in values.split(",")]
        if len(set(grid[name])) < len(grid[name]):
            raise ParameterError(f"--grid {text!r} names a value twice: give each once.")
    return grid


def points_of(sequence: Sequence, grid: dict[str, list[Any]], seeds: int, preset: str, backend: str = "engine") -> list[Point]:
    """Return all points of a grid, for seeds 1 to `seeds`; refuses values outside their range."""
    points = []
    for combination in itertools.product(*grid.values(), range(1, seeds + 1)):
        values = dict(zip((*grid, "seed"), combination, strict=True))
        given = {"backend": backend, **values}
        settings, parameters = configure_for(sequence, preset, **given)
        check_combination(settings, parameters, sequence)
        content = {
            "sequence": sequence.to_dict(),
            "settings": asdict(settings),
            "parameters": parameters.to_dict(),
            "version": __version__,
        }
        points.append(Point(values, {"sequence": content["sequence"], "preset": preset, "given": given}, content))
    return points


def compute(work: dict[str, Any]) -> dict[str, Any]:
    """Run one point, wherever; return its scores."""
    sequence = Sequence.from_dict(work["sequence"])
    settings, parameters = configure_for(sequence, work["preset"], **work["given"])
    try:
        summary = run(sequence, None, settings, parameters)
    except ParameterError as error:  # such as weights that run away: a result of this point, too
        return {"error": str(error)}
    replay, free_run = summary["replay"], summary["training"][-1]
    return {
        "sustained_cycles": replay["sustained_cycles"],
        "replay_cycles": replay["cycles"],
        "median_correlation": replay["median_correlation"],
        "least_correlation": min(replay["correlation"]),
        "median_mse": replay["median_mse"],
        "drift_ms_per_cycle": replay["drift_ms_per_cycle"],
        "note_f1": replay["note_f1"],
        "free_run_mse": free_run["mse"],
        "free_run_correlation": free_run["correlation"],
        "spikes_per_cycle": summary["spikes_per_cycle"],
        "seconds_simulate": summary["seconds"]["simulate"],
        "version": summary["versions"]["elise_pynn"],
        "error": "",
    }


def run_sweep(
    folder: Path,
    sequence: Sequence,
    points: list[Point],
    preset: str = "spiking",
    jobs: int = 1,
    scheduler: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Compute the points that are not done yet, and write the table.

    Parameters
    ----------
    folder : Path
        New, or of an earlier sweep over the same sequence with the same preset, which then goes on or grows.
    sequence : Sequence
    points : list of Point
        As `points_of` returns them.
    preset : str
        That of the points.
    jobs : int
        Processes on this machine.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers compute instead.
    progress : callable, optional
        Called with the number of points done.

    Returns
    -------
    dict
        Numbers of points: all, computed now, done before, with an error.
    """
    definition = {"sweep_over": sequence.to_dict(), "preset": preset}
    rows, computed = compute_points(folder, definition, points, compute, SCORES, jobs, scheduler, progress)
    failed = sum(bool(row["error"]) for row in rows)
    return {
        "points": len(rows), "computed": computed, "done_before": len(rows) - computed, "failed": failed, "table": str(folder / TABLE),
    }  # fmt: skip
