"""The recording of a run beside what it should have played."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import neo
import quantities as pq

from elise_pynn.analysis.recording import read_nix
from elise_pynn.analysis.summary import describe
from elise_pynn.protocol import target_rates
from elise_pynn.quantity import ParameterError
from elise_pynn.results import RECORDING, read_run


def describe_run(folder: str | os.PathLike) -> dict[str, Any]:
    """Describe the replay that a run has recorded.

    Parameters
    ----------
    folder : path
        Of a run.

    Returns
    -------
    dict
        As `elise_pynn.analysis.summary.describe`; without note scores for the rate form and for continuous channels.

    Raises
    ------
    ParameterError
        When the folder holds no complete run, or its recording cannot be read.
    """
    run = read_run(folder)
    path = Path(folder) / RECORDING
    if not path.is_file():
        raise ParameterError(f"{folder} holds no {RECORDING}: give a folder that 'elise run' has filled.")
    try:
        block = read_nix(path)
        signal = block.segments[-1].analogsignals[0]
        interval = float(signal.sampling_period.rescale(pq.ms))
    except Exception as error:  # the readers of HDF5, NIX and neo each raise their own
        raise ParameterError(f"{path} is damaged ({error}): teach the network again with 'elise run'.") from error
    neuron, sequence = run.blueprint.parameters.neuron, run.sequence
    rates = target_rates(sequence, run.blueprint, run.settings.timestep, interval)
    target = neo.AnalogSignal(rates.T, units=1 / pq.ms, sampling_period=interval * pq.ms)
    notes = neuron.emission != "rate" and not sequence.continuous.any()
    try:
        return describe(block, target, sequence.pattern if notes else None, sequence.step_ms * pq.ms, neuron.spikes_per_rate)
    except ValueError as error:
        raise ParameterError(f"{path} does not belong to {folder}: {error}") from error
