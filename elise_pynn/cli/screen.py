"""What the command line prints: messages, bars, tables, JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from elise_pynn.quantity import ParameterError

screen = Console(stderr=True)
#: channels of a pattern that are shown, at most, and characters for its values
ROWS, SHADES = 40, "·░▒▓█"
KEPT = "What is done is kept; the same command goes on from there."


@contextmanager
def only_json_on_stdout(active: bool) -> Iterator[None]:
    """Send whatever anybody prints, NEST's C++ included, to standard error."""
    if not active:
        yield
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def one_clear_message(keeps: bool = False) -> Iterator[None]:
    """Turn errors that the user can mend into one message and exit code 2; `keeps` says that an interrupted command can go on."""
    from elise_pynn.nestml_models import ModuleError

    try:
        yield
    except (ParameterError, ModuleError, NotImplementedError) as error:
        screen.print(f"Error: {error}", style="bold red", markup=False, highlight=False)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        screen.print("Interrupted. " + KEPT if keeps else "Interrupted.", style="bold red", highlight=False)
        raise typer.Exit(130) from None
    except MemoryError:
        screen.print("Error: not enough memory for a network of this size: give a smaller --latent.", style="bold red")
        raise typer.Exit(2) from None


def bar(what: str, *columns: str) -> Progress:
    """A progress bar on standard error, counting `what`, with more columns between bar and times."""
    between: list[ProgressColumn] = [TextColumn(column) for column in (what, *columns)]
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), *between, TimeElapsedColumn(), TextColumn("left"),
        TimeRemainingColumn(), console=screen, transient=True,
    )  # fmt: skip


def print_json(values: dict[str, Any]) -> None:
    """Print one JSON object."""
    print(json.dumps(values, allow_nan=False))


def print_notice(text: str) -> None:
    """Print a line to standard error, above the progress bar; a warning in another colour."""
    screen.print(text, style="yellow" if text.startswith("Warning") else None, markup=False, highlight=False, soft_wrap=True)


def print_pairs(rows: list[tuple[str, str]]) -> None:
    """Print names and values in two columns."""
    table = Table(show_header=False, box=None)
    for row in rows:
        table.add_row(*(Text(text) for text in row))
    Console().print(table)


def print_findings(findings: list[Any]) -> None:
    """Print what a check has found as a table, remedies below what does not hold."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for title in ("", "rule", "found", "allowed"):
        table.add_column(title, overflow="fold")
    for finding in findings:
        mark, style = {True: ("✓", "green"), False: ("✗", "bold red"), None: ("–", "dim")}[finding.holds]
        table.add_row(Text(mark, style), *(Text(text) for text in (finding.rule, finding.found, finding.limit)))
        if not finding.holds and finding.remedy:
            table.add_row("", "", Text("→ " + finding.remedy, style), "")
    Console().print(table)


def print_pattern(pattern: np.ndarray, channels: tuple[str, ...]) -> None:
    """Print a pattern, values 0 to 1, as a picture of characters; what is too large is thinned out."""
    console = Console()
    width = max(len(name) for name in channels) + 1
    rows, steps = pattern.shape
    shown = range(0, rows, max(1, -(-rows // ROWS)))
    columns = range(0, steps, max(1, -(-steps // max(1, console.width - width))))
    for row in reversed(shown):
        shades = (SHADES[round(float(pattern[row, column]) * (len(SHADES) - 1))] for column in columns)
        console.print(f"{channels[row]:>{width - 1}} {''.join(shades)}", markup=False, highlight=False, no_wrap=True)


def print_line(text: str) -> None:
    """Print a line as it is, however long."""
    Console().print(text, markup=False, highlight=False, soft_wrap=True)
