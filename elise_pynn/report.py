"""Reports of runs: gather what a run has left in its folder, and write it as one HTML page."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

import neo
import numpy as np
import soundfile

from elise_pynn.analysis.recording import read_nix
from elise_pynn.analysis.report.data import Cycle, ReportData, Sound, Value
from elise_pynn.analysis.report.html import identity_in, report_page
from elise_pynn.presets import GROUPS
from elise_pynn.protocol import CUE_CYCLES, target_rates
from elise_pynn.quantity import ParameterError
from elise_pynn.rendition import REPLAY_SOUND, TAUGHT_SOUND, cycles_heard
from elise_pynn.repeat import how_to_repeat
from elise_pynn.results import RECORDING, RUN, Run, read_run

REPORT = "report.html"
#: sounds that a run may have left, and what they are
SOUNDS = ((TAUGHT_SOUND, "What was taught"), (REPLAY_SOUND, "What the network plays, without its teacher"))
#: sounds of more bytes are compressed
WAVE = 250_000
#: what a report takes from run.json besides what `read_run` checks
NUMBERS = ("cycles", "seed", "n_visible", "n_latent", "timestep_ms", "spikes_per_cycle")
SCORES = ("cycles", "sustained_cycles", "median_mse", "median_correlation", "drift_ms_per_cycle")
LISTS = ("mse", "correlation", "shift_ms")


def gather(folder: str | os.PathLike) -> ReportData:
    """Read everything that a report shows of a run.

    Raises
    ------
    ParameterError
        When the folder holds no complete run.
    """
    folder = Path(folder)
    done = read_run(folder)
    text = (folder / RUN).read_bytes()
    summary = _checked(folder, json.loads(text), done)
    try:
        cycles, interval = _cycles(folder / RECORDING, summary, done)
    except (OSError, ValueError, KeyError, IndexError, RuntimeError, AttributeError, TypeError, neo.io.baseio.NeoReadWriteError) as error:
        raise ParameterError(
            f"cannot read the recording {folder / RECORDING}: {error}. Give a folder that 'elise run' has filled."
        ) from error
    command, language = how_to_repeat(folder, done)
    return ReportData(
        title=done.sequence.name,
        folder=str(folder),
        identity=hashlib.sha256(text).hexdigest(),
        summary=summary,
        pattern=done.sequence.pattern,
        continuous=bool(done.sequence.continuous.any()),
        step_ms=done.sequence.step_ms,
        channels=done.sequence.channels,
        interval=interval,
        target=target_rates(done.sequence, done.blueprint, done.settings.timestep, interval),
        cycles=cycles,
        weights_before=done.blueprint.initial_weights,
        weights_after=done.blueprint.weights,
        edges=done.blueprint.scaffold,
        values=_values(done),
        versions={str(name): str(version) for name, version in summary["versions"].items()},
        command=command,
        language=language,
        sounds=_sounds(folder, cycles_heard(done.sequence, summary["replay"]["cycles"])),
    )


def write_report(folder: str | os.PathLike, out: str | os.PathLike | None = None) -> Path:
    """Write the report of a run.

    Parameters
    ----------
    folder : path
        Of the run.
    out : path, optional
        The file; ``report.html`` in the folder when not given. Only a report of the same run is replaced.

    Returns
    -------
    Path
        The file.
    """
    data = gather(folder)
    path = Path(folder) / REPORT if out is None else Path(out)
    write_page(report_page(data), data.identity, path)
    return path


def write_page(page: str, identity: str, path: Path) -> None:
    """Write a page, which appears whole or not at all, and replaces nothing but a page of the same identity.

    Raises
    ------
    ParameterError
        When something else is there, or the file cannot be written.
    """
    try:
        if path.exists() and (not path.is_file() or identity_in(path.read_text("utf-8", errors="replace")) != identity):
            raise ParameterError(f"{path} is there already and is no report of the same: give --out another file, or move it away.")
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, suffix=".part", delete=False) as part:
            part.write(page)
        os.chmod(part.name, 0o644)
        os.replace(part.name, path)
    except OSError as error:
        raise ParameterError(f"cannot write {path}: {error.strerror}. Give --out a file in a folder that you may write to.") from error


def _checked(folder: Path, values: dict[str, Any], done: Run) -> dict[str, Any]:
    """Return the values of run.json when they hold all that a report shows."""

    def number(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
            raise ValueError(f"{value!r} is no number")
        return value

    try:
        replay, seconds = values["replay"], values["seconds"]
        for holder, names in ((values, NUMBERS), (replay, SCORES), (seconds, ("total", "simulate"))):
            for name in names:
                number(holder[name])
        for name in LISTS:
            if len([number(value) for value in replay[name]]) != replay["cycles"]:
                raise ValueError(f"replay.{name} has not one value per cycle")
        if replay["note_f1"] is not None:
            number(replay["note_f1"])
        for free_run in done.training:
            for name in ("cycle", "mse", "correlation"):
                number(free_run[name])
        values["versions"].items()
        if done.sequence.n_channels != done.blueprint.visible or replay["cycles"] < 1:
            raise ValueError("it does not fit the blueprint beside it")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else error
        raise ParameterError(f"{folder / RUN} is damaged ({reason}): teach the network again with 'elise run'.") from error
    return values


def _cycles(path: Path, summary: dict[str, Any], done: Run) -> tuple[tuple[Cycle, ...], float]:
    """Each replayed cycle at its best shift, and the last one of the cue; the sampling interval."""
    cue, played = read_nix(path).segments
    interval = float(played.analogsignals[0].sampling_period.rescale("ms"))
    period, scores = done.sequence.period, summary["replay"]
    n = round(period / interval)
    pieces = [
        (played, i * period + shift, f"cycle {i + 1}, r = {r:.3f}", i + 1)
        for i, (shift, r) in enumerate(zip(scores["shift_ms"], scores["correlation"], strict=True))
    ]
    pieces.append((cue, (CUE_CYCLES - 1) * period, "with the teacher, before the replay", 0))
    trains = {id(segment): _spikes(segment) for segment in (cue, played)}
    rates = {id(segment): segment.analogsignals[0].rescale("1/ms").magnitude.T for segment in (cue, played)}
    cycles = []
    for segment, begin, label, number in pieces:
        first = round(begin / interval)
        shown = rates[id(segment)][:, first : first + n]
        if shown.shape != (done.blueprint.visible, n):
            raise ValueError(f"it does not hold the rates of {label.split(',')[0]}")
        times, neurons = trains[id(segment)]
        low, high = np.searchsorted(times, [begin, begin + period], side="right")
        after = begin - scores["shift_ms"][0] if number else None
        cycles.append(Cycle(label, shown, times[low:high] - begin, neurons[low:high], number, after))
    return tuple(cycles), interval


def _sounds(folder: Path, cycles: int) -> tuple[Sound, ...]:
    """The sounds that the run has left, of so many cycles each; long ones as MP3."""
    found = []
    for name, label in SOUNDS:
        kind = "audio/wav"
        try:
            media = (folder / name).read_bytes() if (folder / name).is_file() else None
            if media is not None and len(media) > WAVE and "MP3" in soundfile.available_formats():
                samples, rate = soundfile.read(io.BytesIO(media))
                file = io.BytesIO()
                soundfile.write(file, samples, rate, format="MP3", subtype="MPEG_LAYER_III")
                kind, media = "audio/mpeg", file.getvalue()
        except (OSError, soundfile.SoundFileError) as error:
            raise ParameterError(f"cannot read the sound {folder / name}: {error}. Move it away, or give another folder.") from error
        if media is not None:
            found.append(Sound(label, name, media, cycles, kind))
    return tuple(found)


def _spikes(segment: neo.Segment) -> tuple[np.ndarray, np.ndarray]:
    """Times in ms in order, and neurons, of all spikes."""
    trains = [(train.rescale("ms").magnitude, int(train.annotations["neuron"])) for train in segment.spiketrains]
    times = np.concatenate([t for t, _ in trains] or [np.array([])])
    neurons = np.concatenate([np.full(len(t), neuron) for t, neuron in trains] or [np.array([], int)])
    order = np.argsort(times, kind="stable")
    return times[order], neurons[order]


def _values(done: Run) -> dict[str, tuple[Value, ...]]:
    """Settings and parameters with units and meanings, by group."""
    found = {}
    for group, kind in GROUPS.items():
        holder = done.settings if group == "settings" else getattr(done.blueprint.parameters, group)
        found[group] = tuple(
            Value(
                f.name, getattr(holder, f.name), f.default, f.metadata.get("unit", "1"), f.metadata.get("meaning", "learning on in replay")
            )
            for f in dataclasses.fields(kind)
        )
    used = Value(
        "learning_rate", done.learning_rate, done.learning_rate, "1/ms", "learning rate at the start of the training, as it was used"
    )
    return {**found, "learning": (*found["learning"], used)}
