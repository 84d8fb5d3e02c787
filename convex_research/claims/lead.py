"""C15: whether A leads B by days to weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.claims.effects import LEAD_SHARE
from convex_research.claims.facts import Facts, not_tested, told
from convex_research.claims.sentences import percent, percent_ends, pvalue
from convex_research.claims.survival import run
from convex_research.claims.verdict import LEVEL, above
from convex_research.core.estimates import Estimate, Missing, NotComputed

if TYPE_CHECKING:
    from convex_research.claims.claim import Claim, Verdict

__all__ = ["leads"]

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


def leads(facts: Facts, adjusted: float | None) -> Claim:
    """Supported only in one direction, after error control, and out of sample."""
    keys = ("leads.share_ab[5]", "leads.share_ba[5]", "leads.share_ab_90[5]")
    found = facts.estimates(*keys)
    best = _blocks(facts)
    if isinstance(found, NotComputed) or len(best) < 2:
        reason = (
            found
            if isinstance(found, NotComputed)
            else NotComputed(Missing.TOO_SHORT, "no lag could be tested")
        )
        return not_tested("C15", f"Whether {facts.a} leads {facts.b}", reason)
    ab, ba, narrow = found
    p = min(best["ab"][0], best["ba"][0])
    firm = adjusted is not None and adjusted < LEVEL
    seen = {way: firm and best[way][0] < LEVEL for way in ("ab", "ba")}
    verdict: Verdict = "inconclusive"
    if seen["ab"] and not seen["ba"] and ab.value >= LEAD_SHARE:
        verdict = "supported"
    elif (seen["ba"] and not seen["ab"] and ba.value >= LEAD_SHARE) or (
        above(narrow, LEAD_SHARE) == "rejected"
    ):
        verdict = "rejected"
    backwards = seen["ba"] and not seen["ab"] and ba.value >= LEAD_SHARE
    way = "ba" if backwards else "ab"
    runs = _runs(facts, way) if verdict == "supported" or backwards else []
    if verdict == "rejected" and not backwards:
        runs = facts.runs("leads.share_ab[5]", verdict, lambda one: above(one, LEAD_SHARE))
    return told(
        "C15",
        verdict,
        _texts(facts, ab, ba, best, backwards=backwards, p=p),
        ending=facts.sample(ab),
        evidence=(
            *keys,
            *(f"leads.block_{w}[{best[w][1]}]" for w in ("ab", "ba")),
            *(k for k in _ROTATION if facts.test(k) is not None),
        ),
        pvalue=p,
        runs=runs,
    )


def _runs(facts: Facts, way: str) -> list[dict[str, Any]]:
    """Out of sample, other lags and halves; by the week where closes are hours apart."""
    key = f"leads.share_{way}[5]"
    runs = facts.runs(key, "supported", lambda one: above(one, 0.0))
    gain = facts.estimate(f"lead_lag.oos_rsquared_{way}[1]")
    if gain is not None:
        runs.append(run("out of sample", gain.value, agrees=gain.value > 0.0, unit="R2"))
    weekly = facts.test(f"lead_lag.wald_weekly_{way}[1]")
    if weekly is not None and facts.closes_apart:
        runs.append(run("on weekly returns", weekly.pvalue, agrees=weekly.pvalue < LEVEL))
    return runs


def _texts(
    facts: Facts,
    ab: Estimate,
    ba: Estimate,
    best: dict[str, tuple[float, str]],
    *,
    backwards: bool,
    p: float,
) -> dict[Verdict, str]:
    a, b = facts.a, facts.b

    def share(one: Estimate) -> str:
        return f"{percent(one.value, 1)} {percent_ends(one, 1)} of its variance"

    rejected = (
        f"{a} does not lead {b}: the last five days of {a} explain at most "
        f"{percent(ab.high or 0.0, 1)} of the next day's variance of {b}"
    )
    turns = _in_rotations(facts)
    if backwards:
        rejected = (
            f"{a} does not lead {b}; {b} leads {a}, mostly by {_BLOCKS[best['ba'][1]]}, and "
            f"explains {share(ba)}"
        )
    return {
        "supported": (
            f"{a} leads {b}, mostly by {_BLOCKS[best['ab'][1]]}, and explains {share(ab)}{turns}"
        ),
        "rejected": rejected + turns,
        "inconclusive": (
            f"No lead is established: past moves of {a} explain {percent(ab.value, 1)} "
            f"{percent_ends(ab, 1)} of the variance of {b}, those of {b} {percent(ba.value, 1)} "
            f"{percent_ends(ba, 1)} of that of {a}, {pvalue(p)} over all lags tried{turns}; a true "
            f"share of {percent(_shown(ab.nobs), 1)} over five days would be found by these tests "
            "four times in five"
        ),
    }


def _shown(nobs: int) -> float:
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
