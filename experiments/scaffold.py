"""How the scaffold's growth and the density of the dendritic synapses decide what can be learned."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.blueprint import make_blueprint
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, point
from elise_pynn.experiments.networks import CYCLES, LATENT_NEURONS, REPLAY, prepare, replay_columns, teach_network, training_columns
from elise_pynn.points import Point

#: (p, q) of the growth
GROWTH = {
    "smoke": ((0.2, 0.15),),
    "quick": ((0.2, 0.15),),
    "paper": ((0.0, 0.15), (0.2, 0.15), (0.4, 0.15), (0.2, 0.5)),
}
#: density of the sparse networks, and their cycles
DENSITY, FEWER = 0.3, 2000


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per growth, density, protection and seed; sparse networks, which take three times as long, have fewer cycles."""
    latent = LATENT_NEURONS[preset]
    arms = [(p, q, 1.0, False) for p, q in GROWTH[preset]]
    arms += [(0.2, 0.15, DENSITY, protected) for protected in (False, True)]
    return [
        point(
            {"p": p, "q": q, "density": density, "protected": protected, "seed": seed},
            backend,
            {
                "latent": latent,
                "seed": seed,
                "cycles": min(CYCLES[preset], FEWER) if density < 1 or preset == "quick" else CYCLES[preset],
                "p": p,
                "q": q,
            },
            density=density,
            protected=protected,
            replay=REPLAY[preset],
        )
        for p, q, density, protected in arms
        for seed in range(1, seeds + 1)
    ]


def compute(work: Row) -> Row:
    """Grow, thin out, teach, replay frozen."""
    settings, parameters, sequence = prepare(work["given"])
    blueprint = make_blueprint(sequence.n_channels, settings.latent, settings.seed, parameters)
    edges = len(blueprint.scaffold)
    if work["density"] < 1:
        blueprint = blueprint.sparse(work["density"], work["protected"])
    taught = teach_network(work["given"], blueprint=blueprint)
    reached = int((blueprint.in_degree > 0).sum())
    scores = replay_columns(taught.play(taught.cued(), work["replay"]))
    return {"rows": [{"edges": edges, "reached": reached, **training_columns(taught), **scores}], "error": ""}


def summarise(rows: list[Row]) -> list[Claim]:
    """Protecting the scaffold's own synapses helps sparse networks on every seed."""
    claims = []
    if sparse := [row for row in rows if row["density"] == DENSITY]:
        by_seed = [
            tuple(column(sparse, "free_run_mse", protected=protected, seed=seed)[0] for protected in (True, False))
            for seed in sorted({row["seed"] for row in sparse})
        ]
        text = f"density {DENSITY:g}, at most {FEWER} cycles: free-run MSE with the scaffold's synapses protected is below that without"
        needed = f"every seed; unprotected median {np.median([u for _, u in by_seed]):.4f}"
        claims.append(Claim(text, [p for p, _ in by_seed], needed, all(p < u for p, u in by_seed)))
    for p, q in sorted({(row["p"], row["q"]) for row in rows}):
        sustained = column(rows, "sustained", p=p, q=q, density=1.0)
        claims.append(Claim(f"growth with p = {p:g}, q = {q:g}: sustained", sustained, "reported", None))
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Free-run MSE by density and by growth."""
    figure, axes = new(8.4, 2.9, columns=2)
    left, right = axes[0]
    densities = sorted({row["density"] for row in rows})
    for offset, protected, colour in ((-0.12, False, LATENT), (0.12, True, VISIBLE)):
        for i, density in enumerate(densities):
            values = column(rows, "free_run_mse", density=density, protected=protected and density < 1, p=0.2, q=0.15)
            shift = offset if density < 1 else 0.0
            label = ("protected" if protected else "not protected") if i == 0 else None
            if density < 1 or not protected:
                left.plot(i + shift + np.linspace(-0.06, 0.06, len(values)), values, "o", ms=3.5, color=colour, alpha=0.8, label=label)
    left.set_xticks(range(len(densities)), [f"{d:g}" for d in densities])
    left.set(xlabel="density of dendritic synapses", ylabel="free-run MSE", yscale="log")
    left.legend()
    growth = sorted({(row["p"], row["q"]) for row in rows})
    for i, (p, q) in enumerate(growth):
        values = column(rows, "free_run_mse", p=p, q=q, density=1.0)
        right.plot(i + np.linspace(-0.15, 0.15, len(values)), values, "o", ms=3.5, color=LATENT, alpha=0.8)
    right.set_xticks(range(len(growth)), [f"{p:g}\n{q:g}" for p, q in growth])
    right.set(xlabel="p (above) and q (below) of the growth", yscale="log")
    return figure


EXPERIMENT = Experiment(
    "scaffold",
    "Scaffold",
    "Which scaffold, and how many of the dendritic synapses, does learning need?",
    points,
    compute,
    summarise,
    draw,
    backends=("engine",),
)
