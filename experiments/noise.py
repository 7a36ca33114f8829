"""A noisy teacher: correlated noise on the target in every cycle; is the replay closer to the clean pattern than the teacher was?"""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from scipy.signal import lfilter

from elise_pynn.analysis.scores import mean_squared_error
from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, point
from elise_pynn.experiments.networks import CYCLES, LATENT_NEURONS, REPLAY, prepare, replay_columns, teach_network, training_columns
from elise_pynn.points import Point
from elise_pynn.simulation import Simulation

#: correlation time of the noise in ms
CORRELATION_MS = 20.0
SD_MV = {"smoke": (4.0,), "quick": (4.0,), "paper": (1.0, 2.0, 4.0, 8.0)}


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per strength of the noise and seed."""
    given = {"latent": LATENT_NEURONS[preset], "cycles": CYCLES[preset]}
    return [
        point({"sd_mv": sd, "seed": seed}, backend, {**given, "seed": seed}, sd=sd, replay=REPLAY[preset])
        for sd in SD_MV[preset]
        for seed in range(1, seeds + 1)
    ]


def correlated(shape: tuple[int, int], timestep: float, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise of unit variance with an exponential autocorrelation of `CORRELATION_MS`, a row per channel."""
    kept = np.exp(-timestep / CORRELATION_MS)
    white = rng.standard_normal(shape)
    white[:, 0] /= np.sqrt(1 - kept**2)
    return lfilter([np.sqrt(1 - kept**2)], [1.0, -kept], white, axis=1)


def compute(work: Row) -> Row:
    """Teach with fresh noise in every cycle; compare the noisy targets and the replay with the clean target."""
    settings, parameters, sequence = prepare(work["given"])
    clean = sequence.target(settings.timestep, parameters.neuron)
    rate, rng = parameters.neuron.rate, np.random.default_rng([settings.seed, 5])
    errors = []

    def add_noise(simulation: Simulation, cycle: int) -> None:
        noisy = clean + work["sd"] * correlated(clean.shape, settings.timestep, rng)
        simulation.show(noisy)
        if cycle % 100 == 0:
            errors.append(mean_squared_error(rate(noisy), rate(clean)))

    taught = teach_network(work["given"], each_cycle=add_noise)
    scores = replay_columns(taught.play(taught.cued(), work["replay"]))
    return {"rows": [{**training_columns(taught), "teacher_mse": float(np.mean(errors)), **scores}], "error": ""}


def summarise(rows: list[Row]) -> list[Claim]:
    """The replay is closer to the clean target than the teacher."""
    claims = []
    for sd in sorted({row["sd_mv"] for row in rows}):
        ours, theirs = column(rows, "replay_mse", sd_mv=sd), column(rows, "teacher_mse", sd_mv=sd)
        better = [bool(a < b) for a, b in zip(ours, theirs, strict=True)]
        text = f"noise of {sd:g} mV: the replay's MSE to the clean target is below the teacher's, median {np.median(theirs):.4f} (paper)"
        claims.append(Claim(text, ours, "most seeds", bool(np.mean(better) > 0.5)))
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """MSE of teacher and replay to the clean target against the noise."""
    figure, axes = new(4.2, 2.8)
    ax = axes[0, 0]
    strengths = sorted({row["sd_mv"] for row in rows})
    for key, colour, label in (("teacher_mse", "#888888", "teacher"), ("replay_mse", VISIBLE, "replay")):
        ax.plot(strengths, [np.median(column(rows, key, sd_mv=sd)) for sd in strengths], "-", color=colour, lw=1.5, label=label)
        ax.plot([row["sd_mv"] for row in rows], [row[key] for row in rows], ".", color=colour if key != "replay_mse" else LATENT, ms=4)
    ax.set(xlabel="noise on the target / mV", ylabel="MSE to the clean target", yscale="log")
    ax.legend()
    return figure


EXPERIMENT = Experiment(
    "noise",
    "Noise",
    "Is the replay closer to the clean pattern than the noisy teacher ever was?",
    points,
    compute,
    summarise,
    draw,
    backends=("engine",),
)
