"""How promising a scaffold is for a sequence, before any training.

Can the visible targets be read out, linearly, of what the scaffold makes of them? The nudged network is taken in its high-gain limit:
visible rates are phi(u*), a latent soma follows its scaffold, u = E_inh g_inh / (g_exc + g_inh) for E_exc = 0, without any learned input.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from elise_pynn.blueprint import Blueprint, make_blueprint
from elise_pynn.parameters import Parameters
from elise_pynn.sequence import Sequence

#: cycles that are simulated, and ms per step
CYCLES, STEP = 4, 0.5
#: strength of the ridge penalty against the mean variance of a filtered rate
RIDGE = 0.03
#: seeds of networks lie below
LARGEST_SEED = 2**31 - 1


def residual_variance(blueprint: Blueprint, sequence: Sequence) -> float:
    """Share of the target's variance that cannot be read out of the filtered rates; small is promising.

    Latent neurons count when they respond (to a rate above 0.5) and do so alike in consecutive cycles and from different
    beginnings, for only those can be relied on in replay.

    Parameters
    ----------
    blueprint : Blueprint
    sequence : Sequence

    Returns
    -------
    float
        0 to 1; ranks networks of one size for one sequence, no absolute measure.
    """
    step = STEP if abs(sequence.period / STEP - round(sequence.period / STEP)) < 1e-9 else sequence.period / round(sequence.period / STEP)
    target = sequence.target(step, blueprint.parameters.neuron)
    low, high = (_responses(blueprint, target, step, start) for start in (0.0, 1.0))
    n = target.shape[1]
    last, before = low[:, -n:], low[:, -2 * n : -n]
    steady = (np.abs(last - before).max(axis=1) < 0.1) & (np.abs(last - high[:, -n:]).max(axis=1) < 0.1) & (last.max(axis=1) > 0.5)
    steady[: blueprint.visible] = True
    filtered = _filtered(blueprint, low, step)[:, -n:][steady]
    centred = filtered - filtered.mean(axis=1, keepdims=True)
    goal = target - target.mean(axis=1, keepdims=True)
    penalty = RIDGE * np.mean(centred**2) * n
    coefficients = np.linalg.solve(centred @ centred.T + penalty * np.eye(len(centred)), centred @ goal.T)
    residual = goal - coefficients.T @ centred
    variance = np.mean(goal**2)
    return float(np.mean(residual**2) / variance) if variance > 0 else 0.0


def drawn_seeds(seed: int, draws: int) -> list[int]:
    """Seeds of the networks among which a seed chooses: the seed itself when there is one."""
    return [seed] if draws == 1 else [(seed * 1000 + draw) % LARGEST_SEED for draw in range(draws)]


def best_blueprint(sequence: Sequence, latent: int, seed: int, parameters: Parameters | None = None, draws: int = 10) -> Blueprint:
    """The most promising of `draws` networks that a seed grows; with one draw, that of the seed itself."""
    candidates = [make_blueprint(sequence.n_channels, latent, drawn, parameters) for drawn in drawn_seeds(seed, draws)]
    return candidates[0] if draws == 1 else min(candidates, key=lambda candidate: residual_variance(candidate, sequence))


def _responses(blueprint: Blueprint, target: np.ndarray, step: float, start: float) -> np.ndarray:
    """Rates of all neurons over all cycles, shape (neurons, steps), when latent ones had the rate `start` before."""
    neuron = blueprint.parameters.neuron
    n, size, visible = CYCLES * target.shape[1], blueprint.size, blueprint.visible
    rest = float(neuron.rate(neuron.E_L))
    delays = [np.maximum(np.round(d / step).astype(int), 1) for d in (blueprint.delay_exc, blueprint.delay_inh)]
    longest = max(int(d.max()) for d in delays)
    rates = np.full((size, longest + n), start)
    rates[:visible, longest:] = np.tile(neuron.rate(target), CYCLES)
    rates[:visible, :longest] = rest
    pre, post = blueprint.scaffold.T
    for t in range(longest, longest + n):
        g = [
            strength * np.bincount(post, np.maximum(rates[pre, t - delay[pre]], rest), size)[visible:]
            for strength, delay in zip((neuron.g_exc0, neuron.g_inh0), delays, strict=True)
        ]
        total = np.maximum(g[0] + g[1], 1e-12)
        reached = g[0] + g[1] > 0
        u = np.where(reached, (g[0] * neuron.E_exc + g[1] * neuron.E_inh) / total, neuron.E_L)
        rates[visible:, t] = neuron.rate(u)
    return rates[:, longest:]


def _filtered(blueprint: Blueprint, rates: np.ndarray, step: float) -> np.ndarray:
    """Rates delayed by the dendritic delays and filtered by the membrane."""
    kept = np.exp(-step * blueprint.parameters.neuron.g_L)
    delayed = np.zeros_like(rates)
    for row, (delay, rate) in enumerate(zip(np.round(blueprint.delay_dendritic / step).astype(int), rates, strict=True)):
        delayed[row, delay:] = rate[: max(len(rate) - delay, 0)]
    return lfilter([1 - kept], [1, -kept], delayed, axis=1)
