"""The same blueprint and parameters at half and double speed, with homogeneous delays as the control."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, point, share
from elise_pynn.experiments.networks import CYCLES, REPLAY, replay_columns, teach_network, training_columns
from elise_pynn.melody import fuer_elise
from elise_pynn.points import Point

#: ms per step of the pattern
STEPS = {"double": 5.0, "half": 20.0}
#: as many as make a failing draw of the published growth rare
LATENT_NEURONS = {"smoke": 12, "quick": 100, "paper": 100}
#: delays: ends of the uniform distribution in ms
DELAYS = {"spread": (5.0, 15.0), "homogeneous": (10.0, 10.0)}


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per speed, delays and seed."""
    latent = LATENT_NEURONS[preset]
    cycles = min(CYCLES[preset], 3000) if preset == "quick" else CYCLES[preset]
    arms = [(speed, "spread") for speed in ("double", "half")]
    arms += [("double", "homogeneous")] if preset != "quick" else []
    return [
        point(
            {"speed": speed, "delays": delays, "seed": seed},
            backend,
            {"latent": latent, "seed": seed, "cycles": cycles, "delays.low": DELAYS[delays][0], "delays.high": DELAYS[delays][1]},
            step_ms=STEPS[speed],
            replay=REPLAY[preset],
        )
        for speed, delays in arms
        for seed in range(1, seeds + 1)
    ]


def compute(work: Row) -> Row:
    """Teach at one speed and replay, frozen."""
    taught = teach_network(work["given"], replace(fuer_elise(), step_ms=work["step_ms"]))
    return {"rows": [{**training_columns(taught), **replay_columns(taught.play(taught.cued(), work["replay"]))}], "error": ""}


def summarise(rows: list[Row]) -> list[Claim]:
    """Half and double speed are learned with spread delays."""
    claims = []
    for speed in ("half", "double"):
        sustained = column(rows, "sustained", speed=speed, delays="spread")
        claims.append(Claim(f"{speed} speed is learned and sustained (paper)", sustained, "9 of 10 seeds", share(sustained) >= 0.9))
    for speed in STEPS:
        if control := column(rows, "sustained", speed=speed, delays="homogeneous"):
            claims.append(Claim(f"control: all delays 10 ms, {speed} speed sustained", control, "reported", None))
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Replay MSE at each speed, a dot per seed."""
    figure, axes = new(4.6, 2.8)
    ax = axes[0, 0]
    for offset, (delays, colour) in zip((-0.12, 0.12), zip(DELAYS, (VISIBLE, LATENT), strict=True), strict=True):
        for i, speed in enumerate(STEPS):
            values = column(rows, "replay_mse", speed=speed, delays=delays)
            label = f"{delays} delays" if i == 0 and column(rows, "seed", delays=delays) else None
            ax.plot(i + offset + np.linspace(-0.05, 0.05, len(values)), values, "o", ms=3.5, color=colour, alpha=0.8, label=label)
    ax.set_xticks(range(len(STEPS)), [f"{speed}\n{step:g} ms a step" for speed, step in STEPS.items()])
    ax.set_yscale("log")
    ax.set_ylabel("replay MSE")
    ax.legend()
    return figure


EXPERIMENT = Experiment(
    "timescale",
    "Time scale",
    "Do the same delays and time constants learn the pattern at other speeds? (100 latent neurons.)",
    points,
    compute,
    summarise,
    draw,
    backends=("engine",),
)
