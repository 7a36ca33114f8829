"""``elise sequence show``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from elise_pynn.cli.options import (
    ChannelsOption,
    JsonOption,
    OrderOption,
    PitchesOption,
    SequenceArgument,
    SequenceSeedOption,
    SpeedOption,
    StepOption,
    StepsOption,
    Timing,
    TimingOption,
    reading_of,
)  # fmt: skip
from elise_pynn.cli.screen import one_clear_message, only_json_on_stdout, print_json, print_line, print_pairs, print_pattern
from elise_pynn.quantity import ParameterError

app = typer.Typer(help="Look at sequences.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _app() -> None:
    """Look at sequences."""


@app.command()
def show(
    context: typer.Context,
    sequence: SequenceArgument,
    out: Annotated[Path | None, typer.Option(help="Picture to draw, .png or .svg.")] = None,
    step_ms: StepOption = 10.0,
    timing: TimingOption = Timing.grid,
    speed: SpeedOption = 1.0,
    pitches: PitchesOption = "",
    channels: ChannelsOption = 0,
    order: OrderOption = 2,
    steps: StepsOption = 24,
    sequence_seed: SequenceSeedOption = 1,
    as_json: JsonOption = False,
) -> None:
    """Draw a sequence; its size and ambiguity, and the network that it needs."""
    with only_json_on_stdout(as_json), one_clear_message():
        from elise_pynn import find_sequence
        from elise_pynn.recommendation import describe

        what = find_sequence(sequence, reading_of(context.params))
        summary = describe(what)
        if out:
            from elise_pynn.analysis.pattern_figure import pattern
            from elise_pynn.analysis.style import save

            figure = pattern(what.pattern, what.step_ms, what.channels, what.name)
            if out.exists():
                raise ParameterError(f"{out} is there already: give --out another file, or move it away.")
            try:
                save(figure, out)
            except (OSError, ValueError) as error:
                raise ParameterError(f"cannot draw {out}: {error}. Give --out a .png or .svg file in an existing folder.") from error
    if as_json:
        print_json(summary)
        return
    print_pattern(what.pattern, what.channels)
    recommended = summary["recommended"]
    growth = f"{recommended['method']} scaffold, the most promising of {recommended['draws']}"
    size = f"{summary['channels']} channels, {summary['steps']} steps of {summary['step_ms']:g} ms: {summary['period_ms']:g} ms"
    network = f"{recommended['latent']} latent neurons, {recommended['cycles']} cycles, {growth}"
    print_pairs([("sequence", size), ("kind", summary["kind"]), ("ambiguity", summary["ambiguity"]), ("recommended", network)])
    if out:
        print_line(f"drawn in {out}")
