"""The neuron on NEST against a plain numpy transcription of its equations."""

from __future__ import annotations

import numpy as np
import pytest

from elise_pynn.nestml_models import NEURON

G_L, G_D, E_L, E_EXC, E_INH, BETA, THETA = 0.1, 2.0, -70.0, 0.0, -75.0, 0.3, -58.0


def phi(u):
    return 1 / (1 + np.exp(BETA * (THETA - u)))


def transcription(dt, steps, dendrite, exc, inh, target, nudging, n_scaffold, k, phase):
    """Arrivals, conductances, prediction, soma, dendrite, emission: one step after the other, as documented."""
    u = v = E_L
    s_exc = s_inh = 0.0
    teacher = nudging / (1 - nudging) * (G_L + G_D)
    out = {name: np.zeros(steps) for name in ("V_m", "V_dend", "rate", "rate_pred", "error", "spikes")}
    for i in range(steps):
        v += G_L * dendrite[i] / k
        s_exc += exc[i] / k
        s_inh += inh[i] / k
        mean = (1 - np.exp(-dt)) / dt
        g_e = 0.3 * max(s_exc * mean, n_scaffold * phi(E_L))
        g_i = 6.0 * max(s_inh * mean, n_scaffold * phi(E_L))
        s_exc *= np.exp(-dt)
        s_inh *= np.exp(-dt)
        predicted = phi((G_L * E_L + G_D * v) / (G_L + G_D))
        g = G_L + G_D + g_e + g_i + teacher
        u_inf = (G_L * E_L + G_D * v + g_e * E_EXC + g_i * E_INH + teacher * target[i % len(target)]) / g
        u = u_inf + (u - u_inf) * np.exp(-dt * g)
        v = E_L + (v - E_L) * np.exp(-dt * G_L)
        phase += k * phi(u) * dt
        while phase >= 1:
            out["spikes"][i] += 1
            phase -= 1
        out["V_m"][i], out["V_dend"][i], out["rate"][i], out["rate_pred"][i] = u, v, phi(u), predicted
        out["error"][i] = phi(u) - predicted
    return out


