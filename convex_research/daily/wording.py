"""Sentences of the digest, the same in every form it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.claims.sentences import R, quantity
from convex_research.core import formatting as fmt
from convex_research.publishing.meta.describe import stored_estimate

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "digest_sentence",
    "headline",
    "known_of",
    "percent",
    "plural",
    "pvalue_text",
    "reading",
    "subject",
    "tests",
]

_NAMED = 3
_KEPT = "\N{NO-BREAK SPACE}"
_TIGHT = "\N{NARROW NO-BREAK SPACE}"
_PARTS = {
    "change": "last 40 observations against the reference before them",
    "recent": "last 90 observations against those before them",
    "break": "test of a break at an unknown date",
    "extreme": "rolling extremes against their null envelope",
    "move": "latest spread move against the moves before it",
}


def plural(count: int, one: str) -> str:
    """A count with its noun."""
    return f"{fmt.count(count)} {one if count == 1 else one + 's'}"


def digest_sentence(content: Mapping[str, Any]) -> str:
    """The whole digest in one sentence."""
    compared = plural(content["comparisons"], "comparison")
    of = f"{compared} over {plural(content['pairs'], 'pair')}, data to {content['as_of']}"
    if not content["pairs_with_new_data"]:
        return f"No pair has new data ({of})."
    made = ""
    if new := content["methods"]:
        made = (
            f" First day under methods {new['methods']} for {plural(new['pairs'], 'pair')}: "
            "intervals, tests and verdicts are made anew and not compared with those before."
        )
    if content["comparisons"] == 0:
        return f"Nothing could be watched yet: no pair has enough daily data ({of}).{made}"
    if not content["signals"]:
        return f"A quiet day: no correlation or spread changed beyond chance ({of}).{made}"
    signals = content["signals"]
    named = "; ".join(one["title"] for one in signals[:_NAMED])
    more = f"; {len(signals) - _NAMED} more" if len(signals) > _NAMED else ""
    return f"{plural(len(signals), 'change')} beyond chance: {named}{more} ({of}).{made}"


def subject(content: Mapping[str, Any]) -> str:
    """Subject line of the mail."""
    day, signals = content["as_of"], content["signals"]
    if "silent" in content:
        return f"Correlations: no source answered, data to {day}" if day else "No source answered"
    if not signals:
        return f"Correlations to {day}: quiet"
    first = signals[0]["title"]
    more = f" and {len(signals) - 1} more" if len(signals) > 1 else ""
    return f"Correlations to {day}: {first}{more}"


def headline(signal: Mapping[str, Any]) -> str:
    """What a signal says, with intervals."""
    if signal["kind"] == "spread":
        return _jump(signal)
    recent, usual = signal.get("recent"), signal.get("usual")
    way = "rose" if signal["statistic"] > 0 else "fell"
    if recent is None or usual is None:
        return f"The correlation {way}: {_PARTS[signal['part']]}."
    return (
        f"The correlation {way}: {_r(recent)} over the last {recent['nobs']} observations, "
        f"{_r(usual)} over the {fmt.count(usual['nobs'])} it is compared with (95 % intervals)."
    )


def _jump(signal: Mapping[str, Any]) -> str:
    way = "up" if signal["statistic"] > 0 else "down"
    size = f"by {abs(signal['statistic']):.1f} of its usual daily moves"
    move = signal.get("move")
    if move is None:
        return f"The spread jumped {way} on {signal['reached']}, {size}."
    low, high = (percent(move[end]) for end in ("low", "high"))
    moved = f"{fmt.number(100.0 * abs(move['value']), 2)}{_TIGHT}%"
    return (
        f"The spread jumped {way} by {moved}, {size}; at this volatility "
        f"95 % of its moves lie within {low} to {high}."
    )


def reading(signal: Mapping[str, Any]) -> str:
    """Statistic, p-value and date of a signal, as a sentence."""
    return (
        f"Statistic {fmt.number(signal['statistic'], 2, plus=True)} on {signal['reached']}, "
        f"p{_KEPT}{pvalue_text(signal['pvalue'])}, "
        f"adjusted p{_KEPT}{pvalue_text(signal['pvalue_adjusted'])}; "
        f"{_PARTS[signal['part']]}."
    )


def known_of(source: Mapping[str, Any]) -> str:
    """The series of a source that did not answer, each with its last known date."""
    listed = [
        f"{one['symbol']} to {one['last']}" if one["last"] else f"{one['symbol']} never read"
        for one in source["series"]
    ]
    listed += [f"{source['more']} more"] if source["more"] else []
    return f"Known: {'; '.join(listed)}"


def tests(one: Mapping[str, Any]) -> str:
    """Statistic and p-values of a listed change, in words."""
    found = []
    if one.get("statistic") is not None:
        found.append(f"statistic {fmt.number(one['statistic'], 2, plus=True)}")
    if one.get("pvalue") is not None:
        found.append(f"p{_KEPT}{pvalue_text(one['pvalue'])}")
    if one.get("pvalue_adjusted") is not None:
        found.append(f"adjusted p{_KEPT}{pvalue_text(one['pvalue_adjusted'])}")
    elif one.get("open"):
        found.append("reported earlier, not tested anew")
    return ", ".join(found)


def pvalue_text(p: float | None) -> str:
    """A p-value with its relation on one line, or a dash."""
    return "\N{EN DASH}" if p is None else fmt.pvalue(p).replace(" ", _KEPT)


def _r(estimate: Mapping[str, Any]) -> str:
    """A correlation as pages write it."""
    found = stored_estimate(estimate)
    return "" if found is None else str(quantity(found, R))


def percent(x: float) -> str:
    """A signed share in per cent."""
    return f"{fmt.number(100.0 * x, 2, plus=True)}{_TIGHT}%"
