"""``elise check``."""

from __future__ import annotations

from typing import Annotated

import typer

from elise_pynn.cli.options import FolderArgument, JsonOption, Platform
from elise_pynn.cli.screen import one_clear_message, only_json_on_stdout, print_findings, print_json

PlatformOption = Annotated[Platform, typer.Option(help="Neuromorphic platform.")]


def check(folder: FolderArgument, platform: PlatformOption, as_json: JsonOption = False) -> None:
    """Check a run's network against what a neuromorphic platform asks for. Exit code 1 when something does not hold."""
    with only_json_on_stdout(as_json), one_clear_message():
        from elise_pynn.export.deployed import as_it_is
        from elise_pynn.export.finding import all_hold
        from elise_pynn.export.platforms import platform as platform_of
        from elise_pynn.results import read_run

        module = platform_of(platform.value)
        findings = module.findings(as_it_is(read_run(folder)))
    holds = all_hold(findings)
    if as_json:
        print_json({"platform": platform.value, "all_hold": holds, "findings": [finding.to_dict() for finding in findings]})
    else:
        print_findings(findings)
    raise typer.Exit(0 if holds else 1)
