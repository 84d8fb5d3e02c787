"""Error control of one claim over all pairs."""

import numpy as np
import pytest

from convex_research.claims import DECLARATIONS, hypothesis
from convex_research.publishing.index.across_pairs import across_pairs
from convex_research.statistics.many.closed import closed_discoveries


def claim(claim_id="C15", verdict="supported", pvalue=0.001, other=1.0):
    """A claim whose answer, or nearer one, has a p-value; ``other`` is that of the other."""
    both = (pvalue, other) if verdict != "rejected" else (other, pvalue)
    made = None if pvalue is None else dict(zip(("supported", "rejected"), both, strict=True))
    return {"id": claim_id, "verdict": verdict, "pvalues": made}


def rows(found):
    return {row["id"]: row for row in found["claims"]}


def by_hand(pvalues, m):
    """Benjamini and Yekutieli as their paper has it: the largest rank that fits, level by level."""
    factor = sum(1.0 / k for k in range(1, m + 1))
    ordered = sorted([*pvalues, *[1.0] * (m - len(pvalues))])
    adjusted = []
    for p in pvalues:
        candidates = [q * m * factor / rank for rank, q in enumerate(ordered, 1) if q >= p]
        adjusted.append(min(1.0, *candidates))
    return adjusted


@pytest.mark.parametrize("pairs", [1, 2, 12, 300])
def test_the_smaller_p_values_of_all_pairs_are_one_family(pairs):
    pvalues = [float(p) for p in np.random.default_rng(pairs).uniform(size=pairs) ** 5]
    claims = {f"p{k:03d}-vs-x": [claim(pvalue=p)] for k, p in enumerate(pvalues)}
    found = across_pairs(claims)
    made = [found["pairs"][slug]["C15"] for slug in sorted(claims)]
    expected = by_hand(pvalues, pairs)
    assert [one["pvalue_adjusted"] for one in made] == pytest.approx(expected, rel=1e-12)
    assert [one["discovered"] for one in made] == closed_discoveries(pvalues)
    assert rows(found)["C15"]["survive"] == sum(one["discovered"] for one in made)
    assert rows(found)["C15"]["found_alone"] == pairs


def test_chance_findings_among_many_pairs_do_not_survive():
    claims = {f"p{k:03d}": [claim(pvalue=(k + 1) / 300.0)] for k in range(300)}
    row = rows(across_pairs(claims))["C15"]
    assert (row["with_pvalue"], row["found_alone"], row["survive"]) == (300, 300, 0)


def test_yes_and_no_are_both_taken_back():
    claims = {
        "a": [claim(verdict="supported", pvalue=0.6)],
        "b": [claim(verdict="rejected", pvalue=0.6)],
        "c": [claim(verdict="rejected", pvalue=1e-9)],
    }
    found = across_pairs(claims)["pairs"]
    assert [found[slug]["C15"]["verdict"] for slug in "abc"] == [
        *("inconclusive", "inconclusive", "rejected")
    ]


def test_claims_without_p_values_are_counted_and_left_alone():
    claims = {
        "a": [claim("C05", "not tested", None)],
        "b": [{"id": "C05", "verdict": "supported"}],  # of an older record
    }
    found = across_pairs(claims)
    row = rows(found)["C05"]
    assert (row["pairs"], row["with_pvalue"], row["found_alone"], row["survive"]) == (1, 0, 1, 0)
    assert found["pairs"] == {}
    assert row["verdicts"] == {"not tested": 1, "supported": 1}


def test_nothing_gives_nothing():
    found = across_pairs({})
    assert (found["claims"], found["pairs"]) == ([], {})


def test_claims_stand_in_order():
    ids = ["C29", "C04", "C18b[vix]", "C18a"]
    found = across_pairs({"a": [claim(one) for one in ids]})
    assert [row["id"] for row in found["claims"]] == ["C04", "C18a", "C18b[vix]", "C29"]


def test_the_order_of_pairs_changes_nothing():
    claims = {f"p{k}": [claim(pvalue=0.01 * (k + 1))] for k in range(9)}
    backwards = dict(reversed(list(claims.items())))
    assert across_pairs(claims) == across_pairs(backwards)


def test_every_claim_there_is_has_words():
    for declared in DECLARATIONS:
        assert hypothesis(declared.id, "{a}", "{b}") == declared.hypothesis
        assert "{" not in hypothesis(declared.id)
    assert hypothesis("C99") == "C99"
