"""Error control of one claim over all pairs."""

import numpy as np
import pytest

from convex_research.claims import DECLARATIONS, hypothesis
from convex_research.publishing.index.across_pairs import across_pairs


def claim(claim_id="C15", verdict="supported", pvalue=0.001):
    return {"id": claim_id, "verdict": verdict, "pvalue": pvalue}


def rows(found):
    return {row["id"]: row for row in found["claims"]}


def by_hand(pvalues):
    """Benjamini and Yekutieli as their paper has it: the largest rank that fits, level by level."""
    m = len(pvalues)
    factor = sum(1.0 / k for k in range(1, m + 1))
    ordered = sorted(pvalues)
    adjusted = []
    for p in pvalues:
        candidates = [q * m * factor / rank for rank, q in enumerate(ordered, 1) if q >= p]
        adjusted.append(min(1.0, *candidates))
    return adjusted


@pytest.mark.parametrize("pairs", [1, 2, 12, 300])
def test_adjusted_p_values_are_benjamini_and_yekutieli_s(pairs):
    pvalues = np.random.default_rng(pairs).uniform(size=pairs) ** 3
    claims = {f"p{k:03d}-vs-x": [claim(pvalue=float(p))] for k, p in enumerate(pvalues)}
    found = across_pairs(claims)
    made = [found["pairs"][slug]["C15"]["pvalue_adjusted"] for slug in sorted(claims)]
    assert made == pytest.approx(by_hand([float(p) for p in pvalues]), rel=1e-12)
    survivors = sum(p < 0.05 for p in made)
    assert rows(found)["C15"]["survive"] == survivors
    assert rows(found)["C15"]["found_alone"] == pairs


def test_a_pair_alone_keeps_its_verdict():
    found = across_pairs({"a-vs-b": [claim(pvalue=0.049)]})
    assert found["pairs"]["a-vs-b"]["C15"] == {
        "pvalue": 0.049,
        "pvalue_adjusted": 0.049,
        "verdict": "supported",
    }


def test_chance_findings_among_many_pairs_do_not_survive():
    claims = {f"p{k:03d}": [claim(pvalue=(k + 1) / 300.0)] for k in range(300)}
    row = rows(across_pairs(claims))["C15"]
    assert (row["with_pvalue"], row["found_alone"], row["survive"]) == (300, 300, 0)


def test_only_the_verdict_the_p_value_speaks_for_is_taken_back():
    claims = {
        "a": [claim(verdict="supported", pvalue=0.6), claim("C29", "supported", 0.6)],
        "b": [claim(verdict="rejected", pvalue=0.6), claim("C29", "rejected", 0.6)],
    }
    found = across_pairs(claims)["pairs"]
    assert found["a"]["C15"]["verdict"] == "inconclusive"
    assert found["b"]["C15"]["verdict"] == "rejected"
    assert found["a"]["C29"]["verdict"] == "supported"  # an equivalence, shown by an interval
    assert found["b"]["C29"]["verdict"] == "inconclusive"  # a difference, shown by the test


def test_claims_without_p_values_are_counted_and_left_alone():
    claims = {
        "a": [claim("C31", "supported", None)],
        "b": [claim("C31", "not tested", None)],
    }
    found = across_pairs(claims)
    row = rows(found)["C31"]
    assert (row["pairs"], row["with_pvalue"], row["found_alone"]) == (1, 0, 1)
    assert row["survive"] is None
    assert found["pairs"] == {}
    assert row["verdicts"] == {"not tested": 1, "supported": 1}


def test_nothing_gives_nothing():
    found = across_pairs({})
    assert (found["claims"], found["pairs"]) == ([], {})


def test_claims_stand_in_order_and_windows_by_length():
    ids = ["C25[all]", "C25[1260]", "C25[30]", "C04", "C18b[vix]", "C18a"]
    found = across_pairs({"a": [claim(one, pvalue=None) for one in ids]})
    order = [row["id"] for row in found["claims"]]
    assert order == ["C04", "C18a", "C18b[vix]", "C25[30]", "C25[1260]", "C25[all]"]


def test_the_order_of_pairs_changes_nothing():
    claims = {f"p{k}": [claim(pvalue=0.01 * (k + 1))] for k in range(9)}
    backwards = dict(reversed(list(claims.items())))
    assert across_pairs(claims) == across_pairs(backwards)


def test_every_claim_there_is_has_words():
    for declared in DECLARATIONS:
        assert hypothesis(declared.id, "{a}", "{b}") == declared.hypothesis
        assert "{" not in hypothesis(declared.id)
    assert hypothesis("C25[90]").endswith("last 90 observations")
    assert hypothesis("C25[all]").endswith("whole sample")
    assert hypothesis("C99") == "C99"
