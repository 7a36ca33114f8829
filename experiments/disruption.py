"""Replay disturbed for a moment: does it recover, with learning on and frozen?"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.scores import ReplayScores
from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.experiments.experiment import Claim, Experiment, Row, point, share
from elise_pynn.experiments.networks import LATENT_NEURONS, REPLAY, Taught, form, prepare, teach_network
from elise_pynn.points import Point
from elise_pynn.predictor import best_blueprint

#: kind: which neurons, offset from E_L in mV, beginning and end within the cycle in ms; the first four are the published ones
KINDS = {
    "full": ("visible", 0.0, 0.0, 250.0),
    "full_offset": ("visible", 15.0, 0.0, 250.0),
    "small": ("visible", 0.0, 90.0, 150.0),
    "small_offset": ("visible", 15.0, 90.0, 150.0),
    "latent": ("latent", 0.0, 0.0, 250.0),
    "silence": ("all", 0.0, 0.0, 250.0),
}
PUBLISHED = ("full", "full_offset", "small", "small_offset")
#: networks grown by the published growth, of which the one that the predictor prefers is taught
DRAWS = (1, 10)
#: cycles before the disruption, and within which a recovery counts
BEFORE, WITHIN = 2, 4
#: a network with a larger MSE does not replay, so that it cannot recover
REPLAYING = 0.02


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per seed: a network is taught once and disturbed in each way."""
    given = {"latent": LATENT_NEURONS[preset], **form(backend, preset)}
    cycles = max(WITHIN + 1, REPLAY[preset] // 3)
    return [
        point({"draws": draws, "seed": seed}, backend, {**given, "draws": draws, "seed": seed}, cycles=cycles)
        for draws in (DRAWS if preset == "paper" else DRAWS[:1])
        for seed in range(1, seeds + 1)
    ]


def compute(work: Row) -> Row:
    """Teach, then disturb a fresh replay in each way, frozen and learning."""
    settings, parameters, sequence = prepare(work["given"])
    blueprint = best_blueprint(sequence, settings.latent, settings.seed, parameters, settings.draws)
    taught = teach_network(work["given"], sequence, blueprint)
    rows = [
        {"kind": kind, "learning": learning, **_recovery(taught, kind, learning, work["cycles"])}
        for learning in (False, True)
        for kind in KINDS
    ]
    return {"rows": rows, "error": ""}


def disturb(taught: Taught, disruption: tuple[str, float, float, float], learning: bool, cycles: int) -> tuple[ReplayScores, ReplayScores]:
    """Scores before a disruption and in the cycles after it; the disruption is one of `KINDS`, or another one like them."""
    where, offset, begin, end = disruption
    size, visible, period = taught.blueprint.size, taught.blueprint.visible, taught.sequence.period
    neurons = {"visible": slice(0, visible), "latent": slice(visible, size), "all": slice(0, size)}[where]
    simulation = taught.cued(learning)
    before = taught.play(simulation, BEFORE)
    if begin > 0:
        simulation.run(begin)
    simulation.hold(neurons, taught.blueprint.parameters.neuron.E_L + offset)
    simulation.run(end - begin)
    simulation.hold(neurons, None)
    if end < period:
        simulation.run(period - end)
    return before, taught.play(simulation, cycles)


def _recovery(taught: Taught, kind: str, learning: bool, cycles: int) -> Row:
    """MSE before a disruption and in the cycles after it, and the first of those that is within 0.001 of before."""
    calm, after = disturb(taught, KINDS[kind], learning, cycles)
    before = calm.mse[-1]
    recovered = np.flatnonzero(np.array(after.mse) <= before + 0.001) if before < REPLAYING else np.empty(0)
    return {
        "mse_before": before,
        "mse_after_1": after.mse[0],
        "mse_last": after.mse[-1],
        "recovered_after": int(recovered[0]) + 1 if recovered.size else None,
        "mse_after": after.mse,
    }


def _within(row: Row) -> bool:
    return row["recovered_after"] is not None and row["recovered_after"] <= WITHIN


def summarise(rows: list[Row]) -> list[Claim]:
    """Frozen networks recover from every published kind; with learning on, fewer do."""
    claims = []
    for draws in sorted({row["draws"] for row in rows}):
        own = [row for row in rows if row["draws"] == draws]
        which = f"best of {draws} draws, " if draws > 1 else ""
        for learning in (False, True):
            state = which + ("learning on" if learning else "frozen")
            kept = [row for row in own if row["learning"] == learning]
            every = [
                float(all(_within(row) for row in kept if row["seed"] == seed and row["kind"] in PUBLISHED))
                for seed in sorted({row["seed"] for row in kept})
            ]
            text = f"{state}: recovers to within 0.001 MSE in {WITHIN} cycles from all four published kinds"
            if learning:
                claims.append(Claim(text, every, "no claim; the published code recovers from 3 to 9 of 10", None))
            else:
                claims.append(Claim(text, every, "8 of 10 seeds", share(every) >= 0.8))
            for kind in KINDS:
                values = [float(_within(row)) for row in kept if row["kind"] == kind]
                claims.append(Claim(f"{state}, {kind}: recovered within {WITHIN} cycles", values, "reported", None))
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """MSE of the cycles after each disruption, a line per seed (first draws)."""
    kinds = list(KINDS)
    figure, axes = new(9.6, 3.8, rows=2, columns=len(kinds), sharex=True, sharey=True)
    for i, learning in enumerate((False, True)):
        for ax, kind in zip(axes[i], kinds, strict=True):
            for row in rows:
                if row["kind"] == kind and row["learning"] == learning and row["draws"] == 1:
                    mse = [row["mse_before"], *row["mse_after"][:10]]
                    ax.plot(range(len(mse)), mse, "-", lw=0.9, color=LATENT if _within(row) else VISIBLE, alpha=0.7)
            ax.set_yscale("log")
            if i == 0:
                ax.set_title(kind)
            else:
                ax.set_xlabel("cycles after")
        axes[i, 0].set_ylabel("MSE, " + ("learning" if learning else "frozen"))
    return figure


EXPERIMENT = Experiment(
    "disruption",
    "Disruption",
    "Does replay recover when it is disturbed for a part of a cycle or all of it?",
    points,
    compute,
    summarise,
    draw,
)
