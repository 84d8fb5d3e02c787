"""C09, C10, C19 and C20: when the spread between the legs is wide."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.claims import applies, effects
from convex_research.claims.declaration import Declaration, Rule, percent_of
from convex_research.claims.finding import Finding
from convex_research.claims.places import At
from convex_research.claims.sentences import counted, cut_reach, percent, percent_ends, reach
from convex_research.claims.verdict import Pvalues

if TYPE_CHECKING:
    from convex_research.claims.finding import Case
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
    level = ""
    if size is not None:
        level = f"; that volatility is {percent(size.value, 1)} {percent_ends(size, 1)} a year"
    number = (
        f"weighting recent days cuts the squared error of a forecast of the size of tomorrow's "
        f"spread by {percent(gain.value)} {percent_ends(gain)}{level}"
    )
    return Finding.of_effect(
        *(case, effects.SIZE_GAIN),
        pvalues=Pvalues.of_effect(gain, effects.SIZE_GAIN, "rest"),
        detail=number,
        reach=cut_reach(gain, 2),
        also=() if size is None else (_TRACKING,),
    )


def _breakdowns(case: Case) -> Finding:
    """Breakdowns of correlation announce larger moves of the spread."""
    ratio, count = case.estimates
    period = case.facts.period
    after = (
        f"in the 21 {period}s after {counted(round(count.value), 'breakdown')} of the "
        f"{case.facts.analysis.config.rolling_window}-{period} correlation the spread's moves were "
        f"{_times(ratio)} their usual size"
    )
    found = reach(ratio, 0.0, "ratio", _factor, tails=2)
    margin = math.log(effects.AMPLIFIED_SPREAD)
    return Finding.of_effect(case, margin, detail=after, reach=found)


def _reconstitution(case: Case) -> Finding:
    """The spread moves more when the Russell indices are rebuilt."""
    (ratio,) = case.estimates
    size = (
        f"in the weeks of {counted(ratio.nobs, 'reconstitution')} of the Russell indices the "
        f"spread's moves were {_times(ratio)} those of the months before and after"
    )
    found = reach(ratio, 0.0, "ratio", _factor, tails=2)
    margin = math.log(effects.EVENT_RATIO)
    return Finding.of_effect(case, margin, detail=size, reach=found, counted="events")


_LARGER = "how much larger the spread's moves are"
_EVENTS = Rule.effect(_LARGER, "zero", percent_of(effects.EVENT_RATIO - 1.0))

DECLARED = (
    Declaration(
        id="C09",
        hypothesis="Recent days foretell the size of tomorrow's spread",
        question="Do recent days foretell tomorrow's gap?",
        subject="A forecast of the size of tomorrow's spread",
        applies=applies.prices,
        decide=_sizing,
        keys=("divergence.volatility_gain",),
        effects=(effects.SIZE_GAIN,),
        rule=Rule.effect(
            "the cut in squared forecast error", "zero", percent_of(effects.SIZE_GAIN)
        ),
        sentences={
            "supported": "Recent days foretell the size of tomorrow's spread",
            "rejected": "Recent days do not foretell the size of tomorrow's spread",
            "inconclusive": "Whether recent days foretell the size of tomorrow's spread is open",
        },
        at=At.each(1, "peer.trading", "cross-asset.sizing", "crypto.sizing", "commodity.sizing"),
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
        rule=Rule.effect(_LARGER, "zero", percent_of(effects.AMPLIFIED_SPREAD - 1.0)),
        sentences={
            "supported": "Breakdowns announce larger moves",
            "rejected": "Breakdowns do not announce moves larger by 10 %",
        },
        at=At.each(
            2, "peer.trading", "cross-asset.sizing", "crypto.episodes", "commodity.episodes"
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
            "rejected": "Reconstitutions do not drive the legs apart by a quarter or more",
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
