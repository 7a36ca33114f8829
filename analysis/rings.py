"""Where the neurons of a scaffold are drawn: visible ones on the inner ring, latent ones on rings by their distance from them."""

from __future__ import annotations

import numpy as np


def layers(edges: np.ndarray, visible: int, size: int) -> np.ndarray:
    """Shortest distance of each neuron from the visible ones along the scaffold; -1 for neurons it does not reach."""
    layer = np.full(size, -1)
    layer[:visible] = 0
    depth = 0
    while True:
        reached = np.unique(edges[np.isin(edges[:, 0], np.flatnonzero(layer == depth)), 1]) if len(edges) else np.array([], int)
        reached = reached[layer[reached] < 0]
        if not len(reached):
            return layer
        depth += 1
        layer[reached] = depth


def angles(edges: np.ndarray, layer: np.ndarray, visible: int, size: int) -> np.ndarray:
    """Angles on the rings: each visible neuron gets a sector by what it reaches first, each latent one a place near its first source."""
    parent = np.full(size, -1)
    for depth in range(1, layer.max() + 1):
        for pre, post in edges:
            if layer[pre] == depth - 1 and layer[post] == depth and parent[post] < 0:
                parent[post] = pre
    children: list[list[int]] = [[] for _ in range(size)]
    for node, source in enumerate(parent):
        if source >= 0:
            children[source].append(node)
    angle = np.zeros(size)
    leaves = np.ones(size)
    for depth in range(layer.max() - 1, -1, -1):
        for node in np.flatnonzero(layer == depth).tolist():
            if children[node]:
                leaves[node] = sum(leaves[child] for child in children[node])

    def place(node: int, low: float, high: float) -> None:
        angle[node] = (low + high) / 2
        at = low
        for child in children[node]:
            width = (high - low) * leaves[child] / leaves[node]
            place(child, at, at + width)
            at += width

    total, at = leaves[:visible].sum(), 0.0
    for node in range(visible):
        width = np.pi * (leaves[node] / total + 1 / visible)  # half by what it reaches, half evenly, so that names stay apart
        place(node, at, at + width)
        at += width
    return angle
