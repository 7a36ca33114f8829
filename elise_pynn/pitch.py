"""Pitches by name, MIDI number and frequency."""

from __future__ import annotations

import re

import numpy as np

from elise_pynn.quantity import ParameterError

NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
#: A4, MIDI number 69
CONCERT_PITCH = 440.0


def pitch_name(number: int) -> str:
    """Name of a MIDI number: 60 is C4."""
    return f"{NAMES[number % 12]}{number // 12 - 1}"


def pitch_number(name: str) -> int:
    """MIDI number of a name such as C4, F#3, Bb5, or of digits.

    Raises
    ------
    ParameterError
        When it names no pitch from 0 to 127.
    """
    found = re.fullmatch(r"([A-Ga-g])([#b]?)(-?\d)|(\d{1,3})", name.strip())
    number = -1
    if found:
        letter, sign, octave, digits = found.groups()
        number = int(digits) if digits else NAMES.index(letter.upper()) + {"": 0, "#": 1, "b": -1}[sign] + 12 * (int(octave) + 1)
    if not 0 <= number <= 127:
        raise ParameterError(f"{name!r} is no pitch: give a name such as C4 or F#3, or a MIDI number from 0 to 127.")
    return number


def pitch_frequency(number: float) -> float:
    """Frequency in Hz of a MIDI number, in equal temperament."""
    return float(CONCERT_PITCH * 2 ** ((number - 69) / 12))


def nearest_pitch(frequency: float) -> int:
    """MIDI number nearest to a frequency in Hz."""
    return int(np.clip(round(69 + 12 * np.log2(frequency / CONCERT_PITCH)), 0, 127))
