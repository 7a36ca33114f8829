"""The rate form of the model, step by step.

Weights are stored pre x post, padded to whole cache lines, so that one pass over them learns and at the same time sums the dendritic
input of the next step, whose delayed rates are known already.
"""

from __future__ import annotations

from numba import njit

from elise_pynn.engine import neurons
from elise_pynn.engine.exponential import exp

#: rows of scratch that `simulate` takes; the first two are kept between calls
WORK = ("total", "delayed", "g_exc", "g_inh", "g_total", "current", "error", "slow_error", "rate")


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _learn_and_sum(weights, first, last, gain, trace, delayed, total):
    """weights[j, i] += gain[i] trace[j] and total[i] += weights[j, i] delayed[j], four rows j at a time."""
    width = weights.shape[1]
    j = first
    while j + 4 <= last:
        w0, w1, w2, w3 = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
        x0, x1, x2, x3 = trace[j], trace[j + 1], trace[j + 2], trace[j + 3]
        r0, r1, r2, r3 = delayed[j], delayed[j + 1], delayed[j + 2], delayed[j + 3]
        for i in range(width):
            a = gain[i]
            b0 = w0[i] + a * x0
            b1 = w1[i] + a * x1
            b2 = w2[i] + a * x2
            b3 = w3[i] + a * x3
            w0[i] = b0
            w1[i] = b1
            w2[i] = b2
            w3[i] = b3
            total[i] += (b0 * r0 + b1 * r1) + (b2 * r2 + b3 * r3)
        j += 4
    while j < last:
        w0 = weights[j]
        x0, r0 = trace[j], delayed[j]
        for i in range(width):
            b0 = w0[i] + gain[i] * x0
            w0[i] = b0
            total[i] += b0 * r0
        j += 1


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _gather(out, flat_history, newest, places):
    """out[k] = the rate at places[k] + newest."""
    for k in range(len(places)):
        out[k] = flat_history[places[k] + newest]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _scaffold(g, strength, rest, rates, starts):
    """g[i] = strength sum of max(delayed rate, phi(E_L)) over the edges onto neuron i, edges starts[i] to starts[i + 1]."""
    for i in range(len(starts) - 1):
        total = 0.0
        for e in range(starts[i], starts[i + 1]):
            total += rates[e] if rates[e] > rest else rest
        g[i] = strength * total


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def simulate(
    exponential, constants, steps, step, teacher, target, learning, vv_factor, visible, weights, starts, places, history, u, v,
    trace, work, on_edges, every, recorded,
):  # fmt: skip
    """Simulate `steps` steps from step number `step` on; return the number of samples recorded.

    `learning` is the learning rate per step and unit trace. `history` holds a ring of rates of length L for each neuron, kept twice one
    after the other so that reading it never wraps: the rate of time t stands in columns t % L and t % L + L. `places` says where in it,
    against the newest time, delayed rates lie: of each neuron for its dendritic synapses, of each edge for the scaffold's excitatory and
    inhibitory part.
    """
    g_L, g_D, E_L, rest, dt = constants[0], constants[1], constants[2], constants[9], constants[10]
    n, length, samples = len(trace), history.shape[1] // 2, target.shape[0]
    total, delayed, g_exc, g_inh, g_total, current, error, slow_error, rate = work
    flat = history.reshape(-1)
    unit = g_L * g_D / (g_L + g_D) * dt
    decay = exp(-dt * g_L) if exponential else 1.0 - dt * g_L
    kept, slot, sample = 0, step % length, step % samples
    for now in range(step + 1, step + steps + 1):
        slot = slot + 1 if slot + 1 < length else 0
        newest = slot + length
        _gather(on_edges, flat, newest, places[1])
        _scaffold(g_exc, constants[7], rest, on_edges, starts)
        _gather(on_edges, flat, newest, places[2])
        _scaffold(g_inh, constants[8], rest, on_edges, starts)
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
        for i in range(len(rate)):
            history[i, slot] = rate[i]
            history[i, newest] = rate[i]
        neurons.scale(trace, decay)
        neurons.add(trace, unit, delayed)
        _gather(delayed, flat, newest + 1, places[0])
        neurons.scale(error, learning)
        for i in range(len(error)):
            slow_error[i] = error[i] * vv_factor if i < visible else error[i]
        for j in range(n):
            # what the pass over all weights is about to add to self-connections
            weights[j, j] = -(slow_error[j] if j < visible else error[j]) * trace[j]
        neurons.set_to(total, 0.0)
        _learn_and_sum(weights, 0, visible, slow_error, trace, delayed, total)
        _learn_and_sum(weights, visible, n, error, trace, delayed, total)
        sample = sample + 1 if sample + 1 < samples else 0
        if every > 0 and now % every == 0:
            for i in range(visible):
                recorded[i, kept] = rate[i]
            kept += 1
    return kept
