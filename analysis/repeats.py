"""The period at which a population repeats itself, from its spikes alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import neo
import numpy as np
import quantities as pq
from scipy.signal import find_peaks

from elise_pynn.analysis.rates import KERNEL_SD, firing_rates
from elise_pynn.analysis.self_similarity import LONGEST, RESOLUTION, repeat_profile
from elise_pynn.analysis.trains import is_silent

#: a repeat is at least so similar in nearly all moments
LEAST = 0.1
#: variance of the rates, in that of Poisson spikes, below which rates are constant: neurons that tick repeat themselves, but play nothing
MODULATION = 0.75
#: periods are sought from so many kernel widths on, where a spike does not reach itself any more, up to this share of the recording
SHORTEST_SD, LONGEST_SHARE = 6.0, 0.4
#: a peak stands out by this share of its height; a shorter period is preferred when it is this much as similar as the best
PROMINENCE, AS_GOOD = 0.5, 0.8
#: surrogates; the recording must exceed all of them, so that chance does it with probability 1 / (surrogates + 1)
SURROGATES = 39
#: of a longer recording only the beginning is looked at, for memory and time grow with it
LOOKED_AT = 20_000.0 * pq.ms


def is_modulated(trains: Sequence[neo.SpikeTrain], kernel_sd: pq.Quantity = KERNEL_SD, resolution: pq.Quantity = RESOLUTION) -> bool:
    """Whether rates vary: at least three quarters as much as the kernel makes Poisson spikes of a constant rate vary.

    Notes
    -----
    Poisson spikes have the variance rate / (2 sqrt(pi) kernel_sd), by Campbell's theorem. Regular spikes at an interval T have
    1 - 2 sqrt(pi) kernel_sd / T of it, so that ticking with T below 14 `kernel_sd` counts as a constant rate.
    """
    rates = firing_rates(trains, kernel_sd, resolution).magnitude
    poisson = rates.mean(axis=0).sum() / (2 * np.sqrt(np.pi) * float(kernel_sd.rescale(pq.ms)))
    return bool(rates.var(axis=0).sum() >= MODULATION * poisson)


def find_period(
    trains: Sequence[neo.SpikeTrain],
    kernel_sd: pq.Quantity = KERNEL_SD,
    resolution: pq.Quantity = RESOLUTION,
    longest: pq.Quantity = LONGEST,
    surrogates: int = SURROGATES,
    seed: int = 0,
) -> pq.Quantity | None:
    """The period at which a population repeats itself.

    The smallest lag at which the mean similarity peaks and nearly all moments are as similar as at the best lag, if they are more
    similar than at any lag in surrogates whose intervals between spikes are shuffled.

    Parameters
    ----------
    trains : sequence of neo.SpikeTrain
        Of one beginning and one end; the recording must hold two and a half periods.
    kernel_sd : Quantity
        Time scale on which the activity must come back. Periods below six times as much are not found.
    resolution : Quantity
        A time, at most `kernel_sd`.
    longest : Quantity
        Longest lag that is looked at; a period is at most 0.8 of it.
    surrogates : int
    seed : int
        Of the surrogates.

    Returns
    -------
    Quantity or None
        ms; None when nothing repeats, in silence, and without trains. Of a recording above 20 s only the first 20 s count.

    Notes
    -----
    ASSET and SPADE themselves look for repeats without a period and take too long for it: of 100 neurons at 300 Hz, ASSET's joint
    probabilities for one second are a sixth done after 150 s, SPADE with a window of 252 ms is not done with ten of them after 60 s.
    Surrogates by `elephant.spike_train_surrogates.shuffle_isis`. They tell repetition from a chance of the intervals; against slow
    common changes of rate it helps that nearly all moments must come back. What comes back but for less than a tenth of the time
    counts as a repeat. Neurons that only tick, each at an interval of its own below 14 `kernel_sd`, are taken as constant
    (`is_modulated`), as in a network that has learned nothing; shorter sequences of one spike per neuron need a smaller `kernel_sd`.
    """
    trains = [train.time_slice(train.t_start, min(train.t_stop, train.t_start + LOOKED_AT)) for train in trains]
    if is_silent(trains) or not is_modulated(trains, kernel_sd, resolution):
        return None
    lags, mean, lowest = repeat_profile(trains, kernel_sd, resolution, longest)
    step = float(lags[1]) if len(lags) > 1 else 1.0
    if len(lags) < 3:
        return None
    first = int(np.ceil(SHORTEST_SD * float(kernel_sd.rescale(pq.ms)) / step))
    last = round(2 * LONGEST_SHARE * (len(lags) - 1))
    peaks, properties = find_peaks(mean, prominence=0)
    keep = (peaks >= first) & (peaks <= last) & (properties["prominences"] >= PROMINENCE * np.abs(mean[peaks])) & (lowest[peaks] >= LEAST)
    peaks = peaks[keep]
    if not len(peaks):
        return None
    best = peaks[lowest[peaks] >= AS_GOOD * lowest[peaks].max()][0]
    shuffled = _surrogate_profiles(trains, kernel_sd, resolution, longest, surrogates, seed)
    if any(chance[first : last + 1].max() >= lowest[best] for chance in shuffled):
        return None
    left, top, right = mean[best - 1 : best + 2]
    return (best + 0.5 * (left - right) / (left - 2 * top + right)) * step * pq.ms


def _surrogate_profiles(
    trains: Sequence[neo.SpikeTrain], kernel_sd: pq.Quantity, resolution: pq.Quantity, longest: pq.Quantity, number: int, seed: int
) -> Iterator[np.ndarray]:
    from elephant.spike_train_surrogates import shuffle_isis

    # shuffled intervals add up to the last spike but for rounding: leave it room before the end
    roomy = [neo.SpikeTrain(train.times, t_start=train.t_start, t_stop=train.t_stop + resolution) for train in trains]
    with _seeded(seed):
        shuffled = [shuffle_isis(train, n_surrogates=number) for train in roomy]
    for i in range(number):
        yield repeat_profile([surrogate[i] for surrogate in shuffled], kernel_sd, resolution, longest)[2]


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed numpy's global generator, which Elephant draws from, and give it back as it was."""
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(seed)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
