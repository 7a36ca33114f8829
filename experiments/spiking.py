"""How many spikes does the memory need? Rates against spikes over K, time step, bits of the weights and noise on them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, point, share
from elise_pynn.experiments.networks import SPIKING, replay_columns, teach_network, training_columns
from elise_pynn.export.quantised import quantised
from elise_pynn.points import Point

#: arms: emission, spikes per unit rate, time step in ms
ARMS = {
    "rate": ("rate", 1.0, 0.1),
    "integrate, K = 1": ("integrate", 1.0, 0.1),
    "integrate, K = 3": ("integrate", 3.0, 0.1),
    "integrate, K = 10": ("integrate", 10.0, 0.1),
    "integrate, K = 1, 0.5 ms": ("integrate", 1.0, 0.5),
    "integrate, K = 1, 1 ms": ("integrate", 1.0, 1.0),
    "escape, K = 1": ("escape", 1.0, 0.1),
    "escape, K = 3": ("escape", 3.0, 0.1),
    "escape, K = 10": ("escape", 10.0, 0.1),
}
#: the arms that are tried on NEST, which has no rate form
ON_NEST = ("integrate, K = 1", "integrate, K = 3", "integrate, K = 1, 1 ms", "escape, K = 1", "escape, K = 3")
BITS = (8, 7, 6, 5, 4)
NOISE = (0.05, 0.1, 0.2)


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per arm and seed; fewer on NEST."""
    cycles, latent, replayed = {"smoke": (20, 12, 2), "quick": (500, 100, 20), "paper": (1000, 100, 30)}[preset]
    arms = {name: arm for name, arm in ARMS.items() if backend == "engine" or name in ON_NEST}
    if preset == "smoke":
        arms = {name: arm for name, arm in arms.items() if name in ("rate", "integrate, K = 1", "escape, K = 1")}
    return [
        point(
            {"arm": name, "seed": seed},
            backend,
            {
                **SPIKING,
                "emission": emission,
                "spikes_per_rate": k,
                "timestep": timestep,
                "method": "tree",
                "seed": seed,
                "cycles": cycles,
                "latent": latent,
            },
            replay=replayed,
        )
        for name, (emission, k, timestep) in arms.items()
        for seed in range(1, seeds + 1)
    ]


def compute(work: Row) -> Row:
    """Teach, then replay with the weights as they are, rounded, and with multiplicative noise."""
    taught = teach_network(work["given"])
    weights, seed = taught.blueprint.weights, taught.settings.seed
    altered = {"as learned": weights, **{f"{bits} bit": quantised(weights, bits) for bits in BITS}}
    for sd in NOISE:
        altered[f"{100 * sd:g} % noise"] = weights * np.random.default_rng([seed, 6]).normal(1.0, sd, weights.shape)
    rows = []
    for name, values in altered.items():
        changed = replace(taught, blueprint=replace(taught.blueprint, weights=values))
        simulation = changed.cued()
        simulation.record()
        simulation.run((work["replay"] + 1) * taught.sequence.period)
        activity = simulation.take()
        spikes = len(activity.spike_times) / (work["replay"] + 1)
        rows.append({"weights": name, "spikes_per_cycle": spikes, **training_columns(taught), **replay_columns(changed.score(activity))})
    return {"rows": rows, "error": ""}


def summarise(rows: list[Row]) -> list[Claim]:
    """How far from the rate form each arm is, and how coarse the weights may be. No claim of the paper: it has no spikes."""
    claims = []
    for arm in [arm for arm in ARMS if column(rows, "seed", arm=arm)]:
        sustained = share(column(rows, "sustained", arm=arm, weights="as learned"))
        spikes = np.median(column(rows, "spikes_per_cycle", arm=arm, weights="as learned"))
        text = f"{arm}: {spikes:.0f} spikes per cycle, {100 * sustained:.0f} % of seeds sustain; replay correlation"
        claims.append(Claim(text, column(rows, "replay_correlation", arm=arm, weights="as learned"), "reported", None))
    for name in [f"{bits} bit" for bits in BITS] + [f"{100 * sd:g} % noise" for sd in NOISE]:
        sustained = column(rows, "sustained", arm="integrate, K = 1", weights=name)
        claims.append(Claim(f"integrate, K = 1, weights with {name} in replay: sustained", sustained, "reported", None))
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Replay correlation against spikes per cycle; against the weights' bits and noise."""
    figure, axes = new(9.2, 3.2, columns=2)
    left, right = axes[0]
    colours = {"rate": "#888888", "integrate": VISIBLE, "escape": LATENT}
    markers = {1.0: "o", 3.0: "s", 10.0: "^"}
    for arm, (emission, k, timestep) in ARMS.items():
        if emission == "rate" or not column(rows, "seed", arm=arm):
            continue
        x = column(rows, "spikes_per_cycle", arm=arm, weights="as learned")
        y = column(rows, "replay_correlation", arm=arm, weights="as learned")
        face = colours[emission] if timestep == 0.1 else "none"
        left.plot(x, y, markers[k], ms=4, mec=colours[emission], mfc=face, alpha=0.8, label=arm)
    if rates := column(rows, "replay_correlation", arm="rate", weights="as learned"):
        left.axhline(float(np.median(rates)), color=colours["rate"], lw=1, label="rate")
    left.set(xscale="log", xlabel="spikes per cycle", ylabel="replay correlation", ylim=(-0.1, 1.02))
    left.legend(fontsize=6, loc="lower right")
    names = ["as learned", *(f"{bits} bit" for bits in BITS), *(f"{100 * sd:g} % noise" for sd in NOISE)]
    for arm, colour in (("rate", "#888888"), ("integrate, K = 1", VISIBLE), ("escape, K = 3", LATENT)):
        middle = [np.median(column(rows, "replay_correlation", arm=arm, weights=name) or [np.nan]) for name in names]
        right.plot(range(len(names)), middle, "o-", ms=4, color=colour, label=arm)
    right.set_xticks(range(len(names)), names, rotation=45, ha="right")
    right.set(ylim=(-0.1, 1.02))
    right.legend(fontsize=7)
    return figure


EXPERIMENT = Experiment(
    "spiking",
    "Spikes",
    "How many spikes does the memory need, and how exact must its weights be?",
    points,
    compute,
    summarise,
    draw,
)
