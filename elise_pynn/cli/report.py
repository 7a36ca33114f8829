"""``elise report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elise_pynn.cli.options import FolderArgument
from elise_pynn.cli.screen import one_clear_message, print_line


def report(
    folder: FolderArgument,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The file; report.html in the run's folder when not given.", show_default=False)
    ] = None,
) -> None:
    """Write a run as one HTML page to look at, to listen to and to pass on."""
    with one_clear_message():
        from elise_pynn.report import write_report

        path = write_report(folder, out)
    print_line(f"{path} ({path.stat().st_size / 1e6:.2f} MB): open it in a browser")
