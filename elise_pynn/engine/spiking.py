"""The spiking form of the model, event by event where spikes arrive, step by step within the neurons.

Follows the NESTML neuron and synapse operation by operation. All synapses of a presynaptic neuron share its arrivals, so they share
one trace, and an arrival is one pass over a row of weights, stored pre x post and padded to whole cache lines.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from elise_pynn.engine import spiking_step
from elise_pynn.engine.lanes import LANES

#: PyNN's scale of weights on NEST and the constant that rounds them to the grid of the NESTML synapse
SCALE, GRID = 1000.0, 100663296.0
#: past windows with an integral of their own; older ones stand in the ring
RECENT = 4
#: ways of emission
INTEGRATE, ESCAPE, THRESHOLD = 0, 1, 2


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _base(base, gap, window, ratio, Q, past, ring, last):
    """The learning signal's integral from the start of the window `gap` windows ago, in units of that window."""
    if gap <= RECENT:
        base[:] = Q
        for back in range(gap):
            for i in range(len(base)):
                base[i] = past[back, i] + ratio * base[i]
    else:
        age = gap - RECENT - 1
        base[:] = ring[(window - 1 - age) % ring.shape[0]] if age < ring.shape[0] else last


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _learn_and_lift(weights, last_Q, connected, row, begin, end, base, x, jump, v):
    """Synapses number `begin` to `end` of a row learn, and lift their dendrites; where `connected` is 0 there is none."""
    if len(connected) > 0:
        for i in range(row + begin, row + end):
            weights[i] += x * connected[i] * (base[i - row] - last_Q[i])
            last_Q[i] = base[i - row]
            v[i - row] += jump * ((weights[i] * SCALE + GRID) - GRID)
        return
    for i in range(row + begin, row + end):
        w = weights[i] + x * (base[i - row] - last_Q[i])
        weights[i] = w
        last_Q[i] = base[i - row]
        v[i - row] += jump * ((w * SCALE + GRID) - GRID)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _arrive(
    j, count, window, ratio, grow, unit, jump, Q, past, ring, base, weights, connected, rates, visible, last_Q, last_window, trace, v
):
    """Let `count` spikes of neuron j arrive at all its dendritic synapses: learn, renew the trace, lift the dendrites.

    `rates` are the learning rates from visible onto visible, onto visible, and onto latent neurons.
    """
    width, gap, own = np.uint64(len(v)), window - last_window[j], v[j]
    row, border = np.uint64(j) * width, np.uint64(visible)
    onto_visible, onto_latent = rates[0 if j < visible else 1] * trace[j], rates[2] * trace[j]
    if gap == 0:
        _learn_and_lift(weights, last_Q, connected, row, np.uint64(0), border, Q, onto_visible, jump, v)
        _learn_and_lift(weights, last_Q, connected, row, border, width, Q, onto_latent, jump, v)
    else:
        _base(base, gap, window, ratio, Q, past, ring, last_Q[row : row + width])
        _learn_and_lift(weights, last_Q, connected, row, np.uint64(0), border, base, onto_visible, jump, v)
        _learn_and_lift(weights, last_Q, connected, row, border, width, base, onto_latent, jump, v)
        last_Q[row : row + width] = Q
    weights[row + np.uint64(j)] = 0.0
    trace[j] = (trace[j] * ratio**gap if gap <= RECENT else 0.0) + count * unit * grow
    last_window[j] = window
    for _ in range(count - 1):
        for i in range(width):
            v[i] += jump * ((weights[row + i] * SCALE + GRID) - GRID)
    v[j] = own


