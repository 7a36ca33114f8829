"""MIDI files in and out."""

from __future__ import annotations

import mido
import numpy as np
import pytest

from elise_pynn import ParameterError, Reading, find_sequence, fuer_elise
from elise_pynn.melody import SCORE
from elise_pynn.midi_file import write_midi
from elise_pynn.pitch import nearest_pitch, pitch_frequency, pitch_name, pitch_number


def midi(path, notes, ticks_per_beat=480, tempo=None, channel=0, tracks=1):
    """Write (pitch, begin, duration) in ticks, spread over tracks."""
    file = mido.MidiFile(ticks_per_beat=ticks_per_beat)
    for part in range(tracks):
        track = mido.MidiTrack()
        file.tracks.append(track)
        if tempo and part == 0:
            track.append(mido.MetaMessage("set_tempo", tempo=tempo))
        events = [(t, on, p) for p, b, d in notes[part::tracks] for t, on, p in ((b, 1, p), (b + d, 0, p))]
        now = 0
        for tick, on, pitch in sorted(events):
            track.append(mido.Message("note_on", note=pitch, velocity=64 * on, time=tick - now, channel=channel))
            now = tick
    file.save(path)
    return path


def test_fuer_elise_comes_back_from_its_midi_file(tmp_path):
    notes = [(pitch_number(name), 120 * i, 110) for i, step in enumerate(SCORE.split()) for name in step.split("+")]
    path = midi(tmp_path / "elise.mid", notes, tempo=600_000, tracks=2)
    found, own = find_sequence(str(path)), fuer_elise()
    np.testing.assert_array_equal(found.pattern, own.pattern)
    assert found.channels == own.channels and found.period == 250.0
    np.testing.assert_allclose(found.frequencies, own.frequencies)
    assert found.heard_ms == pytest.approx(150.0)  # a sixteenth at 100 quarters a minute


def test_chords_rests_and_held_notes_are_kept(tmp_path):
    notes = [(60, 240, 240), (64, 240, 480), (67, 960, 120), (60, 1200, 240)]
    pattern = find_sequence(str(midi(tmp_path / "a.mid", notes))).pattern  # grid of 120, from the first note on
    expected = np.zeros((3, 10))
    expected[0, [0, 1, 8, 9]] = expected[1, 0:4] = expected[2, 6] = 1
    np.testing.assert_array_equal(pattern, expected)


def test_triplets_have_their_grid(tmp_path):
    pattern = find_sequence(str(midi(tmp_path / "t.mid", [(60 + i, 160 * i, 150) for i in range(6)]))).pattern
    np.testing.assert_array_equal(pattern, np.eye(6))


def test_true_timing_follows_the_tempo(tmp_path):
    file = mido.MidiFile(ticks_per_beat=100)
    track = mido.MidiTrack()
    file.tracks.append(track)
    track += [
        mido.MetaMessage("set_tempo", tempo=500_000),
        mido.Message("note_on", note=60, velocity=1, time=0),
        mido.Message("note_off", note=60, time=100),  # 500 ms
        mido.MetaMessage("set_tempo", tempo=1_000_000),
        mido.Message("note_on", note=62, velocity=1, time=50),  # 500 ms of silence
        mido.Message("note_off", note=62, time=20),  # 200 ms
    ]
    file.save(tmp_path / "a.mid")
    sequence = find_sequence(str(tmp_path / "a.mid"), Reading(timing="true", step_ms=100))
    np.testing.assert_array_equal(sequence.pattern, [[1] * 5 + [0] * 7, [0] * 10 + [1] * 2])
    fast = find_sequence(str(tmp_path / "a.mid"), Reading(timing="true", step_ms=10, speed=4))
    assert fast.pattern.shape == (2, 30) and fast.step_ms == 10


def test_a_note_struck_again_at_once_goes_on(tmp_path):
    file = mido.MidiFile(ticks_per_beat=480)
    track = mido.MidiTrack()
    file.tracks.append(track)
    for kind, time, note in (("on", 0, 60), ("on", 480, 60), ("off", 0, 60), ("off", 480, 60), ("on", 0, 62), ("off", 480, 62)):
        track.append(mido.Message(f"note_{kind}", note=note, velocity=64, time=time))
    file.save(tmp_path / "a.mid")
    np.testing.assert_array_equal(find_sequence(str(tmp_path / "a.mid")).pattern, [[1, 1, 0], [0, 0, 1]])


