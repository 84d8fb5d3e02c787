"""The simulated rates of the claims, as kept, hold what the methods page promises."""

import json
from pathlib import Path

import pytest

FILE = Path(__file__).parents[1] / "simulation" / "results" / "claims_honesty.json"
ROWS = json.loads(FILE.read_text("utf-8"))["rows"]

# Below 80 % at three times the smallest effect with five years: each prints what it detects.
EXEMPT = {"C06", "C09", "C14", "C16", "C18a", "C19", "C20", "C29", "C30"}


@pytest.mark.parametrize("measure", ["false support", "false rejection"])
def test_no_claim_is_wrong_too_often(measure):
    rows = [row for row in ROWS if row["measure"] == measure]
    assert len(rows) > 20
    assert [r for r in rows if r["achieved"] > 0.075] == []


def test_independent_walks_are_silent():
    (row,) = [row for row in ROWS if row["claim"] == "page"]
    assert row["replications"] >= 200
    assert row["achieved"] >= 0.90


def test_built_in_leads_and_cointegration_are_found():
    found = {
        r["claim"]: r["achieved"]
        for r in ROWS
        if r["subject"] == "controls" and r["measure"] == "correct"
    }
    assert found.keys() == {"C15", "C07a"}
    assert min(found.values()) >= 0.80


def test_threefold_effects_are_seen():
    rows = [r for r in ROWS if r["subject"] == "threefold" and r["measure"] == "correct"]
    # Two standard errors of the simulation are allowed.
    weak = {r["claim"] for r in rows if r["achieved"] + 2.0 * r["mc_std_error"] < 0.80}
    assert weak <= EXEMPT
    larger = [r for r in ROWS if r["subject"] == "detectable" and r["measure"] == "correct"]
    assert min(r["achieved"] for r in larger) >= 0.80
    assert {r["claim"] for r in larger} == EXEMPT - {"C19", "C30"}  # five years are too short
