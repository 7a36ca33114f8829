"""Small runs for the tests of reports."""

from __future__ import annotations

import numpy as np
import soundfile

from elise_pynn import Sequence, fuer_elise
from elise_pynn.presets import configure
from elise_pynn.run import run

EVIL = """</script><script>document.title="evil"</script>"'&<b>"""


def small_run(folder, sequence=None, preset="spiking", **given):
    """Teach a very small network on the engine."""
    chosen = {"backend": "engine", "latent": 12, "cycles": 21, "replay": 3, **({"timestep": 1.0} if preset == "spiking" else {}), **given}
    run(sequence or fuer_elise(), folder, *configure(preset, **chosen))
    return folder


def write_tone(path, seconds=2.0, rate=8000):
    """Write a WAV file of a tone."""
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate), rate)


def evil_sequence():
    """A sequence whose names would break out of HTML, attributes and scripts."""
    return Sequence(EVIL, np.eye(3, 6), channels=(EVIL, "\u2028'quoted\"", "${1}{{ 7 * 7 }}"))


def continuous_sequence():
    """A sequence of continuous channels."""
    return Sequence("waves", 0.5 + 0.45 * np.sin(np.linspace(0, 6, 20) + np.arange(4)[:, None]))
