"""Sequences from CSV and NumPy files."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np

from elise_pynn.quantity import ParameterError
from elise_pynn.reading import MOST_CHANNELS, MOST_VALUES, Reading
from elise_pynn.sequence import Sequence


def read_matrix(path: Path, reading: Reading) -> Sequence:
    """Read one row per channel, one column per step, values 0 to 1, no header.

    Raises
    ------
    ParameterError
        When the file holds no such matrix.
    """
    try:
        if path.suffix.lower() == ".npy":
            # mapped, not read: a header may promise more than there is memory for
            stored = np.load(path, mmap_mode="r", allow_pickle=False)
            if stored.dtype.kind not in "biuf":
                raise ValueError(f"it holds {stored.dtype} instead of numbers")
            if stored.ndim == 2 and (len(stored) > MOST_CHANNELS or stored.size > MOST_VALUES):
                raise ValueError(
                    f"{stored.shape[0]} channels and {stored.shape[1]} steps are more than {MOST_CHANNELS} and {MOST_VALUES} values in all"
                )
            pattern = np.array(stored, dtype=float)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # an empty file is refused below
                pattern = np.loadtxt(path, delimiter=",", ndmin=2, encoding="utf-8-sig")
        return Sequence(path.stem, pattern, reading.step_ms)
    except Exception as error:  # numpy and the tokenizer of its headers each raise their own
        reason = "it is no array of numbers" if "pickle" in str(error) else str(error).split("\n")[0][:200].rstrip(".")
        raise ParameterError(
            f"{path} holds no sequence: {reason}. Give comma-separated numbers without header, one row per channel, one column per "
            "step, values 0 to 1."
        ) from error
