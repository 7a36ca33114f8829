"""Cued recall: a snippet of the pattern, at any phase, starts the replay from silence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, point
from elise_pynn.experiments.networks import CYCLES, LATENT_NEURONS, REPLAY, Taught, teach_network
from elise_pynn.points import Point

CUES_MS = (0.0, 25.0, 50.0, 75.0, 100.0)
#: phases at which the cue begins, in steps of the pattern
PHASES = (0, 5, 10, 15, 20)


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per seed: a network is taught once and cued in each way."""
    given = {"latent": LATENT_NEURONS[preset], "cycles": CYCLES[preset]}
    return [point({"seed": seed}, backend, {**given, "seed": seed}, replay=max(3, REPLAY[preset] // 5)) for seed in range(1, seeds + 1)]


def compute(work: Row) -> Row:
    """Teach, then cue a fresh, frozen network that is at rest, for each duration and phase."""
    taught = teach_network(work["given"])
    rows = [{"cue_ms": cue, "phase_step": phase, **recall(taught, cue, phase, work["replay"])} for cue in CUES_MS for phase in PHASES]
    return {"rows": rows, "error": ""}


def recall(taught: Taught, cue_ms: float, phase: int, cycles: int) -> Row:
    """Cue a network at rest with the snippet that begins at `phase`; score what it plays from the next cycle on."""
    sequence = replace(taught.sequence, pattern=np.roll(taught.sequence.pattern, -phase, axis=1))
    shifted = replace(taught, sequence=sequence)
    simulation = shifted.simulation()
    if cue_ms > 0:
        simulation.nudge(taught.blueprint.parameters.learning.nudging)
        simulation.run(cue_ms)
    simulation.nudge(0.0)
    simulation.run(sequence.period - cue_ms)
    scores = shifted.play(simulation, cycles)
    return {
        "recalled": scores.sustained_cycles == scores.cycles,
        "replay_mse": scores.median_mse,
        "replay_correlation": scores.median_correlation,
    }


def _success(rows: list[Row], cue: float) -> list[float]:
    seeds = sorted({row["seed"] for row in rows})
    return [float(np.mean(column(rows, "recalled", seed=seed, cue_ms=cue))) for seed in seeds]


def summarise(rows: list[Row]) -> list[Claim]:
    """A cue of 100 ms suffices, at any phase."""
    whole = _success(rows, 100.0)
    claims = [
        Claim(
            "a cue of 100 ms starts a sustained replay from silence at every phase tried (share of phases)",
            whole,
            "all phases in 8 of 10 seeds",
            bool(np.mean([share == 1.0 for share in whole]) >= 0.8),
        )
    ]
    for cue in CUES_MS[:-1]:
        text = f"a cue of {cue:g} ms does (share of phases)" if cue else "without a cue the replay starts by itself (control)"
        claims.append(Claim(text, _success(rows, cue), "reported", None))
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Share of phases from which the replay starts, against the cue's duration."""
    figure, axes = new(4.2, 2.8)
    ax = axes[0, 0]
    shares = np.array([_success(rows, cue) for cue in CUES_MS])
    ax.plot(CUES_MS, shares, "-", color=LATENT, lw=0.8, alpha=0.5)
    ax.plot(CUES_MS, shares.mean(axis=1), "o-", color=VISIBLE, lw=2, label="mean over seeds")
    ax.set(xlabel="cue / ms", ylabel="share of phases recalled", ylim=(-0.05, 1.05))
    ax.legend()
    return figure


EXPERIMENT = Experiment(
    "completion",
    "Completion",
    "How long must a snippet be to start the replay from silence?",
    points,
    compute,
    summarise,
    draw,
    backends=("engine",),
)
