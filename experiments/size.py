"""How many latent neurons are needed, and how long learning takes."""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import ks_2samp

from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, point, share
from elise_pynn.experiments.networks import REPLAY, form, replay_columns, teach_network, training_columns
from elise_pynn.points import Point

LATENT_NEURONS = {"smoke": (8, 30), "quick": (10, 30, 50), "paper": (10, 20, 30, 50, 100, 200)}
#: the same on NEST, which takes longer
ON_NEST = {"smoke": (8, 30), "quick": (10, 30), "paper": (10, 30, 50, 100)}


def published(latent: int) -> tuple[list[float], list[float]]:
    """Free-run MSE at cycle 9980 and median replay MSE of the authors' code, one per seed."""
    tables = []
    for name in ("published_train.csv", "published_replay.csv"):
        with (files("elise_pynn.experiments") / name).open() as file:
            tables.append([row for row in csv.DictReader(file) if row["run"].startswith(f"def_h{latent}_")])
    free = [float(row["free_mse@9980"]) for row in tables[0]]
    return free, [float(row["mse_median"]) for row in tables[1] if row["variant"] == "none"]


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per size and seed."""
    return [
        point({"latent": n, "seed": seed}, backend, {"latent": n, "seed": seed, **form(backend, preset)}, replay=REPLAY[preset])
        for n in (LATENT_NEURONS[preset] if backend == "engine" else ON_NEST[preset])
        for seed in range(1, seeds + 1)
    ]


def compute(work: Row) -> Row:
    """Teach and replay, learning on as in the paper."""
    taught = teach_network(work["given"])
    scores = taught.play(taught.cued(learning=True), work["replay"])
    last = taught.training[-1].mse
    return {"rows": [{**training_columns(taught), "last_free_run_mse": last, **replay_columns(scores)}], "error": ""}


def summarise(rows: list[Row]) -> list[Claim]:
    """Thirty neurons suffice (paper); distributions at 30 and 50 agree with the authors' code."""
    sizes = sorted({row["latent"] for row in rows})
    claims = []
    for n in [n for n in sizes if n >= 30]:
        sustained = column(rows, "sustained", latent=n)
        claims.append(
            Claim(f"{n} latent neurons learn and sustain Für Elise (paper: 30 suffice)", sustained, "most seeds", share(sustained) > 0.5)
        )
        theirs = published(n)
        for name, key, reference in zip(("free-run", "replay"), ("last_free_run_mse", "replay_mse"), theirs, strict=True):
            ours = column(rows, key, latent=n)
            if reference and len(ours) >= 5:
                p = float(ks_2samp(ours, reference).pvalue)
                text = (
                    f"{name} MSE with {n} latent neurons is distributed as in the authors' code (median there {np.median(reference):.4f})"
                )
                claims.append(Claim(text, ours, f"Kolmogorov-Smirnov p > 0.05; p = {p:.2f}", p > 0.05))
    speed = {n: np.median([np.inf if c is None else c for c in column(rows, "first_learned_cycle", latent=n)]) for n in sizes}
    if len(sizes) > 2:
        small, large = min(n for n in sizes if n >= 30), sizes[-1]
        claims.append(
            Claim(
                f"larger networks learn sooner: first cycle below MSE 0.01 with {large} against {small} neurons",
                column(rows, "first_learned_cycle", latent=large),
                f"below {speed[small]:.0f}",
                bool(speed[large] < speed[small]),
            )
        )
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Replay MSE, sustained share and training time against the number of latent neurons."""
    sizes = sorted({row["latent"] for row in rows})
    figure, axes = new(8.4, 2.9, columns=3)
    for ax, key, label in zip(axes[0], ("replay_mse", "sustained", "first_learned_cycle"), LABELS, strict=True):
        for i, n in enumerate(sizes):
            values = np.array(column(rows, key, latent=n), dtype=float)
            if key == "sustained":
                ax.bar(i, values.mean(), color=LATENT, width=0.6)
                continue
            ax.plot(np.full(values.size, i) + np.linspace(-0.15, 0.15, values.size), values, ".", color=LATENT, ms=3, alpha=0.6)
            if np.isfinite(values).any():
                ax.plot(i, np.nanmedian(values), "_", color=VISIBLE, ms=14, mew=2)
        ax.set_xticks(range(len(sizes)), [str(n) for n in sizes])
        ax.set(xlabel="latent neurons", ylabel=label)
    axes[0, 0].axhline(0.0648, color="#888888", lw=0.8, ls=":")
    axes[0, 0].set_yscale("log")
    axes[0, 1].set_ylim(0, 1.05)
    return figure


LABELS = ("replay MSE", "share of seeds that sustain", "first cycle with MSE < 0.01")
EXPERIMENT = Experiment(
    "size",
    "Size",
    "How many latent neurons does the memory need, and how long does learning take?",
    points,
    compute,
    summarise,
    draw,
)
