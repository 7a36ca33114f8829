"""SpiNNaker: stock cells with 16-bit weights and delays of whole steps. Replay only; nothing learns on the board."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from elise_pynn.analysis.spike_scores import SpikeScores
from elise_pynn.blueprint import on_grid
from elise_pynn.export.deployed import REPLAY, Deployed, replayed_without_scaffold, score_played
from elise_pynn.export.finding import Finding
from elise_pynn.export.spinnaker_mapping import MappingError, has_spynnaker, map_script
from elise_pynn.export.spinnaker_weights import RECEPTORS, BoardWeights, on_board
from elise_pynn.export.stock_script import stock_script
from elise_pynn.export.stock_teaching import AGAIN, Report, deploy_on_stock_cells
from elise_pynn.results import Run
from elise_pynn.stock_cells import STEPS, current_per_weight

TITLE, COMMAND = "SpiNNaker", "run.py {system}"
#: ms; the first one is that of networks that are taught again
TIMESTEPS = (1.0, 0.1)
#: neurons that a core takes at most; steps of delay without extension cores, and with all of them
PER_CORE, DELAY_STEPS, EXTENDED_STEPS = 256, 144, 1152
#: cores of a board that are free for networks
CORES = 48 * 16
#: share of the synapses that may become 0 unjudged
MOST_LOST = 0.01


def deploy(run: Run, report: Report | None = None) -> Deployed:
    """A network of the run for SpiNNaker, that plays well with its weights rounded as on the board.

    The weights are those before: `script` rounds them, and `findings` says what that does to them. The scores are those after.
    """
    network = deploy_on_stock_cells(run, TIMESTEPS, report, as_played=lambda tried: _rounded(tried)[0].scores)
    return replace(network, history=(*network.history, "Replayed with its weights rounded to the 16 bit of the board."))


def _rounded(network: Deployed) -> tuple[Deployed, list[BoardWeights], SpikeScores]:
    """The network as the board holds it, what rounding does to its weights, and its scores before."""
    activity = replayed_without_scaffold(network.blueprint, network.sequence, network.timestep, REPLAY)
    rounded, weights = on_board(network, activity)
    again = replayed_without_scaffold(rounded.blueprint, network.sequence, network.timestep, REPLAY)
    before, after = (score_played(a, network.blueprint, network.sequence, network.timestep) for a in (activity, again))
    return replace(rounded, scores=after), weights, before


def findings(network: Deployed) -> list[Finding]:
    """What SpiNNaker asks for, and what the network has; mapped on a virtual board when sPyNNaker is installed."""
    blueprint, dt = network.blueprint, network.timestep
    emission = blueprint.parameters.neuron.emission
    steps = np.rint(on_grid(blueprint.delay_dendritic, dt, least=2) / dt) - STEPS["spiNNaker"].later
    cores = sum(-(-n // PER_CORE) for n in (blueprint.visible, blueprint.latent))
    found = [
        Finding("cells", f"emission {emission}", "IF_curr_exp, which is threshold", emission == "threshold", AGAIN),
        Finding(
            "time step",
            f"{dt:g} ms, {1 / dt:g} times slower than real time" if dt < 1 else f"{dt:g} ms, real time",
            " or ".join(f"{step:g}" for step in TIMESTEPS) + " ms",
            dt in TIMESTEPS,
            AGAIN,
        ),
        Finding(
            "neurons",
            f"{blueprint.visible} + {blueprint.latent}: {cores} cores",
            f"{PER_CORE} a core, {CORES} cores a board",
            cores <= CORES,
            "teach fewer --latent neurons.",
        ),
        Finding(
            "delays",
            f"{steps.min():.0f} to {steps.max():.0f} whole steps",
            f"1 to {DELAY_STEPS} steps, {EXTENDED_STEPS} with extension cores",
            bool(steps.min() >= 1 and steps.max() <= EXTENDED_STEPS),
            "teach with shorter delays (parameter delays.high).",
        ),
    ]
    if emission != "threshold" or network.scores is None or dt not in TIMESTEPS:
        return [*found, Finding("weights, replay, mapping", "not tried: they are those of another cell", "", None, AGAIN)]
    rounded, weights, before = _rounded(network)
    assert rounded.scores
    return [
        *found,
        *(_weights(part) for part in weights),
        Finding(
            "replay",
            f"{rounded.scores.in_words()}; before rounding: {before.in_words()}",
            "every cycle sustained, without scaffold, with the board's weights",
            rounded.scores.sustained,
            "elise export draws another network when this one needs its scaffold.",
        ),
        *_mapped(network, rounded),
    ]


def _weights(part: BoardWeights) -> Finding:
    error, several = float(np.abs(part.errors).max(initial=0.0)), part.errors.size
    return Finding(
        f"weights, {part.receptor}, to {part.population}",
        f"last bit {part.step * 1000:.4f} pA: error at most {error:.2f} of it, {part.lost} of {several} become 0; "
        f"at most {part.largest:.3f} nA in a step",
        f"half a bit; {MOST_LOST:.0%} become 0; {part.capacity:.3f} nA in a step",
        part.lost <= MOST_LOST * several,
        "fewer large weights: teach with a larger --spikes-per-rate or more --latent neurons.",
    )


def _mapped(network: Deployed, rounded: Deployed) -> list[Finding]:
    if not has_spynnaker():
        return [Finding("mapping", "not tried: sPyNNaker is missing", "", None, 'pip install "elise-pynn[spinnaker]"')]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "run.py")
        path.write_text(script(network))
        try:
            mapping = map_script(path)
        except MappingError as error:
            return [Finding("mapping", f"refused: {error}", "a virtual board", False, "change what sPyNNaker complains of.")]
    served = f"{mapping.cores} cores, {mapping.all_cores} with those that serve {mapping.chips} chips"
    sizes = f"{served}; {mapping.sdram / 2**20:.2f} MiB of SDRAM"
    unit = current_per_weight(network.blueprint.parameters.neuron, network.timestep, STEPS["spiNNaker"])
    delays = on_grid(network.blueprint.delay_dendritic, network.timestep, least=2)
    count, off, late = 0, 0.0, 0.0
    for (source, goal, receptor), rows in mapping.synapses.items():
        pre, post = network.blueprint.members(source), network.blueprint.members(goal)
        block = rounded.blueprint.weights[post, pre] * (1 if receptor == RECEPTORS[0] else -1) * unit
        i, j = rows[:, 1].astype(int), rows[:, 0].astype(int)
        off = max(off, float(np.abs(np.abs(rows[:, 2]) - block[i, j]).max(initial=0.0)))
        late = max(late, float(np.abs(rows[:, 3] - delays[pre][j]).max(initial=0.0)))
        count += len(rows)
    wanted = int((rounded.blueprint.weights != 0).sum())
    return [
        Finding("mapping", sizes, "a virtual board of 48 chips", True),
        Finding(
            "synapses on the board",
            f"{count} of {wanted} that are not 0; weights off by {off:.1e} nA, delays by {late:.1e} ms",
            "all, as computed here",
            count == wanted and off < 1e-5 and late < 1e-6,
            "report it: elise-pynn and sPyNNaker do not agree.",
        ),
    ]


def script(network: Deployed, cycles: int = REPLAY) -> str:
    """Text of a script that replays on SpiNNaker, or on NEST with the same weights."""
    rounded, weights, _ = _rounded(network)
    names = ["visible", "latent"][: 2 if network.blueprint.latent else 1]
    expected = {name: {"max_expected_summed_weight": [part.expected for part in weights if part.population == name]} for name in names}
    slower = {} if network.timestep >= 1 else {"time_scale_factor": round(1 / network.timestep)}
    setup: dict[str, dict[str, Any]] = {
        "spiNNaker": slower,
        "nest": {"max_delay": float(np.ceil(network.blueprint.delay_dendritic.max() + 1)), "spike_precision": "on_grid"},
    }
    return stock_script(rounded, cycles, setup, {"spiNNaker": expected, "nest": {}}, "no board has run it")


def configuration(network: Deployed) -> dict[str, Any]:
    """The job's configuration: nothing needs to be said."""
    return {}
