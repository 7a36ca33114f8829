"""Fuzz the readers of files with atheris: whatever is in a file, it is read, or refused in one message.

python tests/fuzz_readers.py KIND -max_total_time=60 CORPUS...       KIND: npy, csv, mid, wav, blueprint, checkpoint or run
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["elise_pynn", "mido", "file_readers"], enable_loader_override=False):
    from file_readers import reader


def main():
    kind = sys.argv[1]
    with tempfile.TemporaryDirectory() as folder:
        atheris.Setup([sys.argv[0], *sys.argv[2:]], reader(kind, Path(folder)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
