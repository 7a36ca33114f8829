"""Recordings as neo Blocks, on disk as NIX."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import neo
import nixio.file
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
    """Write a Block to a NIX file, which appears whole or not at all.

    Raises
    ------
    OSError
        When the disk does not take it.
    """
    path = Path(path)
    part = path.with_name("part-" + path.name)
    try:
        with open(part, "wb") as file:
            file.write(_nix_image(block, part.name))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _nix_image(block: neo.Block, name: str) -> bytes:
    """The content of a NIX file, written in memory: HDF5 brings the process down when a disk is full."""

    def in_memory() -> Any:
        access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
        access.set_fapl_core(backing_store=False)
        return access

    on_disk, nixio.file.make_fapl = nixio.file.make_fapl, in_memory
    try:
        io = neo.NixIO(name, mode="ow")
    finally:
        nixio.file.make_fapl = on_disk
    try:
        io.write_block(copy.deepcopy(block))  # neo marks what it writes; the caller's Block stays as it is
        io.nix_file._h5file.flush()
        return io.nix_file._h5file.id.get_file_image()
    finally:
        io.close()


def read_nix(path: str | os.PathLike) -> neo.Block:
    """Read the first Block of a NIX file."""
    io = neo.NixIO(str(path), mode="ro")
    try:
        return io.read_block()
    finally:
        io.close()
