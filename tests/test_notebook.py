"""What sequences and runs show in a notebook, and the one-line way to a run."""

from __future__ import annotations

import re

import numpy as np
import pytest

from elise_pynn import ParameterError, Sequence, read_run, run_sequence


def test_a_sequence_shows_its_notes():
    html = Sequence('<a> & "b"', np.array([[1, 0, 0.5], [0, 1, 0]]), channels=("x<", "y"))._repr_html_()
    assert "&lt;a&gt; &amp; &quot;b&quot;" in html and "<a>" not in html and "x&lt;, 0 ms" in html
    opacities = [float(value) for value in re.findall(r'fill-opacity="([\d.]+)"', html)]
    assert opacities == [1.0, 0.5, 1.0]


def test_a_run_in_one_line_shows_its_scores_and_sounds(tmp_path):
    sequence = Sequence("steps", np.eye(4))
    run = run_sequence(sequence, tmp_path / "r", backend="engine", latent=8, draws=1, cycles=21, replay=2, seed=3)
    assert run.settings.latent == 8 and run.settings.seed == 3 and run.replay["cycles"] == 2
    html = run._repr_html_()
    assert html.count("<audio") == 2 and html.count("<img") == 1 and f"{run.replay['sustained_cycles']} of 2 cycles" in html
    assert read_run(tmp_path / "r").replay == run.replay
    with pytest.raises(ParameterError, match="holds a run already"):
        run_sequence(sequence, tmp_path / "r", backend="engine")
    with pytest.raises(ParameterError, match="no parameter nonsense"):
        run_sequence(sequence, tmp_path / "s", nonsense=3)
    assert not (tmp_path / "s").exists()
