"""A sweep: one run for each point of a grid and each seed, kept point by point, so that what is done is never done twice."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import itertools
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from elise_pynn import results
from elise_pynn.presets import configure, find_field, parse
from elise_pynn.quantity import ParameterError
from elise_pynn.run import run
from elise_pynn.sequence import Sequence
from elise_pynn.workers import in_processes, on_cluster

DEFINITION, TABLE, POINTS, LOCK = "sweep.json", "sweep.csv", "points", "sweep.lock"
#: columns of the table behind those of the grid
SCORES = (
    "sustained_cycles", "replay_cycles", "median_correlation", "least_correlation", "median_mse", "drift_ms_per_cycle", "note_f1",
    "free_run_mse", "free_run_correlation", "spikes_per_cycle", "seconds_simulate", "error", "version", "point",
)  # fmt: skip


@dataclass(frozen=True)
class Point:
    """One run of a sweep; `key` is a digest of all that decides its result."""

    values: dict[str, Any]
    key: str
    work: dict[str, Any]


def parse_grid(texts: list[str]) -> dict[str, list[Any]]:
    """Return the values of each parameter of a grid that is given like ``latent=30,50,100``."""
    grid: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, values = text.partition("=")
        if not equals or not name or not all(values.split(",")):
            raise ParameterError(f"--grid {text!r} is not understood: give a parameter and its values, like latent=30,50,100.")
        _, field = find_field(name)
        if field.name == "seed" or name in grid:
            raise ParameterError(f"--grid {name} is not allowed: give " + ("--seeds N" if field.name == "seed" else "each name once") + ".")
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
        settings, parameters = configure(preset, **given)
        content = {"sequence": sequence.to_dict(), "settings": asdict(settings), "parameters": parameters.to_dict()}
        key = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:20]
        points.append(Point(values, key, {"sequence": content["sequence"], "preset": preset, "given": given}))
    return points


def compute(work: dict[str, Any]) -> dict[str, Any]:
    """Run one point, wherever; return its scores."""
    settings, parameters = configure(work["preset"], **work["given"])
    try:
        summary = run(Sequence.from_dict(work["sequence"]), None, settings, parameters)
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
    with _held(folder, {"sequence": sequence.to_dict(), "preset": preset}):
        done = {point.key: row for point in points if (row := _read(folder, point)) is not None}
        before = len(done)
        _write_table(folder, points, done)
        waiting = {point.key: point.work for point in points if point.key not in done}
        if progress:
            progress(before)
        computed = on_cluster(scheduler, compute, waiting) if scheduler else in_processes(jobs, compute, waiting)
        for key, row in computed:
            results.write_json(row, folder / POINTS / f"{key}.json")
            done[key] = row
            _write_table(folder, points, done)
            if progress:
                progress(len(done))
    failed = sum(bool(row["error"]) for row in done.values())
    return {"points": len(points), "computed": len(done) - before, "done_before": before, "failed": failed, "table": str(folder / TABLE)}


@contextmanager
def _held(folder: Path, definition: dict[str, Any]) -> Iterator[None]:
    """Make or reopen a sweep's folder and hold it; the lock falls with the process."""
    try:
        if folder.is_dir() and any(folder.iterdir()) and not (folder / DEFINITION).exists():
            raise ParameterError(f"{folder} holds something else than a sweep: give --out another folder.")
        (folder / POINTS).mkdir(parents=True, exist_ok=True)
        with open(folder / LOCK, "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise ParameterError(f"another sweep is at work in {folder}: give --out another folder, or wait.") from None
            if (folder / DEFINITION).exists():
                if json.loads((folder / DEFINITION).read_text()) != json.loads(json.dumps(definition)):
                    raise ParameterError(f"{folder} holds a sweep over another sequence or preset: give --out another folder.")
            else:
                results.write_json(definition, folder / DEFINITION)
            yield
    except OSError as error:
        raise ParameterError(f"cannot write to {folder}: {error.strerror}. Give --out a folder that you may write to.") from error
    except json.JSONDecodeError as error:
        raise ParameterError(f"{folder / DEFINITION} is damaged ({error}): give --out another folder.") from error


def _read(folder: Path, point: Point) -> dict[str, Any] | None:
    """The row of a point that is done; what cannot be read is done again."""
    try:
        row = json.loads((folder / POINTS / f"{point.key}.json").read_text())
    except (OSError, ValueError):
        return None
    return row if isinstance(row, dict) and "error" in row else None


def _write_table(folder: Path, points: list[Point], done: dict[str, dict[str, Any]]) -> None:
    part = folder / f"{TABLE}.part"
    with open(part, "w", newline="") as file:
        table = csv.DictWriter(file, [*points[0].values, *SCORES])
        table.writeheader()
        for point in points:
            if point.key in done:
                table.writerow({**point.values, "point": point.key, **done[point.key]})
    os.replace(part, folder / TABLE)
