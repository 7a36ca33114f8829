"""What was learned: a minority of strong synapses, the linearised network's eigenvalues, the pull of the learned cycle."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs

from elise_pynn.analysis.scores import errors_over_shifts
from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.engine import EngineSimulation
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, point, share
from elise_pynn.experiments.networks import CYCLES, LATENT_NEURONS, Taught, teach_network, training_columns
from elise_pynn.parameters import NeuronParameters
from elise_pynn.points import Point

#: a synapse is strong when it and the stronger ones carry half of all absolute weight
HALF = 0.5
#: the perturbation: the first channels' somata are held so far above E_L, for so long
PERTURBED, OFFSET_MV, DURATION_MS = 3, 8.0, 3.0
#: cycles over which the distance is followed
FOLLOWED = {"smoke": 2, "quick": 10, "paper": 10}
#: cycles before the one-cycle map is linearised, how far from a cycle its end is sought in ms, and the step of the differences
SETTLING, SEARCH_MS, DIFFERENCE = 10, 10.0, 1e-4
#: multipliers that are computed
MULTIPLIERS = 3
#: a cycle has returned when its state is so much nearer than elsewhere within the search, and one eigenvalue lies so near to 1
RETURNED, NEAR_ONE = 0.5, 0.05


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per seed."""
    given = {"latent": LATENT_NEURONS[preset], "cycles": CYCLES[preset]}
    return [point({"seed": seed}, backend, {**given, "seed": seed}, followed=FOLLOWED[preset]) for seed in range(1, seeds + 1)]


def strong_share(weights: np.ndarray) -> float:
    """Share of all synapses that carry half of the absolute weight; 0.5 for equal weights, 0.24 for a normal distribution."""
    size = np.sort(np.abs(weights[~np.eye(len(weights), dtype=bool)]))[::-1]
    return float((np.searchsorted(np.cumsum(size), HALF * size.sum()) + 1) / len(size))


def spectral_radius(weights: np.ndarray, neuron: NeuronParameters) -> float:
    """Largest modulus of the eigenvalues of d r_new / d r for dendrites that follow their input at once.

    Linearised at half of the full rate, where phi is steepest: phi' = beta / 4, and the soma takes g_D / (g_L + g_D) of the dendrite.
    """
    gain = neuron.beta / 4 * neuron.g_D / (neuron.g_L + neuron.g_D)
    return float(np.abs(np.linalg.eigvals(gain * weights)).max())


def floquet_multipliers(taught: Taught) -> tuple[float, list[float]]:
    """Return time of the learned cycle and the moduli of the largest eigenvalues of the linearised one-cycle map.

    The map takes the whole state, potentials and rates on their way, to that one return time later. Its derivative along a direction is
    a difference quotient. A cycle has one eigenvalue of 1, a shift in time; it attracts when all others are smaller.

    Returns
    -------
    float
        ms.
    list of float
        Largest first; empty when there is no cycle to return to or the iteration does not converge.

    Notes
    -----
    There is no cycle when nothing changes or the state is not nearest to where it began within `SEARCH_MS` of the pattern's period.
    """
    simulation = taught.cued()
    assert isinstance(simulation, EngineSimulation)
    period, dt = taught.sequence.period, simulation.timestep
    simulation.run(SETTLING * period)
    start = simulation.rate_state()
    simulation.run(period - SEARCH_MS)
    gaps = []
    for _ in range(round(2 * SEARCH_MS / dt)):
        simulation.run(dt)
        gaps.append(float(np.linalg.norm(simulation.rate_state() - start)))
    nearest = int(np.argmin(gaps))
    if nearest in (0, len(gaps) - 1) or gaps[nearest] > RETURNED * max(gaps):
        return float("nan"), []
    returned = period - SEARCH_MS + (nearest + 1) * dt

    def after_a_cycle(state: np.ndarray) -> np.ndarray:
        simulation.set_rate_state(state)
        simulation.run(returned)
        return simulation.rate_state()

    end = after_a_cycle(start)

    def derivative(direction: np.ndarray) -> np.ndarray:
        step = DIFFERENCE / max(float(np.linalg.norm(direction)), 1e-30)
        return (after_a_cycle(start + step * direction.reshape(-1)) - end) / step

    operator = LinearOperator((start.size, start.size), matvec=derivative, dtype=float)
    first = np.random.default_rng(1).normal(size=start.size)
    try:
        found = eigs(operator, MULTIPLIERS, v0=first, tol=1e-3, maxiter=30, return_eigenvectors=False)
    except ArpackNoConvergence as error:
        found = error.eigenvalues
    return returned, sorted((float(abs(value)) for value in found), reverse=True)


