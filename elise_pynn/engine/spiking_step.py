"""A step of the spiking form within the neurons: conductances, somata, rates, dendrites, phases of emission, learning signal."""

from __future__ import annotations

import numpy as np
from numba import njit

from elise_pynn.engine.exponential import exp
from elise_pynn.engine.lanes import LANES

#: fields of `state`: potential of the soma, phase of emission, rate, scaffold's two parts and their floor, teacher's conductance and
#: current, whether the soma is held, and where; where the soma is drawn to
U, PHASE, RATE, EXC, INH, FLOOR, TEACHER, TEACHING, HELD, HOLD, LEVEL = (np.uint64(int(LANES) * field) for field in range(11))
#: entries of a group
STATE = np.uint64(11 * int(LANES))


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def advance(state, groups, constants, k, decay_syn, mean_syn, decay, into_Q, v, Q):
    """Advance all neurons by a step, in the order of the NESTML neuron.

    The dendrites' potentials `v` and the learning signal's integrals `Q`, which arriving spikes read as rows, stand by themselves.
    `into_Q` is what the error of this step counts.
    """
    g_L, g_D, E_L, E_exc, E_inh, beta, theta, g_exc0, g_inh0, _, dt = constants
    w_L, w_D = g_L / (g_L + g_D), g_D / (g_L + g_D)
    passive, leak, phase = g_L + g_D, g_L * E_L, k * dt
    for group in range(groups):
        at, first = group * STATE, group * LANES
        for lane in range(LANES):
            exc, inh = state[at + EXC + lane], state[at + INH + lane]
            floor, teacher = state[at + FLOOR + lane], state[at + TEACHER + lane]
            mean_exc, mean_inh = exc * mean_syn, inh * mean_syn
            g_exc = g_exc0 * (mean_exc if mean_exc > floor else floor)
            g_inh = g_inh0 * (mean_inh if mean_inh > floor else floor)
            g = passive + g_exc + g_inh + teacher
            present = v[first + lane]
            level = (leak + g_D * present + g_exc * E_exc + g_inh * E_inh + state[at + TEACHING + lane]) / g
            level = level + state[at + HELD + lane] * (state[at + HOLD + lane] - level)
            u = level + (state[at + U + lane] - level) * exp(-dt * g)
            u = u + state[at + HELD + lane] * (state[at + HOLD + lane] - u)
            inverse_rate = 1.0 + exp(beta * (theta - u))
            inverse_prediction = 1.0 + exp(beta * (theta - (w_L * E_L + w_D * present)))
            both = 1.0 / (inverse_rate * inverse_prediction)  # one division for two
            rate = inverse_prediction * both
            state[at + EXC + lane] = exc * decay_syn
            state[at + INH + lane] = inh * decay_syn
            state[at + LEVEL + lane] = level
            state[at + U + lane] = u
            state[at + RATE + lane] = rate
            state[at + PHASE + lane] += phase * rate
            v[first + lane] = E_L + (present - E_L) * decay
            Q[first + lane] += into_Q * ((inverse_prediction - inverse_rate) * both)


@njit(cache=True, error_model="numpy", fastmath={"contract"}, inline="always")
def place(neuron):
    """Where the first field of a neuron stands."""
    return neuron // LANES * STATE + neuron % LANES
