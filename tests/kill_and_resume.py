"""Kill runs with SIGKILL at random moments, go on, and compare with a run that was not killed, bit for bit.

python tests/kill_and_resume.py --backend engine --moments 20
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import tempfile
import time
from pathlib import Path

from elise_pynn import Blueprint, fuer_elise, results
from elise_pynn import run as run_module
from elise_pynn.recommendation import configure_for
from elise_pynn.run import run


def attempt(folder, arguments, given, kill_after=None):
    """Run in a process of its own, which is killed after so many seconds; return whether it ended by itself, and its seconds."""
    begin = time.perf_counter()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            if not arguments.pictures:
                results.draw = run_module.render = lambda *a: None
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            settings, parameters = configure_for(fuer_elise(), "spiking", **given)
            run(fuer_elise(), folder, settings, parameters, resume=True, checkpoint_every=arguments.every)
            code = 0
        finally:
            os._exit(code)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    if status not in (0, -signal.SIGKILL):
        raise SystemExit(f"a run ended with {status}")
    return status == 0, time.perf_counter() - begin


def outcome(folder):
    """Everything that must be the same: scores, weights, recording."""
    summary = {key: value for key, value in json.loads((folder / results.RUN).read_text()).items() if key != "seconds"}
    summary["sha256"].pop("recording")  # of the file, which carries times and identifiers; what it holds is compared below
    network = Blueprint.load(folder / results.BLUEPRINT)
    block = results.recording.read_nix(folder / results.RECORDING)
    played = hashlib.sha256()
    for segment in block.segments:
        played.update(segment.analogsignals[0].magnitude.tobytes())
        for train in segment.spiketrains:
            played.update(train.magnitude.tobytes())
    return summary, network.digest(), played.hexdigest()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--backend", default="engine")
    options.add_argument("--emission", default="integrate")
    options.add_argument("--moments", type=int, default=20)
    options.add_argument("--cycles", type=int, default=400)
    options.add_argument("--latent", type=int, default=30)
    options.add_argument("--timestep", type=float, default=1.0)
    options.add_argument("--every", type=float, default=1e-9)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--pictures", action="store_true")
    arguments = options.parse_args()
    given = {"replay": 3, **{name: getattr(arguments, name) for name in ("backend", "emission", "cycles", "latent", "timestep")}}
    rng = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        if arguments.backend == "engine":  # all imports and compiled functions are there before a process is forked
            run(fuer_elise(), folder / "warm", *configure_for(fuer_elise(), "spiking", **{**given, "cycles": 1}))
        attempt(folder / "first", arguments, given)
        _, seconds = attempt(folder / "whole", arguments, given)
        expected = outcome(folder / "whole")
        kills, begun = 0, 0
        while kills < arguments.moments:
            begun += 1
            done = False
            while not done:  # the same run may be killed several times
                moment = rng.uniform(0, 1.1 * seconds) if kills < arguments.moments else None
                done, _ = attempt(folder / f"killed {begun}", arguments, given, moment)
                kills += not done
            same = outcome(folder / f"killed {begun}") == expected
            left = {path.name for path in (folder / f"killed {begun}").iterdir()} - {path.name for path in (folder / "whole").iterdir()}
            if not same or left:
                raise SystemExit(f"run {begun} differs after it was killed; left over: {left}")
    print(json.dumps({"killed": kills, "runs": begun, "identical": begun, "seconds_of_a_run": round(seconds, 2)}))


if __name__ == "__main__":
    main()
