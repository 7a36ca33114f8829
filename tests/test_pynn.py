"""The PyNN layer on NEST: classes, round trips, recording, several networks and set-ups."""

from __future__ import annotations

import numpy as np
import pytest
from pyNN.parameters import Sequence

from elise_pynn import ParameterError, Parameters, build, cell_types, make_blueprint
from elise_pynn.cells import CELL_PARAMETERS, CELL_VARIABLES, SYNAPSE_PARAMETERS


@pytest.fixture
def types(sim):
    return cell_types(sim)


def test_every_parameter_and_variable_has_a_unit(types):
    neuron, synapse = types
    assert set(neuron.default_parameters) == set(CELL_PARAMETERS) == set(neuron.translations)
    assert set(synapse.default_parameters) == set(SYNAPSE_PARAMETERS) == set(synapse.translations)
    assert set(neuron.recordable) == {"spikes", *CELL_VARIABLES} == {"spikes", *neuron.variable_map}
    assert all(neuron.units[name] for name in [*CELL_PARAMETERS, *CELL_VARIABLES])


def test_defaults_on_nest_are_the_tables(sim, types):
    population = sim.Population(2, types[0]())
    for name, (default, _, _) in CELL_PARAMETERS.items():
        if name == "teacher_waveform":
            continue
        assert population.get(name) == pytest.approx(default), name


def test_cell_parameters_survive_a_round_trip(sim, types):
    population = sim.Population(3, types[0](g_dend=1.5, teacher_size=4, teacher_waveform=Sequence([-70.0, -60.0, -55.0, -70.0])))
    assert population.get("g_dend") == 1.5
    population.set(nudging=0.6, plasticity=[0.1, 0.2, 0.3])
    assert population.get("nudging") == 0.6
    np.testing.assert_allclose(population.get("plasticity"), [0.1, 0.2, 0.3])
    sim.run(5.0)
    population.set(nudging=0.0)
    sim.run(5.0)
    assert population.get("nudging") == 0.0
    assert [list(w.value) for w in population.get("teacher_waveform")] == 3 * [[-70.0, -60.0, -55.0, -70.0]]


def test_synapse_parameters_survive_a_round_trip(sim, types):
    neuron, synapse = types
    pre, post = sim.Population(3, neuron()), sim.Population(2, neuron())
    weights = np.array([[0.1, -0.2], [0.3, 0.4], [-5.0, 12.0]])
    projection = sim.Projection(
        pre, post, sim.AllToAllConnector(), synapse(weight=0.0, delay=0.1, learning_rate=0.02), receptor_type="dendrite"
    )
    projection.set(weight=weights)
    np.testing.assert_allclose(projection.get("weight", format="array"), weights, rtol=1e-12)
    np.testing.assert_allclose(projection.get("delay", format="array"), 0.1)
    np.testing.assert_allclose(projection.get("learning_rate", format="array"), 0.02)
    projection.set(weight=projection.get("weight", format="array"))
    np.testing.assert_allclose(projection.get("weight", format="array"), weights, rtol=1e-12)


def test_weight_has_its_value_in_mv_per_unit_rate(sim, types):
    """One spike of weight w lifts the dendrite by g_L w / K."""
    neuron, synapse = types
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[1.0]))
    post = sim.Population(2, neuron(spikes_per_rate=2.0))
    post.record("v_dend")
    sim.Projection(source, post[:1], sim.AllToAllConnector(), synapse(weight=40.0), receptor_type="dendrite")
    sim.Projection(source, post[1:], sim.AllToAllConnector(), sim.StaticSynapse(weight=40.0), receptor_type="dendrite")
    sim.run(5.0)
    signal = post.get_data().segments[0].analogsignals[0]
    assert str(signal.units.dimensionality) == "mV"
    jump = signal.magnitude.max(axis=0) + 70.0
    np.testing.assert_allclose(jump, 0.1 * 40.0 / 2.0 * np.exp(-0.01), rtol=1e-6)


