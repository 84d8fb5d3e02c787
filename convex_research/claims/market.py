"""C01, C08, C11, C12, C13 and C28: what a market leg explains of the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import effects
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import ends, percent, percent_ends, reach, signed
from convex_research.claims.survival import far_from_zero
from convex_research.claims.verdict import above, all_of, below, beyond
from convex_research.core.estimates import Estimate, NotComputed

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim, Verdict

__all__ = ["bull_and_bear", "common_driver", "delays", "mid_cap", "sensitivities", "shared_market"]

_R = "correlation.pearson[all]"
_PARTIAL = "correlation.partial[all]"
_DROP = "correlation.partial_drop[all]"
_AFTER = "market.lead_after_beta"
_MARKET = "the market series"


def shared_market(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C11: connected through a shared market."""
    keys = (_R, _PARTIAL, _DROP)
    found = facts.estimates(*keys)
    subject = "A connection through the market"
    if isinstance(found, NotComputed):
        return not_tested("C11", subject, found)
    r, rest, drop = found
    verdict = all_of(_connected(r), _driven(drop))
    loose = below(r, effects.NO_COMOVEMENT) == "supported"
    other = below(drop, effects.MARKET_DROP) == "supported"
    if verdict == "rejected" and not (loose or other):
        verdict = "inconclusive"
    runs = [] if loose else facts.runs(_DROP, verdict, _driven)
    if verdict == "supported":
        runs += facts.runs(_R, verdict, _connected)
    elif loose:
        runs += facts.runs(_R, verdict, _close)
    pair = f"{facts.a} and {facts.b}"
    numbers = (
        f"r is {signed(r.value)} {ends(r)} and {signed(rest.value)} {ends(rest)} once the market "
        f"is taken out, a drop of {signed(drop.value, plus=False)} {ends(drop, plus=False)}"
    )
    against = f"{pair} share little exposure" if loose else f"The market is not what ties {pair}"
    texts: dict[Verdict, str] = {
        "supported": f"{pair} are connected through the market: {numbers}",
        "rejected": f"{against}: {numbers}",
        "inconclusive": f"Whether the market connects {pair} is open: {numbers}",
    }
    ending = facts.sample(drop, series=_MARKET)
    return told("C11", verdict, texts, ending=ending, evidence=keys, runs=runs)


def _connected(r: Estimate) -> Verdict:
    return above(r, effects.COMOVEMENT)


def _close(r: Estimate) -> Verdict:
    return above(r, effects.NO_COMOVEMENT)


def _driven(drop: Estimate) -> Verdict:
    return above(drop, effects.MARKET_DROP)


def common_driver(facts: Facts, adjusted: float | None) -> Claim | None:  # noqa: ARG001
    """C28: tight coupling reflects a common driver; absent where coupling is not tight."""
    r = facts.estimate(_R)
    if r is not None and r.value < effects.COMOVEMENT:
        return None
    keys = (_PARTIAL, _DROP)
    found = facts.estimates(*keys)
    subject = "A common driver behind the coupling"
    if isinstance(found, NotComputed):
        return not_tested("C28", subject, found)
    rest, drop = found
    verdict: Verdict = "inconclusive"
    if all_of(_little(rest), _driven(drop)) == "supported":
        verdict = "supported"
    elif _little(rest) == "rejected":
        verdict = "rejected"
    runs = facts.runs(_PARTIAL, verdict, _little)
    if verdict == "supported":
        runs += facts.runs(_DROP, verdict, _driven)
    left = f"removing the market leaves r {signed(rest.value)} {ends(rest)}"
    tail = "whether shared holdings tie the legs is not tested (needs their holdings)"
    texts: dict[Verdict, str] = {
        "supported": f"A common driver explains the coupling: {left}; {tail}",
        "rejected": f"The market alone does not explain the coupling: {left}; {tail}",
        "inconclusive": f"How much a common driver explains is open: {left}; {tail}",
    }
    ending = facts.sample(rest, series=_MARKET)
    return told("C28", verdict, texts, ending=ending, evidence=keys, runs=runs)


def _little(rest: Estimate) -> Verdict:
    return below(rest, effects.PARTIAL_STRONG)


