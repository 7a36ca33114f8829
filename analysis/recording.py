"""Recordings as neo Blocks, on disk as NIX."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import neo
import numpy as np
import quantities as pq


def make_segment(
    name: str,
    spike_times: np.ndarray,
    spike_neurons: np.ndarray,
    populations: Mapping[str, slice],
    rates: np.ndarray,
    interval: float,
    duration: float,
    start: float = 0.0,
) -> neo.Segment:
    """Make a Segment of one phase of a protocol.

    Parameters
    ----------
    name : str
        Of the phase.
    spike_times : ndarray
        ms from the start of the phase.
    spike_neurons : ndarray of int
        Neuron numbers.
    populations : mapping of str to slice
        Neuron numbers of each population.
    rates : ndarray, shape (visible, samples)
        phi(u) in 1/ms; sample k lies (k + 1) `interval` after the start.
    interval, duration, start : float
        ms; `start` is annotated, times in the Segment begin at 0.

    Returns
    -------
    neo.Segment
        One SpikeTrain per neuron, annotated with population and neuron, and one AnalogSignal ``rate``.
    """
    segment = neo.Segment(name=name, simulated_from_ms=float(start))
    order = np.argsort(spike_neurons, kind="stable")
    sorted_times, sorted_neurons = np.asarray(spike_times)[order], np.asarray(spike_neurons)[order]
    for population, members in populations.items():
        for neuron in range(members.start, members.stop):
            low, high = np.searchsorted(sorted_neurons, [neuron, neuron + 1])
            segment.spiketrains.append(
                neo.SpikeTrain(
                    np.sort(sorted_times[low:high]) * pq.ms,
                    t_start=0 * pq.ms,
                    t_stop=duration * pq.ms,
                    name=f"{name} {population} {neuron}",
                    population=population,
                    neuron=neuron,
                )
            )
    segment.analogsignals.append(
        neo.AnalogSignal(
            np.ascontiguousarray(rates.T), units=1 / pq.ms, sampling_period=interval * pq.ms, t_start=interval * pq.ms, name="rate"
        )
    )
    return segment


def make_block(name: str, segments: list[neo.Segment], annotations: Mapping[str, Any]) -> neo.Block:
    """Gather Segments in a Block with annotations (numbers and strings)."""
    block = neo.Block(name=name, **annotations)
    block.segments.extend(segments)
    return block


def write_nix(block: neo.Block, path: str | os.PathLike) -> None:
    """Write a Block to a NIX file, which appears whole or not at all."""
    path = Path(path)
    part = path.with_name("part-" + path.name)
    part.unlink(missing_ok=True)
    io = neo.NixIO(str(part), mode="ow")
    try:
        io.write_block(copy.deepcopy(block))  # neo marks what it writes; the caller's Block stays as it is
    finally:
        io.close()
    os.replace(part, path)


def read_nix(path: str | os.PathLike) -> neo.Block:
    """Read the first Block of a NIX file."""
    io = neo.NixIO(str(path), mode="ro")
    try:
        return io.read_block()
    finally:
        io.close()
