"""The file of a checkpoint: where a training stands, from which it goes on as if it had never stopped.

A line with name, format and SHA-256 of what follows, then an ``.npz`` of arrays and one JSON text, without pickled objects.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from elise_pynn.quantity import ParameterError
from elise_pynn.wholefile import write_whole

FORMAT, NAME, KEPT = 1, "elise-checkpoint", 2
PATTERN = "checkpoint-*.elise"
ABOUT = "about"


class DamagedCheckpoint(ValueError):
    """A file that is no whole checkpoint."""


@dataclass(frozen=True)
class Checkpoint:
    """Where a training stands, at the end of a cycle.

    Attributes
    ----------
    cycle : int
        Number of cycles that are done.
    content : dict
        Plain values, all that decides the result of the run.
    versions : dict of str
        Of everything that can change a result.
    training : list of dict
        The free runs so far.
    seconds : float
        Wall time spent in the simulator so far.
    state : dict of ndarray
        Of the simulation.
    """

    cycle: int
    content: dict[str, Any]
    versions: dict[str, str]
    training: list[dict[str, Any]]
    seconds: float
    state: dict[str, np.ndarray]

    def to_bytes(self) -> bytes:
        """The content of the checkpoint's file."""
        about = {key: getattr(self, key) for key in ("cycle", "content", "versions", "training", "seconds")}
        archive = io.BytesIO()
        arrays: dict[str, Any] = {f"state.{name}": array for name, array in self.state.items()}
        np.savez(archive, allow_pickle=False, **{ABOUT: np.array(json.dumps(about)), **arrays})
        data = archive.getvalue()
        return f"{NAME} {FORMAT} {hashlib.sha256(data).hexdigest()}\n".encode() + data

    @classmethod
    def from_bytes(cls, data: bytes) -> Checkpoint:
        """Read a checkpoint; never unpickles.

        Raises
        ------
        DamagedCheckpoint
            When a byte is wrong or missing.
        ParameterError
            When it is of another format.
        """
        line, _, data = data.partition(b"\n")
        words = line.decode("ascii", "replace").split(" ")
        if len(words) != 3 or words[0] != NAME or not words[1].isdecimal():
            raise DamagedCheckpoint("it does not begin as a checkpoint does")
        if int(words[1]) != FORMAT:
            raise ParameterError(f"it has format {words[1]}, this version of elise-pynn reads format {FORMAT}")
        if hashlib.sha256(data).hexdigest() != words[2]:
            raise DamagedCheckpoint("its checksum is wrong")
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as archive:
                about = json.loads(str(archive[ABOUT]))
                state = {name.removeprefix("state."): archive[name] for name in archive.files if name != ABOUT}
            return cls(**about, state=state)
        except Exception as error:  # numpy, zipfile, zlib and the tokenizer of headers each raise their own
            raise DamagedCheckpoint(f"its content is none: {error}") from error


def checkpoints(folder: Path) -> list[Path]:
    """Files of checkpoints in a folder, the newest one first."""
    return sorted(folder.glob(PATTERN), reverse=True)


def keep(checkpoint: Checkpoint, folder: Path) -> None:
    """Write a checkpoint, and remove all but the last two.

    Raises
    ------
    OSError
        When it cannot be written; those before are all there then.
    """
    path = folder / PATTERN.replace("*", f"{checkpoint.cycle:08d}")
    write_whole(checkpoint.to_bytes(), path)
    for old in checkpoints(folder)[KEPT:]:
        old.unlink(missing_ok=True)


def newest(folder: Path) -> tuple[Checkpoint | None, list[str]]:
    """The newest good checkpoint of a folder, and what was wrong with newer ones.

    Raises
    ------
    ParameterError
        When there are checkpoints and none is good, or a newer version of elise-pynn wrote them.
    """
    wrong: list[str] = []
    for path in checkpoints(folder):
        try:
            return Checkpoint.from_bytes(path.read_bytes()), wrong
        except ParameterError as error:
            raise ParameterError(
                f"cannot go on from {path}: {error}. Go on with the version that wrote it, or give --out another folder."
            ) from error
        except (DamagedCheckpoint, OSError) as error:
            wrong.append(f"{path.name} is damaged ({getattr(error, 'strerror', None) or error})")
    if wrong:
        raise ParameterError(
            f"cannot go on in {folder}: {'; '.join(wrong)}. Delete {PATTERN} there to begin anew, or give --out another folder."
        )
    return None, wrong


def forget(folder: Path) -> None:
    """Remove all checkpoints of a folder, halves too."""
    for path in [*folder.glob(PATTERN), *folder.glob(PATTERN + ".part")]:
        path.unlink(missing_ok=True)
