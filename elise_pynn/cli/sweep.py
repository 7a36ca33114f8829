"""``elise sweep``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elise_pynn.cli.options import Backend, JsonOption, Preset, PresetOption, SequenceArgument
from elise_pynn.cli.screen import bar, one_clear_message, only_json_on_stdout, print_json, print_line


def sweep(
    sequence: SequenceArgument,
    out: Annotated[Path, typer.Option(help="Folder of the sweep; one that was interrupted goes on, one that is done can grow.")],
    grid: Annotated[
        list[str] | None,
        typer.Option(help="A parameter and its values, like latent=30,50,100; repeat for more.", metavar="K=V,..."),
    ] = None,
    seeds: Annotated[int, typer.Option(help="Seeds 1 to N at each point.", min=1, max=100_000)] = 1,
    jobs: Annotated[int, typer.Option(help="Processes on this machine.", min=1)] = 1,
    backend: Annotated[Backend, typer.Option(help="Simulator.")] = Backend.engine,
    preset: PresetOption = Preset.spiking,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler, whose workers compute instead.", metavar="ADDRESS", show_default=False)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run every point of a grid for every seed; scores in DIR/table.csv. What is done is never done twice."""
    with only_json_on_stdout(as_json), one_clear_message(keeps=True):
        from elise_pynn import find_sequence
        from elise_pynn.sweep import parse_grid, points_of, run_sweep

        what = find_sequence(sequence)
        points = points_of(what, parse_grid(grid or []), seeds, preset.value, backend.value)
        with bar("runs") as progress:
            task = progress.add_task("sweep", total=len(points))
            summary = run_sweep(out, what, points, preset.value, jobs, scheduler, lambda done: progress.update(task, completed=done))
    if as_json:
        print_json(summary)
    else:
        print_line(
            f"{summary['points']} runs: {summary['computed']} computed now, {summary['done_before']} before, {summary['failed']} failed; "
            f"in {summary['table']}"
        )
    if summary["failed"] == summary["points"]:
        raise typer.Exit(1)
