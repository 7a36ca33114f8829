"""The platforms, by name.

The module of a platform has

* ``TITLE``: its name as the job service writes it; ``COMMAND``: what a job there runs;
* ``findings(network)``: what the platform asks for against what a `Deployed` network has, whether the network was made for it or not;
* ``deploy(run, report)``: a `Deployed` network for it, made of a `Run`: as it is when it can be, else taught again in a form that the
  platform plays; replays without scaffold that fail are re-drawn, all this noted in its history;
* ``script(network)``: the text of a ``run.py`` that needs nothing but what the platform has;
* ``configuration(network)``: what goes into the job's configuration, plain values.
"""

from __future__ import annotations

import importlib
from typing import Any

from elise_pynn.quantity import ParameterError

#: name: module
PLATFORMS = {"spinnaker": "spinnaker", "brainscales2": "brainscales2", "demo": "demo"}


def platform(name: str) -> Any:
    """The module of a platform.

    Raises
    ------
    ParameterError
        When there is no such platform.
    """
    if name not in PLATFORMS:
        raise ParameterError(f"platform = {name!r} is not allowed: give one of {', '.join(PLATFORMS)}.")
    return importlib.import_module(f"elise_pynn.export.{PLATFORMS[name]}")
