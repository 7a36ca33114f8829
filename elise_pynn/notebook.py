"""How sequences and runs show themselves in a notebook: HTML from plain values."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

#: pixels of a step and of a channel in a picture of a sequence, and of its largest side
STEP, CHANNEL, LARGEST = 14, 12, 900
#: what a run shows of what it left: files, and how
PICTURE, SOUNDS = "replay.png", (("taught", "taught.wav"), ("played", "replay.wav"))


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


def run_html(folder: Path, sequence: str, settings: Any, replay: dict[str, Any]) -> str:
    """A run's scores, its picture and its sounds, as far as its folder holds them."""
    notes = "-" if replay["note_f1"] is None else f"{replay['note_f1']:.3f}"
    rows = (
        ("sequence", sequence),
        ("network", f"{settings.latent} latent neurons, {settings.cycles} cycles on {settings.backend}, seed {settings.seed}"),
        ("sustained", f"{replay['sustained_cycles']} of {replay['cycles']} cycles"),
        ("correlation", f"{replay['median_correlation']:.3f}"),
        ("MSE", f"{replay['median_mse']:.4f} /ms²"),
        ("notes, from spikes", f"F1 = {notes}"),
    )
    table = "".join(f'<tr><th style="text-align:left">{escape(key)}</th><td>{escape(value)}</td></tr>' for key, value in rows)
    sounds = "".join(
        f'<p>{label}<br><audio controls src="data:audio/wav;base64,{_base64(folder / name)}"></audio></p>'
        for label, name in SOUNDS
        if (folder / name).exists()
    )
    picture = f'<img src="data:image/png;base64,{_base64(folder / PICTURE)}" alt="replay">' if (folder / PICTURE).exists() else ""
    return f"<div><table>{table}</table>{sounds}{picture}</div>"


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
