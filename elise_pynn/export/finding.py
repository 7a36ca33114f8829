"""What a check of a network against a platform finds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that a platform asks for, and what the network has.

    Attributes
    ----------
    rule : str
        What is asked for, in a few words: ``weights``, ``fan-in``.
    found : str
        What the network has, with its number and unit.
    limit : str
        What the platform allows, with its number and unit.
    holds : bool or None
        None: stated, not judged.
    remedy : str
        What to do when it does not hold.
    """

    rule: str
    found: str
    limit: str = ""
    holds: bool | None = None
    remedy: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, fit for JSON."""
        return asdict(self)


def all_hold(findings: Iterable[Finding]) -> bool:
    """Whether none is violated."""
    return all(finding.holds is not False for finding in findings)
