"""``elise experiment``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from elise_pynn.cli.options import Backend, JsonOption
from elise_pynn.cli.screen import bar, one_clear_message, only_json_on_stdout, print_json, print_line


class Size(StrEnum):
    """How much is computed."""

    smoke = "smoke"
    quick = "quick"
    paper = "paper"


def _figure(figure: dict[str, Any]) -> str:
    if figure["median"] is None:
        return "-"
    if figure["yes"] is not None:
        return f"{figure['yes']} of {figure['n']}"
    low, high = figure["interquartile_range"]
    return f"{figure['median']:.4g} [{low:.4g}, {high:.4g}], n = {figure['n']}"


def _show(summary: dict[str, Any], folder: Path) -> None:
    table = Table(title=f"{summary['title']}, {summary['preset']}, {summary['seeds']} seeds", title_justify="left")
    for name in ("claim", "measured: median [quartiles]", "needed", "holds"):
        table.add_column(name)
    words = {True: "[green]yes[/]", False: "[red]NO[/]", None: ""}
    for claim in summary["claims"]:
        table.add_row(claim["claim"], _figure(claim["figure"]), claim["needed"], words[claim["holds"]])
    Console().print(table)
    if summary["preset"] == "smoke":
        print_line("smoke shows that the experiment runs; it is too short to judge claims by")
    left = sorted(path.name for path in folder.iterdir() if path.suffix in (".json", ".csv", ".png", ".svg", ".wav"))
    print_line(f"in {folder}: {', '.join(left)}")


def experiment(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="size, reservoir, scaffold, disruption, timescale, patterns, completion, noise, birdsong, spiking, dynamics, growth, "
            "sequences, threshold, deployment, or brainscales2.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the experiment; one that was interrupted goes on.")],
    preset: Annotated[Size, typer.Option(help="smoke: does it run; quick: minutes; paper: what docs/experiments.md shows.")] = Size.quick,
    backend: Annotated[Backend, typer.Option(help="Simulator.")] = Backend.engine,
    seeds: Annotated[int, typer.Option(help="Seeds 1 to N.", min=1, max=100_000)] = 2,
    jobs: Annotated[int, typer.Option(help="Processes on this machine.", min=1)] = 1,
    as_json: JsonOption = False,
) -> None:
    """Repeat an experiment of the paper: each claim, the figure measured here, and whether it holds."""
    with only_json_on_stdout(as_json), one_clear_message(keeps=True):
        from elise_pynn.experiments.runner import run_experiment

        with bar("points") as progress:
            task = progress.add_task(name, total=None)
            summary = run_experiment(
                name, out, preset.value, backend.value, seeds, jobs, lambda done, total: progress.update(task, completed=done, total=total)
            )
    if as_json:
        print_json(summary)
    else:
        _show(summary, out)
