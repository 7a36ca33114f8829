"""The blueprint: pure data that describe one network, the same for every backend, and its file."""

from __future__ import annotations

import hashlib
import io
import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from elise_pynn.delay_policy import obeying
from elise_pynn.parameters import Parameters
from elise_pynn.quantity import ParameterError
from elise_pynn.scaffold import grow_scaffold
from elise_pynn.wholefile import write_whole

DELAYS = ("delay_dendritic", "delay_exc", "delay_inh")


@dataclass(frozen=True)
class Blueprint:
    """One network.

    Attributes
    ----------
    visible : int
        Number of visible neurons, the first ones; the others are latent.
    scaffold : ndarray of int, shape (edges, 2)
        Columns pre, post.
    delay_dendritic, delay_exc, delay_inh : ndarray, shape (neurons,)
        Delays in ms of each presynaptic neuron's dendritic synapses and of its scaffold's excitatory and inhibitory part.
    weights : ndarray, shape (neurons, neurons)
        Dendritic weights, post x pre, mV per unit rate; the diagonal is zero.
    parameters : Parameters
    seed : int
        Seeds the initial phases; the rest is stored.
    initial_weights : ndarray or None
        The weights before training, when `weights` are trained ones.
    connected : ndarray of bool, shape (neurons, neurons), or None
        Which dendritic synapses there are, post x pre; None: all but from a neuron to itself.
    """

    visible: int
    scaffold: np.ndarray
    delay_dendritic: np.ndarray
    delay_exc: np.ndarray
    delay_inh: np.ndarray
    weights: np.ndarray
    parameters: Parameters = field(default_factory=Parameters)
    seed: int = 1
    initial_weights: np.ndarray | None = None
    connected: np.ndarray | None = None

    def __post_init__(self) -> None:
        n = len(np.atleast_1d(self.delay_dendritic))
        if not 0 < self.visible <= n:
            raise ParameterError(f"visible = {self.visible} with {n} neurons: give a number from 1 to {n}.")
        for name in DELAYS:
            _set(self, name, np.asarray(getattr(self, name), dtype=float), (n,))
            if not (getattr(self, name) > 0).all():
                raise ParameterError(f"{name} holds delays that are not above 0 ms: give one delay per neuron.")
        _set(self, "weights", np.asarray(self.weights, dtype=float), (n, n))
        if np.diagonal(self.weights).any():
            raise ParameterError("weights has a diagonal that is not zero: neurons do not connect to themselves.")
        if self.initial_weights is not None:
            _set(self, "initial_weights", np.asarray(self.initial_weights, dtype=float), (n, n))
        if self.connected is not None:
            connected = np.asarray(self.connected).astype(bool)
            if connected.shape != (n, n) or np.diagonal(connected).any() or self.weights[~connected].any():
                raise ParameterError(
                    f"connected of shape {connected.shape}: give ({n}, {n}), False on the diagonal, and weights of 0 where it is False."
                )
            object.__setattr__(self, "connected", connected)
        edges = np.asarray(self.scaffold)
        if edges.size == 0:
            edges = np.empty((0, 2), dtype=np.int64)
        if edges.ndim != 2 or edges.shape[1] != 2:
            raise ParameterError(f"scaffold of shape {edges.shape}: give one row per edge and two columns pre, post.")
        if self.seed < 0:
            raise ParameterError(f"seed = {self.seed} is not allowed: give a whole number from 0 on.")
        if edges.size and not (np.issubdtype(edges.dtype, np.integer) and edges.min() >= 0 and edges.max() < n):
            raise ParameterError(f"scaffold must hold neuron numbers from 0 to {n - 1} as integers, in two columns pre, post.")
        if len(np.unique(edges, axis=0)) != len(edges) or (edges[:, 0] == edges[:, 1]).any():
            raise ParameterError("scaffold holds an edge twice or an edge from a neuron to itself: give each edge once.")
        if edges.size and edges[:, 1].min() < self.visible:
            raise ParameterError("scaffold holds an edge to a visible neuron: its targets must be latent.")
        object.__setattr__(self, "scaffold", edges.astype(np.int64))

    @property
    def size(self) -> int:
        """Number of neurons."""
        return len(self.delay_dendritic)

    @property
    def latent(self) -> int:
        """Number of latent neurons."""
        return self.size - self.visible

    def members(self, population: str) -> slice:
        """Neuron numbers of a population, ``visible`` or ``latent``."""
        return slice(0, self.visible) if population == "visible" else slice(self.visible, self.size)

    @property
    def in_degree(self) -> np.ndarray:
        """Number of scaffold sources of each neuron."""
        return np.bincount(self.scaffold[:, 1], minlength=self.size)

    def sparse(self, density: float, protect_scaffold: bool = False) -> Blueprint:
        """Return the same network with only a part of its dendritic synapses, drawn by the seed.

        Parameters
        ----------
        density : float
            Probability with which each synapse is kept.
        protect_scaffold : bool
            Keep all synapses between neurons that the scaffold connects in the same direction.
        """
        if not 0 < density <= 1:
            raise ParameterError(f"density = {density} is not allowed: give a number in (0, 1].")
        kept = np.random.default_rng([self.seed, 4]).random(self.weights.shape) <= density
        if protect_scaffold:
            kept[self.scaffold[:, 1], self.scaffold[:, 0]] = True
        np.fill_diagonal(kept, False)
        return replace(self, weights=np.where(kept, self.weights, 0.0), connected=kept)

    def initial_phases(self) -> np.ndarray:
        """Initial phase of each neuron's emission, uniform in [0, 1)."""
        return np.random.default_rng([self.seed, 3]).random(self.size)

    def trained(self, weights: np.ndarray) -> Blueprint:
        """Return the same network with trained `weights`, keeping the present ones as initial weights."""
        return replace(self, weights=weights, initial_weights=self.weights)

    def save(self, path: str | os.PathLike) -> None:
        """Write the blueprint to one ``.npz`` file; the file appears whole or not at all."""
        archive = io.BytesIO()
        np.savez_compressed(archive, **self._arrays())
        write_whole(archive.getvalue(), Path(path))

    def digest(self) -> str:
        """SHA-256 of everything in the blueprint."""
        found = hashlib.sha256()
        for name, value in sorted(self._arrays().items()):
            array = np.ascontiguousarray(value)
            found.update(f"{name} {array.dtype.kind} {array.shape}\n".encode())
            found.update(str(array).encode() if array.dtype.kind == "U" else array.tobytes())
        return found.hexdigest()

    def _arrays(self) -> dict[str, Any]:
        """What the file holds, by name."""
        arrays: dict[str, Any] = {name: getattr(self, name) for name in ("visible", "scaffold", *DELAYS, "weights", "seed")}
        if self.initial_weights is not None:
            arrays["initial_weights"] = self.initial_weights
        if self.connected is not None:
            arrays["connected"] = self.connected
        arrays["parameters"] = np.array(json.dumps(self.parameters.to_dict()))
        return arrays

    @classmethod
    def load(cls, path: str | os.PathLike) -> Blueprint:
        """Read a blueprint; never unpickles.

        Raises
        ------
        ParameterError
            When the file holds no blueprint.
        """
        try:
            file = np.load(path, allow_pickle=False)
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ValueError("it is no .npz archive")
            with file:
                arrays = {name: file[name] for name in file.files}
        except Exception as error:  # numpy, zipfile, zlib and the tokenizer of headers each raise their own
            reason = "it holds pickled objects, which are never loaded" if "pickle" in str(error) else str(error)[:200]
            raise ParameterError(f"cannot read the blueprint {path}: {reason}. Give a file that Blueprint.save wrote.") from error
        missing = [name for name in ("visible", "scaffold", *DELAYS, "weights") if name not in arrays]
        if missing:
            raise ParameterError(f"the blueprint {path} lacks {', '.join(missing)}. Give a file that Blueprint.save wrote.")
        try:
            values = json.loads(str(arrays.pop("parameters", "{}")))
            if not isinstance(values, dict) or not all(isinstance(group, dict) for group in values.values()):
                raise ValueError("its parameters are no JSON object of groups")
            return cls(
                visible=int(arrays.pop("visible")),
                seed=int(arrays.pop("seed", 1)),
                parameters=Parameters.from_dict(values),
                **arrays,
            )
        except (TypeError, ValueError, RecursionError) as error:
            raise ParameterError(f"the blueprint {path} is not valid: {str(error)[:500]}") from error


