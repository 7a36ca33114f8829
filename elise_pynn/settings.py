"""What a user chooses for a run besides the sequence and the network's parameters."""

from __future__ import annotations

from dataclasses import dataclass

from elise_pynn.quantity import ParameterError, check, quantity

BACKENDS = ("nest", "engine")
INTEGRATORS = ("exponential", "reference")
#: NEST represents times in whole multiples of so many ms
TIC = 0.001


@dataclass(frozen=True)
class Settings:
    """Size, duration and simulator of a run; see ``elise run --help``."""

    backend: str = quantity("nest", "1", "simulator", choices=BACKENDS)
    latent: int = quantity(100, "1", "number of latent neurons", low=0, high=20_000)
    cycles: int = quantity(1000, "1", "training cycles", low=1, high=10_000_000)
    replay: int = quantity(30, "1", "replay cycles", low=1, high=1_000_000)
    draws: int = quantity(1, "1", "networks grown, of which the most promising one is taught", low=1, high=1000)
    seed: int = quantity(1, "1", "seed of scaffold, delays, weights and phases", low=0, high=2**31 - 2)
    timestep: float = quantity(0.1, "ms", "time step", symbol="dt", low=0.01, high=1.0)
    threads: int = quantity(1, "1", "threads of NEST", low=1, high=1024)
    replay_learning: bool = False
    integrator: str = quantity("exponential", "1", "how the engine advances a step", choices=INTEGRATORS)

    def __post_init__(self) -> None:
        check(self)
        if abs(self.timestep / TIC - round(self.timestep / TIC)) > 1e-6:
            raise ParameterError(f"timestep = {self.timestep} ms is not allowed: give a whole multiple of {TIC} ms.")
        if self.threads > 1 and self.backend == "engine":
            raise ParameterError(f"threads = {self.threads} with the engine, which takes one core per network: leave it out, or use NEST.")
        if self.integrator != "exponential" and self.backend != "engine":
            raise ParameterError(f"integrator = {self.integrator!r} is the engine's only: add --backend engine, or leave it out.")
