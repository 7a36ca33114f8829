"""``elise run`` and ``elise replay``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from elise_pynn.cli.clock import BEGIN
from elise_pynn.cli.options import (
    READING,
    Backend,
    ChannelsOption,
    DelayPolicy,
    Emission,
    FolderArgument,
    Growth,
    Integrator,
    JsonOption,
    OrderOption,
    PitchesOption,
    Preset,
    PresetOption,
    SequenceArgument,
    SequenceSeedOption,
    SpeedOption,
    StepOption,
    StepsOption,
    ThreadsOption,
    Timing,
    TimingOption,
    reading_of,
)  # fmt: skip
from elise_pynn.cli.screen import bar, one_clear_message, only_json_on_stdout, print_json, print_line, print_notice, print_pairs
from elise_pynn.quantity import ParameterError

#: options of `run` that a blueprint holds itself
OF_BLUEPRINT = {"latent", "draws", "seed", "emission", "spikes_per_rate", "scaffold", "delay_policy", "preset"}
#: options of `run` that are neither settings nor parameters
NOT_SETTINGS = {"sequence", "out", "blueprint", "preset", "as_json", "resume", "checkpoint_every", *READING}


@contextmanager
def _cycles_bar(total: int, training: int) -> Iterator[Any]:
    with bar("cycles", "free run r = {task.fields[correlation]}") as progress:
        task = progress.add_task("teach" if training else "replay", total=total, correlation="-")

        def update(done: int, correlation: float | None) -> None:
            if correlation is not None:
                progress.update(task, correlation=f"{correlation:.3f}")
            progress.update(task, completed=done, description="teach" if done < training else "replay")

        yield update


def _show(summary: dict[str, Any]) -> None:
    replay, seconds = summary["replay"], summary["seconds"]
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
    print_pairs(rows)


def run(
    context: typer.Context,
    sequence: SequenceArgument,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the results; must not hold a run. Without it only the scores are printed.")
    ] = None,
    backend: Annotated[Backend, typer.Option(help="Simulator.")] = Backend.nest,
    latent: Annotated[int, typer.Option(help="Number of latent neurons. [default: recommended]", min=0, show_default=False)] = 100,
    cycles: Annotated[
        int, typer.Option(help="Training cycles; the learning rate follows their number. [default: recommended]", min=1, show_default=False)
    ] = 1000,
    replay: Annotated[int, typer.Option(help="Replay cycles.", min=1)] = 30,
    seed: Annotated[int, typer.Option(help="Seed of scaffold, delays, weights and phases.", min=0)] = 1,
    timestep: Annotated[float, typer.Option(help="Time step in ms, 0.01 to 1.0.")] = 0.1,
    emission: Annotated[
        Emission,
        typer.Option(
            help="Spikes: deterministic (integrate), stochastic (escape), of integrate-and-fire cells (threshold); none: rate (engine)."
        ),
    ] = Emission.integrate,
    spikes_per_rate: Annotated[float, typer.Option(help="K: spikes per ms at unit rate.")] = 1.0,
    scaffold: Annotated[
        Growth, typer.Option(help="Way in which the scaffold grows. [default: recommended]", show_default=False)
    ] = Growth.tree,
    delay_policy: Annotated[
        DelayPolicy, typer.Option(help="Dendritic delays: drawn, or those of a chip that has one delay only (fixed) and relays (relay).")
    ] = DelayPolicy.drawn,
    draws: Annotated[
        int, typer.Option(help="Networks grown, of which the most promising is taught. [default: recommended]", min=1, show_default=False)
    ] = 1,
    blueprint: Annotated[Path | None, typer.Option(help="Network to teach, instead of growing one.", show_default=False)] = None,
    threads: ThreadsOption = 1,
    integrator: Annotated[
        Integrator, typer.Option(help="Engine only: reference is the published order, explicit Euler.")
    ] = Integrator.exponential,
    preset: PresetOption = Preset.spiking,
    step_ms: StepOption = 10.0,
    timing: TimingOption = Timing.grid,
    speed: SpeedOption = 1.0,
    pitches: PitchesOption = "",
    channels: ChannelsOption = 0,
    order: OrderOption = 2,
    steps: StepsOption = 24,
    sequence_seed: SequenceSeedOption = 1,
    learn_in_replay: Annotated[bool, typer.Option(help="Leave learning on during replay.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the interrupted run in --out, to the same bits.")] = False,
    checkpoint_every: Annotated[
        float, typer.Option(help="Seconds between checkpoints, from which --resume goes on; 0: none.", metavar="SECONDS")
    ] = 60.0,
    as_json: JsonOption = False,
) -> None:
    """Teach a network a sequence, replay it, and leave scores, network, recording, pictures and sound in a folder.

    What is recommended for the sequence, `elise sequence show` tells.
    """
    with only_json_on_stdout(as_json), one_clear_message():
        from elise_pynn import Blueprint, find_sequence
        from elise_pynn.recommendation import configure_for
        from elise_pynn.results import FILES
        from elise_pynn.run import run as run_all

        given = {name for name in context.params if str(context.get_parameter_source(name)).endswith("COMMANDLINE")}
        what = find_sequence(sequence, reading_of(context.params))
        chosen = {name: context.params[name] for name in given - NOT_SETTINGS}
        values = {name: getattr(value, "value", value) for name, value in chosen.items()}
        settings, parameters = configure_for(what, preset.value, **values)
        network = None if blueprint is None else Blueprint.load(blueprint)
        if network is not None and given & OF_BLUEPRINT:
            options = ", ".join("--" + name.replace("_", "-") for name in sorted(given & OF_BLUEPRINT))
            raise ParameterError(f"{options} cannot go with --blueprint, which holds these itself: leave out one or the other.")
        with _cycles_bar(settings.cycles + settings.replay + 1, settings.cycles) as progress:
            summary = run_all(what, out, settings, parameters, network, progress, BEGIN, resume, checkpoint_every, print_notice)
    if as_json:
        print_json(summary)
    else:
        _show(summary)
        kept = ", ".join(name for name in FILES if out and (out / name).exists())
        print_line(f"in {out}: {kept}" if out else "nothing was kept: give --out DIR to keep the network and its recording")


def replay(
    folder: FolderArgument,
    cycles: Annotated[
        int | None, typer.Option(help="Replay cycles; as many as in the run when not given.", min=1, show_default=False)
    ] = None,
    threads: ThreadsOption = 1,
    backend: Annotated[Backend | None, typer.Option(help="Simulator; that of the run when not given.", show_default=False)] = None,
    emission: Annotated[Emission | None, typer.Option(help="As in the run when not given.", show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Replay a trained run without teaching it again, also elsewhere than it was taught. Writes nothing."""
    with only_json_on_stdout(as_json), one_clear_message():
        from elise_pynn.results import read_run
        from elise_pynn.run import replay_again

        done = read_run(folder)
        with _cycles_bar((cycles or done.settings.replay) + 1, 0) as progress:
            summary = replay_again(
                done,
                cycles,
                threads,
                lambda n, r: progress(n - done.settings.cycles, r),
                BEGIN,
                backend and backend.value,
                emission and emission.value,
                print_notice,
            )
    if as_json:
        print_json(summary)
    else:
        _show(summary)
