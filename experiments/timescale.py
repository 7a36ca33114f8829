"""The same blueprint and parameters at half and double speed, with homogeneous delays as the control."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, point, share
from elise_pynn.experiments.networks import CYCLES, LATENT_NEURONS, REPLAY, prepare, replay_columns, teach_network, training_columns
from elise_pynn.points import Point
from elise_pynn.predictor import best_blueprint

#: ms per step of the pattern
STEPS = {"double": 5.0, "half": 20.0}
#: networks grown by the published growth, of which the one that the predictor prefers for the pattern as it is, is taught at each speed
DRAWS = 10
#: delays: ends of the uniform distribution in ms
DELAYS = {"spread": (5.0, 15.0), "homogeneous": (10.0, 10.0)}


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per speed, delays and seed."""
    cycles = min(CYCLES[preset], 3000) if preset == "quick" else CYCLES[preset]
    arms = [(speed, "spread", draws) for draws in (DRAWS, 1) for speed in ("double", "half")]
    arms = [*arms, ("double", "homogeneous", 1)] if preset != "quick" else arms[:2]
    low_high = {name: {"delays.low": low, "delays.high": high} for name, (low, high) in DELAYS.items()}
    return [
        point(
            {"speed": speed, "delays": delays, "draws": draws, "seed": seed},
            backend,
            {"latent": LATENT_NEURONS[preset], "draws": draws, "seed": seed, "cycles": cycles, **low_high[delays]},
            step_ms=STEPS[speed],
            replay=REPLAY[preset],
        )
        for speed, delays, draws in arms
        for seed in range(1, seeds + 1)
    ]


def compute(work: Row) -> Row:
    """Teach at one speed and replay, frozen."""
    settings, parameters, sequence = prepare(work["given"])
    blueprint = best_blueprint(sequence, settings.latent, settings.seed, parameters, settings.draws)
    taught = teach_network(work["given"], replace(sequence, step_ms=work["step_ms"]), blueprint)
    return {"rows": [{**training_columns(taught), **replay_columns(taught.play(taught.cued(), work["replay"]))}], "error": ""}


def summarise(rows: list[Row]) -> list[Claim]:
    """Half and double speed are learned with spread delays."""
    claims = []
    for draws in sorted({row["draws"] for row in rows}, reverse=True):
        which = f"best of {draws} draws" if draws > 1 else "first draw"
        for speed in ("half", "double"):
            sustained = column(rows, "sustained", speed=speed, delays="spread", draws=draws)
            if sustained:
                text = f"{speed} speed is learned and sustained (paper), {which}"
                claims.append(Claim(text, sustained, "9 of 10 seeds", share(sustained) >= 0.9))
    for speed in STEPS:
        if control := column(rows, "sustained", speed=speed, delays="homogeneous"):
            claims.append(Claim(f"control: all delays 10 ms, {speed} speed sustained", control, "reported", None))
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Replay MSE at each speed, a dot per seed."""
    figure, axes = new(4.6, 2.8)
    ax = axes[0, 0]
    arms = {
        f"best of {DRAWS} draws": ("spread", DRAWS, VISIBLE),
        "first draw": ("spread", 1, LATENT),
        "first draw, equal delays": ("homogeneous", 1, "#888888"),
    }
    for offset, (label, (delays, draws, colour)) in zip((-0.2, 0.0, 0.2), arms.items(), strict=True):
        for i, speed in enumerate(STEPS):
            values = column(rows, "replay_mse", speed=speed, delays=delays, draws=draws)
            where = i + offset + np.linspace(-0.05, 0.05, len(values))
            ax.plot(where, values, "o", ms=3.5, color=colour, alpha=0.8, label=label if i == 0 and values else None)
    ax.set_xticks(range(len(STEPS)), [f"{speed}\n{step:g} ms a step" for speed, step in STEPS.items()])
    ax.set_yscale("log")
    ax.set_ylabel("replay MSE")
    ax.legend()
    return figure


EXPERIMENT = Experiment(
    "timescale",
    "Time scale",
    "Does the same network, delays and time constants included, learn the pattern at other speeds?",
    points,
    compute,
    summarise,
    draw,
    backends=("engine",),
)
