"""Checking and exporting runs: what is taught again, drawn again, refused, written."""

from __future__ import annotations

import ast
import dataclasses
import json

import numpy as np
import pytest
from stock_networks import taught
from typer.testing import CliRunner

from elise_pynn import Blueprint, ParameterError, fuer_elise, read_run
from elise_pynn.cli import app
from elise_pynn.export import bundle as bundles
from elise_pynn.export import stock_teaching
from elise_pynn.export.bundle import read_bundle, write_bundle
from elise_pynn.export.deployed import REPLAY, as_it_is, replayed_without_scaffold, score_played
from elise_pynn.export.finding import Finding, all_hold
from elise_pynn.export.platforms import platform
from elise_pynn.export.quantised import quantised
from elise_pynn.run import run_sequence


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory):
    """A short run of the main job's kind, on the engine."""
    folder = tmp_path_factory.mktemp("run") / "run"
    run_sequence(fuer_elise(), folder, backend="engine", cycles=40, replay=2, latent=100, draws=1)
    return folder


@pytest.fixture
def elise():
    return lambda *arguments: CliRunner().invoke(app, [*map(str, arguments)])


def needs_its_scaffold(network):
    """The same network with its weights shuffled: nothing that plays."""
    weights = network.blueprint.weights.copy()
    np.random.default_rng(1).shuffle(weights.reshape(-1))
    np.fill_diagonal(weights, 0.0)
    blueprint = dataclasses.replace(network.blueprint, weights=weights)
    activity = replayed_without_scaffold(blueprint, network.sequence, 1.0, REPLAY)
    return dataclasses.replace(network, blueprint=blueprint, scores=score_played(activity, blueprint, network.sequence, 1.0))


def test_check_itemises_what_a_run_lacks(elise, run_folder):
    for name in ("spinnaker", "demo"):
        done = elise("check", run_folder, "--platform", name, "--json")
        assert done.exit_code == 1
        said = json.loads(done.stdout)
        cells = next(finding for finding in said["findings"] if finding["rule"] == "cells")
        assert said["all_hold"] is False and "integrate" in cells["found"] and "threshold" in cells["remedy"]
    shown = elise("check", run_folder, "--platform", "spinnaker")
    assert shown.exit_code == 1 and "✗" in shown.output and "Traceback" not in shown.output


def test_a_run_that_chips_cannot_play_is_taught_again(elise, run_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(stock_teaching, "CYCLES", 1500)
    done = elise("export", run_folder, "--platform", "demo", "--out", tmp_path / "bundle", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["all_hold"] and "taught again" in said["history"][0] and said["scores"]["sustained_cycles"] == REPLAY
    made = read_bundle(tmp_path / "bundle")
    assert {path.name for path in made.folder.iterdir()} == {"run.py", "config.json", "bundle.json", "blueprint.npz", "README.md"}
    assert made.description["scores"] == said["scores"] and made.title == "Demo"
    ast.parse(made.script)
    network = Blueprint.load(made.folder / "blueprint.npz")
    assert len(network.scaffold) == 0 and network.parameters.neuron.emission == "threshold"
    assert "taught again" in (made.folder / "README.md").read_text()
    again = elise("export", run_folder, "--platform", "demo", "--out", tmp_path / "bundle")
    assert again.exit_code == 2 and "not empty" in again.output and read_bundle(tmp_path / "bundle") == made


def test_networks_that_need_their_scaffold_are_drawn_again(run_folder, monkeypatch):
    good, bad = taught(), needs_its_scaffold(taught())
    assert not bad.scores.sustained
    drawn = []

    def teach(sequence, settings, given, timestep, seed, history, report):
        drawn.append(seed)
        return dataclasses.replace(bad if len(drawn) < 3 else good, history=(*history, f"Seed {seed}."))

    monkeypatch.setattr(stock_teaching, "_taught", teach)
    network = stock_teaching.deploy_on_stock_cells(read_run(run_folder), (1.0,))
    assert drawn == [1, 1001, 2001] and network.scores is good.scores
    assert sum("drawn again" in sentence for sentence in network.history) == 2
    drawn.clear()
    monkeypatch.setattr(stock_teaching, "_taught", lambda *a: dataclasses.replace(bad, history=("Seed.",)))
    with pytest.raises(ParameterError, match=r"none of 5 networks plays fuer-elise without its scaffold"):
        stock_teaching.deploy_on_stock_cells(read_run(run_folder), (1.0,))


def test_a_run_that_can_be_played_is_taken_as_it_is(tmp_path):
    run_sequence(
        fuer_elise(), tmp_path / "run", backend="engine", emission="threshold", timestep=1.0, cycles=1500, replay=2, latent=100, draws=5
    )
    run = read_run(tmp_path / "run")
    network = stock_teaching.deploy_on_stock_cells(run, (1.0, 0.1))
    np.testing.assert_array_equal(network.blueprint.weights, run.blueprint.weights)
    assert network.history == ("The run's own network, as it was taught.",)
    assert all_hold(platform("demo").findings(as_it_is(run)))


@pytest.mark.parametrize(("bits", "levels"), [(8, 255), (6, 63), (2, 3)])
def test_quantised_weights(bits, levels):
    weights = np.random.default_rng(2).normal(size=(200, 200))
    few = quantised(weights, bits)
    step = np.abs(weights).max() / (2 ** (bits - 1) - 1)
    assert np.abs(few - weights).max() <= step / 2 * (1 + 1e-9) and len(np.unique(np.round(few / step))) <= levels
    assert np.abs(few).max() == pytest.approx(np.abs(weights).max())
    np.testing.assert_array_equal(quantised(np.zeros((3, 3)), bits), 0.0)


def test_bad_input(elise, run_folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("here")
    for arguments, said in (
        (("check", tmp_path, "--platform", "spinnaker"), "holds no run"),
        (("check", run_folder, "--platform", "loihi"), "loihi"),
        (("export", tmp_path, "--platform", "demo", "--out", tmp_path / "new"), "holds no run"),
        (("export", run_folder, "--platform", "demo", "--out", tmp_path), "not empty"),
        (("export", run_folder, "--platform", "demo", "--out", tmp_path / "file"), "not empty"),
        (("export", run_folder, "--platform", "demo", "--out", tmp_path / "file" / "x"), "cannot write"),
        (("export", run_folder, "--platform", "demo", "--out", tmp_path / ("n" * 300)), "cannot write"),
        (("submit", run_folder, "--collab", "c", "--dry-run"), "holds no bundle"),
    ):
        done = elise(*arguments)
        assert done.exit_code == 2 and said in " ".join(done.output.split()) and "Traceback" not in done.output, done.output
    assert not (tmp_path / "new").exists() and (tmp_path / "file").read_text() == "here"
    with pytest.raises(ParameterError, match="platform = 'loihi'"):
        platform("loihi")
    monkeypatch.setattr(bundles, "LARGEST_SCRIPT", 1000)
    with pytest.raises(ParameterError, match="less than 1 MiB"):
        write_bundle("demo", taught(), [Finding("x", "y")], tmp_path / "large")
    assert not list(tmp_path.glob("*large*"))
