"""Replay on virtual BrainScaleS-2 chips: bits of the weights, spread between circuits, noise; written blindly, or taught with the chip in
the loop."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.blueprint import Blueprint
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column
from elise_pynn.export.brainscales2_emulator import TIMESTEP, EmulatedChip
from elise_pynn.export.brainscales2_loop import Lesson, lesson, refine
from elise_pynn.export.brainscales2_teaching import chip_parameters, teach_blueprint
from elise_pynn.melody import fuer_elise
from elise_pynn.points import Point
from elise_pynn.predictor import best_blueprint
from elise_pynn.sequence import Sequence

#: ways of getting delays: policy, and by how much taught ones are longer than played ones, 0.1 ms of which is the grid's
ARMS = {"fixed": ("fixed", 0.3), "fixed, no lead": ("fixed", 0.1), "relay": ("relay", 0.3)}
#: latent neurons, cycles of teaching, of the loop, of replays, and virtual chips of each network
SIZES = {"smoke": (12, 20, 2, 2, 1), "quick": (100, 1000, 80, 20, 2), "paper": (100, 1000, 80, 20, 5)}
BITS, SPREADS, NOISES = (8, 7, 6, 5, 4), (0.0, 0.5, 1.0, 1.5), (0.0, 1.0, 2.0, 4.0)
LOOP_BITS, LOOP_SPREADS = (6, 5, 4), (0.5, 1.0, 1.5)
BLIND, LOOP = "blind", "in the loop"


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per way of getting delays and seed of the network."""
    found = []
    for arm in ARMS:
        for seed in range(1, seeds + 1):
            work = {"arm": arm, "seed": seed, "preset": preset}
            found.append(Point({"arm": arm, "seed": seed}, work, work))
    return found


def compute(work: Row) -> Row:
    """Teach a network that obeys the chip; replay it on virtual chips, each of which is a seed of its own."""
    latent, cycles, looped, played, chips = SIZES[work["preset"]]
    policy, lead = ARMS[work["arm"]]
    sequence, seed = fuer_elise(), work["seed"]
    parameters = chip_parameters(policy, delay_lead=lead)
    trained = teach_blueprint(best_blueprint(sequence, latent, seed, parameters, 5), sequence, cycles)
    rows = [{"sweep": "ideal", **_play(trained, sequence, 0, 0.0, 1.0, 6, played)}]
    if work["arm"] != "fixed, no lead":
        taught = lesson(trained, sequence, TIMESTEP)
        for chip in range(100 * seed, 100 * seed + chips):
            rows += _on_chip(trained, sequence, taught, chip, looped, played, work["arm"] == "fixed")
    return {"rows": rows, "error": ""}


def _on_chip(trained: Blueprint, sequence: Sequence, taught: Lesson, chip: int, looped: int, played: int, sweeps: bool) -> list[Row]:
    """Rows of one chip: blind and in the loop, with the published spreads or over all of them."""
    rows = []
    blind = [("spread", spread, 1.0, 6) for spread in (SPREADS if sweeps else (1.0,))]
    loops = [("spread", spread, 6) for spread in (LOOP_SPREADS if sweeps else (1.0,))]
    if sweeps:
        blind += [("bits", 0.5, 1.0, bits) for bits in BITS] + [("noise", 0.5, noise, 6) for noise in NOISES]
        loops += [("bits", 1.0, bits) for bits in LOOP_BITS]
    for sweep, spread, noise, bits in blind:
        rows.append({"sweep": sweep, "training": BLIND, **_play(trained, sequence, chip, spread, noise, bits, played)})
    for sweep, spread, bits in loops:
        weights, errors = refine(EmulatedChip(trained, sequence, TIMESTEP, chip, spread, 1.0, bits), taught, looped)
        noises = NOISES if sweeps and sweep == "spread" and spread == 1.0 else (1.0,)
        for noise in noises:
            row = _play(trained, sequence, chip, spread, noise, bits, played, weights)
            row |= {"first_error": errors[0], "last_error": errors[-1]}
            rows += [{"sweep": kind, "training": LOOP, **row} for kind in _sweeps_of(sweep, noise, len(noises) > 1)]
    return rows


def _sweeps_of(sweep: str, noise: float, several: bool) -> list[str]:
    """The sweeps in which a replay counts."""
    return ([sweep] if noise == 1.0 else []) + (["noise"] if several else [])


