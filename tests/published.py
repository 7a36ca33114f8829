"""The networks and the target of the authors' published code, drawn as it draws them, so that runs can be compared one by one.

Its random numbers are those of the GNU Scientific Library: a Mersenne twister, uniform numbers by division by 2^32, whole numbers by
rejection, normal ones by the polar method. Delays come from the seed + 123, the scaffold from the seed, the weights from the seed + 17.
"""

from __future__ import annotations

import math

import numpy as np

from elise_pynn import Blueprint, LearningParameters, NeuronParameters, Parameters, fuer_elise

#: constant learning rates, as published
PARAMETERS = Parameters(neuron=NeuronParameters(emission="rate"), learning=LearningParameters(eta=0.01, vv_factor=0.1, anneal_to=1.0))


class Twister:
    """A generator of GSL's numbers."""

    def __init__(self, seed: int) -> None:
        self._bits = np.random.MT19937()
        self._bits._legacy_seeding(seed)

    def uniform(self) -> float:
        """In [0, 1)."""
        return int(self._bits.random_raw()) / 2**32

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        share = (2**32 - 1) // n
        while (k := int(self._bits.random_raw()) // share) >= n:
            pass
        return k

    def normal(self, sd: float) -> float:
        """Normal with mean 0."""
        while True:
            x, y = 2 * self._positive() - 1, 2 * self._positive() - 1
            if 0 < (r2 := x * x + y * y) <= 1:
                return sd * y * math.sqrt(-2 * math.log(r2) / r2)

    def _positive(self) -> float:
        while (x := self.uniform()) == 0:
            pass
        return x


def network(seed: int, latent: int = 50, visible: int = 13) -> Blueprint:
    """The published code's network of a seed: end indices of a draw have half the weight of others, and an edge may occur twice."""
    n, numbers = visible + latent, Twister(seed + 123)
    delays = np.array([[numbers.below(101) + 50, numbers.below(101) + 50] for _ in range(n)]) / 10
    numbers, candidates, known = Twister(seed), list(range(visible)), set(range(visible))
    edges, in_degree = [], np.zeros(n, dtype=int)
    while candidates:
        pre = candidates.pop(math.floor(numbers.uniform() * (len(candidates) - 1) + 0.5))
        count = 0
        if numbers.uniform() >= 0.04:
            count = 1
            while numbers.uniform() < 0.2**count:
                count += 1
        for _ in range(count):
            while True:
                post = visible + math.floor(numbers.uniform() * (latent - 1) + 0.5)
                if post != pre and numbers.uniform() < 0.15 ** in_degree[post]:
                    break
            edges.append((pre, post))
            in_degree[post] += 1
            if post not in known:
                known.add(post)
                candidates.append(post)
    numbers = Twister(seed + 17)
    weights = np.array([[numbers.normal(0.5) if i != j else 0.0 for j in range(n)] for i in range(n)])
    edges = np.array(edges)
    blueprint = Blueprint(visible, np.unique(edges, axis=0), delays[:, 0], delays[:, 1], delays[:, 1] + 25, weights, PARAMETERS)
    object.__setattr__(blueprint, "scaffold", edges)  # in one of ten seeds an edge occurs twice
    return blueprint


def pattern() -> np.ndarray:
    """The published arrangement: ours from its last E4 on, highest note first, the last A2 and E3 of the left hand one step earlier."""
    ours = fuer_elise()
    shifted = np.roll(ours.pattern, 1, axis=1)
    for note in ("A2", "E3"):
        row = shifted[ours.channels.index(note)]
        last = np.flatnonzero(row)[-1]
        row[[last - 1, last]] = 1, 0
    return shifted[::-1]


def target() -> np.ndarray:
    """u* in mV at the beginning of each of 2500 steps of 0.1 ms, shape (13, 2500), with the published ramps."""
    notes, steps = pattern().astype(int), 100
    x = np.arange(steps) * 0.1

    def rise(x):
        return 20 / (1 + np.exp(-0.7 - x)) - 70

    def step(before, now, after):
        u = np.full(steps, -70.0)
        if now:
            u[:] = rise(10.0)
            if not before:
                early = slice(0, 67 if after else 50)
                u[early] = rise(x[early])
            if not after:
                late = slice(34 if before else 50, steps)
                u[late] = rise(10 - x[late])
        else:
            if after:
                u[67:] = rise(x[67:] - 10)
            if before:
                u[:34] = rise(-x[:34])
        return u

    columns = notes.shape[1]
    return np.array([np.concatenate([step(row[s - 1], row[s], row[(s + 1) % columns]) for s in range(columns)]) for row in notes])
