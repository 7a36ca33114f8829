"""``elise verify``."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from elise_pynn.cli.options import FolderArgument, JsonOption
from elise_pynn.cli.screen import one_clear_message, only_json_on_stdout, print_json, print_line, screen


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def verify(
    folder: FolderArgument,
    simulate: Annotated[bool, typer.Option("--simulate", help="Replay the trained network again, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Compute the scores of a run from its recording once more, and compare hashes; exit code 1 when they differ. Writes nothing."""
    with only_json_on_stdout(as_json), one_clear_message():
        from elise_pynn.verify import verify as verify_run

        with screen.status("verifying"):
            found = verify_run(folder, simulate)
    if as_json:
        print_json(found)
    else:
        for check in found["checks"]:
            if not check["same"]:
                print_line(f"differs: {check['what']}: kept {_short(check['kept'])}, found {_short(check['found'])}")
        for what in found["not_checked"]:
            print_line(f"not checked: {what}")
        same = sum(check["same"] for check in found["checks"])
        print_line(f"{'verified' if found['verified'] else 'NOT verified'}: {same} of {len(found['checks'])} checks are as the run says.")
    if not found["verified"]:
        raise typer.Exit(1)