def _set(blueprint: Blueprint, name: str, value: np.ndarray, shape: tuple[int, ...]) -> None:
    if value.shape != shape or not np.isfinite(value).all():
        raise ParameterError(f"{name} must hold finite numbers of shape {shape}; it has shape {value.shape}.")
    object.__setattr__(blueprint, name, value)


def make_blueprint(visible: int, latent: int, seed: int = 1, parameters: Parameters | None = None) -> Blueprint:
    """Grow a network from a seed.

    Parameters
    ----------
    visible, latent : int
        Sizes of the populations.
    seed : int
        Scaffold, delays, weights and phases come from separate streams of it.
    parameters : Parameters

    Returns
    -------
    Blueprint
    """
    if visible < 1 or latent < 0 or seed < 0:
        raise ParameterError(
            f"visible = {visible}, latent = {latent}, seed = {seed} are not allowed: give visible >= 1, latent >= 0, seed >= 0."
        )
    parameters = parameters or Parameters()
    n = visible + latent
    scaffold = grow_scaffold(visible, latent, parameters.growth, np.random.default_rng([seed, 0]))
    delays, rng = parameters.delays, np.random.default_rng([seed, 1])
    delay_dendritic, delay_exc = rng.uniform(delays.low, delays.high, (2, n))
    weights = np.random.default_rng([seed, 2]).normal(0, parameters.learning.initial_sd, (n, n))
    np.fill_diagonal(weights, 0)
    return Blueprint(
        visible=visible,
        scaffold=scaffold,
        delay_dendritic=obeying(delay_dendritic, delays),
        delay_exc=delay_exc,
        delay_inh=delay_exc + delays.inhibitory_lag,
        weights=weights,
        parameters=parameters,
        seed=seed,
    )


def in_steps(delays: np.ndarray, dt: float, least: int = 1) -> np.ndarray:
    """Delays in ms as whole numbers of time steps, at least `least` of them."""
    return np.maximum(np.round(np.asarray(delays) / dt), least).astype(np.int64)


def on_grid(delays: np.ndarray, dt: float, least: int = 1) -> np.ndarray:
    """Round delays in ms to whole time steps, at least `least` of them."""
    return in_steps(delays, dt, least) * dt
