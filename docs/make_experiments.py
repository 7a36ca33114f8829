"""Write docs/experiments.md from the summaries of experiments, and copy their figures.

    python docs/make_experiments.py FOLDER

FOLDER holds one folder per experiment, as ``elise experiment NAME --preset paper --seeds 10 --jobs 2 --out FOLDER/NAME`` leaves it; folders
named NAME-nest are of ``--backend nest``. Sections of experiments that have no folder there stay as they are.
"""

import json
import shutil
import sys
from pathlib import Path

from elise_pynn.experiments import NAMES, find_experiment

HEAD = """# Experiments

Each is one file in [experiments](../experiments), run by `elise experiment NAME`; this page is written by
`docs/make_experiments.py` from the summaries of the commands that it names. Networks are the paper's rate model on the engine
(50 latent neurons, 10 000 cycles, published growth), unless an experiment's name, question or claims say otherwise, and on NEST the spiking
form (`integrate`, 1000 cycles). The figure is the median over seeds or draws, with the quartiles, or how many of them do.
"""
MARK = {True: "yes", False: "**no**", None: ""}


def number(value: float | None) -> str:
    """Three digits."""
    return "-" if value is None else f"{value:.3g}"


def section(folder: Path, images: Path) -> str:
    """One experiment's section, as after the title's marks."""
    summary = json.loads((folder / "summary.json").read_text())
    name, backend = summary["experiment"], summary["backend"]
    title = summary["title"] + (" on NEST" if backend == "nest" else "")
    command = f"elise experiment {name} --preset {summary['preset']} --seeds {summary['seeds']} --jobs 2 --out {folder.name}"
    command += " --backend nest" if backend == "nest" else ""
    shutil.copy(folder / f"{name}.png", images / f"experiment_{folder.name}.png")
    sounds = sorted(folder.glob("*.wav"))
    for sound in sounds:
        shutil.copy(sound, images.parent / "sounds" / sound.name)
    lines = [title, "", find_experiment(name).question, "", "```bash", command, "```", ""]
    lines += [f"![{title}](images/experiment_{folder.name}.png)", ""]
    if sounds:
        lines += ["As sound: " + ", ".join(f"[{s.stem.replace('_', ' ')}](sounds/{s.name})" for s in sounds) + ".", ""]
    lines += ["| claim | measured | needed | holds |", "|---|---|---|---|"]
    for claim in summary["claims"]:
        figure = claim["figure"]
        low, high = figure["interquartile_range"]
        shown = f"{number(figure['median'])} [{number(low)}, {number(high)}], n = {figure['n']}" if figure["n"] else "-"
        if figure["yes"] is not None:
            shown = f"{figure['yes']} of {figure['n']}"
        lines.append(f"| {claim['claim']} | {shown} | {claim['needed']} | {MARK[claim['holds']]} |")
    return "\n".join(lines) + "\n"


def main(source: Path) -> None:
    """Write the page."""
    here = Path(__file__).parent
    page = here / "experiments.md"
    there = {text.split("\n")[0]: text for text in page.read_text().split("\n## ")[1:]}
    sections = []
    for name in NAMES:
        for folder, title in ((name, find_experiment(name).title), (f"{name}-nest", find_experiment(name).title + " on NEST")):
            new = section(source / folder, here / "images") if (source / folder / "summary.json").exists() else there.get(title)
            sections += [f"## {new.rstrip()}\n"] if new else []
    page.write_text(HEAD + "\n" + "\n".join(sections))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
