"""Leaky integrate-and-fire cells with exponential synaptic currents, each with parameters of its own: stock cells and analog circuits.

Potentials are in units of a cell's span: reset is 0, the nominal threshold is 1, and

    tau_m dy/dt = drive + s_exc + s_inh - y,    tau_exc ds_exc/dt = -s_exc,    tau_inh ds_inh/dt = -s_inh,

where a spike adds its weight times the cell's gain to one of s_exc and s_inh. Steps are exact and in the order of NEST's iaf_psc_exp.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numba import njit

from elise_pynn.blueprint import in_steps


@dataclass(frozen=True)
class LifCells:
    """Parameters of the cells, an entry per cell.

    Attributes
    ----------
    tau_m, tau_exc, tau_inh, refractory : ndarray
        ms.
    drive, threshold, floor : ndarray
        Constant drive, threshold, and the lowest potential, in spans.
    gain_exc, gain_inh : ndarray
        By which arriving weights are multiplied.
    delay : ndarray
        Of the spikes that a cell sends, ms.
    noise : ndarray
        Standard deviation of the potential at rest, in spans.
    """

    tau_m: np.ndarray
    tau_exc: np.ndarray
    tau_inh: np.ndarray
    refractory: np.ndarray
    drive: np.ndarray
    threshold: np.ndarray
    floor: np.ndarray
    gain_exc: np.ndarray
    gain_inh: np.ndarray
    delay: np.ndarray
    noise: np.ndarray

    def __add__(self, other: LifCells) -> LifCells:
        """These cells and others behind them."""
        pairs = ((getattr(self, f.name), getattr(other, f.name)) for f in fields(self))
        return LifCells(*(np.concatenate(pair) for pair in pairs))


@njit(cache=True, error_model="numpy")
def _simulate(
    steps, step, decay, decay_exc, decay_inh, into_exc, into_inh, constant, threshold, floor, refractory, delays, noise, rng,
    y, exc, inh, waiting, ring, weights, events, external, spikes,
):  # fmt: skip
    """Simulate `steps` steps from step number `step` on; return the number of spikes.

    ``ring[slot, kind]`` holds what arrives; `weights` and `external`, (sources, kind, cells), what a spike brings. `events` holds (step,
    source) of external spikes, sorted.
    """
    n, slots, found, event = len(y), ring.shape[0], 0, 0
    noisy = noise.max() > 0.0
    for now in range(step + 1, step + steps + 1):
        slot = now % slots
        while event < len(events) and events[event, 0] <= now:
            if events[event, 0] == now:
                for i in range(n):
                    ring[slot, 0, i] += external[events[event, 1], 0, i]
                    ring[slot, 1, i] += external[events[event, 1], 1, i]
            event += 1
        first = found
        for i in range(n):
            if waiting[i] > 0:
                waiting[i] -= 1
            else:
                present = decay[i] * y[i] + into_exc[i] * exc[i] + into_inh[i] * inh[i] + constant[i]
                if noisy:
                    present += noise[i] * rng.standard_normal()
                y[i] = present if present > floor[i] else floor[i]
            exc[i] = exc[i] * decay_exc[i] + ring[slot, 0, i]
            inh[i] = inh[i] * decay_inh[i] + ring[slot, 1, i]
            ring[slot, 0, i] = 0.0
            ring[slot, 1, i] = 0.0
            if y[i] >= threshold[i]:
                y[i] = 0.0
                waiting[i] = refractory[i]
                spikes[found, 0] = now
                spikes[found, 1] = i
                found += 1
        for k in range(first, found):
            j = spikes[k, 1]
            arrival = (now + delays[j]) % slots
            for i in range(n):
                ring[arrival, 0, i] += weights[j, 0, i]
                ring[arrival, 1, i] += weights[j, 1, i]
    return found


class LifNetwork:
    """Cells, connected to each other and to external sources.

    Parameters
    ----------
    cells : LifCells
    weights : ndarray, shape (cells, cells)
        Post x pre, in spans; negative ones are inhibitory.
    timestep : float
        ms.
    start : ndarray
        Potentials at the beginning, in spans.
    external : ndarray, shape (cells, sources), optional
        Weights from external sources.
    seed : int
        Of the noise.
    """

    def __init__(
        self, cells: LifCells, weights: np.ndarray, timestep: float, start: np.ndarray, external: np.ndarray | None = None, seed: int = 1
    ) -> None:
        n = len(cells.tau_m)
        self.timestep, self._cells, self._step = timestep, cells, 0
        self._decay, self._decay_exc, self._decay_inh = (np.exp(-timestep / tau) for tau in (cells.tau_m, cells.tau_exc, cells.tau_inh))
        self._into_exc, self._into_inh = (_into(timestep, cells.tau_m, tau) for tau in (cells.tau_exc, cells.tau_inh))
        self._constant = (1 - self._decay) * cells.drive
        self._noise = cells.noise * np.sqrt(1 - self._decay**2)
        self._refractory = np.ceil(cells.refractory / timestep - 1e-9).astype(np.int64)
        self._delays = in_steps(cells.delay, timestep)
        self._y, self._exc, self._inh = np.array(start, dtype=float), np.zeros(n), np.zeros(n)
        self._waiting = np.zeros(n, dtype=np.int64)
        self._ring = np.zeros((int(self._delays.max()) + 1, 2, n))
        self._external = self._split(np.zeros((n, 0)) if external is None else external)
        self._rng = np.random.default_rng([seed, 7])
        self.write(weights)

    def write(self, weights: np.ndarray, external: np.ndarray | None = None) -> None:
        """Replace the weights, and those from external sources if they are given."""
        self._weights = self._split(weights)
        if external is not None:
            self._external = self._split(external)

    def drive(self, more: np.ndarray) -> None:
        """Add so much to the constant drive of each cell from now on, in spans."""
        self._constant = (1 - self._decay) * (self._cells.drive + more)

    def _split(self, weights: np.ndarray) -> np.ndarray:
        """What a spike of each source brings, shape (sources, kind, cells)."""
        exc = np.maximum(weights, 0.0) * self._cells.gain_exc[:, None]
        inh = np.minimum(weights, 0.0) * self._cells.gain_inh[:, None]
        return np.ascontiguousarray(np.stack((exc.T, inh.T), axis=1))

    def run(self, duration: float, events: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Simulate.

        Parameters
        ----------
        duration : float
            ms.
        events : ndarray, shape (events, 2), optional
            Spikes of external sources: step of arrival from now on, from 1, and source.

        Returns
        -------
        times, cells : ndarray
            Spikes, ms from the beginning of this stretch.
        """
        steps, n = round(duration / self.timestep), len(self._y)
        given = np.empty((0, 2), dtype=np.int64) if events is None else np.asarray(events, dtype=np.int64)
        given = given[np.argsort(given[:, 0], kind="stable")] + np.array([self._step, 0])
        spikes = np.empty((steps * n // (1 + int(self._refractory.min())) + n, 2), dtype=np.int64)
        found = _simulate(
            steps, self._step, self._decay, self._decay_exc, self._decay_inh, self._into_exc, self._into_inh, self._constant,
            self._cells.threshold, self._cells.floor, self._refractory, self._delays, self._noise, self._rng,
            self._y, self._exc, self._inh, self._waiting, self._ring, self._weights, given, self._external, spikes,
        )  # fmt: skip
        times = (spikes[:found, 0] - self._step) * self.timestep
        self._step += steps
        return times, spikes[:found, 1].copy()


def _into(timestep: float, tau_m: np.ndarray, tau_syn: np.ndarray) -> np.ndarray:
    """What a synaptic current of 1 adds to the potential in a step."""
    alike = np.abs(tau_m - tau_syn) < 1e-9
    difference = np.where(alike, 1.0, 1 / tau_m - 1 / tau_syn)
    apart = (np.exp(-timestep / tau_syn) - np.exp(-timestep / tau_m)) / (tau_m * difference)
    return np.where(alike, timestep / tau_m * np.exp(-timestep / tau_m), apart)
