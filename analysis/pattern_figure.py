"""Picture of a sequence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from elise_pynn.analysis.style import new, styled

#: inches per step and per channel, and the limits of both sides
STEP, CHANNEL, WIDTHS, HEIGHTS = 0.11, 0.16, (4.0, 12.0), (1.6, 9.0)
#: channels that are named, at most
NAMED = 30


@styled
def pattern(values: np.ndarray, step_ms: float, channels: Sequence[str], title: str) -> Figure:
    """Draw a pattern, time to the right, channels upwards.

    Parameters
    ----------
    values : ndarray, shape (channels, steps)
        0 to 1.
    step_ms : float
    channels : sequence of str
    title : str
    """
    rows, steps = values.shape
    figure, axes = new(float(np.clip(STEP * steps + 1.2, *WIDTHS)), float(np.clip(CHANNEL * rows + 1.0, *HEIGHTS)))
    ax = axes[0, 0]
    ax.imshow(
        values, origin="lower", aspect="auto", cmap="magma", vmin=0, vmax=1, interpolation="nearest",
        extent=(0, steps * step_ms, -0.5, rows - 0.5),
    )  # fmt: skip
    named = range(0, rows, max(1, -(-rows // NAMED)))
    ax.set_yticks(list(named), [channels[i] for i in named], fontsize=7)
    ax.set(xlabel="time / ms", title=title)
    return figure
