"""What a run leaves in its folder, and reading it back."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence as Items
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from elise_pynn import run_view
from elise_pynn.analysis import figures, recording
from elise_pynn.blueprint import Blueprint
from elise_pynn.parameters import Parameters
from elise_pynn.protocol import CUE_CYCLES, FreeRun, Replay, target_rates
from elise_pynn.quantity import ParameterError
from elise_pynn.rendition import REPLAY_MIDI, REPLAY_SOUND, TAUGHT_SOUND
from elise_pynn.sequence import Sequence
from elise_pynn.settings import Settings

RUN, BLUEPRINT, RECORDING = "run.json", "blueprint.npz", "recording.nix"
PICTURES = ("learning_curve.png", "replay.png", "raster.png", "weights.png", "scaffold.png")
#: everything that a run leaves
FILES = (RUN, BLUEPRINT, RECORDING, *PICTURES, TAUGHT_SOUND, REPLAY_SOUND, REPLAY_MIDI)


def hash_of_parameters(parameters: Parameters) -> str:
    """SHA-256 of all parameters of a network."""
    return hashlib.sha256(json.dumps(parameters.to_dict(), sort_keys=True).encode()).hexdigest()


def hashes(folder: Path, blueprint: Blueprint) -> dict[str, str]:
    """SHA-256 of what a run has left, by which `elise verify` knows it again."""
    recorded = hashlib.sha256((folder / RECORDING).read_bytes()).hexdigest()
    return {"parameters": hash_of_parameters(blueprint.parameters), "blueprint": blueprint.digest(), "recording": recorded}


def replay_json(replay: Replay) -> dict[str, Any]:
    """The scores of a replay as plain values."""
    return {**replay.scores.to_dict(), "note_f1": replay.note_f1}


def write_recording(folder: Path, blueprint: Blueprint, sequence: Sequence, replay: Replay, summary: dict[str, Any]) -> None:
    """Write the recording, annotated with what the summary says of the run, the parameters and the versions."""
    visible, latent = slice(0, blueprint.visible), slice(blueprint.visible, blueprint.size)
    kept = (("cue", replay.cue, {"visible": visible}), ("replay", replay.activity, {"visible": visible, "latent": latent}))
    segments = [
        recording.make_segment(name, a.spike_times, a.spike_neurons, populations, a.rates, a.interval, a.duration, a.start)
        for name, a, populations in kept
    ]
    annotations = {key: summary[key] for key in ("seed", "cycles", "timestep_ms")} | {
        "sequence": sequence.name,
        "parameters": json.dumps(blueprint.parameters.to_dict()),
        **{f"version_{name}": version for name, version in summary["versions"].items()},
    }
    block = recording.make_block(f"ELiSe replay of {sequence.name}", segments, annotations)
    recording.write_nix(block, folder / RECORDING)


def draw(folder: Path, blueprint: Blueprint, sequence: Sequence, training: Items[dict[str, Any]], replay: Replay, timestep: float) -> None:
    """Draw the pictures of a run."""
    interval, period = replay.activity.interval, sequence.period
    target = target_rates(sequence, blueprint, timestep, interval)
    n = target.shape[1]
    figures.save(
        figures.learning_curve(*([f[key] for f in training] for key in ("cycle", "mse", "correlation")), period / 1000),
        folder / "learning_curve.png",
    )
    scores = replay.scores
    panels = []
    for cycle in sorted({0, scores.cycles - 1}):
        begin = cycle * n + round(scores.shift_ms[cycle] / interval)
        title = f"Replay, cycle {cycle + 1} (r = {scores.correlation[cycle]:.3f})"
        panels.append((title, replay.activity.rates[:, begin : begin + n]))
    figures.save(figures.replay_beside_target(target, panels, period, sequence.channels), folder / "replay.png")

    shown, cue = 4 * period, (CUE_CYCLES - 1) * period
    parts = [(replay.cue, cue, replay.cue.duration, -cue), (replay.activity, 0.0, shown - period, period)]
    times, neurons = [], []
    for activity, low, high, offset in parts:
        inside = (activity.spike_times > low) & (activity.spike_times <= high)
        times.append(activity.spike_times[inside] + offset)
        neurons.append(activity.spike_neurons[inside])
    marks = [(0.0, "teacher on"), (period, "replay, teacher off")]
    figures.save(
        figures.raster(np.concatenate(times), np.concatenate(neurons), blueprint.visible, blueprint.size, marks, sequence.channels),
        folder / "raster.png",
    )
    before = blueprint.initial_weights if blueprint.initial_weights is not None else blueprint.weights
    figures.save(figures.weights(before, blueprint.weights, blueprint.visible), folder / "weights.png")
    figures.save(figures.scaffold(blueprint.scaffold, blueprint.visible, blueprint.size, sequence.channels), folder / "scaffold.png")


def training_json(training: Items[FreeRun]) -> list[dict[str, Any]]:
    """The free runs as plain values."""
    return [asdict(free_run) for free_run in training]


@dataclass(frozen=True)
class Run:
    """A run read back from its folder; a notebook shows its scores, its picture and its sounds."""

    folder: Path
    settings: Settings
    blueprint: Blueprint = field(repr=False)
    sequence: Sequence = field(repr=False)
    learning_rate: float
    training: list[dict[str, Any]] = field(repr=False)
    replay: dict[str, Any] = field(repr=False)  #: scores of the replay, as in run.json

    def _repr_html_(self) -> str:
        return run_view.run_html(self.folder, self.sequence.name, self.settings, self.replay)


def read_run(folder: str | os.PathLike) -> Run:
    """Read a run back.

    Raises
    ------
    ParameterError
        When the folder holds no complete run.
    """
    folder = Path(folder)
    try:
        values = json.loads((folder / RUN).read_text())
        known = dict(values["settings"])
        eta, training, scores = float(known.pop("learning_rate")), list(values["training"]), dict(values["replay"])
        settings, sequence = Settings(**known), Sequence.from_dict(values["sequence"])
    except OSError as error:
        raise ParameterError(f"{folder} holds no run ({error.strerror}: {RUN}): give a folder that 'elise run' has filled.") from error
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ParameterError(f"{folder / RUN} is damaged ({error}): teach the network again with 'elise run'.") from error
    return Run(folder, settings, Blueprint.load(folder / BLUEPRINT), sequence, eta, training, scores)
