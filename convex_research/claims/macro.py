"""C02, C03, C05, C14, C18b and C21: the spread and the correlation against macro series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import effects
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import (
    counted,
    ends,
    percent,
    percent_ends,
    pvalue,
    reach,
    signed,
)
from convex_research.claims.survival import far_from_zero, run
from convex_research.claims.verdict import above, beyond, needs_test
from convex_research.core.estimates import NotComputed

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim, Verdict
    from convex_research.core.estimates import Estimate

__all__ = [
    "correlation_shifts",
    "factors",
    "macro_signal",
    "macro_when_alone",
    "recoveries",
    "risk_appetite",
]

_CYCLES = 4
_RECESSIONS = "the series of recessions"
_MACRO = "one of the macro series"
_AHEAD = "macro.oos_rsquared[weekly]"
_WEST = "macro.clark_west[weekly]"
_GAP_AHEAD = "macro.oos_gap[weekly]"
_NAMES = {
    "vix": "the VIX",
    "hy_spread": "the high-yield spread",
    "yield_10y": "the 10-year yield",
}


def risk_appetite(facts: Facts, adjusted: float | None) -> Claim:
    """C02: one leg does better on days on which risk appetite rises.

    Measured by falls of the VIX and, where it is loaded, of the high-yield spread; the joint
    test is over all that are loaded, and both must point the same way.
    """
    found = facts.estimates("macro.risk[vix]", "macro.risk_90[vix]")
    test = facts.test("macro.risk_test")
    subject = "The link between the spread and risk appetite"
    if isinstance(found, NotComputed):
        return not_tested("C02", subject, found)
    if test is None:
        return not_tested("C02", subject, facts.missing("macro.risk_test"))
    rho, narrow = found
    verdict = needs_test(beyond(rho, narrow, effects.RISK_LINK), adjusted)
    credit = facts.estimates("macro.risk[hy_spread]", "macro.risk_90[hy_spread]")
    other = None if isinstance(credit, NotComputed) else credit[0]
    loaded = other is not None
    if not isinstance(credit, NotComputed):
        verdict = _both(verdict, rho, *credit)
    evidence = ["macro.risk[vix]", "macro.risk_90[vix]", "macro.risk_test"]
    evidence += ["macro.risk[hy_spread]", "macro.risk_90[hy_spread]"] if loaded else []
    rule = far_from_zero(verdict, rho, effects.RISK_LINK)
    return told(
        "C02",
        verdict,
        _risk_texts(facts, rho, other, test.pvalue),
        ending=facts.sample(rho, series=_risk_names(loaded=loaded)),
        evidence=evidence,
        pvalue=test.pvalue,
        runs=facts.runs("macro.risk[vix]", verdict, rule),
    )


def _risk_names(*, loaded: bool) -> str:
    return "the VIX or the high-yield spread" if loaded else "the VIX"


def _both(verdict: Verdict, rho: Estimate, credit: Estimate, narrow: Estimate) -> Verdict:
    """What the high-yield spread leaves of a verdict by the VIX: same sign, or no link either."""
    if verdict == "supported":
        return verdict if rho.value * credit.value > 0.0 else "inconclusive"
    if verdict == "rejected" and beyond(credit, narrow, effects.RISK_LINK) != "rejected":
        return "inconclusive"
    return verdict


def _risk_texts(
    facts: Facts, rho: Estimate, credit: Estimate | None, p: float
) -> dict[Verdict, str]:
    better, other = (facts.a, facts.b) if rho.value > 0.0 else (facts.b, facts.a)
    number = (
        f"the return of {facts.a} less that of {facts.b} has a correlation of "
        f"{signed(rho.value)} {ends(rho)} with falls of the VIX"
    )
    if credit is not None:
        number += (
            f" and of {signed(credit.value)} {ends(credit)} with falls of the high-yield spread, "
            f"{pvalue(p)} for both"
        )
    else:
        number += ", the only measure loaded"
    return {
        "supported": f"{better} does better than {other} when risk appetite rises: {number}",
        "rejected": f"Risk appetite does not decide which leg does better: {number}",
        "inconclusive": f"Whether risk appetite decides which leg does better is open: {number}",
    }


def recoveries(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C03: A leads early in a recovery; too few cycles allow no inference."""
    subject = "The first year of recoveries"
    count = facts.estimate("macro.recoveries")
    if count is None:
        return not_tested("C03", subject, facts.missing("macro.recoveries"))
    cycles = round(count.value)
    if cycles < _CYCLES:
        only = (
            "No recovery is"
            if cycles == 0
            else f"Only {counted(cycles, 'recovery is', 'recoveries are')}"
        )
        texts: dict[Verdict, str] = {
            "inconclusive": (
                f"{only} in the sample; {_CYCLES} are needed to say which leg does better in such "
                "years"
            )
        }
        return told(
            "C03",
            "inconclusive",
            texts,
            ending=facts.sample(count, series=_RECESSIONS),
            evidence=("macro.recoveries",),
        )
    gap = facts.estimate("macro.recovery_gap")
    if gap is None:
        return not_tested("C03", subject, facts.missing("macro.recovery_gap"))
    number = (
        f"{percent(gap.value, 1, plus=True)} a year {percent_ends(gap, 1, plus=True)} against "
        f"other times, over {cycles} recoveries"
    )
    texts = {
        "supported": f"{facts.a} beats {facts.b} in the first year of recoveries: {number}",
        "rejected": f"{facts.a} does not beat {facts.b} in the first year of recoveries: {number}",
        "inconclusive": f"Which leg does better in the first year of recoveries is open: {number}"
        + reach(gap, effects.ANNUAL_LEAD, "lead", lambda x: f"{percent(x)} a year"),
    }
    evidence = ("macro.recoveries", "macro.recovery_gap")
    verdict = above(gap, effects.ANNUAL_LEAD)
    ending = facts.sample(gap, series=_RECESSIONS)
    return told("C03", verdict, texts, ending=ending, evidence=evidence)


