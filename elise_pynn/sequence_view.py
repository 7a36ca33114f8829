"""How a sequence shows itself in a notebook."""

from __future__ import annotations

from html import escape

import numpy as np

#: pixels of a step and of a channel, and of the largest side
STEP, CHANNEL, LARGEST = 14, 12, 900


def sequence_html(name: str, pattern: np.ndarray, step_ms: float, channels: tuple[str, ...]) -> str:
    """A sequence as a picture, time to the right, channels upwards, with its size."""
    rows, steps = pattern.shape
    width, height = min(STEP, LARGEST / steps), min(CHANNEL, LARGEST / rows)
    cells = [
        f'<rect x="{step * width:.2f}" y="{(rows - 1 - row) * height:.2f}" width="{width:.2f}" height="{height - 1:.2f}" '
        f'fill-opacity="{pattern[row, step]:.2f}"><title>{escape(channels[row])}, {step * step_ms:g} ms</title></rect>'
        for row, step in np.argwhere(pattern > 0.02)
    ]
    size = f'width="{steps * width:.0f}" height="{rows * height:.0f}"'
    return (
        f"<div><b>{escape(name)}</b>: {rows} channels, {steps} steps of {step_ms:g} ms<br>"
        f'<svg {size} style="background:#8881" fill="#c0392b" role="img" aria-label="{escape(name)}">{"".join(cells)}</svg></div>'
    )