@njit(cache=True, error_model="numpy")
def _uniform(state):
    """xorshift64*: the next number in [0, 1)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return np.float64((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * 1.1102230246251565e-16


@njit(cache=True, error_model="numpy")
def _poisson(mean, state):
    """A Poisson number by inversion, in parts of a mean that exp can hold; mostly decided by the first comparison, for means are small."""
    k = 0
    while mean > 0.0:
        part = min(mean, 500.0)
        mean -= part
        p = _uniform(state)
        if p < 1.0 - part:
            continue
        term = np.exp(-part)
        total, here = term, 0
        while p >= total and here < 2000:
            here += 1
            term *= part / here
            total += term
        k += here
    return k


@njit(cache=True, error_model="numpy")
def _fire(j, level, lif, cell, waiting):
    """Advance a leaky integrate-and-fire cell that is driven by the quasi-static soma; return its number of spikes, 0 or 1."""
    decay, gain, rheobase, refractory = lif
    if waiting[j] > 0:
        waiting[j] -= 1
        return 0
    drive = 1.0 + gain * (level - rheobase)
    cell[j] = drive + (cell[j] - drive) * decay
    if cell[j] < 1.0:
        return 0
    cell[j] = 0.0
    waiting[j] = int(refractory)
    return 1


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def simulate(
    emission, lif, constants, k, tau_syn, steps, step, target, learning, rates, visible, n, weights, connected, delays, starts, posts,
    queue, queued, state, v, trace, last_window, last_Q, windows, ring, random_state, cell, waiting, every, recorded, spikes,
    reserve,
):  # fmt: skip
    """Simulate up to `steps` steps from step number `step` on; return steps done, samples recorded and spikes recorded.

    ``queue[kind, slot, :queued[kind, slot], :]`` holds (neuron, count) arriving in a step; kinds: dendrite, scaffold exc and inh. The
    scaffold's edges from neuron j reach the places `posts` number starts[j] to starts[j + 1] of `state`. The rows of `windows` are Q and
    the four past windows. `lif` holds what the threshold form needs: decay per step, gain, rheobase, refractory steps; `cell` and
    `waiting` its cells' states and the steps for which they still wait. Stops before a step in which `spikes` could overflow, whose
    spikes are at most `reserve`.
    """
    g_L, g_D, dt = constants[0], constants[1], constants[10]
    slots, samples, width = queue.shape[1], target.shape[0], len(v)
    groups, neurons = np.uint64(width) // LANES, np.uint64(n)
    Q, past, base = windows[0], windows[1:], np.zeros(width)
    window_steps = max(1, int(np.floor(10.0 / g_L / dt + 0.5)))
    ratio, fade_step = np.exp(-window_steps * dt * g_L), np.exp(-dt * g_L)
    grow_step = np.exp(dt * g_L)
    unit, jump = g_L * g_D / (g_L + g_D) / k, g_L / k / SCALE
    decay_syn = np.exp(-dt / tau_syn)
    mean_syn = (1.0 - decay_syn) * tau_syn / dt
    jump_syn = 1.0 / (k * tau_syn)
    kept, n_spikes = 0, 0
    window, in_window = (step - 1) // window_steps if step > 0 else 0, (step - 1) % window_steps + 1 if step > 0 else 0
    grow, fade = 1.0, 1.0
    for _ in range(in_window):
        grow *= grow_step
        fade *= fade_step
    for now in range(step + 1, step + steps + 1):
        if every > 0 and spikes.shape[0] - n_spikes < reserve:
            return now - 1 - step, kept, n_spikes
        slot = now % slots
        for a in range(queued[0, slot]):
            _arrive(queue[0, slot, a, 0], queue[0, slot, a, 1], window, ratio, grow, unit, jump, Q, past, ring, base, weights,
                    connected, rates, visible, last_Q, last_window, trace, v)  # fmt: skip
        queued[0, slot] = 0
        for kind in range(1, 3):
            field = spiking_step.EXC if kind == 1 else spiking_step.INH
            for a in range(queued[kind, slot]):
                j = queue[kind, slot, a, 0]
                for e in range(starts[j], starts[j + 1]):
                    state[posts[e] + field] += queue[kind, slot, a, 1] * jump_syn
            queued[kind, slot] = 0
        if in_window == window_steps:
            row = ring[window % ring.shape[0]]
            for i in range(width):
                row[i] = past[3, i] + ratio * (past[2, i] + ratio * (past[1, i] + ratio * (past[0, i] + ratio * Q[i])))
                past[3, i], past[2, i], past[1, i], past[0, i], Q[i] = past[2, i], past[1, i], past[0, i], Q[i], 0.0
            window += 1
            in_window = 0
            grow, fade = 1.0, 1.0
        sample = (now - 1) % samples
        for i in range(np.uint64(visible)):
            at = spiking_step.place(i)
            state[at + spiking_step.TEACHING] = state[at + spiking_step.TEACHER] * target[sample, i]
        spiking_step.advance(state, groups, constants, k, decay_syn, mean_syn, fade_step, learning * dt * fade, v, Q)
        in_window += 1
        grow *= grow_step
        fade *= fade_step
        for j in range(neurons):
            at = spiking_step.place(j)
            count = 0
            if emission == THRESHOLD:
                count = _fire(j, state[at + spiking_step.LEVEL], lif, cell, waiting)
            elif emission == ESCAPE:
                count = _poisson(k * state[at + spiking_step.RATE] * dt, random_state)
            elif state[at + spiking_step.PHASE] >= 1.0:
                phase = state[at + spiking_step.PHASE]
                while phase >= 1.0:
                    phase -= 1.0
                    count += 1
                state[at + spiking_step.PHASE] = phase
            if count > 0:
                for kind in range(3):
                    arrival = (now + delays[kind, j]) % slots
                    a = queued[kind, arrival]
                    queue[kind, arrival, a, 0] = j
                    queue[kind, arrival, a, 1] = count
                    queued[kind, arrival] = a + 1
                if every > 0:
                    for _ in range(min(count, spikes.shape[0] - n_spikes)):
                        spikes[n_spikes, 0] = now
                        spikes[n_spikes, 1] = j
                        n_spikes += 1
        if every > 0 and now % every == 0:
            for i in range(np.uint64(visible)):
                recorded[i, kept] = state[spiking_step.place(i) + spiking_step.RATE]
            kept += 1
    return steps, kept, n_spikes
