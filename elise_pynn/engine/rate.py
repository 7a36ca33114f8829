"""The rate form of the model, in blocks of steps.

Dendritic delays are long against the time step. So the delayed rates r_s and the traces x_s of a whole block of steps are known at its
beginning, and only the learning inside of the block is not. With a_s the learning of step s,

    total_s = W_s r_s = W_0 r_s + sum over k < s of a_k (x_k . r_s),

so that the weights, stored pre x post, are read once and written once per block, by matrix products. No approximation is made;
blocks only change the order of summation.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from elise_pynn.engine import neurons
from elise_pynn.engine.exponential import exp

#: rows of scratch that `simulate` takes
WORK = ("total", "g_total", "current", "error", "own")
#: longest block in steps
BLOCK = 16


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _look_ahead(rates, traces, flat_history, first, places, trace, decay, unit):
    """Delayed rates and traces of a block's steps; `trace` moves on to the last one's."""
    for j in range(len(places)):
        for s in range(len(rates)):
            rates[s, j] = flat_history[places[j] + first + s]
    for s in range(len(rates)):
        for j in range(len(trace)):
            trace[j] = trace[j] * decay + unit * rates[s, j]
            traces[s, j] = trace[j]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _dendritic_input(total, s, summed, learned, overlap, overlap_visible, vv_factor, visible, rates, own):
    """total_s: what the weights at the block's beginning give, and what was learned since; without self-connections."""
    n = rates.shape[1]
    for i in range(len(total)):
        total[i] = summed[s, i]
    for k in range(s):
        a, c = learned[k], overlap[k, s]
        for i in range(len(total)):
            total[i] += a[i] * c
        c = (1.0 - vv_factor) * overlap_visible[k, s]
        for i in range(visible):
            total[i] -= a[i] * c
    for i in range(n):
        total[i] -= own[i] * rates[s, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _note_learning(s, learned, own, traces, error, learning, vv_factor, visible):
    """Keep a_s, and sum up what self-connections would have learned."""
    a = learned[s]
    for i in range(len(error)):
        a[i] = learning * error[i]
    for i in range(visible):
        own[i] += vv_factor * a[i] * traces[s, i]
    for i in range(visible, traces.shape[1]):
        own[i] += a[i] * traces[s, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _learn(weights, change, vv_factor, visible):
    """Add a block's learning to the weights."""
    for j in range(visible):
        for i in range(visible):
            change[j, i] *= vv_factor
    for j in range(len(weights)):
        change[j, j] = 0.0
    flat, more = weights.reshape(-1), change.reshape(-1)
    for k in range(len(flat)):
        flat[k] += more[k]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _scaffold(g, strength, rest, flat_history, first, places, starts, sums):
    """g[s, i] = strength sum of max(delayed rate, phi(E_L)) over the edges onto neuron i, edges starts[i] to starts[i + 1]."""
    for i in range(len(starts) - 1):
        if starts[i] == starts[i + 1]:
            continue
        for s in range(len(g)):
            sums[s] = 0.0
        for e in range(starts[i], starts[i + 1]):
            begin = places[e] + first
            for s in range(len(g)):
                r = flat_history[begin + s]
                sums[s] += r if r > rest else rest
        for s in range(len(g)):
            g[s, i] = strength * sums[s]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _keep(history, now, rates):
    """Write a block's rates, from time `now` + 1 on, to both copies of the ring."""
    length = history.shape[1] // 2
    for i in range(rates.shape[1]):
        row = history[i]
        slot = now % length
        for s in range(len(rates)):
            slot = slot + 1 if slot + 1 < length else 0
            row[slot] = rates[s, i]
            row[slot + length] = rates[s, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def simulate(
    exponential, constants, steps, step, teacher, target, learning, vv_factor, visible, weights, block, starts, places, history, u, v,
    trace, work, every, recorded,
):  # fmt: skip
    """Simulate `steps` steps from step number `step` on; return the number of samples recorded.

    `learning` is the learning rate per step and unit trace, `block` the number of steps in a block, no more than the shortest delay.
    `history` holds a ring of rates of length L for each neuron, kept twice one after the other so that reading it never wraps: the rate
    of time t stands in columns t % L and t % L + L. `places` says where in it, against the newest time, delayed rates lie: of each
    neuron for its dendritic synapses, of each edge for the scaffold's excitatory and inhibitory part.
    """
    g_L, g_D, E_L, rest, dt = constants[0], constants[1], constants[2], constants[9], constants[10]
    n, width, length, samples = len(trace), weights.shape[1], history.shape[1] // 2, target.shape[0]
    total, g_total, current, error, own = work
    flat = history.reshape(-1)
    unit = g_L * g_D / (g_L + g_D) * dt
    decay = exp(-dt * g_L) if exponential else 1.0 - dt * g_L
    all_rates, all_traces = np.zeros((block, n)), np.zeros((block, n))
    all_learned, all_summed = np.zeros((block, width)), np.zeros((block, width))
    change, sums = np.zeros((n, width)), np.zeros(block)
    all_exc, all_inh, all_new = np.zeros((block, width)), np.zeros((block, width)), np.zeros((block, width))
    kept, sample, now, end = 0, step % samples, step, step + steps
    while now < end:
        b = min(block, end - now)
        rates, traces, learned, summed = all_rates[:b], all_traces[:b], all_learned[:b], all_summed[:b]
        exc, inh, new, begin, first = all_exc[:b], all_inh[:b], all_new[:b], now, (now + 1) % length + length
        _look_ahead(rates, traces, flat, first, places[0], trace, decay, unit)
        _scaffold(exc, constants[7], rest, flat, first, places[1], starts, sums)
        _scaffold(inh, constants[8], rest, flat, first, places[2], starts, sums)
        np.dot(rates, weights, out=summed)
        overlap = np.dot(traces, rates.T)
        overlap_visible = np.dot(traces[:, :visible].copy(), rates[:, :visible].copy().T)
        neurons.set_to(own, 0.0)
        for s in range(b):
            now += 1
            g_exc, g_inh, rate = exc[s], inh[s], new[s]
            if learning > 0.0:
                _dendritic_input(total, s, summed, learned, overlap, overlap_visible, vv_factor, visible, rates, own)
            else:
                neurons.set_to(total, 0.0)
                neurons.add(total, 1.0, summed[s])
            if exponential:
                neurons.add(v, g_L * dt, total)
            neurons.total_conductance(g_total, constants, g_exc, g_inh, teacher)
            neurons.driving_current(current, constants, v, g_exc, g_inh, teacher, target[sample])
            if exponential:
                neurons.soma_exponential(u, dt, current, g_total)
            else:
                neurons.soma_euler(u, dt, current, g_total)
            neurons.rates(rate, constants, u)
            neurons.errors(error, constants, rate, v)
            neurons.relax(v, E_L, decay)
            if not exponential:
                neurons.add(v, g_L * dt, total)
            if learning > 0.0:
                _note_learning(s, learned, own, traces, error, learning, vv_factor, visible)
            sample = sample + 1 if sample + 1 < samples else 0
            if every > 0 and now % every == 0:
                for i in range(visible):
                    recorded[i, kept] = rate[i]
                kept += 1
        _keep(history, begin, new)
        if learning > 0.0:
            np.dot(traces.T, learned, out=change)
            _learn(weights, change, vv_factor, visible)
    return kept
