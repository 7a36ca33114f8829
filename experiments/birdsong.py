"""A mock-up of song learning: a synthetic motif as continuous targets; learn, replay, disturb, recover; as sound too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.style import INK, new, styled
from elise_pynn.birdsong import birdsong
from elise_pynn.experiments.experiment import Claim, Experiment, Row, column, point, share
from elise_pynn.experiments.networks import REPLAY, SPIKING, Taught, prepare, replay_columns, teach_network, training_columns
from elise_pynn.points import Point
from elise_pynn.predictor import best_blueprint
from elise_pynn.rendition import loudness
from elise_pynn.sound import channels_to_sound
from elise_pynn.sound_file import write_sound

LATENT_NEURONS = {"smoke": 20, "quick": 200, "paper": 200}
CYCLES = {"smoke": 20, "quick": 1500, "paper": 2000}
#: disturbances in the middle of the long syllable: share of the visible neurons that are held, offset from E_L in mV
KINDS = {"half silenced": (0.5, 0.0), "silenced": (1.0, 0.0), "excited": (1.0, 15.0)}
#: their begin and end in ms
BEGIN, END = 350.0, 410.0
#: a song is recovered when its correlation is within so much of that before
NEAR = 0.03
#: a song that correlates less is none
SINGS = 0.8
#: cycles before the disturbed one, within which a recovery counts, and of what is kept to be seen and heard; ms per sample of that
BEFORE, WITHIN, HEARD, SAMPLE_MS = 1, 4, 4, 5.0


def points(preset: str, seeds: int, backend: str) -> list[Point]:
    """One point per seed: a network is taught once, replayed, and disturbed in each way."""
    given = {**SPIKING, "method": "published", "latent": LATENT_NEURONS[preset], "cycles": CYCLES[preset]}
    return [point({"seed": seed}, backend, {**given, "seed": seed}, replay=REPLAY[preset]) for seed in range(1, seeds + 1)]


def compute(work: Row) -> Row:
    """Teach the most promising of ten networks, replay, disturb, and listen."""
    sequence = birdsong()
    settings, parameters, _ = prepare(work["given"], sequence)
    blueprint = best_blueprint(sequence, settings.latent, settings.seed, parameters)
    taught = teach_network({**work["given"], "seed": blueprint.seed}, sequence, blueprint)
    rows: list[Row] = [{"kind": "undisturbed", **training_columns(taught), **replay_columns(taught.play(taught.cued(), work["replay"]))}]
    return {"rows": [*rows, *(_disturb(taught, kind) for kind in KINDS)], "error": ""}


def _disturb(taught: Taught, kind: str) -> Row:
    """Hold visible neurons during one cycle of a replay: when is the song found again, and what is heard meanwhile?"""
    part, offset = KINDS[kind]
    neuron, period, sequence = taught.blueprint.parameters.neuron, taught.sequence.period, taught.sequence
    held = slice(0, round(part * taught.blueprint.visible))
    simulation = taught.cued()
    simulation.record()
    simulation.run(BEFORE * period + BEGIN)
    simulation.hold(held, neuron.E_L + offset)
    simulation.run(END - BEGIN)
    simulation.hold(held, None)
    simulation.run((2 + WITHIN) * period - END)
    activity = simulation.take()
    samples = round(period / activity.interval)
    later = replace(activity, rates=activity.rates[:, (BEFORE + 1) * samples :])
    before, after = (taught.score(piece).correlation for piece in (activity, later))
    wanted = before[0] - NEAR
    found = next((i + 1 for i, value in enumerate(after) if value >= wanted), None) if before[0] >= SINGS else None
    every = round(SAMPLE_MS / activity.interval)
    heard = activity.rates[:, : HEARD * samples].reshape(len(activity.rates), -1, every).mean(axis=2)
    played = loudness(heard, sequence, neuron).round(2).tolist()
    return {"kind": kind, "correlation_before": before[0], "correlation_last": after[-1], "recovered_after": found, "played": played}


def summarise(rows: list[Row]) -> list[Claim]:
    """The motif is learned and played on, and found again after a disturbance."""
    sustained = column(rows, "sustained", kind="undisturbed")
    claims = [
        Claim("the motif is learned and its replay sustained", sustained, "most seeds", share(sustained) > 0.5),
        Claim("correlation of the replay", column(rows, "replay_correlation", kind="undisturbed"), "reported", None),
    ]
    for kind in KINDS:
        back = [float(value is not None and value <= WITHIN) for value in column(rows, "recovered_after", kind=kind)]
        text = f"visible neurons {kind} for {END - BEGIN:.0f} ms: the correlation is within {NEAR} of that before in {WITHIN} motifs"
        claims.append(Claim(text, back, "most seeds", share(back) > 0.5))
    return claims


def _heard(rows: list[Row], kind: str) -> np.ndarray:
    """What the first seed's network played, shape (channels, samples)."""
    return np.array(column(rows, "played", kind=kind)[0])


@styled
def draw(rows: list[Row]) -> Figure:
    """Loudness of each channel as taught, and as played with each disturbance by the first seed's network."""
    sequence = birdsong()
    figure, axes = new(9.2, 7.4, rows=1 + len(KINDS), sharex=True, sharey=True)
    panels = [("Taught", np.tile(sequence.pattern, (1, HEARD)))]
    panels += [(f"Played, visible neurons {kind}", _heard(rows, kind)) for kind in KINDS]
    end, top = HEARD * sequence.period, sequence.n_channels
    for ax, (title, values) in zip(axes[:, 0], panels, strict=True):
        ax.imshow(values, origin="lower", aspect="auto", cmap="magma", vmin=0, vmax=1, extent=(0, end, -0.5, top - 0.5))
        ax.set(title=title, ylabel="frequency / kHz")
        if title != "Taught":
            ax.plot([BEFORE * sequence.period + t for t in (BEGIN, END)], [top, top], "-", color=INK, lw=3, clip_on=False)
    shown = range(0, top, 6)
    axes[0, 0].set_yticks(list(shown), [f"{sequence.frequencies[i] / 1000:.1f}" for i in shown])
    axes[-1, 0].set_xlabel("time / ms")
    return figure


def keep(rows: list[Row], folder: Path) -> None:
    """What is drawn, as sound."""
    sequence = birdsong()
    taught = np.tile(sequence.pattern, (1, HEARD))
    write_sound(folder / "birdsong_taught.wav", channels_to_sound(taught, sequence.frequencies, sequence.step_ms))
    for kind in KINDS:
        sound = channels_to_sound(_heard(rows, kind), sequence.frequencies, SAMPLE_MS)
        write_sound(folder / f"birdsong_{kind.replace(' ', '_')}.wav", sound)


EXPERIMENT = Experiment(
    "birdsong",
    "Birdsong",
    "Can a song be learned as continuous targets, and does the singer find back when disturbed? (`integrate`, 200 latent neurons, "
    "published growth, best of ten draws, 2000 cycles.)",
    points,
    compute,
    summarise,
    draw,
    keep=keep,
)
