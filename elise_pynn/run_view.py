"""How a run shows itself in a notebook: HTML from plain values."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import Any

#: what a run shows of what it left: files, and how
PICTURE, SOUNDS = "replay.png", (("taught", "taught.wav"), ("played", "replay.wav"))


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
