"""The scaffold as a drawing: dots on rings and the connections between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from elise_pynn.analysis.rings import angles, layers

#: scaffolds of more connections are not drawn
EDGES = 3000
#: side of the drawing, radii of the dots of visible and latent neurons at most, and of visible ones that can hold a name
SIDE, VISIBLE, LATENT, NAMED = 440.0, 10.0, 4.0, 6.0


@dataclass(frozen=True)
class Dot:
    """A neuron."""

    x: float
    y: float
    name: str
    label: str


@dataclass(frozen=True)
class Graph:
    """The drawing: arrows as SVG path data, dots, how many latent neurons the scaffold does not reach, what it fills (left, top, width,
    height), and radii of the dots."""

    arrows: str
    visible: list[Dot]
    latent: list[Dot]
    unreached: int
    numbered: bool
    box: tuple[float, float, float, float]
    visible_radius: float
    latent_radius: float


def make_graph(edges: np.ndarray, channels: tuple[str, ...], size: int) -> Graph | None:
    """Place the neurons of a scaffold; None when it has too many connections to be drawn, or none.

    Parameters
    ----------
    edges : ndarray of int, shape (edges, 2)
        pre, post.
    channels : tuple of str
        Names of the visible neurons.
    size : int
        Number of neurons.
    """
    visible = len(channels)
    if not 0 < len(edges) <= EDGES or visible > EDGES:
        return None
    layer = layers(edges, visible, size)
    angle = angles(edges, layer, visible, size)
    outer = SIDE / 2 - VISIBLE - 2
    inner = min(max(3.8 * VISIBLE * visible / (2 * np.pi), 50.0), 0.5 * outer)
    radius = inner + np.maximum(layer, 0) * (outer - inner) / max(layer.max(), 1)
    x, y = SIDE / 2 + radius * np.cos(angle), SIDE / 2 + radius * np.sin(angle)
    # dots of one ring do not touch
    large = min(VISIBLE, 0.4 * 2 * np.pi * inner / visible)
    crowd = np.bincount(layer[layer > 0], minlength=2)[1:]
    rings = inner + np.arange(1, len(crowd) + 1) * (outer - inner) / max(layer.max(), 1)
    small = float(min(LATENT, *(0.4 * 2 * np.pi * rings / np.maximum(crowd, 1)), LATENT))
    arrows = []
    for pre, post in edges.tolist():
        along = np.array([x[post] - x[pre], y[post] - y[pre]])
        along /= max(float(np.hypot(*along)), 1e-9)
        tip = np.array([x[post], y[post]]) - (small + 1) * along
        left, right = (tip - 5 * along + side * np.array([-along[1], along[0]]) for side in (2, -2))
        points = (f"{a:.1f} {b:.1f}" for a, b in ((x[pre], y[pre]), tip, left, tip, right))
        arrows.append("M{}L{}M{}L{}L{}".format(*points))
    # names that do not fit into a dot give way to numbers
    numbered = max(map(len, channels)) > 3
    numbered, hidden = numbered and large >= NAMED, large < NAMED
    names = [Dot(float(x[i]), float(y[i]), name, "" if hidden else str(i + 1) if numbered else name) for i, name in enumerate(channels)]
    latent = [Dot(float(x[i]), float(y[i]), f"latent {i - visible + 1}", "") for i in np.flatnonzero(layer > 0).tolist()]
    drawn, margin = layer >= 0, VISIBLE + 3
    low, high = ((edge(x[drawn]), edge(y[drawn])) for edge in (np.min, np.max))
    box = (float(low[0]) - margin, float(low[1]) - margin, float(high[0] - low[0]) + 2 * margin, float(high[1] - low[1]) + 2 * margin)
    return Graph("".join(arrows), names, latent, int((layer < 0).sum()), numbered, box, large, small)
