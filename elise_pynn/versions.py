"""Versions of everything that can change a result."""

from __future__ import annotations

import importlib.metadata
import platform

PACKAGES = {
    "elise_pynn": "elise-pynn",
    "nest": "nest-simulator",
    "pynn": "PyNN",
    "neo": "neo",
    "numpy": "numpy",
    "scipy": "scipy",
    "numba": "numba",
}


def versions() -> dict[str, str]:
    """Name and version of each, and of Python."""
    found = {key: importlib.metadata.version(name) for key, name in PACKAGES.items()}
    return {**found, "python": platform.python_version()}
