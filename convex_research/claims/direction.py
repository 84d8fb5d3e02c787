"""C17, C22a, C23 and C27: same direction, today and tomorrow, and on the worst days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims import effects
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import ends, percent, percent_ends, reach, signed
from convex_research.claims.survival import run
from convex_research.claims.verdict import above, all_of, below, needs_test
from convex_research.core.estimates import NotComputed

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim, Verdict
    from convex_research.core.estimates import Estimate

__all__ = ["both_rise_or_fall", "next_day", "no_hedge_together", "same_direction"]

_SAME = "concordance.same_sign[all]"


def same_direction(facts: Facts, adjusted: float | None) -> Claim:
    """C17: correlation and the share of days in the same direction both above 0.70."""
    keys = (_SAME, "correlation.pearson[all]")
    found = facts.estimates(*keys)
    test = facts.test("concordance.sign_test")
    if isinstance(found, NotComputed):
        return not_tested("C17", "Direction on the same day", found)
    share, r = found
    parts = [_mostly(share), _mostly(r)]
    verdict = needs_test(all_of(*parts), adjusted)
    runs = [
        one
        for key, part in zip(keys, parts, strict=True)
        if part == verdict
        for one in facts.runs(key, verdict, _mostly)
    ]
    pair = f"{facts.a} and {facts.b}"
    days = f"{percent(share.value)} of days {percent_ends(share)}"
    numbers = f"with r {signed(r.value)} {ends(r)}"
    texts: dict[Verdict, str] = {
        "supported": f"{pair} move in the same direction on {days}, {numbers}",
        "rejected": f"{pair} move in the same direction on only {days}, {numbers}",
        "inconclusive": (
            f"Whether {pair} move in the same direction on at least 70 % of days is open: "
            f"{days}, {numbers}"
        ),
    }
    return told(
        "C17",
        verdict,
        texts,
        ending=facts.sample(share),
        evidence=(*keys, *(("concordance.sign_test",) if test else ())),
        pvalue=test.pvalue if test else None,
        runs=runs,
    )


def _mostly(share: Estimate) -> Verdict:
    return above(share, effects.DIRECTION_SHARE)


def both_rise_or_fall(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C23: both rise or fall together, and on A's extreme days."""
    tail_key = "concordance.same_sign_extreme[0.05]"
    share, tail = facts.estimate(_SAME), facts.estimate(tail_key)
    if share is None:
        return not_tested("C23", "Rising and falling together", facts.missing(_SAME))
    verdict = _together(share)
    pair = f"{facts.a} and {facts.b}"
    days = f"{percent(share.value)} of days {percent_ends(share)}"
    extreme = ""
    if tail is not None:
        extreme = (
            f", and on {percent(tail.value)} {percent_ends(tail)} of the days on which "
            f"{facts.a} moved most"
        )
    texts: dict[Verdict, str] = {
        "supported": f"{pair} rise and fall together, on {days}{extreme}",
        "rejected": f"{pair} do not rise and fall together; they did so on {days}{extreme}",
        "inconclusive": (
            f"{pair} move in the same direction on {days}{extreme}: neither most days (70 %) "
            "nor chance (50 %) is excluded as the better description"
        ),
    }
    evidence = (_SAME, tail_key) if tail is not None else (_SAME,)
    edge = effects.DIRECTION_CHANCE if verdict == "rejected" else effects.DIRECTION_SHARE
    ending, runs = facts.sample(share), facts.runs(_SAME, verdict, lambda one: above(one, edge))
    return told("C23", verdict, texts, ending=ending, evidence=evidence, runs=runs)


def _together(share: Estimate) -> Verdict:
    """Most days, or fewer than chance would have."""
    verdict = above(share, effects.DIRECTION_SHARE)
    if verdict == "rejected" and below(share, effects.DIRECTION_CHANCE) != "supported":
        return "inconclusive"
    return verdict


