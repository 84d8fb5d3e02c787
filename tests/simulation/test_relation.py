"""The kept simulation results: what is printed without a flag holds its level."""

from __future__ import annotations

import pytest

from convex_research.methodology import tables
from convex_research.methodology.simulations.relation import LEADS, REVERTS, SUBJECTS
from convex_research.methodology.simulations.tally import GARCH, NORMAL

STORED = {table.subject: table for table in tables()}
ROWS = [row for subject in SUBJECTS for row in STORED[subject].rows]

# Each of these carries a flag or a reason in the package; the number is why.
FLAGGED = (
    ("lead_lag.granger", GARCH, None),  # assumes_homoskedasticity
    ("lead_lag.granger", NORMAL, None),
    ("cointegration.johansen_trace_0", NORMAL, None),  # unclear_drift: these walks have none
    ("cointegration.johansen_trace_0", GARCH, None),
    ("diagnostics.ljung_box", GARCH, None),  # assumes_homoskedasticity
    ("lead_lag.wald_ab[5]", NORMAL, 252),  # small_sample
    ("lead_lag.wald_ab[5]", GARCH, 252),
    ("lead_lag.wald_ab[5]", NORMAL, 504),
    ("lead_lag.wald_ab[5]", GARCH, 504),
    ("regression.up_down", GARCH, 252),  # small_sample
    ("regression.up_down", NORMAL, 252),
    ("cointegration.engle_granger[aic]", GARCH, 252),  # small_sample
    ("cointegration.phillips_ouliaris", GARCH, 252),  # small_sample
    ("cointegration.half_life", GARCH, 252),  # small_sample, at phi 0.97
)


def known(row):
    return any(
        row.key.startswith(key) and row.world == world and nobs in {None, row.nobs}
        for key, world, nobs in FLAGGED
    )


@pytest.mark.parametrize("row", [r for r in ROWS if not known(r)])
def test_unflagged_results_hold_their_level(row, holds_its_level):
    holds_its_level(row)


def test_there_is_power_at_the_stated_alternatives():
    def power(key, note):
        (row,) = (
            r
            for r in ROWS
            if (r.key, r.note, r.world, r.nobs, r.measure) == (key, note, GARCH, 1260, "power")
        )
        return row.achieved

    assert power("cointegration.engle_granger[1]", REVERTS) > 0.9
    assert power("lead_lag.wald_ab[5]", LEADS) > 0.8
    assert power("regression.up_down", "beta 0.2 higher on falls") > 0.4
