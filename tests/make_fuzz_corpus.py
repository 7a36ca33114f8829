"""Write the first inputs of the fuzzer, one good file of each kind: python tests/make_fuzz_corpus.py"""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np

from elise_pynn import make_blueprint
from elise_pynn.checkpoint import Checkpoint
from elise_pynn.midi_file import write_midi
from elise_pynn.sequence import Sequence
from elise_pynn.settings import Settings
from test_hostile_files import TONE, npy, wav

CORPUS = Path(__file__).parent / "fuzz_corpus"


def main():
    with tempfile.TemporaryDirectory() as folder:
        write_midi(Path(folder) / "a.mid", [(0, 0.0, 100.0), (1, 100.0, 100.0)], (440.0, 880.0))
        make_blueprint(2, 3).save(Path(folder) / "a.npz")
        midi, blueprint = ((Path(folder) / name).read_bytes() for name in ("a.mid", "a.npz"))
    run = {
        "settings": {**asdict(Settings()), "learning_rate": 0.4},
        "sequence": Sequence("a", np.eye(2)).to_dict(),
        "training": [{"cycle": 0, "mse": 0.1, "correlation": 0.5}],
        "replay": {"cycles": 1, "mse": [0.1]},
    }
    first = {
        "npy": npy(np.eye(3)),
        "csv": b"0,1,0.5\n1,0,0\n",
        "mid": midi,
        "wav": wav(TONE[:300]),
        "blueprint": blueprint,
        "checkpoint": Checkpoint(20, {}, {}, [], 1.0, {"a": np.zeros(2)}).to_bytes(),
        "run": json.dumps(run).encode(),
    }
    for kind, data in first.items():
        (CORPUS / kind).mkdir(parents=True, exist_ok=True)
        (CORPUS / kind / "good").write_bytes(data)


if __name__ == "__main__":
    main()