def test_the_tempo_is_that_of_the_first_note(tmp_path):
    file = mido.MidiFile(ticks_per_beat=100)
    track = mido.MidiTrack()
    file.tracks.append(track)
    track.append(mido.MetaMessage("set_tempo", tempo=1_000_000, time=200))
    for note in (60, 62):
        track += [mido.Message("note_on", note=note, velocity=9, time=0), mido.Message("note_off", note=note, time=100)]
    file.save(tmp_path / "a.mid")
    assert find_sequence(str(tmp_path / "a.mid")).heard_ms == 1000.0


def test_by_hand_there_is_no_grid_but_true_time(tmp_path):
    begins = np.cumsum([0, 113, 97, 151, 71, 133])
    path = midi(tmp_path / "hand.mid", [(60 + i, int(b), 60) for i, b in enumerate(begins)])
    with pytest.raises(ParameterError, match="--timing true"):
        find_sequence(str(path))
    assert find_sequence(str(path), Reading(timing="true")).pattern.shape[0] == 6


def test_notes_move_into_a_range_by_octaves(tmp_path):
    path = str(midi(tmp_path / "a.mid", [(36, 0, 120), (62, 120, 120), (95, 240, 120)]))
    assert find_sequence(path, Reading(pitches="C4:B4")).channels == ("C4", "D4", "B4")
    assert find_sequence(path, Reading(pitches="36:95")).channels == ("C2", "D4", "B6")
    for wrong in ("C4:D4", "B4:C4", "C4", "H1:C9"):
        with pytest.raises(ParameterError, match=r"pitches|no pitch"):
            find_sequence(path, Reading(pitches=wrong))


def test_percussion_is_left_out(tmp_path):
    with pytest.raises(ParameterError, match="no notes"):
        find_sequence(str(midi(tmp_path / "drums.mid", [(36, 0, 120)], channel=9)))


def test_written_notes_are_read_back(tmp_path):
    write_midi(tmp_path / "a.mid", [(0, 0.0, 125.0), (1, 125.0, 250.0), (0, 375.0, 125.0)], (440.0, 523.0))
    sequence = find_sequence(str(tmp_path / "a.mid"))
    assert sequence.channels == ("A4", "C5") and sequence.heard_ms == pytest.approx(125.0)
    np.testing.assert_array_equal(sequence.pattern, [[1, 0, 0, 1], [0, 1, 1, 0]])


def test_pitches():
    assert pitch_number("A4") == pitch_number("69") == 69 and pitch_number("Bb3") == pitch_number("A#3") == 58
    assert pitch_name(60) == "C4" and pitch_frequency(69) == 440.0 and pitch_frequency(81) == 880.0
    assert all(nearest_pitch(pitch_frequency(n)) == n == pitch_number(pitch_name(n)) for n in range(128))


def corrupted(good: bytes, kind: str) -> bytes:
    rng = np.random.default_rng(len(kind))
    endings = {
        "empty": b"",
        "header only": good[:14],
        "cut": good[: len(good) // 2],
        "noise": rng.bytes(4000),
        "noise behind a header": good[:14] + rng.bytes(4000),
        "length": good[:18] + b"\xff\xff\xff\xff" + good[22:],
        "no ticks": good[:12] + b"\x00\x00" + good[14:],
        "film": good[:12] + b"\xe7\x28" + good[14:],
        "huge": good * (10_000_000 // len(good)),
    }
    return endings[kind]


@pytest.mark.parametrize("kind", ["empty", "header only", "cut", "noise", "noise behind a header", "length", "no ticks", "film", "huge"])
def test_hostile_files_are_refused(kind, tmp_path):
    good = midi(tmp_path / "good.mid", [(60 + i, 120 * i, 120) for i in range(40)]).read_bytes()
    (tmp_path / "bad.mid").write_bytes(corrupted(good, kind))
    with pytest.raises(ParameterError, match=r"bad\.mid"):
        find_sequence(str(tmp_path / "bad.mid"))


def test_notes_that_never_end_in_sight_are_refused(tmp_path):
    path = midi(tmp_path / "long.mid", [(60, 0, 120), (62, 120, 200_000_000)])
    for reading in (Reading(), Reading(timing="true")):
        with pytest.raises(ParameterError, match="at most"):
            find_sequence(str(path), reading)
