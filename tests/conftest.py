"""Fixtures: NEST with our models, PyNN on NEST, and small networks."""

from __future__ import annotations

import importlib.util

import pytest

if importlib.util.find_spec("elise_pynn.nestml_models") is None:
    pytest.exit("run 'pytest', not 'python -m pytest': in the clone Python finds the sources instead of the installed package", 4)

from elise_pynn.backends import nest as backend
from elise_pynn.nestml_models import install


@pytest.fixture
def nest():
    """NEST after a reset, with our models."""
    kernel = backend.nest
    kernel.ResetKernel()
    kernel.verbosity = kernel.VerbosityLevel.ERROR
    install(kernel)
    return kernel


@pytest.fixture
def sim():
    """PyNN on NEST, set up at 0.1 ms."""
    backend.sim.setup(timestep=0.1, min_delay=0.1, max_delay=50.0, spike_precision="on_grid", verbosity="error")
    yield backend.sim
    backend.sim.end()
