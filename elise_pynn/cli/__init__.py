"""The command ``elise``."""

from __future__ import annotations

import gc
from typing import Annotated

from elise_pynn.cli import clock  # noqa: F401  isort:skip  first of all: it notes the time

import typer

from elise_pynn import __version__
from elise_pynn.cli.analyse import analyse
from elise_pynn.cli.benchmark import app as benchmark
from elise_pynn.cli.check import check
from elise_pynn.cli.compare import compare
from elise_pynn.cli.doctor import doctor
from elise_pynn.cli.experiment import experiment
from elise_pynn.cli.export import export
from elise_pynn.cli.report import report
from elise_pynn.cli.run import replay, run
from elise_pynn.cli.sequence import app as sequence
from elise_pynn.cli.submit import submit
from elise_pynn.cli.sweep import sweep
from elise_pynn.cli.verify import verify

app = typer.Typer(
    help="Teach a spiking network a sequence, and let it play.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)
for command in (run, replay, verify, analyse, report, compare, sweep, experiment, check, export, submit):
    app.command()(command)
app.add_typer(sequence, name="sequence")
app.add_typer(benchmark, name="benchmark")
app.command()(doctor)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"elise {__version__}")
        raise typer.Exit


@app.callback()
def _app(version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False) -> None:
    pass


def main() -> None:
    """Entry point."""
    gc.disable()  # a run keeps what it makes; looking for garbage among it costs a tenth of the time outside of the simulation
    app()
