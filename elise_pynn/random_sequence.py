"""Random sequences that cannot be played by knowing the present element only, and how ambiguous a sequence is."""

from __future__ import annotations

import numpy as np

from elise_pynn.quantity import ParameterError
from elise_pynn.sequence import Sequence

#: draws after which no sequence is expected any more
TRIES = 20_000


def context_length(pattern: np.ndarray) -> int:
    """How many elements back one must look, the present one included, to know the next one.

    Parameters
    ----------
    pattern : ndarray, shape (channels, steps)
        Cyclic; an element is what sounds in a step.

    Returns
    -------
    int
        1 for a sequence in which every element has one successor; the number of steps if even the whole cycle does not tell.
    """
    steps = [column.tobytes() for column in np.asarray(pattern, dtype=float).T]
    n = len(steps)
    for length in range(1, n):
        following: dict[tuple[bytes, ...], bytes] = {}
        contexts = ((tuple(steps[(i - back) % n] for back in range(length)), steps[(i + 1) % n]) for i in range(n))
        if all(following.setdefault(context, after) == after for context, after in contexts):
            return length
    return n


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
        elements = rng.permutation(channels) if order == 1 and steps == channels else rng.integers(channels, size=steps)
        if (elements == np.roll(elements, 1)).any() or len(set(elements.tolist())) < channels:
            continue
        pattern = np.zeros((channels, steps))
        pattern[elements, np.arange(steps)] = 1
        if context_length(pattern) == order:
            return Sequence(f"random-order-{order}-seed-{seed}", pattern, step_ms)
    raise ParameterError(
        f"no sequence of {steps} steps over {channels} channels with a context of {order} elements was found: more channels make shorter "
        "contexts, more steps longer ones."
    )
