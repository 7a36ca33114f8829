"""``elise analyse``."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from elise_pynn.cli.options import FolderArgument, JsonOption
from elise_pynn.cli.screen import one_clear_message, only_json_on_stdout, print_json, screen


def _value(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _show(found: dict[str, Any]) -> None:
    console = Console()
    populations = found["populations"]
    of_all = {**(found["scores"] or {}), **{f"note_{name}": value for name, value in (found["notes"] or {}).items()}}
    if of_all:
        table = Table(title=f"{found['segment']} against its target", title_justify="left")
        for name in ("quantity", "value"):
            table.add_column(name)
        for name, value in of_all.items():
            table.add_row(name, _value(value))
        console.print(table)
    table = Table(title=f"Spikes of {found['segment']}", title_justify="left")
    for name in ("quantity", *populations):
        table.add_column(name)
    for quantity in next(iter(populations.values()), {}):
        table.add_row(quantity, *(_value(described[quantity]) for described in populations.values()))
    console.print(table)


def analyse(folder: FolderArgument, as_json: JsonOption = False) -> None:
    """Analyse the recording of a run: scores, notes, intervals, period, distances, synchrony, dimensionality. Writes nothing."""
    with only_json_on_stdout(as_json), one_clear_message():
        from elise_pynn.recorded import describe_run

        with screen.status("analysing"):
            found = describe_run(folder)
    if as_json:
        print_json(found)
    else:
        _show(found)
