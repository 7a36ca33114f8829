"""The network that a sequence needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from elise_pynn.parameters import Parameters
from elise_pynn.presets import configure, find_field
from elise_pynn.random_sequence import context_lengths
from elise_pynn.sequence import Sequence
from elise_pynn.settings import Settings

#: latent neurons at least, per step and per channel; for notes and for continuous channels
NOTES, CONTINUOUS = (100, 3.0, 6.0), (200, 3.0, 6.0)
#: latent neurons at most, networks of which the most promising is taken
MOST_LATENT, DRAWS = 1000, 5
#: levels to which continuous channels are rounded before their ambiguity is counted
LEVELS = 4
#: a step of continuous channels, for counting, in ms
STEP_MS = 10.0
#: continuous channels are silent when all values are below
GAP = 0.15
#: a sequence is learned for twice as long when on average so many elements must be known to know the next one
AMBIGUOUS = 2.2


@dataclass(frozen=True)
class Recommendation:
    """Settings with which a sequence is learned reliably.

    Attributes
    ----------
    latent, cycles : int
    method : str
        Way in which the scaffold grows.
    draws : int
        Networks grown, of which the most promising is taught.
    context : int
        How many elements one must know, the present one included, to know the next one.
    """

    latent: int
    cycles: int
    method: str
    draws: int
    context: int

    def settings(self) -> dict[str, Any]:
        """What `elise_pynn.presets.configure` takes."""
        return {"latent": self.latent, "cycles": self.cycles, "method": self.method, "draws": self.draws}


def recommend(sequence: Sequence) -> Recommendation:
    """Recommend a network for a sequence.

    `tree` growth rarely fails. Continuous channels want more latent neurons, and the published growth when they have silent gaps, for its
    loops carry activity across them.
    """
    continuous = bool(sequence.continuous.any())
    least, per_step, per_channel = CONTINUOUS if continuous else NOTES
    channels, steps = sequence.pattern.shape
    levels = np.round(sequence.pattern * (LEVELS - 1))
    if continuous:  # what counts is the target, not how finely it is sampled
        steps = max(1, round(sequence.period / STEP_MS))
        levels = levels[:, (np.arange(steps) * levels.shape[1]) // steps]
    latent = int(np.clip(10 * np.ceil(max(per_step * steps, per_channel * channels) / 10), least, MOST_LATENT))
    contexts = context_lengths(levels)
    cycles = 2000 if continuous or contexts.mean() > AMBIGUOUS else 1000
    gaps = continuous and bool((sequence.pattern.max(axis=0) < GAP).any())
    return Recommendation(latent, cycles, "published" if gaps else "tree", DRAWS, int(contexts.max()))


def configure_for(sequence: Sequence, preset: str = "spiking", **given: Any) -> tuple[Settings, Parameters]:
    """Like `elise_pynn.presets.configure`, with what is recommended for the sequence where nothing else is said."""
    groups = {find_field(name) for name in given}
    advice = recommend(sequence).settings() if preset == "spiking" else {}
    return configure(preset, **{name: value for name, value in advice.items() if find_field(name) not in groups}, **given)


def describe(sequence: Sequence) -> dict[str, Any]:
    """What ``elise sequence show`` says, as plain values."""
    recommended = recommend(sequence)
    channels, steps = sequence.pattern.shape
    continuous = int(sequence.continuous.sum())
    sounding = (sequence.pattern > 0).sum(axis=0)
    if continuous:
        kind = f"{continuous} continuous channels of {channels}"
    else:
        kind = f"{len(sequence.notes())} notes, at most {sounding.max()} at once, {(sounding == 0).sum()} steps of silence"
    if recommended.context >= steps > 1:
        ambiguity = "the cycle is made of equal parts: what follows cannot be told from what has been played"
    elif recommended.context == 1:
        ambiguity = "none: every element has one successor"
    else:
        ambiguity = f"{recommended.context} elements must be known to know the next one"
    return {
        "name": sequence.name,
        "channels": channels,
        "channel_names": list(sequence.channels),
        "steps": steps,
        "step_ms": sequence.step_ms,
        "period_ms": sequence.period,
        "kind": kind,
        "context": recommended.context,
        "ambiguity": ambiguity,
        "recommended": {key: value for key, value in asdict(recommended).items() if key != "context"},
    }
