"""Pictures of a run: learning curve, replay beside target, spike raster, weights, scaffold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.ticker import NullFormatter

from elise_pynn.analysis.rings import angles, layers
from elise_pynn.analysis.style import GRID, INK, LATENT, VISIBLE, new, save, styled

__all__ = ["learning_curve", "raster", "replay_beside_target", "save", "scaffold", "weights"]

RATE_LIMITS = (0.0, 1.0)


@styled
def learning_curve(cycles: Sequence[int], mse: Sequence[float], correlation: Sequence[float], seconds_per_cycle: float) -> Figure:
    """Free-run error and correlation over training.

    Parameters
    ----------
    cycles : sequence of int
    mse : sequence of float
        1/ms^2.
    correlation : sequence of float
    seconds_per_cycle : float
        Biological seconds of one cycle, for the upper axis.
    """
    figure, axes = new(6.4, 3.8, 2, 1, sharex=True)
    upper, lower = axes[0, 0], axes[1, 0]
    upper.plot(cycles, correlation, color=VISIBLE, lw=1.3, marker=".", ms=4)
    upper.set(ylabel="correlation", ylim=(min(-0.05, min(correlation, default=0) - 0.05), 1.02), title="Free run during training")
    upper.axhline(0.8, color=INK, lw=0.7, ls=":")
    lower.plot(cycles, mse, color=LATENT, lw=1.3, marker=".", ms=4)
    lower.set(xlabel="training cycle", ylabel="MSE / ms$^{-2}$", yscale="log")
    lower.yaxis.set_minor_formatter(NullFormatter())
    for ax in (upper, lower):
        ax.grid(color=GRID, lw=0.5)
        ax.set_axisbelow(True)
    top = upper.secondary_xaxis("top", functions=(lambda c: c * seconds_per_cycle, lambda s: s / seconds_per_cycle))
    top.set_xlabel("biological time / s")
    return figure


def _rates(ax: Axes, rates: np.ndarray, period: float, channels: Sequence[str]) -> AxesImage:
    image = ax.imshow(
        rates,
        origin="lower",
        aspect="auto",
        cmap="magma",
        vmin=RATE_LIMITS[0],
        vmax=RATE_LIMITS[1],
        extent=(0, period, -0.5, len(rates) - 0.5),
        interpolation="nearest",
    )
    ax.set_yticks(range(len(channels)), channels, fontsize=7 if len(channels) <= 24 else 4)
    return image


@styled
def replay_beside_target(target: np.ndarray, replays: Sequence[tuple[str, np.ndarray]], period: float, channels: Sequence[str]) -> Figure:
    """Target rates beside replayed cycles at their best shift.

    Parameters
    ----------
    target : ndarray, shape (channels, samples)
        1/ms.
    replays : sequence of (title, ndarray)
        Rates of the same shape.
    period : float
        ms.
    channels : sequence of str
    """
    panels = [("Target", target), *replays]
    figure, axes = new(3.0 * len(panels) + 0.8, 0.13 * len(channels) + 1.7, 1, len(panels), sharey=True)
    for ax, (title, rates) in zip(axes[0], panels, strict=True):
        image = _rates(ax, rates, period, channels)
        ax.set(title=title, xlabel="time / ms")
    axes[0, 0].set_ylabel("visible neuron")
    figure.colorbar(image, ax=axes[0, -1], label=r"rate $\varphi(u)$ / ms$^{-1}$", pad=0.02)
    return figure


@styled
def raster(
    times: np.ndarray, neurons: np.ndarray, visible: int, size: int, marks: Sequence[tuple[float, str]], channels: Sequence[str]
) -> Figure:
    """Spikes of visible and latent neurons.

    Parameters
    ----------
    times : ndarray
        ms.
    neurons : ndarray of int
    visible, size : int
        Number of visible neurons and of all.
    marks : sequence of (float, str)
        Beginnings of phases in ms and their names.
    channels : sequence of str
    """
    latent = size - visible
    figure = Figure(figsize=(7.5, 1.9 + 0.09 * visible + 0.018 * latent), layout="constrained")
    heights = [max(visible * 0.09, 0.8), max(latent * 0.018, 0.5)]
    axes = figure.subplots(2, 1, sharex=True, squeeze=False, height_ratios=heights)
    top, bottom = axes[0, 0], axes[1, 0]
    shown = neurons < visible
    if not len(times):
        top.text(0.5, 0.5, "no spikes", transform=top.transAxes, ha="center", va="center", color=INK)
    dot = {"ls": "", "marker": "|", "mew": 0.35}
    top.plot(times[shown], neurons[shown], color=VISIBLE, ms=3.2, rasterized=True, **dot)
    top.set(ylim=(-0.7, visible - 0.3), title="Spikes", ylabel="visible")
    top.set_yticks(range(visible), channels, fontsize=6 if visible <= 24 else 4)
    bottom.plot(times[~shown], neurons[~shown] - visible, color=LATENT, ms=1.6, rasterized=True, **dot)
    bottom.set(ylim=(-1, max(latent, 1)), xlabel="time / ms", ylabel="latent neuron")
    for ax in (top, bottom):
        for begin, _ in marks[1:]:
            ax.axvline(begin, color=INK, lw=0.8, ls="--")
    for begin, name in marks:
        top.annotate(name, (begin, 1), xycoords=("data", "axes fraction"), xytext=(3, 2), textcoords="offset points", fontsize=8, ha="left")
    top.set_title("Spikes", pad=14)
    end = float(times.max()) if len(times) else 1.0
    bottom.set_xlim(0, end)
    return figure


@styled
def weights(before: np.ndarray, after: np.ndarray, visible: int) -> Figure:
    """Dendritic weights before and after training, post x pre, mV per unit rate, and their distribution."""
    figure = Figure(figsize=(9.6, 3.3), layout="constrained")
    axes = figure.subplots(1, 3, width_ratios=(1, 1, 0.9))
    limit = float(np.percentile(np.abs(after), 99.5)) or 1.0
    for ax, matrix, title in ((axes[0], before, "Before"), (axes[1], after, "After training")):
        image = ax.imshow(matrix, cmap="RdBu_r", vmin=-limit, vmax=limit, interpolation="nearest", origin="lower")
        ax.axhline(visible - 0.5, color=INK, lw=0.6)
        ax.axvline(visible - 0.5, color=INK, lw=0.6)
        ax.set(title=title, xlabel="presynaptic neuron")
    axes[0].set_ylabel("postsynaptic neuron")
    figure.colorbar(image, ax=axes[1], label="weight / mV", pad=0.02, extend="both")
    off_diagonal = ~np.eye(len(after), dtype=bool)
    bins = np.linspace(-limit * 1.5, limit * 1.5, 81)
    for matrix, colour, label in ((before, "#999999", "before"), (after, VISIBLE, "after")):
        axes[2].hist(matrix[off_diagonal], bins=bins, histtype="step", color=colour, lw=1.4, label=label)
    if off_diagonal.any():
        axes[2].set_yscale("log")
    axes[2].set(xlabel="weight / mV", ylabel="synapses", title="Distribution")
    axes[2].legend()
    return figure


@styled
def scaffold(edges: np.ndarray, visible: int, size: int, channels: Sequence[str]) -> Figure:
    """The scaffold as a graph: visible neurons in the middle, latent ones on rings by their distance from them.

    Parameters
    ----------
    edges : ndarray of int, shape (edges, 2)
        pre, post.
    visible, size : int
    channels : sequence of str
    """
    layer = layers(edges, visible, size)
    angle = angles(edges, layer, visible, size)
    radius = 1.5 + layer
    x, y = radius * np.cos(angle), radius * np.sin(angle)
    figure = Figure(figsize=(6.2, 6.2), layout="constrained")
    ax = figure.subplots()
    if len(edges):
        # arrows end at the border of the dot that they point to
        pre, post = edges.T
        length = np.hypot(x[post] - x[pre], y[post] - y[pre])
        part = 1 - 0.13 / np.maximum(length, 0.2)
        arrow: Any = {"angles": "xy", "scale_units": "xy", "scale": 1, "width": 0.0022, "headwidth": 5, "headlength": 6, "color": "#8a8a8a"}
        ax.quiver(x[pre], y[pre], (x[post] - x[pre]) * part, (y[post] - y[pre]) * part, **arrow)
    reached = np.flatnonzero(layer > 0)
    ax.scatter(x[reached], y[reached], s=34, color=LATENT, linewidths=0, zorder=3, label="latent")
    ax.scatter(x[:visible], y[:visible], s=150, color=VISIBLE, linewidths=0, zorder=3, label="visible")
    for i, name in enumerate(channels if max(map(len, channels)) <= 4 else [str(i + 1) for i in range(visible)]):
        ax.text(x[i], y[i], name, ha="center", va="center", fontsize=5.5, color="white", zorder=4)
    unreached = int((layer < 0).sum())
    title = f"Scaffold: {len(edges)} connections" + (f"; latent neurons not reached, not drawn: {unreached}" if unreached else "")
    ax.set_title(title)
    ax.legend(loc="lower left")
    ax.set_aspect("equal")
    ax.axis("off")
    return figure
