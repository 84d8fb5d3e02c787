"""C15: whether one leg leads the other by days to weeks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from convex_research.claims import applies
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule, percent_of
from convex_research.claims.effects import LEAD_SHARE
from convex_research.claims.finding import Finding
from convex_research.claims.sentences import SHARE, bounded, in_words, own, quantity, since, written
from convex_research.claims.survival import over, run
from convex_research.claims.verdict import LEVEL, ON_PAGE, Pvalues, size_of
from convex_research.core.estimates import Missing, NotComputed
from convex_research.core.flags import RARE
from convex_research.core.sentences import Quantity
from convex_research.statistics.leads.lead_share import small_share_pvalue

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import Estimate

__all__ = ["DECLARED"]

_ROTATION = ("leads.rotation_ab[5]", "leads.rotation_ba[5]")
_BLOCKS = {"1": "one {}", "2-5": "two to five {}s", "6-20": "six to twenty {}s"}
_WAYS = ("ab", "ba")


class _Way(NamedTuple):
    """One direction: its smallest p-value over all lags tried, and what it explains."""

    pvalue: float
    lag: str
    test: str
    share: Estimate
    key: str
    small: float


def _ways(facts: Facts, shares: dict[str, str], lags: int, tests: dict[str, str]) -> list[_Way]:
    """Both directions, their p-values adjusted over all lags of both.

    ``shares`` has the key of the share by direction, ``tests`` what the lags of a test are called
    by its key.
    """
    from scipy.stats import false_discovery_control

    listed = [(way, key, words) for way in _WAYS for key, words in tests.items()]
    known = [
        (way, key.format(way), words, test.pvalue)
        for way, key, words in listed
        if (test := facts.test(key.format(way))) is not None
    ]
    adjusted = false_discovery_control([p for *_, p in known]).tolist() if known else []
    found = []
    for way in _WAYS:
        mine = [
            (p, key, words)
            for (one, key, words, _), p in zip(known, adjusted, strict=True)
            if one == way
        ]
        share = facts.estimate(shares[way])
        if mine and share is not None:
            p, key, words = min(mine)
            small = small_share_pvalue(share, lags, LEAD_SHARE)
            found.append(_Way(p, words, key, share, shares[way], small))
    return found


def _leads(case: Case) -> Finding | NotComputed:
    """A lead in one direction only; where closes are apart, beyond the next day."""
    facts = case.facts
    apart = facts.clock is not None
    if apart:
        days = "4-8" if RARE & set(facts.analysis.flags) else "2-5"
        shares = {way: f"leads.skip_share_{way}[{days}]" for way in _WAYS}
        lags = 5 if days == "4-8" else 4
        words = f"{days.replace('-', ' to ')} {facts.period}s"
        ways = _ways(facts, shares, lags, {f"lead_lag.skip_{{}}[{days}]": words})
    else:
        shares = {way: f"leads.share_{way}[5]" for way in _WAYS}
        lags, words = 5, f"{in_words(5)} {facts.period}s"
        blocks = {
            f"leads.block_{{}}[{block}]": said.format(facts.period)
            for block, said in _BLOCKS.items()
        }
        ways = _ways(facts, shares, lags, blocks)
    if len(ways) < len(_WAYS):
        return NotComputed(Missing.TOO_SHORT, "no lag could be tested")
    first = int(ways[1].pvalue < ways[0].pvalue)
    best, other = ways[first], ways[1 - first]
    verdict = case.verdict
    runs: list[dict[str, Any]] = []
    if verdict == "supported":
        runs = _runs(facts, best, _WAYS[first], apart=apart)
    elif verdict == "rejected":
        runs = [one for way in ways for one in facts.runs(way.key, verdict, over(LEAD_SHARE))]
    rotations = () if apart else tuple(key for key in _ROTATION if facts.test(key) is not None)
    names = (facts.a, facts.b)
    widest = int((ways[1].share.high or 0.0) > (ways[0].share.high or 0.0))
    at = widest if verdict == "rejected" else first
    told, opposite = ways[at], ways[1 - at]
    tried = 2 if apart else 6
    shown = bounded if verdict == "supported" else quantity
    return Finding(
        of=told.share,
        fields={
            "leader": names[at],
            "of_leader": own(names[at]),
            "other": names[1 - at],
            "of_other": own(names[1 - at]),
            "days": words,
            "share": shown(told.share, _SHARE, told.key, null=0.0),
            "opposite": written(opposite.share.value, _SHARE) if opposite.share.value else "none",
            "most": _at_most(told),
            "since": since(told.share),
        },
        reach=_reach(detectable_share(told.share.nobs, lags, tried)),
        instead={**_BEYOND} if apart else {},
        runs=runs,
        evidence=(*shares.values(), *(way.test for way in ways), *rotations),
        size=size_of(best.share, LEAD_SHARE),
        pvalues=Pvalues(
            1.0 if other.pvalue < LEVEL else best.pvalue, max(way.small for way in ways)
        ),
    )


_SHARE = SHARE._replace(decimals=1)


def _at_most(way: _Way) -> Quantity:
    return Quantity(f"at most {written(way.share.high or 0.0, _SHARE)}", "", way.key)


def _runs(facts: Facts, way: _Way, name: str, *, apart: bool) -> list[dict[str, Any]]:
    """Halves and other returns, and where the next day counts out of sample."""
    runs = facts.runs(way.key, "supported", over(0.0))
    gain = None if apart else facts.estimate(f"lead_lag.oos_rsquared_{name}[1]")
    if gain is not None:
        runs.append(run("out of sample", gain.value, agrees=gain.value > 0.0, unit="R2"))
    return runs


def detectable_share(nobs: int, lags: int, tried: int) -> float:
    """Share of variance at which so many lags are found in four of five samples.

    The noncentral chi-square law of the Wald statistic, at the level that error control leaves
    each that was tried.
    """
    from scipy.special import chdtri, chndtrinc

    return float(chndtrinc(chdtri(lags, LEVEL / ON_PAGE / tried), lags, 0.2)) / nobs


def _reach(share: float) -> str:
    if share >= 1.0:
        return ""
    return f"Data like these find a true share of {written(share, _SHARE)} four times in five."


_BEYOND: dict[str, str] = {
    "yes": "beyond",
    "slightly": "slightly beyond",
    "no": "not beyond",
    "open": "open beyond",
}

DECLARED = (
    Declaration(
        id="C15",
        hypothesis="One of {a} and {b} leads the other",
        question="Does one lead the other?",
        subject="whether one leads the other",
        applies=applies.always,
        decide=_leads,
        effects=(LEAD_SHARE,),
        rule=Rule(
            f"past moves of one leg help to predict the other, {DISCOVERED}, those of the other "
            f"do not, and forecasts out of sample agree; by more than matters where the {{level}} "
            f"interval of the variance explained lies above {percent_of(LEAD_SHARE, 1)} (where "
            "closes are apart: beyond the next day)",
            f"in both directions past moves explain less than {percent_of(LEAD_SHARE, 1)} of the "
            f"variance, {DISCOVERED}",
        ),
        sentences={
            "yes": (
                "{leader} leads {other}: its last {days} explain {share} of {of_other} next "
                "{period} {since}, also out of sample"
            ),
            "slightly": (
                "{of_leader} last {days} explain {share} of {of_other} next {period} {since}: "
                "real, too small to matter"
            ),
            "no": (
                "{of_leader} last {days} explain {most} of {of_other} next {period} {since}; the "
                "other way it is no more"
            ),
            "open": (
                "{of_leader} last {days} explain {share} of {of_other} next {period} {since}; the "
                "other way it is {opposite}"
            ),
            "beyond": (
                "Also beyond the next {period}, {leader} leads {other}: its moves {days} before "
                "explain {share} of {of_other}"
            ),
            "slightly beyond": (
                "Beyond the next {period}, {of_leader} moves {days} before explain {share} of "
                "{of_other}: real, too small to matter"
            ),
            "not beyond": (
                "With the next {period} left out, {of_leader} moves {days} before explain {most} "
                "of {of_other}; the other way no more"
            ),
            "open beyond": (
                "With the next {period} left out, {of_leader} moves {days} before explain {share} "
                "of {of_other}; the other way {opposite}"
            ),
        },
    ),
)
