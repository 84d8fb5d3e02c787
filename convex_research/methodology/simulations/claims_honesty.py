"""How often claims are right when the truth is known.

Full pages: independent random walks, and two legs of one market with nothing else. Single
claims: an effect of three times the smallest effect of interest is built in; there the
smaller p-value must be a tenth of the level, as on a full page. Five years of daily data.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.claims import declaration, evaluate, evaluated
from convex_research.claims.facts import Facts
from convex_research.claims.verdict import ANSWERS, LEVEL, ON_PAGE
from convex_research.methodology.claim_rows import ClaimRow
from convex_research.methodology.simulations import claims_worlds as worlds
from convex_research.methodology.simulations.market_worlds import WORLDS
from convex_research.methodology.simulations.whole_pages import observed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from convex_research.methodology.simulations.claims_worlds import World

    Case = tuple[str, str, World, str]

__all__ = ["SEED", "SUBJECTS"]

SEED = 20240517
FALSE, RIGHT, QUIET = 0.075, 0.80, 0.90

# Whether a claim is true in the two full worlds; what is not listed has no known truth: C32 is
# about its own days' volatilities, which differ wherever each leg's cluster by themselves.
TRUTH: dict[str, dict[str, bool]] = {
    "walks": {
        **dict.fromkeys(("C02", "C06", "C07a", "C12", "C14", "C15", "C16"), False),
        **dict.fromkeys(("C18a", "C18b[vix]", "C18b[yield_10y]", "C19", "C21", "C22a"), False),
        **dict.fromkeys(("C23", "C26", "C27", "C34", "C35"), False),
        **dict.fromkeys(("C22b", "C29", "C30"), True),
    },
    "market": {
        **dict.fromkeys(("C02", "C06", "C07a", "C12", "C13", "C14", "C15", "C16"), False),
        **dict.fromkeys(("C18a", "C18b[vix]", "C18b[yield_10y]", "C19", "C21", "C22b"), False),
        **dict.fromkeys(("C27", "C34", "C35", "C36"), False),
        **dict.fromkeys(("C22a", "C23", "C28", "C29", "C30"), True),
    },
    # In every world of prices: r .8 that never changes, neither leg ahead of the other.
    "prices": {
        **dict.fromkeys(("C06", "C07a", "C15", "C16", "C18a", "C27", "C34", "C35"), False),
        **dict.fromkeys(("C22a", "C23", "C29", "C30"), True),
    },
}
SILENT = frozenset(("C02", "C07a", "C14", "C15", "C21", "C28"))


# Claim, world, what makes it, the right verdict. What follows C33 needs decades.
THREEFOLD: tuple[Case, ...] = (
    ("C01", "R2 gap 0.06", worlds.sized, "supported"),
    ("C02", "correlation 0.3 with the VIX", worlds.risky, "supported"),
    ("C06", "beta moves by 0.3", lambda r: worlds.tilted(r, 0.3), "supported"),
    ("C09", "volatility fivefold in turns", lambda r: worlds.clustered(r, 5.0), "supported"),
    ("C12", "beta gap 0.15", worlds.unequal, "supported"),
    ("C13", "delay share 0.03", worlds.delayed, "supported"),
    ("C14", "R2 0.15, weekly", worlds.macro_driven, "supported"),
    ("C15", "lead with R2 0.015", lambda r: worlds.lead_pair(0.015, r), "supported"),
    ("C16", "z 0.60 apart by regime", lambda r: worlds.by_regime(r, 0.60), "supported"),
    ("C18a", "z moves by 0.60", lambda r: worlds.moved(r, 0.60), "supported"),
    ("C18b[vix]", "z moves by 0.3 a sd", worlds.shifted, "supported"),
    ("C19", "spread doubles in breakdowns", worlds.broken, "supported"),
    ("C20", "spread 1.75 times", worlds.rebuilt, "supported"),
    ("C26", "constant r 0.95", worlds.correlated(0.95), "supported"),
    ("C26", "constant r 0.5", worlds.correlated(0.5), "rejected"),
    ("C27", "hit rate 0.56", worlds.hits, "supported"),
    (
        "C29",
        "z moved by 0.60 252 days ago",
        lambda r: worlds.recent_break(r, 0.60, 252),
        "rejected",
    ),
    ("C29", "z moved by 0.60 90 days ago", lambda r: worlds.recent_break(r, 0.60, 90), "rejected"),
    ("C30", "r swings between 0.32 and 0.78", lambda r: worlds.moving(r, 0.23), "rejected"),
    ("C35", "z of years 0.60 apart", worlds.by_year, "supported"),
)
CONTROLS: tuple[Case, ...] = (
    ("C15", "lead with R2 0.05", lambda r: worlds.lead_pair(0.05, r), "supported"),
    ("C07a", "cointegrated, half-life 10 days", worlds.cointegrated, "supported"),
)


# Effects that are found four times in five, where three times the smallest one is found less often:
# in ``PRINTED`` those that open sentences say, in the median of such samples.
PRINTED: tuple[Case, ...] = (
    ("C15", "lead with R2 0.020", lambda r: worlds.lead_pair(0.02, r), "supported"),
    ("C18a", "z moves by 0.39", lambda r: worlds.moved(r, 0.39), "supported"),
    ("C20", "spread 2.6 times", lambda r: worlds.rebuilt(r, 2.6), "supported"),
    ("C27", "hit rate 0.555", lambda r: worlds.hits(r, 0.555), "supported"),
    (
        "C29",
        "z moved by 0.53 252 days ago",
        lambda r: worlds.recent_break(r, 0.53, 252),
        "rejected",
    ),
)
DETECTABLE: tuple[Case, ...] = (
    *PRINTED,
    ("C01", "R2 gap 0.09", lambda r: worlds.sized(r, 0.1125), "supported"),
    ("C18b[vix]", "z moves by 0.35 a sd", lambda r: worlds.shifted(r, 0.35), "supported"),
    ("C20", "spread 3.2 times", lambda r: worlds.rebuilt(r, 3.2), "supported"),
    ("C29", "z moved by 1.20 90 days ago", lambda r: worlds.recent_break(r, 1.20, 90), "rejected"),
)


Verdicts = list[dict[str, str]]


def page_verdicts(make: World, seeds: Iterable[int]) -> Verdicts:
    """Verdict of every claim of a full page, for each seed."""
    pages = (evaluate(make(np.random.default_rng([SEED, seed]))) for seed in seeds)
    return [{claim.id: claim.verdict for claim in claims} for claims in pages]


def full(kind: str, seen: Verdicts, world: str = "") -> Iterator[ClaimRow]:
    """Rows of a full world, of a kind by its truths, from the verdicts of its pages."""
    world = world or kind
    for claim, truth in TRUTH[kind].items():
        tested = [page[claim] for page in seen if page.get(claim, "not tested") != "not tested"]
        if len(tested) < len(seen) // 4:
            continue
        wrong, right = ("rejected", "supported") if truth else ("supported", "rejected")
        name = "false rejection" if truth else "false support"
        yield _row(claim, name, FALSE, [v == wrong for v in tested], world)
        yield _row(claim, "decided rightly", None, [v == right for v in tested], world)
    if world == "walks":
        yield _row("page", "silent", QUIET, [not _loud(page) for page in seen], world)


def _loud(page: dict[str, str]) -> bool:
    return any(
        verdict == "supported" and (claim in SILENT or claim.startswith("C18b"))
        for claim, verdict in page.items()
    )


def case_verdicts(case: Case, seeds: Iterable[int]) -> list[str]:
    """Verdicts of one claim with an effect built in, with its p-values times ``ON_PAGE``."""
    claim, _, make, _ = case
    declared = declaration(claim)
    if declared is None:
        raise KeyError(claim)
    found = []
    for seed in seeds:
        analysis = make(np.random.default_rng([SEED, 7, seed]))
        facts = Facts(analysis)
        draft = evaluated(declared, facts)
        if draft is not None and draft.pvalues is not None:
            p, nearer = min(zip(draft.pvalues, ANSWERS, strict=True))
            if ON_PAGE * p <= LEVEL:
                draft = evaluated(declared, facts, frozenset({nearer}))
        if draft is None:
            found.append("absent")
            continue
        found.append(draft.verdict)
    return found


def single(case: Case, seen: list[str]) -> Iterator[ClaimRow]:
    """Rows of one claim from its verdicts."""
    claim, world, _, right = case
    wrong = "rejected" if right == "supported" else "supported"
    yield _row(claim, "correct", RIGHT, [v == right for v in seen], world)
    kind = "false rejection" if right == "supported" else "false support"
    yield _row(claim, kind, FALSE, [v == wrong for v in seen], world)


def _row(claim: str, measure: str, nominal: float | None, hits: list[bool], world: str) -> ClaimRow:
    share = sum(hits) / len(hits)
    return ClaimRow(
        claim=claim,
        measure=measure,
        nominal=nominal,
        achieved=round(share, 4),
        mc_std_error=round(math.sqrt(max(share * (1.0 - share), 1e-9) / len(hits)), 4),
        world=world,
        nobs=worlds.NOBS,
        replications=len(hits),
    )


def _all(cases: tuple[Case, ...], count: int) -> Iterator[ClaimRow]:
    for case in cases:
        yield from single(case, case_verdicts(case, range(count)))


SUBJECTS: dict[str, Callable[[], Iterator[ClaimRow]]] = {
    "claims_walks": lambda: full("walks", page_verdicts(worlds.walks, range(200))),
    "claims_market": lambda: full("market", page_verdicts(worlds.market, range(200))),
    "claims_prices": lambda: (
        row for world in WORLDS for row in full("prices", observed(world)[1], world)
    ),
    "claims_threefold": lambda: _all(THREEFOLD, 200),
    "claims_detectable": lambda: _all(DETECTABLE, 200),
    "claims_controls": lambda: _all(CONTROLS, 200),
}
