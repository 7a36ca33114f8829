"""What a network plays, beside what it was taught, to be heard: as MIDI and as sound."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from elise_pynn.analysis.notes import BINS_PER_STEP, THRESHOLD, kernel_rates
from elise_pynn.blueprint import Blueprint
from elise_pynn.midi_file import write_midi
from elise_pynn.parameters import NeuronParameters
from elise_pynn.pitch import pitch_frequency
from elise_pynn.protocol import Replay
from elise_pynn.sequence import Sequence
from elise_pynn.sound import SAMPLE_RATE, channels_to_sound, from_mel, mel
from elise_pynn.sound_file import write_sound

TAUGHT_SOUND, REPLAY_SOUND, REPLAY_MIDI = "taught.wav", "replay.wav", "replay.mid"
#: cycles that are rendered, at most, and so long altogether, in ms
CYCLES, LONGEST_MS = 4, 20_000.0
#: how long a step of notes is heard when the sequence does not say, in ms
HEARD_MS = 150.0
#: steps of the scale of channels without a pitch, in semitones, and the lowest of its pitches
PENTATONIC, LOWEST = (0, 2, 4, 7, 9), 48
#: range of the frequencies of continuous channels without a pitch, in Hz
RANGE_HZ = (200.0, 4000.0)
#: a tone: amplitudes of its harmonics, its decay, and its rise and fall in ms
HARMONICS, DECAY_MS, RISE_MS = (1.0, 0.5, 0.25, 0.12, 0.06), 600.0, 8.0

Notes = list[tuple[int, float, float]]


def audible_frequencies(sequence: Sequence) -> tuple[float, ...]:
    """The sequence's frequencies in Hz; where it has none, a pentatonic scale, or for continuous channels even steps of mel."""
    if sequence.frequencies:
        return sequence.frequencies
    n = sequence.n_channels
    if sequence.continuous.any() or n > 30:
        return tuple(float(f) for f in from_mel(np.linspace(mel(RANGE_HZ[0]), mel(RANGE_HZ[1]), n)))
    return tuple(pitch_frequency(LOWEST + 12 * (i // len(PENTATONIC)) + PENTATONIC[i % len(PENTATONIC)]) for i in range(n))


def step_heard(sequence: Sequence) -> float:
    """How long a step is heard, in ms."""
    return sequence.heard_ms or (sequence.step_ms if sequence.continuous.any() else max(HEARD_MS, sequence.step_ms))


def cycles_heard(sequence: Sequence, cycles: int) -> int:
    """How many of so many cycles are rendered: as many as there is time for, and at least one."""
    length = step_heard(sequence) * sequence.pattern.shape[1]
    return int(np.clip(LONGEST_MS // length, 1, min(CYCLES, cycles)))


def loudness(rates: np.ndarray, sequence: Sequence, neuron: NeuronParameters) -> np.ndarray:
    """Values 0 to 1 of the pattern whose target potentials have these rates, phi(u) in 1/ms: the inverse of `Sequence.target`."""
    bounded = np.clip(rates, 1e-9, 1 - 1e-9)
    potential = neuron.theta + np.log(bounded / (1 - bounded)) / neuron.beta
    return np.clip((potential - (neuron.E_L if sequence.low is None else sequence.low)) / sequence.amplitude, 0, 1)


def replayed_rates(replay: Replay, sequence: Sequence, blueprint: Blueprint) -> tuple[np.ndarray, float]:
    """Rates of the visible neurons over the rendered cycles of a replay, from spikes where there are any.

    Returns
    -------
    ndarray, shape (channels, bins)
        1/ms, of full rate; begins at the best shift of the first cycle.
    float
        ms per bin.
    """
    neuron, activity = blueprint.parameters.neuron, replay.activity
    cycles = cycles_heard(sequence, replay.scores.cycles)
    begin = replay.scores.shift_ms[0]
    if neuron.emission == "rate":
        first, length = round(begin / activity.interval), round(cycles * sequence.period / activity.interval)
        return activity.rates[:, first : first + length], activity.interval
    width = sequence.step_ms / BINS_PER_STEP
    bins = cycles * sequence.pattern.shape[1] * BINS_PER_STEP
    own = activity.spike_neurons < blueprint.visible
    times, channels = activity.spike_times[own] - begin, activity.spike_neurons[own]
    return kernel_rates(times, channels, sequence.n_channels, bins, width) / neuron.spikes_per_rate, width


def notes_of(rates: np.ndarray, interval: float, step_ms: float) -> Notes:
    """Notes as (channel, begin, duration) in ms: stretches above the threshold of the note score, a quarter of a step or longer."""
    found = []
    for channel, on in enumerate(rates > THRESHOLD):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
        found += [
            (channel, float(a * interval), float((b - a) * interval))
            for a, b in edges.reshape(-1, 2)
            if (b - a) * interval >= step_ms / 4 - 1e-9
        ]
    return found


def tones(notes: Notes, frequencies: tuple[float, ...], duration: float) -> np.ndarray:
    """Render notes (channel, begin, duration) in ms as plucked tones; samples from -1 to 1, `duration` ms of them."""
    sound = np.zeros(round(duration / 1000 * SAMPLE_RATE) + 1)
    for channel, begin, length in notes:
        first, last = (round(t / 1000 * SAMPLE_RATE) for t in (begin, begin + length))
        last = min(last, len(sound))
        t = np.arange(last - first) / SAMPLE_RATE
        swell = np.clip(np.minimum(t * 1000, (last - first) / SAMPLE_RATE * 1000 - t * 1000) / RISE_MS, 0, 1)
        audible = [(k + 1, a) for k, a in enumerate(HARMONICS) if (k + 1) * frequencies[channel] < SAMPLE_RATE / 2]
        tone = sum((a * np.sin(2 * np.pi * k * frequencies[channel] * t) for k, a in audible), np.zeros(len(t)))
        sound[first:last] += tone * swell * np.exp(-t * 1000 / DECAY_MS)
    return sound / max(float(np.abs(sound).max()), 1e-12) * 0.8 if notes else sound


def render(folder: Path, sequence: Sequence, blueprint: Blueprint, replay: Replay) -> list[str]:
    """Write what was taught and what is played as sound, and notes as MIDI, too.

    Returns
    -------
    list of str
        Names of the files written.
    """
    frequencies, cycles = audible_frequencies(sequence), cycles_heard(sequence, replay.scores.cycles)
    rates, interval = replayed_rates(replay, sequence, blueprint)
    stretch = step_heard(sequence) / sequence.step_ms
    if sequence.continuous.any():
        neuron = blueprint.parameters.neuron
        values = loudness(rates, sequence, neuron)
        if neuron.emission != "rate":  # a neuron at rest ticks: what a single spike makes is no sound
            lone = kernel_rates(np.array([50 * interval]), np.array([0]), 1, 100, interval).max() / neuron.spikes_per_rate
            values[values < 1.1 * loudness(lone, sequence, neuron)] = 0.0
        every = max(1, round(sequence.step_ms / 2 / interval))
        values = values[:, : values.shape[1] // every * every].reshape(len(values), -1, every).mean(axis=2)
        taught = channels_to_sound(np.tile(sequence.pattern, (1, cycles)), frequencies, sequence.step_ms * stretch)
        write_sound(folder / TAUGHT_SOUND, taught)
        write_sound(folder / REPLAY_SOUND, channels_to_sound(values, frequencies, every * interval * stretch))
        return [TAUGHT_SOUND, REPLAY_SOUND]
    length = cycles * sequence.period * stretch
    pattern = notes_of(
        np.tile(sequence.pattern, (1, cycles)).repeat(BINS_PER_STEP, axis=1), sequence.step_ms / BINS_PER_STEP, sequence.step_ms
    )
    pieces = [[(c, b * stretch, d * stretch) for c, b, d in notes] for notes in (pattern, notes_of(rates, interval, sequence.step_ms))]
    for name, notes in zip((TAUGHT_SOUND, REPLAY_SOUND), pieces, strict=True):
        write_sound(folder / name, tones(notes, frequencies, length))
    write_midi(folder / REPLAY_MIDI, pieces[1], frequencies)
    return [TAUGHT_SOUND, REPLAY_SOUND, REPLAY_MIDI]
