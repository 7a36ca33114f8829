"""What a protocol asks of a simulated network, whatever simulates it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from elise_pynn.blueprint import Blueprint
from elise_pynn.quantity import ParameterError
from elise_pynn.sequence import Sequence

#: all channels of a sequence
ALL = slice(None)
#: scores use samples every so many ms, or every time step if that is longer
SCORE_INTERVAL = 0.2


@dataclass(frozen=True)
class Activity:
    """What was recorded over a stretch of time.

    Attributes
    ----------
    start, duration : float
        ms of simulated time.
    interval : float
        Sampling interval of `rates` in ms; sample k lies at start + (k + 1) interval.
    rates : ndarray, shape (visible, samples)
        phi(u) in 1/ms.
    spike_times : ndarray
        ms from `start`.
    spike_neurons : ndarray of int
        Neuron numbers as in the blueprint.
    """

    start: float
    duration: float
    interval: float
    rates: np.ndarray
    spike_times: np.ndarray
    spike_neurons: np.ndarray


class Simulation(Protocol):
    """A network that can be taught and replayed, on whatever backend."""

    timestep: float
    interval: float
    seconds: float  #: wall time spent in the simulator's run so far

    def nudge(self, strength: float, channels: slice = ALL) -> None:
        """Set the teacher's strength lambda, of all channels or of some."""

    def learn(self, gain: float) -> None:
        """Set the gain of all learning rates; 0 freezes the weights."""

    def show(self, target: np.ndarray) -> None:
        """Replace the teacher's target potential, shape (visible, steps of a cycle), mV."""

    def hold(self, neurons: slice, potential: float | None) -> None:
        """Hold the somata of `neurons` at a potential in mV; None lets them go."""

    def run(self, duration: float) -> None:
        """Simulate `duration` ms."""

    def record(self) -> None:
        """Record from now on."""

    def take(self) -> Activity:
        """Stop recording and return what was recorded."""

    def mark(self, cycle: int) -> None:
        """Draw what is random from now on by the seed and the cycle's number, where the state does not hold the random numbers."""

    def state(self) -> dict[str, np.ndarray]:
        """All that decides how the simulation goes on; to be called when nothing is being recorded, after a run."""

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go on from a state that `state` returned, to the same bits; to be called on a freshly built simulation of the same network."""

    def dendrites(self) -> np.ndarray:
        """Present dendritic potentials, mV."""

    def weights(self) -> np.ndarray:
        """Present dendritic weights, post x pre."""


def score_interval(timestep: float, samples: int, near: float = SCORE_INTERVAL) -> float:
    """Sampling interval for scores in ms: near `near`, a multiple of the time step, and a divisor of the cycle of `samples` steps."""
    every = max(1, round(near / timestep))
    while samples % every:
        every -= 1
    return every * timestep


def check_fit(blueprint: Blueprint, sequence: Sequence) -> None:
    """Raise ParameterError when a sequence has not one channel per visible neuron."""
    if sequence.n_channels != blueprint.visible:
        raise ParameterError(
            f"the sequence {sequence.name} has {sequence.n_channels} channels, the blueprint {blueprint.visible} visible neurons: "
            "give a blueprint and a sequence of the same number."
        )
