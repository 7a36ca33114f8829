"""Whether the scores of a run follow from the files beside them."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import quantities as pq

from elise_pynn.analysis.notes import note_f1
from elise_pynn.analysis.recording import read_nix
from elise_pynn.analysis.scores import score_replay
from elise_pynn.protocol import target_rates
from elise_pynn.quantity import ParameterError
from elise_pynn.results import BLUEPRINT, RECORDING, RUN, Run, hash_of_parameters, read_run

#: relative difference of scores that are computed twice from the same numbers, and from a replay that is simulated again
SAME, SAME_AGAIN = 1e-9, 1e-6


def verify(folder: str | os.PathLike, simulate: bool = False) -> dict[str, Any]:
    """Compute the scores of a run once more and compare.

    Parameters
    ----------
    folder : path
        Of a run.
    simulate : bool
        Replay the network of the blueprint again, too, on the run's backend, and compare its scores.

    Returns
    -------
    dict
        ``verified``, ``checks``: a list of ``what``, ``kept``, ``found`` and ``same`` each, and ``not_checked``, a list of words.

    Raises
    ------
    ParameterError
        When the folder holds no complete run, or a file of it cannot be read.
    """
    folder = Path(folder)
    run = read_run(folder)
    summary = json.loads((folder / RUN).read_text())
    checks, unchecked = _hashes(folder, run, summary)
    checks += _scores(folder, run, summary)
    if simulate:
        from elise_pynn.run import replay_again

        again = replay_again(run)
        checks += [
            _numbers(f"replay of {BLUEPRINT}: {key}", run.replay.get(key), value, SAME_AGAIN) for key, value in again["replay"].items()
        ]
    return {"verified": all(check["same"] for check in checks), "checks": checks, "not_checked": unchecked}


def _hashes(folder: Path, run: Run, summary: dict[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """Compare the blueprint, the parameters and the recording with what the run says of them."""
    unchecked = ["the learning curve, which only the same training can repeat"]
    kept = summary.get("sha256")
    if not isinstance(kept, dict):
        return [], [*unchecked, "hashes, which this run does not carry: an older version made it"]
    try:
        recording = hashlib.sha256((folder / RECORDING).read_bytes()).hexdigest()
    except OSError as error:
        raise ParameterError(f"{folder} holds no {RECORDING} ({error.strerror}): give a folder that 'elise run' has filled.") from error
    found = {"blueprint": run.blueprint.digest(), "parameters": hash_of_parameters(run.blueprint.parameters), "recording": recording}
    checks = [
        {"what": f"SHA-256 of {name}", "kept": kept.get(name), "found": value, "same": kept.get(name) == value}
        for name, value in found.items()
    ]
    parameters = summary.get("parameters")
    checks.append(
        {
            "what": f"parameters in {RUN} and in {BLUEPRINT}",
            "kept": parameters,
            "found": run.blueprint.parameters.to_dict(),
            "same": parameters == run.blueprint.parameters.to_dict(),
        }
    )
    return checks, unchecked


def _scores(folder: Path, run: Run, summary: dict[str, Any]) -> list[dict[str, Any]]:
    """Scores of the recording beside those that are kept."""
    path = folder / RECORDING
    try:
        segment = read_nix(path).segments[-1]
        signal = segment.analogsignals[0]
        interval = float(signal.sampling_period.rescale(pq.ms))
        rates = np.asarray(signal.rescale(1 / pq.ms).magnitude, dtype=float).T
        trains = [np.asarray(train.rescale(pq.ms).magnitude, dtype=float) for train in segment.spiketrains]
        neurons = [int(train.annotations["neuron"]) for train in segment.spiketrains]
    except Exception as error:  # the readers of HDF5, NIX and neo each raise their own
        raise ParameterError(f"{path} is damaged ({error}): teach the network again with 'elise run'.") from error
    blueprint, sequence, neuron = run.blueprint, run.sequence, run.blueprint.parameters.neuron
    target = target_rates(sequence, blueprint, run.settings.timestep, interval)
    if len(rates) != blueprint.visible or rates.shape[1] < 2 * target.shape[1]:
        raise ParameterError(f"{path} does not belong to {folder}: it holds {rates.shape[0]} channels of {rates.shape[1]} samples.")
    scores = score_replay(rates, target, interval)
    found: dict[str, Any] = {**scores.to_dict(), "note_f1": None}
    times, numbers = np.concatenate([np.empty(0), *trains]), np.repeat(neurons, [len(train) for train in trains])
    if neuron.emission != "rate" and not sequence.continuous.any():
        order = np.lexsort((numbers, times))
        visible = numbers[order] < blueprint.visible
        played = times[order][visible], numbers[order][visible]
        found["note_f1"] = note_f1(*played, sequence.pattern, sequence.step_ms, scores.cycles, neuron.spikes_per_rate)
    checks = [_numbers(f"{RECORDING}: {key}", run.replay.get(key), value, SAME) for key, value in found.items()]
    spikes = len(times) / (scores.cycles + 1)
    return [*checks, _numbers(f"{RECORDING}: spikes_per_cycle", summary.get("spikes_per_cycle"), spikes, SAME)]


def _numbers(what: str, kept: Any, found: Any, tolerance: float) -> dict[str, Any]:
    try:
        if kept is None or found is None:
            same = kept is found
        else:
            a, b = np.asarray(kept, dtype=float), np.asarray(found, dtype=float)
            same = a.shape == b.shape and bool(np.allclose(a, b, rtol=tolerance, atol=1e-12))
    except (TypeError, ValueError):
        same = False
    return {"what": what, "kept": kept, "found": found, "same": same}
