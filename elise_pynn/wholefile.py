"""Writing a file so that it is there whole or not at all, whatever happens."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(data: bytes, path: Path) -> None:
    """Write a file that appears whole or not at all, and survives a loss of power; what it replaces stays until then.

    Raises
    ------
    OSError
        When it cannot be written; nothing is left of it then.
    """
    part = path.with_name(path.name + ".part")
    try:
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
