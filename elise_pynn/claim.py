"""Holding a folder for one run, new or interrupted."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from elise_pynn.checkpoint import PATTERN, checkpoints
from elise_pynn.points import DEFINITION
from elise_pynn.quantity import ParameterError

LOCK = "run.lock"


def unwritable(folder: Path, error: Exception, begun: bool = False) -> ParameterError:
    """What to say when a folder does not take what is to be written; `begun` says that a run has been at work for a while."""
    what = getattr(error, "strerror", None) or error
    help = "Free space or give it back, then go on with --resume" if begun else "Give --out a folder that you may write to"
    return ParameterError(f"cannot write to {folder}: {what}. {help}.")


@contextmanager
def claimed(folder: str | os.PathLike, files: tuple[str, ...], resume: bool = False) -> Iterator[None]:
    """Create a folder, or take up one in which a run was interrupted, and hold it; the lock falls with the process.

    Parameters
    ----------
    folder : path
    files : tuple of str
        Names of what a run leaves.
    resume : bool
        Go on where a run was interrupted.

    Raises
    ------
    ParameterError
        When it holds a run or any file that a run would write, another run is at work there, or it cannot be written to.
    """
    folder = Path(folder)
    if (folder / DEFINITION).exists():
        raise ParameterError(f"{folder} holds a sweep or an experiment: give --out another folder.")
    _refuse_results(folder, files, resume)
    lock = _locked(folder)
    try:
        _refuse_results(folder, files, resume)  # another run may have ended here just now
        yield
    finally:
        (folder / LOCK).unlink(missing_ok=True)
        os.close(lock)


def _refuse_results(folder: Path, files: tuple[str, ...], resume: bool) -> None:
    there = [name for name in files if (folder / name).exists()]
    interrupted = bool(checkpoints(folder))
    if there and not (resume and interrupted):
        complete = " It is complete, there is nothing to resume." if resume else ""
        names = ", ".join(there)
        raise ParameterError(f"{folder} holds a run already ({names}).{complete} Give --out another folder, or move these files away.")
    if interrupted and not resume:
        raise ParameterError(f"{folder} holds an interrupted run: add --resume to go on, or delete {PATTERN} there, or give another --out.")


def _locked(folder: Path) -> int:
    """Lock the folder's lock file, which stays when a process is killed; the lock does not."""
    path = folder / LOCK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            lock = os.open(path, os.O_CREAT | os.O_WRONLY, 0o666)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if path.exists() and os.path.samestat(os.fstat(lock), path.stat()):
                    return lock
            except BlockingIOError:
                os.close(lock)
                raise ParameterError(f"another run is at work in {folder}: give --out another folder, or wait for it to end.") from None
            os.close(lock)  # another run has just ended and removed it
    except FileExistsError as error:
        raise ParameterError(f"cannot write to {folder}: it is no folder. Give --out a folder.") from error
    except OSError as error:
        raise unwritable(folder, error) from error
