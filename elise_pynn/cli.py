"""The command ``elise``."""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from elise_pynn import __version__
from elise_pynn.quantity import ParameterError

BEGIN = time.perf_counter()
screen = Console(stderr=True)
app = typer.Typer(
    help="Teach a spiking network a sequence, and let it play.", no_args_is_help=True, add_completion=False, rich_markup_mode=None
)


class Backend(StrEnum):
    """Where the network is simulated."""

    nest = "nest"
    engine = "engine"


class Integrator(StrEnum):
    """How the engine advances a step."""

    exponential = "exponential"
    reference = "reference"


class Emission(StrEnum):
    """How neurons emit spikes."""

    integrate = "integrate"
    escape = "escape"
    rate = "rate"


class Growth(StrEnum):
    """How the scaffold grows."""

    tree = "tree"
    published = "published"


class Preset(StrEnum):
    """Settings that go together."""

    spiking = "spiking"
    paper = "paper"


OutOption = Annotated[Path, typer.Option(help="Folder for the results; must not hold a run.", show_default=False)]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object to standard output and nothing else.")]
ThreadsOption = Annotated[int, typer.Option(help="Threads of NEST; pay from thousands of neurons on.", min=1, max=1024)]


@contextmanager
def _only_json_on_stdout(active: bool) -> Iterator[None]:
    """Send whatever anybody prints, NEST's C++ included, to standard error."""
    if not active:
        yield
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


@contextmanager
def _one_clear_message() -> Iterator[None]:
    from elise_pynn.nestml_models import ModuleError

    try:
        yield
    except (ParameterError, ModuleError, NotImplementedError) as error:
        screen.print(f"Error: {error}", style="bold red", markup=False, highlight=False)
        raise typer.Exit(2) from None
    except MemoryError:
        screen.print("Error: not enough memory for a network of this size: give a smaller --latent.", style="bold red")
        raise typer.Exit(2) from None


