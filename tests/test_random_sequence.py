"""Ambiguity of sequences, random sequences, and the predictor of a scaffold."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from elise_pynn import ParameterError, fuer_elise, make_blueprint
from elise_pynn.predictor import best_blueprint, residual_variance
from elise_pynn.random_sequence import context_length, context_lengths, random_sequence, random_song


def of(elements):
    pattern = np.zeros((max(elements) + 1, len(elements)))
    pattern[elements, np.arange(len(elements))] = 1
    return pattern


@pytest.mark.parametrize(
    ("elements", "length"),
    [([0, 1, 2], 1), ([0, 1, 0, 2], 2), ([0, 1, 2, 3, 1, 2, 4], 3), ([0, 1, 2, 3, 4, 1, 2, 3, 5], 4), ([0, 1, 0, 1], 1), ([0, 0, 1], 2)],
)
def test_context_length(elements, length):
    assert context_length(of(elements)) == length


@pytest.mark.parametrize("seed", range(6))
def test_context_lengths_equal_a_search_through_all_contexts(seed):
    elements = np.random.default_rng(seed).integers(3, size=4 + 3 * seed).tolist()
    n = len(elements)

    def told(i, length):
        context = [elements[(i - back) % n] for back in range(length)]
        after = {elements[(j + 1) % n] for j in range(n) if [elements[(j - back) % n] for back in range(length)] == context}
        return len(after) == 1

    expected = [next((length for length in range(1, n + 1) if told(i, length)), n) for i in range(n)]
    np.testing.assert_array_equal(context_lengths(of(elements)), expected)


@pytest.mark.parametrize("chords", [False, True])
def test_random_songs_use_every_channel(chords):
    songs = [random_song(7, 32, chords, seed) for seed in range(5)]
    voices = [song.pattern.sum(axis=0).max() for song in songs]
    assert all(song.pattern.shape == (7, 32) and song.pattern.any(axis=1).all() for song in songs)
    assert max(voices) == (3 if chords else 1) and any((song.pattern.sum(axis=0) == 0).any() for song in songs)
    np.testing.assert_array_equal(songs[1].pattern, random_song(7, 32, chords, 1).pattern)
    with pytest.raises(ParameterError, match="channels = 9"):
        random_song(9, 4)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_random_sequences_have_the_order_asked_for(order):
    sequence = random_sequence(order, channels=8, steps=8 if order == 1 else 24, seed=3)
    assert context_length(sequence.pattern) == order
    assert (sequence.pattern.sum(axis=0) == 1).all() and sequence.pattern.any(axis=1).all()
    np.testing.assert_array_equal(sequence.pattern, random_sequence(order, 8, sequence.pattern.shape[1], seed=3).pattern)


def test_impossible_sequences_are_refused():
    with pytest.raises(ParameterError, match="no sequence of 8 steps"):
        random_sequence(5, channels=8, steps=8)
    with pytest.raises(ParameterError, match="channels >= 2"):
        random_sequence(1, channels=1)


def test_predictor_is_one_without_latents_that_help_and_small_for_a_good_scaffold():
    sequence = fuer_elise()
    network = make_blueprint(13, 50, 1)
    good = residual_variance(network, sequence)
    bare = residual_variance(dataclasses.replace(network, scaffold=np.empty((0, 2), dtype=int)), sequence)
    assert 0 < good < 0.2 < bare < 1  # the visible neurons alone cannot tell what comes next


def test_best_blueprint_is_the_most_promising_of_its_draws():
    sequence = fuer_elise()
    chosen = best_blueprint(sequence, 20, seed=2, draws=4)
    every = [residual_variance(make_blueprint(13, 20, 2000 + draw), sequence) for draw in range(4)]
    assert residual_variance(chosen, sequence) == min(every) and chosen.seed == 2000 + int(np.argmin(every))
