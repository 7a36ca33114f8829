"""The Python in README.md and docs/ runs as it stands, page by page."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from test_cli import ELISE, elise

ROOT = Path(__file__).resolve().parent.parent
PAGES = ["README.md", "docs/api.md", "docs/analysis.md", "docs/blueprint.md", "docs/sweep.md", "docs/sequences.md"]
#: commands that take --out
WRITING = ("elise run", "elise sweep", "elise experiment")


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(), flags=re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_run(page, tmp_path):
    code = "\n".join(blocks(page, "python"))
    # what takes a minute is shortened, nothing else
    code = code.replace("cycles=1000)", "cycles=2)").replace("cycles=30)", "cycles=2)").replace("50 * 250.0", "2 * 250.0")
    if "first-run" in code:
        made = elise("run", "fuer-elise", "--out", "first-run", "--cycles", 1, "--replay", 1, "--timestep", 1, cwd=tmp_path)
        assert made.returncode == 0, made.stderr
    (tmp_path / "page.py").write_text(code)
    done = subprocess.run([sys.executable, "page.py"], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    if page == "docs/blueprint.md":
        run = elise(
            "run", "fuer-elise", "--blueprint", "mine.npz", "--out", "own", "--cycles", 1, "--replay", 1, "--timestep", 1, cwd=tmp_path
        )
        assert run.returncode == 0, run.stderr


def test_commands_of_the_readme_name_existing_options():
    """Each line that writes to a folder parses: it gets as far as refusing one that cannot be written to."""
    lines = [line.split("#")[0].split() for block in blocks("README.md", "bash") for line in block.splitlines() if line.startswith(WRITING)]
    assert len(lines) >= 8
    for line in lines:
        arguments = ["fuer-elise" if word == "song.mid" else word for word in line[1:]]
        arguments[arguments.index("--out") + 1] = "/proc/self/status"
        done = subprocess.run([ELISE, *arguments], capture_output=True, text=True, timeout=120)
        assert done.returncode == 2 and "cannot write to /proc/self/status" in done.stderr.replace("\n", " "), done.stderr


def test_links_lead_somewhere():
    for page in [
        *PAGES,
        "docs/model.md",
        "docs/backends.md",
        "docs/results.md",
        "docs/performance.md",
        "docs/report.md",
        "docs/hardware_brainscales2.md",
        "docs/reliability.md",
        "docs/hardware.md",
    ]:
        text = (ROOT / page).read_text()
        assert "@@" not in text
        for target in re.findall(r"\]\(([^)#]+)", text):
            if not target.startswith("http"):
                assert ((ROOT / page).parent / target).exists(), f"{page}: {target}"


def test_notebook_runs(tmp_path):
    """The example runs from top to bottom, and the outputs that it holds are of a run without errors."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(ROOT / "docs" / "from_midi_to_report.ipynb", as_version=4)
    kept = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert len(kept) >= 5 and all(output.output_type != "error" for output in kept)
    done = NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert (tmp_path / "jacques" / "report.html").stat().st_size > 100_000
    printed = "".join(output.text for cell in done.cells for output in cell.get("outputs", []) if output.output_type == "stream")
    assert "30 of 30 cycles sustained" in printed
