"""What digests promise: what they got right in simulated worlds, as a stored table has it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources

__all__ = ["DigestRow", "DigestTable", "digest_table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestRow:
    """What 120 days of digests over 200 pairs told of one simulated world.

    Parameters
    ----------
    world : str
        How returns were made.
    before : tuple of float
        Lowest and highest correlation of the pairs.
    after : float or None
        Correlation of the shifted pairs from day 41 on; none without a shift.
    shifted : int
        Number of them, of 200.
    months : int
        Months simulated, of 20 digests each.
    digests_with_false_report, months_with_false_report : float
        Shares. False is what says that an unchanged correlation changed, or that a spread
        jumped whose law did not change.
    false_discovery_rate : float
        Mean over digests of false reports over all reports.
    rate_std_error : float
        Monte Carlo standard error of the share of digests, whose months are independent.
    reports, false_reports, false_spread_reports : int
        Counts; the last is part of the one before it.
    found, found_std_error : float or None
        Share of shifted pairs that are reported within 40 sessions.
    bound : float or None
        Share that a test could find which knows the volatilities, both correlations and the
        day of the shift.
    """

    world: str
    before: tuple[float, float]
    after: float | None
    shifted: int
    months: int
    months_with_false_report: float
    digests_with_false_report: float
    false_discovery_rate: float
    rate_std_error: float
    reports: int
    false_reports: int
    false_spread_reports: int
    found: float | None = None
    found_std_error: float | None = None
    bound: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestTable:
    """Rows of one run, with what it was run with."""

    subject: str
    seed: int
    versions: dict[str, str]
    rows: tuple[DigestRow, ...]


@cache
def digest_table() -> DigestTable:
    """The stored table.

    Examples
    --------
    >>> digest_table().rows[0].after is None
    True
    """
    from msgspec import json

    stored = resources.files(__package__) / "promise.json"
    return json.decode(stored.read_bytes(), type=DigestTable)
