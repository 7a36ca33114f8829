"""A simulation of a blueprint by a PyNN backend, as the protocol asks for."""

from __future__ import annotations

import importlib
import time

import numpy as np
from pyNN.parameters import Sequence as Waveform

from elise_pynn.blueprint import Blueprint
from elise_pynn.builder import build
from elise_pynn.sequence import Sequence
from elise_pynn.simulation import ALL, Activity, check_fit, score_interval

#: nudging strength that holds a soma: a conductance a million times that of the neuron
HOLDING = 1 - 1e-6


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
        check_fit(blueprint, sequence)
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
        self._sim, self._target = sim, target
        self._states = importlib.import_module(f"elise_pynn.backends.{backend}_state")
        self._recordings = {}
        for name, population in self.network.populations.items():
            population.record("spikes")
            if name == "visible":
                population.record("rate", sampling_interval=self.interval)
            self._recordings[name] = module.Recording(population)
        self._start = 0.0
        self._restored: tuple[float, np.ndarray] | None = None

    def nudge(self, strength: float, channels: slice = ALL) -> None:
        """Set the teacher's strength lambda, of all channels or of some."""
        visible = self.network.populations["visible"]
        (visible if channels == ALL else visible[channels]).set(nudging=strength)

    def learn(self, gain: float) -> None:
        """Set the gain of all learning rates; 0 freezes the weights."""
        for population in self.network.populations.values():
            population.set(plasticity=gain)

    def show(self, target: np.ndarray) -> None:
        """Replace the teacher's target potential, shape (visible, steps of a cycle), mV."""
        self._target = target
        self.network.populations["visible"].set(teacher_waveform=[Waveform(row) for row in target])

    def hold(self, neurons: slice, potential: float | None) -> None:
        """Hold the somata of `neurons` at a potential in mV; None lets them go.

        A teacher of overwhelming conductance does it, so nobody can be taught while held.
        """
        for name, population in self.network.populations.items():
            members = self.network.members(name)
            begin, end = max(neurons.start or 0, members.start), min(neurons.stop or members.stop, members.stop)
            if begin >= end:
                continue
            held = population[begin - members.start : end - members.start]
            held.set(nudging=0.0 if potential is None else HOLDING)
            if potential is not None:
                samples = self._target.shape[1] if name == "visible" else 1
                held.set(teacher_waveform=[Waveform(np.full(samples, potential))] * (end - begin))
            elif name == "visible":
                held.set(teacher_waveform=[Waveform(row) for row in self._target[begin:end]])

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
        end = self._sim.get_current_time()
        duration = end - self._start
        spikes = []
        for name, recording in self._recordings.items():
            recording.stop()
            t, i = recording.spikes_until(end)
            spikes.append((t - self._start, i + self.network.members(name).start))
        t, i, values = self._recordings["visible"].signal("rate")
        samples = round(duration / self.interval)
        column = np.rint((t - self._start) / self.interval).astype(np.int64) - 1
        inside = (column >= 0) & (column < samples)
        if not inside.all():
            i, column, values = i[inside], column[inside], values[inside]
        rates = np.zeros((self.network.blueprint.visible, samples))
        rates.reshape(-1)[i * samples + column] = values
        if self._restored and self._restored[0] == self._start and self.interval == self.timestep and samples:
            rates[:, 0] = self._restored[1]  # NEST is one step ahead: this sample had been taken when the state was set
        times, neurons = (np.concatenate(column) for column in zip(*spikes, strict=True))
        order = np.lexsort((neurons, np.round(times / self.timestep)))
        return Activity(self._start, duration, self.interval, rates, times[order], neurons[order])

    def mark(self, cycle: int) -> None:
        """Draw stochastic spikes by the seed and the cycle's number from now on: NEST does not tell the state of its random numbers."""
        if self.network.blueprint.parameters.neuron.emission == "escape":
            self._states.reseed(self.network.blueprint.seed, cycle)

    def state(self) -> dict[str, np.ndarray]:
        """All that decides how the simulation goes on but random numbers, for which `mark` is there."""
        return self._states.state_of(self.network, {name: recording.recent() for name, recording in self._recordings.items()})

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go on from a state that `state` returned, to the same bits."""
        self._states.restore(self.network, state, self._sim, self.interval)
        self._restored = self._sim.get_current_time(), state["visible.rate"]

    def dendrites(self) -> np.ndarray:
        """Present dendritic potentials, mV."""
        return np.concatenate([self._states.dendrites(population) for population in self.network.populations.values()])

    def weights(self) -> np.ndarray:
        """Present dendritic weights, post x pre, mV per unit rate."""
        return self.network.weights()
