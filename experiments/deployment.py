"""Networks as a chip's stock cells play them: IF_curr_exp, no scaffold, few bits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.style import LATENT, VISIBLE, new, styled
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, share
from elise_pynn.export.deployed import Deployed, replayed_without_scaffold, score_played
from elise_pynn.export.quantised import quantised
from elise_pynn.export.spinnaker_weights import on_board
from elise_pynn.export.stock_replay import replayed_on_nest
from elise_pynn.export.stock_teaching import GOOD, GOOD_FINE, draw_until_good
from elise_pynn.points import Point
from elise_pynn.quantity import ParameterError
from elise_pynn.recommendation import configure_for
from elise_pynn.sequence_sources import find_sequence

TIMESTEPS = {"smoke": (1.0,), "quick": (1.0,), "paper": (1.0, 0.1)}
REPLAY = {"smoke": 2, "quick": 30, "paper": 100}
#: weights as learned, as on a SpiNNaker board, and with few bits
BOARD, BITS = "board", (8, 7, 6, 5)
WEIGHTS = ("learned", BOARD, *(f"{bits} bit" for bits in BITS))


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per time step and seed; the networks are taught on the engine, the backend replays."""
    smoke = {"latent": 100, "draws": 1} if preset == "smoke" else {}
    found = []
    for timestep in TIMESTEPS[preset]:
        for seed in range(1, seeds + 1):
            work = {"backend": backend, "timestep": timestep, "given": {"seed": seed, **smoke}, "replay": REPLAY[preset]}
            found.append(Point({"timestep": timestep, "seed": seed}, work, work))
    return found


def compute(work: Row) -> Row:
    """Teach until a network plays without its scaffold; replay it by stock cells with each kind of weights."""
    sequence = find_sequence("fuer-elise")
    tried: list[Deployed] = []
    settings, _ = configure_for(sequence, **work["given"])
    try:
        network = draw_until_good(sequence, settings, {}, work["timestep"], tried)
    except ParameterError:
        network = tried[-1]
    engine = replayed_without_scaffold(network.blueprint, sequence, work["timestep"], work["replay"])
    rows = []
    for name in WEIGHTS:
        weights = network.blueprint.weights
        if name == BOARD:
            weights = on_board(network, engine)[0].blueprint.weights
        elif name != "learned":
            weights = quantised(weights, int(name.split()[0]))
        played = replace(network, blueprint=replace(network.blueprint, weights=weights))
        if work["backend"] == "nest":
            activity = replayed_on_nest(played, work["replay"])
        else:
            activity = replayed_without_scaffold(played.blueprint, sequence, work["timestep"], work["replay"])
        scores = score_played(activity, played.blueprint, sequence, work["timestep"])
        rows.append(
            {
                "weights": name,
                "taught": len(tried),
                "sustained": scores.sustained,
                "correlation": scores.replay.median_correlation,
                "note_f1": scores.note_f1,
                "drift_ms_per_cycle": scores.replay.drift_ms_per_cycle,
                "spikes_per_cycle": scores.spikes_per_cycle,
                "good": scores.reaches(*_wanted(work["timestep"])),
            }
        )
    return {"rows": rows, "error": ""}


def _wanted(timestep: float) -> tuple[float, float]:
    return GOOD if timestep >= 0.5 else GOOD_FINE


def summarise(rows: list[Row]) -> list[Claim]:
    """Stock cells play what was learned, with the weights of the board too."""
    claims = []
    for timestep in sorted({row["timestep"] for row in rows}, reverse=True):
        for name in WEIGHTS:
            own = {"timestep": timestep, "weights": name}
            good = column(rows, "good", **own)
            if not good:
                continue
            middle = [float(np.median(column(rows, key, **own))) for key in ("correlation", "note_f1", "drift_ms_per_cycle")]
            text = f"{timestep:g} ms, weights {name}: correlation {middle[0]:.3f}, F1 {middle[1]:.3f}, drift {middle[2]:+.1f} ms"
            judged = name in ("learned", BOARD)
            claims.append(
                Claim(f"{text}; plays well", good, "9 of 10 seeds" if judged else "reported", share(good) >= 0.9 if judged else None)
            )
        again = [float(taught > 1) for taught in column(rows, "taught", timestep=timestep, weights="learned")]
        claims.append(
            Claim(
                f"{timestep:g} ms: the first network needs its scaffold, or plays badly, and another one is taught", again, "reported", None
            )
        )
    return claims


@styled
def draw(rows: list[Row]) -> Figure:
    """Correlation and note F1 by kind of weights, a dot per seed."""
    figure, axes = new(8.2, 3.0, columns=2)
    steps = sorted({row["timestep"] for row in rows}, reverse=True)
    for ax, key, label in zip(axes[0], ("correlation", "note_f1"), ("correlation from spikes", "note F1"), strict=True):
        for k, (timestep, colour) in enumerate(zip(steps, (VISIBLE, LATENT), strict=False)):
            for i, name in enumerate(WEIGHTS):
                values = column(rows, key, timestep=timestep, weights=name)
                where = i + 0.25 * (k - (len(steps) - 1) / 2) + np.linspace(-0.08, 0.08, len(values))
                ax.plot(where, values, "o", ms=3.5, color=colour, alpha=0.8, label=f"{timestep:g} ms" if i == 0 else None)
        ax.set_xticks(range(len(WEIGHTS)), WEIGHTS, rotation=30, ha="right")
        ax.set(ylabel=label, ylim=(min(0.8, min(column(rows, key)) - 0.02), 1.01))
    axes[0, 0].legend(loc="lower left")
    return figure


EXPERIMENT = Experiment(
    "deployment",
    "Deployment",
    "Do a chip's own cells, IF_curr_exp, play what was learned, with few bits? "
    "(To play well: every cycle sustained, correlation from spikes >= 0.97, note F1 >= 0.98; at 0.1 ms 0.95 and 0.95.)",
    points,
    compute,
    summarise,
    draw,
)
