"""Any sequence: songs and ambiguous random sequences, each with the network that is recommended for it."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column
from elise_pynn.points import Point
from elise_pynn.presets import configure
from elise_pynn.random_sequence import random_sequence, random_song
from elise_pynn.recommendation import recommend
from elise_pynn.run import run
from elise_pynn.sequence import Sequence

#: songs: channels, steps, chords
SONGS = ((6, 16, False), (8, 24, False), (6, 32, False), (7, 32, True), (10, 24, True), (13, 32, True))
ORDERS = (2, 3, 4)
#: how many of each, and which part of the songs
EACH = {"smoke": 1, "quick": 1, "paper": 2}
#: notes that count as played well
WELL = 0.95


def chosen(preset: str) -> list[Sequence]:
    """The sequences of a preset."""
    songs = SONGS if preset == "paper" else SONGS[1::3] if preset == "quick" else SONGS[:1]
    orders = ORDERS if preset != "smoke" else ORDERS[:1]
    numbers = range(1, EACH[preset] + 1)
    return [random_song(*song, seed) for song in songs for seed in numbers] + [random_sequence(o, seed=s) for o in orders for s in numbers]


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per sequence and seed."""
    found = []
    for sequence in chosen(preset):
        given = {"backend": backend, **recommend(sequence).settings(), "replay": 30}
        given |= {"latent": 10, "cycles": 20, "draws": 2, "replay": 2} if preset == "smoke" else {}
        for seed in range(1, seeds + 1):
            work = {"sequence": sequence.to_dict(), "given": {**given, "seed": seed}}
            found.append(Point({"sequence": sequence.name, "seed": seed}, work, work))
    return found


def compute(work: Row) -> Row:
    """Teach and replay, as ``elise run`` does."""
    settings, parameters = configure("spiking", **work["given"])
    replay = run(Sequence.from_dict(work["sequence"]), None, settings, parameters)["replay"]
    sustained = replay["sustained_cycles"] == replay["cycles"]
    row = {"sustained": sustained, "replay_correlation": replay["median_correlation"], "note_f1": replay["note_f1"]}
    return {"rows": [{**row, "well": sustained and replay["note_f1"] >= WELL}], "error": ""}


def summarise(rows: list[Row]) -> list[Claim]:
    """Every sequence is learned on most seeds."""
    claims = []
    for name in dict.fromkeys(row["sequence"] for row in rows):
        well = column(rows, "well", sequence=name)
        low = min(column(rows, "note_f1", sequence=name))
        text = f"{name}: replay sustained with note F1 >= {WELL} (lowest F1 {low:.3f})"
        needed = 0.8 if len(well) >= 5 else 2 / 3
        claims.append(Claim(text, well, "4 of 5 seeds; 2 of 3 for fewer", bool(np.mean(well) >= needed - 1e-9)))
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Note F1 and correlation of each sequence, a dot per seed."""
    names = list(dict.fromkeys(row["sequence"] for row in rows))
    figure, axes = new(8.6, 0.24 * len(names) + 1.2, columns=2, sharey=True)
    for ax, key, colour, label in zip(
        axes[0], ("note_f1", "replay_correlation"), (VISIBLE, LATENT), ("note F1", "correlation"), strict=True
    ):
        for i, name in enumerate(names):
            values = column(rows, key, sequence=name)
            ax.plot(values, i + np.linspace(-0.2, 0.2, len(values)), "o", ms=3.5, color=colour, alpha=0.8)
        ax.set(xlabel=label, xlim=(None, 1.01))
        ax.grid(axis="x", lw=0.4)
    axes[0, 0].axvline(WELL, color="#888888", lw=0.8, ls=":")
    axes[0, 0].set_yticks(range(len(names)), names, fontsize=7)
    axes[0, 0].invert_yaxis()
    return figure


EXPERIMENT = Experiment(
    "sequences",
    "Any sequence",
    "Are other sequences learned with the network that is recommended for them?",
    points,
    compute,
    summarise,
    draw,
)
