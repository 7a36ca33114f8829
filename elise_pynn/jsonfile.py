"""Writing JSON so that a file is there whole or not at all, whatever happens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from elise_pynn.quantity import ParameterError
from elise_pynn.wholefile import write_whole

#: what went wrong when results are no numbers
RAN_AWAY = "the network's potentials are not numbers any more, its weights ran away: lower the learning rate or the time step."


def write_json(values: dict[str, Any], path: Path) -> None:
    """Write JSON to a file that appears whole or not at all, and survives a loss of power.

    Raises
    ------
    ParameterError
        When a value is not finite.
    """
    try:
        text = json.dumps(values, indent=2, allow_nan=False)
    except ValueError as error:
        raise ParameterError(RAN_AWAY) from error
    write_whole((text + "\n").encode(), path)
