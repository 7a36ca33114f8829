"""Long runs: does anything grow? One JSON line of figures per command.

python tests/long_runs.py replay     1000 frozen replay cycles on NEST, recorders emptied after each: sustained, memory
python tests/long_runs.py training   20 000 training cycles on the engine, with checkpoints: memory
python tests/long_runs.py late       10 000 training cycles on NEST at equal rates: time per cycle early and late
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from elise_pynn import Blueprint, fuer_elise
from elise_pynn.analysis.scores import SUSTAINED, score_replay
from elise_pynn.predictor import best_blueprint
from elise_pynn.protocol import CUE_CYCLES, FREE_RUN_EVERY, target_rates, teach
from elise_pynn.recommendation import configure_for
from elise_pynn.resume import Checkpoints, content_of
from elise_pynn.run import make_simulation


def resident():
    """Resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def network(options, backend):
    settings, parameters = configure_for(
        fuer_elise(), "spiking", backend=backend, latent=options.latent, timestep=options.timestep, cycles=options.cycles
    )
    return settings, best_blueprint(fuer_elise(), settings.latent, settings.seed, parameters, settings.draws)


def trained(options):
    """A network that the engine has taught."""
    options.cycles = options.taught
    settings, blueprint = network(options, "engine")
    simulation = make_simulation(settings, blueprint, fuer_elise(), blueprint.parameters.learning.initial_eta(settings.cycles))
    teach(simulation, blueprint, fuer_elise(), settings.cycles)
    return blueprint.trained(simulation.weights())


def replay(options):
    sequence = fuer_elise()
    blueprint = Blueprint.load(options.blueprint) if options.blueprint else trained(options)
    settings, _ = network(options, "nest")
    simulation = make_simulation(settings, blueprint, sequence, 0.4)
    target = target_rates(sequence, blueprint, simulation.timestep, simulation.interval)
    simulation.learn(0.0)
    simulation.nudge(blueprint.parameters.learning.nudging)
    simulation.run(CUE_CYCLES * sequence.period)
    simulation.nudge(0.0)
    correlations, memory, before = [], [], None
    for _ in range(options.replay + 1):
        simulation.record()
        simulation.run(sequence.period)
        rates = simulation.take().rates
        if before is not None:
            correlations += score_replay(np.concatenate([before, rates], axis=1), target, simulation.interval).correlation
        before = rates
        memory.append(resident())
    low = np.flatnonzero(np.array(correlations) < SUSTAINED)
    return {
        "cycles": len(correlations),
        "sustained": int(low[0]) if len(low) else len(correlations),
        "correlation": [round(float(f(correlations)), 4) for f in (np.min, np.median, np.max)],
        "resident_MB_after_100": round(memory[100], 2),
        "resident_MB_at_end": round(memory[-1], 2),
        "growth_percent": round(100 * (memory[-1] / memory[100] - 1), 3),
    }


def training(options):
    sequence, memory = fuer_elise(), {}
    settings, blueprint = network(options, "engine")
    eta = blueprint.parameters.learning.initial_eta(settings.cycles)
    simulation = make_simulation(settings, blueprint, sequence, eta)
    with tempfile.TemporaryDirectory() as folder:
        kept = Checkpoints(Path(folder), options.every, content_of(settings, blueprint, sequence, eta), simulation, print, settings.cycles)

        def keep(cycle, scores):
            kept.keep(cycle, scores)
            memory[cycle] = resident()

        scores = teach(simulation, blueprint, sequence, settings.cycles, keep=keep)
        files = len(list(Path(folder).iterdir()))
    early = memory[options.early]
    return {
        "cycles": settings.cycles,
        "resident_MB_every_2000": [round(memory[cycle], 1) for cycle in range(2000, settings.cycles + 1, 2000)],
        f"resident_MB_after_{options.early}": round(early, 2),
        "resident_MB_at_end": round(memory[settings.cycles], 2),
        "growth_percent": round(100 * (memory[settings.cycles] / early - 1), 3),
        "checkpoints_left": files,
        "last_free_run_correlation": round(scores[-1].correlation, 4),
    }


def late(options):
    """Nudged, with a free run every 20th cycle as in training, and so small a learning rate that all rates stay the same."""
    sequence = fuer_elise()
    settings, blueprint = network(options, "nest")
    simulation = make_simulation(settings, blueprint, sequence, 1e-12)
    seconds, memory = {}, {}
    for cycle in range(0, settings.cycles + 10 * FREE_RUN_EVERY, FREE_RUN_EVERY):
        simulation.mark(cycle)
        simulation.nudge(0.0)
        simulation.record()
        begin = time.process_time()
        simulation.run(sequence.period)
        simulation.take()
        simulation.nudge(blueprint.parameters.learning.nudging)
        for stretch in (9, 10):
            simulation.run(stretch * sequence.period)
        seconds[cycle] = (time.process_time() - begin) / FREE_RUN_EVERY
        memory[cycle] = resident()

    def around(at):
        return float(np.median([s for cycle, s in seconds.items() if abs(cycle - at) <= 10 * FREE_RUN_EVERY]))

    first, last = around(1000), around(settings.cycles)
    return {
        "cycles": settings.cycles,
        "ms_per_cycle_at_1000": round(1000 * first, 3),
        "ms_per_cycle_at_end": round(1000 * last, 3),
        "change_percent": round(100 * (last / first - 1), 2),
        "resident_MB_at_1000": round(memory[1000], 2),
        "resident_MB_at_end": round(memory[settings.cycles], 2),
    }


def main():
    options = argparse.ArgumentParser()
    options.add_argument("what", choices=["replay", "training", "late"])
    options.add_argument("--latent", type=int, default=100)
    options.add_argument("--timestep", type=float, default=None)
    options.add_argument("--cycles", type=int, default=None)
    options.add_argument("--replay", type=int, default=1000)
    options.add_argument("--taught", type=int, default=1000)
    options.add_argument("--early", type=int, default=100)
    options.add_argument("--every", type=float, default=1.0)
    options.add_argument("--blueprint", default=None)
    given = options.parse_args()
    steps, cycles = {"replay": (0.1, 1), "training": (1.0, 20_000), "late": (1.0, 10_000)}[given.what]
    given.timestep, given.cycles = given.timestep or steps, given.cycles or cycles
    gc.disable()  # as the command does
    print(json.dumps({"what": given.what, **globals()[given.what](given)}))


if __name__ == "__main__":
    main()
