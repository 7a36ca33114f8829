"""Replay of a deployed network by the stock cells of pyNN.nest."""

from __future__ import annotations

import numpy as np

from elise_pynn.builder import build
from elise_pynn.export.deployed import Deployed
from elise_pynn.protocol import CUE_CYCLES
from elise_pynn.simulation import Activity
from elise_pynn.stock_cells import cue, cue_currents


def replayed_on_nest(network: Deployed, cycles: int) -> Activity:
    """Cue IF_curr_exp cells by currents for three cycles, and let them play.

    Returns
    -------
    Activity
        Of `cycles` + 1 cycles after the cue, of which the last one only serves shifts.
    """
    from elise_pynn.backends.nest import sim

    blueprint, sequence, dt = network.blueprint, network.sequence, network.timestep
    neuron, start = blueprint.parameters.neuron, CUE_CYCLES * sequence.period
    longest = float(np.ceil(blueprint.delay_dendritic.max() + 1))
    sim.setup(timestep=dt, min_delay=dt, max_delay=longest, spike_precision="on_grid", verbosity="error")
    built = build(sim, blueprint, cells="stock")
    for population in built.populations.values():
        population.record("spikes")
    currents = cue_currents(neuron, sequence.target(dt, neuron), blueprint.parameters.learning.nudging)
    cue(sim, built.populations["visible"], currents, dt, CUE_CYCLES)
    sim.run(start + (cycles + 1) * sequence.period)
    times, neurons = [np.empty(0)], [np.empty(0, dtype=int)]
    for name, population in built.populations.items():
        for k, train in enumerate(population.get_data("spikes").segments[0].spiketrains):
            after = train.rescale("ms").magnitude - start
            times.append(after[after > 0])
            neurons.append(np.full((after > 0).sum(), built.members(name).start + k))
    duration = (cycles + 1) * sequence.period
    return Activity(start, duration, dt, np.empty((blueprint.visible, 0)), np.concatenate(times), np.concatenate(neurons))
