"""Weights as a platform with few bits holds them."""

from __future__ import annotations

import numpy as np


def quantised(weights: np.ndarray, bits: int) -> np.ndarray:
    """Weights rounded to so many bits, sign included; the largest one is a whole step and none is clipped."""
    step = np.abs(weights).max() / (2 ** (bits - 1) - 1)
    return np.round(weights / step) * step if step > 0 else weights
