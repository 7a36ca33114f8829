"""A simulation of a blueprint by the engine, as the protocol asks for."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from elise_pynn.blueprint import Blueprint, in_steps
from elise_pynn.engine import rate, rate_step, spiking, spiking_step
from elise_pynn.engine.blas import one_core
from elise_pynn.engine.lanes import CONSTANTS, LANES, padded
from elise_pynn.engine.state import restore, state_of
from elise_pynn.quantity import ParameterError
from elise_pynn.sequence import Sequence
from elise_pynn.settings import INTEGRATORS
from elise_pynn.simulation import ALL, Activity, check_fit, score_interval

#: windows whose integral is kept for silent synapses, as in the NESTML neuron
KEPT_WINDOWS = 4096
#: the spiking forms
FORMS = {"integrate": spiking.INTEGRATE, "escape": spiking.ESCAPE, "threshold": spiking.THRESHOLD}


class EngineSimulation:
    """A blueprint, simulated directly.

    Parameters
    ----------
    blueprint : Blueprint
        Its ``neuron.emission`` decides the form: ``rate``, ``integrate``, ``escape`` or ``threshold``.
    sequence : Sequence
    timestep : float
        ms.
    learning_rate : float
        eta in 1/ms.
    integrator : str
        ``exponential``, the order of the NESTML models, or ``reference``, the published one (rate form only).

    Notes
    -----
    Like with PyNN on NEST, a change of a parameter takes effect one time step late, so that both give the same spikes.
    """

    def __init__(
        self, blueprint: Blueprint, sequence: Sequence, timestep: float = 0.1, learning_rate: float = 0.0, integrator: str = "exponential"
    ) -> None:
        check_fit(blueprint, sequence)
        neuron, n = blueprint.parameters.neuron, blueprint.size
        if integrator not in INTEGRATORS or (integrator == "reference" and neuron.emission != "rate"):
            raise ParameterError(
                f"integrator = {integrator!r} with emission = {neuron.emission!r} is not allowed: give one of {', '.join(INTEGRATORS)}; "
                "the reference integrator is the rate form's."
            )
        learning = blueprint.parameters.learning
        if integrator == "reference" and timestep * (neuron.g_L + neuron.g_D) / (1 - learning.nudging) > 2:
            raise ParameterError(
                f"timestep = {timestep} ms is too long for the reference integrator, explicit Euler, with a teacher of strength "
                f"{learning.nudging}: give 0.1 ms, or --integrator exponential."
            )
        self.timestep, self.seconds = timestep, 0.0
        self._blueprint, self._eta, self._reference = blueprint, learning_rate, integrator == "reference"
        self._emission = neuron.emission
        width = padded(n)
        target = sequence.target(timestep, neuron)
        self.interval = score_interval(timestep, target.shape[1])
        self._target = np.ascontiguousarray(target.T)
        self._teacher = np.zeros(blueprint.visible)
        rest = float(neuron.rate(neuron.E_L))
        self._constants = (*(float(getattr(neuron, name)) for name in CONSTANTS[:9]), rest, float(timestep))
        self._weights = _zeros(width, width)
        self._weights[:n, :n] = blueprint.weights.T
        self._connected = np.empty(0)
        if blueprint.connected is not None:
            self._connected = np.zeros((width, width))
            self._connected[:n, :n] = blueprint.connected.T
        self._trace = np.zeros(width)
        # against the new time of a step: the published order's effective delays are one step less for dendrites, none for the scaffold
        less = int(self._reference)
        dendritic = in_steps(blueprint.delay_dendritic, timestep, least=2) - less
        self._delays = np.stack((dendritic, in_steps(blueprint.delay_exc, timestep), in_steps(blueprint.delay_inh, timestep)))
        longest = int(self._delays.max()) + 2
        if self._emission == "rate":
            self._prepare_rate(width, longest)
        else:
            self._prepare_spiking(width, longest)
        self._step, self._gain = 0, 1.0
        self._pending: dict[str, Any] = {}
        self._recording: list | None = None
        self._recorded_from = 0

    def _prepare_rate(self, width: int, longest: int) -> None:
        blueprint = self._blueprint
        self._length = np.uint64(longest)
        self._ring = _zeros(width * (longest + rate.BLOCK))
        self._state = self._new_state(width, rate_step.STATE)
        self._field(rate_step.U)[:] = self._field(rate_step.V)[:] = blueprint.parameters.neuron.E_L
        slow = np.arange(width) < blueprint.visible
        self._put(rate_step.FACTOR, np.where(slow, blueprint.parameters.learning.vv_factor, 1.0))
        self._put(rate_step.PLASTIC, np.where(slow, 1.0, blueprint.parameters.learning.latent_factor))
        sources, self._starts = _grouped(blueprint.scaffold[:, 1], blueprint.scaffold[:, 0], blueprint.size)
        self._block = int(min(rate.BLOCK, self._delays.min())) if self._connected.size == 0 else 1
        self._sources = sources.astype(np.uint64)
        self._delays = np.pad(self._delays, ((0, 0), (0, width - blueprint.size)), mode="edge").astype(np.uint64)

    def _prepare_spiking(self, width: int, slots: int) -> None:
        blueprint, n = self._blueprint, self._blueprint.size
        posts, self._starts = _grouped(blueprint.scaffold[:, 0], blueprint.scaffold[:, 1], n)
        self._posts = spiking_step.place(posts.astype(np.uint64))
        self._state = self._new_state(width, spiking_step.STATE)
        self._field(spiking_step.U)[:] = blueprint.parameters.neuron.E_L
        self._put(spiking_step.FLOOR, blueprint.in_degree * self._constants[9])
        self._put(spiking_step.PHASE, blueprint.initial_phases())
        learning = blueprint.parameters.learning
        self._rates = tuple(self._eta * factor for factor in (learning.vv_factor, 1.0, learning.latent_factor))
        self._v = _zeros(width)
        self._v[:] = blueprint.parameters.neuron.E_L
        self._queue = np.zeros((3, slots, n, 2), dtype=np.int64)
        self._queued = np.zeros((3, slots), dtype=np.int64)
        self._last_window, self._last_Q = np.zeros(n, dtype=np.int64), _zeros(n * width)
        self._windows, self._ring = _zeros(5, width), np.full((KEPT_WINDOWS, width), 0.0)  # taken at once: memory does not grow
        self._cell, self._waiting = blueprint.initial_phases(), np.zeros(n, dtype=np.int64)
        neuron = blueprint.parameters.neuron
        decay = float(np.exp(-self.timestep / neuron.lif_tau_m))
        self._lif = (decay, neuron.lif_gain, neuron.lif_v_rheo, float(np.ceil(neuron.lif_t_ref / self.timestep - 1e-9)))
        self._random = np.array([0x9E3779B97F4A7C15 ^ (blueprint.seed + 1) * 0xBF58476D1CE4E5B9 & 0xFFFFFFFFFFFFFFFF], dtype=np.uint64)

    def _new_state(self, width: int, entries: np.uint64) -> np.ndarray:
        """State of shape (groups, fields, lanes)."""
        return _zeros(width // int(LANES), int(entries // LANES), int(LANES))

    def _field(self, field: np.uint64) -> np.ndarray:
        """A field of the state, shape (groups, lanes)."""
        return self._state[:, int(field // LANES)]

    def _put(self, field: np.uint64, values: np.ndarray) -> None:
        """Write a field, an entry per neuron from the first one on; the others become 0."""
        self._field(field)[:] = np.pad(values, (0, self._trace.size - len(values))).reshape(-1, int(LANES))

    def nudge(self, strength: float, channels: slice = ALL) -> None:
        """Set the teacher's strength lambda, of all channels or of some."""
        self._pending.setdefault("nudge", []).append((strength, channels))

    def learn(self, gain: float) -> None:
        """Set the gain of all learning rates; 0 freezes the weights."""
        self._pending["learn"] = gain

    def show(self, target: np.ndarray) -> None:
        """Replace the teacher's target potential, shape (visible, steps of a cycle), mV."""
        self._pending["show"] = target

    def hold(self, neurons: slice, potential: float | None) -> None:
        """Hold the somata of `neurons` at a potential in mV; None lets them go."""
        self._pending.setdefault("hold", []).append((neurons, potential))

    def run(self, duration: float) -> None:
        """Simulate `duration` ms."""
        begin = time.perf_counter()
        steps = round(duration / self.timestep)
        with one_core():
            if self._pending and self._step > 0 and steps > 0:
                self._advance(1)
                steps -= 1
            self._take_effect()
            self._advance(steps)
        self.seconds += time.perf_counter() - begin

    def _take_effect(self) -> None:
        """Set what `nudge`, `learn`, `show` and `hold` asked for."""
        for strength, channels in self._pending.get("nudge", []):
            neuron = self._blueprint.parameters.neuron
            self._teacher[channels] = strength / (1 - strength) * (neuron.g_L + neuron.g_D)
            if self._emission != "rate":
                self._put(spiking_step.TEACHER, self._teacher)
                self._field(spiking_step.TEACHING)[:] = 0.0
        if "show" in self._pending:
            self._target[:] = self._pending["show"].T
        fields = rate_step if self._emission == "rate" else spiking_step
        for neurons, potential in self._pending.get("hold", []):
            lanes = np.zeros(self._trace.size, dtype=bool)
            lanes[neurons] = True
            chosen = lanes.reshape(-1, int(LANES))
            self._field(fields.HELD)[chosen] = float(potential is not None)
            self._field(fields.HOLD)[chosen] = potential or 0.0
        self._gain = self._pending.get("learn", self._gain)
        self._pending = {}

    def _advance(self, steps: int) -> None:
        while steps > 0:
            done = self._rate(steps) if self._emission == "rate" else self._spiking(steps)
            self._step += done
            steps -= done

    def _sampling(self, steps: int) -> tuple[int, np.ndarray]:
        every = round(self.interval / self.timestep) if self._recording is not None else 0
        return every, np.empty((self._blueprint.visible, steps // every + 1 if every else 0))

    def _rate(self, steps: int) -> int:
        learning = self._blueprint.parameters.learning
        every, recorded = self._sampling(steps)
        kept = rate.simulate(
            not self._reference, self._constants, steps, self._step, self._teacher, self._target, self._eta * self._gain * self.timestep,
            learning.vv_factor, self._blueprint.visible, self._blueprint.size, self._weights, self._connected.reshape(-1), self._block,
            self._starts, self._sources, self._delays, self._ring, self._length, self._state.reshape(-1), self._trace, every, recorded,
        )  # fmt: skip
        if self._recording is not None:
            self._recording.append((recorded[:, :kept], np.empty((0, 2), dtype=np.int64)))
        return steps

    def _spiking(self, steps: int) -> int:
        blueprint, neuron = self._blueprint, self._blueprint.parameters.neuron
        every, recorded = self._sampling(steps)
        per_step = neuron.spikes_per_rate * self.timestep
        # at most in a step: one more than the mean when deterministic; a Poisson number exceeds this once in 1e30
        reserve = blueprint.size * int(np.ceil(per_step + (12 * np.sqrt(per_step) + 12 if self._emission == "escape" else 1)))
        expected = blueprint.size * steps * per_step
        spikes = np.empty((int(min(expected, 1e7)) + 2 * reserve if every else 0, 2), dtype=np.int64)
        done, kept, n_spikes = spiking.simulate(
            FORMS[self._emission], self._lif, self._constants, neuron.spikes_per_rate, neuron.tau_syn, steps, self._step, self._target,
            self._gain, self._rates, blueprint.visible, blueprint.size, self._weights.reshape(-1), self._connected.reshape(-1),
            self._delays, self._starts, self._posts, self._queue, self._queued, self._state.reshape(-1), self._v, self._trace,
            self._last_window, self._last_Q, self._windows, self._ring, self._random, self._cell, self._waiting, every, recorded, spikes,
            reserve,
        )  # fmt: skip
        if self._recording is not None:
            self._recording.append((recorded[:, :kept], spikes[:n_spikes]))
        return done

    def record(self) -> None:
        """Record from now on."""
        self._recording, self._recorded_from = [], self._step

    def take(self) -> Activity:
        """Stop recording and return what was recorded."""
        pieces, self._recording = self._recording or [], None
        start, duration = self._recorded_from * self.timestep, (self._step - self._recorded_from) * self.timestep
        empty = (np.empty((self._blueprint.visible, 0)), np.empty((0, 2), dtype=np.int64))
        rates = np.concatenate([p[0] for p in [empty, *pieces]], axis=1)
        spikes = np.concatenate([p[1] for p in [empty, *pieces]])
        return Activity(start, duration, self.interval, rates, (spikes[:, 0] - self._recorded_from) * self.timestep, spikes[:, 1])

    def rate_state(self) -> np.ndarray:
        """All that decides how the rate form goes on when it is frozen and on its own: somata, dendrites, rates on their way."""
        n, longest = self._blueprint.size, int(self._delays.max())
        on_the_way = self._ring.reshape(self._trace.size, -1)[:n, (self._step - np.arange(longest)) % int(self._length)]
        potentials = [self._field(field).reshape(-1)[:n] for field in (rate_step.U, rate_step.V)]
        return np.concatenate([*potentials, on_the_way.reshape(-1)])

    def set_rate_state(self, state: np.ndarray) -> None:
        """Go on from a state that `rate_state` returned, possibly changed."""
        n, longest = self._blueprint.size, int(self._delays.max())
        for k, field in enumerate((rate_step.U, rate_step.V)):
            self._put(field, state[k * n : (k + 1) * n])
        ring, slots = self._ring.reshape(self._trace.size, -1), (self._step - np.arange(longest)) % int(self._length)
        ring[:n, slots] = state[2 * n :].reshape(n, longest)
        ring[:, int(self._length) :] = ring[:, : rate.BLOCK]

    def mark(self, cycle: int) -> None:
        """Nothing: the state holds the random numbers, too."""

    def state(self) -> dict[str, np.ndarray]:
        """All that decides how the simulation goes on."""
        return state_of(self)

    def restore(self, state: dict[str, np.ndarray]) -> None:
        """Go on from a state that `state` returned, to the same bits."""
        restore(self, state)

    def dendrites(self) -> np.ndarray:
        """Present dendritic potentials, mV."""
        potentials = self._field(rate_step.V).reshape(-1) if self._emission == "rate" else self._v
        return potentials[: self._blueprint.size].copy()

    def weights(self) -> np.ndarray:
        """Present dendritic weights, post x pre, mV per unit rate."""
        n = self._blueprint.size
        weights = self._weights[:n, :n].T.copy()
        np.fill_diagonal(weights, 0.0)
        return weights


def _zeros(*shape: int) -> np.ndarray:
    """Zeros that begin at a cache line: vector instructions across two lines take twice as long."""
    size = int(np.prod(shape))
    raw = np.zeros(size + 8)
    begin = -raw.ctypes.data // 8 % 8
    return raw[begin : begin + size].reshape(shape)


def _grouped(keys: np.ndarray, values: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """`values` ordered by `keys` (0 .. n - 1), and where each key's begin, with the end of all as the last entry."""
    order = np.argsort(keys, kind="stable")
    return values[order].astype(np.int64), np.searchsorted(keys[order], np.arange(n + 1)).astype(np.int64)
