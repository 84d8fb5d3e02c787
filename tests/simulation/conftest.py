"""What stored simulation results have in common: how a row is named, and what it has to hold."""

import pytest

from convex_research.methodology import CoverageRow


def pytest_make_parametrize_id(val):
    """A row of a table by what was simulated."""
    if isinstance(val, CoverageRow):
        return f"{val.key}-{val.world}-{val.nobs}-{val.measure}-{val.note}"
    return None


@pytest.fixture
def holds_its_level():
    """Judges a row without a flag: 95 % intervals and 5 % tests, less the simulation's noise."""

    def judge(row):
        if row.achieved is None:
            assert row.computed < 100
            return
        noise = 2.0 * row.mc_std_error
        if row.measure in {"coverage", "prediction"}:
            assert row.achieved + noise >= (0.92 if row.nobs == 90 else 0.93)
        elif row.measure == "size":
            assert row.achieved - noise <= 0.075

    return judge
