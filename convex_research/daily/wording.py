"""Sentences of the digest, the same in every form it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.presentation import formatting as fmt

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "PART_WORDS",
    "digest_sentence",
    "ends",
    "headline",
    "plural",
    "pvalue_words",
    "reading",
    "subject",
]

_NAMED = 3
PART_WORDS = {
    "change": "last 40 observations against the reference before them",
    "recent": "last 90 observations against those before them",
    "break": "test of a break at an unknown date",
    "extreme": "rolling extremes against their null envelope",
    "move": "latest spread move against the moves before it",
}


def plural(count: int, one: str, many: str | None = None) -> str:
    """A count with its noun."""
    return f"{fmt.count(count)} {one if count == 1 else many or one + 's'}"


def digest_sentence(content: Mapping[str, Any]) -> str:
    """The whole digest in one sentence."""
    compared = plural(content["comparisons"], "comparison")
    of = f"{compared} over {plural(content['pairs'], 'pair')}, data to {content['as_of']}"
    if not content["pairs_with_new_data"]:
        return f"No pair has new data ({of})."
    if content["comparisons"] == 0:
        return f"Nothing could be watched yet: no pair has enough daily data ({of})."
    if not content["signals"]:
        return f"A quiet day: no correlation or spread changed beyond chance ({of})."
    signals = content["signals"]
    named = "; ".join(one["title"] for one in signals[:_NAMED])
    more = f"; {len(signals) - _NAMED} more" if len(signals) > _NAMED else ""
    return f"{plural(len(signals), 'change')} beyond chance: {named}{more} ({of})."


def subject(content: Mapping[str, Any]) -> str:
    """Subject line of the mail."""
    day, signals = content["as_of"], content["signals"]
    if not signals:
        return f"Correlations to {day}: quiet"
    first = signals[0]["title"]
    more = f" and {len(signals) - 1} more" if len(signals) > 1 else ""
    return f"Correlations to {day}: {first}{more}"


def headline(signal: Mapping[str, Any]) -> str:
    """What a signal says."""
    if signal["kind"] == "spread":
        way = "up" if signal["statistic"] > 0 else "down"
        size = f"{abs(signal['statistic']):.1f}"
        return f"The spread jumped {way}, by {size} of its usual daily moves."
    recent, usual = signal.get("recent"), signal.get("usual")
    way = "rose" if signal["statistic"] > 0 else "fell"
    if signal["part"] != "change" or recent is None or usual is None:
        return f"The correlation {way}: {PART_WORDS[signal['part']]}."
    return (
        f"The correlation {way}: {_r(recent)} over the last {recent['nobs']} observations, "
        f"{_r(usual)} over the {fmt.count(usual['nobs'])} it is compared with."
    )


def reading(signal: Mapping[str, Any]) -> str:
    """Statistic, p-value and date of a signal."""
    return (
        f"statistic {fmt.number(signal['statistic'], 2, plus=True)} on {signal['reached']}, "
        f"adjusted p {pvalue_words(signal['pvalue_adjusted'])}; "
        f"{PART_WORDS[signal['part']]}"
    )


def ends(one: Mapping[str, Any]) -> str:
    """A value with its interval, as far as there are any."""
    if one.get("value") is None:
        return ""
    scale, unit = (100.0, " %") if one.get("kind") == "move" else (1.0, "")
    text = f"{fmt.number(scale * one['value'], 2, plus=True)}{unit}"
    if one.get("low") is None or one.get("high") is None:
        return text
    low, high = (fmt.number(scale * one[end], 2, plus=True) for end in ("low", "high"))
    return f"{text} [{low}, {high}]"


def pvalue_words(p: float | None) -> str:
    """A p-value with its relation, or a dash."""
    return "\N{EN DASH}" if p is None else fmt.pvalue(p)


def _r(estimate: Mapping[str, Any]) -> str:
    value = fmt.number(estimate["value"], 2, plus=True)
    if estimate.get("low") is None or estimate.get("high") is None:
        return value
    low, high = (fmt.number(estimate[end], 2, plus=True) for end in ("low", "high"))
    return f"{value} [{low}, {high}]"
