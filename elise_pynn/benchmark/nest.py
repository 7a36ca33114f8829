"""Speed of plastic synapses on NEST: ours, a static one onto the same neuron, NEST's Urbanczik-Senn synapse, and STDP for scale."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from elise_pynn.benchmark.machine import machine

#: synapse: neuron; all receive the same presynaptic spikes
MODELS = {"elise": "elise", "static": "elise", "urbanczik": "pp_cond_exp_mc_urbanczik", "stdp": "iaf_psc_exp"}
#: ms before activity is typical, which are not timed
WARM_UP_MS = 50.0
#: rounds over all models, of which the fastest counts for each
ROUNDS = 3
#: events that are simulated at least, so that a measurement takes some tenths of a second
EVENTS = {True: 2e6, False: 6e6}
#: a learning rate with which all of learning is computed and nothing changes
SLOW = 1e-12


@dataclass(frozen=True)
class Case:
    """A layer that fires, connected all to all to a layer that learns.

    Attributes
    ----------
    pre, post : int
        Neurons; `pre` is the fan-in.
    rate : float
        Presynaptic spikes per second.
    timestep : float
        ms.
    threads : int
    """

    pre: int
    post: int
    rate: float
    timestep: float = 0.1
    threads: int = 1

    def duration(self, quick: bool) -> float:
        """ms, a multiple of 10, for enough events."""
        events_per_ms = self.pre * self.post * self.rate / 1000
        return float(np.clip(10 * np.ceil(EVENTS[quick] / events_per_ms / 10), 50, 20_000))


#: the two cases of the prototype
DENSE, WIDE = Case(63, 63, 270.0), Case(1000, 200, 20.0)
#: one axis at a time, from WIDE; by axis
AXES: dict[str, tuple[Case, ...]] = {
    "rate": tuple(replace(WIDE, rate=rate) for rate in (1.0, 5.0, 20.0, 100.0, 300.0)),
    "fan_in": tuple(replace(WIDE, pre=pre) for pre in (63, 300, 1000, 5000)),
    "neurons": tuple(replace(WIDE, pre=63, post=post) for post in (63, 1000, 10_000)),
    "threads": tuple(replace(WIDE, pre=1000, post=1000, threads=threads) for threads in (1, 2)),
    "timestep": tuple(replace(WIDE, timestep=timestep) for timestep in (0.1, 1.0)),
}


def measure(quick: bool = False, progress: Callable[[str], None] | None = None) -> dict[str, Any]:
    """Measure every model on the two cases, and unless `quick` along each axis.

    Returns
    -------
    dict
        ``cases[name]`` with ``case``, ``seconds[model]`` by phase, ``ns_per_event[model]``, ``speedup_vs_urbanczik``,
        ``overhead_vs_static``; ``axes[axis]`` a list of such; ``machine``.
    """
    found = {name: compare(case, quick, progress, name) for name, case in (("dense", DENSE), ("wide", WIDE))}
    result: dict[str, Any] = {"cases": found, "machine": machine()}
    for key in ("speedup_vs_urbanczik", "overhead_vs_static"):
        result[key] = {"270 Hz, 63 x 63": found["dense"][key], "20 Hz, 1000 x 200": found["wide"][key]}
    if not quick:
        result["axes"] = {axis: [compare(case, quick, progress, axis) for case in cases] for axis, cases in AXES.items()}
    return result


def compare(case: Case, quick: bool, progress: Callable[[str], None] | None = None, name: str = "") -> dict[str, Any]:
    """Measure all models on one case, in turns; the fastest round of each counts."""
    duration, best = case.duration(quick), dict[str, dict[str, float]]()
    for turn in range(ROUNDS):
        for model in MODELS:
            if model == "urbanczik" and turn:
                continue  # takes ten to a hundred times as long, so that once is exact enough
            if progress:
                progress(f"{name}: {case.pre} x {case.post}, {case.rate:g} Hz, {model}")
            seconds = _seconds(case, model, duration if model != "urbanczik" else max(50.0, duration / 10))
            if model not in best or seconds["per_ms"] < best[model]["per_ms"]:
                best[model] = seconds
    events_per_ms = case.pre * case.post * case.rate / 1000
    return {
        "case": asdict(case),
        "duration_ms": duration,
        "seconds": best,
        "ns_per_event": {model: 1e9 * seconds["per_ms"] / events_per_ms for model, seconds in best.items()},
        "speedup_vs_urbanczik": best["urbanczik"]["per_ms"] / best["elise"]["per_ms"],
        "overhead_vs_static": best["elise"]["per_ms"] / best["static"]["per_ms"],
    }


def _seconds(case: Case, model: str, duration: float) -> dict[str, float]:
    """Wall time of building, connecting and simulating, in s; the last one per ms of simulated time, too."""
    from elise_pynn.backends.nest import nest
    from elise_pynn.nestml_models import NEURON, SYNAPSE, install

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    install(nest)
    nest.resolution, nest.local_num_threads, nest.rng_seed = case.timestep, case.threads, 1
    marks = [time.perf_counter()]
    rng = np.random.default_rng(1)
    generators = nest.Create("spike_generator", case.pre, params=_spikes(case, WARM_UP_MS + duration, rng))
    relays = nest.Create("parrot_neuron", case.pre)
    nest.Connect(generators, relays, "one_to_one", {"delay": case.timestep})
    if MODELS[model] == "elise":
        taught = {"teacher_size": 1, "teacher_waveform": [-60.0], "nudging": 0.6}
        neurons = nest.Create(NEURON, case.post, params=taught)
        port = nest.GetDefaults(NEURON)["receptor_types"]["DENDRITE"]
    else:
        neurons = nest.Create(MODELS[model], case.post)
        port = nest.GetDefaults(MODELS[model])["receptor_types"]["dendritic_exc"] if model == "urbanczik" else 0
    marks.append(time.perf_counter())
    nest.Connect(relays, neurons, "all_to_all", _synapse(model, SYNAPSE, port, case.timestep))
    marks.append(time.perf_counter())
    nest.Simulate(WARM_UP_MS)
    begin = time.perf_counter()
    nest.Simulate(duration)
    simulated = time.perf_counter() - begin
    return {"build": marks[1] - marks[0], "connect": marks[2] - marks[1], "simulate": simulated, "per_ms": simulated / duration}


def _spikes(case: Case, until: float, rng: np.random.Generator) -> list[dict[str, np.ndarray]]:
    """Poisson spikes on the time grid for each generator."""
    steps = int(until / case.timestep)
    chance = min(1.0, case.rate * case.timestep / 1000)
    return [{"spike_times": np.round((1 + np.flatnonzero(rng.random(steps) < chance)) * case.timestep, 6)} for _ in range(case.pre)]


def _synapse(model: str, plastic: str, port: int, timestep: float) -> dict[str, Any]:
    """NEST's description of the synapses; weights are small, so that all models' neurons fire as they would anyway."""
    if model == "elise":
        return {"synapse_model": plastic, "w": 1e-3, "eta": SLOW, "delay": timestep, "receptor_type": port}
    if model == "urbanczik":
        return {
            "synapse_model": "urbanczik_synapse", "weight": 1e-3, "eta": SLOW, "tau_Delta": 1.0, "Wmin": 0.0, "Wmax": 1.0,
            "delay": timestep, "receptor_type": port,
        }  # fmt: skip
    kind = "static_synapse" if model == "static" else "stdp_synapse"
    more = {"Wmax": 1.0, "lambda": SLOW} if model == "stdp" else {}
    return {"synapse_model": kind, "weight": 1e-3, "delay": timestep, "receptor_type": port, **more}


def bytes_per_synapse(model: str, progress: Callable[[str], None] | None = None, synapses: int = 2_000_000) -> float:
    """Memory of one synapse: growth of a fresh process while it connects, without what it needs per neuron."""
    import subprocess
    import sys

    if progress:
        progress(f"memory, {model}")
    done = subprocess.run(
        [sys.executable, "-m", __name__, model, str(synapses)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYNEST_QUIET": "1"},
    )
    return float(done.stdout.strip().splitlines()[-1])


def _grown(model: str, synapses: int) -> float:
    """Bytes per synapse in this process, which has connected nothing before."""
    from elise_pynn.backends.nest import nest
    from elise_pynn.nestml_models import NEURON, SYNAPSE, install

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    install(nest)
    kind = NEURON if MODELS[model] == "elise" else MODELS[model]
    port = {"elise": "DENDRITE", "static": "DENDRITE", "urbanczik": "dendritic_exc"}.get(model)
    neurons, pre = nest.Create(kind, 1000), nest.Create("parrot_neuron", synapses // 1000)
    number = nest.GetDefaults(kind)["receptor_types"][port] if port else 0
    nest.Connect(pre[:1], neurons[:1], "all_to_all", _synapse(model, SYNAPSE, number, 0.1))
    before = _resident()
    nest.Connect(pre, neurons, "all_to_all", _synapse(model, SYNAPSE, number, 0.1))
    return (_resident() - before) / (1000 * len(pre))


def _resident() -> int:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    import sys

    print(_grown(sys.argv[1], int(sys.argv[2])))
