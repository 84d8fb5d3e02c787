"""C09, C10, C19 and C20: when the spread between the legs is wide."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from convex_research.claims import applies, effects
from convex_research.claims.declaration import Declaration, Rule, percent_of
from convex_research.claims.finding import Finding, size_above
from convex_research.claims.sentences import (
    GAIN,
    SHARE,
    TIMES,
    counted,
    cut_reach,
    mapped,
    quantity,
    reach,
    since,
    written,
)
from convex_research.claims.verdict import Pvalues
from convex_research.core.sentences import Quantity

if TYPE_CHECKING:
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import Estimate

__all__ = ["DECLARED"]

_TRACKING = "spread.tracking_error"


def _times(log_ratio: Estimate, key: str) -> Quantity:
    """A log ratio as a factor with its interval."""
    return quantity(mapped(log_ratio, math.exp), TIMES, key, null=1.0)


def _factor(log_ratio: float) -> str:
    return written(math.exp(log_ratio), TIMES._replace(suffix=""))


def _sizing(case: Case) -> Finding:
    """Recent volatility of the spread tells tomorrow's."""
    (gain,) = case.estimates
    margin, key = effects.SIZE_GAIN, case.keys[0]
    size = case.facts.estimate(_TRACKING)
    more = mapped(gain, lambda x: -x)
    worse = {"open": "more"} if gain.value < 0.0 else {}
    if gain.high is not None and gain.high < 0.0:
        worse["no"] = "worse"
    return Finding.of_effect(
        *(case, margin),
        pvalues=Pvalues.of_effect(gain, margin, "rest"),
        fields={
            "x": quantity(gain, GAIN, key, null=0.0),
            "most": Quantity(f"at most {written(gain.high or 0.0, GAIN)}", "", key),
            "more": quantity(more, GAIN, key, null=0.0),
            "since": since(gain),
        },
        instead=worse | ({"yes": "size open"} if size_above(gain, margin) == "open" else {}),
        reach=cut_reach(gain, 2),
        also=() if size is None else (_TRACKING,),
    )


def _breakdowns(case: Case) -> Finding:
    """Breakdowns of correlation announce larger moves of the spread."""
    ratio, count = case.estimates
    facts, margin = case.facts, math.log(effects.AMPLIFIED_SPREAD)
    larger = {"slight": "Slightly larger moves", "open": "Larger moves, size open"}
    size = size_above(ratio, margin)
    return Finding.of_effect(
        *(case, margin),
        named="Moves of the usual size"
        if case.verdict == "rejected"
        else larger.get(size or "", "Larger moves"),
        fields={
            "drops": counted(round(count.value), "drop"),
            "window": f"{facts.analysis.config.rolling_window}-{facts.period}",
            "x": _times(ratio, case.keys[0]),
        },
        reach=reach(ratio, 0.0, "ratio", _factor, tails=2),
    )


def _reconstitution(case: Case) -> Finding:
    """The spread moves more when the Russell indices are rebuilt."""
    (ratio,) = case.estimates
    return Finding.of_effect(
        *(case, math.log(effects.EVENT_RATIO)),
        fields={
            "reshuffles": counted(ratio.nobs, "yearly reshuffle"),
            "x": _times(ratio, case.keys[0]),
        },
        reach=reach(ratio, 0.0, "ratio", _factor, tails=2),
        counted="events",
    )


_CUTS = "Weighting them cuts a forecast's squared error by {x}, {since}"
_ADDS = "Weighting them adds {more} to a forecast's squared error, {since}"
_USEFUL = written(effects.SIZE_GAIN, SHARE)
_LARGER = "how much larger the spread's moves are"
_EVENTS = Rule.effect(_LARGER, "zero", percent_of(effects.EVENT_RATIO - 1.0))

DECLARED = (
    Declaration(
        id="C09",
        hypothesis="Recent days foretell the size of tomorrow's spread",
        question="Do recent days foretell the size of tomorrow's gap?",
        subject="the size of tomorrow's gap",
        applies=applies.prices,
        decide=_sizing,
        keys=("divergence.volatility_gain",),
        effects=(effects.SIZE_GAIN,),
        rule=Rule.effect(
            "the cut in squared forecast error", "zero", percent_of(effects.SIZE_GAIN)
        ),
        sentences={
            "yes": _CUTS,
            "size open": f"{_CUTS}; whether by a useful {_USEFUL} is open",
            "slightly": f"{_CUTS}: less than the {_USEFUL} that matter",
            "no": f"{_CUTS.replace('{x}', '{most}')}: the long-run size serves as well",
            "worse": f"{_ADDS}: use the long-run size",
            "more": _ADDS,
        },
    ),
    Declaration(
        id="C10",
        hypothesis="Corporate events drive the legs apart",
        question="Do corporate events drive them apart?",
        subject="corporate events",
        applies=applies.equity_peers,
        needs="needs a calendar of them",
    ),
    Declaration(
        id="C19",
        hypothesis="Breakdowns of correlation announce larger moves of the spread",
        question="What follows when r drops?",
        subject="what follows when r drops",
        applies=applies.prices,
        decide=_breakdowns,
        keys=("divergence.after_breakdowns[{rolling}]", "divergence.breakdown_episodes"),
        effects=(effects.AMPLIFIED_SPREAD,),
        rule=Rule.effect(_LARGER, "zero", percent_of(effects.AMPLIFIED_SPREAD - 1.0)),
        sentences={
            "yes": "In the 21 {period}s after {drops} of {window} r the gap's moves were {x} their "
            "usual size",
        },
        parent="C07a",
    ),
    Declaration(
        id="C20",
        hypothesis="Reconstitutions of indices drive the legs apart",
        question="Do index changes drive them apart?",
        subject="index changes",
        applies=applies.us_equity,
        decide=_reconstitution,
        keys=("divergence.reconstitution",),
        effects=(effects.EVENT_RATIO,),
        rule=_EVENTS,
        sentences={
            "yes": "In {reshuffles} of the Russell indices the gap moved {x} its usual size",
            "slightly": "In {reshuffles} of the Russell indices the gap moved {x} its usual size: "
            "less than the quarter more that counts",
        },
    ),
    Declaration(
        id="C20[earnings]",
        hypothesis="Earnings drive the legs apart",
        question="Do earnings surprises drive them apart?",
        subject="earnings surprises",
        applies=applies.equity_peers,
        needs="needs earnings dates and forecasts",
        parent="C20",
        rule=_EVENTS,
    ),
    Declaration(
        id="C20[liquidity]",
        hypothesis="Thin markets drive the legs apart",
        question="Do thin markets drive them apart?",
        subject="thin markets",
        applies=applies.equity_peers,
        needs="needs bid-ask spreads",
        parent="C20",
        rule=_EVENTS,
    ),
)
