"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


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


SequenceArgument = Annotated[
    str,
    typer.Argument(metavar="SEQUENCE", help="'fuer-elise', or a .csv or .npy file: one row per channel, one column per step, 0 or 1."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object to standard output and nothing else.")]
ThreadsOption = Annotated[int, typer.Option(help="Threads of NEST; pay from thousands of neurons on.", min=1, max=1024)]
PresetOption = Annotated[
    Preset, typer.Option(help="paper: the published rate model (engine), constant learning rate, published scaffold, 10 000 cycles.")
]
FolderArgument = Annotated[Path, typer.Argument(metavar="DIR", help="Folder of a run.")]
