"""The protocol's exact sequence of actions, and what it does to weights, delays and phases."""

from __future__ import annotations

import numpy as np
import pytest

from elise_pynn import Parameters, build, fuer_elise, make_blueprint
from elise_pynn.protocol import replay, target_rates, teach
from elise_pynn.pynn_simulation import PyNNSimulation
from elise_pynn.simulation import Activity


class Fake:
    """A simulation that notes what is asked of it and plays the target, one step of 10 ms late, when not nudged."""

    timestep, interval, seconds = 1.0, 1.0, 0.0

    def __init__(self, blueprint, sequence):
        self.rates = np.roll(target_rates(sequence, blueprint, 1.0, 1.0), 10, axis=1)
        self.log, self.duration = [], 0.0

    def nudge(self, strength):
        self.log.append(("nudge", strength))

    def learn(self, gain):
        self.log.append(("learn", gain))

    def run(self, duration):
        self.log.append(("run", duration))
        self.duration += duration

    def record(self):
        self.log.append("record")
        self.duration = 0.0

    def take(self):
        self.log.append("take")
        cycles = round(self.duration / 250)
        return Activity(0.0, self.duration, 1.0, np.tile(self.rates, cycles), np.empty(0), np.empty(0, dtype=int))

    def mark(self, cycle):
        self.log.append(("mark", cycle))

    def dendrites(self):
        return np.full(len(self.rates), -70.0)


def test_teaching_is_as_documented():
    blueprint, sequence = make_blueprint(13, 5), fuer_elise()
    simulation = Fake(blueprint, sequence)
    scores = teach(simulation, blueprint, sequence, 42)
    free = ["record", ("run", 250.0), "take"]

    def gain(cycle):
        return ("learn", 0.01 ** (cycle / 42))

    def tested(cycle):
        return [("mark", cycle), gain(cycle), ("nudge", 0.0), *free, ("nudge", 0.6)]

    expected = [
        *tested(0), gain(1), ("run", 9 * 250.0), gain(10), ("run", 10 * 250.0),
        *tested(20), gain(21), ("run", 9 * 250.0), gain(30), ("run", 10 * 250.0),
        *tested(40), gain(41), ("run", 250.0),
    ]  # fmt: skip
    assert simulation.log == expected
    assert [s.cycle for s in scores] == [0, 20, 40]
    assert sum(x[1] for x in simulation.log if x[0] == "run") == 42 * 250.0
    assert scores[0].correlation < 0.5  # unshifted


@pytest.mark.parametrize("learning", [False, True])
def test_replay_is_as_documented(learning):
    blueprint, sequence = make_blueprint(13, 5), fuer_elise()
    simulation = Fake(blueprint, sequence)
    played = replay(simulation, blueprint, sequence, 4, learning)
    assert simulation.log == [
        ("learn", 0.01 if learning else 0.0),
        ("nudge", 0.6),
        "record",
        ("run", 750.0),
        "take",
        ("nudge", 0.0),
        "record",
        *5 * [("run", 250.0)],
        "take",
    ]
    assert played.scores.shift_ms == 4 * [10.0] and played.scores.sustained_cycles == 4


@pytest.mark.parametrize("emission", ["integrate", "escape"])
def test_frozen_replay_leaves_weights_and_learning_changes_them(emission):
    sequence = fuer_elise()
    blueprint = make_blueprint(13, 10, seed=2, parameters=Parameters.from_dict({"neuron": {"emission": emission}}))
    for learning in (False, True):
        simulation = PyNNSimulation(blueprint, sequence, 1.0, 0.4)
        replay(simulation, blueprint, sequence, 2, learning)
        same = np.allclose(simulation.weights(), blueprint.weights, rtol=1e-14, atol=0)
        assert same is not learning


def test_spikes_arrive_after_their_delays_at_their_ports(sim):
    """One neuron driven to spike once: dendrite, excitatory and inhibitory soma of its target see it after d_D, d_E and d_I."""
    blueprint = make_blueprint(1, 1, seed=3)
    network = build(sim, blueprint)
    visible, latent = network.populations["visible"], network.populations["latent"]
    visible.initialize(phase=1.0 - 1e-6)  # spikes in the first step, then not for long
    latent.initialize(phase=0.0)
    latent.record(["v_dend", "g_exc", "g_inh"])
    sim.run(60.0)
    signals = {s.name: s.magnitude[:, 0] for s in latent.get_data().segments[0].analogsignals}
    floor = 1 / (1 + np.exp(0.3 * 12))
    onsets = {
        "v_dend": np.flatnonzero(np.abs(signals["v_dend"] + 70.0) > 1e-9)[0],
        "g_exc": np.flatnonzero(signals["g_exc"][1:] > 0.3 * floor * 1.01)[0] + 1,
        "g_inh": np.flatnonzero(signals["g_inh"][1:] > 6.0 * floor * 1.01)[0] + 1,
    }
    for name, delay in (("v_dend", blueprint.delay_dendritic), ("g_exc", blueprint.delay_exc), ("g_inh", blueprint.delay_inh)):
        assert onsets[name] * 0.1 == pytest.approx(0.1 + round(delay[0] / 0.1) * 0.1), name


def test_phases_come_from_the_blueprint(sim):
    blueprint = make_blueprint(4, 6, seed=3)
    network = build(sim, blueprint)
    phases = np.concatenate([p.node_collection.get("phase") for p in network.populations.values()])
    np.testing.assert_array_equal(phases, blueprint.initial_phases())
    assert len(set(phases)) == 10


def test_no_spike_is_lost_between_two_recordings():
    """Recording in pieces gives the same spikes and rates as recording in one go."""
    blueprint, sequence = make_blueprint(13, 20, seed=1), fuer_elise()
    for dt in (0.1, 1.0):
        whole, parts = PyNNSimulation(blueprint, sequence, dt, 0.4), []
        whole.nudge(0.6)
        whole.record()
        whole.run(1000.0)
        reference = whole.take()
        pieces = PyNNSimulation(blueprint, sequence, dt, 0.4)
        pieces.nudge(0.6)
        for _ in range(4):
            pieces.record()
            pieces.run(250.0)
            parts.append(pieces.take())
        np.testing.assert_allclose(np.concatenate([p.spike_times + p.start for p in parts]), reference.spike_times)
        np.testing.assert_array_equal(np.concatenate([p.rates for p in parts], axis=1), reference.rates)
