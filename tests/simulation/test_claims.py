"""The kept simulation results of the claims hold what the methodology page promises."""

from __future__ import annotations

import pytest

from convex_research.methodology import claim_tables
from convex_research.methodology.simulations import claims_honesty
from convex_research.methodology.simulations.claims_honesty import (
    CONTROLS,
    DETECTABLE,
    PRINTED,
    SUBJECTS,
    THREEFOLD,
    TRUTH,
    case_verdicts,
    full,
    page_verdicts,
    single,
)

TABLES = claim_tables()
ROWS = [row for table in TABLES.values() for row in table.rows]

# Below 80 % at three times the smallest effect with five years: each says what it detects.
EXEMPT = {"C01", "C13", "C15", "C18b[vix]", "C19", "C20", "C27", "C29", "C30"}
# No effect in four of five samples: five years are too short, or a delay is taken for a clock.
TOO_SHORT = {"C13", "C19", "C30"}


def test_every_simulation_is_kept_with_every_case():
    assert TABLES.keys() == SUBJECTS.keys()
    for name, cases in (
        ("threefold", THREEFOLD),
        ("detectable", DETECTABLE),
        ("controls", CONTROLS),
    ):
        rows = TABLES[f"claims_{name}"].rows
        assert {(r.claim, r.world) for r in rows} == {case[:2] for case in cases}
    for name in ("walks", "market"):
        claims = {row.claim for row in TABLES[f"claims_{name}"].rows} - {"page"}
        assert claims <= TRUTH[name].keys()
        assert len(claims) > 0.8 * len(TRUTH[name])


@pytest.mark.parametrize("measure", ["false support", "false rejection"])
def test_no_claim_is_wrong_too_often(measure):
    rows = [row for row in ROWS if row.measure == measure]
    assert len(rows) > 20
    assert [row for row in rows if row.achieved > 0.075] == []
    assert all(row.nominal == 0.075 for row in rows)


def test_independent_walks_are_silent():
    (row,) = [row for row in ROWS if row.measure == "silent"]
    assert row.replications >= 200
    assert row.achieved >= 0.90


def test_built_in_leads_and_cointegration_are_found():
    rows = [row for row in TABLES["claims_controls"].rows if row.measure == "correct"]
    assert {row.claim for row in rows} == {"C15", "C07a"}
    assert min(row.achieved for row in rows) >= 0.80


def test_threefold_effects_are_seen():
    rows = [row for row in TABLES["claims_threefold"].rows if row.measure == "correct"]
    # Two standard errors of the simulation are allowed.
    weak = {row.claim for row in rows if row.achieved + 2.0 * row.mc_std_error < 0.80}
    assert weak <= EXEMPT
    larger = [row for row in TABLES["claims_detectable"].rows if row.measure == "correct"]
    assert {row.claim for row in larger} - {"C18a"} == EXEMPT - TOO_SHORT
    printed = {case[:2] for case in PRINTED}
    least = [row for row in larger if (row.claim, row.world) not in printed]
    assert min(row.achieved + 2.0 * row.mc_std_error for row in least) >= 0.80


def test_effects_that_open_sentences_print_are_found_four_times_in_five():
    printed = {case[:2] for case in PRINTED}
    rows = [row for row in TABLES["claims_detectable"].rows if (row.claim, row.world) in printed]
    found = {row.claim: row for row in rows if row.measure == "correct"}
    assert found.keys() == {"C15", "C18a", "C20", "C27", "C29"}
    for claim, row in found.items():
        # Few days make the log of their moves .05 too low, a third of the error of five events.
        least = 0.65 if claim == "C20" else 0.75
        assert least - 2.0 * row.mc_std_error <= row.achieved <= 0.90, claim


@pytest.mark.slow
def test_the_program_gives_the_kept_verdicts_again():
    """A tenth of each kept world, run again, agrees with what is kept within chance."""
    for world in ("walks", "market"):
        rows = list(full(world, page_verdicts(getattr(claims_honesty.worlds, world), range(8))))
        assert {r.claim for r in rows} <= {r.claim for r in TABLES[f"claims_{world}"].rows}
        assert all(r.achieved <= 0.25 for r in rows if r.measure.startswith("false"))
    for case in CONTROLS:
        correct, _ = single(case, case_verdicts(case, range(20)))
        assert correct.achieved >= 0.70
