"""C22b, C30 and C36: hedges and forecasts of correlation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from convex_research.claims import applies, effects
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule, percent_of
from convex_research.claims.finding import Finding, size_above
from convex_research.claims.places import At
from convex_research.claims.sentences import cut_reach, percent, percent_ends, pvalue, signed
from convex_research.claims.survival import run, under
from convex_research.claims.verdict import Pvalues
from convex_research.statistics.inference.edge import pvalue_above, pvalue_below

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import NotComputed

__all__ = ["DECLARED"]

_OUT = "hedge.effectiveness_out"
_METHODS = (("ewma", "with exponentially weighted ratios"), ("kalman", "with Kalman ratios"))
_FORECASTS = {"ewma": "exponential weights", "dcc": "a model of changing correlation (DCC)"}
_GAIN, _COMPARED = "forecast.gain_{}[21]", "forecast.diebold_mariano_{}[21]"


def _not_a_hedge(case: Case) -> Finding:
    """Shorting B against A removes little; rejected where it removes half."""
    facts = case.facts
    (out,) = case.estimates
    ratio = facts.estimate("hedge.ratio[all]")
    verdict = case.verdict
    edge = effects.HEDGE_USEFUL if verdict == "rejected" else effects.HEDGE_USELESS
    runs = case.runs(under(edge))
    for method, name in _METHODS:
        other = facts.estimate(f"{_OUT}[{method}]")
        if other is not None and verdict != "inconclusive":
            small = other.value < effects.HEDGE_USEFUL
            agrees = small if verdict == "supported" else not small
            runs.append(run(name, other.value, agrees=agrees, unit="share of variance"))
    how = f"hedging {facts.a} with {facts.b}"
    if ratio is not None and facts.one_unit:
        side = "a long" if ratio.value < 0.0 else "a short"
        how = f"{side} position of about {abs(ratio.value):.2f} in {facts.b} for each 1 in "
        how += f"{facts.a}, set anew every {facts.period} from the past {facts.span(252)},"
    removed = f"{percent(out.value)} {percent_ends(out)} of the variance{_unbought(facts)}"
    return Finding(
        of=out,
        fields={"how": how, "removed": removed},
        runs=runs,
        pvalues=Pvalues(
            pvalue_below(out, effects.HEDGE_USELESS, "rest"),
            pvalue_above(out, effects.HEDGE_USEFUL, "rest"),
        ),
    )


def _unbought(facts: Facts) -> str:
    """What must be said of a hedge that is no price: nobody can hold it."""
    kind = facts.kinds[1]
    if kind == "price":
        return ""
    what = {"rate": "a yield", "spread": "a yield spread"}.get(kind, "an index level")
    return (
        f"; {facts.b} is {what} that cannot be bought, so what one can hold instead may hedge less"
    )


def _baseline(case: Case) -> Finding | NotComputed:
    """The long-run correlation is as good a forecast as any tried."""
    facts = case.facts
    found = {}
    for name in _FORECASTS:
        gain, test = facts.estimate(_GAIN.format(name)), facts.test(_COMPARED.format(name))
        if gain is not None and test is not None:
            found[name] = (gain, test)
    if not found:
        return facts.missing(_GAIN.format("ewma"))
    # One-sided: a method that loses more than the average is no evidence against it.
    better = [0.5 * test.pvalue for _, test in found.values() if test.statistic < 0.0]
    p = min([1.0, *(len(found) * one for one in better)])
    best = max(found, key=lambda name: found[name][0].value)
    gain = found[best][0]
    verdict = case.verdict
    runs: list[dict[str, Any]] = []
    if verdict == "supported":
        for name in found:
            runs += facts.runs(_GAIN.format(name), verdict, under(effects.FORECAST_GAIN))
    elif verdict == "rejected":
        runs = facts.runs(_GAIN.format(best), verdict, under(0.0))
    none = max(pvalue_below(one, effects.FORECAST_GAIN, "rest") for one, _ in found.values())
    change = f"the forecast loss by {percent(gain.value)} {percent_ends(gain)}, {pvalue(p)}"
    verb = "cut"
    if gain.value < 0.0:
        low, high = (None if end is None else -end for end in (gain.high, gain.low))
        loss = replace(gain, value=-gain.value, low=low, high=high)
        change = f"the forecast loss by {percent(loss.value)} {percent_ends(loss)}"
        verb = "raise"
    ahead = facts.span(21)
    return Finding(
        of=gain,
        fields={
            "best": _FORECASTS[best],
            "change": f"{verb} {change}",
            "changes": f"{verb}s {change}",
            "ahead": f"{ahead}'" if ahead.endswith("s") else f"{ahead}'s",
            "reach": cut_reach(gain, len(found)),
        },
        runs=runs,
        evidence=tuple(key.format(name) for name in found for key in (_GAIN, _COMPARED)),
        size=size_above(gain, effects.FORECAST_GAIN),
        pvalues=Pvalues(none, p),
    )


def _points(end: float | None) -> str:
    return signed(100.0 * (end or 0.0), 1, plus=False)


def _looking_back(case: Case) -> Finding | None:
    """Hindsight on the same days would have removed more; absent without a hedge."""
    facts = case.facts
    fitted, out, loss = case.estimates
    if fitted.value < effects.HEDGE_USELESS:
        return None
    number = (
        f"over the same {facts.period}s one ratio fitted with hindsight removes "
        f"{percent(fitted.value)} of the variance of {facts.a}, ratios set from the past "
        f"alone removed {percent(out.value)}, "
        f"{signed(100.0 * loss.value, 1, plus=False)} points less "
        f"[{_points(loss.low)}, {_points(loss.high)}]"
    )
    return Finding.of_side(case, effects.HEDGE_LOSS, at=2, detail=number)


DECLARED = (
    Declaration(
        id="C22b",
        hypothesis="{b} is not a hedge for {a}",
        question="Can one hedge the other?",
        yes="rejected",
        subject="Hedging {a} with {b}",
        applies=applies.always,
        one_clock=True,
        decide=_not_a_hedge,
        keys=(_OUT,),
        effects=(effects.HEDGE_USELESS, effects.HEDGE_USEFUL),
        rule=Rule(
            f"“no hedge”: the variance removed lies wholly below "
            f"{percent_of(effects.HEDGE_USELESS)}, by other ways to set the ratio too",
            f"a hedge after all: it lies wholly above {percent_of(effects.HEDGE_USEFUL)}",
        ),
        sentences={
            "supported": "{b} is not a hedge for {a}: {how} removed only {removed}",
            "rejected": "{b} does hedge {a}: {how} removed {removed}",
            "inconclusive": "How well {b} hedges {a} is open: {how} removed {removed}",
        },
        at=(At("question.hedge", 2),),
    ),
    Declaration(
        id="C30",
        hypothesis="The long-run average forecasts correlation as well as anything tried",
        question="Is the long-run average the best forecast?",
        subject="The long-run correlation as a forecast",
        applies=applies.always,
        decide=_baseline,
        effects=(effects.FORECAST_GAIN,),
        rule=Rule(
            "the gain of every alternative in forecast loss lies wholly below "
            f"{percent_of(effects.FORECAST_GAIN)}",
            f"an alternative loses less than the average does, {DISCOVERED}; by how much is open "
            f"unless its whole interval lies above {percent_of(effects.FORECAST_GAIN)}",
        ),
        sentences={
            "supported": (
                "The long-run average forecasts the next {ahead} correlation as well as {best}, "
                "which would {change}"
            ),
            "rejected": (
                "The long-run average is not the best forecast of the next {ahead} correlation: "
                "{best} {changes}"
            ),
            "inconclusive": (
                "Whether anything beats the long-run average as a forecast of the next {ahead} "
                "correlation is open: {best} would {change}{reach}"
            ),
        },
        speaks_for="rejected",
        at=(At("correlation.forecast"), At("volatility.ahead"), At("rate.ahead")),
        gives_way={"comparison": 20},
    ),
    Declaration(
        id="C36",
        hypothesis="A hedge fitted by looking back promises too much",
        question="What did hindsight add to the hedge?",
        subject="What backward-looking hedges lose",
        applies=applies.always,
        one_clock=True,
        decide=_looking_back,
        keys=("hedge.effectiveness_hindsight", _OUT, "hedge.hindsight_loss"),
        effects=(effects.HEDGE_LOSS,),
        rule=Rule(
            f"more than {100 * effects.HEDGE_LOSS:.0f} points of the promised cut are lost, with "
            "the whole interval",
            f"the whole interval loses less than {100 * effects.HEDGE_LOSS:.0f} points",
        ),
        sentences={
            "supported": "Looking back promises too much",
            "rejected": "Looking back costs less than 10 percentage points here",
            "inconclusive": "What looking back costs is open",
        },
        at=(At("comparison.hedge"),),
        gives_way={"comparison": 10},
    ),
)
