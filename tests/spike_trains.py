"""Spike trains for the tests of the analysis."""

from __future__ import annotations

import neo
import numpy as np
import quantities as pq
from scipy.ndimage import gaussian_filter1d

STEP = 0.5


def train(times, stop=1000.0, **annotations):
    return neo.SpikeTrain(np.asarray(times, dtype=float) * pq.ms, t_stop=stop * pq.ms, **annotations)


def smooth_rates(rng, neurons, duration, correlation_time=10.0, low=0.1, high=0.9):
    """Rates in 1/ms that wander between two limits, periodically, sampled every STEP ms; shape (neurons, samples)."""
    x = gaussian_filter1d(rng.standard_normal((neurons, round(duration / STEP))), correlation_time / STEP, axis=1, mode="wrap")
    return low + (high - low) / (1 + np.exp(-2 * x / x.std(axis=1, keepdims=True)))


def poisson(rng, rates):
    """Poisson trains of rates in 1/ms, sampled every STEP ms."""
    counts = rng.poisson(rates * STEP)
    places = [np.repeat(np.arange(len(row)), row) for row in counts]
    return [train(np.sort(p + rng.random(len(p))) * STEP, rates.shape[1] * STEP) for p in places]
