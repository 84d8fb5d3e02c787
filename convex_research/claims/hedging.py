"""C22b, C30 and C36: hedges and forecasts of correlation."""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any

from convex_research.claims import applies, effects
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule, percent_of
from convex_research.claims.finding import Finding, size_above
from convex_research.claims.sentences import (
    GAIN,
    bounded,
    cut_reach,
    mapped,
    quantity,
    reach,
    since,
    volatility_removed,
    written,
)
from convex_research.claims.survival import run, under
from convex_research.claims.verdict import Pvalues
from convex_research.statistics.inference.edge import pvalue_above, pvalue_below

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import Estimate, NotComputed

__all__ = ["DECLARED"]

_OUT = "hedge.effectiveness_out"
_METHODS = (("ewma", "with exponentially weighted ratios"), ("kalman", "with Kalman ratios"))
_FORECASTS = ("ewma", "dcc")
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
    keys = tuple(_REMOVED.format(one) for one in ("all", facts.year))
    removed, yearly = (facts.estimate(key) for key in keys)
    shown = quantity(removed or volatility_removed(out), GAIN, keys[0] if removed else _OUT)
    paper = _unbought(facts)
    variant = "on paper" if paper else "less lately" if _less_lately(yearly) else "yes"
    opposite = ratio is not None and ratio.value < 0.0
    return Finding(
        of=out,
        fields={
            "way": f"Holding {facts.b} as well" if opposite else f"Selling {facts.b}",
            "removed": shown,
            "since": since(out),
            "mark": written(_COUNTS, GAIN),
            "paper": paper,
            "lately": "" if yearly is None else written(yearly.value, GAIN),
            "year": facts.span(facts.year),
        },
        instead={"yes": variant},
        runs=runs,
        also=tuple(key for key in keys if facts.estimate(key) is not None),
        named=_NAMED.get(variant, "") if verdict == "rejected" else "",
        pvalues=Pvalues(
            pvalue_below(out, effects.HEDGE_USELESS, "rest"),
            pvalue_above(out, effects.HEDGE_USEFUL, "rest"),
        ),
    )


_REMOVED = "hedge.volatility_removed[{}]"
_NAMED = {"on paper": "Only on paper", "less lately": "Less lately"}
_COUNTS = 1.0 - math.sqrt(1.0 - effects.HEDGE_USEFUL)


def _less_lately(yearly: Estimate | None) -> bool:
    """Whether the past year's hedge lies wholly below what counts."""
    return yearly is not None and yearly.high is not None and yearly.high < _COUNTS


def _unbought(facts: Facts) -> str:
    """Which of the two are no price, so that nobody can hold them; empty if both are."""
    names = [
        name
        for name, kind in zip((facts.b, facts.a), reversed(facts.kinds), strict=True)
        if kind != "price"
    ]
    return " and ".join(names)


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
    shown = bounded if verdict == "rejected" else quantity
    worse, size = gain.value < 0.0, size_above(gain, effects.FORECAST_GAIN)
    return Finding(
        of=gain,
        fields={
            "gain": shown(
                mapped(gain, operator.neg) if worse else gain, GAIN, _GAIN.format(best), null=0.0
            ),
            "less": "more" if worse else "less",
            "least": written(effects.FORECAST_GAIN, GAIN),
            "since": since(gain),
        },
        reach=cut_reach(gain, len(found)),
        instead={"no": "slightly better"} if verdict == "rejected" and size == "slight" else {},
        runs=runs,
        evidence=tuple(key.format(name) for name in found for key in (_GAIN, _COMPARED)),
        size=size,
        pvalues=Pvalues(none, p),
    )


def _looking_back(case: Case) -> Finding | None:
    """Hindsight on the same days would have removed more; absent without a hedge."""
    fitted, out, loss = case.estimates
    if fitted.value < effects.HEDGE_USELESS:
        return None
    promised = quantity(volatility_removed(fitted), GAIN, case.keys[0])
    return Finding.of_side(
        *(case, effects.HEDGE_LOSS),
        at=2,
        fields={
            "promised": promised,
            "out": quantity(volatility_removed(out), GAIN).text,
            "since": since(out),
        },
        reach=reach(loss, effects.HEDGE_LOSS, "loss", _of_variance, tails=2),
    )


def _of_variance(share: float) -> str:
    return f"{written(share, GAIN)} of the variance"


DECLARED = (
    Declaration(
        id="C22b",
        hypothesis="{b} is not a hedge for {a}",
        question="Can one hedge the other?",
        yes="rejected",
        subject="hedging {a} with {b}",
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
            "yes": (
                "{way} took out {removed} of {of_a} volatility {since}, the ratio reset every "
                "{period}"
            ),
            "on paper": (
                "{way} would have taken out {removed} of {of_a} volatility {since}; {paper} "
                "cannot be bought"
            ),
            "less lately": (
                "{way} took out {removed} of {of_a} volatility {since}, but {lately} in the past "
                "{year}"
            ),
            "no": "{way} took out only {removed} of {of_a} volatility {since}",
            "open": "{way} took out {removed} of {of_a} volatility {since}; {mark} would count",
        },
    ),
    Declaration(
        id="C30",
        hypothesis="The long-run average forecasts correlation as well as anything tried",
        question="Is the long-run average the best forecast?",
        subject="forecasts of r",
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
            "yes": (
                "Nothing tried errs {least} less; the best other forecast errs {gain} {less} "
                "{since}"
            ),
            "no": (
                "A forecast that follows recent {period}s errs {gain} less {since}: use it, not "
                "the average"
            ),
            "slightly better": (
                "A forecast that follows recent {period}s errs {gain} less {since}: real, too "
                "small to matter"
            ),
            "open": "A forecast that follows recent {period}s errs {gain} {less} {since}",
        },
        speaks_for="rejected",
    ),
    Declaration(
        id="C36",
        hypothesis="A hedge fitted by looking back promises too much",
        question="Does hindsight flatter the hedge?",
        subject="what hindsight adds to a hedge",
        applies=applies.always,
        one_clock=True,
        decide=_looking_back,
        keys=("hedge.effectiveness_hindsight", _OUT, "hedge.hindsight_loss"),
        parent="C22b",
        effects=(effects.HEDGE_LOSS,),
        rule=Rule(
            f"more than {100 * effects.HEDGE_LOSS:.0f} points of the promised cut are lost, with "
            "the whole interval",
            f"the whole interval loses less than {100 * effects.HEDGE_LOSS:.0f} points",
        ),
        sentences={
            "yes": (
                "Fitted with hindsight it would have removed {promised} of {of_a} volatility; set "
                "from the past, {out} {since}"
            ),
        },
    ),
)