def factors(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C05: no factor returns are loaded."""
    subject = f"What size, value and foreign shares explain of {facts.a} against {facts.b}"
    return not_tested("C05", subject, "needs the returns of those factors")


def macro_signal(facts: Facts, adjusted: float | None) -> Claim:
    """C14: macro moves explain the weekly spread."""
    key, test_key = "macro.rsquared[weekly]", "macro.test[weekly]"
    share, test = facts.estimate(key), facts.test(test_key)
    if share is None or test is None:
        missing = facts.missing(key, test_key)
        return not_tested("C14", "What macro series explain of the spread", missing)
    verdict = needs_test(_macro(share), adjusted)
    runs = facts.runs(key, verdict, _macro)
    ahead, better = facts.estimate(_AHEAD), facts.test(_WEST)
    evidence, known = [key, test_key], ""
    if ahead is not None and better is not None:
        evidence += [_AHEAD, _WEST]
        known = (
            f"; with weights known only from the past it is {percent(ahead.value)}, "
            f"{pvalue(better.pvalue)}"
        )
        if verdict == "supported":
            agrees = ahead.value > 0.0
            runs.append(run("out of sample", ahead.value, agrees=agrees, unit="R2"))
    spread = f"the weekly return of {facts.a} less that of {facts.b}"
    texts: dict[Verdict, str] = {
        "supported": (
            f"Macro series move with the spread: they explain {percent(max(share.value, 0.0))} "
            f"{_clipped(share.low, share.high)} of the variance of {spread}{known}"
        ),
        "rejected": (
            f"The spread does not follow macro series: they explain at most "
            f"{percent(share.high or 0.0, 1)} of the variance of {spread}{known}"
        ),
        "inconclusive": (
            f"How far the spread follows macro series is open: they explain "
            f"{percent(max(share.value, 0.0))} {_clipped(share.low, share.high)} of the variance "
            f"of {spread}{known}" + reach(share, effects.MACRO_SHARE, "share", percent, most=1.0)
        ),
    }
    return told(
        "C14",
        verdict,
        texts,
        ending=facts.sample(share, "weeks", series=_MACRO),
        evidence=evidence,
        pvalue=test.pvalue,
        runs=runs,
    )


def _macro(share: Estimate) -> Verdict:
    return above(share, effects.MACRO_SHARE)


def _clipped(low: float | None, high: float | None) -> str:
    """A share's interval, not below zero."""
    return f"[{percent(max(low or 0.0, 0.0))}, {percent(min(high or 1.0, 1.0))}]"


def macro_when_alone(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C21: macro explains less of the spread when the legs go their own ways."""
    key = "macro.idiosyncratic_gap[weekly]"
    gap = facts.estimate(key)
    subject = "Whether macro series explain less when the legs go their own ways"
    if gap is None:
        return not_tested("C21", subject, facts.missing(key))
    verdict = _less(gap)
    runs = facts.runs(key, verdict, _less)
    ahead, known = facts.estimate(_GAP_AHEAD), ""
    if ahead is not None:
        known = f"; with weights known only from the past it is {signed(100 * ahead.value, 0)}"
        if verdict == "supported":
            agrees = ahead.value > 0.0
            runs.append(run("out of sample", ahead.value, agrees=agrees, unit="R2"))
    number = (
        f"of the spread's variance they explain {signed(100 * gap.value, 0)} percentage points "
        f"[{signed(100 * (gap.low or 0.0), 0)}, {signed(100 * (gap.high or 0.0), 0)}] "
        f"more in weeks of close coupling than in weeks of loose coupling{known}"
    )
    texts: dict[Verdict, str] = {
        "supported": f"When the legs go their own ways, macro series explain less: {number}",
        "rejected": (
            f"When the legs go their own ways, macro series do not explain less: {number}"
        ),
        "inconclusive": f"{subject} is open: {number}",
    }
    return told(
        "C21",
        verdict,
        texts,
        ending=facts.sample(gap, "weeks", series=_MACRO),
        evidence=(key, _GAP_AHEAD) if known else (key,),
        runs=runs,
    )


def _less(gap: Estimate) -> Verdict:
    return above(gap, effects.IDIOSYNCRATIC_GAP)


def correlation_shifts(facts: Facts, name: str) -> Claim:
    """C18b for one series: correlation is higher, or lower, where it is high."""
    keys = (f"macro.shift[{name}]", f"macro.shift_90[{name}]")
    found = facts.estimates(*keys)
    claim_id, series = f"C18b[{name}]", _NAMES[name]
    if isinstance(found, NotComputed):
        return not_tested(claim_id, f"Whether correlation shifts with {series}", found)
    slope, narrow = found
    verdict = beyond(slope, narrow, effects.CORRELATION_SHIFT)
    way = "higher" if slope.value > 0.0 else "lower"
    number = (
        f"Fisher's z of the next month's r (r on a scale without ends) changes by "
        f"{signed(slope.value)} {ends(slope)} for each standard deviation of {series}"
    )
    texts: dict[Verdict, str] = {
        "supported": f"After months in which {series} is high, correlation is {way}: {number}",
        "rejected": f"Correlation does not shift with {series}: {number}",
        "inconclusive": f"Whether correlation shifts with {series} is open: {number}"
        + reach(slope, effects.CORRELATION_SHIFT, "shift"),
    }
    rule = far_from_zero(verdict, slope, effects.CORRELATION_SHIFT)
    return told(
        claim_id,
        verdict,
        texts,
        ending=facts.sample(slope, "months", series=series),
        evidence=keys,
        runs=facts.runs(keys[0], verdict, rule),
    )
