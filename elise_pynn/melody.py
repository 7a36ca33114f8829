"""The melody of the paper."""

from __future__ import annotations

import numpy as np

from elise_pynn.pitch import pitch_frequency, pitch_number
from elise_pynn.sequence import Sequence

#: right and left hand of the first theme with its second ending, in sixteenths; "A4+A2" are two notes at once
SCORE = "E5 D#5 E5 D#5 E5 B4 D5 C5  A4+A2 A4+E3 A4+A3 C4 E4 A4  B4+E2 B4+E3 B4+G#3 E4 C5 B4  A4+A2 A4+E3 A4+A3 E4 E4"
#: how long a sixteenth lasts when it is heard, in ms
HEARD_MS = 150.0


def fuer_elise() -> Sequence:
    """The first theme of Beethoven's Für Elise: 13 channels, 25 steps of 10 ms."""
    steps = [step.split("+") for step in SCORE.split()]
    channels = tuple(sorted({note for step in steps for note in step}, key=pitch_number))
    pattern = np.array([[note in step for step in steps] for note in channels], dtype=float)
    frequencies = tuple(pitch_frequency(pitch_number(note)) for note in channels)
    return Sequence("fuer-elise", pattern, 10.0, channels, frequencies, heard_ms=HEARD_MS)
