"""C33 and C34: what large changes of correlation go with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import ends, percent, pvalue, signed
from convex_research.claims.verdict import above, needs_test
from convex_research.core.estimates import NotComputed

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim, Verdict

__all__ = ["stress", "swings"]

# Named episodes cover part of any sample; with this much more overlap or less, chance is out.
_OPPOSITE = 0.975


def swings(facts: Facts, adjusted: float | None) -> Claim:
    """C33: correlation swings in the years in which volatility does."""
    key, test_key = "consistency.swings", "consistency.swings_test"
    rho, test = facts.estimate(key), facts.test(test_key)
    if rho is None or test is None:
        missing = facts.missing(key, test_key)
        return not_tested("C33", "What changes of correlation between years go with", missing)
    verdict: Verdict = above(rho, 0.0)
    if verdict != "rejected":
        verdict = needs_test("supported", adjusted) if rho.value > 0.0 else "inconclusive"
    runs = facts.runs(key, verdict, lambda one: above(one, 0.0))
    number = (
        f"over {rho.nobs + 1} years the sizes of both changes have a rank correlation of "
        f"{signed(rho.value)} {ends(rho)}, {pvalue(test.pvalue)}"
    )
    texts: dict[Verdict, str] = {
        "supported": f"Correlation changes most in the years in which volatility does: {number}",
        "rejected": f"Correlation changes most in other years than volatility does: {number}",
        "inconclusive": (
            f"Whether correlation changes most in the years in which volatility does is open: "
            f"{number}"
        ),
    }
    return told(
        "C33",
        verdict,
        texts,
        ending=facts.sample(rho, "changes between years"),
        evidence=(key, test_key),
        pvalue=test.pvalue,
        runs=runs,
    )


def stress(facts: Facts, adjusted: float | None) -> Claim:
    """C34: extreme windows coincide with named stress."""
    window = facts.analysis.config.rolling_window
    keys = (f"consistency.stress_share[{window}]", f"consistency.stress_base[{window}]")
    found = facts.estimates(*keys)
    test = facts.test(f"consistency.stress_test[{window}]")
    subject = "Whether extreme windows coincide with named stress episodes"
    if isinstance(found, NotComputed):
        return not_tested("C34", subject, found)
    if test is None:
        return not_tested("C34", subject, "the episodes cannot be shifted")
    share, base = found
    verdict: Verdict = "inconclusive"
    if share.value > base.value:
        verdict = needs_test("supported", adjusted)
    elif test.pvalue >= _OPPOSITE:
        verdict = "rejected"
    runs = facts.runs(keys[0], verdict, lambda one: above(one, base.value))
    number = (
        f"{percent(share.value)} of the most extreme windows of {window} observations hold days "
        f"of named stress, against {percent(base.value)} of all, {pvalue(test.pvalue)}"
    )
    span = [facts.estimate(f"rolling.null_{end}") for end in ("min", "max")]
    chance = ""
    if span[0] is not None and span[1] is not None:
        chance = (
            f"; a constant correlation would already span {signed(span[0].value)} to "
            f"{signed(span[1].value)} over the last {span[0].nobs:,} observations"
        )
    texts: dict[Verdict, str] = {
        "supported": f"Extremes of rolling correlation coincide with stress: {number}{chance}",
        "rejected": f"Extremes of rolling correlation avoid stress: {number}{chance}",
        "inconclusive": f"{subject} is open: {number}{chance}",
    }
    evidence = (*keys, f"consistency.stress_test[{window}]")
    ending = facts.sample(base, "overlapping windows")
    return told(
        "C34", verdict, texts, ending=ending, evidence=evidence, pvalue=test.pvalue, runs=runs
    )
