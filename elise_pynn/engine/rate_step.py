"""A step of the rate form: somata, rates, learning signal, dendrites."""

from __future__ import annotations

import numpy as np
from numba import njit

from elise_pynn.engine.exponential import exp
from elise_pynn.engine.lanes import LANES

#: fields of `state`: potentials of soma and dendrite, what self-connections would have learned in this block and their factor of the
#: learning rate; of the present step, dendritic input, delayed rate, trace; learning rate relative to others'; whether the soma is held,
#: and where
U, V, OWN, FACTOR, TOTAL, DELAYED, TRACE, PLASTIC, HELD, HOLD = (np.uint64(int(LANES) * field) for field in range(10))
#: fields of `drive`: current and conductance onto the soma
CURRENT, CONDUCTANCE = np.uint64(0), LANES
#: entries of a group
STATE, DRIVE = np.uint64(10 * int(LANES)), np.uint64(2 * int(LANES))


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def advance(state, drive, s, groups, exponential, constants, decay, learning, rates, learned):
    """Step `s` of a block: somata, rates, learning signal, dendrites; writes row `s` of `rates` and `learned`, an entry per neuron.

    Both integrators are u += (level - u) share, with share = 1 - exp(-dt g), or dt g for explicit Euler. They differ in when the
    dendrite takes its input: before the soma reads it (exponential, as in the NESTML neuron) or after (published).
    """
    g_L, g_D, E_L, beta, theta, dt = constants[0], constants[1], constants[2], constants[5], constants[6], constants[10]
    w_L, w_D = g_L / (g_L + g_D), g_D / (g_L + g_D)
    before, after = (g_L * dt, 0.0) if exponential else (0.0, g_L * dt)
    for group in range(groups):
        at, now, out = group * STATE, (s * groups + group) * DRIVE, group * LANES
        for lane in range(LANES):
            total = state[at + TOTAL + lane] - state[at + OWN + lane] * state[at + DELAYED + lane]
            v = state[at + V + lane] + before * total
            u = state[at + U + lane]
            g = drive[now + CONDUCTANCE + lane]
            share = 1.0 - exp(-dt * g) if exponential else dt * g
            u = u + ((drive[now + CURRENT + lane] + g_D * v) / g - u) * share
            u = u + state[at + HELD + lane] * (state[at + HOLD + lane] - u)
            inverse_rate = 1.0 + exp(beta * (theta - u))
            inverse_prediction = 1.0 + exp(beta * (theta - (w_L * E_L + w_D * v)))
            both = 1.0 / (inverse_rate * inverse_prediction)  # one division for two
            change = learning * state[at + PLASTIC + lane] * (inverse_prediction - inverse_rate) * both
            rates[s, out + lane] = inverse_prediction * both
            learned[s, out + lane] = change
            state[at + U + lane] = u
            state[at + V + lane] = E_L + (v - E_L) * decay + after * total
            state[at + OWN + lane] += state[at + FACTOR + lane] * change * state[at + TRACE + lane]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def forget_own(state, groups):
    """At the start of a block self-connections have learned nothing."""
    for group in range(groups):
        for lane in range(LANES):
            state[group * STATE + OWN + lane] = 0.0


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def put(state, groups, field, values, s):
    """Write row `s` of `values`, an entry per neuron, to a field of the state."""
    for group in range(groups):
        at, first = group * STATE + field, group * LANES
        for lane in range(LANES):
            state[at + lane] = values[s, first + lane]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def put_drive(drive, groups, s, neuron, current, conductance):
    """Write current and conductance of one neuron at step `s`."""
    at = (s * groups + neuron // LANES) * DRIVE + neuron % LANES
    drive[at + CURRENT] = current
    drive[at + CONDUCTANCE] = conductance
