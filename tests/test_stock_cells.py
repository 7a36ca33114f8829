"""Stock PyNN cells play what the threshold form has learned: spike by spike as the engine does, on pyNN.nest."""

from __future__ import annotations

import dataclasses

import neo
import numpy as np
import pytest
import quantities as pq

from elise_pynn import ParameterError, Parameters, build, fuer_elise, make_blueprint
from elise_pynn.backends.nest import sim  # pyNN.nest
from elise_pynn.engine import EngineSimulation
from elise_pynn.stock_cells import C_M, V_REST, V_THRESH, cell_parameters, cue, cue_currents, current_per_weight

REFRACTORY = {"lif_t_ref": 1.0, "lif_gain": 0.829}


def network(latent=20, seed=1, **neuron):
    return make_blueprint(13, latent, seed, Parameters.from_dict({"neuron": {"emission": "threshold", **neuron}}))


def bare(blueprint):
    return dataclasses.replace(blueprint, scaffold=np.empty((0, 2), dtype=int))


def stock_spikes(blueprint, dt, duration, cued=None):
    """Spikes (step, neuron) of the blueprint's stock cells, sorted."""
    sim.setup(timestep=dt, min_delay=dt, max_delay=20.0, spike_precision="on_grid", verbosity="error")
    built = build(sim, blueprint, cells="stock")
    for population in built.populations.values():
        population.record("spikes")
    if cued is not None:
        cue(sim, built.populations["visible"], cued, dt, 3)
    sim.run(duration)
    found = []
    for name, population in built.populations.items():
        first = built.members(name).start
        trains = population.get_data().segments[0].spiketrains
        found += [(round(float(t) / dt), first + k) for k, train in enumerate(trains) for t in train.magnitude]
    return sorted(found)


@pytest.mark.parametrize(("dt", "neuron"), [(1.0, {}), (0.1, REFRACTORY), (0.5, {"lif_tau_m": 10.0})])
def test_stock_cells_fire_as_the_engine_does(dt, neuron):
    """With a rheobase below rest the network fires without a cue; the dendrites' weights decide when. tau_m = tau_syn included."""
    blueprint = bare(network(lif_v_rheo=-71.0, **neuron))
    blueprint = dataclasses.replace(blueprint, weights=4 * blueprint.weights)
    simulation = EngineSimulation(blueprint, fuer_elise(), dt)
    simulation.learn(0.0)
    simulation.record()
    simulation.run(1000.0)
    activity = simulation.take()
    expected = sorted((round(t / dt), int(i)) for t, i in zip(activity.spike_times, activity.spike_neurons, strict=True))
    assert len(expected) > 500 and len({i for _, i in expected}) > 20
    assert stock_spikes(blueprint, dt, 1000.0) == expected


def test_a_lone_cell_fires_at_the_rate_of_its_equation():
    """tau_m dy/dt = s - y from 0 to 1 takes tau_m ln(s / (s - 1)), and the refractory time comes on top."""
    neuron = Parameters.from_dict({"neuron": {"emission": "threshold", "lif_v_rheo": -73.0, "lif_t_ref": 2.0, "lif_tau_m": 5.0}}).neuron
    blueprint = make_blueprint(1, 0, 1, Parameters(neuron=neuron))
    drive = 1 + neuron.lif_gain * (neuron.E_L - neuron.lif_v_rheo)
    interval = neuron.lif_tau_m * np.log(drive / (drive - 1)) + neuron.lif_t_ref
    steps = [step for step, _ in stock_spikes(blueprint, 0.01, 300.0)]
    assert np.median(np.diff(steps)) * 0.01 == pytest.approx(interval, abs=0.02)


def test_parameters_are_those_of_the_equations():
    neuron = network().parameters.neuron
    cell = cell_parameters(neuron)
    resistance = neuron.lif_tau_m / C_M
    steady = V_REST + resistance * cell["i_offset"]
    assert (steady - V_REST) / (V_THRESH - V_REST) == pytest.approx(1 + 0.462 * (-70 + 62.2))
    # a spike's charge does, in the limit of short steps, what w g_L for the dendrite's time constant does
    per_mv = current_per_weight(neuron, 1e-6) * resistance / (V_THRESH - V_REST)
    assert per_mv == pytest.approx(0.462 * 2.0 / 2.1 * 0.1, rel=1e-5)
    with pytest.raises(ParameterError, match="threshold"):
        cell_parameters(Parameters().neuron)
    with pytest.raises(ParameterError, match="elise or stock"):
        build(sim, network(), cells="paper")


def test_a_taught_network_plays_on_stock_cells():
    """Taught on the engine at 1 ms, with its scaffold; replayed without it by IF_curr_exp after a cue of three cycles."""
    from scipy.ndimage import gaussian_filter1d

    from elise_pynn.analysis.notes import note_f1
    from elise_pynn.analysis.replay_scores import score_trains
    from elise_pynn.protocol import teach

    sequence, cycles = fuer_elise(), 20
    blueprint = network(100, seed=2)
    simulation = EngineSimulation(blueprint, sequence, 1.0, blueprint.parameters.learning.initial_eta(1000))
    teach(simulation, blueprint, sequence, 1000)
    trained = bare(blueprint.trained(simulation.weights()))
    neuron, start = blueprint.parameters.neuron, 3 * sequence.period
    target = sequence.target(1.0)
    spikes = stock_spikes(trained, 1.0, start + (cycles + 1) * sequence.period, cue_currents(neuron, target, 0.6))
    times, neurons = np.array([t - start for t, i in spikes if i < 13]), np.array([i for _, i in spikes if i < 13])
    played = times > 0
    times, neurons = times[played], neurons[played]
    trains = [neo.SpikeTrain(times[neurons == i], units="ms", t_stop=(cycles + 1) * sequence.period) for i in range(13)]
    wanted = gaussian_filter1d(neuron.rate(target), 4.0, axis=1, mode="wrap")
    scores = score_trains(trains, neo.AnalogSignal(wanted.T, units=1 / pq.ms, sampling_period=1 * pq.ms))
    assert scores.sustained_cycles == cycles and float(np.median(scores.correlation)) > 0.97
    assert note_f1(times, neurons, sequence.pattern, sequence.step_ms, cycles) > 0.9