def test_random_weights_of_either_sign(sim, types):
    neuron, synapse = types
    normal = sim.RandomDistribution("normal", mu=0.0, sigma=0.5, rng=sim.NumpyRNG(seed=1))
    projection = sim.Projection(
        sim.Population(20, neuron()),
        sim.Population(20, neuron()),
        sim.AllToAllConnector(),
        synapse(weight=normal),
        receptor_type="dendrite",
    )
    weights = projection.get("weight", format="array")
    assert weights.min() < 0 < weights.max()
    assert weights.std() == pytest.approx(0.5, rel=0.15)


def test_step_current_source_gives_the_target_in_mv(sim, types):
    population = sim.Population(1, types[0](nudging=0.9))
    source = sim.StepCurrentSource(times=[5.0, 25.0], amplitudes=[15.0, 0.0])
    source.inject_into(population)
    population.record("u_target")
    sim.run(40.0)
    target = population.get_data().segments[0].analogsignals[0].magnitude[:, 0]
    np.testing.assert_allclose([target[200], target[350]], [-55.0, -70.0])


def test_recorded_signals_carry_units(sim, types):
    population = sim.Population(1, types[0]())
    population.record(["v", "rate", "phase"])
    sim.run(2.0)
    units = {s.name: str(s.units.dimensionality) for s in population.get_data().segments[0].analogsignals}
    assert units == {"v": "mV", "rate": "1/ms", "phase": "dimensionless"}


def test_setup_twice_and_two_networks_in_one_process(sim):
    blueprint = make_blueprint(4, 6, seed=2)
    spikes = []
    for _ in range(2):
        sim.setup(timestep=0.1, min_delay=0.1, max_delay=50.0, spike_precision="on_grid", verbosity="error")
        one, two = build(sim, blueprint), build(sim, blueprint)
        for network in (one, two):
            for population in network.populations.values():
                population.record("spikes")
        sim.run(100.0)
        for network in (one, two):
            trains = [t for p in network.populations.values() for t in p.get_data().segments[0].spiketrains]
            spikes.append(np.concatenate([t.magnitude for t in trains]))
    assert len(spikes[0]) > 5
    for other in spikes[1:]:
        np.testing.assert_array_equal(spikes[0], other)


def test_network_has_the_blueprints_weights_delays_and_scaffold(sim):
    blueprint = make_blueprint(3, 9, seed=4)
    network = build(sim, blueprint, learning_rate=0.4)
    assert set(network.populations) == {"visible", "latent"}
    np.testing.assert_allclose(network.weights(), blueprint.weights, rtol=1e-12)
    rates = {(pre, post): p.get("learning_rate", format="list", with_address=False)[0] for pre, post, p in network.plastic}
    assert rates["visible", "visible"] == pytest.approx(0.04)
    assert rates["latent", "visible"] == pytest.approx(0.4)
    edges = []
    for name in network.populations:
        for part, delays in (("exc", blueprint.delay_exc), ("inh", blueprint.delay_inh)):
            projection = network.projections.get(f"scaffold_{part}_{name}")
            for pre, post, delay in projection.get("delay", format="list") if projection else []:
                pre = int(pre) + network.members(name).start
                edges.append((pre, int(post) + 3))
                assert delay == pytest.approx(delays[pre], abs=0.0500001)
    assert sorted(edges) == sorted(2 * [tuple(e) for e in blueprint.scaffold.tolist()])
    assert network.populations["latent"].get("n_scaffold") == pytest.approx(blueprint.in_degree[3:])


def test_without_latent_neurons(sim):
    network = build(sim, make_blueprint(3, 0, seed=1))
    assert set(network.populations) == {"visible"}
    sim.run(10.0)


def test_min_delay_above_the_time_step_is_refused(sim):
    sim.setup(timestep=0.1, min_delay=1.0, max_delay=50.0)
    with pytest.raises(ParameterError, match="min_delay"):
        build(sim, make_blueprint(3, 3))


def test_unknown_backend_is_refused():
    with pytest.raises(NotImplementedError, match=r"docs/backends\.md"):
        build(np, make_blueprint(3, 3))


def test_parameters_reach_the_cells(sim):
    parameters = Parameters.from_dict({"neuron": {"spikes_per_rate": 3.0, "emission": "escape", "beta": 0.25}})
    visible = build(sim, make_blueprint(2, 2, parameters=parameters)).populations["visible"]
    assert (visible.get("spikes_per_rate"), visible.get("escape"), visible.get("beta")) == (3.0, 1, 0.25)