def sensitivities(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C12: both respond to the market, with different sensitivities."""
    keys = ("market.beta_a", "market.beta_b", "market.beta_gap", "market.beta_gap_90")
    found = facts.estimates(*keys)
    if isinstance(found, NotComputed):
        return not_tested("C12", "The response to the market", found)
    a, b, gap, narrow = found
    verdict = beyond(gap, narrow, effects.BETA_MARGIN)
    betas = (
        f"for each +1 % in the market {facts.a} moves by {signed(a.value)} % and {facts.b} by "
        f"{signed(b.value)} %, a difference in beta of {signed(gap.value)} {ends(gap)}"
    )
    texts: dict[Verdict, str] = {
        "supported": f"The legs respond to the market with different strength: {betas}",
        "rejected": f"The legs respond to the market alike, within 0.05 of beta: {betas}",
        "inconclusive": f"Whether the legs respond differently to the market is open: {betas}",
    }
    runs = facts.runs(keys[2], verdict, far_from_zero(verdict, gap, effects.BETA_MARGIN))
    ending = facts.sample(gap, series=_MARKET)
    return told("C12", verdict, texts, ending=ending, evidence=keys, runs=runs)


def delays(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C13: both respond at different speeds."""
    keys = ("market.delay_gap", "market.delay_gap_90", "market.delay_a", "market.delay_b")
    found = facts.estimates(*keys)
    if isinstance(found, NotComputed):
        return not_tested("C13", "The speed of the response to the market", found)
    gap, narrow, late_a, late_b = found
    verdict = beyond(gap, narrow, effects.DELAY_SHARE)
    slow, fast = (facts.a, facts.b) if gap.value > 0.0 else (facts.b, facts.a)
    shares = sorted((max(late_a.value, 0.0), max(late_b.value, 0.0)), reverse=True)
    size = (
        f"the late share is {signed(100 * gap.value, 1)} percentage points {_hundred(gap)} larger "
        f"for {facts.a} than for {facts.b}"
    )
    texts: dict[Verdict, str] = {
        "supported": (
            f"{slow} responds to the market later than {fast}: {percent(shares[0], 1)} of its "
            f"response comes on later days, against {percent(shares[1], 1)}; {size}"
        ),
        "rejected": f"Both respond to the market at the same speed, within 1 point: {size}",
        "inconclusive": f"Whether one leg responds to the market later is open: {size}",
    }
    runs = facts.runs(keys[0], verdict, far_from_zero(verdict, gap, effects.DELAY_SHARE))
    ending = facts.sample(gap, series=_MARKET)
    return told("C13", verdict, texts, ending=ending, evidence=keys, runs=runs)


def bull_and_bear(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C08: the leg with the larger market beta leads in bull, the other in bear markets."""
    keys = ("market.lead_bull", "market.lead_bear")
    found = facts.estimates(*keys)
    subject = "Which leg leads in rising and in falling markets"
    if isinstance(found, NotComputed):
        return not_tested("C08", subject, found)
    bull, bear = found
    parts = [_ahead(bull), _behind(bear)]
    verdict = all_of(*parts)
    runs = [
        one
        for key, part, rule in zip(keys, parts, (_ahead, _behind), strict=True)
        if part == verdict
        for one in facts.runs(key, verdict, rule)
    ]
    bolder = facts.a
    betas = [facts.estimate(f"market.beta_{leg}") for leg in "ab"]
    if all(isinstance(beta, Estimate) for beta in betas) and betas[0].value < betas[1].value:  # type: ignore[union-attr]
        bolder = facts.b
    leads = (
        f"{bolder}, the leg with the larger market beta, has a lead of "
        f"{percent(bull.value, plus=True)} {percent_ends(bull, plus=True)} a year in bull and of "
        f"{percent(bear.value, plus=True)} {percent_ends(bear, plus=True)} in bear markets"
    )
    left = facts.estimate(_AFTER)
    leads += "" if left is None else f"; {_purely(left)}"
    texts: dict[Verdict, str] = {
        "supported": f"The bolder leg leads in bull and trails in bear markets: {leads}",
        "rejected": f"The bolder leg does not lead in bull and trail in bear markets: {leads}",
        "inconclusive": f"{subject} is open: {leads}"
        + reach(bull, effects.ANNUAL_LEAD, "lead in bull markets", _yearly),
    }
    return told(
        "C08",
        verdict,
        texts,
        ending=facts.sample(bull, "days", series=_MARKET),
        evidence=keys if left is None else (*keys, _AFTER),
        runs=runs,
    )


def _ahead(lead: Estimate) -> Verdict:
    return above(lead, effects.ANNUAL_LEAD)


def _behind(lead: Estimate) -> Verdict:
    return below(lead, -effects.ANNUAL_LEAD)


def _purely(left: Estimate) -> str:
    """Whether more than beta is behind the lead, from what is left after beta."""
    number = f"{percent(left.value, plus=True)} {percent_ends(left, plus=True)} a year"
    low, high = left.low or 0.0, left.high or 0.0
    if low > 0.0 or high < 0.0:
        return f"more than beta is behind it, since {number} is left after beta"
    if max(-low, high) < effects.ANNUAL_LEAD:
        return f"it is purely beta: {number} is left after beta"
    return f"whether more than beta is behind it is open, with {number} left after beta"


def _yearly(lead: float) -> str:
    return f"{percent(lead)} a year"


def mid_cap(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C01: A is effectively a mid-cap proxy."""
    keys = ("market.style_gap[mid-large]", "market.style_gap[mid-small]")
    found = facts.estimates(*keys)
    if isinstance(found, NotComputed):
        return not_tested("C01", f"Whether {facts.a} is a mid-cap proxy", found)
    large, small = found
    parts = [_closer(large), _closer(small)]
    verdict = all_of(*parts)
    against = min(found, key=lambda gap: gap.value)
    if verdict == "rejected" and below(against, 0.0) != "supported":
        verdict = "inconclusive"
    edge = 0.0 if verdict == "rejected" else effects.STYLE_GAP
    runs = [
        one
        for key, part in zip(keys, parts, strict=True)
        if part == verdict
        for one in facts.runs(key, verdict, lambda one: above(one, edge))
    ]
    gaps = (
        f"mid caps explain {signed(100 * large.value, 1)} percentage points {_hundred(large)} more "
        f"of its variance than large caps and {signed(100 * small.value, 1)} {_hundred(small)} "
        "more than small caps"
    )
    texts: dict[Verdict, str] = {
        "supported": f"{facts.a} tracks mid caps best: {gaps}",
        "rejected": f"{facts.a} is closer to another size than to mid caps: {gaps}",
        "inconclusive": f"The data do not tell which size {facts.a} tracks best: {gaps}",
    }
    ending = facts.sample(large, series="an index of one size")
    return told("C01", verdict, texts, ending=ending, evidence=keys, runs=runs)


def _closer(gap: Estimate) -> Verdict:
    return above(gap, effects.STYLE_GAP)


def _hundred(gap: Estimate) -> str:
    low, high = (signed(100.0 * (end or 0.0), 1) for end in (gap.low, gap.high))
    return f"[{low}, {high}]"
