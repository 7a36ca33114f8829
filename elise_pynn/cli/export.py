"""``elise export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from elise_pynn.cli.check import PlatformOption
from elise_pynn.cli.options import FolderArgument, JsonOption
from elise_pynn.cli.screen import bar, one_clear_message, only_json_on_stdout, print_findings, print_json, print_line, screen


def export(
    folder: FolderArgument,
    platform: PlatformOption,
    out: Annotated[Path, typer.Option(metavar="BUNDLE", help="New folder for the bundle.")],
    as_json: JsonOption = False,
) -> None:
    """Make a bundle for a neuromorphic platform of a run: a script with the network inside, a configuration, a README.

    A network that the platform's cells cannot play, or only with its scaffold, is taught again, with other seeds until one plays.
    """
    with only_json_on_stdout(as_json), one_clear_message():
        from elise_pynn.export.bundle import check_free, write_bundle
        from elise_pynn.export.finding import all_hold
        from elise_pynn.export.platforms import platform as platform_of
        from elise_pynn.results import read_run

        module = platform_of(platform.value)
        check_free(out)
        run = read_run(folder)
        with bar("cycles", "free run r = {task.fields[correlation]}") as progress:

            def report(sentence: str, cycles: int) -> Any:
                screen.print(sentence, markup=False, highlight=False)
                task = progress.add_task("teach", total=cycles, correlation="-")

                def update(done: int, correlation: float | None) -> None:
                    shown = "-" if correlation is None else f"{correlation:.3f}"
                    progress.update(task, completed=done, correlation=shown)

                return update

            network = module.deploy(run, report)
        findings = module.findings(network)
        write_bundle(platform.value, network, findings, out)
    if as_json:
        kept = network.scores.to_dict() if network.scores else None
        found = [finding.to_dict() for finding in findings]
        print_json(
            {"bundle": str(out), "all_hold": all_hold(findings), "history": list(network.history), "scores": kept, "findings": found}
        )
        return
    for sentence in network.history:
        print_line(sentence)
    print_findings(findings)
    print_line(f"{out}: submit it with 'elise submit {out} --collab ID', or look at it first with --dry-run")
