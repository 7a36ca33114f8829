"""What a protocol asks of a simulated network, and its fulfilment by PyNN."""

from __future__ import annotations

import importlib
import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from elise_pynn.blueprint import Blueprint
from elise_pynn.builder import build
from elise_pynn.quantity import ParameterError
from elise_pynn.sequence import Sequence

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

    def nudge(self, strength: float) -> None:
        """Set the teacher's strength lambda."""

    def learn(self, gain: float) -> None:
        """Set the gain of all learning rates; 0 freezes the weights."""

    def run(self, duration: float) -> None:
        """Simulate `duration` ms."""

    def record(self) -> None:
        """Record from now on."""

    def take(self) -> Activity:
        """Stop recording and return what was recorded."""

    def weights(self) -> np.ndarray:
        """Present dendritic weights, post x pre."""


def score_interval(timestep: float, samples: int) -> float:
    """Sampling interval for scores in ms: near 0.2 ms, a multiple of the time step, and a divisor of the cycle of `samples` steps."""
    every = max(1, round(SCORE_INTERVAL / timestep))
    while samples % every:
        every -= 1
    return every * timestep


class PyNNSimulation:
    """A blueprint on a PyNN backend.

    Parameters
    ----------
    blueprint : Blueprint
    sequence : Sequence
        Gives the teacher's waveform, which lives in the neurons: teaching costs no communication.
    timestep : float
        ms.
    learning_rate : float
        eta in 1/ms.
    backend : str
        Name of the PyNN backend, e.g. ``nest``.
    threads : int

    Notes
    -----
    On NEST a change of a parameter takes effect one time step late, because PyNN always simulates one ``min_delay`` ahead.
    """

    def __init__(
        self,
        blueprint: Blueprint,
        sequence: Sequence,
        timestep: float = 0.1,
        learning_rate: float = 0.0,
        backend: str = "nest",
        threads: int = 1,
    ) -> None:
        if sequence.n_channels != blueprint.visible:
            raise ParameterError(
                f"the sequence {sequence.name} has {sequence.n_channels} channels, the blueprint {blueprint.visible} visible neurons: "
                "give a blueprint and a sequence of the same number."
            )
        target = sequence.target(timestep, blueprint.parameters.neuron)
        module = importlib.import_module(f"elise_pynn.backends.{backend}")
        sim = module.sim
        longest = max(blueprint.delay_inh.max(), blueprint.delay_exc.max(), blueprint.delay_dendritic.max()) + timestep
        sim.setup(
            timestep=timestep,
            min_delay=timestep,
            max_delay=float(np.ceil(longest / timestep) * timestep),
            threads=threads,
            rng_seed=1 + blueprint.seed,
            spike_precision="on_grid",
            verbosity="error",
        )
        module.tune()
        self.timestep = timestep
        self.interval = score_interval(timestep, target.shape[1])
        self.seconds = 0.0
        self.network = build(sim, blueprint, target=target, learning_rate=learning_rate)
        self._sim = sim
        self._recordings = {}
        for name, population in self.network.populations.items():
            population.record("spikes")
            if name == "visible":
                population.record("rate", sampling_interval=self.interval)
            self._recordings[name] = module.Recording(population)
            self._recordings[name].stop()
        self._start = 0.0

    def nudge(self, strength: float) -> None:
        """Set the teacher's strength lambda."""
        self.network.populations["visible"].set(nudging=strength)

    def learn(self, gain: float) -> None:
        """Set the gain of all learning rates; 0 freezes the weights."""
        for population in self.network.populations.values():
            population.set(plasticity=gain)

    def run(self, duration: float) -> None:
        """Simulate `duration` ms."""
        begin = time.perf_counter()
        self._sim.run(duration)
        self.seconds += time.perf_counter() - begin

    def record(self) -> None:
        """Record from now on."""
        self._start = self._sim.get_current_time()
        for recording in self._recordings.values():
            recording.start()

    def take(self) -> Activity:
        """Stop recording and return what was recorded."""
        duration = self._sim.get_current_time() - self._start
        times, neurons = [], []
        for name, recording in self._recordings.items():
            recording.stop()
            t, i = recording.take()
            times.append(t - self._start)
            neurons.append(i + self.network.members(name).start)
        t, i, values = self._recordings["visible"].take("rate")
        i = i.astype(np.int64)  # NEST's empty arrays are of floats
        samples = round(duration / self.interval)
        column = np.round((t - self._start) / self.interval).astype(np.int64) - 1
        inside = (column >= 0) & (column < samples)
        rates = np.zeros((self.network.blueprint.visible, samples))
        rates[i[inside], column[inside]] = values[inside]
        all_times, all_neurons = np.concatenate(times), np.concatenate(neurons)
        inside = (all_times > 1e-6) & (all_times < duration + 1e-6)
        order = np.lexsort((all_neurons, np.round(all_times / self.timestep)))
        order = order[inside[order]]
        return Activity(self._start, duration, self.interval, rates, all_times[order], all_neurons[order])

    def weights(self) -> np.ndarray:
        """Present dendritic weights, post x pre, mV per unit rate."""
        return self.network.weights()
