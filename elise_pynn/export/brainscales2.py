"""BrainScaleS-2: analog circuits with 6-bit weights and one delay. Replay only; nothing learns on the chip by itself."""

from __future__ import annotations

from typing import Any

from elise_pynn.export.brainscales2_limits import findings
from elise_pynn.export.brainscales2_script import script
from elise_pynn.export.brainscales2_teaching import deploy
from elise_pynn.export.deployed import Deployed

TITLE, COMMAND = "BrainScaleS-2", "run.py"

__all__ = ["COMMAND", "TITLE", "configuration", "deploy", "findings", "script"]


def configuration(network: Deployed) -> dict[str, Any]:
    """The job's configuration: the platform's present software."""
    return {"SOFTWARE_VERSION": "stable"}
