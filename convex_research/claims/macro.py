"""C02, C03, C05, C14, C18b and C21: the spread and the correlation against macro series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.claims import applies, effects
from convex_research.claims.declaration import Declaration, Rule, percent_of
from convex_research.claims.finding import Finding
from convex_research.claims.places import At
from convex_research.claims.sentences import ends, percent, percent_ends, pvalue, reach, signed
from convex_research.claims.survival import run
from convex_research.claims.verdict import Pvalues
from convex_research.core.estimates import too_short
from convex_research.statistics.inference.edge import pvalue_below

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import Estimate, NotComputed

__all__ = ["DECLARED"]

_CYCLES = 4
_KNOWN = "; with weights known only from the past it is "
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
    number = (
        f"given the market, the return of {facts.a} less that of {facts.b} has a correlation of "
        f"{signed(rho.value)} {ends(rho)} with falls of the VIX"
    )
    if credit is None:
        number += ", the only measure loaded"
    else:
        none = Pvalues.of_change(credit, effects.RISK_LINK, scale="fisher").rejected
        together = rho.value * credit.value > 0.0
        pvalues = Pvalues(test.pvalue if together else 1.0, max(pvalues.rejected, none))
        number += (
            f" and of {signed(credit.value)} {ends(credit)} with falls of the high-yield spread, "
            f"{pvalue(test)} for both"
        )
    better, other = (facts.a, facts.b) if rho.value > 0.0 else (facts.b, facts.a)
    return Finding.of_change(
        *(case, effects.RISK_LINK),
        pvalues=pvalues,
        fields={"better": better, "other": other},
        detail=number,
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
    number = (
        f"{percent(gap.value, 1, plus=True)} a year {percent_ends(gap, 1)} against "
        f"other times, over {cycles} recoveries"
    )
    return Finding(
        of=gap,
        detail=number,
        reach=reach(gap, effects.ANNUAL_LEAD, "lead", lambda x: f"{percent(x)} a year", tails=2),
        also=(_RECOVERY_GAP,),
        pvalues=Pvalues.of_side(gap, effects.ANNUAL_LEAD),
        series="the series of recessions",
    )


def _macro_signal(case: Case) -> Finding:
    """Macro moves explain the weekly spread."""
    facts = case.facts
    (explained,), (test,) = case.estimates, case.tests
    ahead, better = facts.estimate(_AHEAD), facts.test(_WEST)
    known = ""
    if ahead is not None and better is not None:
        known = f"{_KNOWN}{percent(ahead.value)}, {pvalue(better)}"
    low, high = max(explained.low or 0.0, 0.0), min(explained.high or 1.0, 1.0)
    finding = Finding.of_effect(
        *(case, effects.MACRO_SHARE),
        pvalues=Pvalues(test.pvalue, pvalue_below(explained, effects.MACRO_SHARE)),
        fields={
            "share": f"{percent(max(explained.value, 0.0))} [{percent(low)}, {percent(high)}]",
            "most": percent(explained.high or 0.0, 1),
            "spread": f"the weekly return of {facts.a} less that of {facts.b}{known}",
            "reach": reach(explained, 0.0, "share", percent, tails=1, most=1.0),
        },
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
    known = "" if ahead is None else f"{_KNOWN}{signed(100 * ahead.value, 0)}"
    number = (
        f"of the spread's variance they explain {signed(100 * gap.value, 0)} percentage points "
        f"[{signed(100 * (gap.low or 0.0), 0)}, {signed(100 * (gap.high or 0.0), 0)}] "
        f"more in weeks of close coupling than in weeks of loose coupling{known}"
    )
    finding = Finding.of_side(
        *(case, effects.IDIOSYNCRATIC_GAP),
        detail=number,
        also=(_GAP_AHEAD,) if known else (),
        counted="weeks",
        series=_MACRO,
    )
    finding.runs.extend(_out_of_sample(case, ahead))
    return finding


def _correlation_shifts(case: Case, series: str) -> Finding:
    """Correlation is higher, or lower, where one series is high."""
    (slope,) = case.estimates
    number = (
        f"Fisher's z of the next month's r (r on a scale without ends) changes by "
        f"{signed(slope.value)} {ends(slope)} for each standard deviation of {series}"
    )
    return Finding.of_change(
        *(case, effects.CORRELATION_SHIFT),
        fields={"way": "higher" if slope.value > 0.0 else "lower"},
        detail=number,
        reach=reach(slope, 0.0, "shift", tails=2),
        counted="months",
        series=series,
    )


def _shifts_with(
    name: str, series: str, *own: str, called: str = "", at: At, turn: int
) -> Declaration:
    """C18b for one series, which says nothing of a pair that it is a leg of."""

    def elsewhere(facts: Facts) -> bool:
        return not set(own) & set(facts.ids)

    return Declaration(
        id=f"C18b[{name}]",
        hypothesis=f"Correlation shifts with {called or series}",
        question=f"Does r follow {series}?",
        subject=f"Whether correlation shifts with {series}",
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
            "supported": f"After months in which {series} is high, correlation is {{way}}",
            "rejected": f"Correlation does not shift with {series}",
        },
        at=(at,),
        gives_way={"comparison": turn},
    )


DECLARED = (
    Declaration(
        id="C02",
        hypothesis="Risk appetite decides which leg does better",
        question="Does {b} gain on {a} when risk appetite rises?",
        subject="The link between the spread and risk appetite",
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
            "supported": "{better} does better than {other} when risk appetite rises",
            "rejected": "Risk appetite does not decide which leg does better",
            "inconclusive": "Whether risk appetite decides which leg does better is open",
        },
        at=(At("question.drivers", 1),),
        gives_way={"comparison": 33},
    ),
    Declaration(
        id="C03",
        hypothesis="{a} beats {b} in the first year of recoveries",
        question="Does {a} lead in the first year of recoveries?",
        subject="The first year of recoveries",
        applies=applies.equity_peers,
        decide=_recoveries,
        keys=("macro.recoveries",),
        effects=(effects.ANNUAL_LEAD,),
        rule=Rule.above(
            "the lead of {a} over at least 4 recoveries", percent_of(effects.ANNUAL_LEAD)
        ),
        sentences={
            "supported": "{a} beats {b} in the first year of recoveries",
            "rejected": "{a} does not beat {b} in the first year of recoveries",
            "inconclusive": "Which leg does better in the first year of recoveries is open",
        },
        at=(At("peer.episodes", 2),),
        gives_way={"comparison": 5},
    ),
    Declaration(
        id="C05",
        hypothesis="Size, value and foreign shares drive {a} against {b}",
        question="Which tilts move the gap?",
        subject="What size, value and foreign shares explain of {a} against {b}",
        applies=applies.equity_peers,
        needs="needs the returns of those factors",
        at=(At("peer.tilt", 3),),
        gives_way={"comparison": 4},
    ),
    Declaration(
        id="C14",
        hypothesis="Macro series move with the spread",
        question="Do macro series move the gap?",
        subject="What macro series explain of the spread",
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
            "supported": (
                "Macro series move with the spread: they explain {share} of the variance of "
                "{spread}"
            ),
            "rejected": (
                "The spread does not follow macro series: they explain at most {most} of the "
                "variance of {spread}"
            ),
            "inconclusive": (
                "How far the spread follows macro series is open: they explain {share} of the "
                "variance of {spread}{reach}"
            ),
        },
        at=(At("question.drivers", 2),),
        gives_way={"comparison": 24},
    ),
    _shifts_with("vix", "the VIX", "vix", "VIX", at=At("question.stability", 3), turn=27),
    _shifts_with(
        *("hy_spread", "the high-yield spread", "BAMLH0A0HYM2"),
        called="the credit spread",
        at=At("rate.economy", 1),
        turn=19,
    ),
    _shifts_with("yield_10y", "the 10-year yield", "DGS10", at=At("rate.economy", 2), turn=21),
    Declaration(
        id="C21",
        hypothesis="Macro series explain less when the legs go their own ways",
        question="Do macro series explain less when they go their own ways?",
        subject="Whether macro series explain less when the legs go their own ways",
        applies=applies.prices,
        decide=_macro_when_alone,
        keys=("macro.idiosyncratic_gap[weekly]",),
        effects=(effects.IDIOSYNCRATIC_GAP,),
        rule=Rule.above(
            "the difference in the share explained",
            f"{100 * effects.IDIOSYNCRATIC_GAP:.0f} points",
        ),
        sentences={
            "supported": "When the legs go their own ways, macro series explain less",
            "rejected": "When the legs go their own ways, macro series do not explain less",
        },
        at=(At("question.drivers", 4),),
        gives_way={"comparison": 11},
    ),
)
