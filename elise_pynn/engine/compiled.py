"""Compiled code that belongs to older sources is thrown away.

Numba keeps compiled functions on disk and looks only at the file of each function, not at the files of the functions that it calls. So
that neither an upgrade nor an edit runs old code, a note of all sources stands beside what was compiled.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

NOTE = "elise-engine.sha256"


def digest(sources: Path) -> str:
    """Digest of all Python files of a folder."""
    found = hashlib.sha256()
    for path in sorted(sources.glob("*.py")):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def forget_stale(cache: Path, sources: Path) -> None:
    """Remove compiled functions of the modules in `sources` from `cache`, if these are not the sources that they were compiled from.

    A cache that cannot be written to is left alone: numba does not use it either.
    """
    now, note = digest(sources), cache / NOTE
    try:
        if note.exists() and note.read_text() == now:
            return
        for module in sources.glob("*.py"):
            for path in cache.glob(f"{module.stem}.*.nb[ic]"):
                path.unlink(missing_ok=True)
        cache.mkdir(parents=True, exist_ok=True)
        note.write_text(now)
    except OSError:
        return
