"""The spiking form of the model, event by event where spikes arrive, step by step within the neurons.

Follows the NESTML neuron and synapse operation by operation. All synapses of a presynaptic neuron share its arrivals, so they share
one trace, and an arrival is one pass over a row of weights, stored pre x post and padded to whole cache lines.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from elise_pynn.engine import neurons

#: PyNN's scale of weights on NEST and the constant that rounds them to the grid of the NESTML synapse
SCALE, GRID = 1000.0, 100663296.0
#: past windows with an integral of their own; older ones stand in the ring
RECENT = 4


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _arrive(
    j, count, n, window, ratio, grow, unit, jump, Q, past, ring, base, weights, eta, eta_slow, visible, last_Q, last_window, trace, v
):
    """Let `count` spikes of neuron j arrive at all its dendritic synapses: learn, renew the trace, lift the dendrites."""
    w, q_last = weights[j], last_Q[j]
    width = len(w)
    gap = window - last_window[j]
    if gap == 0:
        for i in range(width):
            base[i] = Q[i]
    elif gap <= RECENT:
        for i in range(width):
            base[i] = Q[i]
        for back in range(gap):
            for i in range(width):
                base[i] = past[back, i] + ratio * base[i]
    else:
        age = gap - RECENT - 1
        if age < ring.shape[0]:
            row = ring[(window - 1 - age) % ring.shape[0]]
            for i in range(width):
                base[i] = row[i]
        else:
            for i in range(width):
                base[i] = q_last[i]
    x = eta * trace[j]
    slow = eta_slow * trace[j]
    if j < visible:
        for i in range(visible):
            w[i] += slow * (base[i] - q_last[i])
        for i in range(visible, width):
            w[i] += x * (base[i] - q_last[i])
    else:
        for i in range(width):
            w[i] += x * (base[i] - q_last[i])
    w[j] = 0.0
    trace[j] = trace[j] * ratio**gap if gap <= RECENT else 0.0
    last_window[j] = window
    for i in range(width):
        q_last[i] = Q[i]
    for _ in range(count):
        trace[j] += unit * grow
        for i in range(width):
            v[i] += jump * (((w[i] * SCALE + GRID) - GRID) / SCALE)


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
    """A Poisson number by inversion; mostly decided by the first comparison, for means are small."""
    p = _uniform(state)
    if p < 1.0 - mean:
        return 0
    term = np.exp(-mean)
    total = term
    k = 0
    while p >= total and k < 1000:
        k += 1
        term *= mean / k
        total += term
    return k


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def simulate(
    escape, constants, k, tau_syn, steps, step, teacher, target, learning, eta, vv_factor, visible, n, weights, delay_dend, starts, posts,
    delay_exc, delay_inh, floor, queue, queued, s_exc, s_inh, u, v, phase, trace, last_window, last_Q, windows, ring, work, random_state,
    every, recorded, spikes, n_spikes,
):  # fmt: skip
    """Simulate up to `steps` steps from step number `step` on; return steps done, samples recorded and spikes recorded.

    ``queue[kind, slot, :queued[kind, slot], :]`` holds (neuron, count) arriving in a step; kinds: dendrite, scaffold exc and inh.
    The rows of `windows` are Q and the four past windows. Stops early when `spikes` could overflow.
    """
    g_L, g_D, dt = constants[0], constants[1], constants[10]
    slots, samples, width = queue.shape[1], target.shape[0], weights.shape[1]
    Q, past = windows[0], windows[1:]
    base, rate, error, g_exc, g_inh, g_total, current = work
    window_steps = int(np.floor(10.0 / g_L / dt + 0.5))
    ratio, fade_step = np.exp(-window_steps * dt * g_L), np.exp(-dt * g_L)
    grow_step = np.exp(dt * g_L)
    unit, jump = g_L * g_D / (g_L + g_D) / k, g_L / k
    decay_syn = np.exp(-dt / tau_syn)
    mean_syn = (1.0 - decay_syn) * tau_syn / dt
    jump_syn = 1.0 / (k * tau_syn)
    kept = 0
    window, in_window = (step - 1) // window_steps if step > 0 else 0, (step - 1) % window_steps + 1 if step > 0 else 0
    grow, fade = 1.0, 1.0
    for _ in range(in_window):
        grow *= grow_step
        fade *= fade_step
    for now in range(step + 1, step + steps + 1):
        slot = now % slots
        for a in range(queued[0, slot]):
            _arrive(queue[0, slot, a, 0], queue[0, slot, a, 1], n, window, ratio, grow, unit, jump, Q, past, ring, base, weights, eta,
                    eta * vv_factor, visible, last_Q, last_window, trace, v)  # fmt: skip
        queued[0, slot] = 0
        for kind in range(1, 3):
            s = s_exc if kind == 1 else s_inh
            for a in range(queued[kind, slot]):
                j = queue[kind, slot, a, 0]
                for e in range(starts[j], starts[j + 1]):
                    s[posts[e]] += queue[kind, slot, a, 1] * jump_syn
            queued[kind, slot] = 0
        if in_window == window_steps:
            row = ring[window % ring.shape[0]]
            for i in range(width):
                row[i] = past[3, i] + ratio * (past[2, i] + ratio * (past[1, i] + ratio * (past[0, i] + ratio * Q[i])))
                past[3, i], past[2, i], past[1, i], past[0, i], Q[i] = past[2, i], past[1, i], past[0, i], Q[i], 0.0
            window += 1
            in_window = 0
            grow, fade = 1.0, 1.0
        neurons.floored(g_exc, constants[7], s_exc, mean_syn, floor)
        neurons.floored(g_inh, constants[8], s_inh, mean_syn, floor)
        neurons.scale(s_exc, decay_syn)
        neurons.scale(s_inh, decay_syn)
        neurons.total_conductance(g_total, constants, g_exc, g_inh, teacher)
        neurons.driving_current(current, constants, v, g_exc, g_inh, teacher, target[(now - 1) % samples])
        neurons.soma_exponential(u, dt, current, g_total)
        neurons.rates(rate, constants, u)
        neurons.errors(error, constants, rate, v)
        neurons.relax(v, constants[2], fade_step)
        neurons.add(phase, k * dt, rate)
        neurons.add(Q, learning * dt * fade, error)
        in_window += 1
        grow *= grow_step
        fade *= fade_step
        for j in range(n):
            count = 0
            if escape:
                count = _poisson(k * rate[j] * dt, random_state)
            else:
                while phase[j] >= 1.0:
                    phase[j] -= 1.0
                    count += 1
            if count > 0:
                for kind in range(3):
                    delay = delay_dend[j] if kind == 0 else (delay_exc[j] if kind == 1 else delay_inh[j])
                    at = (now + delay) % slots
                    a = queued[kind, at]
                    queue[kind, at, a, 0] = j
                    queue[kind, at, a, 1] = count
                    queued[kind, at] = a + 1
                if every > 0:
                    for _ in range(min(count, spikes.shape[0] - n_spikes)):
                        spikes[n_spikes, 0] = now
                        spikes[n_spikes, 1] = j
                        n_spikes += 1
        if every > 0 and now % every == 0:
            for i in range(visible):
                recorded[i, kept] = rate[i]
            kept += 1
        if every > 0 and spikes.shape[0] - n_spikes < 8 * n:
            return now - step, kept, n_spikes
    return steps, kept, n_spikes
