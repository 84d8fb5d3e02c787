"""How often claims are right when the truth is known.

Full pages: independent random walks, and two legs of one market with nothing else. Single
claims: an effect of three times the smallest effect of interest is built in; there the
p-value must survive as on a full page, where the closed procedure has found 8 of 50 p-values and
asks of the next to be a 25th of the level. Five years of daily data.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.claims import declaration, evaluate, evaluated
from convex_research.claims.facts import Facts
from convex_research.claims.verdict import ANSWERS, LEVEL
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
ON_PAGE = 10
FALSE, RIGHT, QUIET = 0.075, 0.80, 0.90

# Whether a claim is true in the two full worlds; what is not listed has no known truth.
TRUTH: dict[str, dict[str, bool]] = {
    "walks": {
        **dict.fromkeys(("C02", "C06", "C07a", "C12", "C14", "C15", "C16"), False),
        **dict.fromkeys(("C18a", "C18b[vix]", "C18b[yield_10y]", "C19", "C21", "C22a"), False),
        **dict.fromkeys(("C23", "C26", "C27", "C32", "C34", "C35"), False),
        **dict.fromkeys(("C22b", "C29", "C30"), True),
    },
    "market": {
        **dict.fromkeys(("C02", "C06", "C07a", "C12", "C13", "C14", "C15", "C16"), False),
        **dict.fromkeys(("C18a", "C18b[vix]", "C18b[yield_10y]", "C19", "C21", "C22b"), False),
        **dict.fromkeys(("C27", "C32", "C34", "C35", "C36"), False),
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
    (
        "C06",
        "beta moves by 0.3",
        lambda r: worlds.page(*worlds.halves(0.5, 0.8, r)[::-1]),
        "supported",
    ),
    ("C09", "volatility threefold in turns", worlds.clustered, "supported"),
    ("C12", "beta gap 0.15", worlds.unequal, "supported"),
    ("C13", "delay share 0.03", worlds.delayed, "supported"),
    ("C14", "R2 0.15, weekly", worlds.macro_driven, "supported"),
    ("C15", "lead with R2 0.015", lambda r: worlds.lead_pair(0.015, r), "supported"),
    ("C16", "r 0.15 apart by regime", worlds.by_regime, "supported"),
    ("C18a", "r moves by 0.3", lambda r: worlds.page(*worlds.halves(0.5, 0.8, r)), "supported"),
    ("C18b[vix]", "z moves by 0.3 a sd", worlds.shifted, "supported"),
    ("C19", "spread doubles in breakdowns", worlds.broken, "supported"),
    ("C20", "spread 1.75 times", worlds.rebuilt, "supported"),
    ("C26", "constant r 0.95", worlds.correlated(0.95), "supported"),
    ("C26", "constant r 0.5", worlds.correlated(0.5), "rejected"),
    ("C27", "hit rate 0.56", worlds.hits, "supported"),
    ("C29", "z moves by 1.05", worlds.recent_break, "rejected"),
    ("C30", "r swings between 0.15 and 0.95", worlds.moving, "rejected"),
    ("C35", "z of years 0.60 apart", worlds.by_year, "supported"),
)
CONTROLS: tuple[Case, ...] = (
    ("C15", "lead with R2 0.05", lambda r: worlds.lead_pair(0.05, r), "supported"),
    ("C07a", "cointegrated, half-life 10 days", worlds.cointegrated, "supported"),
)


# Effects at which claims that need more than five years for a threefold effect are found.
DETECTABLE: tuple[Case, ...] = (
    (
        "C06",
        "beta moves by 0.45",
        lambda r: worlds.page(*worlds.halves(0.35, 0.8, r)[::-1]),
        "supported",
    ),
    ("C09", "volatility sixfold in turns", lambda r: worlds.clustered(r, 6.0), "supported"),
    ("C14", "R2 0.30, weekly", lambda r: worlds.macro_driven(r, 0.30), "supported"),
    ("C16", "r 0.50 apart by regime", lambda r: worlds.by_regime(r, 0.50), "supported"),
    ("C18a", "r moves by 0.45", lambda r: worlds.page(*worlds.halves(0.35, 0.8, r)), "supported"),
    ("C20", "spread 2.5 times", lambda r: worlds.rebuilt(r, 2.5), "supported"),
    ("C29", "z moves by 1.4", lambda r: worlds.recent_break(r, 1.4), "rejected"),
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
            both = zip(ANSWERS, draft.pvalues, strict=True)
            draft = evaluated(
                declared, facts, frozenset(a for a, p in both if ON_PAGE * p <= LEVEL)
            )
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
    "claims_threefold": lambda: _all(THREEFOLD, 120),
    "claims_detectable": lambda: _all(DETECTABLE, 100),
    "claims_controls": lambda: _all(CONTROLS, 200),
}
