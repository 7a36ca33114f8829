"""How a file or a name becomes a sequence: what the user may choose."""

from __future__ import annotations

from dataclasses import dataclass

from elise_pynn.quantity import ParameterError, check, quantity
from elise_pynn.sequence import Sequence

#: files and sequences that are larger are refused: bytes, channels, values of a pattern, ms of a cycle
MOST_BYTES, MOST_CHANNELS, MOST_VALUES, LONGEST_MS = 8_000_000, 500, 200_000, 60_000.0


@dataclass(frozen=True)
class Reading:
    """Choices for reading a sequence; those that a source has no use for are ignored."""

    step_ms: float = quantity(10.0, "ms", "duration of a step", low=1, high=1000)
    timing: str = quantity("grid", "1", "MIDI: its shortest notes become steps, or true time in ms", choices=("grid", "true"))
    speed: float = quantity(1.0, "1", "MIDI in true time: so many times as fast", low=0.01, high=1000)
    pitches: str = ""  #: MIDI: range like C4:B5, into which notes outside are moved by octaves
    channels: int = quantity(0, "1", "channels of a sound or a random sequence; 0: 24 and 8", low=0, high=MOST_CHANNELS)
    order: int = quantity(2, "1", "random: elements that it takes to know the next one", low=1, high=20)
    steps: int = quantity(24, "1", "random: steps", low=2, high=1000)
    sequence_seed: int = quantity(1, "1", "random: which sequence", low=0, high=2**31 - 2)

    def __post_init__(self) -> None:
        check(self)


def check_size(sequence: Sequence) -> Sequence:
    """Return the sequence, unless it is empty or larger than what can be taught here."""
    channels, steps = sequence.pattern.shape
    if not sequence.pattern.any():
        raise ParameterError(f"{sequence.name} is silent, all values are 0: give a sequence with something in it.")
    if channels > MOST_CHANNELS or channels * steps > MOST_VALUES or sequence.period > LONGEST_MS:
        raise ParameterError(
            f"{sequence.name} has {channels} channels and {steps} steps of {sequence.step_ms:g} ms: give at most {MOST_CHANNELS} channels, "
            f"{MOST_VALUES} values in all and a cycle of {LONGEST_MS / 1000:g} s."
        )
    return sequence
