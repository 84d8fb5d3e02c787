"""C29: whether that has changed lately."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from convex_research.claims.answer import Answer
from convex_research.claims.answers.words import EXACTLY, untested
from convex_research.claims.changes import agreeing, change, same_range
from convex_research.claims.sentences import R, in_words, pvalue, written
from convex_research.core.flags import Flag
from convex_research.core.sentences import Sentence

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim
    from convex_research.claims.facts import Facts
    from convex_research.core.estimates import Estimate

__all__ = ["changed"]

_QUESTION = "Has that changed lately?"
_CLOSING = {"yes": "more than chance", "slightly": "real, but small", "open": "possibly chance"}


class _Look(NamedTuple):
    """The last observations against those before them, as the claim tells of them."""

    in_z: str
    in_r: str
    z: Estimate
    r: Estimate
    recent: Estimate
    preceding: Estimate

    @property
    def weeks(self) -> bool:
        """Whether it is of weeks, as closes are apart."""
        return "weekly" in self.in_z

    @property
    def pair(self) -> list[str]:
        """Both correlations, as they are read, the later one first."""
        return [written(one.value, R) for one in (self.recent, self.preceding)]

    @property
    def places(self) -> int:
        """Decimals of the change beside them."""
        return agreeing(self.r, self.recent.value, self.preceding.value)

    def span(self, facts: Facts, one: Estimate, *, letters: bool = False) -> str:
        """So many observations as time."""
        if self.weeks:
            years = one.nobs // _WEEKS_A_YEAR
            return f"{in_words(years) if letters else years} years"
        return facts.span(one.nobs, letters=letters)


_WEEKS_A_YEAR = 52


def _look(facts: Facts, claim: Claim) -> _Look | None:
    """What C29 tells of: the look that comes first in its evidence."""
    first = next(iter(claim.evidence), "")
    name, _, window = first.partition("[")
    stem = name.removesuffix("difference")
    joint = "" if "weekly" in stem else "_joint"
    names = (f"difference{joint}", f"difference_r{joint}", "recent", "preceding")
    keys = [f"{stem}{one}[{window}" for one in names]
    found = facts.estimates(*keys)
    if not isinstance(found, tuple) or claim.answer == "untested":
        return None
    z, r, recent, preceding = found
    return _Look(keys[0], keys[1], z, r, recent, preceding)


def changed(facts: Facts, claim: Claim) -> Answer:
    """C29, in the claim's own word; twins by the size of the gap between them."""
    seen = _look(facts, claim)
    if seen is None:
        why = EXACTLY if Flag.EXACT in facts.analysis.flags else claim.reason
        return untested(claim.id, _QUESTION, why or "the two samples cannot be compared")
    length = seen.span(facts, seen.recent)
    window = f"past {length}" if "year" in length else f"last {length}"
    before = seen.span(facts, seen.preceding)
    recent, preceding = seen.pair
    closer = abs(seen.recent.value) > abs(seen.preceding.value)
    way: Literal["closer", "looser"] = "closer" if closer else "looser"
    number = change(facts, seen.in_z, seen.in_r, places=seen.places)
    kind = "weekly r" if seen.weeks else "change"
    label = f"{kind}, {window} less {before} before"
    if facts.twins:
        number = number._replace(text=number.text.replace(" times", "×"))
        label = f"gap, {window} over {before} before"
    same = same_range(facts, seen.preceding.value if seen.weeks else None)
    return Answer(
        id=claim.id,
        question=_QUESTION,
        answer=claim.answer,
        word=claim.word,
        number=number,
        label=label,
        window=window,
        way=way if claim.answer in {"yes", "slightly"} else "",
        sentence=Sentence(
            _words(claim, twins=facts.twins),
            {
                "recent": recent,
                "preceding": preceding,
                "before": seen.span(facts, seen.preceding, letters=True),
                "way": "Smaller" if closer else "Larger",
                "closing": _closing(claim, way, twins=facts.twins),
                "same": same,
            },
        ),
        keys=claim.evidence,
        notes=(
            (
                f"{seen.recent.nobs:,} {_period(facts, seen)}s against {seen.preceding.nobs:,} "
                f"before them, {recent} against {preceding}."
            ),
            *((f"All looks together: {pvalue(claim.pvalues.rejected)}.",) if claim.pvalues else ()),
            f"The same would be {same}.",
            *((claim.reach,) if claim.reach else ()),
        ),
    )


def _period(facts: Facts, seen: _Look) -> str:
    return "week" if seen.weeks else facts.period


def _words(claim: Claim, *, twins: bool) -> str:
    if twins:
        return "{way} than in the {before} before, against what both move: {closing}."
    if claim.answer == "no":
        return "{recent} against {preceding} before: the same, {same}."
    return "{recent} against {preceding} in the {before} before: {closing}."


def _closing(claim: Claim, way: str, *, twins: bool) -> str:
    if claim.answer == "no":
        return "it counts as the same"
    closing = _CLOSING[claim.answer]
    if claim.answer == "yes" and claim.size == "open":
        closing = "a change, size open"
    return closing if claim.answer == "open" or twins else f"{way}, {closing}"
