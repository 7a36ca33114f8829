"""What fuzzing has found stays mended, and five minutes of it find nothing new."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from file_readers import KINDS, reader

HERE = Path(__file__).parent
CORPUS = HERE / "fuzz_corpus"
SECONDS = 300 // len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_corpus_is_read_or_refused(kind, tmp_path):
    inputs = sorted((CORPUS / kind).iterdir())
    assert CORPUS / kind / "good" in inputs
    read = reader(kind, tmp_path)
    for path in inputs:
        read(path.read_bytes())


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_fuzzing(kind, tmp_path):
    pytest.importorskip("atheris", reason="atheris, the fuzzer, has no wheel for this Python")
    (tmp_path / "found").mkdir()
    done = subprocess.run(
        [
            sys.executable, HERE / "fuzz_readers.py", kind, f"-max_total_time={SECONDS}", "-timeout=20", f"-artifact_prefix={tmp_path}/",
            tmp_path / "found", CORPUS / kind,
        ],
        capture_output=True, text=True, timeout=20 * SECONDS, check=False,
    )  # fmt: skip
    runs = [line for line in done.stderr.splitlines() if line.startswith("Done ")]
    assert done.returncode == 0 and runs, done.stderr[-2000:]
    print(kind, runs[0])
