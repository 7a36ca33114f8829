"""An exponential that the compiler can vectorise, accurate to about one unit in the last place."""

from __future__ import annotations

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

LOG2_E = 1.4426950408889634
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
#: adding it rounds a double to a whole number, which then stands in the lowest bits
ROUND = 6755399441055744.0


@intrinsic
def _as_integer(typing_context, x):
    """The bits of a double."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def _as_double(typing_context, x):
    """The double of these bits."""

    def generate(context, builder, signature, arguments):
        return builder.bitcast(arguments[0], ir.DoubleType())

    return types.float64(types.int64), generate


@njit(inline="always", fastmath={"contract"})
def exp(x):
    """exp(x) for a double, clipped to [-700, 700]: 2^k exp(r) with |r| <= ln 2 / 2.

    exp(r) is a polynomial of degree 11, fitted at Chebyshev nodes to 2e-17, and summed in pairs: shorter chains keep more
    neurons in flight.
    """
    x = 700.0 if x > 700.0 else x
    x = -700.0 if x < -700.0 else x
    shifted = x * LOG2_E + ROUND
    k = shifted - ROUND
    r = x - k * LN2_HIGH - k * LN2_LOW
    r2 = r * r
    r4 = r2 * r2
    p45 = 0.04166666666662413 + 0.008333333333330062 * r
    p67 = 0.0013888888917213717 + 0.00019841269863053618 * r
    p89 = 2.4801521295954376e-05 + 2.7557268459997064e-06 * r
    p1011 = 2.7620088445409746e-07 + 2.510038549551032e-08 * r
    p23 = 0.5 + 0.16666666666666669 * r
    p = (p23 + r2 * p45) + r4 * ((p67 + r2 * p89) + r4 * p1011)
    p = 1.0 + (r + r2 * p)
    return p * _as_double((_as_integer(shifted) + np.int64(1023)) << np.int64(52))  # type: ignore[call-arg]
