"""The pattern of a sequence as a piano roll of rectangles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

#: patterns of more cells that are on are not drawn
CELLS = 12_000


@dataclass(frozen=True)
class Note:
    """A rectangle: channel, first step, number of steps, value."""

    channel: int
    step: int
    steps: int
    value: float


def notes_of(pattern: np.ndarray) -> list[Note] | None:
    """Return runs of equal values above 0, channel by channel; None when there are too many to draw."""
    if np.count_nonzero(pattern) > CELLS:
        return None
    notes = []
    for channel, row in enumerate(pattern):
        begins = np.flatnonzero(np.diff(row, prepend=np.nan))
        ends = np.append(begins[1:], len(row))
        notes += [Note(channel, int(b), int(e - b), float(row[b])) for b, e in zip(begins, ends, strict=True) if row[b] > 0]
    return notes
