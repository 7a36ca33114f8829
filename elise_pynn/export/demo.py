"""The job service's demonstration platform: the stock cells on NEST, to try a submission with."""

from __future__ import annotations

from typing import Any

import numpy as np

from elise_pynn.export.deployed import REPLAY, Deployed
from elise_pynn.export.finding import Finding
from elise_pynn.export.stock_script import stock_script
from elise_pynn.export.stock_teaching import AGAIN, Report, deploy_on_stock_cells
from elise_pynn.results import Run

TITLE, COMMAND = "Demo", "run.py nest"
#: ms; the first one is that of networks that are taught again
TIMESTEPS = (1.0, 0.1)


def deploy(run: Run, report: Report | None = None) -> Deployed:
    """A network of the run for stock cells."""
    return deploy_on_stock_cells(run, TIMESTEPS, report)


def findings(network: Deployed) -> list[Finding]:
    """What stock cells on NEST ask for, and what the network has."""
    emission = network.blueprint.parameters.neuron.emission
    found = [Finding("cells", f"emission {emission}", "IF_curr_exp, which is threshold", emission == "threshold", AGAIN)]
    if network.scores:
        played, remedy = network.scores.in_words(), "elise export draws another network when this one needs its scaffold."
        found.append(Finding("replay", played, "every cycle sustained, without scaffold", network.scores.sustained, remedy))
    return found


def script(network: Deployed, cycles: int = REPLAY) -> str:
    """Text of a script that replays on NEST."""
    longest = float(np.ceil(network.blueprint.delay_dendritic.max() + 1))
    setup: dict[str, dict[str, Any]] = {"nest": {"max_delay": longest, "spike_precision": "on_grid"}}
    return stock_script(network, cycles, setup, {"nest": {}}, "the demonstration platform has not run it")


def configuration(network: Deployed) -> dict[str, Any]:
    """The job's configuration: empty."""
    return {}
