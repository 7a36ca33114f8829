"""One time step of all neurons, as passes over arrays.

Each pass writes one array, which is what lets the compiler vectorise it.
"""

from __future__ import annotations

from numba import njit

from elise_pynn.engine.exponential import exp

#: order of the model's constants in the tuple that all kernels take; `rest` is phi(E_L)
CONSTANTS = ("g_L", "g_D", "E_L", "E_exc", "E_inh", "beta", "theta", "g_exc0", "g_inh0", "rest", "dt")


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def set_to(out, value):
    """out = value."""
    for i in range(len(out)):
        out[i] = value


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def scale(out, factor):
    """out *= factor."""
    for i in range(len(out)):
        out[i] *= factor


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def add(out, factor, array):
    """out += factor array."""
    for i in range(len(out)):
        out[i] += factor * array[i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def relax(out, level, factor):
    """out = level + (out - level) factor."""
    for i in range(len(out)):
        out[i] = level + (out[i] - level) * factor


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def floored(out, factor, array, mean, floor):
    """out = factor max(mean array, floor)."""
    for i in range(len(out)):
        a = array[i] * mean
        out[i] = factor * (a if a > floor[i] else floor[i])


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def total_conductance(out, constants, g_exc, g_inh, teacher):
    """out = g_L + g_D + g_exc + g_inh + G."""
    base = constants[0] + constants[1]
    for i in range(len(out)):
        out[i] = base + g_exc[i] + g_inh[i] + teacher[i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def driving_current(out, constants, v, g_exc, g_inh, teacher, target):
    """out = sum of all conductances onto the soma times their potentials; `target` has an entry per visible neuron."""
    g_D, E_exc, E_inh, leak = constants[1], constants[3], constants[4], constants[0] * constants[2]
    for i in range(len(out)):
        out[i] = leak + g_D * v[i] + g_exc[i] * E_exc + g_inh[i] * E_inh
    for i in range(len(target)):
        out[i] += teacher[i] * target[i]


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def soma_exponential(u, dt, current, g_total):
    """u relaxes towards current / g_total for one step, exactly for constant conductances."""
    for i in range(len(u)):
        level = current[i] / g_total[i]
        u[i] = level + (u[i] - level) * exp(-dt * g_total[i])


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def soma_euler(u, dt, current, g_total):
    """u by explicit Euler."""
    for i in range(len(u)):
        u[i] += dt * (current[i] - g_total[i] * u[i])


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def rates(out, constants, u):
    """out = phi(u)."""
    beta, theta = constants[5], constants[6]
    for i in range(len(out)):
        out[i] = 1.0 / (1.0 + exp(beta * (theta - u[i])))


@njit(cache=True, error_model="numpy", fastmath={"contract"})
def errors(out, constants, rate, v):
    """out = phi(u) - phi(v*)."""
    g_L, g_D, E_L, beta, theta = constants[0], constants[1], constants[2], constants[5], constants[6]
    w_L, w_D = g_L / (g_L + g_D), g_D / (g_L + g_D)
    for i in range(len(out)):
        out[i] = rate[i] - 1.0 / (1.0 + exp(beta * (theta - (w_L * E_L + w_D * v[i]))))
