"""Every reader of files as a function of bytes that lets through only what is not foreseen."""

from __future__ import annotations

import mido  # noqa: F401  instrumented with the others by the fuzzer

from elise_pynn import Blueprint, ParameterError, find_sequence, make_blueprint, matrix_file, midi_file, sound_file  # noqa: F401
from elise_pynn.checkpoint import Checkpoint, DamagedCheckpoint
from elise_pynn.results import read_run

KINDS = ("npy", "csv", "mid", "wav", "blueprint", "checkpoint", "run")


def reader(kind, folder):
    """A function of bytes, which reads them from a file in `folder`."""
    path = folder / {"run": "run.json", "blueprint": "a.npz"}.get(kind, f"a.{kind}")
    if kind == "run":
        make_blueprint(2, 3).save(folder / "blueprint.npz")

    def read(data):
        path.write_bytes(data)
        try:
            if kind == "checkpoint":
                Checkpoint.from_bytes(data)
            elif kind == "blueprint":
                Blueprint.load(path)
            elif kind == "run":
                read_run(folder)
            else:
                find_sequence(str(path))
        except ParameterError as error:
            assert len(str(error)) < 1500
        except DamagedCheckpoint:
            assert kind == "checkpoint"

    return read
