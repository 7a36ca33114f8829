"""Ways of growing the scaffold over ambiguous sequences: how often a draw fails, and whether that can be told before training."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import binomtest, mannwhitneyu

from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.blueprint import make_blueprint
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, point
from elise_pynn.experiments.networks import SPIKING, prepare, replay_columns, teach_network, training_columns
from elise_pynn.melody import fuer_elise
from elise_pynn.points import Point
from elise_pynn.predictor import best_blueprint, residual_variance
from elise_pynn.random_sequence import random_sequence
from elise_pynn.sequence import Sequence

#: the sequences; the random ones need contexts of 2, 3 and 4 elements
SEQUENCES = ("fuer-elise", "order-2", "order-3", "order-4")
#: arms: way of growth, latent neurons, and whether the most promising of ten draws is taken
ARMS = {
    "published 100": ("published", 100, False),
    "tree 100": ("tree", 100, False),
    "tree 50": ("tree", 50, False),
    "tree 50, best of 10": ("tree", 50, True),
}
REPLAYED = 30


def sequence_named(name: str) -> Sequence:
    """One of the four sequences."""
    return fuer_elise() if name == "fuer-elise" else random_sequence(int(name[-1]), channels=8, steps=24, seed=1)


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per arm, sequence and draw; the paper's preset draws at least 40."""
    cycles, draws = {"smoke": (20, seeds), "quick": (500, seeds), "paper": (1000, max(40, seeds))}[preset]
    names = SEQUENCES[:2] if preset == "smoke" else SEQUENCES
    return [
        point(
            {"sequence": name, "arm": arm, "seed": seed},
            backend,
            {**SPIKING, "seed": seed, "cycles": cycles, "latent": 10 if preset == "smoke" else latent, "method": method},
            sequence=name,
            arm=arm,
            select=select,
            replay=2 if preset == "smoke" else REPLAYED,
        )
        for name in names
        for arm, (method, latent, select) in ARMS.items()
        for seed in range(1, draws + 1)
    ]


def compute(work: Row) -> Row:
    """Grow, judge before training, teach, replay frozen."""
    sequence = sequence_named(work["sequence"])
    settings, parameters, _ = prepare(work["given"], sequence)
    if work["select"]:
        blueprint = best_blueprint(sequence, settings.latent, settings.seed, parameters)
    else:
        blueprint = make_blueprint(sequence.n_channels, settings.latent, settings.seed, parameters)
    predicted = residual_variance(blueprint, sequence)
    taught = teach_network(work["given"], sequence, blueprint)
    scores = replay_columns(taught.play(taught.cued(), work["replay"]))
    return {"rows": [{"predictor": predicted, **training_columns(taught), **scores}], "error": ""}


def failure_rate(rows: list[Row], **conditions: str) -> tuple[int, int, float, float]:
    """Failures, draws, and the 95 % confidence interval of the rate (Clopper-Pearson)."""
    sustained = column(rows, "sustained", **conditions)
    failures = sum(not s for s in sustained)
    interval = binomtest(failures, len(sustained)).proportion_ci(0.95)
    return failures, len(sustained), float(interval.low), float(interval.high)


def area_under_curve(rows: list[Row]) -> float | None:
    """Probability that a failing draw has a larger predictor than a sustaining one."""
    good = [row["predictor"] for row in rows if row["sustained"]]
    bad = [row["predictor"] for row in rows if not row["sustained"]]
    if not good or not bad:
        return None
    return float(mannwhitneyu(bad, good).statistic / (len(good) * len(bad)))


def summarise(rows: list[Row]) -> list[Claim]:
    """`tree` fails on at most 1 of 40 draws at 100 latent neurons, published growth on clearly more."""
    names = [name for name in SEQUENCES if column(rows, "seed", sequence=name)]
    claims = []
    for arm in ARMS:
        for name in names:
            failures, draws, low, high = failure_rate(rows, sequence=name, arm=arm)
            text = f"{arm}, {name}: {failures} of {draws} draws fail (95 % interval {low:.2f} to {high:.2f}); replay correlation"
            needed, holds = "reported", None
            if arm == "tree 100":
                needed, holds = "at most 1 of 40 fail", failures <= max(1, draws / 40)
            if arm == "tree 50, best of 10":
                needed, holds = "none fails", failures == 0
            claims.append(Claim(text, column(rows, "replay_correlation", sequence=name, arm=arm), needed, holds))
    lost = [sum(failure_rate(rows, sequence=name, arm=arm)[0] for name in names) for arm in ("published 100", "tree 100")]
    text = f"published growth fails more often than tree growth at 100 latent neurons: {lost[0]} against {lost[1]} draws in all"
    claims.append(Claim(text, [float(n) for n in lost], "clearly more", lost[0] > lost[1] + 2))
    for name in names:
        area = area_under_curve([row for row in rows if row["sequence"] == name and "best" not in row["arm"]])
        text = f"{name}: the predictor tells failing from sustaining draws before training (area under the ROC curve)"
        claims.append(Claim(text, [] if area is None else [area], "reported; 0.5 is chance", None))
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Failure rates with confidence intervals; predictor against outcome."""
    names = [name for name in SEQUENCES if column(rows, "seed", sequence=name)]
    colours = dict(zip(ARMS, ("#888888", LATENT, "#e0a030", VISIBLE), strict=True))
    figure, axes = new(8.8, 3.2, columns=2)
    left, right = axes[0]
    for j, arm in enumerate(ARMS):
        rates = [failure_rate(rows, sequence=name, arm=arm) for name in names]
        middle = np.array([f / n for f, n, _, _ in rates])
        errors = np.abs(np.array([[low, high] for _, _, low, high in rates]).T - middle)
        left.errorbar(np.arange(len(names)) + 0.15 * (j - 1.5), middle, errors, fmt="o", ms=4, color=colours[arm], capsize=2, label=arm)
    left.set_xticks(range(len(names)), names)
    left.set(ylabel="share of draws that fail", ylim=(-0.03, 1.0))
    left.legend(fontsize=7)
    for arm in ARMS:
        own = [row for row in rows if row["arm"] == arm]
        right.plot([r["predictor"] for r in own], [r["replay_correlation"] for r in own], ".", ms=4, color=colours[arm], alpha=0.7)
    right.axhline(0.8, color="#888888", lw=0.8, ls=":")
    right.set(xlabel="predictor: variance that cannot be read out", ylabel="replay correlation", xscale="log")
    right.set_xticks([0.02, 0.05, 0.1, 0.2, 0.5], ["0.02", "0.05", "0.1", "0.2", "0.5"])
    right.minorticks_off()
    return figure


EXPERIMENT = Experiment(
    "growth",
    "Growth",
    "How often does a scaffold fail, and can it be told before training? (Spiking form `integrate`, 1000 cycles.)",
    points,
    compute,
    summarise,
    draw,
    backends=("engine",),
)
