"""Spike trains of a population, out of neo Blocks of any origin."""

from __future__ import annotations

from collections.abc import Sequence

import neo
import numpy as np
import quantities as pq

#: annotations that name a train's population: of our recordings, of PyNN from 0.13 on
POPULATION = ("population", "source_population")
#: annotations that number a train's neuron: of our recordings, of PyNN from 0.13 on, of PyNN before
NEURON = ("neuron", "source_index", "source_id")


def choose_segment(recording: neo.Block | neo.Segment, name: str | None = None) -> neo.Segment:
    """A Segment of a Block.

    Parameters
    ----------
    recording : neo.Block or neo.Segment
        A Segment is returned as it is.
    name : str, optional
        Of the Segment, e.g. ``replay``; the last Segment when not given.

    Raises
    ------
    ValueError
        When there is no such Segment.
    """
    if isinstance(recording, neo.Segment):
        return recording
    names = [segment.name for segment in recording.segments]
    if name is None and names:
        return recording.segments[-1]
    if name not in names:
        raise ValueError(f"there is no Segment {name!r} in the Block; it has {names}.")
    return recording.segments[names.index(name)]


def population_of(train: neo.SpikeTrain) -> str | None:
    """Name of the population that a train comes from; None when it is not annotated."""
    return next((str(train.annotations[key]) for key in POPULATION if key in train.annotations), None)


def population_names(recording: neo.Block | neo.Segment, segment: str | None = None) -> list[str]:
    """Names of the populations that have spike trains, in their order; a population without a name is called ``all``.

    Parameters
    ----------
    recording : neo.Block or neo.Segment
    segment : str, optional
        As in `choose_segment`.
    """
    return list(dict.fromkeys(_name(train, recording) for train in choose_segment(recording, segment).spiketrains))


def _name(train: neo.SpikeTrain, recording: neo.Block | neo.Segment) -> str:
    """The annotation; else, for PyNN that annotates none, the Block's name, which is the population's label."""
    block = recording.name if isinstance(recording, neo.Block) else None
    return population_of(train) or block or "all"


def population_trains(
    recording: neo.Block | neo.Segment, population: str | None = None, segment: str | None = None
) -> list[neo.SpikeTrain]:
    """Spike trains of a population, by neuron number.

    Parameters
    ----------
    recording : neo.Block or neo.Segment
        As ``population.get_data()`` of PyNN returns it, or as `read_nix` reads it.
    population : str, optional
        All trains when not given.
    segment : str, optional
        As in `choose_segment`.

    Returns
    -------
    list of neo.SpikeTrain

    Raises
    ------
    ValueError
        When there is no train of that population.
    """
    trains = list(choose_segment(recording, segment).spiketrains)
    names = [_name(train, recording) for train in trains]
    if population is not None:
        if population not in names:
            raise ValueError(f"there are no spike trains of population {population!r}; there are {sorted(set(names))}.")
        trains = [train for train, name in zip(trains, names, strict=True) if name == population]
    return sorted(trains, key=_neuron)


def _neuron(train: neo.SpikeTrain) -> int:
    return next((int(train.annotations[key]) for key in NEURON if key in train.annotations), 0)


def is_silent(trains: Sequence[neo.SpikeTrain]) -> bool:
    """Whether there is no spike at all, or no train."""
    return not any(len(train) for train in trains)


def pooled(trains: Sequence[neo.SpikeTrain]) -> neo.SpikeTrain:
    """All spikes of some trains in one train, in ms, from the first beginning to the last end.

    Raises
    ------
    ValueError
        When there are no trains.
    """
    if not trains:
        raise ValueError("there are no spike trains to pool.")
    begin, end = (limit(float(getattr(t, name).rescale(pq.ms)) for t in trains) for limit, name in ((min, "t_start"), (max, "t_stop")))
    times = np.concatenate([train.rescale(pq.ms).magnitude for train in trains])
    return neo.SpikeTrain(np.sort(times) * pq.ms, t_start=begin * pq.ms, t_stop=end * pq.ms)