@pytest.mark.parametrize("dt", [0.1, 0.5, 1.0])
@pytest.mark.parametrize(("nudging", "k"), [(0.0, 1.0), (0.6, 3.0)])
def test_follows_the_equations(nest, dt, nudging, k):
    nest.resolution = dt
    rng = np.random.default_rng(1)
    steps = round(400 / dt)
    target = E_L + 20 * rng.random(37)
    neuron = nest.Create(
        NEURON,
        params={"nudging": nudging, "spikes_per_rate": k, "n_scaffold": 2.0, "teacher_size": 37, "teacher_waveform": target, "phase": 0.3},
    )
    ports = nest.GetDefaults(NEURON)["receptor_types"]
    inputs = {}
    for port, weight in (("DENDRITE", 30.0), ("DENDRITE", -20.0), ("SOMA_EXC", 1.0), ("SOMA_INH", 1.0)):
        at = np.sort(rng.choice(np.arange(1, steps - 2), size=steps // 25, replace=False))
        generator = nest.Create("spike_generator", params={"spike_times": np.round(at * dt, 6)})
        nest.Connect(generator, neuron, syn_spec={"weight": weight, "delay": dt, "receptor_type": ports[port]})
        counts = np.zeros(steps)
        counts[at] += weight  # a spike at t with a delay of one step arrives in the step that begins at t
        inputs[port] = inputs.get(port, 0) + counts
    names = ["V_m", "V_dend", "rate", "rate_pred", "error"]
    meter = nest.Create("multimeter", params={"record_from": names, "interval": dt})
    recorder = nest.Create("spike_recorder")
    nest.Connect(meter, neuron)
    nest.Connect(neuron, recorder)
    nest.Simulate(steps * dt)
    expected = transcription(dt, steps, inputs["DENDRITE"], inputs["SOMA_EXC"], inputs["SOMA_INH"], target, nudging, 2.0, k, 0.3)
    for name in names:
        recorded = meter.events[name]
        np.testing.assert_allclose(recorded, expected[name][: len(recorded)], rtol=1e-11, atol=1e-12, err_msg=name)
    spikes = np.bincount(np.round(recorder.events["times"] / dt).astype(int) - 1, minlength=steps)[: steps - 1]
    assert spikes.sum() > 10
    np.testing.assert_array_equal(spikes, expected["spikes"][: steps - 1])


def test_converges_to_the_stationary_solution(nest):
    """Constant nudging: u settles at the conductance-weighted mean of the reversal potentials."""
    nest.resolution = 0.1
    neuron = nest.Create(NEURON, params={"nudging": 0.6, "teacher_waveform": [-52.0]})
    nest.Simulate(50.0)
    teacher = 0.6 / 0.4 * (G_L + G_D)
    assert neuron.V_m == pytest.approx(((G_L + G_D) * E_L + teacher * -52.0) / (G_L + G_D + teacher), abs=1e-9)


@pytest.mark.parametrize("dt", [0.1, 1.0])
def test_scaffold_conductance_has_the_right_integral(nest, dt):
    """One arrival at a scaffold port adds a conductance of integral g_exc0 / K, at any time step."""
    nest.resolution = dt
    neuron = nest.Create(NEURON, params={"spikes_per_rate": 2.0})
    generator = nest.Create("spike_generator", params={"spike_times": [5.0]})
    nest.Connect(generator, neuron, syn_spec={"delay": dt, "receptor_type": nest.GetDefaults(NEURON)["receptor_types"]["SOMA_EXC"]})
    meter = nest.Create("multimeter", params={"record_from": ["g_exc"], "interval": dt})
    nest.Connect(meter, neuron)
    nest.Simulate(60.0)
    assert meter.events["g_exc"].sum() * dt == pytest.approx(0.3 / 2.0, rel=1e-9)


@pytest.mark.parametrize("k", [1.0, 3.0])
def test_escape_emits_with_the_right_intensity(nest, k):
    """Counts are Poisson with mean K phi(u): mean and variance over many neurons."""
    nest.resolution = 0.1
    nest.rng_seed = 5
    neurons = nest.Create(NEURON, 400, params={"escape": 1, "spikes_per_rate": k, "nudging": 0.999999, "teacher_waveform": [-60.0]})
    recorder = nest.Create("spike_recorder", params={"start": 20.0})
    nest.Connect(neurons, recorder)
    nest.Simulate(220.1)
    counts = np.bincount(recorder.events["senders"] - neurons[0].global_id, minlength=400)
    mean = k * phi(-60.0) * 200.0
    assert counts.mean() == pytest.approx(mean, abs=4 * np.sqrt(mean / 400))
    assert counts.var() / mean == pytest.approx(1.0, abs=4 * np.sqrt(2 / 400))


def test_integrate_emits_the_integral_of_the_rate(nest):
    nest.resolution = 0.1
    neuron = nest.Create(NEURON, params={"nudging": 0.999999, "teacher_waveform": [-55.0], "phase": 0.5})
    recorder, meter = nest.Create("spike_recorder"), nest.Create("multimeter", params={"record_from": ["rate"], "interval": 0.1})
    nest.Connect(neuron, recorder)
    nest.Connect(meter, neuron)
    nest.Simulate(500.0)
    assert len(recorder.events["times"]) == int(0.5 + meter.events["rate"].sum() * 0.1)


def test_current_drives_the_teacher(nest):
    """A current source onto the neuron adds its amplitude in mV to the waveform."""
    nest.resolution = 0.1
    neuron = nest.Create(NEURON, params={"nudging": 0.5})
    source = nest.Create("dc_generator", params={"amplitude": 15.0})
    nest.Connect(source, neuron)
    nest.Simulate(20.0)
    assert neuron.u_target == pytest.approx(-55.0)
