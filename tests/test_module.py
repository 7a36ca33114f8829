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
