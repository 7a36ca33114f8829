"""The command that repeats a run."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from elise_pynn.blueprint import make_blueprint
from elise_pynn.predictor import drawn_seeds
from elise_pynn.presets import PRESETS
from elise_pynn.reading import Reading
from elise_pynn.recommendation import configure_for
from elise_pynn.results import Run
from elise_pynn.sequence import Sequence
from elise_pynn.sequence_sources import BUILT_IN

#: fields that `elise run` has an option for, and the options
OPTIONS = {
    ("settings", name): "--" + name
    for name in ("backend", "latent", "draws", "cycles", "replay", "seed", "timestep", "threads", "integrator")
} | {
    ("settings", "replay_learning"): "--learn-in-replay",
    ("neuron", "emission"): "--emission",
    ("neuron", "spikes_per_rate"): "--spikes-per-rate",
    ("growth", "method"): "--scaffold",
}
#: networks of more neurons are not grown again to see whether they come from their seed
GROWN_AGAIN = 3000
SCRIPT = """\
from dataclasses import replace
from pathlib import Path

from elise_pynn.results import read_run
from elise_pynn.run import run

done = read_run({folder!r})
untaught = replace(done.blueprint, weights=done.blueprint.initial_weights, initial_weights=None)
summary = run(done.sequence, Path("again"), done.settings, untaught.parameters, untaught)
print(summary["replay"])"""


def how_to_repeat(folder: Path, done: Run) -> tuple[str, str]:
    """Return a command that repeats a run, and its language.

    A line for the shell where `elise run` has options for all that the run differs by; else Python that starts from the run's folder.

    Returns
    -------
    str, str
        The command; ``bash`` or ``python``.
    """
    name = _built_in(done.sequence)
    if name is not None and _from_seed(done):
        found = [line for preset in PRESETS if (line := _options(preset, done)) is not None]
        if found:
            shortest = min(found, key=len)
            return shlex.join(["elise", "run", name, *shortest, "--out", "again"]), "bash"
    return SCRIPT.format(folder=str(folder)), "python"


def _built_in(sequence: Sequence) -> str | None:
    for name, make in BUILT_IN.items():
        if make(Reading()).to_dict() == sequence.to_dict():
            return name
    return None


def _from_seed(done: Run) -> bool:
    """Whether the network is one that the run's seed grows."""
    settings, blueprint = done.settings, done.blueprint
    drawn = drawn_seeds(settings.seed, settings.draws)
    if blueprint.seed not in drawn or blueprint.size > GROWN_AGAIN or blueprint.initial_weights is None or blueprint.connected is not None:
        return False
    grown = make_blueprint(blueprint.visible, blueprint.latent, blueprint.seed, blueprint.parameters)
    pairs = [(grown.weights, blueprint.initial_weights)]
    pairs += [(getattr(grown, key), getattr(blueprint, key)) for key in ("scaffold", "delay_dendritic", "delay_exc", "delay_inh")]
    return all(np.array_equal(one, other) for one, other in pairs)


def _options(preset: str, done: Run) -> list[str] | None:
    """Options that lead from a preset to the run; None when there are none for some of its values."""
    settings, parameters = configure_for(done.sequence, preset)
    words = [] if preset == "spiking" else ["--preset", preset]
    before: dict[str, dict[str, Any]] = {"settings": asdict(settings), **parameters.to_dict()}
    after: dict[str, dict[str, Any]] = {"settings": asdict(done.settings), **done.blueprint.parameters.to_dict()}
    for group, values in after.items():
        for field, value in values.items():
            if value == before[group][field]:
                continue
            option = OPTIONS.get((group, field))
            if option is None or value is False:
                return None
            words += [option] if value is True else [option, str(value)]
    return words
