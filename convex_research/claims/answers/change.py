"""C29: whether that has changed lately."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, NamedTuple

from convex_research.claims.answer import Answer
from convex_research.claims.answers.words import past, untested
from convex_research.claims.changes import findable, same_range
from convex_research.claims.sentences import CHANGE, TIMES, R, mapped, pvalue, quantity, written
from convex_research.core.flags import Flag
from convex_research.core.sentences import Sentence

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim
    from convex_research.claims.facts import Facts
    from convex_research.core.estimates import Estimate
    from convex_research.core.sentences import Quantity

__all__ = ["changed"]

_QUESTION = "Has that changed lately?"
_TIMES = TIMES._replace(suffix="×")


class _Look(NamedTuple):
    """The last observations against those before them, as the claim tells of them."""

    key: str
    gap: Estimate
    z: Estimate
    recent: Estimate
    preceding: Estimate


def look(facts: Facts, claim: Claim) -> _Look | None:
    """What C29 tells of: the look that comes first in its evidence."""
    first = next(iter(claim.evidence), "")
    name, _, window = first.partition("[")
    stem = name.removesuffix("difference")
    keys = tuple(f"{stem}{one}[{window}" for one in _PARTS)
    found = facts.estimates(*keys)
    if not isinstance(found, tuple) or claim.answer == "untested":
        return None
    return _Look(keys[0], *found)


_PARTS = ("difference_r_joint", "difference_joint", "recent", "preceding")
_CLOSING = {
    "yes": "more than chance",
    "slightly": "real, but small",
    "open": "possibly chance",
}


def changed(facts: Facts, claim: Claim) -> Answer:
    """C29, in the claim's own word; twins by the size of the gap between them."""
    seen = look(facts, claim)
    if seen is None:
        return untested(claim.id, _QUESTION, claim.reason or "the two samples cannot be compared")
    window = past(facts, seen.recent.nobs)
    before = facts.span(seen.preceding.nobs)
    fields: dict[str, str | Quantity] = {
        "recent": written(seen.recent.value, R),
        "preceding": written(seen.preceding.value, R),
        "before": before,
    }
    closer = abs(seen.recent.value) > abs(seen.preceding.value)
    way: Literal["closer", "looser"] = "closer" if closer else "looser"
    if claim.answer == "no":
        words = "{recent} against {preceding} before: the same, {range}."
        fields["range"] = same_range(facts)
    else:
        words = "{recent} against {preceding} in the {before} before: {closing}."
        closing = _CLOSING[claim.answer]
        if claim.answer == "yes" and claim.size == "open":
            closing = "a change, size open"
        fields["closing"] = closing if claim.answer == "open" else f"{way}, {closing}"
    number = quantity(seen.gap, CHANGE, seen.key)
    label = f"change, {window} less {facts.span(seen.preceding.nobs, letters=False)} before"
    if Flag.TWINS in facts.analysis.flags:
        number, label, words = _gap_of_twins(seen, window, facts)
    return Answer(
        id=claim.id,
        question=_QUESTION,
        answer=claim.answer,
        word=claim.word,
        number=number,
        label=label,
        window=window,
        way=way if claim.answer in {"yes", "slightly"} else "",
        sentence=Sentence(words, fields),
        keys=claim.evidence,
        notes=(
            (
                f"{seen.recent.nobs:,} {facts.period}s against {seen.preceding.nobs:,} before "
                f"them; {written(seen.recent.value, R)} against {written(seen.preceding.value, R)}."
            ),
            *((f"Two looks together: {pvalue(claim.pvalues.rejected)}.",) if claim.pvalues else ()),
            f"The same would be {same_range(facts)}.",
            *(
                (findable(facts, seen.preceding.value, seen.z, 4),)
                if claim.answer == "open"
                else ()
            ),
        ),
    )


def _gap_of_twins(seen: _Look, window: str, facts: Facts) -> tuple[Quantity, str, str]:
    """The change of z is that of the log of the gap beside what both move by."""
    ratio = mapped(seen.z, lambda z: math.exp(-z))
    number = quantity(ratio, _TIMES, seen.key)
    label = f"gap, {window} over {facts.span(seen.preceding.nobs, letters=False)} before"
    way = "Smaller" if ratio.value < 1.0 else "Larger"
    return (
        number,
        label,
        f"{way} than in the {{before}} before, measured by what both move: {{closing}}.",
    )
