"""Growth of the scaffold: the sparse, static, soma-targeting connections from the visible into the latent population."""

from __future__ import annotations

import numpy as np

from elise_pynn.parameters import GrowthParameters
from elise_pynn.quantity import ParameterError

#: edges that the published growth makes, at most
MOST_EDGES = 300_000


def grow_scaffold(visible: int, latent: int, growth: GrowthParameters, rng: np.random.Generator) -> np.ndarray:
    """Grow a scaffold.

    Parameters
    ----------
    visible, latent : int
        Sizes; neurons 0 .. visible - 1 are visible, the rest latent.
    growth : GrowthParameters
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (edges, 2)
        Columns pre, post; every post is latent, no edge occurs twice.

    Raises
    ------
    ParameterError
        When the published growth would make more than `MOST_EDGES`.
    """
    if latent == 0:
        return np.empty((0, 2), dtype=np.int64)
    if growth.method == "published":
        _check_size(visible, latent, growth)
    grow = _grow_tree if growth.method == "tree" else _grow_published
    return np.array(grow(visible, latent, growth, rng), dtype=np.int64).reshape(-1, 2)


def _check_size(visible: int, latent: int, growth: GrowthParameters) -> None:
    """Raise ParameterError when everybody would connect to so many that growth takes minutes, or days."""
    n = np.arange(latent)
    mean = float(np.sum(growth.p ** (n * (n + 1) / 2.0))) * (1 - growth.p_0)
    if (visible + latent) * mean > MOST_EDGES:
        raise ParameterError(
            f"p = {growth.p} (probability of a further connection) lets {visible + latent} neurons make about {mean:.0f} connections each, "
            f"more than {MOST_EDGES} in all: give a smaller p, fewer latent neurons, or the method tree."
        )


def _number_of_connections(growth: GrowthParameters, rng: np.random.Generator, limit: int) -> int:
    if rng.random() < growth.p_0:
        return 0
    n = 1
    while n < limit and rng.random() < growth.p**n:
        n += 1
    return min(n, limit)


def _grow_published(visible: int, latent: int, growth: GrowthParameters, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Growth as published: any latent neuron may be drawn, accepted with q^(in-degree); ends when no candidate is left."""
    edges: list[tuple[int, int]] = []
    in_degree = np.zeros(visible + latent, dtype=int)
    candidates = list(range(visible))
    while candidates:
        pre = candidates.pop(int(rng.integers(len(candidates))))
        free = set(range(visible, visible + latent)) - {pre}
        for _ in range(_number_of_connections(growth, rng, limit=len(free))):
            # Drawing uniformly until one is accepted with q^k is drawing with probabilities proportional to q^k.
            options = np.array(sorted(free))
            if growth.q == 0 and in_degree[options].all():
                break
            acceptance = growth.q ** (in_degree[options] - in_degree[options].min()).astype(float)
            post = int(rng.choice(options, p=acceptance / acceptance.sum()))
            free.discard(post)
            edges.append((pre, post))
            in_degree[post] += 1
            if in_degree[post] == 1:
                candidates.append(post)
    return edges


def _grow_tree(visible: int, latent: int, growth: GrowthParameters, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Growth without loops: visible neurons first, each with n_min edges or more, and only to latent neurons not reached yet."""
    n_min = growth.n_min or (2 if latent >= 6 * visible else 1)
    edges: list[tuple[int, int]] = []
    free = list(range(visible, visible + latent))

    def connect(pre: int, n: int) -> list[int]:
        reached = []
        for _ in range(min(n, len(free))):
            reached.append(free.pop(int(rng.integers(len(free)))))
            edges.append((pre, reached[-1]))
        return reached

    candidates: list[int] = []
    for served, pre in enumerate(rng.permutation(visible)):
        # leave enough for the visible neurons that are still to come
        limit = max(len(free) - (visible - served - 1) * n_min, min(1, len(free) - (visible - served - 1)))
        candidates += connect(int(pre), max(n_min, _number_of_connections(growth, rng, limit)) if limit >= n_min else limit)
    reached = list(candidates)
    while free:
        revived = not candidates
        if revived:  # every branch has ended by chance: one of them grows on
            candidates = list(reached) or list(range(visible))
        pre = candidates.pop(int(rng.integers(len(candidates))))
        new = connect(pre, max(int(revived), _number_of_connections(growth, rng, len(free))))
        candidates = new if revived else candidates + new
        reached += new
    return edges