def distances(taught: Taught, cycles: int) -> list[float]:
    """Root mean square distance, at the best shift, between a perturbed replay and the undisturbed one in each cycle after it."""
    period, samples, recorded = taught.sequence.period, 0, []
    for perturbed in (False, True):
        simulation = taught.cued()
        simulation.run(period)
        if perturbed:
            simulation.hold(slice(0, PERTURBED), taught.blueprint.parameters.neuron.E_L + OFFSET_MV)
        simulation.run(DURATION_MS)
        simulation.hold(slice(0, PERTURBED), None)
        simulation.record()
        simulation.run((cycles + 1) * period)
        activity = simulation.take()
        samples = round(period / activity.interval)
        recorded.append(activity.rates)
    calm, disturbed = recorded
    found = []
    for cycle in range(cycles):
        # the perturbed replay may lead or lag: either is shifted against one cycle of the other
        here, both = slice(cycle * samples, (cycle + 1) * samples), slice(cycle * samples, (cycle + 2) * samples)
        later, sooner = errors_over_shifts(disturbed[:, both], calm[:, here]), errors_over_shifts(calm[:, both], disturbed[:, here])
        found.append(float(np.sqrt(max(min(later.min(), sooner.min()), 0.0))))
    return found


def compute(work: Row) -> Row:
    """Teach, then look at the weights and perturb the replay."""
    taught = teach_network(work["given"])
    before, after = taught.blueprint.initial_weights, taught.blueprint.weights
    neuron = taught.blueprint.parameters.neuron
    assert before is not None
    followed = distances(taught, work["followed"])
    returned, multipliers = floquet_multipliers(taught)
    row = {
        "return_time_ms": returned if multipliers else None,
        **{f"multiplier_{k + 1}": value for k, value in enumerate(multipliers)},
        "strong_share_before": strong_share(before),
        "strong_share_after": strong_share(after),
        "radius_before": spectral_radius(before, neuron),
        "radius_after": spectral_radius(after, neuron),
        "distance_first": followed[0],
        "distance_last": followed[-1],
        "distances": followed,
    }
    return {"rows": [{**row, **training_columns(taught)}], "error": ""}


def summarise(rows: list[Row]) -> list[Claim]:
    """A strong minority carries the memory (paper); the learned cycle attracts."""
    shares, before = column(rows, "strong_share_after"), column(rows, "strong_share_before")
    first = [row.get("multiplier_1", float("nan")) for row in rows]
    second = [row.get("multiplier_2", float("nan")) for row in rows]
    closer = [row["distance_last"] < row["distance_first"] for row in rows]
    return [
        Claim(
            "a minority of synapses becomes strong (paper): share of synapses that carry half of all weight",
            shares,
            f"below that before training, median {np.median(before):.3f}",
            bool(np.median(shares) < np.median(before)),
        ),
        Claim("spectral radius of the linearised network before training", column(rows, "radius_before"), "reported", None),
        Claim("the same after training: above 1, activity sustains itself", column(rows, "radius_after"), "reported", None),
        Claim("return time of the learned cycle in ms", column(rows, "return_time_ms"), "reported; the pattern takes 250", None),
        Claim(
            "largest eigenvalue of the linearised one-cycle map, modulus",
            first,
            "reported; 1: a shift in time neither grows nor fades",
            None,
        ),
        Claim(
            "second largest: below 1, the learned cycle attracts",
            second,
            "below 1, and the largest within 0.05 of 1, on most seeds",
            share([abs(a - 1) < NEAR_ONE and b < 1 for a, b in zip(first, second, strict=True)]) > 0.5,
        ),
        Claim("distance to the undisturbed replay in the first cycle after", column(rows, "distance_first"), "reported", None),
        Claim("the same in the last cycle followed (shifts are whole samples of 0.2 ms)", column(rows, "distance_last"), "reported", None),
        Claim("the replay returns to its cycle", [float(c) for c in closer], "most seeds", bool(np.mean(closer) > 0.5)),
    ]


@styled
def draw(rows: list[Row]) -> Figure:
    """Share of strong synapses and spectral radius before and after training; distance after the perturbation."""
    figure, axes = new(8.6, 2.9, columns=3)
    for ax, name, label in zip(axes[0], ("strong_share", "radius"), ("share of strong synapses", "spectral radius"), strict=False):
        for row in rows:
            ax.plot([0, 1], [row[f"{name}_before"], row[f"{name}_after"]], "o-", ms=3.5, lw=0.8, color=LATENT, alpha=0.7)
        ax.set_xticks([0, 1], ["before", "after"])
        ax.set(ylabel=label, xlim=(-0.4, 1.4), ylim=(0, None))
    for row in rows:
        axes[0, 2].plot(range(1, len(row["distances"]) + 1), row["distances"], "-", lw=0.9, color=VISIBLE, alpha=0.7)
    axes[0, 2].set(xlabel="cycles after the perturbation", ylabel="distance at best shift", yscale="log")
    return figure


EXPERIMENT = Experiment(
    "dynamics",
    "Dynamics",
    "What was learned, and how strongly does the learned cycle attract?",
    points,
    compute,
    summarise,
    draw,
    backends=("engine",),
)
