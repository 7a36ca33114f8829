"""A fast simulation of blueprints of our own: the paper's rate form, and the spiking form that the NESTML models have.

One core per network; compiled by numba on first use, then cached.
"""

from elise_pynn.engine.simulation import EngineSimulation

__all__ = ["EngineSimulation"]
