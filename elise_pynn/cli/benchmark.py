"""``elise benchmark``."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from elise_pynn.cli.options import JsonOption
from elise_pynn.cli.screen import one_clear_message, only_json_on_stdout, print_json, screen

app = typer.Typer(help="Measure speed on this machine.", no_args_is_help=True)


@app.callback()
def _benchmark() -> None:
    pass


def _show(result: dict[str, Any]) -> None:
    table = Table(title="steps per second of 0.1 ms, learning on, one core", title_justify="left")
    series = [(form, integrator) for form, by_size in result["steps_per_second"].items() for integrator in next(iter(by_size.values()))]
    table.add_column("neurons", justify="right")
    for form, integrator in series:
        table.add_column(f"{form}\n{integrator}", justify="right")
    for n in result["steps_per_second"]["rate"]:
        table.add_row(n, *(f"{result['steps_per_second'][form][n][integrator]:,.0f}" for form, integrator in series))
    Console().print(table)


@app.command()
def engine(
    quick: Annotated[bool, typer.Option("--quick", help="Two sizes only, in seconds.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Steps per second of the engine's forms and integrators against size, beside the same step in plain numpy."""
    with only_json_on_stdout(as_json), one_clear_message():
        from elise_pynn.benchmark.engine import measure

        with screen.status("") as status:
            result = measure(quick, lambda what: status.update(what))
    if as_json:
        print_json(result)
    else:
        _show(result)
