"""Matrices and sounds that are none: one clear message, whatever is in the file. (MIDI: test_midi.)"""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile

from elise_pynn import ParameterError, Reading, find_sequence
from test_cli import elise


def npy(array):
    file = io.BytesIO()
    np.save(file, array, allow_pickle=True)
    return file.getvalue()


def wav(samples, rate=22_050, subtype="PCM_16"):
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype=subtype)
    return file.getvalue()


TONE = np.sin(np.arange(4000) * 0.3)
GOOD = npy(np.eye(4))
FILES = {
    "empty.csv": b"",
    "words.csv": b"a,b\nc,d\n",
    "ragged.csv": b"1,0,1\n0,1\n",
    "nan.csv": b"1,nan\n0,1\n",
    "inf.csv": b"1,inf\n0,1\n",
    "two.csv": b"1,2\n0,1\n",
    "negative.csv": b"1,-0.5\n0,1\n",
    "binary.csv": bytes(range(256)),
    "latin.csv": "1,é\n".encode("latin-1"),
    "many channels.csv": b"1,0\n" * 4000,
    "huge.csv": b"1,0,1,0,1\n" * 1_000_000,
    "empty.npy": b"",
    "noise.npy": np.random.default_rng(1).bytes(500),
    "cut.npy": GOOD[:-20],
    "promises more.npy": GOOD.replace(b"(4, 4)", b"(4, 9999999999)"),
    "words.npy": npy(np.array([["a", "b"]])),
    "objects.npy": npy(np.array([[{}, None]], dtype=object)),
    "complex.npy": npy(np.ones((2, 2), dtype=complex)),
    "flat.npy": npy(np.ones(5)),
    "deep.npy": npy(np.ones((2, 2, 2))),
    "no channels.npy": npy(np.ones((0, 5))),
    "nan.npy": npy(np.full((3, 3), np.nan)),
    "thousands.npy": npy(np.zeros((5000, 3))),
    "long.npy": npy(np.zeros((2, 50_000))),
    "huge.npy": npy(np.zeros((10, 130_000))),
    "empty.wav": b"",
    "noise.wav": np.random.default_rng(2).bytes(5000),
    "header only.wav": wav(TONE)[:44],
    "no samples.wav": wav(TONE[:0]),
    "silent.wav": wav(np.zeros(4000)),
    "constant.wav": wav(np.full(4000, 0.5)),
    "nan.wav": wav(np.full(4000, np.nan), subtype="FLOAT"),
    "inf.wav": wav(np.where(np.arange(4000) == 9, np.inf, TONE), subtype="DOUBLE"),
    "short.wav": wav(TONE[:50]),
    "minutes.wav": wav(np.zeros(22_050 * 60) + 0.1 * np.sin(np.arange(22_050 * 60))),
    "rate zero.wav": wav(TONE)[:24] + struct.pack("<I", 0) + wav(TONE)[28:],
    "rate one.wav": wav(TONE)[:24] + struct.pack("<I", 1) + wav(TONE)[28:],
    "huge.wav": wav(np.tile(TONE, 1300)),
}


@pytest.mark.parametrize("name", FILES)
def test_refused_with_the_files_name(name, tmp_path):
    (tmp_path / name).write_bytes(FILES[name])
    with pytest.raises(ParameterError) as refused:
        find_sequence(str(tmp_path / name))
    message = str(refused.value)
    assert name.rpartition(".")[0] in message and "ive " in message and len(message) < 700


@pytest.mark.parametrize("name", ["objects.npy", "nan.csv", "noise.wav", "huge.csv"])
def test_on_the_command_line(name, tmp_path):
    (tmp_path / name).write_bytes(FILES[name])
    for command in (["run", tmp_path / name, "--out", tmp_path / "x"], ["sequence", "show", tmp_path / name]):
        done = elise(*command)
        assert done.returncode == 2 and not done.stdout and "Traceback" not in done.stderr, done.stderr
        assert not (tmp_path / "x").exists()


def test_cut_or_odd_sounds_that_are_left_are_read(tmp_path):
    (tmp_path / "cut.wav").write_bytes(wav(TONE)[:4000])
    assert find_sequence(str(tmp_path / "cut.wav")).pattern.shape == (24, 9)
    (tmp_path / "both.wav").write_bytes(wav(np.stack([TONE, -0.5 * TONE], axis=1)))
    assert find_sequence(str(tmp_path / "both.wav"), Reading(channels=10, step_ms=20)).pattern.shape == (10, 9)


def test_a_channel_of_numbers_and_a_mark_of_order_are_read(tmp_path):
    (tmp_path / "a.csv").write_bytes("\ufeff0,0.5,1\n".encode())
    np.testing.assert_array_equal(find_sequence(str(tmp_path / "a.csv"), Reading(step_ms=5)).pattern, [[0, 0.5, 1]])


@pytest.mark.parametrize(
    "option", [["--step-ms", 0], ["--step-ms", "nan"], ["--channels", -1], ["--order", 0], ["--speed", 0], ["--steps", 1]]
)
def test_choices_out_of_range(option, tmp_path):
    done = elise("sequence", "show", "random", *option)
    assert done.returncode == 2 and "Traceback" not in done.stderr and option[0][2:].replace("-", "_") in done.stderr
