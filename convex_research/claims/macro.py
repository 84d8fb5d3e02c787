"""C02, C03, C05, C14, C18b and C21: the spread and the correlation against macro series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import effects
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import counted, ends, percent, percent_ends, reach, signed
from convex_research.claims.verdict import above, beyond, needs_test
from convex_research.estimates import NotComputed

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim, Verdict

__all__ = [
    "correlation_shifts",
    "factors",
    "macro_signal",
    "macro_when_alone",
    "recoveries",
    "risk_appetite",
]

_CYCLES = 4
_NAMES = {
    "vix": "the VIX",
    "hy_spread": "the high-yield credit spread",
    "yield_10y": "the 10-year yield",
}


def risk_appetite(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C02: one leg leads when risk appetite rises, measured by a falling VIX."""
    keys = ("macro.risk[vix]", "macro.risk_90[vix]")
    found = facts.estimates(*keys)
    if isinstance(found, NotComputed):
        return not_tested("C02", "The link between the spread and risk appetite", found)
    rho, narrow = found
    verdict = beyond(rho, narrow, effects.RISK_LINK)
    leader = facts.a if rho.value > 0.0 else facts.b
    other = facts.b if rho.value > 0.0 else facts.a
    number = f"the correlation with falls of the VIX is {signed(rho.value)} {ends(rho)}"
    spread = f"the return of {facts.a} less that of {facts.b}"
    texts: dict[Verdict, str] = {
        "supported": (
            f"{leader} leads {other} on days on which risk appetite rises: for {spread}, {number}"
        ),
        "rejected": f"Risk appetite does not decide which leg leads: for {spread}, {number}",
        "inconclusive": f"Whether risk appetite decides which leg leads is open: for {spread}, "
        f"{number}",
    }
    return told("C02", verdict, texts, ending=facts.sample(rho), evidence=keys)


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
            "inconclusive": f"{only} in the sample: no inference about early cycles is possible"
        }
        return told(
            "C03",
            "inconclusive",
            texts,
            ending=facts.sample(count),
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
        "supported": f"{facts.a} leads {facts.b} in the first year of recoveries: {number}",
        "rejected": f"{facts.a} does not lead {facts.b} in the first year of recoveries: {number}",
        "inconclusive": f"Which leg leads in the first year of recoveries is open: {number}"
        + reach(gap, effects.ANNUAL_LEAD, lambda size: f"a lead of {percent(size)} a year"),
    }
    evidence = ("macro.recoveries", "macro.recovery_gap")
    verdict = above(gap, effects.ANNUAL_LEAD)
    return told("C03", verdict, texts, ending=facts.sample(gap), evidence=evidence)


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
    verdict = needs_test(above(share, effects.MACRO_SHARE), adjusted)
    spread = f"the weekly return of {facts.a} less that of {facts.b}"
    texts: dict[Verdict, str] = {
        "supported": (
            f"Macro series move with the spread: they explain {percent(max(share.value, 0.0))} "
            f"{_clipped(share.low, share.high)} of the variance of {spread}"
        ),
        "rejected": (
            f"The spread is mostly not macro: at most {percent(share.high or 0.0, 1)} of the "
            f"variance of {spread} is explained"
        ),
        "inconclusive": (
            f"How far the spread is macro is open: {percent(max(share.value, 0.0))} "
            f"{_clipped(share.low, share.high)} of the variance of {spread} is explained"
            + reach(
                share, effects.MACRO_SHARE, lambda size: f"a share of {percent(min(size, 1.0))}"
            )
        ),
    }
    ending = facts.sample(share, "weeks")
    return told("C14", verdict, texts, ending=ending, evidence=(key, test_key), pvalue=test.pvalue)


def _clipped(low: float | None, high: float | None) -> str:
    """A share's interval, not below zero."""
    return f"[{percent(max(low or 0.0, 0.0))}, {percent(min(high or 1.0, 1.0))}]"


def macro_when_alone(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C21: macro explains less of the spread when the legs go their own ways."""
    key = "macro.idiosyncratic_gap[weekly]"
    gap = facts.estimate(key)
    subject = "Whether macro explains less when the legs go their own ways"
    if gap is None:
        return not_tested("C21", subject, facts.missing(key))
    verdict = above(gap, effects.IDIOSYNCRATIC_GAP)
    number = (
        f"the share of the spread's variance that macro series explain differs by "
        f"{signed(100 * gap.value, 0)} points "
        f"[{signed(100 * (gap.low or 0.0), 0)}, {signed(100 * (gap.high or 0.0), 0)}] "
        "between weeks of close and of loose coupling"
    )
    texts: dict[Verdict, str] = {
        "supported": f"When the legs go their own ways, macro explains less: {number}",
        "rejected": f"When the legs go their own ways, macro does not explain less: {number}",
        "inconclusive": f"{subject} is open: {number}",
    }
    return told("C21", verdict, texts, ending=facts.sample(gap, "weeks"), evidence=(key,))


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
        f"Fisher's z of the next month's correlation changes by {signed(slope.value)} "
        f"{ends(slope)} for each standard deviation"
    )
    texts: dict[Verdict, str] = {
        "supported": f"After months in which {series} is high, correlation is {way}: {number}",
        "rejected": f"Correlation does not shift with {series}: {number}",
        "inconclusive": f"Whether correlation shifts with {series} is open: {number}",
    }
    return told(claim_id, verdict, texts, ending=facts.sample(slope, "months"), evidence=keys)
