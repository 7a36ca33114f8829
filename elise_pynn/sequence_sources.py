"""Sequences by name: built-in ones and files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

from elise_pynn.birdsong import birdsong
from elise_pynn.matrix_file import read_matrix
from elise_pynn.melody import fuer_elise
from elise_pynn.midi_file import read_midi
from elise_pynn.quantity import ParameterError
from elise_pynn.random_sequence import random_sequence
from elise_pynn.reading import MOST_BYTES, Reading, check_size
from elise_pynn.sequence import Sequence
from elise_pynn.sound_file import CHANNELS, read_sound

#: channels of a random sequence when none are asked for
RANDOM_CHANNELS = 8
#: built-in sequences by name
BUILT_IN: dict[str, Callable[[Reading], Sequence]] = {
    "fuer-elise": lambda reading: replace(fuer_elise(), step_ms=reading.step_ms),
    "birdsong": lambda reading: birdsong(reading.channels or CHANNELS, reading.step_ms),
    "random": lambda reading: random_sequence(
        reading.order, reading.channels or RANDOM_CHANNELS, reading.steps, reading.sequence_seed, reading.step_ms
    ),
}
#: readers of files by the ends of their names
READERS: dict[str, Callable[[Path, Reading], Sequence]] = {
    **dict.fromkeys((".csv", ".npy"), read_matrix),
    **dict.fromkeys((".mid", ".midi"), read_midi),
    **dict.fromkeys((".wav", ".flac", ".ogg"), read_sound),
}


#: the choices that sources have a use for, besides the duration of a step
USES = {
    "birdsong": {"channels"},
    "random": {"channels", "order", "steps", "sequence_seed"},
    **{key: {"timing", "speed", "pitches"} for key in (".mid", ".midi")},
    **{key: {"channels"} for key in (".wav", ".flac", ".ogg")},
}


def _check_use(source: str, reading: Reading) -> None:
    """Refuse choices that would do nothing."""
    chosen = {field.name for field in fields(reading) if getattr(reading, field.name) != field.default} - {"step_ms"}
    useless = chosen - USES.get(source, set())
    if reading.timing == "grid":
        useless |= chosen & {"speed"}
    if useless:
        names = ", ".join("--" + name.replace("_", "-") for name in sorted(useless))
        raise ParameterError(f"{names} does nothing for {source}{' on the grid' if useless == {'speed'} else ''}: leave it out.")


def find_sequence(name: str, reading: Reading | None = None) -> Sequence:
    """Return the sequence of a name or of a file.

    Parameters
    ----------
    name : str
        ``fuer-elise``, ``birdsong``, ``random``, or the path of a file: MIDI (.mid), sound (.wav, .flac, .ogg), or a matrix (.csv, .npy)
        with one row per channel and one column per step, values 0 to 1.
    reading : Reading, optional
        How to read it.

    Raises
    ------
    ParameterError
        When there is no such sequence, the file holds none, or it is too large.
    """
    reading = reading or Reading()
    if name in BUILT_IN:
        _check_use(name, reading)
        return check_size(BUILT_IN[name](reading))
    path = Path(name)
    ending = path.suffix.lower()
    reader = READERS.get(ending)
    if path.is_file() and reader is None:
        raise ParameterError(f"{path} is of no kind that can be read: give one of {', '.join(READERS)}.")
    if reader is None or not path.is_file():
        raise ParameterError(
            f"there is no sequence {name!r}: give one of {', '.join(BUILT_IN)}, or an existing file: {', '.join(READERS)} "
            "(.csv and .npy: one row per channel, one column per step, values 0 to 1)."
        )
    if path.stat().st_size > MOST_BYTES:
        raise ParameterError(f"{path} is too large, {path.stat().st_size / 1e6:.1f} MB: give a file below {MOST_BYTES / 1e6:g} MB.")
    _check_use(ending, reading)
    return check_size(reader(path, reading))
