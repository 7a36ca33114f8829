"""The step of SpiNNaker's cells: in double it fires as the engine does; in the machine's s16.15 a taught network still plays."""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from stock_networks import taught

from elise_pynn import Parameters, fuer_elise, make_blueprint
from elise_pynn.blueprint import on_grid
from elise_pynn.engine import EngineSimulation
from elise_pynn.export.deployed import REPLAY, Deployed, replayed_without_scaffold, score_played, without_scaffold
from elise_pynn.export.spinnaker_weights import on_board
from elise_pynn.protocol import CUE_CYCLES
from elise_pynn.simulation import Activity
from elise_pynn.stock_cells import C_M, STEPS, V_REST, V_THRESH, cell_parameters, cue_currents, current_per_weight

SOURCE = Path(__file__).with_name("spinnaker_step.c")
CYCLES = 20


def array(values):
    return "{" + ",".join(array(v) if np.ndim(v) else f"{v}" for v in values) + "}"


def header(network, steps, weights, shifts, cued):
    """What the C program reads: weights as they lie in its ring buffers, pre x post."""
    blueprint, dt, neuron = network.blueprint, network.timestep, network.blueprint.parameters.neuron
    cell, delays = cell_parameters(neuron), np.rint(on_grid(blueprint.delay_dendritic, dt, least=2) / dt).astype(int)
    currents = cue_currents(neuron, network.sequence.target(dt), blueprint.parameters.learning.nudging)
    tau = cell["tau_syn_E"]
    decay = np.exp(-dt / tau)
    constants = {
        "N": blueprint.size,
        "VISIBLE": blueprint.visible,
        "SLOTS": delays.max() + 1,
        "STEPS": steps,
        "PERIOD": currents.shape[1],
        "CUE_STEPS": CUE_CYCLES * currents.shape[1] if cued else 0,
        "ARRIVES": tau / dt * (1 - decay),
        "DECAYS": decay,
        "KEEPS": np.exp(-dt / cell["tau_m"]),
        "OFFSET": cell["i_offset"],
        "RESISTANCE": cell["tau_m"] / C_M,
        "V_REST": V_REST,
        "V_RESET": V_REST,
        "V_THRESH": V_THRESH,
        "REFRACTORY": int(np.ceil(cell["tau_refrac"] / dt)),
    }
    lines = [
        f"#define {name} {value!r}".replace("np.float64(", "").replace("np.int64(", "").replace(")", "")
        for name, value in constants.items()
    ]
    lines += [
        f"static const int SHIFTS[2][2] = {array(shifts)};",
        f"static const int DELAYS[N] = {array(delays)};",
        f"static const real INITIAL[N] = {array(V_REST + (V_THRESH - V_REST) * blueprint.initial_phases())};",
        f"static const real CUE[VISIBLE][PERIOD] = {array(currents)};",
        f"static const held EXCITATORY[N][N] = {array(np.maximum(weights, 0).T)};",
        f"static const held INHIBITORY[N][N] = {array(np.maximum(-weights, 0).T)};",
    ]
    return "\n".join(lines) + "\n"


def spikes(folder, text, compiler, runner=()):
    """Compile and run; (step, neuron), sorted."""
    (folder / "network.h").write_text(text)
    subprocess.run([*compiler, "-O2", "-std=gnu11", f"-I{folder}", SOURCE, "-o", folder / "network"], check=True, capture_output=True)
    said = subprocess.run([*runner, folder / "network"], check=True, capture_output=True, text=True).stdout
    return sorted(tuple(map(int, line.split())) for line in said.splitlines())


@pytest.mark.parametrize(("dt", "more"), [(1.0, {}), (0.1, {"lif_t_ref": 1.0, "lif_gain": 0.829})])
def test_in_double_the_step_fires_as_the_engine_does(tmp_path, dt, more):
    """Spike by spike, with a rheobase below rest: the current of a spike and the delays for SpiNNaker are right."""
    neuron = {"emission": "threshold", "lif_v_rheo": -71.0, **more}
    blueprint = make_blueprint(13, 20, 1, Parameters.from_dict({"neuron": neuron}))
    network = Deployed(without_scaffold(dataclasses.replace(blueprint, weights=4 * blueprint.weights)), fuer_elise(), dt, None)
    simulation = EngineSimulation(network.blueprint, network.sequence, dt)
    simulation.learn(0.0)
    simulation.record()
    simulation.run(500.0)
    activity = simulation.take()
    expected = sorted((round(t / dt) - 1, int(i)) for t, i in zip(activity.spike_times, activity.spike_neurons, strict=True))
    weights = network.blueprint.weights * current_per_weight(network.blueprint.parameters.neuron, dt, STEPS["spiNNaker"])
    assert len(expected) > 500
    assert spikes(tmp_path, header(network, round(500 / dt), weights, ((0, 0), (0, 0)), False), ["gcc"]) == expected


@pytest.mark.skipif(
    not (shutil.which("arm-none-eabi-gcc") and shutil.which("qemu-arm")),
    reason="needs gcc-arm-none-eabi, libnewlib-arm-none-eabi, qemu-user",
)
def test_in_the_machines_arithmetic_a_taught_network_plays(tmp_path):
    """16-bit weights in saturating ring buffers, s16.15 currents and potentials, products rounded towards minus infinity."""
    network = taught()
    activity = replayed_without_scaffold(network.blueprint, network.sequence, network.timestep, REPLAY)
    rounded, parts = on_board(network, activity)
    unit = current_per_weight(network.blueprint.parameters.neuron, network.timestep, STEPS["spiNNaker"])
    whole = np.zeros_like(network.blueprint.weights, dtype=int)
    for part in parts:
        rows = network.blueprint.members(part.population)
        sign = 1 if part.receptor == "excitatory" else -1
        block = np.rint(np.maximum(sign * rounded.blueprint.weights[rows], 0) * unit / part.step).astype(int)
        whole[rows] += sign * block
    shifts = [[round(np.log2(parts[2 * k + r].step * 2**15)) for r in (0, 1)] for k in (0, 1)]
    start = round(CUE_CYCLES * network.sequence.period)
    steps = start + round((CYCLES + 1) * network.sequence.period)
    compiler = ["arm-none-eabi-gcc", "-march=armv5te", "--specs=rdimon.specs"]
    played = np.array(spikes(tmp_path, header(network, steps, whole, shifts, True), compiler, ["qemu-arm"]))
    after = played[played[:, 0] >= start]
    duration = (CYCLES + 1) * network.sequence.period
    replay = Activity(start, duration, 1.0, np.empty((13, 0)), after[:, 0] - start + 1.0, after[:, 1])
    scores = score_played(replay, network.blueprint, network.sequence, network.timestep)
    assert scores.reaches(0.97, 0.98)