@contextmanager
def _progress_bar(total: int, training: int) -> Iterator[Any]:
    columns = (
        TextColumn("{task.fields[phase]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("cycles  free run r = {task.fields[correlation]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task("run", total=total, phase="teach" if training else "replay", correlation="-")

        def update(done: int, correlation: float | None) -> None:
            if correlation is not None:
                bar.update(task, correlation=f"{correlation:.3f}")
            bar.update(task, completed=done, phase="teach" if done < training else "replay")

        yield update


def _show(summary: dict[str, Any], folder: Path, files: bool) -> None:
    from elise_pynn.results import FILES

    replay, seconds = summary["replay"], summary["seconds"]
    table = Table(show_header=False, box=None)
    low, high = min(replay["correlation"]), max(replay["correlation"])
    rows = [
        ("replayed", f"{replay['sustained_cycles']} of {replay['cycles']} cycles sustained (correlation >= 0.8)"),
        ("correlation", f"{replay['median_correlation']:.3f} (median; {low:.3f} to {high:.3f})"),
        ("MSE", f"{replay['median_mse']:.4f} /ms² (median)"),
        ("notes, from spikes", "-" if replay["note_f1"] is None else f"F1 = {replay['note_f1']:.3f}"),
        ("drift", f"{replay['drift_ms_per_cycle']:+.1f} ms per cycle" if replay["sustained_cycles"] else "-"),
        ("spikes", f"{summary['spikes_per_cycle']:.0f} per cycle of {summary['n_visible']} + {summary['n_latent']} neurons"),
        ("time", f"{seconds['total']:.1f} s, of which {seconds['simulate']:.1f} s simulation"),
    ]
    for row in rows:
        table.add_row(*row)
    out = Console()
    out.print(table)
    if files:
        out.print(f"in {folder}: " + ", ".join(FILES), markup=False, highlight=False, soft_wrap=True)


def _print_json(summary: dict[str, Any]) -> None:
    print(json.dumps(summary, allow_nan=False))


@app.command()
def run(
    context: typer.Context,
    sequence: Annotated[
        str,
        typer.Argument(metavar="SEQUENCE", help="'fuer-elise', or a .csv or .npy file: one row per channel, one column per step, 0 or 1."),
    ],
    out: OutOption,
    backend: Annotated[Backend, typer.Option(help="Simulator.")] = Backend.nest,
    latent: Annotated[int, typer.Option(help="Number of latent neurons.", min=0)] = 100,
    cycles: Annotated[int, typer.Option(help="Training cycles; the learning rate follows their number.", min=1)] = 1000,
    replay: Annotated[int, typer.Option(help="Replay cycles.", min=1)] = 30,
    seed: Annotated[int, typer.Option(help="Seed of scaffold, delays, weights and phases.", min=0)] = 1,
    timestep: Annotated[float, typer.Option(help="Time step in ms, 0.01 to 1.0.")] = 0.1,
    emission: Annotated[
        Emission, typer.Option(help="Deterministic (integrate) or stochastic (escape) spikes; rate: no spikes (engine only).")
    ] = Emission.integrate,
    spikes_per_rate: Annotated[float, typer.Option(help="K: spikes per ms at unit rate.")] = 1.0,
    scaffold: Annotated[Growth, typer.Option(help="Way in which the scaffold grows.")] = Growth.tree,
    blueprint: Annotated[Path | None, typer.Option(help="Network to teach, instead of growing one.", show_default=False)] = None,
    threads: ThreadsOption = 1,
    integrator: Annotated[
        Integrator, typer.Option(help="Engine only: reference is the published order, explicit Euler.")
    ] = Integrator.exponential,
    preset: Annotated[
        Preset, typer.Option(help="paper: the published rate model (engine), constant learning rate, published scaffold.")
    ] = Preset.spiking,
    learn_in_replay: Annotated[bool, typer.Option(help="Leave learning on during replay.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Teach a network a sequence, replay it, and leave scores, network, recording and pictures in a folder."""
    with _only_json_on_stdout(as_json), _one_clear_message():
        from elise_pynn import Blueprint, GrowthParameters, LearningParameters, NeuronParameters, Parameters, find_sequence
        from elise_pynn.parameters import PAPER_LEARNING
        from elise_pynn.run import run as run_all
        from elise_pynn.settings import Settings

        given = {name for name in context.params if str(context.get_parameter_source(name)).endswith("COMMANDLINE")}
        learning = LearningParameters()
        if preset is Preset.paper:
            learning = PAPER_LEARNING
            learn_in_replay = True
            emission = emission if "emission" in given else Emission.rate
            scaffold = scaffold if "scaffold" in given else Growth.published
            backend = backend if "backend" in given else Backend.engine
            integrator = integrator if "integrator" in given else Integrator.reference
            latent = latent if "latent" in given else 50
            cycles = cycles if "cycles" in given else 10_000
        settings = Settings(backend.value, latent, cycles, replay, seed, timestep, threads, learn_in_replay, integrator.value)
        neuron = NeuronParameters(emission=emission.value, spikes_per_rate=spikes_per_rate)
        parameters = Parameters(neuron=neuron, growth=GrowthParameters(method=scaffold.value), learning=learning)
        what = find_sequence(sequence)
        network = None if blueprint is None else Blueprint.load(blueprint)
        clash = sorted(given & {"latent", "seed", "emission", "spikes_per_rate", "scaffold", "preset"})
        if network is not None and clash:
            options = ", ".join("--" + name.replace("_", "-") for name in clash)
            raise ParameterError(f"{options} cannot go with --blueprint, which holds these itself: leave out one or the other.")
        with _progress_bar(cycles + replay + 1, cycles) as progress:
            summary = run_all(what, out, settings, parameters, network, progress, BEGIN)
    if as_json:
        _print_json(summary)
    else:
        _show(summary, out, files=True)


@app.command("replay")
def replay_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")],
    cycles: Annotated[
        int | None, typer.Option(help="Replay cycles; as many as in the run when not given.", min=1, show_default=False)
    ] = None,
    threads: ThreadsOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Replay a trained run without teaching it again. Writes nothing."""
    with _only_json_on_stdout(as_json), _one_clear_message():
        from elise_pynn import results
        from elise_pynn.run import replay_again

        settings = results.read_run(folder).settings
        with _progress_bar((cycles or settings.replay) + 1, 0) as progress:
            summary = replay_again(folder, cycles, threads, lambda done, r: progress(done - settings.cycles, r), BEGIN)
    if as_json:
        _print_json(summary)
    else:
        _show(summary, folder, files=False)


@app.command()
def doctor() -> None:
    """Print versions, the state of the NEST module, and the loader's error if there is one."""
    from elise_pynn.doctor import examine

    with _only_json_on_stdout(True):
        findings = examine()
    for finding in findings:
        mark = "[green]ok[/]" if finding.good else "[red]NO[/]"
        Console(soft_wrap=True, highlight=False).print(f"{mark}  {finding.what}: ", end="")
        Console(soft_wrap=True, highlight=False).print(finding.value, markup=False)
    if not all(finding.good for finding in findings):
        raise typer.Exit(1)


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
