"""Write docs/results.md and README's table from runs that were made by the commands in docs/results.md.

    python docs/make_results.py FOLDER

FOLDER holds one folder per run, named like default-1, long-1, millisecond-1, escape-1 (the number is the seed).
"""

import json
import statistics
import sys
from pathlib import Path

CASES = {
    "default": ("default: 0.1 ms, 1000 cycles", "--replay 100"),
    "long": ("3000 cycles", "--replay 100 --cycles 3000"),
    "millisecond": ("time step 1 ms, 3000 cycles", "--timestep 1.0 --cycles 3000"),
    "escape": ("`escape`, K = 3, 3000 cycles", "--emission escape --spikes-per-rate 3 --cycles 3000"),
}
HEAD = """# Results

Für Elise, 13 visible and 100 latent neurons, on NEST. Replay with frozen weights after training; scores as in
[model.md](model.md). Times are of one core of a small virtual machine with two runs at a time, and vary by half from run to run.
Each seed's own network is taught, as it comes (`--draws 1`); by default a run takes the most promising of five.

One table per setting; the command above it was run for each seed S, the tables are written by `docs/make_results.py`.
"""


def main(folder: Path) -> None:
    """Read the runs and write both pages."""
    here = Path(__file__).parent
    page, rows = [HEAD], []
    for case, (title, options) in CASES.items():
        runs = {int(p.name.rsplit("-", 1)[1]): json.loads((p / "run.json").read_text()) for p in folder.glob(f"{case}-*")}
        if not runs:
            raise SystemExit(f"{folder} holds no run {case}-S")
        command = f"elise run fuer-elise --draws 1 --seed S --out {case}-S {options}"
        page.append(f"## {title[0].upper() + title[1:]}\n\n```bash\n{command}\n```\n")
        columns = ("S", "sustained", "correlation, median (least)", "MSE, median", "note F1", "drift / ms per cycle")
        page.append("| " + " | ".join((*columns, "simulation per cycle / ms", "simulation / total")) + " |")
        page.append("|---|---|---|---|---|---|---|---|")
        for seed, run in sorted(runs.items()):
            r, s = run["replay"], run["seconds"]
            page.append(
                f"| {seed} | {r['sustained_cycles']} of {r['cycles']} | {r['median_correlation']:.3f} ({min(r['correlation']):.3f}) "
                f"| {r['median_mse']:.4f} | {r['note_f1']:.3f} | {r['drift_ms_per_cycle']:+.1f} | {s['per_cycle_simulate'] * 1e3:.0f} "
                f"| {s['simulate'] / s['total']:.2f} |"
            )
        page.append("")

        def spread(values: list[float], digits: int) -> str:
            return f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}, {max(values):.{digits}f}]"

        replays = [run["replay"] for run in runs.values()]
        rows.append(
            f"| {title} | {sum(r['sustained_cycles'] == r['cycles'] for r in replays)} of {len(replays)} "
            f"| {spread([r['median_correlation'] for r in replays], 3)} | {spread([r['median_mse'] for r in replays], 4)} "
            f"| {spread([r['note_f1'] for r in replays], 3)} "
            f"| {spread([run['seconds']['per_cycle_simulate'] * 1e3 for run in runs.values()], 0)} |"
        )
    (here / "results.md").write_text("\n".join(page))
    head = "| | seeds that sustain every cycle | correlation | MSE | note F1 | simulation / ms per cycle |\n|---|---|---|---|---|---|\n"
    begin, end = "<!-- results -->\n", "<!-- /results -->"
    readme = here.parent / "README.md"
    text = readme.read_text()
    readme.write_text(text[: text.index(begin) + len(begin)] + head + "\n".join(rows) + "\n" + text[text.index(end) :])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
