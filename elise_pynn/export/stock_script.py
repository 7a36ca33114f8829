"""The script that replays a deployed network on stock PyNN cells, with everything it needs inside."""

from __future__ import annotations

import base64
import importlib
import inspect
import io
import pprint
import re
import textwrap
from typing import Any

import numpy as np

from elise_pynn import __version__
from elise_pynn.blueprint import on_grid
from elise_pynn.export.deployed import Deployed, sampling_interval
from elise_pynn.protocol import CUE_CYCLES, target_rates
from elise_pynn.stock_cells import STEPS, V_REST, V_THRESH, cell_parameters, cue_currents, current_per_weight

#: what the script leaves: spikes, scores
RESULTS = ("replay.npz", "scores.json")
#: modules of the analysis that score spikes, in the order of their imports
SCORING = ("scores", "notes", "spike_scores")


def stock_script(
    network: Deployed, cycles: int, setup: dict[str, dict[str, Any]], populations: dict[str, dict[str, Any]], untried: str
) -> str:
    """Text of a ``run.py``.

    Parameters
    ----------
    network : Deployed
    cycles : int
        Replay cycles that are scored.
    setup : dict
        Arguments of PyNN's ``setup`` by system, besides time step and shortest delay.
    populations : dict
        More arguments of PyNN's ``Population`` by system and population.
    untried : str
        What has not been tried.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    blueprint, neuron, dt = network.blueprint, network.blueprint.parameters.neuron, network.timestep
    template = Environment(
        loader=PackageLoader("elise_pynn.export"), undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
    ).get_template("stock_run.py.j2")
    return template.render(
        name=re.sub(r"[^\w ,.()-]", "_", network.sequence.name),
        version=__version__,
        arxiv="arXiv:2402.16763",
        untried=untried,
        timestep=dt,
        period=network.sequence.period,
        cue_cycles=CUE_CYCLES,
        cycles=cycles,
        visible=blueprint.visible,
        latent=blueprint.latent,
        step_ms=network.sequence.step_ms,
        spikes_per_rate=neuron.spikes_per_rate,
        interval=sampling_interval(network.sequence, network.timestep),
        cell=pprint.pformat(cell_parameters(neuron), sort_dicts=False),
        systems=repr({system: (current_per_weight(neuron, dt, STEPS[system]), STEPS[system].later) for system in setup}),
        setup=pprint.pformat(setup, sort_dicts=False),
        populations=pprint.pformat(populations, sort_dicts=False),
        results=" and ".join(RESULTS),
        results_repr=repr(RESULTS),
        scoring=scoring_source(),
        network=_packed(network),
    )


def _packed(network: Deployed) -> str:
    """The network's arrays as lines of Python strings."""
    blueprint, sequence, dt = network.blueprint, network.sequence, network.timestep
    neuron = blueprint.parameters.neuron
    currents = cue_currents(neuron, sequence.target(dt, neuron), blueprint.parameters.learning.nudging)
    times, amplitudes = _changes(currents, dt)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        weights=blueprint.weights.astype(np.float32),
        delays=on_grid(blueprint.delay_dendritic, dt, least=2),
        initial=V_REST + (V_THRESH - V_REST) * blueprint.initial_phases(),
        cue_times=times,
        cue_currents=amplitudes,
        target=target_rates(sequence, blueprint, dt, sampling_interval(network.sequence, network.timestep)),
        pattern=np.empty(0) if sequence.continuous.any() else sequence.pattern,
    )
    lines = textwrap.wrap(base64.b64encode(buffer.getvalue()).decode(), 120)
    return "\n".join(f'    "{line}"' for line in lines)


def _changes(currents: np.ndarray, timestep: float) -> tuple[np.ndarray, np.ndarray]:
    """Times in ms and values of a current's changes over the cue, a row per channel, filled up with NaN."""
    rows = []
    for current in np.tile(currents, CUE_CYCLES):
        at = np.flatnonzero(np.diff(current, prepend=np.inf))
        rows.append((np.append(at, len(current)) * timestep, np.append(current[at], 0.0)))
    filled = np.full((2, len(rows), max(len(times) for times, _ in rows)), np.nan)
    for k, (times, values) in enumerate(rows):
        filled[:, k, : len(times)] = times, values
    return filled[0], filled[1]


def scoring_source() -> str:
    """Source of the scores, in one piece: the platform has no elise-pynn."""
    pieces, needed = [], []
    for name in SCORING:
        text = inspect.getsource(importlib.import_module(f"elise_pynn.analysis.{name}"))
        text = text.split('"""', 2)[2]
        needed += re.findall(r"^from (?:dataclasses|typing|scipy)\S* import .*\n", text, flags=re.M)
        pieces.append(re.sub(r"^(?:from|import) .*\n", "", text, flags=re.M).strip())
    imports = "".join(line for line in dict.fromkeys(needed) if "scipy" not in line)
    scipy = textwrap.indent("".join(line for line in dict.fromkeys(needed) if "scipy" in line), "    ")
    return f"{imports}\ntry:\n{scipy}    SCIPY = True\nexcept ImportError:\n    SCIPY = False\n\n\n" + "\n\n\n".join(pieces)
