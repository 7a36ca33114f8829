"""SpiNNaker: weights as the board holds them, findings, and mapping on a virtual board."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest
from stock_networks import taught

from elise_pynn import ParameterError, Parameters, fuer_elise, make_blueprint
from elise_pynn.analysis.scores import score_replay
from elise_pynn.analysis.spike_scores import score_spikes
from elise_pynn.export import spinnaker
from elise_pynn.export.deployed import REPLAY, Deployed, replayed_without_scaffold, without_scaffold
from elise_pynn.export.spinnaker_mapping import MappingError, map_script
from elise_pynn.export.spinnaker_weights import largest_sums, on_board, step_size
from elise_pynn.export.stock_replay import replayed_on_nest
from elise_pynn.stock_cells import STEPS, current_per_weight, step_of


def untaught(emission="threshold", latent=20, timestep=1.0):
    blueprint = make_blueprint(13, latent, 1, Parameters.from_dict({"neuron": {"emission": emission}}))
    return Deployed(without_scaffold(blueprint), fuer_elise(), timestep, None)


def test_step_sizes_leave_room_for_what_is_expected():
    for expected in (0.0, 0.3, 1.0, 1.01, 3.9, 4.0, 31.0):
        step = step_size(expected)
        assert step >= 2**-15 and np.log2(step) % 1 == 0
        assert expected < 2**15 * step or expected == 0
        assert step == 2**-15 or expected >= 2**14 * step


def test_largest_sums_are_those_of_a_loop_over_spikes():
    network = taught()
    activity = replayed_without_scaffold(network.blueprint, network.sequence, 1.0, 2)
    sums = largest_sums(network, activity)
    unit = current_per_weight(network.blueprint.parameters.neuron, 1.0, STEPS["spiNNaker"])
    delays = np.rint(network.blueprint.delay_dendritic).astype(int)
    arrived: dict[int, np.ndarray] = {}
    for t, i in zip(activity.spike_times, activity.spike_neurons, strict=True):
        at = round(float(t)) + delays[i]
        arrived[at] = arrived.get(at, np.zeros(113)) + np.maximum(network.blueprint.weights[:, i], 0) * unit
    assert sums["latent", "excitatory"] == pytest.approx(max(a[13:].max() for a in arrived.values()))
    assert sums["visible", "excitatory"] == pytest.approx(max(a[:13].max() for a in arrived.values()))


def test_weights_are_off_by_half_a_bit_at_most_and_none_vanishes_unnoticed():
    network = taught()
    activity = replayed_without_scaffold(network.blueprint, network.sequence, 1.0, REPLAY)
    rounded, parts = on_board(network, activity)
    unit = current_per_weight(network.blueprint.parameters.neuron, 1.0, STEPS["spiNNaker"])
    for part in parts:
        rows = network.blueprint.members(part.population)
        off = np.abs(rounded.blueprint.weights[rows] - network.blueprint.weights[rows]) * unit
        assert off.max() <= 0.5 * max(p.step for p in parts if p.population == part.population) * (1 + 1e-9)
        assert part.largest < part.capacity
    lost = (network.blueprint.weights != 0) & (rounded.blueprint.weights == 0)
    assert lost.sum() == sum(part.lost for part in parts)
    assert rounded.scores is network.scores  # not scored again here


def test_what_does_not_hold_is_said_with_a_remedy():
    found = {finding.rule: finding for finding in spinnaker.findings(untaught("integrate", timestep=0.5))}
    assert found["cells"].holds is False and "threshold" in found["cells"].remedy
    assert found["time step"].holds is False
    assert found["delays"].holds and "10 to 30" in found["delays"].found
    assert found["weights, replay, mapping"].holds is None
    with pytest.raises(ParameterError, match="not known here"):
        step_of(np)


@pytest.mark.parametrize("timestep", [1.0, 0.1])
def test_the_script_maps_on_a_virtual_board(tmp_path, timestep):
    """Placed, delays kept, weights as computed; at 0.1 ms delays above 144 steps take extension cores."""
    network = taught() if timestep == 1.0 else untaught(latent=30, timestep=timestep)
    text = spinnaker.script(network, cycles=2)
    (tmp_path / "run.py").write_text(text)
    mapping = map_script(tmp_path / "run.py")
    late = network.blueprint.delay_dendritic.max() / timestep > 144
    assert mapping.cores == (2 if not late else mapping.cores) and mapping.cores >= 2 + late
    assert mapping.sdram > 1e5 and mapping.chips >= 1
    activity = replayed_without_scaffold(network.blueprint, network.sequence, timestep, REPLAY)
    rounded, _ = on_board(network, activity)
    unit = current_per_weight(network.blueprint.parameters.neuron, timestep, STEPS["spiNNaker"])
    seen = 0
    for (source, goal, receptor), rows in mapping.synapses.items():
        pre, post = network.blueprint.members(source), network.blueprint.members(goal)
        sign = 1 if receptor == "excitatory" else -1
        wanted = rounded.blueprint.weights[post, pre][rows[:, 1].astype(int), rows[:, 0].astype(int)]
        np.testing.assert_allclose(rows[:, 2], sign * wanted * unit, atol=1e-9)
        delays = np.rint(network.blueprint.delay_dendritic[pre] / timestep) * timestep
        np.testing.assert_allclose(rows[:, 3], delays[rows[:, 0].astype(int)], atol=1e-9)
        seen += len(rows)
    assert seen == (rounded.blueprint.weights != 0).sum()


def test_a_script_that_does_not_map_says_why(tmp_path):
    (tmp_path / "run.py").write_text("raise RuntimeError('no such cell')\n")
    with pytest.raises(MappingError, match="no such cell"):
        map_script(tmp_path / "run.py")


def test_the_script_replays_on_nest_with_the_same_weights(tmp_path):
    """Run as a user would, with nothing of this project imported: spikes are those of build(sim, ..., cells="stock")."""
    network, cycles = taught(), 20
    text = spinnaker.script(network, cycles)
    assert "elise_pynn" not in text.replace("elise-pynn", "") and len(text) < 2**20
    (tmp_path / "run.py").write_text(text)
    done = subprocess.run([sys.executable, "run.py", "nest"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    scores = json.loads(done.stdout.strip().splitlines()[-1])
    assert scores["sustained_cycles"] == scores["cycles"] == cycles
    assert scores["median_correlation"] >= 0.97 and scores["note_f1"] >= 0.98
    assert {path.name for path in tmp_path.iterdir()} == {"run.py", "replay.npz", "scores.json"}
    with np.load(tmp_path / "replay.npz") as kept:
        times, neurons = kept["times"], kept["neurons"]
    rounded, _ = on_board(network, replayed_without_scaffold(network.blueprint, network.sequence, 1.0, REPLAY))
    played = replayed_on_nest(rounded, cycles)
    assert sorted(zip(times, neurons, strict=True)) == sorted(zip(played.spike_times, played.spike_neurons, strict=True))
    decided = replayed_without_scaffold(rounded.blueprint, network.sequence, 1.0, cycles)
    np.testing.assert_array_equal(np.sort(np.rint(decided.spike_times)), np.sort(np.rint(times)))  # the replay that networks are chosen by
    (tmp_path / "scores.json").unlink()
    again = subprocess.run([sys.executable, "run.py", "--score", "replay.npz"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert json.loads(again.stdout) == scores
    for wrong in ([], ["brian3"], ["nest", "too"]):
        assert subprocess.run([sys.executable, "run.py", *wrong], cwd=tmp_path, capture_output=True, text=True).returncode == 1


def test_spike_scores_against_plain_numpy():
    """A kernel written out, one channel of the two silent in a cycle; the shift of the second cycle is found."""
    rng = np.random.default_rng(3)
    n, cycles = 100, 2
    target = np.zeros((2, n))
    target[0, 20:50], target[1, 60:80] = 1.0, 1.0
    times, neurons = [], []
    for cycle in range(cycles + 1):
        for channel, (begin, end) in enumerate(((20, 50), (60, 80))):
            for t in range(begin, end):
                if rng.random() < 0.9 and (channel, cycle) != (1, 0):
                    times.append(cycle * n + t + 1.0 + 5 * (cycle == 1))
                    neurons.append(channel)
    scores = score_spikes(np.array(times), np.array(neurons), target, 1.0, cycles)
    kernel = np.exp(-0.5 * (np.arange(-16, 17) / 4.0) ** 2)
    kernel /= kernel.sum()
    counts = np.zeros((2, (cycles + 1) * n))
    np.add.at(counts, (neurons, np.array(times, dtype=int) - 1), 1.0)
    smooth = np.array([np.convolve(np.pad(row, 16, mode="edge"), kernel, mode="valid") for row in counts])
    wanted = np.array([np.convolve(np.tile(row, 3), kernel, mode="same")[n : 2 * n] for row in target])
    expected = score_replay(smooth, wanted, 1.0)
    assert scores.replay.shift_ms == expected.shift_ms and abs(scores.replay.shift_ms[1] - 5) <= 1
    np.testing.assert_allclose(scores.replay.correlation, expected.correlation, rtol=1e-9)
    low, high = scores.replay.correlation
    assert low < high and scores.note_f1 is None and scores.sustained == (low >= 0.8)
    assert scores.reaches(low, 1.0) == scores.sustained and not scores.reaches(1.0, 0.0)
    assert dataclasses.asdict(scores)["spikes_per_cycle"] == len(times) / 3
