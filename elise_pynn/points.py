"""A folder of points: independent pieces of work, each kept as it is done, so that nothing is done twice."""

from __future__ import annotations

import csv
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elise_pynn.jsonfile import write_json
from elise_pynn.quantity import ParameterError
from elise_pynn.workers import Work, in_processes, on_cluster

DEFINITION, TABLE, POINTS, LOCK = "definition.json", "table.csv", "points", "points.lock"


@dataclass(frozen=True)
class Point:
    """One piece of work.

    Attributes
    ----------
    values : dict
        What distinguishes the point; the first columns of its row.
    work : dict
        Plain values, from which the work function computes the rest of the row.
    content : dict
        Plain values, all that decides the result.
    """

    values: dict[str, Any]
    work: dict[str, Any]
    content: dict[str, Any]

    @property
    def key(self) -> str:
        """Digest of the content, the name of the point's file."""
        return hashlib.sha256(json.dumps(self.content, sort_keys=True).encode()).hexdigest()[:20]


def compute_points(
    folder: Path,
    definition: dict[str, Any],
    points: list[Point],
    work: Work,
    columns: tuple[str, ...],
    jobs: int = 1,
    scheduler: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[list[dict[str, Any]], int]:
    """Compute the points that are not done yet, and write the table of all.

    Parameters
    ----------
    folder : Path
        New, or one in which points of the same definition were computed before.
    definition : dict
        Plain values that say what the folder holds.
    points : list of Point
    work : callable
        Returns the row of a point's work; importable by name. The row has a column ``error``, empty when all went well.
    columns : tuple of str
        Columns of the table behind the points' values.
    jobs : int
        Processes on this machine.
    scheduler : str, optional
        Address of a Dask scheduler, whose workers compute instead.
    progress : callable, optional
        Called with the number of points done.

    Returns
    -------
    list of dict, int
        A row per point; how many were computed now.
    """
    by_key = {point.key: point for point in points}
    if len(by_key) < len(points):
        raise ParameterError("two points are the same: give each value once.")
    lost: list[str] = []
    with _held(folder, definition):
        done = {key: row for key in by_key if (row := _read(folder, key)) is not None}
        before = len(done)
        _write_table(folder, by_key, done, columns)
        waiting = {key: point.work for key, point in by_key.items() if key not in done}
        if progress:
            progress(before)
        for key, result in on_cluster(scheduler, work, waiting) if scheduler is not None else in_processes(jobs, work, waiting):
            if isinstance(result, Exception):
                lost.append(f"{type(result).__name__}: {result}")
                continue
            _write(folder, key, result)
            done[key] = result
            _write_table(folder, by_key, done, columns)
            if progress:
                progress(len(done))
    if lost:
        raise ParameterError(f"{len(lost)} of {len(points)} points failed ({lost[0]}). The others are kept; the same command tries again.")
    return [{**point.values, **done[key]} for key, point in by_key.items()], len(done) - before


@contextmanager
def _held(folder: Path, definition: dict[str, Any]) -> Iterator[None]:
    """Make or reopen a folder and hold it; the lock falls with the process."""
    try:
        if folder.is_dir() and not (folder / DEFINITION).exists():
            if {path.name for path in folder.iterdir()} - {POINTS, LOCK, f"{DEFINITION}.part"}:
                raise ParameterError(f"{folder} holds something else already: give --out another folder.")
        (folder / POINTS).mkdir(parents=True, exist_ok=True)
        lock = open(folder / LOCK, "w")
    except OSError as error:
        raise _unwritable(folder, error) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ParameterError(f"another command is at work in {folder}: give --out another folder, or wait.") from None
        _define(folder, definition)
        yield


def _define(folder: Path, definition: dict[str, Any]) -> None:
    """Write what the folder holds, or compare it; a damaged note is written anew, for points are named by their content."""
    try:
        there = json.loads((folder / DEFINITION).read_text())
    except (OSError, ValueError, RecursionError):
        there = None
    if there is not None and there != json.loads(json.dumps(definition)):
        raise ParameterError(f"{folder} holds results of another kind (see {DEFINITION} there): give --out another folder.")
    if there is None:
        try:
            write_json(definition, folder / DEFINITION)
        except OSError as error:
            raise _unwritable(folder, error) from error


def _write(folder: Path, key: str, row: dict[str, Any]) -> None:
    try:
        write_json(row, folder / POINTS / f"{key}.json")
    except OSError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: OSError) -> ParameterError:
    return ParameterError(f"cannot write to {folder}: {error.strerror}. Give --out a folder that you may write to.")


def _read(folder: Path, key: str) -> dict[str, Any] | None:
    """The row of a point that is done; what cannot be read is done again."""
    try:
        row = json.loads((folder / POINTS / f"{key}.json").read_text())
    except (OSError, ValueError, RecursionError):
        return None
    return row if isinstance(row, dict) and "error" in row else None


def _write_table(folder: Path, points: dict[str, Point], done: dict[str, dict[str, Any]], columns: tuple[str, ...]) -> None:
    rows = [{**done[key], **point.values, "point": key} for key, point in points.items() if key in done]
    write_csv(rows, [*next(iter(points.values())).values, *columns, "point"], folder / TABLE)


def write_csv(rows: list[dict[str, Any]], columns: list[str], path: Path) -> None:
    """Write columns of rows to a CSV file that appears whole or not at all."""
    part = path.with_name(path.name + ".part")
    with open(part, "w", newline="") as file:
        table = csv.DictWriter(file, columns, extrasaction="ignore")
        table.writeheader()
        table.writerows(rows)
    os.replace(part, path)
