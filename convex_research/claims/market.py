"""C01, C08, C12, C13 and C28: what a market leg explains of the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import applies, effects
from convex_research.claims.declaration import Declaration, Rule, percent_of
from convex_research.claims.finding import Finding
from convex_research.claims.places import At
from convex_research.claims.sentences import ends, percent, percent_ends, reach, signed
from convex_research.claims.survival import over, under
from convex_research.claims.verdict import Pvalues, above
from convex_research.statistics.inference.edge import pvalue_above, pvalue_below

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import Estimate

__all__ = ["DECLARED"]

_R = "correlation.pearson[all]"
_PARTIAL = "correlation.partial[all]"
_DROP = "correlation.partial_drop[all]"
_AFTER = "market.lead_after_beta"
_MARKET = "the market series"


def _common_driver(case: Case) -> Finding:
    """Tight coupling reflects a common driver."""
    rest, drop = case.estimates
    runs = case.runs(under(effects.PARTIAL_STRONG))
    if case.verdict == "supported":
        runs += case.runs(over(effects.MARKET_DROP), at=1)
    whole = case.facts.estimate(_R)
    before = "" if whole is None else f" from {signed(whole.value)} {ends(whole)}"
    number = (
        f"without the market r falls by {signed(drop.value, plus=False)} "
        f"{ends(drop)},{before} to {signed(rest.value)} {ends(rest)}; whether shared "
        "holdings tie the legs is not tested (needs their holdings)"
    )
    little = Pvalues.of_side(rest, effects.PARTIAL_STRONG, "fisher").reversed()
    driven = pvalue_above(drop, effects.MARKET_DROP)
    return Finding(
        of=drop,
        detail=number,
        runs=runs,
        also=() if whole is None else (_R,),
        series=_MARKET,
        pvalues=Pvalues(max(little.supported, driven), little.rejected),
    )


def _sensitivities(case: Case) -> Finding:
    """Both respond to the market, with different sensitivities."""
    a, b, gap = case.estimates
    betas = (
        f"for each +1 % in the market {case.facts.a} moves by {signed(a.value)} % and "
        f"{case.facts.b} by {signed(b.value)} %, a difference in beta of {signed(gap.value)} "
        f"{ends(gap)}"
    )
    return Finding.of_change(case, effects.BETA_MARGIN, at=2, detail=betas, series=_MARKET)


def _delays(case: Case) -> Finding:
    """Both respond at different speeds."""
    facts = case.facts
    gap, late_a, late_b = case.estimates
    slow, fast = (facts.a, facts.b) if gap.value > 0.0 else (facts.b, facts.a)
    more, less = sorted((max(late_a.value, 0.0), max(late_b.value, 0.0)), reverse=True)
    size = (
        f"the late share is {signed(100 * gap.value, 1)} percentage points {_hundred(gap)} larger "
        f"for {facts.a} than for {facts.b}"
    )
    return Finding.of_change(
        *(case, effects.DELAY_SHARE),
        fields={
            "slow": slow,
            "fast": fast,
            "more": percent(more, 1),
            "less": percent(less, 1),
            "size": size,
        },
        series=_MARKET,
    )


def _bull_and_bear(case: Case) -> Finding:
    """The leg with the larger market beta leads in bull, the other in bear markets."""
    facts = case.facts
    bull, bear = case.estimates
    beta_a, beta_b = (facts.estimate(f"market.beta_{leg}") for leg in "ab")
    bolder = facts.a
    if beta_a is not None and beta_b is not None and beta_a.value < beta_b.value:
        bolder = facts.b
    leads = (
        f"{bolder}, the leg with the larger market beta, has a lead of "
        f"{percent(bull.value, plus=True)} {percent_ends(bull)} a year in bull and of "
        f"{percent(bear.value, plus=True)} {percent_ends(bear)} in bear markets"
    )
    left = facts.estimate(_AFTER)
    return Finding(
        of=bull,
        detail=leads if left is None else f"{leads}; {_purely(left)}",
        reach=reach(bull, effects.ANNUAL_LEAD, "lead in bull markets", _yearly, tails=2),
        runs=case.runs_of_parts(over(effects.ANNUAL_LEAD), under(-effects.ANNUAL_LEAD)),
        pvalues=Pvalues.of_all(
            Pvalues.of_side(bull, effects.ANNUAL_LEAD),
            Pvalues.of_side(bear, -effects.ANNUAL_LEAD).reversed(),
        ),
        also=() if left is None else (_AFTER,),
        counted="days",
        series=_MARKET,
    )


def _purely(left: Estimate) -> str:
    """Whether more than beta is behind the lead, from what is left after beta."""
    number = f"{percent(left.value, plus=True)} {percent_ends(left)} a year"
    low, high = left.low or 0.0, left.high or 0.0
    if low > 0.0 or high < 0.0:
        return f"more than beta is behind it, since {number} is left after beta"
    if max(-low, high) < effects.ANNUAL_LEAD:
        return f"it is purely beta: {number} is left after beta"
    return f"whether more than beta is behind it is open, with {number} left after beta"


def _yearly(lead: float) -> str:
    return f"{percent(lead)} a year"


def _mid_cap(case: Case) -> Finding:
    """A is effectively a mid-cap proxy."""
    large, small = case.estimates
    verdict = case.verdict
    edge = 0.0 if verdict == "rejected" else effects.STYLE_GAP
    gaps = (
        f"mid caps explain {signed(100 * large.value, 1)} percentage points {_hundred(large)} more "
        f"of its variance than large caps and {signed(100 * small.value, 1)} {_hundred(small)} "
        "more than small caps"
    )
    return Finding(
        of=large,
        detail=gaps,
        runs=[
            one
            for at, gap in enumerate(case.estimates)
            if verdict == "supported" or above(gap, edge) == verdict
            for one in case.runs(over(edge), at)
        ],
        series="an index of one size",
        pvalues=Pvalues.of_all(
            *(
                Pvalues(
                    min(2.0 * pvalue_above(gap, effects.STYLE_GAP), 1.0), pvalue_below(gap, 0.0)
                )
                for gap in case.estimates
            )
        ),
    )


def _hundred(gap: Estimate) -> str:
    low, high = (signed(100.0 * (end or 0.0), 1) for end in (gap.low, gap.high))
    return f"[{low}, {high}]"


def _coupled(facts: Facts) -> bool:
    """Neither leg is the market, and both are coupled tightly enough to ask why."""
    r = facts.estimate(_R)
    return applies.with_market(facts) and (r is None or r.value >= effects.COMOVEMENT)


DECLARED = (
    Declaration(
        id="C01",
        hypothesis="{a} follows mid caps more closely than large and small ones",
        question="Which size of company does {a} track?",
        subject="Whether {a} is a mid-cap proxy",
        applies=applies.equal_weight,
        decide=_mid_cap,
        keys=("market.style_gap[mid-large]", "market.style_gap[mid-small]"),
        effects=(effects.STYLE_GAP,),
        rule=Rule(
            "mid caps explain more of the variance of {a} than large caps and than small caps "
            f"do, by more than {effects.STYLE_GAP} of R² in both intervals",
            "one of the two gaps lies wholly below zero",
        ),
        sentences={
            "supported": "{a} tracks mid caps best",
            "rejected": "{a} is closer to another size than to mid caps",
            "inconclusive": "The data do not tell which size {a} tracks best",
        },
        at=(At("peer.tilt", 1),),
        gives_way={"comparison": 6},
    ),
    Declaration(
        id="C08",
        hypothesis="The leg with the larger market beta leads in bull and trails in bear markets",
        question="Does one lead in bull markets and the other in bear?",
        subject="Which leg leads in rising and in falling markets",
        applies=applies.with_market,
        one_clock=True,
        decide=_bull_and_bear,
        keys=("market.lead_bull", "market.lead_bear"),
        effects=(effects.ANNUAL_LEAD,),
        rule=Rule(
            "the leg with the larger market beta leads in bull markets and trails in bear "
            f"markets, each by more than {percent_of(effects.ANNUAL_LEAD)} a year with its whole "
            "interval",
            f"one of the two intervals excludes {percent_of(effects.ANNUAL_LEAD)} a year",
        ),
        sentences={
            "supported": "The bolder leg leads in bull and trails in bear markets",
            "rejected": "The bolder leg does not lead in bull and trail in bear markets",
        },
        at=(At("question.lead", 3),),
        gives_way={"comparison": 25},
    ),
    Declaration(
        id="C12",
        hypothesis="The legs respond to the market with different strength",
        question="Do they respond to the market alike?",
        yes="rejected",
        subject="The response to the market",
        applies=applies.with_market,
        one_clock=True,
        decide=_sensitivities,
        keys=("market.beta_a", "market.beta_b", "market.beta_gap"),
        effects=(effects.BETA_MARGIN,),
        rule=Rule.beyond("the difference of the market betas", effects.BETA_MARGIN),
        sentences={
            "supported": "The legs respond to the market with different strength",
            "rejected": "The legs respond to the market alike, within 0.05 of beta",
            "inconclusive": "Whether the legs respond differently to the market is open",
        },
        at=(At("question.relation", 4),),
        gives_way={"comparison": 16},
    ),
    Declaration(
        id="C13",
        hypothesis="One leg responds to the market later",
        question="Is one slower to take in the market's news?",
        subject="The speed of the response to the market",
        applies=applies.with_market,
        one_clock=True,
        decide=_delays,
        keys=("market.delay_gap", "market.delay_a", "market.delay_b"),
        effects=(effects.DELAY_SHARE,),
        rule=Rule.beyond("the difference of the shares that arrive late", effects.DELAY_SHARE),
        sentences={
            "supported": (
                "{slow} responds to the market later than {fast}: {more} of its response comes on "
                "later days, against {less}; {size}"
            ),
            "rejected": "Both respond to the market at the same speed, within 1 point: {size}",
            "inconclusive": "Whether one leg responds to the market later is open: {size}",
        },
        at=(At("question.lead", 2), At("crypto.clock", 1)),
        gives_way={"comparison": 12},
    ),
    Declaration(
        id="C28",
        hypothesis="A common driver explains the coupling",
        question="Does the market explain the tie?",
        subject="A common driver behind the coupling",
        applies=_coupled,
        one_clock=True,
        decide=_common_driver,
        keys=(_PARTIAL, _DROP),
        effects=(effects.PARTIAL_STRONG, effects.MARKET_DROP, effects.COMOVEMENT),
        rule=Rule(
            f"without the market r lies wholly below {effects.PARTIAL_STRONG:.2f}, and its drop "
            f"wholly above {effects.MARKET_DROP:.2f}",
            f"without the market r still lies wholly above {effects.PARTIAL_STRONG:.2f}",
        ),
        sentences={
            "supported": "A common driver explains the coupling",
            "rejected": "The market alone does not explain the coupling",
            "inconclusive": "How much a common driver explains is open",
        },
        at=(
            *At.each(3, "question.relation", "crypto.clock"),
            *At.each(1, "cross-asset.market", "commodity.market"),
        ),
        gives_way={"comparison": 14},
    ),
)
