"""The scores of a run in words: what each is, what good values are, and how good this one is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

GOOD, FAIR, POOR = "good", "fair", "poor"


@dataclass(frozen=True)
class Score:
    """A score: its value as text and number, a sentence on it, and a verdict, empty when there is none."""

    name: str
    text: str
    unit: str
    value: float | None
    sentence: str
    verdict: str = ""
    higher_is_better: bool | None = None


def _judge(value: float, good: float, poor: float) -> str:
    """Verdict on a value, from the ends at which it is good and poor; whichever is larger says which way is better."""
    sign = 1 if good > poor else -1
    return GOOD if sign * value >= sign * good else POOR if sign * value < sign * poor else FAIR


def scores_of(summary: dict[str, Any], period: float) -> list[Score]:
    """Return the scores of a run, explained.

    Parameters
    ----------
    summary : dict
        As in ``run.json``.
    period : float
        Of the sequence, ms.
    """
    replay, spikes = summary["replay"], summary["spikes_per_cycle"]
    sustained, cycles, f1 = replay["sustained_cycles"], replay["cycles"], replay["note_f1"]
    r, mse, drift = replay["median_correlation"], replay["median_mse"], replay["drift_ms_per_cycle"]
    found = [
        Score(
            "Sustained cycles",
            f"{sustained} of {cycles}",
            "",
            sustained / cycles,
            "Replayed cycles, from the first one on, until the correlation falls below 0.8; good: all of them.",
            _judge(sustained / cycles, 1.0, 0.5),
            True,
        ),
        Score(
            "Correlation",
            f"{r:.3f}".replace("-", "−"),
            "",
            r,
            "How alike the played and the taught rates rise and fall, averaged over channels, median of the cycles; 1 is identical, 0 "
            "unrelated, good: above 0.95, lost: below 0.8.",
            _judge(r, 0.95, 0.8),
            True,
        ),
        Score(
            "MSE",
            f"{mse:.4f}",
            "1/ms²",
            mse,
            "Mean squared error: how far the played rates are from the taught ones, median of the cycles; 0 is perfect, good: below 0.005, "
            "poor: above 0.02.",
            _judge(mse, 0.005, 0.02),
            False,
        ),
    ]
    note = (
        "Notes that are right, from the spikes alone: right channel, onset and offset within one step; 1 means every note and no "
        "wrong one, good: above 0.95."
    )
    if f1 is None:
        why = "the run has no spikes" if not spikes else "continuous channels have no notes"
        found.append(Score("Note F1", "–", "", None, f"Not given here, for {why}. {note}", "", True))
    else:
        found.append(Score("Note F1", f"{f1:.3f}", "", f1, note, _judge(f1, 0.95, 0.8), True))
    share = abs(drift) / period
    found.append(
        Score(
            "Drift",
            f"{drift:+.1f}".replace("-", "−") if sustained else "–",
            "ms/cycle",
            abs(drift) if sustained else None,
            "How much later (+) or earlier (−) than in the cycle before the sequence comes, so how much slower or faster it is played; "
            "good: below 1 % of the cycle.",
            _judge(share, 0.01, 0.05) if sustained else "",
            False,
        )
    )
    found.append(
        Score(
            "Spikes per cycle",
            f"{spikes:,.0f}".replace(",", " ") if spikes else "–",
            "",
            spikes or None,
            "Spikes of all neurons in one cycle: what playing costs, with no good or bad."
            + ("" if spikes else " This run is of the rate form, which has none."),
        )
    )
    return found


def headline(summary: dict[str, Any]) -> str:
    """Say in one sentence how well the run plays."""
    replay = summary["replay"]
    sustained, cycles = replay["sustained_cycles"], replay["cycles"]
    taught = f"After {summary['cycles']:,} cycle{'s' if summary['cycles'] > 1 else ''} of teaching".replace(",", " ")
    if sustained == cycles:
        how = "its one replayed cycle is recognisable" if cycles == 1 else f"all {cycles} replayed cycles are recognisable"
        return f"{taught}, the network plays on without its teacher: {how}."
    if sustained:
        return f"{taught}, the network plays on without its teacher for {sustained} of {cycles} cycles, then loses the sequence."
    return f"{taught}, the network does not play the sequence without its teacher."
