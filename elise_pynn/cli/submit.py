"""``elise submit``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elise_pynn.cli.options import JsonOption
from elise_pynn.cli.screen import one_clear_message, only_json_on_stdout, print_json, print_line, print_pairs, screen


def submit(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="Folder that 'elise export' has made.")],
    collab: Annotated[str, typer.Option(metavar="ID", help="EBRAINS collab that has a quota for the platform.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be sent, and send nothing.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until the job has ended; exit code 1 when it failed.")] = False,
    tag: Annotated[list[str] | None, typer.Option(help="Tag of the job; may be given several times.", show_default=False)] = None,
    job_service: Annotated[str, typer.Option(help="Address of the job service.", show_default=False)] = "",
    user_info: Annotated[str, typer.Option(help="Address that knows whose token it is.", show_default=False)] = "",
    as_json: JsonOption = False,
) -> None:
    """Submit a bundle to the EBRAINS neuromorphic platform; the token is taken from the environment, EBRAINS_TOKEN."""
    failed = False
    with only_json_on_stdout(as_json), one_clear_message():
        from elise_pynn.export.bundle import read_bundle
        from elise_pynn.export.submission import JOB_SERVICE, USER_INFO, Jobs, job_of

        made = read_bundle(bundle)
        job = job_of(made, collab, tuple(tag or ()))
        brief = {**{key: value for key, value in job.items() if key != "code"}, "code_bytes": len(job["code"].encode())}
        if not dry_run:
            jobs = Jobs(job_service or JOB_SERVICE, user_info or USER_INFO)
            brief["job"] = jobs.submit(made, collab, tuple(tag or ()))
            screen.print(f"submitted: {brief['job']}", markup=False, highlight=False)
            if wait:
                ended = jobs.wait(brief["job"], lambda state: screen.print(state, markup=False, highlight=False))
                brief["status"], brief["log"] = ended["status"], ended.get("log")
                failed = ended["status"] == "error"
    if as_json:
        print_json(brief)
    else:
        print_pairs([(key.replace("_", " "), str(value)) for key, value in brief.items()])
        if dry_run:
            print_line("nothing was sent")
    raise typer.Exit(1 if failed else 0)
