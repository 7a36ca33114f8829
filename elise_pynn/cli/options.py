"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from elise_pynn.reading import Reading


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
    threshold = "threshold"
    rate = "rate"


class Growth(StrEnum):
    """How the scaffold grows."""

    tree = "tree"
    published = "published"


class DelayPolicy(StrEnum):
    """Where dendritic delays come from."""

    drawn = "drawn"
    fixed = "fixed"
    relay = "relay"


class Preset(StrEnum):
    """Settings that go together."""

    spiking = "spiking"
    paper = "paper"


class Timing(StrEnum):
    """How the notes of a MIDI file become steps."""

    grid = "grid"
    true = "true"


class Platform(StrEnum):
    """Neuromorphic platforms."""

    spinnaker = "spinnaker"
    brainscales2 = "brainscales2"
    demo = "demo"


SequenceArgument = Annotated[
    str,
    typer.Argument(
        metavar="SEQUENCE",
        help="fuer-elise, birdsong, random, or a file: MIDI (.mid), sound (.wav, .flac, .ogg), or a matrix (.csv, .npy) with one row "
        "per channel, one column per step, values 0 to 1.",
    ),
]
StepOption = Annotated[float, typer.Option(help="Duration of a step in ms.")]
TimingOption = Annotated[Timing, typer.Option(help="MIDI: its shortest notes become steps, or true time.")]
SpeedOption = Annotated[float, typer.Option(help="MIDI in true time: so many times as fast.")]
PitchesOption = Annotated[str, typer.Option(help="MIDI: move notes by octaves into a range.", metavar="C4:B5", show_default=False)]
ChannelsOption = Annotated[int, typer.Option(help="Channels of a sound (0: 24) or a random sequence (0: 8).")]
OrderOption = Annotated[int, typer.Option(help="random: elements that it takes to know the next one.")]
StepsOption = Annotated[int, typer.Option(help="random: number of steps.")]
SequenceSeedOption = Annotated[int, typer.Option(help="random: which sequence.")]
#: the options above by name
READING = ("step_ms", "timing", "speed", "pitches", "channels", "order", "steps", "sequence_seed")


def reading_of(parameters: dict[str, Any]) -> Reading:
    """The choices for reading a sequence among a command's parameters."""
    return Reading(**{name: getattr(parameters[name], "value", parameters[name]) for name in READING})


JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object to standard output and nothing else.")]
ThreadsOption = Annotated[int, typer.Option(help="Threads of NEST; pay from thousands of neurons on.", min=1, max=1024)]
PresetOption = Annotated[
    Preset, typer.Option(help="paper: the published rate model (engine), constant learning rate, published scaffold, 10 000 cycles.")
]
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")]
