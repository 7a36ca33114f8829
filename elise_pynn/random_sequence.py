"""Random sequences that cannot be played by knowing the present element only, and how ambiguous a sequence is."""

from __future__ import annotations

import numpy as np

from elise_pynn.quantity import ParameterError
from elise_pynn.sequence import Sequence

#: draws after which no sequence is expected any more
TRIES = 20_000
#: longest sequences that are drawn until no neighbours are alike
REJECTED = 32
#: share of rests in a song
RESTS = 0.08


def context_lengths(pattern: np.ndarray) -> np.ndarray:
    """How many elements back one must look from each step, itself included, to know the next one.

    Parameters
    ----------
    pattern : ndarray, shape (channels, steps)
        Cyclic; an element is what sounds in a step.

    Returns
    -------
    ndarray of int, shape (steps,)
        1 where the present element tells; the number of steps where not even the whole cycle does.
    """
    elements = np.unique(np.asarray(pattern, dtype=float), axis=1, return_inverse=True)[1].reshape(-1)
    n = len(elements)
    after, contexts, lengths = np.roll(elements, -1), np.zeros(n, dtype=int), np.zeros(n, dtype=int)
    for length in range(1, n + 1):
        # a context is numbered by its oldest element and the number of what followed that
        pairs = np.stack([np.roll(elements, length - 1), contexts])
        contexts = np.unique(pairs, axis=1, return_inverse=True)[1].reshape(-1)
        followers = np.unique(np.stack([contexts, after]), axis=1)[0]
        lengths[(lengths == 0) & (np.bincount(followers, minlength=n)[contexts] == 1)] = length
        if lengths.all():
            break
    return np.where(lengths == 0, n, lengths)


def context_length(pattern: np.ndarray) -> int:
    """How many elements must be known to know the next one, wherever in the cycle: the longest of `context_lengths`."""
    return int(context_lengths(pattern).max())


def random_sequence(order: int, channels: int = 8, steps: int = 24, seed: int = 1, step_ms: float = 10.0) -> Sequence:
    """Draw a cyclic sequence of single elements, neighbours different, whose context length is `order`.

    Parameters
    ----------
    order : int
        1: every element has one successor; 3: it takes three elements to know the next one.
    channels, steps : int
        Every channel occurs.
    seed : int
    step_ms : float

    Raises
    ------
    ParameterError
        When no such sequence is found.
    """
    rng = np.random.default_rng([seed, order, channels, steps])
    if channels < 2 or steps < channels or order < 1:
        raise ParameterError(f"order = {order}, channels = {channels}, steps = {steps}: give order >= 1, channels >= 2, steps >= channels.")
    for _ in range(TRIES):
        if order == 1 and steps == channels:
            elements = rng.permutation(channels)
        elif steps <= REJECTED:
            elements = rng.integers(channels, size=steps)
        else:  # each among the others than the one before
            elements = np.cumsum(rng.integers(1, channels, size=steps)) % channels
        if (elements == np.roll(elements, 1)).any() or len(set(elements.tolist())) < channels:
            continue
        pattern = np.zeros((channels, steps))
        pattern[elements, np.arange(steps)] = 1
        if context_length(pattern) == order:
            return Sequence(f"random-order-{order}-seed-{seed}", pattern, step_ms)
    raise ParameterError(
        f"no sequence of {steps} steps over {channels} channels with a context of {order} elements was found: more channels make shorter "
        "contexts, more steps longer ones; for a context of 1 give as many steps as channels."
    )


def random_song(channels: int = 8, steps: int = 24, chords: bool = False, seed: int = 1) -> Sequence:
    """Draw a song: notes of one, two or four steps, one at a time or up to three, and a rest here and there.

    Parameters
    ----------
    channels, steps : int
        Every channel occurs.
    chords : bool
    seed : int
    """
    for attempt in range(TRIES):
        rng = np.random.default_rng([seed, channels, steps, chords, attempt])
        pattern, step = np.zeros((channels, steps)), 0
        while step < steps:
            length = int(rng.choice([1, 1, 2, 2, 4]))
            if rng.random() > RESTS:
                voices = int(rng.choice([1, 2, 3])) if chords else 1
                pattern[rng.choice(channels, min(voices, channels), replace=False), step : step + length] = 1
            step += length
        if pattern.any(axis=1).all():
            return Sequence(f"song-{'chords' if chords else 'one-voice'}-{channels}x{steps}-seed-{seed}", pattern)
    raise ParameterError(f"channels = {channels} do not all occur in {steps} steps: give fewer channels or more steps.")
