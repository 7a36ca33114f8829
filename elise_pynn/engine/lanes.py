"""The layout of the engine's arrays.

Neurons stand in groups of sixteen lanes. What a step of one neuron needs stands in a flat array `state`, [group][field][lane]: with
constant distances between its fields the compiler can vectorise a whole step as one loop over the lanes of a group. Indices are
unsigned, or numba would test each for being negative and count it from the end.
"""

from __future__ import annotations

import numpy as np

#: neurons in a group; the compiler's vectoriser leaves shorter loops alone
LANES = np.uint64(16)
#: order of the model's constants in the tuple that all kernels take; `rest` is phi(E_L)
CONSTANTS = ("g_L", "g_D", "E_L", "E_exc", "E_inh", "beta", "theta", "g_exc0", "g_inh0", "rest", "dt")


def padded(n: int) -> int:
    """Return the number of lanes of the groups that n neurons take."""
    return -(-n // int(LANES)) * int(LANES)
