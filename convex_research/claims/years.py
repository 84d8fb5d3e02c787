"""C35: whether calendar years differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.sections.consistency import full_years
from convex_research.claims import applies
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule
from convex_research.claims.effects import CORRELATION_MARGIN_Z
from convex_research.claims.finding import Finding, sized_runs
from convex_research.claims.sentences import R, quantity, written
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
            "highest": quantity(highest, R, case.keys[1]),
            "lowest": written(lowest.value, R),
            "best": _year(highest),
            "worst": _year(lowest),
        },
        runs=runs,
        size=size,
        pvalues=Pvalues(test.pvalue, same.pvalue),
    )


def _year(r: Estimate) -> str:
    return "" if r.end is None else str(r.end.year)


DECLARED = (
    Declaration(
        id="C35",
        hypothesis="Calendar years differ in correlation",
        question="Do the years differ?",
        subject="whether the years differ",
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
            "yes": (
                "From {highest} in {best} to {lowest} in {worst}, allowing for the choice among "
                "{count} years"
            ),
            "slightly": (
                "From {highest} in {best} to {lowest} in {worst}: more than chance, too little to "
                "matter"
            ),
            "no": (
                "From {highest} in {best} to {lowest} in {worst}: no two of {count} years differ "
                "by enough to matter"
            ),
            "open": (
                "From {highest} in {best} to {lowest} in {worst}, among {count} years: not shown "
                "to be more than chance"
            ),
        },
    ),
)
