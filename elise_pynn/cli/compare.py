"""``elise compare``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from elise_pynn.cli.options import JsonOption
from elise_pynn.cli.screen import one_clear_message, only_json_on_stdout, print_json, print_line

if TYPE_CHECKING:
    from elise_pynn.analysis.report.data import ReportData


def _show(runs: Sequence[ReportData]) -> None:
    from elise_pynn.analysis.report.comparison import best_of, names_of, rows_of
    from elise_pynn.analysis.report.html import plain
    from elise_pynn.analysis.report.scores import scores_of

    table = Table()
    for name in ("", *names_of(runs)):
        table.add_column(Text(name))
    for scores in zip(*(scores_of(run.summary, run.period) for run in runs), strict=True):
        cells = [Text(s.text, style="bold" if best else "") for s, best in zip(scores, best_of(scores), strict=True)]
        table.add_row(Text(f"{scores[0].name} {scores[0].unit}".strip()), *cells)
    table.add_section()
    for row in rows_of(runs):
        if row.differs:
            table.add_row(Text(row.name), *(Text(plain(value)) for value in row.values))
    Console().print(table)


def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Folders of runs, two or more.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file; one that holds something else is left alone.")] = Path(
        "compare.html"
    ),
    as_json: JsonOption = False,
) -> None:
    """Show several runs side by side: scores, learning, what they play, in what they differ; here and as one HTML page."""
    with only_json_on_stdout(as_json), one_clear_message():
        from elise_pynn.comparison import comparison_json, gather_runs, write_comparison

        runs = gather_runs(folders)
        path = write_comparison(runs, out)
    if as_json:
        print_json({**comparison_json(runs), "page": str(path)})
    else:
        _show(runs)
        print_line(f"{path} ({path.stat().st_size / 1e6:.2f} MB): open it in a browser")
