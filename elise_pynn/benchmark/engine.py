"""Speed of the engine: steps per second against size, beside plain numpy and what this machine's memory and arithmetic allow."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from elise_pynn.benchmark.machine import machine
from elise_pynn.benchmark.naive import NaiveRate
from elise_pynn.blueprint import Blueprint
from elise_pynn.engine import EngineSimulation
from elise_pynn.engine.blas import one_core
from elise_pynn.melody import fuer_elise
from elise_pynn.presets import configure
from elise_pynn.scaffold import grow_scaffold

SIZES = (50, 63, 113, 200, 500, 1000, 2000, 5000)
QUICK_SIZES = (63, 113)
#: form and integrator of each series
SERIES = (("rate", "exponential"), ("rate", "reference"), ("integrate", "exponential"), ("escape", "exponential"))
TIMESTEP = 0.1
#: learning rate in 1/ms: all of learning is computed, but activity stays what it is at the beginning, at every size and for every duration
SLOW = 1e-9
#: ms of simulated time before activity is typical, and over which arrivals are counted
WARM_UP_MS = 100.0
VISIBLE = 13


def measure(quick: bool = False, progress: Callable[[str], None] | None = None) -> dict[str, Any]:
    """Measure everything on one core, learning and nudged, at 0.1 ms.

    Parameters
    ----------
    quick : bool
        Two sizes and a third of the time.
    progress : callable, optional
        Called with what is measured next.

    Returns
    -------
    dict
        ``steps_per_second[form][neurons][integrator]``, for form ``naive_numpy`` too; ``events_per_step[form][neurons]``, arrivals of
        spikes; ``roofline[neurons]``, the time in s of reading and updating all weights once, and of one arrival;
        ``flops_per_second``; ``speedup_vs_numpy[neurons]``.
    """
    seconds = 0.3 if quick else 1.0
    sizes = QUICK_SIZES if quick else SIZES
    steps: dict[str, dict[str, dict[str, float]]] = {}
    events: dict[str, dict[str, float]] = {}
    for n in sizes:
        for form, integrator in SERIES:
            if progress:
                progress(f"{form}, {integrator}, {n} neurons")
            speed, per_step = _engine(form, integrator, n, seconds)
            steps.setdefault(form, {}).setdefault(str(n), {})[integrator] = speed
            if form != "rate":
                events.setdefault(form, {})[str(n)] = per_step
        if progress:
            progress(f"numpy, {n} neurons")
        steps.setdefault("naive_numpy", {})[str(n)] = {"reference": _numpy(n, seconds)}
    roofline = {str(n): {"weights_pass_s": _weights_pass(n), "arrival_s": _arrival(n)} for n in sizes}
    return {
        "steps_per_second": steps,
        "speedup_vs_numpy": {str(n): steps["rate"][str(n)]["reference"] / steps["naive_numpy"][str(n)]["reference"] for n in sizes},
        "events_per_step": events,
        "roofline": roofline,
        "flops_per_second": _flops(),
        "timestep_ms": TIMESTEP,
        "machine": machine(),
    }


def network(n: int, emission: str) -> Blueprint:
    """A network of `n` neurons; the weights shrink with its size, so that large ones are as active as small ones."""
    _, parameters = configure("spiking", emission=emission)
    rng = np.random.default_rng(1)
    delays = rng.uniform(5, 15, (2, n))
    weights = rng.normal(0, 0.5 * min(1.0, np.sqrt(63 / n)), (n, n))
    np.fill_diagonal(weights, 0)
    scaffold = grow_scaffold(VISIBLE, n - VISIBLE, parameters.growth, rng)
    return Blueprint(VISIBLE, scaffold, delays[0], delays[1], delays[1] + 25, weights, parameters)


def _best(run: Callable[[int], Any], seconds: float) -> float:
    """Steps per second of `run(steps)`: the best of three after a warm-up."""
    steps = 200
    run(steps)
    while True:
        begin = time.perf_counter()
        run(steps)
        taken = time.perf_counter() - begin
        if taken > 0.05 * seconds:
            break
        steps *= 4
    steps = max(100, round(steps * seconds / 3 / taken))
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        run(steps)
        times.append(time.perf_counter() - begin)
    return steps / min(times)


def _engine(form: str, integrator: str, n: int, seconds: float) -> tuple[float, float]:
    blueprint = network(n, form)
    simulation = EngineSimulation(blueprint, fuer_elise(), TIMESTEP, SLOW, integrator)
    simulation.nudge(blueprint.parameters.learning.nudging)
    simulation.run(WARM_UP_MS)
    speed = _best(lambda steps: simulation.run(steps * TIMESTEP), seconds)
    if form == "rate":
        return speed, 0.0
    simulation.record()
    simulation.run(WARM_UP_MS)
    return speed, len(simulation.take().spike_times) / round(WARM_UP_MS / TIMESTEP)


def _numpy(n: int, seconds: float) -> float:
    naive = NaiveRate(network(n, "rate"), fuer_elise().target(TIMESTEP), TIMESTEP, SLOW)

    def run(steps: int) -> None:
        for _ in range(steps):
            naive.advance()

    with one_core():
        return _best(run, seconds)


@njit(cache=True, fastmath=True)
def _read_and_update(weights: np.ndarray, times: int) -> None:
    for t in range(times):
        for k in range(len(weights)):
            weights[k] = weights[k] * 0.999 + t


@njit(cache=True, fastmath=True)
def _visit_rows(weights: np.ndarray, last: np.ndarray, width: int, rows: np.ndarray) -> None:
    for row in rows:
        for k in range(row * width, (row + 1) * width):
            weights[k] = weights[k] * 0.999 + last[k]
            last[k] = weights[k]


def _weights_pass(n: int) -> float:
    """Seconds for reading and writing n x n doubles once, in place: what a step of the rate form moves at the least."""
    weights = np.ones(n * n)
    return 1 / _best(lambda times: _read_and_update(weights, times), 0.2)


def _arrival(n: int) -> float:
    """Seconds for reading and writing two rows of n doubles, weights and last integrals: what an arrival moves."""
    weights, last, rows = np.ones(n * n), np.ones(n * n), np.random.default_rng(0).integers(0, n, 1_000_000)
    return 1 / _best(lambda times: _visit_rows(weights, last, n, np.resize(rows, times)), 0.2)


def _flops() -> float:
    """Floating-point operations per second of one core, from a product of matrices."""
    a = np.ones((512, 512))
    out = np.empty_like(a)

    def run(times: int) -> None:
        for _ in range(times):
            np.dot(a, a, out=out)

    with one_core():
        return 2 * 512**3 * _best(run, 0.3)
