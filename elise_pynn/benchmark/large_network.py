"""A recurrent network of 10 000 neurons and ten million plastic synapses on NEST: does it build, how fast is it, in how much memory?"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

NEURONS, SYNAPSES_EACH = 10_000, 1000
#: ms of each phase: before activity is typical, and timed
WARM_UP_MS, TIMED_MS = 20.0, 200.0
#: mV of the teacher's potential, at which each neuron fires at some 20 spikes per second
TEACHER = -71.0
TIMESTEP = 0.1


def measure(threads: tuple[int, ...] = (1, 2), progress: Callable[[str], None] | None = None, neurons: int = NEURONS) -> dict[str, Any]:
    """Build and simulate the network in a process of its own for each number of threads.

    Returns
    -------
    dict
        ``by_threads[threads]`` with seconds of ``build``, ``connect``, ``simulate``, ``peak_gib``, ``synapses``,
        ``spikes_per_second`` of a neuron, ``ns_per_event``; ``speedup`` of the last number of threads over the first.
    """
    found = {}
    for number in threads:
        if progress:
            progress(f"{neurons} neurons, {number} threads")
        command = [sys.executable, "-m", __name__, str(number), str(neurons)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYNEST_QUIET": "1"})
        found[str(number)] = json.loads(done.stdout.strip().splitlines()[-1])
    first, last = found[str(threads[0])], found[str(threads[-1])]
    return {"by_threads": found, "speedup": first["simulate"] / last["simulate"]}


def _measure(threads: int, neurons: int) -> dict[str, Any]:
    from elise_pynn.backends.nest import nest
    from elise_pynn.nestml_models import NEURON, SYNAPSE, install

    nest.ResetKernel()
    nest.verbosity = nest.VerbosityLevel.ERROR
    install(nest)
    nest.resolution, nest.local_num_threads, nest.rng_seed = TIMESTEP, threads, 1
    marks = [time.perf_counter()]
    each = min(SYNAPSES_EACH, neurons // 2)
    population = nest.Create(NEURON, neurons, params={"teacher_size": 1, "teacher_waveform": [TEACHER], "nudging": 0.6})
    population.phase = nest.random.uniform()
    relays = nest.Create("parrot_neuron", neurons)
    nest.Connect(population, relays, "one_to_one", {"delay": 5.0})
    marks.append(time.perf_counter())
    port = nest.GetDefaults(NEURON)["receptor_types"]["DENDRITE"]
    plastic = {"synapse_model": SYNAPSE, "w": nest.random.normal(0.0, 0.05), "eta": 1e-4, "delay": TIMESTEP, "receptor_type": port}
    nest.Connect(relays, population, {"rule": "fixed_indegree", "indegree": each}, plastic)
    marks.append(time.perf_counter())
    nest.Simulate(WARM_UP_MS)
    before = nest.local_spike_counter
    begin = time.perf_counter()
    nest.Simulate(TIMED_MS)
    simulated = time.perf_counter() - begin
    fired = (nest.local_spike_counter - before) / 2  # relays repeat each spike
    return {
        "build": marks[1] - marks[0],
        "connect": marks[2] - marks[1],
        "simulate": simulated,
        "peak_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "synapses": each * neurons,
        "spikes_per_second": 1000 * fired / neurons / TIMED_MS,
        "ns_per_event": 1e9 * simulated / max(1.0, fired * each),
    }


if __name__ == "__main__":
    print(json.dumps(_measure(int(sys.argv[1]), int(sys.argv[2]))))
