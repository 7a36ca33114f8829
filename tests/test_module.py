"""The compiled module: versions, loader errors, its generation, and the examples in docs/."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from elise_pynn.nestml_models import ModuleError, build_info, finish, module, module_path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.py"))


def test_build_info_names_the_running_nest(nest):
    assert build_info()["nest"] == nest.__version__
    assert module_path().suffix == ".so"
    assert module.loader_error() is None


def test_another_nest_version_is_refused(nest, monkeypatch):
    nest.ResetKernel()
    monkeypatch.setattr(module, "build_info", lambda: {"nest": "3.9.0"})
    with pytest.raises(ModuleError, match=r"compiled for NEST 3\.9\.0, but NEST .* is running.*nest-simulator==3\.9\.0"):
        module.install(nest)


def test_loader_error_is_the_loaders_own(nest, monkeypatch, tmp_path):
    nest.ResetKernel()
    broken = tmp_path / "elisemodule.so"
    broken.write_bytes(b"no library")
    monkeypatch.setattr(module, "module_path", lambda: broken)
    assert "elisemodule.so" in (module.loader_error() or "")
    with pytest.raises(ModuleError, match="cannot load"):
        module.install(nest)


def test_wrong_targets_and_delays_are_refused(nest):
    nest.resolution = 0.1
    relay, other, neuron = nest.Create("parrot_neuron"), nest.Create("iaf_psc_exp"), nest.Create(module.NEURON)
    with pytest.raises(nest.NESTError, match="elise_neuron only"):
        nest.Connect(relay, other, syn_spec={"synapse_model": module.SYNAPSE, "delay": 0.1})
    with pytest.raises(nest.NESTError, match="one time step"):
        nest.Connect(relay, neuron, syn_spec={"synapse_model": module.SYNAPSE, "delay": 0.3, "receptor_type": 1})


@pytest.mark.parametrize(
    "bad",
    [{"nudging": 1.0}, {"nudging": -0.1}, {"tau_syn": 0.0}, {"spikes_per_rate": 0.0}, {"g_L": 0.0}, {"escape": 2}, {"teacher_size": 0}],
)
def test_parameters_out_of_range_are_refused_by_nest(nest, bad):
    with pytest.raises(nest.NESTError):
        nest.Create(module.NEURON, params=bad)


def test_waveform_can_be_shortened_between_runs(nest):
    nest.resolution = 0.1
    neuron = nest.Create(module.NEURON, params={"teacher_size": 1000, "teacher_waveform": [-50.0] * 1000})
    nest.Simulate(50.0)
    neuron.set(teacher_size=2, teacher_waveform=[-70.0, -60.0])
    nest.Simulate(0.1)
    assert neuron.u_target == -70.0
    nest.Simulate(0.1)
    assert neuron.u_target == -60.0


def test_models_come_before_the_network(nest):
    nest.ResetKernel()
    nest.Create("parrot_neuron")
    with pytest.raises(ModuleError, match="before you create anything"):
        module.install(nest)


def test_missing_module_is_named(monkeypatch):
    with pytest.raises(ModuleError, match="was not compiled"):
        module._find("absent.so")


def test_edits_stop_at_generated_code_that_they_do_not_know(tmp_path):
    (tmp_path / "a.h").write_text("one two two")
    finish.Edit("a.h", "test", "one", "1").apply(tmp_path)
    assert (tmp_path / "a.h").read_text() == "1 two two"
    with pytest.raises(RuntimeError, match=r"cannot test.*2 matches.*NESTML"):
        finish.Edit("a.h", "test", "two", "2").apply(tmp_path)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda p: p.stem)
def test_examples_run_and_learn(example, tmp_path):
    done = subprocess.run([sys.executable, example], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    if example.stem == "pyNN_two_populations":
        found = [float(line.split()[-1]) for line in done.stdout.splitlines() if line.startswith("output")]
        assert len(found) == 3 and min(found) > 0.95
        assert (tmp_path / "pyNN_two_populations.png").stat().st_size > 10_000
    else:
        found = [float(line.split()[-2]) for line in done.stdout.splitlines() if "mean weight" in line]
        assert found[0] > found[1] + 5
        assert "frozen: True" in done.stdout


def test_models_are_documented_variable_by_variable():
    for model in ("elise_neuron", "elise_synapse"):
        text = (ROOT / "nestml_models" / f"{model}.nestml").read_text()
        assert "https://doi.org/" in text
        block = text[text.index("    state:") : text.index("    input:")]
        for section in ("state", "parameters"):
            lines = block[block.index(f"{section}:") :].split("\n\n    ")[0].splitlines()[1:]
            for line in lines:
                if line.strip() and not line.strip().startswith("#"):
                    assert "#" in line, f"{model}: {line.strip()} has no comment"
