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

from convex_research.claims import declaration
from convex_research.claims.verdict import LEVEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["across_pairs"]


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

        ``claims``: ``id``, ``title`` (the hypothesis that verdicts are about), ``pairs``
        (on which it was tested), ``with_pvalue``, ``finding`` (the verdict its p-value speaks
        for), ``found_alone`` (pairs whose own page has that verdict), ``survive`` (of those,
        how many after control; ``None`` for a claim decided by an interval, which has no
        p-value to adjust), and ``verdicts`` (how many pairs have each).

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
    from scipy.stats import false_discovery_control

    declared = declaration(claim_id)
    finding = "supported" if declared is None else declared.speaks_for
    with_p = [(slug, one) for slug, one in tested if one["pvalue"] is not None]
    adjusted = false_discovery_control([one["pvalue"] for _, one in with_p], method="by").tolist()
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
        "title": claim_id if declared is None else declared.statement(),
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
