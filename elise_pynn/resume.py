"""Checkpoints of a training: when they are written, and going on from one."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from elise_pynn import checkpoint
from elise_pynn.blueprint import Blueprint
from elise_pynn.checkpoint import Checkpoint
from elise_pynn.protocol import FreeRun
from elise_pynn.quantity import ParameterError
from elise_pynn.sequence import Sequence
from elise_pynn.settings import Settings
from elise_pynn.simulation import Simulation
from elise_pynn.versions import versions

#: seconds between checkpoints
EVERY = 60.0
#: spikes per step from which on NEST's Poisson numbers depend on earlier ones, whatever the seed
MOST_PER_STEP = 12.0
#: told what happens
Notice = Callable[[str], None]


def content_of(settings: Settings, blueprint: Blueprint, sequence: Sequence, learning_rate: float) -> dict[str, Any]:
    """Plain values, all that decides the result of a run."""
    score = json.dumps(sequence.to_dict(), sort_keys=True).encode()
    return {
        "settings": asdict(settings),
        "parameters": blueprint.parameters.to_dict(),
        "learning_rate": learning_rate,
        "sequence": {"name": sequence.name, "sha256": hashlib.sha256(score).hexdigest()},
        "blueprint": blueprint.digest(),
    }


def can_be_taken_up(settings: Settings, blueprint: Blueprint) -> bool:
    """Whether a checkpoint holds all that decides how a training goes on."""
    neuron = blueprint.parameters.neuron
    return settings.backend == "engine" or neuron.emission != "escape" or neuron.spikes_per_rate * settings.timestep < MOST_PER_STEP


@dataclass
class Checkpoints:
    """The checkpoints of one training.

    Attributes
    ----------
    folder : Path or None
        None: none are written.
    every : float
        Seconds between two; 0: none are written.
    """

    folder: Path | None
    every: float
    content: dict[str, Any]
    simulation: Simulation
    warn: Notice
    cycles: int
    last: float = 0.0
    failed: bool = False

    def __post_init__(self) -> None:
        self.last = time.monotonic()

    def keep(self, cycle: int, training: list[FreeRun]) -> None:
        """Write a checkpoint if it is time; a training goes on when the disk does not take it."""
        if self.folder is None or self.every <= 0 or (cycle < self.cycles and time.monotonic() - self.last < self.every):
            return
        plain = [asdict(free_run) for free_run in training]
        now = Checkpoint(cycle, self.content, versions(), plain, self.simulation.seconds, self.simulation.state())
        try:
            checkpoint.keep(now, self.folder)
        except OSError as error:
            if not self.failed:
                self.warn(f"a checkpoint could not be written in cycle {cycle} ({error.strerror}); the training goes on without.")
            self.failed = True
        _give_back_memory()
        self.last = time.monotonic()


def _give_back_memory() -> None:
    """Free what writing a checkpoint has left: the command has switched collection off, and glibc keeps pieces of megabytes."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError):  # other C libraries have no malloc_trim
        ctypes.CDLL(None).malloc_trim(0)


def taken_up(folder: Path, content: dict[str, Any], notice: Notice, warn: Notice) -> Checkpoint | None:
    """The checkpoint from which a run goes on, None when it begins at the start; says which.

    Raises
    ------
    ParameterError
        When it is that of another run, or none of them can be read.
    """
    found, wrong = checkpoint.newest(folder)
    for what in wrong:
        warn(f"{what}: the one before it is used.")
    if found is None:
        notice(f"{folder} holds no checkpoint: the training begins at the start.")
        return None
    other = differences(found.content, json.loads(json.dumps(content)))
    if other:
        raise ParameterError(
            f"{folder} holds a run with other settings: {'; '.join(other)}. Repeat its command with --resume, or give --out another folder."
        )
    now = versions()
    if found.versions.get("elise_pynn") != now["elise_pynn"]:
        raise ParameterError(
            f"elise-pynn {found.versions.get('elise_pynn')} began the run in {folder}, this is {now['elise_pynn']}: "
            "go on with that version, or give --out another folder."
        )
    changed = [f"{name} {found.versions.get(name)} -> {now[name]}" for name in now if found.versions.get(name) != now[name]]
    if changed:
        warn(f"versions have changed since the run began ({', '.join(changed)}): its results may differ in the last digits.")
    total = content["settings"]["cycles"]
    notice(f"goes on from cycle {found.cycle} of {total} in {folder}.")
    return found


def differences(there: dict[str, Any], here: dict[str, Any]) -> list[str]:
    """What differs between two contents, in words."""
    found = []
    for group in ("settings", *here["parameters"]):
        a, b = (c[group] if group == "settings" else c["parameters"][group] for c in (there, here))
        found += [f"{name} = {a.get(name)!r} there, {b.get(name)!r} here" for name in b if a.get(name) != b.get(name)]
    if there["sequence"] != here["sequence"]:
        found.append(f"the sequence is another {there['sequence']['name']} there")
    if not found and there["learning_rate"] != here["learning_rate"]:
        found.append(f"learning_rate = {there['learning_rate']} there, {here['learning_rate']} here")
    if not found and there["blueprint"] != here["blueprint"]:
        found.append("the network to be taught is another one")
    return found
