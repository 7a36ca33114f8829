"""All that decides how a simulation on the engine goes on, as arrays, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from elise_pynn.engine.simulation import EngineSimulation

#: arrays that change while a simulation runs; those of the other form are not there
ARRAYS = (
    "_weights", "_trace", "_ring", "_state", "_teacher", "_target", "_v", "_queue", "_queued", "_last_window", "_last_Q", "_windows",
    "_cell", "_waiting", "_random",
)  # fmt: skip


def state_of(simulation: EngineSimulation) -> dict[str, np.ndarray]:
    """Copies of everything that changes while a simulation runs; recordings are not kept."""
    state = {name[1:]: getattr(simulation, name).copy() for name in ARRAYS if hasattr(simulation, name)}
    pending = dict(simulation._pending)
    if "show" in pending:
        state["show"] = np.array(pending.pop("show"))
    plain = {key: [(a, [b.start, b.stop]) for a, b in calls] if key == "nudge" else calls for key, calls in pending.items()}
    if "hold" in pending:
        plain["hold"] = [([a.start, a.stop], b) for a, b in pending["hold"]]
    return {**state, "plain": np.array(json.dumps({"step": simulation._step, "gain": simulation._gain, "pending": plain}))}


def restore(simulation: EngineSimulation, state: dict[str, np.ndarray]) -> None:
    """Bring a simulation of the same blueprint, sequence and settings into a state that `state_of` returned.

    Raises
    ------
    ValueError
        When the state is that of another network.
    """
    for name in ARRAYS:
        if hasattr(simulation, name):
            here, there = getattr(simulation, name), state[name[1:]]
            if here.shape != there.shape or here.dtype != there.dtype:
                raise ValueError(f"{name[1:]} of shape {there.shape} does not fit {here.shape}")
            here[...] = there  # in place: the arrays begin at cache lines
    plain = json.loads(str(state["plain"]))
    simulation._step, simulation._gain = int(plain["step"]), float(plain["gain"])
    pending = plain["pending"]
    if "nudge" in pending:
        pending["nudge"] = [(strength, slice(*channels)) for strength, channels in pending["nudge"]]
    if "hold" in pending:
        pending["hold"] = [(slice(*neurons), potential) for neurons, potential in pending["hold"]]
    if "show" in state:
        pending["show"] = state["show"]
    simulation._pending, simulation._recording = pending, None
