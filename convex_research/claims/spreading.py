"""C09, C10, C19 and C20: when the spread between the legs is wide."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.claims import effects
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import counted, cut_reach, percent, percent_ends, reach
from convex_research.claims.verdict import above

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim, Verdict
    from convex_research.core.estimates import Estimate

__all__ = ["breakdowns", "corporate_events", "earnings", "liquidity", "reconstitution", "sizing"]


def _times(estimate: Estimate) -> str:
    """A log ratio as a factor with its interval."""
    low, high = (math.exp(end or 0.0) for end in (estimate.low, estimate.high))
    return f"{math.exp(estimate.value):.2f} times [{low:.2f}, {high:.2f}]"


def _factor(log_ratio: float) -> str:
    return f"{math.exp(log_ratio):.2f}"


def sizing(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C09: recent volatility of the spread tells tomorrow's."""
    key, size_key = "divergence.volatility_gain", "spread.tracking_error"
    gain, size = facts.estimate(key), facts.estimate(size_key)
    if gain is None:
        return not_tested("C09", "Sizing by recent spread volatility", facts.missing(key))
    verdict = _gains(gain)
    level = ""
    if size is not None:
        level = f"; that volatility is {percent(size.value, 1)} {percent_ends(size, 1)} a year"
    number = (
        f"weighting recent days cuts the squared error of a forecast of the size of tomorrow's "
        f"spread by {percent(gain.value)} {percent_ends(gain)}{level}"
    )
    texts: dict[Verdict, str] = {
        "supported": f"Sizing against recent spread volatility pays: {number}",
        "rejected": f"Sizing against recent spread volatility does not pay: {number}",
        "inconclusive": f"Whether sizing against recent spread volatility pays is open: {number}"
        + cut_reach(gain, effects.FORECAST_GAIN),
    }
    evidence = (key, size_key) if size is not None else (key,)
    ending, runs = facts.sample(gain), facts.runs(key, verdict, _gains)
    return told("C09", verdict, texts, ending=ending, evidence=evidence, runs=runs)


def _gains(gain: Estimate) -> Verdict:
    return above(gain, effects.FORECAST_GAIN)


def breakdowns(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C19: breakdowns of correlation announce larger moves of the spread."""
    window = facts.analysis.config.rolling_window
    key, count_key = f"divergence.after_breakdowns[{window}]", "divergence.breakdown_episodes"
    ratio, count = facts.estimate(key), facts.estimate(count_key)
    subject = "What follows a breakdown of correlation"
    if ratio is None or count is None:
        missing = facts.missing(key, count_key)
        return not_tested("C19", subject, missing)
    verdict = _amplified(ratio)
    after = (
        f"in the 21 days after {counted(round(count.value), 'breakdown')} of the {window}-day "
        f"correlation the spread's moves were {_times(ratio)} their usual size"
    )
    texts: dict[Verdict, str] = {
        "supported": f"Breakdowns announce larger moves: {after}",
        "rejected": f"Breakdowns do not announce moves larger by 10 %: {after}",
        "inconclusive": f"{subject} is open: {after}"
        + reach(ratio, math.log(effects.AMPLIFIED_SPREAD), "ratio", _factor),
    }
    ending, runs = facts.sample(ratio), facts.runs(key, verdict, _amplified)
    return told("C19", verdict, texts, ending=ending, evidence=(key, count_key), runs=runs)


def _amplified(ratio: Estimate) -> Verdict:
    return above(ratio, math.log(effects.AMPLIFIED_SPREAD))


def reconstitution(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C20: the spread moves more when the Russell indices are rebuilt."""
    key = "divergence.reconstitution"
    ratio = facts.estimate(key)
    if ratio is None:
        return not_tested("C20", "Divergence at index reconstitutions", facts.missing(key))
    verdict = _unusual(ratio)
    size = (
        f"in the weeks of {counted(ratio.nobs, 'reconstitution')} of the Russell indices the "
        f"spread's moves were {_times(ratio)} those of the months before and after"
    )
    texts: dict[Verdict, str] = {
        "supported": f"Reconstitutions drive the legs apart: {size}",
        "rejected": f"Reconstitutions do not drive the legs apart by a quarter more: {size}",
        "inconclusive": f"Whether reconstitutions drive the legs apart is open: {size}"
        + reach(ratio, math.log(effects.EVENT_RATIO), "ratio", _factor),
    }
    ending, runs = facts.sample(ratio, "events"), facts.runs(key, verdict, _unusual)
    return told("C20", verdict, texts, ending=ending, evidence=(key,), runs=runs)


def _unusual(ratio: Estimate) -> Verdict:
    return above(ratio, math.log(effects.EVENT_RATIO))


def earnings(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C20 at earnings surprises: none are loaded."""
    subject = f"Divergence of {facts.a} and {facts.b} at earnings surprises"
    return not_tested("C20[earnings]", subject, "needs earnings dates and forecasts")


def liquidity(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C20 in thin markets: no liquidity data are loaded."""
    subject = f"Divergence of {facts.a} and {facts.b} in thin markets"
    return not_tested("C20[liquidity]", subject, "needs bid-ask spreads")


def corporate_events(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C10: no event calendar is loaded."""
    subject = f"Divergence of {facts.a} and {facts.b} at corporate events"
    return not_tested("C10", subject, "needs a calendar of corporate events")
