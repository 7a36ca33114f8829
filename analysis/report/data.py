"""What a report shows, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Cycle:
    """One cycle as it was played.

    Attributes
    ----------
    label : str
    rates : ndarray, shape (channels, samples)
        1/ms.
    spike_times : ndarray
        ms from the beginning of the cycle.
    spike_neurons : ndarray of int
        Channels first, latent neurons behind them.
    number : int
        Of the replayed cycle, from 1 on; 0 for the cycle with the teacher.
    begin : float or None
        ms after the beginning of the first replayed cycle; None with the teacher.
    """

    label: str
    rates: np.ndarray
    spike_times: np.ndarray
    spike_neurons: np.ndarray
    number: int = 0
    begin: float | None = None


@dataclass(frozen=True)
class Sound:
    """A sound to be played in the page: what it is, the run's file that it comes from, its bytes, how many cycles it holds."""

    label: str
    name: str
    media: bytes
    cycles: float = 1.0
    kind: str = "audio/wav"


@dataclass(frozen=True)
class Value:
    """A setting or parameter: its value, the default in its place, unit and meaning."""

    name: str
    value: Any
    default: Any
    unit: str
    meaning: str

    @property
    def changed(self) -> bool:
        """Whether it differs from its default."""
        return self.value != self.default


@dataclass(frozen=True)
class ReportData:
    """Everything that a report shows of one run.

    Attributes
    ----------
    title : str
        Name of the sequence.
    folder : str
    identity : str
        The same for two reports of the same run only.
    summary : dict
        The run's settings and scores, as in ``run.json``.
    pattern : ndarray, shape (channels, steps)
    continuous : bool
        Whether any channel is, so that the pattern is not all notes.
    step_ms : float
    channels : tuple of str
    interval : float
        ms between samples; sample k lies (k + 1) `interval` after the beginning of a cycle.
    target : ndarray, shape (channels, samples)
        1/ms.
    cycles : tuple of Cycle
    weights_before, weights_after : ndarray, shape (neurons, neurons)
        mV, post x pre; `weights_before` may be None.
    edges : ndarray of int, shape (edges, 2)
        Of the scaffold: pre, post.
    values : dict of str to tuple of Value
        Settings and parameters by group.
    versions : dict of str to str
    command : str
        Repeats the run.
    language : str
        Of the command: ``bash`` or ``python``.
    sounds : tuple of Sound
    """

    title: str
    folder: str
    identity: str
    summary: dict[str, Any]
    pattern: np.ndarray
    continuous: bool
    step_ms: float
    channels: tuple[str, ...]
    interval: float
    target: np.ndarray
    cycles: tuple[Cycle, ...]
    weights_before: np.ndarray | None
    weights_after: np.ndarray
    edges: np.ndarray
    values: dict[str, tuple[Value, ...]]
    versions: dict[str, str]
    command: str
    language: str = "bash"
    sounds: tuple[Sound, ...] = field(default=())

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self.weights_after)

    @property
    def period(self) -> float:
        """Duration of one cycle in ms."""
        return self.pattern.shape[1] * self.step_ms
