"""C09, C10, C19 and C20: when the spread between the legs is wide."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.claims import applies, effects
from convex_research.claims.declaration import Declaration, Finding, Rule, percent_of
from convex_research.claims.places import At
from convex_research.claims.sentences import counted, cut_reach, percent, percent_ends, reach
from convex_research.claims.verdict import above

if TYPE_CHECKING:
    from convex_research.claims.claim import Verdict
    from convex_research.claims.declaration import Case
    from convex_research.core.estimates import Estimate

__all__ = ["DECLARED"]

_TRACKING = "spread.tracking_error"


def _times(estimate: Estimate) -> str:
    """A log ratio as a factor with its interval."""
    low, high = (math.exp(end or 0.0) for end in (estimate.low, estimate.high))
    return f"{math.exp(estimate.value):.2f} times [{low:.2f}, {high:.2f}]"


def _factor(log_ratio: float) -> str:
    return f"{math.exp(log_ratio):.2f}"


def _sizing(case: Case) -> Finding:
    """Recent volatility of the spread tells tomorrow's."""
    (gain,) = case.estimates
    size = case.facts.estimate(_TRACKING)
    verdict = _gains(gain)
    level = ""
    if size is not None:
        level = f"; that volatility is {percent(size.value, 1)} {percent_ends(size, 1)} a year"
    number = (
        f"weighting recent days cuts the squared error of a forecast of the size of tomorrow's "
        f"spread by {percent(gain.value)} {percent_ends(gain)}{level}"
    )
    return Finding(
        verdict=verdict,
        of=gain,
        detail=number,
        reach=cut_reach(gain, effects.FORECAST_GAIN),
        runs=case.runs(verdict, _gains),
        also=() if size is None else (_TRACKING,),
    )


def _gains(gain: Estimate) -> Verdict:
    return above(gain, effects.FORECAST_GAIN)


def _breakdowns(case: Case) -> Finding:
    """Breakdowns of correlation announce larger moves of the spread."""
    ratio, count = case.estimates
    verdict, period = _amplified(ratio), case.facts.period
    after = (
        f"in the 21 {period}s after {counted(round(count.value), 'breakdown')} of the "
        f"{case.facts.analysis.config.rolling_window}-{period} correlation the spread's moves were "
        f"{_times(ratio)} their usual size"
    )
    found = reach(ratio, math.log(effects.AMPLIFIED_SPREAD), "ratio", _factor)
    return Finding(
        verdict=verdict,
        of=ratio,
        detail=after,
        reach=found,
        runs=case.runs(verdict, _amplified),
    )


def _amplified(ratio: Estimate) -> Verdict:
    return above(ratio, math.log(effects.AMPLIFIED_SPREAD))


def _reconstitution(case: Case) -> Finding:
    """The spread moves more when the Russell indices are rebuilt."""
    (ratio,) = case.estimates
    verdict = _unusual(ratio)
    size = (
        f"in the weeks of {counted(ratio.nobs, 'reconstitution')} of the Russell indices the "
        f"spread's moves were {_times(ratio)} those of the months before and after"
    )
    found = reach(ratio, math.log(effects.EVENT_RATIO), "ratio", _factor)
    return Finding(
        verdict=verdict,
        of=ratio,
        detail=size,
        reach=found,
        runs=case.runs(verdict, _unusual),
        counted="events",
    )


def _unusual(ratio: Estimate) -> Verdict:
    return above(ratio, math.log(effects.EVENT_RATIO))


_EVENTS = Rule.above(
    "how much larger the spread's moves are", percent_of(effects.EVENT_RATIO - 1.0)
)

DECLARED = (
    Declaration(
        id="C09",
        hypothesis="Sizing against recent volatility of the spread pays",
        question="Do recent days foretell tomorrow's gap?",
        subject="Sizing by recent spread volatility",
        applies=applies.prices,
        decide=_sizing,
        keys=("divergence.volatility_gain",),
        effects=(effects.FORECAST_GAIN,),
        rule=Rule.above("the cut in squared forecast error", percent_of(effects.FORECAST_GAIN)),
        sentences={
            "supported": "Sizing against recent spread volatility pays",
            "rejected": "Sizing against recent spread volatility does not pay",
            "inconclusive": "Whether sizing against recent spread volatility pays is open",
        },
        at=(
            At("peer.trading", 1),
            At("cross-asset.sizing", 1),
            At("crypto.sizing", 1),
            At("commodity.sizing", 1),
        ),
        gives_way={"comparison": 28},
    ),
    Declaration(
        id="C10",
        hypothesis="Corporate events drive the legs apart",
        question="Do corporate events drive them apart?",
        subject="Divergence of {a} and {b} at corporate events",
        applies=applies.equity_peers,
        needs="needs a calendar of corporate events",
        gives_way={"comparison": 8},
    ),
    Declaration(
        id="C19",
        hypothesis="Breakdowns of correlation announce larger moves of the spread",
        question="What follows when r drops?",
        subject="What follows a breakdown of correlation",
        applies=applies.prices,
        decide=_breakdowns,
        keys=("divergence.after_breakdowns[{rolling}]", "divergence.breakdown_episodes"),
        effects=(effects.AMPLIFIED_SPREAD,),
        rule=Rule.above(
            "how much larger the spread's moves are", percent_of(effects.AMPLIFIED_SPREAD - 1.0)
        ),
        sentences={
            "supported": "Breakdowns announce larger moves",
            "rejected": "Breakdowns do not announce moves larger by 10 %",
        },
        at=(
            At("peer.trading", 2),
            At("cross-asset.sizing", 2),
            At("crypto.episodes", 2),
            At("commodity.episodes", 2),
        ),
        gives_way={"comparison": 22},
    ),
    Declaration(
        id="C20",
        hypothesis="Reconstitutions of indices drive the legs apart",
        question="Do index changes drive them apart?",
        subject="Divergence at index reconstitutions",
        applies=applies.us_equity,
        decide=_reconstitution,
        keys=("divergence.reconstitution",),
        effects=(effects.EVENT_RATIO,),
        rule=_EVENTS,
        sentences={
            "supported": "Reconstitutions drive the legs apart",
            "rejected": "Reconstitutions do not drive the legs apart by a quarter more",
            "inconclusive": "Whether reconstitutions drive the legs apart is open",
        },
        at=(At("question.drivers", 3),),
        gives_way={"comparison": 15},
    ),
    Declaration(
        id="C20[earnings]",
        hypothesis="Earnings drive the legs apart",
        question="Do earnings surprises drive them apart?",
        subject="Divergence of {a} and {b} at earnings surprises",
        applies=applies.equity_peers,
        needs="needs earnings dates and forecasts",
        rule=_EVENTS,
    ),
    Declaration(
        id="C20[liquidity]",
        hypothesis="Thin markets drive the legs apart",
        question="Do thin markets drive them apart?",
        subject="Divergence of {a} and {b} in thin markets",
        applies=applies.equity_peers,
        needs="needs bid-ask spreads",
        rule=_EVENTS,
    ),
)
