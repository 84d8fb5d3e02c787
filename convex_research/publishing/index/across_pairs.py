"""One claim tested on many pairs: how many findings survive error control across them.

A page is judged by itself: with twenty claims on it, Benjamini and Hochberg's adjustment
over the page keeps its own false findings rare. Read three hundred pages and pick those on
which a claim is supported, and the picking needs control as well. Here the p-values of one
claim over all pairs are adjusted with Benjamini and Yekutieli's procedure, which holds the
false discovery rate under any dependence: pairs share legs and markets.

Pages and records stay as they are. The result stands beside them, in ``index.json``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.claims import benjamini_yekutieli
from convex_research.claims.verdict import LEVEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["CLAIM_TITLES", "across_pairs", "claim_title"]

# The verdict a claim's p-value speaks for: a finding. Supported, except where the test is
# of the opposite of what the sentence says.
_FINDING = {"C29": "rejected", "C30": "rejected"}

CLAIM_TITLES = {
    "C01": "A is a proxy of mid caps",
    "C02": "The spread goes with risk appetite",
    "C03": "A leads B in the first year of recoveries",
    "C04": "Relative performance trends for years",
    "C05": "Factor exposures drive relative performance",
    "C06": "The slope of A on B drifts",
    "C07a": "The price ratio turns back",
    "C07b": "Flows move the spread and reverse",
    "C08": "The more aggressive leg leads in rises and lags in falls",
    "C09": "The spread's volatility clusters",
    "C10": "Corporate events distort the spread",
    "C11": "A shared market connects the legs",
    "C12": "The legs answer the market with different strength",
    "C13": "One leg answers the market later",
    "C14": "Macro news explains the spread",
    "C15": "A leads B",
    "C16": "Correlation differs between calm and turbulent times",
    "C17": "The legs move in the same direction",
    "C18a": "Correlation is not stable",
    "C18b[vix]": "Correlation shifts with the VIX",
    "C18b[hy_spread]": "Correlation shifts with the credit spread",
    "C18b[yield_10y]": "Correlation shifts with the 10-year yield",
    "C19": "The spread is wider after breakdowns of correlation",
    "C20": "Index reconstitution drives the legs apart",
    "C20[earnings]": "Earnings drive the legs apart",
    "C20[liquidity]": "Liquidity drives the legs apart",
    "C21": "Macro news says less when a leg goes its own way",
    "C22a": "The legs fall together on bad days",
    "C22b": "B is no hedge of A",
    "C23": "The legs rise or fall together",
    "C24": "How the legs moved under stress",
    "C25": "The strength of correlation has one name",
    "C26": "Correlation is consistently high",
    "C27": "A move predicts the other leg's next direction",
    "C28": "A common driver stands behind tight coupling",
    "C29": "Recent correlation differs from the preceding one",
    "C30": "Something forecasts correlation better than its long-run mean",
    "C31": "r² is the share of variance that goes together",
    "C32": "A amplifies B",
    "C33": "Correlation swings in years in which volatility does",
    "C34": "Extreme correlation coincides with stress",
    "C35": "Calendar years differ in correlation",
    "C36": "Looking back overstates a hedge",
}


def claim_title(claim_id: str) -> str:
    """What a claim says of a pair, in a few words; its finding where it has a test."""
    base, _, qualifier = claim_id.partition("[")
    known = CLAIM_TITLES.get(claim_id)
    if known is None and base in CLAIM_TITLES and qualifier:
        window = qualifier.rstrip("]")
        known = f"{CLAIM_TITLES[base]}, {'whole sample' if window == 'all' else f'last {window}'}"
    return known or claim_id


def across_pairs(
    claims: Mapping[str, Sequence[Mapping[str, Any]]], *, level: float = LEVEL
) -> dict[str, Any]:
    """Benjamini-Yekutieli over pairs, claim by claim.

    Parameters
    ----------
    claims : mapping of str to sequence of dict
        The claims of each pair's record, by slug.
    level : float
        False discovery rate held, 0.05 as on the pages.

    Returns
    -------
    dict
        ``method`` in words, ``level``, and two lists in the order of claims:

        ``claims``: ``id``, ``title``, ``pairs`` (on which it was tested), ``with_pvalue``,
        ``finding`` (the verdict its p-value speaks for), ``found_alone`` (pairs whose own
        page has that verdict), ``survive`` (of those, how many after control; ``None`` for
        a claim decided by an interval, which has no p-value to adjust), and ``verdicts``
        (how many pairs have each).

        ``pairs``: by slug and claim id, ``pvalue``, ``pvalue_adjusted`` and ``verdict``
        after control, for every claim with a p-value. A finding whose adjusted p-value is
        not below the level is inconclusive; every other verdict stays.

    Examples
    --------
    >>> one = {"id": "C15", "verdict": "supported", "pvalue": 0.02}
    >>> other = {"id": "C15", "verdict": "inconclusive", "pvalue": 0.9}
    >>> found = across_pairs({"a-vs-b": [one], "c-vs-d": [other]})
    >>> found["claims"][0]["found_alone"], found["claims"][0]["survive"]
    (1, 0)
    """
    by_id: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
    for slug in sorted(claims):
        for claim in claims[slug]:
            by_id.setdefault(claim["id"], []).append((slug, claim))
    pairs: dict[str, dict[str, Any]] = {}
    rows = []
    for claim_id in sorted(by_id, key=_order):
        row, controlled = _controlled(claim_id, by_id[claim_id], level)
        rows.append(row)
        for slug, one in controlled.items():
            pairs.setdefault(slug, {})[claim_id] = one
    method = "Benjamini and Yekutieli (2001) over all pairs with a p-value, claim by claim"
    return {"method": method, "level": level, "claims": rows, "pairs": dict(sorted(pairs.items()))}


def _controlled(
    claim_id: str, tested: Sequence[tuple[str, Mapping[str, Any]]], level: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The row of one claim, and its outcome on every pair that has a p-value."""
    finding = _FINDING.get(claim_id, "supported")
    with_p = [(slug, one) for slug, one in tested if one["pvalue"] is not None]
    adjusted = benjamini_yekutieli([one["pvalue"] for _, one in with_p])
    outcome = {}
    for (slug, one), p in zip(with_p, adjusted, strict=True):
        stands = one["verdict"] != finding or p < level
        outcome[slug] = {
            "pvalue": one["pvalue"],
            "pvalue_adjusted": p,
            "verdict": one["verdict"] if stands else "inconclusive",
        }
    verdicts = _counted(one["verdict"] for _, one in tested)
    survive = sum(one["verdict"] == finding for one in outcome.values()) if with_p else None
    row = {
        "id": claim_id,
        "title": claim_title(claim_id),
        "pairs": sum(one["verdict"] != "not tested" for _, one in tested),
        "with_pvalue": len(with_p),
        "finding": finding,
        "found_alone": verdicts.get(finding, 0),
        "survive": survive,
        "verdicts": verdicts,
    }
    return row, outcome


def _counted(verdicts: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for verdict in verdicts:
        counts[verdict] = counts.get(verdict, 0) + 1
    return dict(sorted(counts.items()))


def _order(claim_id: str) -> tuple[str, float, str]:
    """By number; windows of one claim by length, the whole sample last."""
    base, _, qualifier = claim_id.partition("[")
    window = qualifier.rstrip("]")
    return base, float(window) if window.isdigit() else float("inf"), window
