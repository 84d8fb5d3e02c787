"""One claim tested on many pairs: how many findings survive error control across them.

A page is judged by itself: closed Benjamini-Yekutieli over the smaller p-value of
each claim on it keeps its own false answers rare. Read three hundred pages and pick those on
which a claim is decided, and the picking needs control as well. Here those of one claim over
all pairs go through the same procedure, which holds the false discovery rate under any
dependence: pairs share legs and markets.

Pages and records stay as they are. The result stands beside them, in ``index.json``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.claims import declaration
from convex_research.claims.verdict import ANSWERS, LEVEL, Pvalues, controlled

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["across_pairs"]


def across_pairs(
    claims: Mapping[str, Sequence[Mapping[str, Any]]], *, level: float = LEVEL
) -> dict[str, Any]:
    """Closed Benjamini-Yekutieli over pairs, claim by claim.

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
        (on which it was tested), ``with_pvalue`` (of those, with a p-value for each answer),
        ``found_alone`` (pairs whose own page decides it), ``survive`` (of those, how many after
        control), and ``verdicts`` (how many pairs have each).

        ``pairs``: by slug and claim id, ``pvalue`` and ``pvalue_adjusted`` (Benjamini and
        Yekutieli's) of the answer given or nearer, ``discovered`` and ``verdict`` after control,
        for every claim with p-values. An answer that is not discovered is inconclusive.

    Examples
    --------
    >>> one = {"id": "C15", "verdict": "supported", "pvalues": {"supported": 0.02, "rejected": 1.0}}
    >>> other = {**one, "verdict": "inconclusive", "pvalues": {"supported": 0.9, "rejected": 0.5}}
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
    for claim_id in sorted(by_id):
        row, controlled = _controlled(claim_id, by_id[claim_id], level)
        rows.append(row)
        for slug, one in controlled.items():
            pairs.setdefault(slug, {})[claim_id] = one
    method = "closed Benjamini-Yekutieli over the smaller p-value of all pairs, claim by claim"
    return {"method": method, "level": level, "claims": rows, "pairs": dict(sorted(pairs.items()))}


def _controlled(
    claim_id: str, tested: Sequence[tuple[str, Mapping[str, Any]]], level: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The row of one claim, and its outcome on every pair that has p-values."""
    with_p = [(slug, one) for slug, one in tested if one.get("pvalues") is not None]
    family = [Pvalues(**one["pvalues"]) for _, one in with_p]
    outcome = {}
    for (slug, one), both, own in zip(with_p, family, controlled(family, alpha=level), strict=True):
        answer = one["verdict"] if one["verdict"] in ANSWERS else own.nearer
        stands = own.discovered and answer == own.nearer
        at = ANSWERS.index(answer)
        outcome[slug] = {
            "pvalue": both[at],
            "pvalue_adjusted": own.adjusted[at],
            "discovered": stands,
            "verdict": one["verdict"] if stands else "inconclusive",
        }
    verdicts = _counted(one["verdict"] for _, one in tested)
    declared = declaration(claim_id)
    row = {
        "id": claim_id,
        "title": claim_id if declared is None else declared.statement(),
        "pairs": sum(one["verdict"] != "not tested" for _, one in tested),
        "with_pvalue": len(with_p),
        "found_alone": sum(verdicts.get(answer, 0) for answer in ANSWERS),
        "survive": sum(one["verdict"] in ANSWERS for one in outcome.values()),
        "verdicts": verdicts,
    }
    return row, outcome


def _counted(verdicts: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for verdict in verdicts:
        counts[verdict] = counts.get(verdict, 0) + 1
    return dict(sorted(counts.items()))
