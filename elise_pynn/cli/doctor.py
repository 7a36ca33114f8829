"""``elise doctor``."""

from __future__ import annotations

import typer
from rich.console import Console

from elise_pynn.cli.screen import only_json_on_stdout


def doctor() -> None:
    """Print versions, the state of the NEST module, and the loader's error if there is one."""
    from elise_pynn.doctor import examine

    with only_json_on_stdout(True):
        findings = examine()
    for finding in findings:
        mark = "[green]ok[/]" if finding.good else "[red]NO[/]"
        Console(soft_wrap=True, highlight=False).print(f"{mark}  {finding.what}: ", end="")
        Console(soft_wrap=True, highlight=False).print(finding.value, markup=False)
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)
