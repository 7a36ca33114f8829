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

from elise_pynn.engine import rate_step
from elise_pynn.engine.exponential import exp
from elise_pynn.engine.lanes import LANES

#: steps in a block, at most
BLOCK = 16
STEPS, ONE, TWO, THREE, FOUR = np.uint64(BLOCK), np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)


@njit(cache=True, inline="always")
def _place(row, slot, delay, length):
    """Where in the ring the rates stand that arrive from slot `slot` on."""
    return row + slot - delay + (length if slot < delay else np.uint64(0))


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _look_ahead(rates, traces, ring, length, slot, delays, trace, steps, decay, unit):
    """Delayed rates and traces of a block's steps; `trace` moves on to the last one's."""
    for j in range(np.uint64(len(delays))):
        begin = _place(j * (length + STEPS), slot, delays[j], length)
        for s in range(STEPS):
            rates[s, j] = ring[begin + s]
    for s in range(steps):
        for j in range(len(trace)):
            trace[j] = trace[j] * decay + unit * rates[s, j]
            traces[s, j] = trace[j]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _scaffold(drive, groups, constants, ring, length, slot, sources, delays_exc, delays_inh, starts, exc, inh):
    """Current and conductance of the scaffold onto each neuron that it reaches, at each step of a block."""
    rest, passive, leak = constants[9], constants[0] + constants[1], constants[0] * constants[2]
    for i in range(len(starts) - 1):
        if starts[i] == starts[i + 1]:
            continue
        for s in range(STEPS):
            exc[s] = 0.0
        for s in range(STEPS):
            inh[s] = 0.0
        for e in range(starts[i], starts[i + 1]):
            row = sources[e] * (length + STEPS)
            begin = _place(row, slot, delays_exc[sources[e]], length)
            for s in range(STEPS):
                r = ring[begin + s]
                exc[s] += r if r > rest else rest
            begin = _place(row, slot, delays_inh[sources[e]], length)
            for s in range(STEPS):
                r = ring[begin + s]
                inh[s] += r if r > rest else rest
        for s in range(STEPS):
            g_exc, g_inh = constants[7] * exc[s], constants[8] * inh[s]
            current = leak + g_exc * constants[3] + g_inh * constants[4]
            rate_step.put_drive(drive, groups, s, np.uint64(i), current, passive + g_exc + g_inh)


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _add_learned(total, s, learned, overlap, factor, n):
    """Add to the dendritic input of step `s` of n neurons what the steps before it have learned; overlap[k, s] is 0 for k >= s."""
    for k in range(np.uint64(0), s, FOUR):
        k1, k2, k3 = k + ONE, k + TWO, k + THREE
        f0, f1, f2, f3 = factor * overlap[k, s], factor * overlap[k1, s], factor * overlap[k2, s], factor * overlap[k3, s]
        for i in range(n):
            total[s, i] += f0 * learned[k, i] + f1 * learned[k1, i] + f2 * learned[k2, i] + f3 * learned[k3, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _learn(weights, change, connected, vv_factor, visible):
    """Add a block's learning to the weights, where `connected` is 1 (everywhere, when it is empty)."""
    for j in range(visible):
        for i in range(visible):
            change[j, i] *= vv_factor
    for j in range(len(weights)):
        change[j, j] = 0.0
    flat, more = weights.reshape(-1), change.reshape(-1)
    if len(connected) > 0:
        for k in range(len(flat)):
            more[k] *= connected[k]
    for k in range(len(flat)):
        flat[k] += more[k]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _keep(ring, length, n, slot, rates, steps):
    """Write a block's rates of n neurons to the ring, from slot `slot` on."""
    plain = slot >= STEPS and slot + steps <= length
    for i in range(n):
        row = i * (length + STEPS)
        for s in range(steps):
            if plain:
                ring[row + slot + s] = rates[s, i]
            else:
                at = (slot + s) % length
                ring[row + at] = rates[s, i]
                if at < STEPS:
                    ring[row + at + length] = rates[s, i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def _zero_from_diagonal_on(overlap):
    for k in range(BLOCK):
        for s in range(k + 1):
            overlap[k, s] = 0.0


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def simulate(
    exponential, constants, steps, step, teacher, target, learning, vv_factor, visible, n, weights, connected, block, starts, sources,
    delays, ring, length, state, trace, every, recorded,
):  # fmt: skip
    """Simulate `steps` steps from step number `step` on; return the number of samples recorded.

    `teacher` is each visible neuron's nudging conductance, `learning` the learning rate per step and unit trace, `block` the number of
    steps in a block, no more than the shortest delay, and 1 when not all neurons are connected. `ring` holds the last `length` rates of
    each neuron, that of time t in slot t % length, and the first BLOCK slots once more behind the last one, so that reading a block
    never wraps. The scaffold's edges onto neuron i come from `sources` number starts[i] to starts[i + 1]. `delays` in steps: dendritic,
    scaffold's excitatory and inhibitory part.

    Arrays are as wide as whole groups of rate_step. What stands beyond the n neurons, or beyond the steps of a short block, does no harm:
    the rates of neurons that are none stay 0 in `ring`.
    """
    g_L, g_D, E_L, dt = constants[0], constants[1], constants[2], constants[10]
    width, samples = weights.shape[1], target.shape[0]
    groups = np.uint64(width) // LANES
    unit = g_L * g_D / (g_L + g_D) * dt
    decay = exp(-dt * g_L) if exponential else 1.0 - dt * g_L
    blocks, blocks_slow, overlaps = np.zeros((5, BLOCK, width)), np.zeros((2, BLOCK, visible)), np.zeros((2, BLOCK, BLOCK))
    rates, traces, summed, learned, new = blocks[0], blocks[1], blocks[2], blocks[3], blocks[4]
    rates_slow, traces_slow, overlap, overlap_slow = blocks_slow[0], blocks_slow[1], overlaps[0], overlaps[1]
    change, exc, inh = np.zeros((width, width)), np.zeros(BLOCK), np.zeros(BLOCK)
    drive = np.zeros(STEPS * groups * rate_step.DRIVE)
    for s in range(STEPS):
        for i in range(np.uint64(width)):
            rate_step.put_drive(drive, groups, s, i, g_L * E_L, g_L + g_D)
    kept, sample, now, end = 0, step % samples, step, step + steps
    while now < end:
        b = min(block, end - now)
        slot = np.uint64(now + 1) % length
        _look_ahead(rates, traces, ring, length, slot, delays[0], trace, b, decay, unit)
        _scaffold(drive, groups, constants, ring, length, slot, sources, delays[1], delays[2], starts, exc, inh)
        np.dot(rates, weights, out=summed)
        if learning > 0.0:
            np.dot(traces, rates.T, out=overlap)
            rates_slow[:], traces_slow[:] = rates[:, :visible], traces[:, :visible]
            np.dot(traces_slow, rates_slow.T, out=overlap_slow)
            _zero_from_diagonal_on(overlap)
            _zero_from_diagonal_on(overlap_slow)
        rate_step.forget_own(state, groups)
        for s in range(np.uint64(b)):
            now += 1
            for i in range(np.uint64(visible)):
                rate_step.put_drive(drive, groups, s, i, g_L * E_L + teacher[i] * target[sample, i], g_L + g_D + teacher[i])
            if learning > 0.0:
                _add_learned(summed, s, learned, overlap, 1.0, np.uint64(width))
                _add_learned(summed, s, learned, overlap_slow, vv_factor - 1.0, np.uint64(visible))
                rate_step.put(state, groups, rate_step.DELAYED, rates, s)
                rate_step.put(state, groups, rate_step.TRACE, traces, s)
            rate_step.put(state, groups, rate_step.TOTAL, summed, s)
            rate_step.advance(state, drive, s, groups, exponential, constants, decay, learning, new, learned)
            sample = sample + 1 if sample + 1 < samples else 0
            if every > 0 and now % every == 0:
                for i in range(visible):
                    recorded[i, kept] = new[s, i]
                kept += 1
        _keep(ring, length, np.uint64(n), slot, new, np.uint64(b))
        if learning > 0.0:
            np.dot(traces[:b].T, learned[:b], out=change)
            _learn(weights, change, connected, vv_factor, visible)
    return kept
