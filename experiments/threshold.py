"""Integrate-and-fire emission against deterministic emission, at 1 ms; and without its scaffold, as stock cells play it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.blueprint import Blueprint
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column
from elise_pynn.experiments.networks import replay_columns
from elise_pynn.points import Point
from elise_pynn.predictor import best_blueprint
from elise_pynn.presets import configure
from elise_pynn.protocol import replay, teach
from elise_pynn.reading import Reading
from elise_pynn.recommendation import recommend
from elise_pynn.run import make_simulation
from elise_pynn.sequence import Sequence
from elise_pynn.sequence_sources import find_sequence
from elise_pynn.settings import Settings

#: names and orders of the sequences
SEQUENCES = {"fuer-elise": 0, "birdsong": 0, "random, order 2": 2, "random, order 3": 3}
#: ways of playing: emission, and whether the scaffold is left out of the replay
ARMS = {"integrate": ("integrate", False), "threshold": ("threshold", False), "threshold, no scaffold": ("threshold", True)}
TIMESTEP = 1.0
CYCLES = {"smoke": 20, "quick": 1000, "paper": 3000}
REPLAY = {"smoke": 2, "quick": 30, "paper": 100}


def find(name: str) -> Sequence:
    """The sequence of a name."""
    order = SEQUENCES[name]
    return find_sequence("random", Reading(order=order)) if order else find_sequence(name)


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per sequence, emission and seed; networks as recommended."""
    found = []
    for name in SEQUENCES if preset != "smoke" else ("fuer-elise",):
        advice = {**recommend(find(name)).settings(), "cycles": CYCLES[preset]}
        advice |= {"latent": 10, "draws": 2} if preset == "smoke" else {}
        for emission in ("integrate", "threshold"):
            for seed in range(1, seeds + 1):
                given = {"backend": backend, **advice, "emission": emission, "timestep": TIMESTEP, "replay": REPLAY[preset], "seed": seed}
                work = {"sequence": name, "given": given}
                found.append(Point({"sequence": name, "seed": seed}, work, work))
    return found


def compute(work: Row) -> Row:
    """Teach once; replay, and for threshold once more without the scaffold."""
    settings, parameters = configure("spiking", **work["given"])
    sequence = find(work["sequence"])
    blueprint = best_blueprint(sequence, settings.latent, settings.seed, parameters, settings.draws)
    eta = parameters.learning.initial_eta(settings.cycles)
    simulation = make_simulation(settings, blueprint, sequence, eta)
    teach(simulation, blueprint, sequence, settings.cycles)
    trained = blueprint.trained(simulation.weights())
    emission = work["given"]["emission"]
    rows = [{"arm": emission, **_play(settings, trained, sequence, eta)}]
    if emission == "threshold":
        bare = replace(trained, scaffold=np.empty((0, 2), dtype=int))
        rows.append({"arm": "threshold, no scaffold", **_play(settings, bare, sequence, eta)})
    return {"rows": rows, "error": ""}


def _play(settings: Settings, trained: Blueprint, sequence: Sequence, eta: float) -> dict[str, Any]:
    played = replay(make_simulation(settings, trained, sequence, eta), trained, sequence, settings.replay)
    return {
        **replay_columns(played.scores),
        "note_f1": played.note_f1,
        "spikes_per_cycle": played.spikes_per_cycle,
    }


def summarise(rows: list[Row]) -> list[Claim]:
    """How well and with how many spikes each emission plays each sequence. No claim of the paper: it has no spikes."""
    claims = []
    for name in dict.fromkeys(row["sequence"] for row in rows):
        for arm in ARMS:
            sustained = column(rows, "sustained", sequence=name, arm=arm)
            middle = {key: np.median(column(rows, key, sequence=name, arm=arm)) for key in ("replay_correlation", "spikes_per_cycle")}
            f1 = [value for value in column(rows, "note_f1", sequence=name, arm=arm) if value is not None]
            text = f"{name}, {arm}: correlation {middle['replay_correlation']:.3f}, {middle['spikes_per_cycle']:.0f} spikes per cycle"
            text += f", note F1 {np.median(f1):.3f}" if f1 else ""
            claims.append(Claim(f"{text}; sustained", sustained, "reported", None))
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Correlation and spikes per cycle of each sequence, a dot per seed."""
    names = list(dict.fromkeys(row["sequence"] for row in rows))
    figure, axes = new(8.6, 3.0, columns=2)
    colours = dict(zip(ARMS, ("#888888", VISIBLE, LATENT), strict=True))
    for ax, key, label in zip(axes[0], ("replay_correlation", "spikes_per_cycle"), ("replay correlation", "spikes per cycle"), strict=True):
        for i, name in enumerate(names):
            for k, (arm, colour) in enumerate(colours.items()):
                values = column(rows, key, sequence=name, arm=arm)
                where = i + 0.22 * (k - 1) + np.linspace(-0.06, 0.06, len(values))
                ax.plot(where, values, "o", ms=3.5, color=colour, alpha=0.8, label=arm if i == 0 else None)
        ax.set_xticks(range(len(names)), names, fontsize=7)
        ax.set_ylabel(label)
    axes[0, 1].set_yscale("log")
    axes[0, 0].legend(fontsize=7, loc="lower left")
    return figure


EXPERIMENT = Experiment(
    "threshold",
    "Threshold",
    "Are the spikes of ordinary integrate-and-fire cells as good as deterministic ones, at 1 ms, and do they play without the scaffold?",
    points,
    compute,
    summarise,
    draw,
)