def _play(
    trained: Blueprint,
    sequence: Sequence,
    chip: int,
    spread: float,
    noise: float,
    bits: int,
    cycles: int,
    weights: np.ndarray | None = None,
) -> dict[str, Any]:
    emulated = EmulatedChip(trained, sequence, TIMESTEP, chip, spread, noise, bits)
    if weights is not None:
        emulated.write(weights)
    scores = emulated.replay(cycles)
    return {
        "chip": chip,
        "spread": spread,
        "noise": noise,
        "bits": bits,
        "relays": int(emulated.relays.sum()),
        "replay_correlation": scores.replay.median_correlation,
        "note_f1": scores.note_f1,
        "sustained": scores.sustained,
        "drift_ms_per_cycle": scores.replay.drift_ms_per_cycle,
        "spikes_per_cycle": scores.spikes_per_cycle,
    }


def _rows(rows: list[Row], **conditions: Any) -> list[Row]:
    return [row for row in rows if all(row.get(key) == value for key, value in conditions.items())]


def summarise(rows: list[Row]) -> list[Claim]:
    """How networks play that obey the chip: on ideal circuits, on those that differ, and when they were taught by them."""
    claims = []

    def claim(text: str, **conditions: Any) -> None:
        chosen = _rows(rows, **conditions)
        if chosen:
            sustained, f1 = sum(column(chosen, "sustained")), np.median(column(chosen, "note_f1"))
            text += f": {sustained} of {len(chosen)} sustained, note F1 {f1:.3f}, correlation"
            claims.append(Claim(text, column(chosen, "replay_correlation"), "reported", None))

    for arm in ARMS:
        claim(f"{arm}, ideal circuits, 6 bit", arm=arm, sweep="ideal")
    for arm in ("fixed", "relay"):
        for training in (BLIND, LOOP):
            claim(f"{arm}, published spreads, {training}", arm=arm, sweep="spread", training=training, spread=1.0)
    for training, spread in ((BLIND, 0.0), (BLIND, 0.5), (LOOP, 0.5), (BLIND, 1.5), (LOOP, 1.5)):
        claim(f"fixed, spreads x {spread:g}, {training}", arm="fixed", sweep="spread", training=training, spread=spread)
    for training, spread in ((BLIND, 0.5), (LOOP, 1.0)):
        for bits in BITS:
            claim(f"fixed, {bits} bit, spreads x {spread:g}, {training}", arm="fixed", sweep="bits", training=training, bits=bits)
        for noise in NOISES:
            claim(f"fixed, noise x {noise:g}, spreads x {spread:g}, {training}", arm="fixed", sweep="noise", training=training, noise=noise)
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Correlation and note F1 against bits, spread and noise, a dot per chip, lines through the medians."""
    figure, axes = new(9.2, 4.8, rows=2, columns=3, sharey="row")
    sweeps = {
        "bits": ("bits of the weights' magnitudes", {BLIND: "blind, spreads x 0.5", LOOP: "in the loop, spreads x 1"}),
        "spread": ("spread between circuits / published", {BLIND: "blind", LOOP: "in the loop"}),
        "noise": ("noise / published", {BLIND: "blind, spreads x 0.5", LOOP: "in the loop, spreads x 1"}),
    }
    for i, (key, label) in enumerate((("replay_correlation", "replay correlation"), ("note_f1", "note F1"))):
        for ax, (sweep, (name, labels)) in zip(axes[i], sweeps.items(), strict=True):
            for (training, text), colour, aside in zip(labels.items(), ("#888888", VISIBLE), (-1, 1), strict=True):
                chosen = _rows(rows, arm="fixed", sweep=sweep, training=training)
                values = sorted({row[sweep] for row in chosen})
                width = 0.012 * (max(values, default=1) - min(values, default=0) or 1)
                for value in values:
                    found = column(chosen, key, **{sweep: value})
                    where = value + aside * width * np.linspace(0.6, 1.4, len(found))
                    ax.plot(where, found, ".", ms=3.5, color=colour, alpha=0.5)
                middle = [np.median(column(chosen, key, **{sweep: value})) for value in values]
                ax.plot(values, middle, "o-", ms=4, lw=1.2, color=colour, label=text)
            ax.set(xlabel=name, ylim=(-0.05, 1.04))
            if i == 0:
                ax.legend(fontsize=7, loc="lower left")
        relays = _rows(rows, arm="relay", sweep="spread")
        for training, marker in ((BLIND, "none"), (LOOP, LATENT)):
            found = [row[key] for row in relays if row["training"] == training]
            if found:
                axes[i, 1].plot(1.08, np.median(found), "s", ms=5, mec=LATENT, mfc=marker, label=f"relays, {training}")
        axes[i, 0].set_ylabel(label)
    axes[0, 1].legend(fontsize=7, loc="lower left")
    return figure


EXPERIMENT = Experiment(
    "brainscales2",
    "BrainScaleS-2",
    "What do few bits, circuits that differ and noise do to a replay, and does teaching with the chip in the loop undo it?",
    points,
    compute,
    summarise,
    draw,
    backends=("engine",),
)
