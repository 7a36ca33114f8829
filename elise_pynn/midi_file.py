"""MIDI files, in and out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from elise_pynn.pitch import nearest_pitch, pitch_frequency, pitch_name, pitch_number
from elise_pynn.quantity import ParameterError
from elise_pynn.reading import LONGEST_MS, MOST_VALUES, Reading
from elise_pynn.sequence import Sequence

#: steps of a grid that are tried, as parts of a whole note, coarse ones first
GRIDS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96)
#: how far from a grid, in its steps, an onset may lie, and how short a note may be
TOLERANCE, SHORTEST = 0.13, 0.55
#: MIDI's channel of percussion, whose numbers are no pitches; tempo of a file that states none, in us per quarter
PERCUSSION, TEMPO = 9, 500_000
#: a quarter of the files written, in ticks
TICKS = 480
#: quarters of a rest at the end that counts, at most
BAR = 4


@dataclass(frozen=True)
class Note:
    """A note of a file: MIDI number, begin and end in ticks."""

    pitch: int
    begin: int
    end: int


def read_midi(path: Path, reading: Reading) -> Sequence:
    """Read a MIDI file: one channel per pitch, chords and rests kept, percussion left out.

    On the grid, the shortest notes become one step each; in true time, a step lasts `reading.step_ms`. Silence before the first note is
    left out; the cycle ends with the last note, or with the longest track when that ends up to a bar later.

    Raises
    ------
    ParameterError
        When the file holds no notes, or none on any grid.
    """
    import mido

    try:
        file = mido.MidiFile(path, clip=True)
        notes, tempos = _notes(file)
        end = float(max((sum(message.time for message in track) for track in file.tracks), default=0))
        spans = np.array([[note.begin, note.end] for note in notes], dtype=float)  # ticks have no largest number in a file
    except Exception as error:  # mido raises whatever the bytes happen to provoke
        reason = str(error).split("\n")[0][:200] or type(error).__name__
        raise ParameterError(f"{path} is no MIDI file that can be read: {reason}. Give a standard MIDI file (.mid).") from error
    if notes and not 0 < file.ticks_per_beat < 0x8000:
        raise ParameterError(f"{path} counts time in frames of film, not in quarters: give a MIDI file in ticks per quarter.")
    if not notes:
        raise ParameterError(f"{path} holds no notes: give a MIDI file with notes on other channels than that of percussion.")
    if 0 < end - spans.max() <= BAR * file.ticks_per_beat:  # a rest at the end, as a last row
        spans = np.vstack([spans, [end, end]])
    if reading.timing == "true":
        times = _ms(spans, tempos, file.ticks_per_beat)
        grid, heard = 1.0, reading.step_ms
        times = (times - times.min()) / reading.speed / reading.step_ms
    else:
        times = spans - spans.min()
        grid = _grid(path, times[: len(notes)], file.ticks_per_beat)
        first = min(note.begin for note in notes)
        tempo = [tempo for tick, tempo in tempos if tick <= first][-1]
        heard = float(np.clip(grid / file.ticks_per_beat * tempo / 1000, 40.0, 1000.0))
    times = np.floor(times / grid + 0.5)
    steps = int(max(times.max(), 1))
    pitches = _moved([note.pitch for note in notes], reading.pitches)
    used = sorted(set(pitches))
    if steps * reading.step_ms > LONGEST_MS or steps * len(used) > MOST_VALUES:
        raise ParameterError(
            f"{path} has {len(used)} channels and {steps} steps of {reading.step_ms:g} ms: give a cycle of at most "
            f"{LONGEST_MS / 1000:g} s and {MOST_VALUES} values."
        )
    pattern = np.zeros((len(used), steps))
    for pitch, (first, last) in zip(pitches, times[: len(notes)].astype(int), strict=True):
        first = min(first, steps - 1)
        pattern[used.index(pitch), first : max(last, first + 1)] = 1
    names = tuple(pitch_name(pitch) for pitch in used)
    return Sequence(path.stem, pattern, reading.step_ms, names, tuple(map(pitch_frequency, used)), heard_ms=heard)


def _notes(file: Any) -> tuple[list[Note], list[tuple[int, int]]]:
    """All notes, and the tempos as (tick, us per quarter), the first one at tick 0."""
    if file.type == 2:
        raise ValueError("its tracks are independent of each other (type 2)")
    notes, tempos = [], {0: TEMPO}
    for track in file.tracks:
        tick = 0
        sounding: dict[tuple[int, int], int] = {}
        for message in track:
            tick += message.time
            if message.type == "set_tempo" and message.tempo > 0:
                tempos[tick] = message.tempo
            if message.type not in ("note_on", "note_off") or message.channel == PERCUSSION:
                continue
            key = (message.channel, message.note)
            struck = message.type == "note_on" and message.velocity > 0
            if not struck and sounding.get(key) == tick:
                continue  # ends the note before the one that has just begun
            if key in sounding:
                notes.append(Note(message.note, sounding.pop(key), tick))
            if struck:
                sounding[key] = tick
        notes += [Note(pitch, begin, tick) for (_, pitch), begin in sounding.items()]
    return [note for note in notes if note.end > note.begin], sorted(tempos.items())


def _ms(ticks: np.ndarray, tempos: list[tuple[int, int]], ticks_per_beat: int) -> np.ndarray:
    """Times of ticks in ms."""
    changes, tempo = np.array(tempos, dtype=float).T
    per_tick = tempo / ticks_per_beat / 1000
    at_change = np.concatenate([[0.0], np.cumsum(np.diff(changes) * per_tick[:-1])])
    which = np.searchsorted(changes, ticks, side="right") - 1
    return at_change[which] + (ticks - changes[which]) * per_tick[which]


def _grid(path: Path, times: np.ndarray, ticks_per_beat: int) -> float:
    """Ticks of the coarsest grid on which all onsets lie and no note is much shorter than a step."""
    for parts in GRIDS:
        grid = 4 * ticks_per_beat / parts
        onsets = times[:, 0] / grid
        if np.abs(onsets - np.round(onsets)).max() <= TOLERANCE and np.diff(times).min() / grid >= SHORTEST:
            return grid
    raise ParameterError(f"the notes of {path} lie on no grid (played by hand?): read it in true time, --timing true.")


def _moved(pitches: list[int], wanted: str) -> list[int]:
    """Pitches moved by octaves into a range like C4:B5."""
    if not wanted:
        return pitches
    low, _, high = (part.strip() for part in wanted.partition(":"))
    lowest, highest = pitch_number(low), pitch_number(high)
    moved = [pitch + 12 * -(-(lowest - pitch) // 12) if pitch < lowest else pitch - 12 * -(-(pitch - highest) // 12) for pitch in pitches]
    moved = [pitch if lowest <= pitch <= highest else new for pitch, new in zip(pitches, moved, strict=True)]
    if lowest > highest or not all(lowest <= pitch <= highest for pitch in moved):
        raise ParameterError(f"pitches = {wanted!r} has no room for all notes: give a range of an octave or more, like C4:B4.")
    return moved


def write_midi(path: Path, notes: list[tuple[int, float, float]], frequencies: tuple[float, ...]) -> None:
    """Write notes as a MIDI file.

    Parameters
    ----------
    path : Path
    notes : list of (channel, begin, duration)
        Times in ms as they shall be heard.
    frequencies : tuple of float
        Pitch of each channel in Hz; the nearest of equal temperament is written.
    """
    import mido

    file = mido.MidiFile(ticks_per_beat=TICKS)
    track = mido.MidiTrack()
    file.tracks.append(track)
    per_ms = TICKS * 1000 / TEMPO
    events = []
    for channel, begin, duration in notes:
        pitch = nearest_pitch(frequencies[channel])
        first, last = round(begin * per_ms), round((begin + duration) * per_ms)
        events += [(first, 1, "note_on", pitch), (max(last, first + 1), 0, "note_off", pitch)]
    now = 0
    track.append(mido.MetaMessage("set_tempo", tempo=TEMPO))
    for tick, _, kind, pitch in sorted(events):
        track.append(mido.Message(kind, note=pitch, velocity=80, time=tick - now))
        now = tick
    file.save(path)
