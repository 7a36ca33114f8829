"""What may be wrong with a run although it ended: said in words, beside its scores."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from elise_pynn.analysis.scores import score_replay
from elise_pynn.blueprint import Blueprint
from elise_pynn.protocol import Replay, target_rates
from elise_pynn.sequence import Sequence

#: 1/ms; neurons whose rate never exceeds the first are silent, those whose mean rate exceeds the second are saturated
SILENT, SATURATED = 0.05, 0.9
#: share of a population from which on saturated neurons are worth a warning
MANY = 0.1
#: mV by which a target may exceed what conductances can reach, for rounding
SLACK = 1e-6
#: permutations of channels for the level of chance, and cycles of the replay that are compared
PERMUTATIONS, CYCLES = 20, 5


def doubts_about_network(blueprint: Blueprint, sequence: Sequence, timestep: float) -> list[str]:
    """What is wrong before anything is taught: latent neurons out of reach, targets that no soma can follow."""
    found = []
    lost = np.setdiff1d(np.arange(blueprint.visible, blueprint.size), reached(blueprint))
    if len(lost):
        found.append(
            f"{len(lost)} of {blueprint.latent} latent neurons ({_some(lost)}) are not reached by the scaffold, so nothing teaches them: "
            "let it grow as a tree, give fewer latent neurons, or another seed."
        )
    neuron, target = blueprint.parameters.neuron, sequence.target(timestep, blueprint.parameters.neuron)
    low, high = sorted((neuron.E_inh, neuron.E_exc))
    if target.min() < low - SLACK or target.max() > high + SLACK:
        found.append(
            f"the teacher's potential runs from {target.min():.4g} to {target.max():.4g} mV, but conductances draw a soma only to "
            f"{low:g} to {high:g} mV (E_inh, E_exc): move the target or the reversal potentials."
        )
    return found


def doubts_about_replay(blueprint: Blueprint, sequence: Sequence, played: Replay, timestep: float) -> list[str]:
    """What is wrong with a replay: silence, saturation, chance."""
    activity, k = played.activity, blueprint.parameters.neuron.spikes_per_rate
    spiking = blueprint.parameters.neuron.emission != "rate"
    counts = np.bincount(activity.spike_neurons, minlength=blueprint.size)
    found = []
    for name in ("visible", "latent") if spiking else ("visible",):
        members = blueprint.members(name)
        size = members.stop - members.start
        if size == 0:
            continue
        if spiking:
            rates, silent = counts[members] / (k * activity.duration), not counts[members].any()
        else:
            rates, silent = activity.rates.mean(axis=1), bool(activity.rates.max(initial=0.0) < SILENT)
        if silent:
            found.append(f"the {name} neurons are silent in replay: teach for more cycles, or give more spikes per rate.")
        saturated = np.flatnonzero(rates > SATURATED) + members.start
        if len(saturated) > MANY * size:
            found.append(
                f"{len(saturated)} of {size} {name} neurons ({_some(saturated)}) are saturated, above {SATURATED:.0%} of the highest rate "
                "all through the replay: lower the learning rate eta, or teach for more cycles."
            )
    correlation, chance = played.scores.median_correlation, level_of_chance(blueprint, sequence, played, timestep)
    if chance is not None and correlation <= chance:
        found.append(
            f"the replay is at chance: its correlation of {correlation:.3f} is no better than with channels interchanged (up to "
            f"{chance:.3f}): teach for more cycles, give more latent neurons, or another seed."
        )
    return found


def reached(blueprint: Blueprint) -> np.ndarray:
    """Latent neurons to which a path of the scaffold leads from a visible one."""
    seen = np.arange(blueprint.size) < blueprint.visible
    pre, post = blueprint.scaffold.T
    while True:
        new = seen.copy()
        new[post[seen[pre]]] = True
        if (new == seen).all():
            return np.flatnonzero(seen[blueprint.visible :]) + blueprint.visible
        seen = new


def level_of_chance(blueprint: Blueprint, sequence: Sequence, played: Replay, timestep: float) -> float | None:
    """Correlation that the replay reaches with interchanged channels at its best shift: mean plus two standard deviations.

    None when there are fewer than three channels.
    """
    interval = played.activity.interval
    target = target_rates(sequence, blueprint, timestep, interval)
    if len(target) < 3:
        return None
    rates = played.activity.rates[:, -(min(CYCLES, played.scores.cycles) + 1) * target.shape[1] :]
    rng = np.random.default_rng(0)
    orders: list[np.ndarray] = []
    while len(orders) < PERMUTATIONS:
        order = rng.permutation(len(target))
        if not np.array_equal(order, np.arange(len(target))):
            orders.append(order)
    found = [score_replay(rates, target[order], interval).median_correlation for order in orders]
    return float(np.mean(found) + 2 * np.std(found))


def _some(neurons: Iterable[int]) -> str:
    """The first few numbers of neurons."""
    numbers = [int(neuron) for neuron in neurons]
    return ", ".join(map(str, numbers[:5])) + (", ..." if len(numbers) > 5 else "")
