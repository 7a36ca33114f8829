"""What a run leaves in its folder, and reading it back."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
from collections.abc import Sequence as Items
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from elise_pynn.analysis import figures, recording
from elise_pynn.blueprint import Blueprint
from elise_pynn.protocol import CUE_CYCLES, FreeRun, Replay, target_rates
from elise_pynn.quantity import ParameterError
from elise_pynn.sequence import Sequence

RUN, BLUEPRINT, RECORDING = "run.json", "blueprint.npz", "recording.nix"


def versions() -> dict[str, str]:
    """Versions of everything that can change a result."""
    packages = {
        "elise_pynn": "elise-pynn",
        "nest": "nest-simulator",
        "pynn": "PyNN",
        "neo": "neo",
        "numpy": "numpy",
        "scipy": "scipy",
    }
    found = {key: importlib.metadata.version(name) for key, name in packages.items()}
    return {**found, "python": platform.python_version()}


def claim(folder: str | os.PathLike) -> Path:
    """Check that a run may write to `folder` and create it.

    Raises
    ------
    ParameterError
        When it holds a run already or cannot be written to.
    """
    folder = Path(folder)
    if any((folder / name).exists() for name in (RUN, BLUEPRINT, RECORDING)):
        raise ParameterError(f"{folder} holds a run already: give --out another folder, or move that run away.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".write-probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise ParameterError(f"cannot write to {folder}: {error.strerror}. Give --out a folder that you may write to.") from error
    return folder


def write_json(values: dict[str, Any], path: Path) -> None:
    """Write JSON to a file that appears whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps(values, indent=2) + "\n")
    os.replace(part, path)


def replay_json(replay: Replay) -> dict[str, Any]:
    """The scores of a replay as plain values."""
    return {**replay.scores.to_dict(), "note_f1": replay.note_f1}


def write_arrays(folder: Path, blueprint: Blueprint, sequence: Sequence, replay: Replay, annotations: dict[str, Any]) -> None:
    """Write the trained blueprint and the recording."""
    blueprint.save(folder / BLUEPRINT)
    visible, latent = slice(0, blueprint.visible), slice(blueprint.visible, blueprint.size)
    kept = (("cue", replay.cue, {"visible": visible}), ("replay", replay.activity, {"visible": visible, "latent": latent}))
    segments = [
        recording.make_segment(name, a.spike_times, a.spike_neurons, populations, a.rates, a.interval, a.duration, a.start)
        for name, a, populations in kept
    ]
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


def read_run(folder: str | os.PathLike) -> tuple[dict[str, Any], Blueprint, Sequence]:
    """Read a run: its run.json, its trained blueprint and its sequence.

    Raises
    ------
    ParameterError
        When the folder holds no complete run.
    """
    folder = Path(folder)
    try:
        values = json.loads((folder / RUN).read_text())
        sequence = Sequence.from_dict(values["sequence"])
        values["settings"], values["training"]
        return values, Blueprint.load(folder / BLUEPRINT), sequence
    except OSError as error:
        raise ParameterError(
            f"{folder} holds no run ({error.strerror}: {error.filename}): give a folder that 'elise run' has filled."
        ) from error
    except (KeyError, TypeError, json.JSONDecodeError) as error:
        raise ParameterError(f"{folder / RUN} is damaged ({error}): teach the network again with 'elise run'.") from error
