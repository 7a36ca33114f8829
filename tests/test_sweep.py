"""Sweeps: the grid, the table, going on after being killed, and a Dask cluster that loses a worker."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time

import pytest

from elise_pynn import ParameterError, fuer_elise
from elise_pynn.points import Point, compute_points
from elise_pynn.sweep import parse_grid, points_of
from elise_pynn.workers import in_processes
from test_cli import ELISE, elise

#: 24 points of a fraction of a second each
GRID = [
    "--grid",
    "latent=8,12,16",
    "--grid",
    "p=0.1,0.2",
    "--grid",
    "cycles=120",
    "--grid",
    "replay=1",
    "--grid",
    "timestep=0.5",
    "--seeds",
    4,
]


def rows(folder):
    with open(folder / "table.csv", newline="") as file:
        return list(csv.DictReader(file))


def results(folder):
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in (folder / "points").glob("*.json")}


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_grid():
    assert parse_grid(["latent=30,50", "p=0.1"]) == {"latent": [30, 50], "p": [0.1]}
    points = points_of(fuer_elise(), {"latent": [30, 50], "p": [0.1]}, 3, "spiking")
    assert [point.values for point in points[:2]] == [{"latent": 30, "p": 0.1, "seed": 1}, {"latent": 30, "p": 0.1, "seed": 2}]
    assert len({point.key for point in points}) == 6
    assert points_of(fuer_elise(), {"latent": [30]}, 1, "spiking")[0].key == points_of(fuer_elise(), {"latent": [30]}, 2, "spiking")[0].key
    assert points_of(fuer_elise(), {"latent": [30]}, 1, "paper")[0].key != points_of(fuer_elise(), {"latent": [30]}, 1, "spiking")[0].key


@pytest.mark.parametrize(
    "text", ["latent", "latent=", "latent=30,,50", "=3", "latent=30,30", "p=0.1 growth.p=0.2", "seed=1,2", "speed=3", "latent=x"]
)
def test_bad_grid(text):
    with pytest.raises(ParameterError):
        parse_grid(text.split())


def test_scores_are_those_of_elise_run(tmp_path):
    options = ["--timestep", "0.5", "--backend", "engine", "--json"]
    one = json.loads(elise("run", "fuer-elise", "--latent", 20, "--cycles", 40, "--replay", 2, "--seed", 2, *options).stdout)
    done = elise("sweep", "fuer-elise", "--grid", "latent=20", "--grid", "cycles=40", "--grid", "replay=2", "--grid", "timestep=0.5",
                 "--seeds", 2, "--out", tmp_path / "s", "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    row = rows(tmp_path / "s")[1]
    assert row["seed"] == "2" and row["error"] == ""
    assert float(row["median_mse"]) == one["replay"]["median_mse"] and float(row["spikes_per_cycle"]) == one["spikes_per_cycle"]
    assert float(row["free_run_mse"]) == one["training"][-1]["mse"] and float(row["note_f1"]) == one["replay"]["note_f1"]


def test_killed_sweep_goes_on_and_computes_each_point_once(tmp_path):
    folder = tmp_path / "s"
    command = [str(part) for part in (ELISE, "sweep", "fuer-elise", *GRID, "--jobs", 2, "--out", folder, "--json")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: len(results(folder)) >= 5)
        process.send_signal(signal.SIGKILL)
    time.sleep(1.0)  # its workers notice and leave
    before = results(folder)
    assert 5 <= len(before) < 24
    assert len(rows(folder)) in (len(before), len(before) - 1)  # the table follows the point
    done = elise(*command[1:])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) | {"table": ""} == {
        "points": 24, "computed": 24 - len(before), "done_before": len(before), "failed": 0, "table": "",
    }  # fmt: skip
    after = results(folder)
    assert len(after) == len(rows(folder)) == 24
    assert {name: after[name] for name in before} == before  # nothing was computed or written again
    again = elise(*command[1:])
    assert json.loads(again.stdout)["computed"] == 0 and results(folder) == after


def test_a_point_that_cannot_be_computed_is_a_result(tmp_path):
    done = elise("sweep", "fuer-elise", "--preset", "paper", "--grid", "latent=10", "--grid", "cycles=21", "--grid", "replay=1",
                 "--grid", "eta=0.01,1e9", "--out", tmp_path / "s", "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["failed"] == 1
    good, bad = rows(tmp_path / "s")
    assert good["error"] == "" and "ran away" in bad["error"] and bad["median_mse"] == ""


def test_folders_of_others_are_left_alone(tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "run.json").write_text("{}")
    small = ["--grid", "latent=5", "--grid", "cycles=1", "--grid", "replay=1", "--grid", "timestep=1"]
    assert elise("sweep", "fuer-elise", *small, "--out", tmp_path / "s").returncode == 0
    kept = results(tmp_path / "s")
    for arguments, message in (
        (["fuer-elise", *small, "--out", tmp_path / "taken"], "something else already"),
        (["fuer-elise", *small, "--out", tmp_path / "s", "--preset", "paper"], "results of another kind"),
        (["fuer-elise", "--grid", "latent=-5", "--out", tmp_path / "s"], "latent = -5"),
        (["fuer-elise", "--grid", "integrator=reference", "--out", tmp_path / "s"], "reference"),
        (["fuer-elise", "--grid", "timestep=0.3", "--out", tmp_path / "s"], "does not divide"),
        (["fuer-elise", "--grid", "threads=1,2", "--out", tmp_path / "s"], "one core per network"),
        (["fuer-elise", *small, "--out", tmp_path / "s", "--scheduler", ""], "--scheduler is empty"),
        (["fuer-elise", *small, "--out", tmp_path / "s", "--scheduler", "tcp://127.0.0.1:1"], ""),
        (["fuer-elise", "--grid", "latent=7", "--out", tmp_path / "s", "--scheduler", "nowhere"], "nowhere"),
    ):
        done = elise("sweep", *arguments)
        assert done.returncode == (2 if message else 0), (arguments, done.stderr)  # without work no scheduler is asked
        assert message in " ".join(done.stderr.split()) and "Traceback" not in done.stderr
    assert results(tmp_path / "s") == kept


def test_interrupted_beginnings_and_damaged_notes_are_no_obstacle(tmp_path):
    small = ["--grid", "latent=5", "--grid", "cycles=1", "--grid", "replay=1", "--grid", "timestep=1"]
    (tmp_path / "s" / "points").mkdir(parents=True)
    (tmp_path / "s" / "points.lock").write_text("")
    assert elise("sweep", "fuer-elise", *small, "--out", tmp_path / "s").returncode == 0
    kept = results(tmp_path / "s")
    (tmp_path / "s" / "definition.json").write_text("")
    assert elise("sweep", "fuer-elise", *small, "--out", tmp_path / "s").returncode == 0
    assert results(tmp_path / "s") == kept and json.loads((tmp_path / "s" / "definition.json").read_text())


def test_two_sweeps_at_once_are_refused(tmp_path):
    endless = ["--grid", "latent=20", "--grid", "cycles=1000000", "--seeds", "2", "--out", tmp_path / "s"]
    listening = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)}  # shells let their background jobs ignore it
    with subprocess.Popen(
        [ELISE, "sweep", "fuer-elise", *endless], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **listening
    ) as process:
        wait_for((tmp_path / "s" / "table.csv").exists)
        second = elise("sweep", "fuer-elise", *endless)
        process.send_signal(signal.SIGINT)
        begin = time.monotonic()
        process.wait(timeout=60)
        assert time.monotonic() - begin < 10 and process.returncode == 130
    assert second.returncode == 2 and "another command is at work" in " ".join(second.stderr.split())


def dies_once(work):
    """A piece of work whose process dies at the first try."""
    try:
        os.close(os.open(work["mark"], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return {"error": "", "number": work["number"]}
    os.kill(os.getpid(), signal.SIGKILL)


def fails(work):
    raise MemoryError("too large")


def test_a_process_that_dies_loses_nothing(tmp_path):
    pieces = {str(n): {"number": n, "mark": str(tmp_path / "mark")} for n in range(4)}
    assert {key: row["number"] for key, row in in_processes(2, dies_once, pieces)} == {"0": 0, "1": 1, "2": 2, "3": 3}


def test_points_that_fail_are_reported_and_tried_again(tmp_path):
    points = [Point({"n": n}, {"n": n}, {"n": n}) for n in range(2)]
    for _ in range(2):
        with pytest.raises(ParameterError, match="2 of 2 points failed"):
            compute_points(tmp_path / "s", {}, points, fails, ("error",))
    with pytest.raises(ParameterError, match="points are the same"):
        compute_points(tmp_path / "s", {}, [points[0], points[0]], fails, ("error",))


def test_damaged_points_are_computed_again(tmp_path):
    small = ["--grid", "latent=5,6", "--grid", "cycles=1", "--grid", "replay=1", "--grid", "timestep=1", "--json"]
    elise("sweep", "fuer-elise", *small, "--out", tmp_path / "s")
    first, second = sorted(results(tmp_path / "s"))
    (tmp_path / "s" / "points" / first).write_bytes(b'{"error": ')
    summary = json.loads(elise("sweep", "fuer-elise", *small, "--out", tmp_path / "s").stdout)
    assert (summary["computed"], summary["done_before"]) == (1, 1) and len(rows(tmp_path / "s")) == 2 and second


@pytest.fixture
def cluster(tmp_path):
    """A Dask scheduler and two worker processes, all on the loopback interface, without a nanny that would restart them."""
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    address_file = tmp_path / "scheduler.json"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": tmp_path}
    scheduler = subprocess.Popen([*dask, "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", address_file], **quiet)
    wait_for(address_file.exists)
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", address_file, "--no-nanny", "--nthreads", "1",
              "--host", "127.0.0.1", "--no-dashboard", "--local-directory", tmp_path]  # fmt: skip
    workers = [subprocess.Popen(worker, **quiet) for _ in range(2)]
    wait_for(lambda: address_file.read_text().strip().endswith("}"))
    yield json.loads(address_file.read_text())["address"], workers
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


def test_cluster_that_loses_a_worker_loses_nothing(cluster, tmp_path):
    address, workers = cluster
    folder = tmp_path / "s"
    command = [str(part) for part in (ELISE, "sweep", "fuer-elise", *GRID, "--scheduler", address, "--out", folder, "--json")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait_for(lambda: len(results(folder)) >= 4 or process.poll() is not None)
        assert process.poll() is None and len(results(folder)) < 20  # at work: each of both workers has a point
        os.kill(workers[0].pid, signal.SIGKILL)
        out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert json.loads(out)["computed"] == 24 and json.loads(out)["failed"] == 0
    assert len(rows(folder)) == len(results(folder)) == 24
    assert workers[0].wait() == -signal.SIGKILL and workers[1].poll() is None
