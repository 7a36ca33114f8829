"""A fast simulation of blueprints of our own: the paper's rate form, and the spiking form that the NESTML models have.

One core per network; compiled by numba on first use, then cached.
"""

from pathlib import Path

from elise_pynn.engine import rate
from elise_pynn.engine.compiled import forget_stale
from elise_pynn.engine.simulation import EngineSimulation

forget_stale(Path(str(rate.simulate.stats.cache_path)), Path(__file__).parent)

__all__ = ["EngineSimulation"]
