"""The rate form's step in plain numpy, the way one writes it first: what the engine's speed is compared with."""

from __future__ import annotations

import numpy as np

from elise_pynn.blueprint import Blueprint, in_steps


class NaiveRate:
    """The published order of updates, nudged and learning, with the weights post x pre.

    Parameters
    ----------
    blueprint : Blueprint
    target : ndarray, shape (visible, steps)
        u* in mV.
    timestep : float
        ms.
    learning_rate : float
        eta in 1/ms.
    """

    def __init__(self, blueprint: Blueprint, target: np.ndarray, timestep: float, learning_rate: float) -> None:
        p, learning, n, visible = blueprint.parameters.neuron, blueprint.parameters.learning, blueprint.size, blueprint.visible
        self.neuron, self.dt, self.target, self.visible = p, timestep, target, visible
        delays = [in_steps(d, timestep, 2) for d in (blueprint.delay_dendritic, blueprint.delay_exc, blueprint.delay_inh)]
        self.delay_dendritic, self.delay_exc, self.delay_inh = delays[0] - 2, delays[1] - 1, delays[2] - 1
        self.ring = np.zeros((max(int(d.max()) for d in delays) + 1, n))
        self.everyone, self.pre, self.post = np.arange(n), blueprint.scaffold[:, 0], blueprint.scaffold[:, 1]
        self.u, self.v, self.x = np.full(n, p.E_L), np.full(n, p.E_L), np.zeros(n)
        self.weights = blueprint.weights.copy()
        self.eta = np.full((n, n), learning_rate * timestep)
        self.eta[:visible, :visible] *= learning.vv_factor
        np.fill_diagonal(self.eta, 0.0)
        self.teacher = learning.nudging / (1 - learning.nudging) * (p.g_L + p.g_D)
        self.step = 0

    def _delayed(self, delays: np.ndarray) -> np.ndarray:
        return self.ring[(self.step - delays) % len(self.ring), self.everyone]

    def advance(self) -> None:
        """Simulate a step."""
        p, dt, n = self.neuron, self.dt, len(self.u)
        r = self._delayed(self.delay_dendritic)
        rest = p.rate(p.E_L)
        g_exc = p.g_exc0 * np.bincount(self.post, np.maximum(self._delayed(self.delay_exc), rest)[self.pre], n)
        g_inh = p.g_inh0 * np.bincount(self.post, np.maximum(self._delayed(self.delay_inh), rest)[self.pre], n)
        current = p.g_L * (p.E_L - self.u) + p.g_D * (self.v - self.u) + g_exc * (p.E_exc - self.u) + g_inh * (p.E_inh - self.u)
        goal = self.target[:, self.step % self.target.shape[1]]
        current[: self.visible] += self.teacher * (goal - self.u[: self.visible])
        self.u += dt * current
        prediction = (p.g_L * p.E_L + p.g_D * self.v) / (p.g_L + p.g_D)
        self.v += dt * p.g_L * (p.E_L - self.v + self.weights @ r)
        self.x += dt * (p.g_L * p.g_D / (p.g_L + p.g_D) * r - p.g_L * self.x)
        rate = p.rate(self.u)
        self.weights += self.eta * np.outer(rate - p.rate(prediction), self.x)
        self.step += 1
        self.ring[self.step % len(self.ring)] = rate
