"""Two patterns in one latent population, through two visible populations; and one pattern that replaces another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.scores import score_replay
from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, point, share
from elise_pynn.experiments.networks import CUE_CYCLES, CYCLES, REPLAY, Taught, replay_columns, target_rates, teach_network
from elise_pynn.melody import fuer_elise
from elise_pynn.points import Point
from elise_pynn.sequence import Sequence
from elise_pynn.simulation import Simulation

LATENT_NEURONS = {"smoke": (12,), "quick": (50,), "paper": (50, 100)}
#: cycles for which one of two patterns is taught before the other has its turn
TURN = 10


def second_pattern() -> Sequence:
    """Für Elise backwards, with as many notes and the same channels."""
    first = fuer_elise()
    return replace(first, name="fuer-elise backwards", pattern=first.pattern[:, ::-1])


def both() -> Sequence:
    """Two visible populations, a pattern for each."""
    first, second = fuer_elise(), second_pattern()
    names = (*(f"a {c}" for c in first.channels), *(f"b {c}" for c in second.channels))
    return Sequence("two patterns", np.vstack([first.pattern, second.pattern]), first.step_ms, names)


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per task, size and seed."""
    return [
        point(
            {"task": task, "latent": latent, "seed": seed},
            backend,
            {"latent": latent, "seed": seed, "cycles": CYCLES[preset]},
            task=task,
            replay=REPLAY[preset],
        )
        for task in ("two", "relearning")
        for latent in LATENT_NEURONS[preset]
        for seed in range(1, seeds + 1)
    ]


def compute(work: Row) -> Row:
    """Teach two patterns by turns, or one after the other, and replay."""
    return {"rows": _two(work) if work["task"] == "two" else _relearning(work), "error": ""}


def _two(work: Row) -> list[Row]:
    """Each population is nudged in its turn, the other one left alone; both are cued and replayed in turn, frozen."""
    n = fuer_elise().n_channels
    halves = {"a": slice(0, n), "b": slice(n, 2 * n)}

    def take_turns(simulation: Simulation, cycle: int) -> None:
        if cycle % (2 * TURN) > 0:  # cycle 0 of 20 is a free run
            simulation.nudge(0.6 if cycle % (2 * TURN) < TURN else 0.0, halves["a"])
            simulation.nudge(0.0 if cycle % (2 * TURN) < TURN else 0.6, halves["b"])

    taught = teach_network(work["given"], both(), each_cycle=take_turns)
    return [{"pattern": name, **_replay_half(taught, half, work["replay"])} for name, half in halves.items()]


def _replay_half(taught: Taught, half: slice, cycles: int) -> Row:
    simulation = taught.simulation()
    simulation.nudge(taught.blueprint.parameters.learning.nudging, half)
    simulation.run(CUE_CYCLES * taught.sequence.period)
    simulation.nudge(0.0)
    simulation.record()
    simulation.run((cycles + 1) * taught.sequence.period)
    activity = simulation.take()
    target = target_rates(taught.sequence, taught.blueprint, taught.settings.timestep, activity.interval)
    return replay_columns(score_replay(activity.rates[half], target[half], activity.interval))


def _relearning(work: Row) -> list[Row]:
    """Half of the cycles one pattern, half the other, in the same visible population."""
    given, second = {**work["given"], "cycles": work["given"]["cycles"] // 2}, second_pattern()
    first = teach_network(given)
    again = teach_network(given, second, first.blueprint)
    forgotten = replay_columns(replace(again, sequence=fuer_elise()).play(again.cued(), work["replay"]))
    return [
        {"pattern": "first", **replay_columns(first.play(first.cued(), work["replay"]))},
        {"pattern": "second", **replay_columns(again.play(again.cued(), work["replay"]))},
        {"pattern": "first, after the second", **forgotten},
    ]


def summarise(rows: list[Row]) -> list[Claim]:
    """Two patterns fit into one latent population if it is large enough; a pattern can be replaced."""
    claims = []
    sizes = sorted({row["latent"] for row in rows})
    for n in sizes:
        seeds = sorted({row["seed"] for row in rows if row["latent"] == n})
        two = [all(column(rows, "sustained", task="two", latent=n, seed=seed)) for seed in seeds]
        claims.append(Claim(f"two patterns, {n} latent neurons: both are sustained", [float(t) for t in two], "reported", None))
        for pattern in ("first", "second"):
            sustained = column(rows, "sustained", task="relearning", latent=n, pattern=pattern)
            text = f"relearning, {n} latent neurons: the {pattern} pattern is sustained when it has been taught last"
            claims.append(Claim(text, sustained, "most seeds", share(sustained) > 0.5))
        left = column(rows, "replay_correlation", task="relearning", latent=n, pattern="first, after the second")
        claims.append(Claim(f"relearning, {n} latent neurons: correlation with the first pattern afterwards", left, "reported", None))
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Replay MSE of each pattern, by task and size."""
    groups = list(dict.fromkeys((row["task"], row["latent"], row["pattern"]) for row in rows))
    figure, axes = new(8.0, 3.2)
    ax = axes[0, 0]
    for i, (task, latent, pattern) in enumerate(groups):
        values = column(rows, "replay_mse", task=task, latent=latent, pattern=pattern)
        spread = np.linspace(-0.15, 0.15, len(values))
        ax.plot(i + spread, values, "o", ms=3.5, color=VISIBLE if task == "two" else LATENT, alpha=0.8)
    ax.set_xticks(
        range(len(groups)), [f"{task}, {latent}\n{pattern}" for task, latent, pattern in groups], rotation=60, ha="right", fontsize=7
    )
    ax.set(ylabel="replay MSE", yscale="log")
    return figure


EXPERIMENT = Experiment(
    "patterns",
    "Patterns",
    "Can one latent population hold two patterns, and can one pattern replace another?",
    points,
    compute,
    summarise,
    draw,
    backends=("engine",),
)
