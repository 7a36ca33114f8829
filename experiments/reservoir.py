"""A reservoir, whose latent weights are fixed, against ELiSe; an echo state network and FORCE as further baselines."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.scores import score_replay
from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, point, share
from elise_pynn.experiments.networks import LATENT_NEURONS, REPLAY, form, prepare, replay_columns, teach_network, training_columns
from elise_pynn.points import Point
from elise_pynn.quantity import ParameterError

ARMS = ("elise", "reservoir", "echo_state", "force")
#: cycle at which early learning is compared
EARLY = {"smoke": 20, "quick": 500, "paper": 500}
#: step of the baselines in ms; the patterns' ramps take a few of them
BASELINE_STEP = 1.0
#: cycles of the pattern that the baselines are taught, at most
LAPS = 100
#: the baselines' leak, spectral radius and input scaling, the feedback's noise and the readout's regularisation: the best of 36 settings
#: each that were tried on three (ridge) and two (FORCE) seeds
BASELINES = {
    "echo_state": {"lr": 0.1, "sr": 0.9, "input_scaling": 1.0, "noise": 0.2, "regularisation": 1e-3},
    "force": {"lr": 0.1, "sr": 1.0, "input_scaling": 1.0, "noise": 0.0, "regularisation": 1.0},
}


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per arm and seed; the baselines need no spiking backend."""
    latent = LATENT_NEURONS[preset]
    return [
        point(
            {"arm": arm, "seed": seed},
            backend,
            {"latent": latent, "seed": seed, **form(backend, preset)},
            arm=arm,
            replay=REPLAY[preset],
            early=EARLY[preset],
            **({"baseline": BASELINES[arm]} if arm in BASELINES else {}),
        )
        for arm in (ARMS if backend == "engine" else ARMS[:2])
        for seed in range(1, seeds + 1)
    ]


def compute(work: Row) -> Row:
    """Teach one arm and let it play."""
    if work["arm"] in ("echo_state", "force"):
        return {"rows": [_baseline(work)], "error": ""}
    taught = teach_network({**work["given"], "latent_factor": 0.0 if work["arm"] == "reservoir" else 1.0})
    scores = taught.play(taught.cued(), work["replay"])
    early = next(run.mse for run in taught.training if run.cycle >= work["early"])
    return {"rows": [{**training_columns(taught), "early_mse": early, **replay_columns(scores)}], "error": ""}


def _baseline(work: Row) -> Row:
    """A generative network of as many units, its output fed back; taught with the target, then running freely.

    The echo state network is driven by the noisy target and its readout fitted by ridge regression; FORCE feeds its own
    output back from the start and learns at every step by recursive least squares.
    """
    try:
        from reservoirpy.nodes import RLS, Reservoir, Ridge
    except ImportError:
        raise ParameterError("the baselines need reservoirpy: pip install 'elise-pynn[experiments]'.") from None
    settings, parameters, sequence = prepare(work["given"])
    rates = parameters.neuron.rate(sequence.target(BASELINE_STEP, parameters.neuron))
    n, cycles, chosen = rates.shape[1], work["replay"], dict(work["baseline"])
    taught = np.tile(rates.T, (min(LAPS, settings.cycles) + 1, 1))
    noise_sd, regularisation = chosen.pop("noise"), chosen.pop("regularisation")
    reservoir = Reservoir(settings.latent + sequence.n_channels, seed=settings.seed, **chosen)
    if work["arm"] == "echo_state":
        noise = np.random.default_rng(settings.seed).normal(0, noise_sd, taught[:-1].shape)
        readout = Ridge(ridge=regularisation)
        readout.fit(reservoir.run(taught[:-1] + noise), taught[1:], warmup=n)
        out = taught[-1]
    else:
        readout, out = RLS(alpha=regularisation), taught[0]
        for target in taught[1:]:
            state = reservoir.step(out)
            readout.partial_fit(state[None], target[None])
            out = readout.step(state)
    played = np.empty(((cycles + 1) * n, sequence.n_channels))
    for step in range(len(played)):
        out = played[step] = np.clip(readout.step(reservoir.step(out)), 0.0, 1.0)
    scores = score_replay(played.T, rates, BASELINE_STEP)
    return {"free_run_mse": scores.mse[0], "first_learned_cycle": None, "early_mse": None, **replay_columns(scores)}


def summarise(rows: list[Row]) -> list[Claim]:
    """ELiSe sustains, the reservoir does not, but is faster at first (paper)."""
    elise, fixed = column(rows, "sustained", arm="elise"), column(rows, "sustained", arm="reservoir")
    early, late = column(rows, "early_mse", arm="reservoir"), column(rows, "early_mse", arm="elise")
    claims = [
        Claim("ELiSe sustains its replay (paper)", elise, "9 of 10 seeds", share(elise) >= 0.9),
        Claim("a reservoir, latent weights fixed, sustains none (paper)", fixed, "0 seeds", share(fixed) == 0),
        Claim(
            "the reservoir is ahead early in training (paper): its free-run MSE there",
            early,
            f"below ELiSe's median of {np.median(late):.4f}",
            bool(np.median(early) < np.median(late)),
        ),
    ]
    for arm, name in (("echo_state", "an echo state network with ridge readout"), ("force", "FORCE")):
        if sustained := column(rows, "sustained", arm=arm):
            claims.append(Claim(f"{name} with as many units sustains", sustained, "no claim: a baseline", None))
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Replay correlation and MSE of each arm, a dot per seed."""
    arms = [arm for arm in ARMS if column(rows, "seed", arm=arm)]
    figure, axes = new(6.4, 2.8, columns=2)
    for ax, key, label in zip(axes[0], ("replay_correlation", "replay_mse"), ("replay correlation", "replay MSE"), strict=True):
        for i, arm in enumerate(arms):
            values = column(rows, key, arm=arm)
            spread = np.linspace(-0.15, 0.15, len(values)) if len(values) > 1 else [0.0]
            ax.plot(i + np.array(spread), values, "o", ms=4, color=VISIBLE if arm == "elise" else LATENT, alpha=0.8)
        ax.set_xticks(range(len(arms)), [arm.replace("_", "\n") for arm in arms])
        ax.set_ylabel(label)
    axes[0, 0].axhline(0.8, color="#888888", lw=0.8, ls=":")
    axes[0, 0].set_ylim(-0.2, 1.05)
    return figure


EXPERIMENT = Experiment(
    "reservoir",
    "Reservoir",
    "Does learning in the latent population matter, or is a trained readout enough?",
    points,
    compute,
    summarise,
    draw,
)
