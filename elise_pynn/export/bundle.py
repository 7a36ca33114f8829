"""The folder that is submitted: script, configuration, network, what was checked, and how to use it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elise_pynn import __version__
from elise_pynn.export.deployed import Deployed
from elise_pynn.export.finding import Finding, all_hold
from elise_pynn.export.platforms import platform
from elise_pynn.jsonfile import write_json
from elise_pynn.quantity import ParameterError

SCRIPT, CONFIGURATION, DESCRIPTION, NETWORK, READ_ME = "run.py", "config.json", "bundle.json", "blueprint.npz", "README.md"
#: bytes; the job service inlines scripts below it
LARGEST_SCRIPT = 2**20


@dataclass(frozen=True)
class Bundle:
    """A bundle read back.

    Attributes
    ----------
    folder : Path
    title, command : str
        The platform as the job service calls it, and what a job runs.
    configuration : dict
    description : dict
        As in ``bundle.json``.
    script : str
        Text of the script.
    """

    folder: Path
    title: str
    command: str
    configuration: dict[str, Any]
    description: dict[str, Any]
    script: str


def write_bundle(name: str, network: Deployed, findings: list[Finding], out: Path) -> Path:
    """Write a bundle for a platform.

    Raises
    ------
    ParameterError
        When `out` is there and not empty, cannot be written, or the network is too large for a script.
    """
    module = platform(name)
    check_free(out)
    text = module.script(network)
    if len(text.encode()) >= LARGEST_SCRIPT:
        raise ParameterError(
            f"the script would have {len(text.encode()) / 2**20:.1f} MiB, and the job service takes less than 1 MiB: "
            f"teach fewer than {network.blueprint.size} neurons."
        )
    description = {
        "platform": name,
        "title": module.TITLE,
        "command": module.COMMAND,
        "elise_pynn": __version__,
        "sequence": network.sequence.name,
        "visible": network.blueprint.visible,
        "latent": network.blueprint.latent,
        "timestep_ms": network.timestep,
        "history": list(network.history),
        "scores": network.scores.to_dict() if network.scores else None,
        "findings": [finding.to_dict() for finding in findings],
        "all_hold": all_hold(findings),
    }
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    except OSError as error:
        raise ParameterError(f"cannot write to {out.parent}: {error.strerror}. Give --out a folder that you may write to.") from error
    try:
        (part / SCRIPT).write_text(text)
        write_json(module.configuration(network), part / CONFIGURATION)
        write_json(description, part / DESCRIPTION)
        network.blueprint.save(part / NETWORK)
        (part / READ_ME).write_text(_read_me(module, network, findings))
        part.chmod(0o755)
        os.replace(part, out)
    except OSError as error:
        raise ParameterError(f"cannot write {out}: {error.strerror}. Give --out another folder.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return out


def check_free(out: Path) -> None:
    """Raise ParameterError when a bundle cannot be written there."""
    try:
        if out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise ParameterError(f"{out} is there and not empty: give --out a new folder.")
        above = next(folder for folder in out.absolute().parents if folder.exists())
        if not above.is_dir() or not os.access(above, os.W_OK):
            raise ParameterError(f"cannot write to {above}: give --out a folder that you may write to.")
    except OSError as error:
        raise ParameterError(f"cannot write to {out}: {error.strerror}. Give --out another folder.") from error


def _read_me(module: Any, network: Deployed, findings: list[Finding]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("elise_pynn.export"), undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False, trim_blocks=True
    )
    return environment.get_template("bundle_readme.md.j2").render(
        title=module.TITLE, command=module.COMMAND, network=network, findings=findings, version=__version__
    )


def read_bundle(folder: Path) -> Bundle:
    """Read a bundle back.

    Raises
    ------
    ParameterError
        When the folder holds none, or a damaged one.
    """
    try:
        description = json.loads((folder / DESCRIPTION).read_text())
        configuration = json.loads((folder / CONFIGURATION).read_text(), parse_constant=_refuse)
        script = (folder / SCRIPT).read_text()
        bundle = Bundle(folder, str(description["title"]), str(description["command"]), dict(configuration), dict(description), script)
    except OSError as error:
        raise ParameterError(f"{folder} holds no bundle ({error.strerror}): give a folder that 'elise export' has made.") from error
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise ParameterError(f"{folder} is a damaged bundle ({error}): export it again.") from error
    if len(script.encode()) >= LARGEST_SCRIPT:
        raise ParameterError(f"{folder / SCRIPT} has {len(script.encode()) / 2**20:.1f} MiB, and the job service takes less than 1 MiB.")
    return bundle


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
