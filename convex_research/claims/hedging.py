"""C22b, C24, C30 and C36: hedges, stress, and forecasts of correlation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from convex_research.claims import effects
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import cut_reach, percent, percent_ends, pvalue, signed
from convex_research.claims.survival import run
from convex_research.claims.verdict import LEVEL, above, below
from convex_research.core.estimates import NotComputed
from convex_research.statistics.stability.stress_windows import STRESS_WINDOWS

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim, Verdict
    from convex_research.core.estimates import Estimate

__all__ = ["baseline", "looking_back", "not_a_hedge", "stress_moves"]

_OUT = "hedge.effectiveness_out"
_SHOWN = 3
_METHODS = (("ewma", "with exponentially weighted ratios"), ("kalman", "with Kalman ratios"))


def not_a_hedge(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C22b: shorting B against A removes little; rejected where it removes half."""
    out, ratio = facts.estimate(_OUT), facts.estimate("hedge.ratio[all]")
    if out is None:
        return not_tested("C22b", f"Hedging {facts.a} with {facts.b}", facts.missing(_OUT))
    verdict = _useless(out)
    edge = effects.HEDGE_USEFUL if verdict == "rejected" else effects.HEDGE_USELESS
    runs = facts.runs(_OUT, verdict, lambda one: below(one, edge))
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
        how += f"{facts.a}, set anew every day from the past year,"
    removed = f"{percent(out.value)} {percent_ends(out)} of the variance{_unbought(facts)}"
    texts: dict[Verdict, str] = {
        "supported": f"{facts.b} is not a hedge for {facts.a}: {how} removed only {removed}",
        "rejected": f"{facts.b} does hedge {facts.a}: {how} removed {removed}",
        "inconclusive": f"How well {facts.b} hedges {facts.a} is open: {how} removed {removed}",
    }
    return told("C22b", verdict, texts, ending=facts.sample(out), evidence=(_OUT,), runs=runs)


def _useless(out: Estimate) -> Verdict:
    """Below a quarter supports "no hedge", above a half rejects it."""
    if below(out, effects.HEDGE_USELESS) == "supported":
        return "supported"
    return "rejected" if above(out, effects.HEDGE_USEFUL) == "supported" else "inconclusive"


def _unbought(facts: Facts) -> str:
    """What must be said of a hedge that is no price: nobody can hold it."""
    kind = facts.kinds[1]
    if kind == "price":
        return ""
    what = {"rate": "a yield", "spread": "a yield spread"}.get(kind, "an index level")
    return (
        f"; {facts.b} is {what} that cannot be bought, so what one can hold instead may hedge less"
    )


