"""C15: whether A leads B by days to weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.claims import applies
from convex_research.claims.declaration import DISCOVERED, Declaration, Finding, Rule, percent_of
from convex_research.claims.effects import LEAD_SHARE
from convex_research.claims.places import At
from convex_research.claims.sentences import percent, percent_ends, pvalue
from convex_research.claims.survival import run
from convex_research.claims.verdict import LEVEL, Pvalues, above
from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.inference.edge import pvalue_below

if TYPE_CHECKING:
    from convex_research.claims.declaration import Case
    from convex_research.claims.facts import Facts
    from convex_research.core.estimates import Estimate

__all__ = ["DECLARED"]

_ROTATION = ("leads.rotation_ab[5]", "leads.rotation_ba[5]")
_BLOCKS = {"1": "one day", "2-5": "two to five days", "6-20": "six to twenty days"}


def _blocks(facts: Facts) -> dict[str, tuple[float, str]]:
    """Smallest p-value of each direction, adjusted over all blocks of both, and its block."""
    from scipy.stats import false_discovery_control

    keys, raw = [], []
    for way in ("ab", "ba"):
        for block in _BLOCKS:
            test = facts.test(f"leads.block_{way}[{block}]")
            if test is not None:
                keys.append((way, block))
                raw.append(test.pvalue)
    best: dict[str, tuple[float, str]] = {}
    for (way, block), p in zip(keys, false_discovery_control(raw).tolist(), strict=True):
        if way not in best or p < best[way][0]:
            best[way] = (p, block)
    return best


def _leads(case: Case) -> Finding | NotComputed:
    """Supported only in one direction, after error control, and out of sample."""
    facts = case.facts
    best = _blocks(facts)
    if len(best) < 2:
        return NotComputed(Missing.TOO_SHORT, "no lag could be tested")
    ab, ba, narrow = case.estimates
    p = min(best["ab"][0], best["ba"][0])
    alone = {way: _alone(best, way, share) for way, share in (("ab", ab), ("ba", ba))}
    small = pvalue_below(narrow, LEAD_SHARE)
    verdict = case.verdict
    backwards = verdict == "rejected" and alone["ba"] < small
    runs: list[dict[str, Any]] = []
    if verdict == "supported" or backwards:
        runs = _runs(facts, "ba" if backwards else "ab")
    elif verdict == "rejected":
        runs = case.runs(verdict, lambda one: above(one, LEAD_SHARE))
    return Finding(
        verdict=verdict,
        of=ab,
        fields={
            "lag_ab": _BLOCKS[best["ab"][1]],
            "lag_ba": _BLOCKS[best["ba"][1]],
            "share_ab": _share(ab),
            "share_ba": _share(ba),
            "most": percent(ab.high or 0.0, 1),
            "p": pvalue(p),
            "rotations": _in_rotations(facts),
            "reach": percent(_detectable_share(ab.nobs), 1),
        },
        instead={"rejected": "backwards"} if backwards else {},
        runs=runs,
        also=(
            *(f"leads.block_{way}[{best[way][1]}]" for way in ("ab", "ba")),
            *(key for key in _ROTATION if facts.test(key) is not None),
        ),
        # Either of two ways to fail: the smaller p-value counts twice.
        pvalues=Pvalues(alone["ab"], min(2.0 * alone["ba"], 2.0 * small, 1.0)),
    )


def _alone(best: dict[str, tuple[float, str]], way: str, share: Estimate) -> float:
    """p-value of a lead in this direction; one where the other leads too, or it is too small."""
    other = "ba" if way == "ab" else "ab"
    if best[other][0] < LEVEL or share.value < LEAD_SHARE:
        return 1.0
    return best[way][0]


def _share(one: Estimate) -> str:
    return f"{percent(one.value, 1)} {percent_ends(one, 1)}"


def _runs(facts: Facts, way: str) -> list[dict[str, Any]]:
    """Out of sample, other lags and halves."""
    key = f"leads.share_{way}[5]"
    runs = facts.runs(key, "supported", lambda one: above(one, 0.0))
    gain = facts.estimate(f"lead_lag.oos_rsquared_{way}[1]")
    if gain is not None:
        runs.append(run("out of sample", gain.value, agrees=gain.value > 0.0, unit="R2"))
    return runs


def _detectable_share(nobs: int) -> float:
    """Share of variance at which five lags are found in four of five samples.

    The noncentral chi-square law of the Wald statistic, at 5 % over the six blocks tried.
    """
    from scipy.special import chdtri, chndtrinc

    lags, level = 5, LEVEL / (2 * len(_BLOCKS))
    return float(chndtrinc(chdtri(lags, level), lags, 0.2)) / nobs


def _in_rotations(facts: Facts) -> str:
    """The same for days after a large move of one leg over the other, where it is tested."""
    tests = [facts.test(key) for key in _ROTATION]
    known = [test.pvalue for test in tests if test is not None]
    if len(known) < len(_ROTATION):
        return ""
    p = min(2.0 * min(known), 1.0)
    found = "a lead shows" if p < LEVEL else "none shows"
    return f"; in rotations alone (the third of days after the widest moves) {found}, {pvalue(p)}"


DECLARED = (
    Declaration(
        id="C15",
        hypothesis="{a} leads {b}",
        question="Does one lead the other?",
        subject="Whether {a} leads {b}",
        applies=applies.always,
        decide=_leads,
        keys=("leads.share_ab[5]", "leads.share_ba[5]", "leads.share_ab_90[5]"),
        effects=(LEAD_SHARE,),
        rule=Rule(
            f"past moves of {{a}} explain {percent_of(LEAD_SHARE, 1)} of the variance of {{b}} or "
            f"more, only this direction has its {DISCOVERED}, and forecasts out of sample agree",
            f"the 90 % interval of that share ends below {percent_of(LEAD_SHARE, 1)}, or the same "
            "rule finds that {b} leads {a}",
        ),
        sentences={
            "supported": (
                "{a} leads {b}, mostly by {lag_ab}, and explains {share_ab} of its "
                "variance{rotations}"
            ),
            "rejected": (
                "{a} does not lead {b}: the last five days of {a} explain at most {most} of the "
                "next day's variance of {b}{rotations}"
            ),
            "backwards": (
                "{a} does not lead {b}; {b} leads {a}, mostly by {lag_ba}, and explains "
                "{share_ba} of its variance{rotations}"
            ),
            "inconclusive": (
                "No lead is established: past moves of {a} explain {share_ab} of the variance of "
                "{b}, those of {b} {share_ba} of that of {a}, {p} over all lags tried{rotations}; "
                "a true share of {reach} over five days would be found by these tests four times "
                "in five"
            ),
        },
        at=(At("correlation.leads"), At("question.lead", 1)),
    ),
)
