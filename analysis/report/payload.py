"""Rates, spikes and weights in few bytes: whole numbers of 8 and 16 bits, in base64, for the page's script."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from elise_pynn.analysis.report.data import Cycle, ReportData

#: bytes that the cycles of a report may take before base64, and samples of one cycle over all channels
BUDGET, SAMPLES = 2_400_000, 400_000
#: a matrix of weights is shown with so many rows at most
ROWS = 320
#: whole numbers that stand for a rate of 1 per ms, for the end of a cycle, and for the largest weight
RATE_LEVELS, TICKS, WEIGHT_LEVELS = 255, 65_535, 32_767


def encode(array: np.ndarray, kind: str) -> str:
    """Return an array of little-endian numbers of the given kind in base64."""
    return base64.b64encode(np.ascontiguousarray(array, dtype=f"<{kind}").tobytes()).decode()


def coarser(rates: np.ndarray, factor: int) -> np.ndarray:
    """Means of `factor` samples each; the last one may be of fewer."""
    if factor == 1:
        return rates
    starts = np.arange(0, rates.shape[1], factor)
    return np.add.reduceat(rates, starts, axis=1) / np.diff(np.append(starts, rates.shape[1]))


def _bytes(rates: np.ndarray) -> str:
    return encode(np.clip(np.round(rates * RATE_LEVELS), 0, RATE_LEVELS), "u1")


def chosen(sizes: list[int], budget: int) -> list[int]:
    """Which cycles to keep so that their sizes stay within the budget: from both ends inwards, the first one always."""
    n = len(sizes)
    inwards = [i for pair in zip(range(n), range(n - 1, -1, -1), strict=True) for i in pair][:n]
    kept: list[int] = []
    for i in dict.fromkeys(inwards):
        if kept and sum(sizes[k] for k in kept) + sizes[i] > budget:
            break
        kept.append(i)
    return sorted(kept)


def _spikes(cycle: Cycle, period: float, neurons: int) -> dict[str, str]:
    shown = cycle.spike_neurons < neurons
    ticks = np.clip(np.round(cycle.spike_times[shown] / period * TICKS), 0, TICKS)
    order = np.argsort(ticks, kind="stable")
    return {"times": encode(ticks[order], "u2"), "neurons": encode(cycle.spike_neurons[shown][order], "u2")}


def viewer(data: ReportData, budget: int = BUDGET) -> dict[str, Any]:
    """Return what the viewer of one run needs, as plain values.

    Parameters
    ----------
    data : ReportData
    budget : int
        Bytes that its cycles may take before base64.

    Returns
    -------
    dict
        ``left_out`` says how many cycles and latent neurons did not fit.
    """
    channels, samples = data.target.shape
    factor = -(-channels * samples // min(SAMPLES, budget // 2))
    # where the spikes of one cycle alone would burst the budget, the first latent neurons stand for all
    neurons = data.size
    for cycle in data.cycles[:1]:
        order = np.sort(cycle.spike_neurons)
        fit = (budget // 2) // 4
        if len(order) > fit:
            neurons = max(channels, int(order[fit]))
    neurons = min(neurons, 65_535)
    sizes = [channels * -(-samples // factor) + 4 * int((c.spike_neurons < neurons).sum()) for c in data.cycles]
    kept = [data.cycles[i] for i in chosen(sizes, budget)]
    return {
        "channels": list(data.channels),
        "period": data.period,
        "step": data.step_ms,
        "interval": data.interval * factor,
        "samples": -(-samples // factor),
        "latent": neurons - channels,
        "spiking": any(len(cycle.spike_times) for cycle in data.cycles),
        "target": _bytes(coarser(data.target, factor)),
        "cycles": [
            {
                "label": c.label,
                "number": c.number,
                "begin": c.begin,
                "rates": _bytes(coarser(c.rates, factor)),
                **_spikes(c, data.period, neurons),
            }
            for c in kept
        ],
        "left_out": {"cycles": len(data.cycles) - len(kept), "latent": data.size - neurons},
    }


def weights(data: ReportData) -> dict[str, Any]:
    """Return the matrices of weights for the page's script, thinned to `ROWS` rows and columns."""
    shown = np.unique(np.linspace(0, data.size - 1, min(data.size, ROWS)).round().astype(int))
    scale = float(np.percentile(np.abs(data.weights_after), 99.5)) or 1.0
    top = max(float(np.abs(m).max()) for m in (data.weights_before, data.weights_after) if m is not None) or 1.0
    matrices = [("before", data.weights_before)] if data.weights_before is not None else []
    matrices.append(("after", data.weights_after))
    return {
        "neurons": shown.tolist(),
        "visible": len(data.channels),
        "channels": list(data.channels),
        "scale": scale,
        "top": top,
        "matrices": {
            name: encode(np.clip(np.round(m[np.ix_(shown, shown)] / top * WEIGHT_LEVELS), -WEIGHT_LEVELS, WEIGHT_LEVELS), "i2")
            for name, m in matrices
        },
    }
