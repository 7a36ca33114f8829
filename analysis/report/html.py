"""HTML from plain data: one self-contained page, everything in it escaped."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup

from elise_pynn.analysis.report import charts, payload
from elise_pynn.analysis.report.data import ReportData, Sound
from elise_pynn.analysis.report.graph import make_graph
from elise_pynn.analysis.report.roll import notes_of
from elise_pynn.analysis.report.scores import headline, scores_of

#: bytes of all sounds of a page before base64; what is beyond is left out
SOUNDS = 3_300_000
SCRIPTS = ("marks.js", "viewer.js", "gestures.js", "matrices.js", "start.js")


@cache
def environment() -> jinja2.Environment:
    """The templates, with style and scripts of all pages."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("elise_pynn.analysis.report"), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    folder = files("elise_pynn.analysis.report") / "templates"
    environment.globals["style"] = Markup((folder / "style.css").read_text("utf-8"))
    environment.globals["script"] = Markup("\n".join((folder / name).read_text("utf-8") for name in SCRIPTS))
    environment.filters["plain"] = plain
    return environment


def plain(value: Any) -> str:
    """Write a value of run.json for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def sounds_within(sounds: Sequence[Sound], budget: int = SOUNDS) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the sounds that fit into the budget as data URIs, and the names of those that do not."""
    kept: list[dict[str, Any]] = []
    left_out, used = [], 0
    for sound in sounds:
        if used + len(sound.media) > budget:
            left_out.append(sound.name)
            continue
        used += len(sound.media)
        uri = f"data:{sound.kind};base64,{base64.b64encode(sound.media).decode()}"
        kept.append({"label": sound.label, "name": sound.name, "uri": uri, "cycles": sound.cycles})
    return kept, left_out


def report_page(data: ReportData) -> str:
    """Return the report of one run as HTML.

    Parameters
    ----------
    data : ReportData

    Returns
    -------
    str
        Below 8 MB; needs no other file and no network.
    """
    sounds, left_out = sounds_within(data.sounds)
    return environment().get_template("report.html").render(
        data=data,
        identity=data.identity,
        headline=headline(data.summary),
        scores=scores_of(data.summary, data.period),
        notes=notes_of(data.pattern),
        continuous=data.continuous,
        learning=charts.learning([("", data.summary["training"])], data.summary["cycles"]),
        replayed=charts.replayed([("", data.summary["replay"])]),
        distribution=charts.distribution(data),
        graph=make_graph(data.edges, data.channels, data.size),
        viewers=[payload.viewer(data)],
        weights=payload.weights(data),
        sounds=sounds,
        left_out=left_out,
    )  # fmt: skip


def identity_in(page: str) -> str | None:
    """Return the identity of the runs that a page reports on; None when it is no report."""
    mark = '<meta name="elise-report" content="'
    begin = page.find(mark)
    return None if begin < 0 else page[begin + len(mark) :].split('"', 1)[0]
