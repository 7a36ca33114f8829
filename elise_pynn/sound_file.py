"""Sound files, in and out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from elise_pynn.quantity import ParameterError
from elise_pynn.reading import Reading
from elise_pynn.sequence import Sequence
from elise_pynn.sound import SAMPLE_RATE, sound_to_sequence

#: channels when none are asked for; the longest sound in s; sampling rates in Hz
CHANNELS, LONGEST_S, RATES = 24, 20.0, (4_000, 400_000)
#: samples of all tracks together
MOST_SAMPLES = 20_000_000


def read_sound(path: Path, reading: Reading) -> Sequence:
    """Read a WAV, FLAC or OGG file as time-frequency channels; several tracks are added up.

    Raises
    ------
    ParameterError
        When the file holds no sound, or one that is too long.
    """
    import soundfile

    try:
        with soundfile.SoundFile(path) as file:
            rate, duration = file.samplerate, file.frames / max(file.samplerate, 1)
            if not RATES[0] <= rate <= RATES[1] or duration > LONGEST_S:
                raise ValueError(f"{duration:.3g} s at {rate} Hz; it may last {LONGEST_S:g} s, at {RATES[0]} to {RATES[1]} Hz")
            if file.frames * file.channels > MOST_SAMPLES:
                raise ValueError(f"{file.channels} tracks of {duration:.3g} s are too much")
            sound = file.read(dtype="float64", always_2d=True).mean(axis=1)
    except (RuntimeError, ValueError, OSError, MemoryError, TypeError) as error:
        raise ParameterError(
            f"{path} holds no sound that can be taught: {str(error).rstrip('.')}. Give a WAV, FLAC or OGG file."
        ) from error
    try:
        return sound_to_sequence(path.stem, sound, rate, reading.channels or CHANNELS, reading.step_ms)
    except ParameterError as error:
        raise ParameterError(f"{path}: {error}") from error


def write_sound(path: Path, sound: np.ndarray) -> None:
    """Write samples from -1 to 1 at `SAMPLE_RATE` as a WAV file of 16 bits."""
    import soundfile

    soundfile.write(path, sound, SAMPLE_RATE, subtype="PCM_16", format="WAV")