def stress_moves(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C24: what both legs did in named stress windows; observed, nothing is inferred."""
    moves = []
    for window in STRESS_WINDOWS:
        keys = (f"scenario.stress_a[{window.key}]", f"scenario.stress_b[{window.key}]")
        found = facts.estimates(*keys)
        if not isinstance(found, NotComputed):
            moves.append((window.name, keys, found))
    if not moves:
        return not_tested("C24", "Stress", "no named stress window lies inside the sample")
    deepest = sorted(moves, key=lambda move: _depth(move[2]), reverse=True)[:_SHOWN]
    shown = [move for move in moves if move in deepest]
    words = "; ".join(
        f"{name} ({facts.a} {_move(a)}, {facts.b} {_move(b)})" for name, _, (a, b) in shown
    )
    text = f"In named times of stress the legs moved as follows: {words}"
    texts: dict[Verdict, str] = {"supported": text}
    evidence = [key for _, keys, _ in shown for key in keys]
    first, last = shown[0][2][0], shown[-1][2][0]
    ending = f"(observed, {first.start} to {last.end})"
    return told("C24", "supported", texts, ending=ending, evidence=evidence)


def _depth(pair: tuple[Estimate, ...]) -> float:
    return abs(pair[0].value)


def _move(move: Estimate) -> str:
    if move.unit == "decimal":
        return percent(move.value, 0, plus=True)
    return f"{signed(move.value, 1)} {move.unit}"


def baseline(facts: Facts, adjusted: float | None) -> Claim:
    """C30: the long-run correlation is as good a forecast as any tried."""
    names = {"ewma": "exponential weights", "dcc": "a model of changing correlation (DCC)"}
    found = {}
    for name in names:
        gain = facts.estimate(f"forecast.gain_{name}[21]")
        test = facts.test(f"forecast.diebold_mariano_{name}[21]")
        if gain is not None and test is not None:
            found[name] = (gain, test)
    if not found:
        return not_tested(
            "C30", "The long-run correlation as a forecast", facts.missing("forecast.gain_ewma[21]")
        )
    # A method that loses more than the average is no evidence against it.
    better = [test.pvalue for _, test in found.values() if test.statistic < 0.0]
    p = min([1.0, *(len(found) * one for one in better)])
    best = max(found, key=lambda name: found[name][0].value)
    gain = found[best][0]
    verdict: Verdict = "inconclusive"
    runs: list[dict[str, Any]] = []
    if all(below(one, effects.FORECAST_GAIN) == "supported" for one, _ in found.values()):
        verdict = "supported"
        for name in found:
            key = f"forecast.gain_{name}[21]"
            runs += facts.runs(key, verdict, lambda one: below(one, effects.FORECAST_GAIN))
    elif (
        above(gain, 0.0) == "supported"
        and gain.value >= effects.FORECAST_GAIN
        and adjusted is not None
        and adjusted < LEVEL
    ):
        verdict = "rejected"
        runs = facts.runs(f"forecast.gain_{best}[21]", verdict, lambda one: below(one, 0.0))
    less = f"cut the forecast loss by {percent(gain.value)} {percent_ends(gain)}, {pvalue(p)}"
    if gain.value < 0.0:
        loss = replace(gain, value=-gain.value, low=_negated(gain.high), high=_negated(gain.low))
        less = f"raise the forecast loss by {percent(loss.value)} {percent_ends(loss)}"
    texts: dict[Verdict, str] = {
        "supported": (
            "The long-run average forecasts the next month's correlation as well as "
            f"{names[best]}, which would {less}"
        ),
        "rejected": (
            f"The long-run average is not the best forecast of the next month's correlation: "
            f"{names[best]} {less.replace('cut', 'cuts', 1)}"
        ),
        "inconclusive": (
            "Whether anything beats the long-run average as a forecast of the next month's "
            f"correlation is open: {names[best]} would {less}" + cut_reach(gain, 0.0)
        ),
    }
    evidence = [
        f"forecast.{part}_{name}[21]" for name in found for part in ("gain", "diebold_mariano")
    ]
    return told(
        "C30", verdict, texts, ending=facts.sample(gain), evidence=evidence, pvalue=p, runs=runs
    )


def _negated(end: float | None) -> float | None:
    return None if end is None else -end


def looking_back(facts: Facts, adjusted: float | None) -> Claim | None:  # noqa: ARG001
    """C36: a ratio fitted to the past removes less than it promised; absent without a hedge."""
    keys = ("hedge.effectiveness_in", _OUT)
    found = facts.estimates(*keys)
    if isinstance(found, NotComputed):
        return not_tested("C36", "What backward-looking hedges lose", found)
    fitted, out = found
    if fitted.value < effects.HEDGE_USELESS:
        return None
    edge = fitted.value - effects.HEDGE_LOSS
    verdict = below(out, edge)
    runs = facts.runs(_OUT, verdict, lambda one: below(one, edge))
    number = (
        f"a hedge of {facts.a} fitted to the whole sample with hindsight removes "
        f"{percent(fitted.value)} of the variance, one set from the past alone removed "
        f"{percent(out.value)} {percent_ends(out)}"
    )
    texts: dict[Verdict, str] = {
        "supported": f"Looking back promises too much: {number}",
        "rejected": f"Looking back costs less than 10 percentage points here: {number}",
        "inconclusive": f"What looking back costs is open: {number}",
    }
    return told("C36", verdict, texts, ending=facts.sample(out), evidence=keys, runs=runs)
