"""C35: whether calendar years differ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.analysis.sections.consistency import full_years
from convex_research.claims import applies
from convex_research.claims.declaration import DISCOVERED, Declaration, Finding, Rule
from convex_research.claims.effects import CORRELATION_MARGIN_Z
from convex_research.claims.places import At
from convex_research.claims.sentences import correlation, decimals_off, ends, pvalue, signed
from convex_research.claims.survival import broken
from convex_research.claims.verdict import Pvalues, above, size_of
from convex_research.statistics.inference.edge import pvalue_below

if TYPE_CHECKING:
    from convex_research.claims.claim import Verdict
    from convex_research.claims.declaration import Case
    from convex_research.claims.facts import Facts
    from convex_research.core.estimates import Estimate

__all__ = ["DECLARED"]

_TEST = "consistency.years"
_OPEN = "by how much is open"


def _years(case: Case) -> Finding:
    """Calendar years differ, shown by a test; by how much, by the widest gap."""
    facts = case.facts
    (gap, narrow), (test,) = case.estimates, case.tests
    margin = CORRELATION_MARGIN_Z
    verdict = case.verdict
    size = size_of(gap, margin) if verdict == "supported" else None
    runs = facts.runs(_TEST, verdict, _apart)
    extent = {None: "by more than matters", "slight": "by less than matters", "open": _OPEN}[size]
    if size is None:
        sized = case.runs(verdict, _apart)
        if verdict == "supported" and not all(one["agrees"] for one in sized):
            size, extent = "open", f"{_OPEN}, because that changes {broken(sized)}"
        else:
            runs += sized
    places = decimals_off(margin, gap.value, gap.low, gap.high, narrow.high)
    number = (
        f"{_farthest(facts)} are {signed(gap.value, places, plus=False)} "
        f"{ends(gap, places, plus=False)} apart in Fisher's z (r on a scale without ends), the "
        f"choice among the years allowed for, {pvalue(test.pvalue)}; the least that matters is "
        f"{margin:.2f}{_at_level(facts, margin)}"
    )
    return Finding(
        verdict=verdict,
        of=gap,
        fields={
            "extent": extent,
            "most": signed(narrow.high or 0.0, places, plus=False),
        },
        detail=number,
        runs=runs,
        size=size,
        pvalues=Pvalues(test.pvalue, pvalue_below(narrow, margin)),
    )


def _apart(gap: Estimate) -> Verdict:
    return above(gap, CORRELATION_MARGIN_Z)


def _farthest(facts: Facts) -> str:
    """The years with the highest and the lowest r, as the subject of a gap."""
    counted = [year for year, _ in full_years(facts.analysis.returns.dates)]
    found = {year: facts.estimate(f"correlation.pearson[{year}]") for year in counted}
    r = {year: one.value for year, one in found.items() if one is not None}
    high, low = max(r, key=r.__getitem__), min(r, key=r.__getitem__)
    return (
        f"of {len(counted)} years the farthest two, {high} with r {correlation(r[high])} and "
        f"{low} with {correlation(r[low])},"
    )


def _at_level(facts: Facts, margin: float) -> str:
    """What a margin on Fisher's scale is in r, at the r of the whole sample."""
    whole = facts.estimate("correlation.pearson[all]")
    if whole is None:
        return ""
    low, high = (math.tanh(math.atanh(whole.value) + step) for step in (-margin, margin))
    return f", from r {correlation(whole.value)} to {correlation(low)} or {correlation(high)}"


DECLARED = (
    Declaration(
        id="C35",
        hypothesis="Calendar years differ in correlation",
        question="Do the years differ?",
        subject="Whether calendar years differ",
        applies=applies.always,
        decide=_years,
        keys=("consistency.years_gap", "consistency.years_gap_90"),
        tests=(_TEST,),
        effects=(CORRELATION_MARGIN_Z,),
        rule=Rule(
            f"a test in which each year has its own error finds them unequal, {DISCOVERED}; by "
            "more than matters where the {level} interval of the widest gap between two years, the "
            f"choice among them allowed for, lies above {CORRELATION_MARGIN_Z:.2f} on Fisher's z "
            "scale",
            "the 90 % interval of the widest gap between two years ends below "
            f"{CORRELATION_MARGIN_Z:.2f}",
        ),
        sentences={
            "supported": "Calendar years differ in correlation, {extent}",
            "rejected": (
                "Calendar years have the same correlation, no two of them "
                f"{CORRELATION_MARGIN_Z:.2f} apart (at most {{most}} by the 90 % interval)"
            ),
        },
        at=(At("correlation.years", 1),),
        gives_way={"correlation": 6},
    ),
)
