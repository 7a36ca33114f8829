"""Sequences to be taught: patterns of channels and steps, and the target potentials that they become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from elise_pynn.parameters import NeuronParameters
from elise_pynn.quantity import ParameterError
from elise_pynn.sequence_view import sequence_html

#: height of the target potential above E_L in mV
AMPLITUDE = 20.0
#: slope of the logistic ramps in 1/ms and their shift against a note's onset in ms
RAMP_SLOPE, RAMP_SHIFT = 1.0, 0.7


@dataclass(frozen=True)
class Sequence:
    """A cyclic pattern.

    Attributes
    ----------
    name : str
    pattern : ndarray, shape (channels, steps)
        Values from 0 to 1. A channel that holds only 0 and 1 plays notes; several may be on in a step, or none. Any other channel, and
        any at all when `graded`, is continuous: its values are those in the middle of the steps, with straight lines between.
    step_ms : float
        Duration of a step.
    channels : tuple of str
        Names of the channels, e.g. pitches.
    frequencies : tuple of float
        Pitch of each channel in Hz; empty when the sequence is no sound.
    low : float or None
        Target potential of value 0 in mV; None: E_L.
    amplitude : float
        Target potential of value 1 above that of value 0, in mV.
    graded : bool
        Channels of 0 and 1 are continuous, too.
    heard_ms : float
        How long a step lasts when the sequence is made to be heard; 0: as long as it is.
    """

    name: str
    pattern: np.ndarray
    step_ms: float = 10.0
    channels: tuple[str, ...] = ()
    frequencies: tuple[float, ...] = ()
    low: float | None = None
    amplitude: float = AMPLITUDE
    heard_ms: float = 0.0
    graded: bool = False

    def __post_init__(self) -> None:
        pattern = np.asarray(self.pattern, dtype=float)
        if pattern.ndim != 2 or 0 in pattern.shape:
            raise ParameterError(f"pattern of shape {pattern.shape}: give a matrix of channels x steps, at least 1 x 1.")
        if not ((pattern >= 0) & (pattern <= 1)).all():
            raise ParameterError("pattern with values that are no numbers from 0 to 1: give 1 where a channel is on, 0 where it is off.")
        if not 0 < self.step_ms < np.inf:
            raise ParameterError(f"step_ms = {self.step_ms} is not allowed: give a duration above 0 ms.")
        if not np.isfinite([self.low or 0.0, self.amplitude]).all() or self.amplitude <= 0:
            raise ParameterError(f"low = {self.low}, amplitude = {self.amplitude} is not allowed: give finite mV, the amplitude above 0.")
        names = self.channels or tuple(str(i) for i in range(len(pattern)))
        if len(names) != len(pattern):
            raise ParameterError(f"{len(names)} channel names for {len(pattern)} channels: give one name per row of the pattern.")
        if self.frequencies and len(self.frequencies) != len(pattern):
            raise ParameterError(
                f"{len(self.frequencies)} frequencies for {len(pattern)} channels: give one per row of the pattern, or none."
            )
        object.__setattr__(self, "pattern", pattern)
        object.__setattr__(self, "channels", names)

    def _repr_html_(self) -> str:
        return sequence_html(self.name, self.pattern, self.step_ms, self.channels)

    @property
    def n_channels(self) -> int:
        """Number of channels, one visible neuron each."""
        return self.pattern.shape[0]

    @property
    def period(self) -> float:
        """Duration of one cycle in ms."""
        return self.pattern.shape[1] * self.step_ms

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, fit for JSON."""
        return {
            "name": self.name,
            "pattern": self.pattern.tolist(),
            "step_ms": self.step_ms,
            "channels": list(self.channels),
            "frequencies": list(self.frequencies),
            "low": self.low,
            "amplitude": self.amplitude,
            "heard_ms": self.heard_ms,
            "graded": self.graded,
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Sequence:
        """Inverse of `to_dict`."""
        plain = {**values, "channels": tuple(values["channels"]), "frequencies": tuple(values.get("frequencies", ()))}
        return cls(**{**plain, "pattern": np.array(values["pattern"])})

    @classmethod
    def from_potentials(
        cls, name: str, potentials: np.ndarray, step_ms: float, channels: tuple[str, ...] = (), frequencies: tuple[float, ...] = ()
    ) -> Sequence:
        """Return a sequence with any target u*(t).

        Parameters
        ----------
        name : str
        potentials : ndarray, shape (channels, samples)
            u* of one cycle in mV, in the middle of each step.
        step_ms : float
            Sampling interval; the target runs straight from sample to sample.
        channels, frequencies : tuple, optional
        """
        u = np.asarray(potentials, dtype=float)
        if u.ndim != 2 or 0 in u.shape or not np.isfinite(u).all():
            raise ParameterError(f"potentials of shape {u.shape}: give finite mV, a row per channel, a column per sample.")
        low, amplitude = float(u.min()), float(np.ptp(u)) or 1.0
        return cls(name, np.clip((u - low) / amplitude, 0, 1), step_ms, channels, frequencies, low, amplitude, graded=True)

    @property
    def continuous(self) -> np.ndarray:
        """Which channels are continuous, bool, shape (channels,)."""
        return np.any((self.pattern > 0) & (self.pattern < 1), axis=1) | self.graded

    def notes(self) -> list[tuple[int, int, int]]:
        """Return the maximal cyclic runs of ones as (channel, first step, number of steps), ordered by channel and step.

        Continuous channels have none.
        """
        found = []
        n = self.pattern.shape[1]
        for channel, row in enumerate((self.pattern > 0) & ~self.continuous[:, None]):
            if row.all():
                found.append((channel, 0, n))
                continue
            for first in np.flatnonzero(row & ~np.roll(row, 1)):
                length = 1
                while row[(first + length) % n]:
                    length += 1
                found.append((channel, int(first), length))
        return found

    def target(self, timestep: float, neuron: NeuronParameters | None = None) -> np.ndarray:
        """Target potential u* of one cycle.

        Each note is a logistic ramp that begins a third of a step before the note and a mirrored one that ends a third of a step after it.
        Continuous channels run straight from the middle of a step to that of the next, around the cycle.

        Parameters
        ----------
        timestep : float
            Sampling interval in ms; must divide the period.
        neuron : NeuronParameters
            For E_L.

        Returns
        -------
        ndarray, shape (channels, samples)
            mV; sample k is the potential at the end of step k, at time (k + 1) `timestep`.
        """
        from scipy.special import expit  # takes longer to import than everything else here

        neuron = neuron or NeuronParameters()
        samples = round(self.period / timestep)
        if samples < 1 or abs(samples * timestep - self.period) > 1e-6 * timestep:
            raise ParameterError(f"timestep = {timestep} ms does not divide the period of {self.period} ms: give one that does.")
        t = (np.arange(samples) + 1) * timestep
        margin = self.step_ms / 3
        height = np.zeros((self.n_channels, samples))
        for channel, first, length in self.notes():
            duration = length * self.step_ms
            if duration >= self.period:
                height[channel] = 1.0
                continue
            for lap in (-1, 0, 1):
                since = t - first * self.step_ms + lap * self.period
                left = duration - since
                ramp = expit(RAMP_SLOPE * (np.minimum(since, left) + RAMP_SHIFT))
                inside = (since >= -margin) & (left >= -margin)
                height[channel] = np.maximum(height[channel], np.where(inside, ramp, 0.0))
        middle = (np.arange(self.pattern.shape[1]) + 0.5) * self.step_ms
        for row in np.flatnonzero(self.continuous):
            height[row] = np.interp(t, middle, self.pattern[row], period=self.period)
        return (neuron.E_L if self.low is None else self.low) + self.amplitude * height
