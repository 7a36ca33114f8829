"""Stands in for pynn_brainscales.brainscales2: the calls that an exported script makes, played by integrate-and-fire cells.

It knows of the chip what the script's documentation says, not what the exporter computed: weights are whole numbers, zero delay is all
there is, an array of weights is presynaptic x postsynaptic, times are in ms of the chip.
"""

from __future__ import annotations

import types

import numpy as np
import quantities as pq

from elise_pynn.engine.lif import LifCells, LifNetwork

#: ms of biology; mV per LSB, pF, nA of a full weight at a strength of 500
STEP, DELAY, SPEED = 0.1, 1.0, 1000.0
LSB, CAPACITANCE, EXCITATORY, INHIBITORY = 5.9, 2.4, 0.57, 0.67


class Cell:
    def __init__(self, **parameters):
        self.parameters = parameters


class Population:
    def __init__(self, size, cellclass):
        self.size, self.cell, self.recorded, self.trains = size, cellclass, (), []
        Population.made.append(self)

    def __len__(self):
        return self.size

    def record(self, variables):
        self.recorded = variables

    def get_data(self, variables):
        assert variables == self.recorded == "spikes"
        segment = types.SimpleNamespace(spiketrains=[np.array(train) * pq.ms for train in self.trains])
        return types.SimpleNamespace(segments=[segment])


class PopulationView:
    def __init__(self, parent, selector):
        self.parent, self.selector = parent, np.asarray(selector, dtype=int)
        assert len(self.selector) == len(set(selector)) and self.selector.max() < parent.size


def members(population):
    """The population and the numbers of its cells."""
    if isinstance(population, Population):
        return population, np.arange(population.size)
    return population.parent, population.selector


class Projection:
    def __init__(self, pre, post, connector, synapse_type, receptor_type):
        (self.pre, before), (self.post, after) = members(pre), members(post)
        weight = np.broadcast_to(np.asarray(synapse_type, dtype=float), (len(before), len(after)))
        if connector == "one to one":
            assert len(before) == len(after)
            weight = weight * np.eye(len(before))
        assert (weight == np.round(weight)).all()
        assert (weight >= 0).all() if receptor_type == "excitatory" else (weight <= 0).all()
        self.weights = np.zeros((self.post.size, self.pre.size))
        self.weights[np.ix_(after, before)] = weight.T
        Projection.made.append(self)


def strengths(cell):
    """Spans from rest to threshold and what a weight step brings, excitatory and inhibitory, of a calibrated cell."""
    p = cell.parameters
    span = (p["v_thresh"] - p["v_reset"]) * LSB
    unit = p["tau_m"] / CAPACITANCE * 1000 / span / 63 / 500
    return EXCITATORY * p["i_synin_gm_E"] * unit, INHIBITORY * p["i_synin_gm_I"] * unit


def run(runtime):
    circuits = [p for p in Population.made if "v_rest" in p.cell.parameters]
    sources = [p for p in Population.made if "spike_times" in p.cell.parameters]
    first, n = {}, 0
    for population in circuits:
        first[id(population)], n = n, n + population.size
    inputs, m = {}, 0
    for population in sources:
        inputs[id(population)], m = m, m + population.size
    weights, external = np.zeros((n, n)), np.zeros((n, m))
    rows = np.zeros((2, n + m), dtype=bool)
    for projection in Projection.made:
        begin, inner = first[id(projection.post)], id(projection.pre) in first
        column = first[id(projection.pre)] if inner else inputs[id(projection.pre)]
        exc, inh = strengths(projection.post.cell)
        matrix = np.where(projection.weights > 0, exc * projection.weights, inh * projection.weights)
        (weights if inner else external)[begin : begin + projection.post.size, column : column + projection.pre.size] += matrix
        used = slice(column + (0 if inner else n), column + (0 if inner else n) + projection.pre.size)
        rows[0, used] |= (projection.weights > 0).any(axis=0)
        rows[1, used] |= (projection.weights < 0).any(axis=0)
    run.rows = int(rows.sum())

    def of_each(value):
        return np.concatenate([np.full(p.size, float(value(p.cell.parameters))) for p in circuits])

    cells = LifCells(
        tau_m=of_each(lambda p: p["tau_m"]),
        tau_exc=of_each(lambda p: p["tau_syn_E"]),
        tau_inh=of_each(lambda p: p["tau_syn_I"]),
        refractory=of_each(lambda p: p["tau_refrac"]),
        drive=of_each(lambda p: (p["v_rest"] - p["v_reset"]) / (p["v_thresh"] - p["v_reset"])),
        threshold=np.ones(n),
        floor=of_each(lambda p: -p["v_reset"] / (p["v_thresh"] - p["v_reset"])),
        gain_exc=np.ones(n),
        gain_inh=np.ones(n),
        delay=np.full(n, DELAY),
        noise=np.zeros(n),
    )
    trains = [np.asarray(t) for p in sources for t in p.cell.parameters["spike_times"]]
    assert all((np.diff(t) >= 0).all() and (t >= 0).all() for t in trains)
    events = [(round((t * SPEED + DELAY) / STEP), k) for k, train in enumerate(trains) for t in train]
    times, who = LifNetwork(cells, weights, STEP, np.zeros(n), external).run(runtime * SPEED, np.array(events))
    for population in circuits:
        begin = first[id(population)]
        population.trains = [times[who == begin + k] / SPEED for k in range(population.size)]


def module():
    """A fresh module."""
    Population.made, Projection.made = [], []
    return types.SimpleNamespace(
        setup=lambda: None,
        end=lambda: None,
        run=run,
        Population=Population,
        PopulationView=PopulationView,
        Projection=Projection,
        AllToAllConnector=lambda: "all to all",
        OneToOneConnector=lambda: "one to one",
        synapses=types.SimpleNamespace(StaticSynapse=lambda weight: weight),
        cells=types.SimpleNamespace(CalibHXNeuronCuba=Cell, SpikeSourceArray=Cell),
    )