def next_day(facts: Facts, adjusted: float | None) -> Claim:
    """C27: whether one leg's move predicts the direction of the other's next move."""
    keys = ("concordance.hit_ab", "concordance.hit_ba")
    found = facts.estimates(*keys)
    tests = [facts.test(key) for key in ("concordance.next_ab", "concordance.next_ba")]
    if isinstance(found, NotComputed):
        return not_tested("C27", "Predicting the direction of the next move", found)
    ab, ba = found
    same = facts.estimate(_SAME)
    known = [test.pvalue for test in tests if test is not None]
    p = min(2.0 * min(known), 1.0) if known else None
    parts = [_predicts(hit) for hit in (ab, ba)]
    verdict: Verdict = "inconclusive"
    if "supported" in parts:
        verdict = needs_test("supported", adjusted)
    elif parts == ["rejected", "rejected"]:
        verdict = "rejected"
    # Supported by the better direction, rejected by both.
    deciding = [keys[ab.value < ba.value]] if verdict == "supported" else keys
    runs = [one for key in deciding for one in facts.runs(key, verdict, _predicts)]
    rates = (
        f"{facts.b} follows the direction of {facts.a} on {percent(ab.value, 1)} "
        f"{percent_ends(ab, 1)} of next moves, {facts.a} that of {facts.b} on "
        f"{percent(ba.value, 1)} {percent_ends(ba, 1)}"
    )
    flip = "the next move is no better than a coin flip"
    joined = f"T{flip[1:]}"
    if same is not None:
        joined = (
            f"On the same day the direction agrees {percent(same.value)} of the time, but {flip}"
        )
    texts: dict[Verdict, str] = {
        "supported": f"A move of one leg predicts the direction of the other's next one: {rates}",
        "rejected": f"{joined}: {rates}",
        "inconclusive": (
            "That a move of one leg predicts the direction of the other's next one is not "
            f"established: {rates}" + reach(ab, effects.HIT_RATE, "share", percent)
        ),
    }
    names = ("concordance.next_ab", "concordance.next_ba")
    used = [key for key, test in zip(names, tests, strict=True) if test is not None]
    return told(
        "C27",
        verdict,
        texts,
        ending=facts.sample(ab),
        evidence=(*keys, *used),
        pvalue=p,
        runs=runs,
    )


def _predicts(hit: Estimate) -> Verdict:
    return above(hit, effects.HIT_RATE)


def no_hedge_together(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    """C22a: holding both is not a hedge, since they fall together."""
    keys = ("tails.joint_worst", "tails.exceedance_lower[0]")
    found = facts.estimates(*keys)
    subject = "Whether holding both is a hedge"
    if isinstance(found, NotComputed):
        return not_tested("C22a", subject, found)
    worst, down = found
    parts = [_mostly(worst), _down(down)]
    verdict = all_of(*parts)
    runs = [
        one
        for key, part, rule in zip(keys, parts, (_mostly, _down), strict=True)
        if part == verdict
        for one in facts.runs(key, verdict, rule)
    ]
    rank = facts.estimate("correlation.spearman[all]")
    if rank is not None and verdict == "supported":
        agrees = rank.value > 0.0
        runs.append(run("by ranks", rank.value, agrees=agrees, unit="rank correlation"))
    fell = f"on the worst 5 % of days for {facts.a}, {facts.b} fell too on {percent(worst.value)}"
    both = f"{percent_ends(worst)}, and r on days on which both fell was {signed(down.value)}"
    numbers = f"{fell} {both} {ends(down)}"
    texts: dict[Verdict, str] = {
        "supported": f"Holding both is not a hedge: {numbers}",
        "rejected": f"The two do not simply fall together: {numbers}",
        "inconclusive": f"{subject} is open: {numbers}",
    }
    ending = facts.sample(worst, "worst days")
    return told("C22a", verdict, texts, ending=ending, evidence=keys, runs=runs)


def _down(r: Estimate) -> Verdict:
    return above(r, effects.DOWN_CORRELATION)
