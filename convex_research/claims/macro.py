"""C02, C03, C05, C14, C18b and C21: the spread and the correlation against macro series."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from convex_research.claims import applies, effects
from convex_research.claims.changes import at_level, findable
from convex_research.claims.declaration import Declaration, Rule, percent_of
from convex_research.claims.finding import Finding
from convex_research.claims.sentences import (
    CHANGE,
    POINTS,
    SHARE,
    YEARLY,
    R,
    mapped,
    quantity,
    reach,
    since,
    sized,
    written,
)
from convex_research.claims.survival import run
from convex_research.claims.verdict import Pvalues
from convex_research.core.estimates import too_short
from convex_research.core.sentences import Quantity
from convex_research.statistics.inference.edge import pvalue_below

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import Estimate, NotComputed

__all__ = ["DECLARED"]

_CYCLES = 4
_MACRO = "one of the macro series"
_AHEAD = "macro.oos_rsquared[weekly]"
_WEST = "macro.clark_west[weekly]"
_GAP_AHEAD = "macro.oos_gap[weekly]"
_CREDIT = "macro.risk_after_beta[hy_spread]"
_RECOVERY_GAP = "macro.recovery_gap"


def _risk_appetite(case: Case) -> Finding:
    """One leg does better on days on which risk appetite rises.

    Measured by falls of the VIX and, where it is loaded, of the high-yield spread; the joint
    test is over all that are loaded, and both must point the same way.
    """
    facts = case.facts
    (rho,), (test,) = case.estimates, case.tests
    credit = facts.estimate(_CREDIT)
    pvalues = Pvalues.of_change(rho, effects.RISK_LINK, test.pvalue, "fisher")
    gains = quantity(mapped(rho, lambda x: -x), R, case.keys[0], null=0.0)
    fields: dict[str, str | Quantity] = {"x": gains, "since": since(rho), "credit": ""}
    if credit is not None:
        none = Pvalues.of_change(credit, effects.RISK_LINK, scale="fisher").rejected
        together = rho.value * credit.value > 0.0
        pvalues = Pvalues(test.pvalue if together else 1.0, max(pvalues.rejected, none))
        fields["credit"] = f", of the credit spread {written(-credit.value, R)}"
    contrary = rho.value > 0.0 and case.verdict == "supported"
    return Finding.of_change(
        *(case, effects.RISK_LINK),
        pvalues=pvalues,
        fields=fields,
        contrary=contrary,
        instead={"no": "opposite"} if contrary else {},
        reach=reach(rho, 0.0, "r", tails=2, most=1.0),
        also=() if credit is None else (_CREDIT,),
        series="the VIX" if credit is None else "the VIX or the high-yield spread",
    )


def _recoveries(case: Case) -> Finding | NotComputed:
    """A leads early in a recovery; too few cycles allow no inference."""
    facts = case.facts
    (count,) = case.estimates
    cycles = round(count.value)
    if cycles < _CYCLES:
        return too_short(f"{_CYCLES} recoveries", cycles)
    gap = facts.estimate(_RECOVERY_GAP)
    if gap is None:
        return facts.missing(_RECOVERY_GAP)
    return Finding(
        of=gap,
        fields={
            "x": quantity(gap, YEARLY, _RECOVERY_GAP, null=effects.ANNUAL_LEAD),
            "recoveries": f"{cycles} recoveries",
            "since": since(gap),
        },
        reach=reach(
            gap,
            effects.ANNUAL_LEAD,
            "lead",
            sized(YEARLY),
            tails=2,
        ),
        also=(_RECOVERY_GAP,),
        pvalues=Pvalues.of_side(gap, effects.ANNUAL_LEAD),
        series="the series of recessions",
    )


def _macro_signal(case: Case) -> Finding:
    """Macro moves explain the weekly spread."""
    facts = case.facts
    (explained,), (test,) = case.estimates, case.tests
    ahead, better = facts.estimate(_AHEAD), facts.test(_WEST)
    known = ahead is not None and better is not None
    key, low, high = case.keys[0], max(explained.low or 0.0, 0.0), min(explained.high or 1.0, 1.0)
    share = replace(explained, value=min(max(explained.value, low), high), low=low, high=high)
    finding = Finding.of_effect(
        *(case, effects.MACRO_SHARE),
        pvalues=Pvalues(test.pvalue, pvalue_below(explained, effects.MACRO_SHARE)),
        fields={
            "x": quantity(share, SHARE, key),
            "most": Quantity(f"at most {written(high, SHARE)}", "", key),
            "since": since(explained),
        },
        reach=reach(explained, 0.0, "share", sized(SHARE), tails=1, most=1.0),
        also=(_AHEAD, _WEST) if known else (),
        counted="weeks",
        series=_MACRO,
    )
    finding.runs.extend(_out_of_sample(case, ahead if known else None))
    return finding


def _out_of_sample(case: Case, ahead: Estimate | None) -> list[dict[str, Any]]:
    """A further run of what macro explains: with weights known only from the past."""
    if ahead is None or case.verdict != "supported":
        return []
    return [run("out of sample", ahead.value, agrees=ahead.value > 0.0, unit="R2")]


def _macro_when_alone(case: Case) -> Finding:
    """Macro explains less of the spread when the legs go their own ways."""
    (gap,) = case.estimates
    ahead = case.facts.estimate(_GAP_AHEAD)
    finding = Finding.of_side(
        *(case, effects.IDIOSYNCRATIC_GAP),
        fields={"x": quantity(gap, POINTS, case.keys[0], null=0.0), "since": since(gap)},
        reach=reach(
            gap,
            effects.IDIOSYNCRATIC_GAP,
            "gap",
            sized(POINTS),
            tails=2,
            most=1.0,
        ),
        also=() if ahead is None else (_GAP_AHEAD,),
        counted="weeks",
        series=_MACRO,
    )
    finding.runs.extend(_out_of_sample(case, ahead))
    return finding


def _correlation_shifts(case: Case, series: str) -> Finding:
    """Correlation is higher, or lower, where one series is high."""
    (slope,) = case.estimates
    facts = case.facts
    whole = facts.estimate("correlation.pearson[all]")
    shift = slope if whole is None else at_level(facts, slope)
    return Finding.of_change(
        *(case, effects.CORRELATION_SHIFT),
        fields={"shift": quantity(shift, CHANGE, case.keys[0], null=0.0), "since": since(slope)},
        reach="" if whole is None else findable(facts, whole.value, slope),
        counted="months",
        series=series,
    )


_HIGHER = "one standard deviation higher, next month\N{RIGHT SINGLE QUOTATION MARK}s r"


def _shifts_with(name: str, series: str, *own: str, called: str = "") -> Declaration:
    """C18b for one series, which says nothing of a pair that it is a leg of."""

    def elsewhere(facts: Facts) -> bool:
        return not set(own) & set(facts.ids)

    return Declaration(
        id=f"C18b[{name}]",
        hypothesis=f"Correlation shifts with {called or series}",
        question=f"Does r follow {series}?",
        subject=f"whether r follows {series}",
        applies=elsewhere,
        decide=lambda case: _correlation_shifts(case, series),
        keys=(f"macro.shift[{name}]",),
        effects=(effects.CORRELATION_SHIFT,),
        rule=Rule.beyond(
            "the change of next month's correlation, on Fisher's z scale, for each standard "
            "deviation of the series",
            effects.CORRELATION_SHIFT,
        ),
        sentences={
            "yes": f"With {series} {_HIGHER} changes by {{shift}} {{since}}",
            "slightly": (
                f"With {series} {_HIGHER} changes by {{shift}} {{since}}: too little to matter"
            ),
            "no": f"With {series} {_HIGHER} changes by {{shift}} {{since}}: too little to matter",
        },
    )


DECLARED = (
    Declaration(
        id="C02",
        hypothesis="Risk appetite decides which leg does better",
        question="Does {b} gain on {a} when risk appetite rises?",
        subject="risk appetite",
        applies=applies.without_vix,
        decide=_risk_appetite,
        keys=("macro.risk_after_beta[vix]",),
        tests=("macro.risk_after_beta_test",),
        effects=(effects.RISK_LINK,),
        rule=Rule.beyond(
            "the correlation of the spread with falls of the VIX, the market taken out of both,",
            effects.RISK_LINK,
            "falls of the high-yield spread point the same way where they are loaded",
        ),
        sentences={
            "yes": "After beta, r of {b}'s lead with falls of the VIX is {x}{credit}, {since}",
            "opposite": (
                "The other way round: r of {b}'s lead with falls of the VIX is {x}{credit}, {since}"
            ),
            "no": (
                "After beta, r of {b}'s lead with falls of the VIX is {x}{credit}, {since}: next "
                "to no link"
            ),
        },
    ),
    Declaration(
        id="C03",
        hypothesis="{a} beats {b} in the first year of recoveries",
        question="Does {a} lead in the first year of recoveries?",
        subject="recoveries",
        applies=applies.equity_peers,
        decide=_recoveries,
        keys=("macro.recoveries",),
        effects=(effects.ANNUAL_LEAD,),
        rule=Rule.above(
            "the lead of {a} over at least 4 recoveries", percent_of(effects.ANNUAL_LEAD)
        ),
        sentences={
            "yes": "It leads by {x} over other times, in {recoveries} {since}",
            "no": "In {recoveries} {since} it led by {x} over other times",
            "open": "In {recoveries} {since} it led by {x} over other times",
        },
    ),
    Declaration(
        id="C05",
        hypothesis="Size, value and foreign shares drive {a} against {b}",
        question="Which tilts move the gap?",
        subject="size, value and foreign shares",
        applies=applies.equity_peers,
        needs="needs the returns of those factors",
    ),
    Declaration(
        id="C14",
        hypothesis="Macro series move with the spread",
        question="Do macro series move the gap?",
        subject="macro series",
        applies=applies.prices,
        decide=_macro_signal,
        keys=("macro.rsquared[weekly]",),
        tests=("macro.test[weekly]",),
        effects=(effects.MACRO_SHARE,),
        rule=Rule.effect(
            "the share of the weekly spread explained",
            "zero",
            percent_of(effects.MACRO_SHARE),
            "forecasts out of sample gain",
        ),
        sentences={
            "yes": "They explain {x} of its weekly moves, {since}",
            "slightly": "They explain {x} of its weekly moves, {since}: real, too little to matter",
            "no": "They explain {most} of its weekly moves, {since}: it is mostly not macro",
        },
    ),
    _shifts_with("vix", "the VIX", "vix", "VIX"),
    _shifts_with(
        *("hy_spread", "the high-yield spread", "BAMLH0A0HYM2"),
        called="the credit spread",
    ),
    _shifts_with("yield_10y", "the 10-year yield", "DGS10"),
    Declaration(
        id="C21",
        hypothesis="Macro series explain less when the legs go their own ways",
        question="Do macro series explain less when the two go their own ways?",
        subject="what macro series explain of loose weeks",
        parent="C14",
        applies=applies.prices,
        decide=_macro_when_alone,
        keys=("macro.idiosyncratic_gap[weekly]",),
        effects=(effects.IDIOSYNCRATIC_GAP,),
        rule=Rule.above(
            "the difference in the share explained",
            f"{100 * effects.IDIOSYNCRATIC_GAP:.0f} points",
        ),
        sentences={
            "yes": (
                "Share of the gap's moves that they explain, closely coupled weeks less loose "
                "ones: {x}, {since}"
            ),
        },
    ),
)
