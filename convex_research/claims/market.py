"""C01, C08, C12, C13 and C28: what a market leg explains of the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import applies, effects
from convex_research.claims.changes import agreeing
from convex_research.claims.declaration import Declaration, Rule, percent_of
from convex_research.claims.finding import Finding
from convex_research.claims.sentences import (
    CHANGE,
    POINTS,
    YEARLY,
    R,
    Unit,
    mapped,
    quantity,
    reach,
    since,
    sized,
    written,
)
from convex_research.claims.survival import over, under
from convex_research.claims.verdict import Pvalues, above, size_of
from convex_research.core.sentences import Quantity
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
_MOVE = Unit(suffix=" %")
_LATE = Unit(100.0, 1, " points")


def _common_driver(case: Case) -> Finding:
    """Tight coupling reflects a common driver."""
    rest, drop = case.estimates
    runs = case.runs(under(effects.PARTIAL_STRONG))
    if case.verdict == "supported":
        runs += case.runs(over(effects.MARKET_DROP), at=1)
    whole = case.facts.estimate(_R)
    places = 2 if whole is None else agreeing(drop, whole.value, rest.value)
    little = Pvalues.of_side(rest, effects.PARTIAL_STRONG, "fisher").reversed()
    driven = pvalue_above(drop, effects.MARKET_DROP)
    return Finding(
        of=drop,
        fields={
            "drop": quantity(drop, CHANGE._replace(decimals=places, plus=False), _DROP, null=0.0),
            "rest": quantity(rest, R, _PARTIAL, null=effects.PARTIAL_STRONG),
            "plain": written(rest.value, R),
            "whole": "" if whole is None else written(whole.value, R),
            "since": since(drop),
        },
        reach=reach(drop, effects.MARKET_DROP, "fall of r", tails=1, most=1.0),
        runs=runs,
        also=() if whole is None else (_R,),
        series=_MARKET,
        pvalues=Pvalues(max(little.supported, driven), little.rejected),
    )


def _sensitivities(case: Case) -> Finding:
    """Both respond to the market, with different sensitivities."""
    a, b, gap = case.estimates
    margin, key = effects.BETA_MARGIN, case.keys[2]
    return Finding.of_change(
        *(case, margin),
        at=2,
        fields={
            "x": quantity(_size(gap), _MOVE, key, null=0.0),
            "a_moves": Quantity(written(a.value, _MOVE), "", case.keys[0]),
            "b_moves": Quantity(written(b.value, _MOVE), "", case.keys[1]),
            "since": since(gap),
        },
        instead={"no": "slight"} if size_of(gap, margin) == "slight" else {},
        reach=reach(gap, 0.0, "difference", sized(_MOVE), tails=2),
        series=_MARKET,
    )


def _size(gap: Estimate) -> Estimate:
    """A difference, told of the leg that has more."""
    return gap if gap.value >= 0.0 else mapped(gap, lambda x: -x)


def _delays(case: Case) -> Finding:
    """Both respond at different speeds."""
    facts, key = case.facts, case.keys[0]
    gap, _, _ = case.estimates
    slow, fast = (facts.a, facts.b) if gap.value > 0.0 else (facts.b, facts.a)
    most = max(abs(end) for end in (gap.low or gap.value, gap.high or gap.value))
    return Finding.of_change(
        *(case, effects.DELAY_SHARE),
        fields={
            "slow": slow,
            "fast": fast,
            "x": quantity(_size(gap), _LATE, key, null=0.0),
            "most": Quantity(f"at most {written(most, _LATE)}", "", key),
            "since": since(gap),
        },
        reach=reach(gap, 0.0, "difference", sized(_LATE), tails=2),
        series=_MARKET,
    )


def _bull_and_bear(case: Case) -> Finding:
    """The leg with the larger market beta leads in bull, the other in bear markets."""
    facts, margin = case.facts, effects.ANNUAL_LEAD
    bull, bear = case.estimates
    beta_a, beta_b = (facts.estimate(f"market.beta_{leg}") for leg in "ab")
    bolder, other = facts.a, facts.b
    if beta_a is not None and beta_b is not None and beta_a.value < beta_b.value:
        bolder, other = other, bolder
    rising = Pvalues.of_side(bull, margin)
    falling = Pvalues.of_side(bear, -margin).reversed()
    left = facts.estimate(_AFTER)
    unit = YEARLY._replace(plus=case.verdict != "supported")
    fields: dict[str, str | Quantity] = {
        "bolder": bolder,
        "other": other,
        "bull": quantity(bull, unit, case.keys[0], null=margin),
        "bear": quantity(mapped(bear, lambda x: -x), YEARLY, case.keys[1], null=margin),
        "in_bear": Quantity(written(-bear.value, unit._replace(suffix="")), "", case.keys[1]),
        "since": since(bull),
        "counts": f"{100 * margin:.0f}",
    }
    instead = {"no": "not in bear"} if falling.rejected < rising.rejected else {}
    if left is not None:
        fields["left"] = Quantity(written(left.value, POINTS._replace(suffix="")), "", _AFTER)
        instead["yes"] = "beta"
    return Finding(
        of=bull,
        fields=fields,
        instead=instead,
        reach=reach(bull, margin, "lead in bull markets", sized(YEARLY), tails=2),
        runs=case.runs_of_parts(over(margin), under(-margin)),
        pvalues=Pvalues.of_all(rising, falling),
        also=() if left is None else (_AFTER,),
        counted="days",
        series=_MARKET,
    )


def _mid_cap(case: Case) -> Finding:
    """A is effectively a mid-cap proxy."""
    verdict = case.verdict
    edge = 0.0 if verdict == "rejected" else effects.STYLE_GAP
    at = min(range(2), key=lambda i: case.estimates[i].value)  # the size that rivals mid caps most
    rival, gap, key = ("large caps", "small caps")[at], case.estimates[at], case.keys[at]
    return Finding(
        of=gap,
        named=rival.capitalize() if verdict == "rejected" else "Mid caps",
        fields={
            "rival": rival,
            "x": quantity(gap, POINTS, key, null=0.0),
            "more": quantity(_size(gap), POINTS._replace(plus=False), key, null=0.0),
            "since": since(gap),
        },
        reach=reach(gap, 0.0, "difference", sized(POINTS), tails=2),
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


def _coupled(facts: Facts) -> bool:
    """Neither leg is the market, and both are coupled tightly enough to ask why."""
    r = facts.estimate(_R)
    return applies.with_market(facts) and (r is None or r.value >= effects.COMOVEMENT)


DECLARED = (
    Declaration(
        id="C01",
        hypothesis="{a} follows mid caps more closely than large and small ones",
        question="Which size of company does {a} track?",
        subject="the size of company that {a} tracks",
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
            "yes": "They explain {more} more of its variance than {rival} do, the next, {since}",
            "no": "They explain {more} more of its variance than mid caps do, {since}",
            "open": "Share of its variance explained, mid caps less {rival}: {x}, {since}",
        },
    ),
    Declaration(
        id="C08",
        hypothesis="The leg with the larger market beta leads in bull and trails in bear markets",
        question="Does one lead in bull markets and the other in bear?",
        subject="bull and bear leadership",
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
            "yes": (
                "{bolder} leads by {bull} in bull markets, {other} by {in_bear} in bear, {since}"
            ),
            "beta": (
                "{bolder} leads by {bull} in bull markets, {other} by {in_bear} in bear, {since}; "
                "after beta {left} is left"
            ),
            "no": "In bull markets {bolder}'s lead was {bull}, {since}; {counts} would count",
            "not in bear": (
                "In bear markets {other}'s lead was {bear}, {since}; {counts} would count"
            ),
            "open": (
                "{bolder}'s lead was {bull} in bull markets, {other}'s {in_bear} in bear, {since}"
            ),
        },
    ),
    Declaration(
        id="C12",
        hypothesis="The legs respond to the market with different strength",
        question="Do they respond to the market alike?",
        yes="rejected",
        subject="the response to the market",
        applies=applies.with_market,
        one_clock=True,
        decide=_sensitivities,
        keys=("market.beta_a", "market.beta_b", "market.beta_gap"),
        effects=(effects.BETA_MARGIN,),
        rule=Rule.beyond("the difference of the market betas", effects.BETA_MARGIN),
        sentences={
            "no": (
                "For 1 % in the market they differ by {x}, {since}: {a} moves {a_moves}, {b} "
                "{b_moves}"
            ),
            "slight": (
                "For 1 % in the market they differ by {x}, {since}: real, too small to matter"
            ),
            "yes": (
                f"Within {effects.BETA_MARGIN} %: for 1 % in the market they differ by {{x}}, "
                "{since}"
            ),
            "open": "For 1 % in the market they differ by {x}, {since}",
        },
    ),
    Declaration(
        id="C13",
        hypothesis="One leg responds to the market later",
        question="Is one slower to take in the market's news?",
        subject="who takes in the market's news first",
        applies=applies.with_market,
        one_clock=True,
        decide=_delays,
        keys=("market.delay_gap", "market.delay_a", "market.delay_b"),
        effects=(effects.DELAY_SHARE,),
        rule=Rule.beyond("the difference of the shares that arrive late", effects.DELAY_SHARE),
        sentences={
            "yes": "{slow} makes {x} more of its move late than {fast}, {since}",
            "slightly": (
                "{slow} makes {x} more of its move late than {fast}, {since}: real, too small to "
                "matter"
            ),
            "no": "Both take it in at once: the parts that come late differ by {most}, {since}",
            "open": "{slow} made {x} more of its move late than {fast}, {since}",
        },
    ),
    Declaration(
        id="C28",
        hypothesis="A common driver explains the coupling",
        question="Does the market explain the tie?",
        subject="whether the market explains the tie",
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
            "yes": "Take the market out and r {since} falls by {drop}, from {whole} to {plain}",
            "no": "Without the market r is still {rest} {since}; with it, {whole}",
            "open": "Without the market r is {rest} {since}; with it, {whole}",
        },
    ),
)
