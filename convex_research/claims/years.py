"""C35: whether calendar years differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.sections.consistency import full_years
from convex_research.claims import applies
from convex_research.claims.changes import same_range
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule
from convex_research.claims.effects import CORRELATION_MARGIN_Z
from convex_research.claims.finding import Finding, sized_runs
from convex_research.claims.places import At
from convex_research.claims.sentences import correlation
from convex_research.claims.verdict import Pvalues, size_of

if TYPE_CHECKING:
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import Estimate

__all__ = ["DECLARED"]

_TEST = "consistency.years"


def _years(case: Case) -> Finding:
    """Calendar years differ, shown by a test; by how much, by the widest gap."""
    facts = case.facts
    gap, highest, lowest = case.estimates
    test, same = case.tests
    runs, size = sized_runs(case, _TEST, size_of(gap, CORRELATION_MARGIN_Z))
    return Finding(
        of=gap,
        fields={
            "count": str(len(full_years(facts.analysis.returns.dates))),
            "highest": f"{correlation(highest.value)} {_ends(highest)} in {_year(highest)}",
            "lowest": f"{correlation(lowest.value)} in {_year(lowest)}",
            "range": same_range(facts),
        },
        runs=runs,
        size=size,
        pvalues=Pvalues(test.pvalue, same.pvalue),
    )


def _ends(r: Estimate) -> str:
    return f"[{correlation(r.low or 0.0)}, {correlation(r.high or 0.0)}]"


def _year(r: Estimate) -> int:
    return 0 if r.end is None else r.end.year


DECLARED = (
    Declaration(
        id="C35",
        hypothesis="Calendar years differ in correlation",
        question="Do the years differ?",
        subject="Whether calendar years differ",
        applies=applies.always,
        decide=_years,
        keys=("consistency.years_gap", "consistency.year_highest", "consistency.year_lowest"),
        tests=(_TEST, "consistency.years_within"),
        effects=(CORRELATION_MARGIN_Z,),
        rule=Rule(
            f"a test in which each year has its own error finds them unequal, {DISCOVERED}; by "
            "more than matters where the {level} interval of the widest gap between two years, the "
            f"choice among them allowed for, lies above {CORRELATION_MARGIN_Z:.2f} on Fisher's z "
            "scale",
            f"no two years differ by {CORRELATION_MARGIN_Z:.2f} of Fisher's z, {DISCOVERED}",
        ),
        sentences={
            "supported": (
                "Calendar years differ: from {highest} to {lowest}, allowing for the choice among "
                "{count} years"
            ),
            "rejected": (
                "All {count} calendar years are the same, {range}: from {highest} to {lowest}"
            ),
            "inconclusive": (
                "Whether calendar years differ is open: from {highest} to {lowest}, which chance "
                "alone could make of {count} years"
            ),
        },
        at=(At("correlation.years", 1),),
        gives_way={"correlation": 6},
    ),
)
