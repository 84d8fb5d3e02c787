"""C33 and C34: what changes between years go with, and how far rolling r strays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import applies
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule
from convex_research.claims.finding import Finding
from convex_research.claims.sentences import R, bounded, of_samples, quantity, reach, written
from convex_research.claims.survival import over
from convex_research.claims.verdict import Pvalues
from convex_research.core.sentences import Quantity
from convex_research.statistics.inference.edge import pvalue_below

if TYPE_CHECKING:
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import NotComputed

__all__ = ["DECLARED"]

_STRESS = ("consistency.stress_share[{}]", "consistency.stress_base[{}]")


def _swings(case: Case) -> Finding:
    """Correlation swings in the years in which volatility does."""
    (rho,), (test,) = case.estimates, case.tests
    shown = quantity if case.verdict == "inconclusive" else bounded
    return Finding(
        of=rho,
        fields={
            "rank": shown(rho, R, case.keys[0], null=0.0),
            "count": str(rho.nobs + 1),
        },
        reach=reach(rho, 0.0, "rank correlation", tails=1, most=1.0),
        runs=case.runs(over(0.0)),
        pvalues=Pvalues(test.pvalue, pvalue_below(rho, 0.0, "fisher")),
        counted="changes between years",
    )


def _loosens(case: Case) -> Finding | NotComputed:
    """Rolling r came nearer to zero than a constant r would bring it."""
    facts = case.facts
    window = facts.analysis.config.rolling_window
    whole = facts.estimate("correlation.pearson[all]")
    end = "max" if whole and whole.value < 0.0 else "min"
    key = f"rolling.pearson_{end}_test[{window}]"
    test, usual = facts.test(key), facts.estimate(f"rolling.null_{end}")
    if test is None or usual is None:
        return facts.missing(key, f"rolling.null_{end}")
    extreme = f"rolling.pearson_{end}_5y[{window}]"
    farthest = facts.estimate(extreme)
    ended = None if farthest is None else farthest.end
    keys = [one.format(window) for one in _STRESS]
    stressed = all(facts.estimate(one) is not None for one in keys)
    return Finding(
        of=usual,
        fields={
            "window": f"{window}-{facts.period}",
            "least": Quantity(written(test.statistic, R), "", extreme if ended else key),
            "when": f" in {ended:%B %Y}" if ended else "",
            "span": (span := facts.span(usual.nobs)),
            "long": span.removesuffix("s").replace(" ", "-"),
            "fell": "rose" if end == "max" else "fell",
            "lowest": "Highest" if end == "max" else "Lowest",
            "low": "high" if end == "max" else "low",
            "chance": of_samples(test),
        },
        evidence=(
            *(key, f"rolling.null_{end}", *((extreme,) if ended else ())),
            *(keys if stressed else ()),
        ),
        pvalues=Pvalues(test.pvalue, 1.0),
    )


DECLARED = (
    Declaration(
        id="C33",
        hypothesis="Correlation changes most in the years in which volatility does",
        question="Does r change most when volatility does?",
        subject="links between years",
        applies=applies.always,
        decide=_swings,
        keys=("consistency.swings",),
        tests=("consistency.swings_test",),
        parent="C35",
        rule=Rule(
            f"the rank correlation with changes of volatility is positive, {DISCOVERED}",
            "its interval lies wholly below zero",
        ),
        sentences={
            "yes": (
                "Years of large changes in r are years of large changes in volatility: rank "
                "correlation {rank}"
            ),
            "no": (
                "Years of large changes in r are years of small changes in volatility: rank "
                "correlation {rank}"
            ),
            "open": "The rank correlation of the two changes over {count} years is {rank}",
        },
    ),
    Declaration(
        id="C34",
        hypothesis="Rolling correlation came nearer to zero than a constant one would",
        question="Does the tie ever loosen?",
        subject="whether the tie ever loosens",
        applies=applies.always,
        decide=_loosens,
        rule=Rule(
            "the extreme of rolling r lies beyond those of simulated samples whose correlation is "
            f"constant, {DISCOVERED}",
            "it cannot be: an extreme that chance explains proves nothing",
        ),
        sentences={
            "yes": (
                "{window} r {fell} to {least}{when}; a constant r does so in {chance} simulated "
                "{long} samples"
            ),
            "open": (
                "{lowest} {window} r in {span}: {least}{when}; a constant r goes as {low} in "
                "{chance} simulated samples"
            ),
        },
    ),
)
