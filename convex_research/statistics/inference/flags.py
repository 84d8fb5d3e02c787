"""Words that a result carries when its stated level does not quite hold."""

from __future__ import annotations

__all__ = [
    "ASSUMES_HOMOSKEDASTICITY",
    "FEW_DAYS_CARRY",
    "JUMPS_OUTSIDE_LAW",
    "OF_ITS_OWN_DAYS",
    "REJECTS_TOO_OFTEN",
    "SHORT_WHEN_CLUSTERED",
    "SMALL_SAMPLE",
    "UNCLEAR_DRIFT",
    "VOLATILITY_OUTSIDE_LAW",
    "WIDEST_OF_THREE",
]

SMALL_SAMPLE = "small_sample"
"""Too short for the stated level: simulated size is 8 to 15 % at 5, or coverage 92 % at 95."""

UNCLEAR_DRIFT = "unclear_drift"
"""Neither leg has a significant drift, which the law assumes: size is 11 to 14 % at 5."""

ASSUMES_HOMOSKEDASTICITY = "assumes_homoskedasticity"
"""Volatility clustering makes the test reject too often; it supports no claim by itself."""

SHORT_WHEN_CLUSTERED = "short_when_volatility_clusters"
"""Its error takes returns as independent: coverage is about 91 % at 95 when volatility clusters."""

REJECTS_TOO_OFTEN = "rejects_too_often"
"""Its size passes 7.5 % at 5 in realistic worlds; it is shown for comparison."""

OF_ITS_OWN_DAYS = "of_its_own_days"
"""Tests what its days' own variances were. Where each leg's volatility clusters by itself they
differ without another law: an unchanged law is rejected in .10 to .29 of samples at .05."""

FEW_DAYS_CARRY = "few_days_carry"
"""Fewer than ten days carry the variance of a correlation. If one leg moved alone on them, a
window without such days differs: a constant law is rejected in up to .19 of samples at .05."""

VOLATILITY_OUTSIDE_LAW = "volatility_outside_law"
"""The law has returns of constant volatility: under leverage or stochastic volatility a true null
is rejected in .11 to .17 of samples of five years at .05."""

JUMPS_OUTSIDE_LAW = "jumps_outside_law"
"""The law has no jumps: with them on a day in a hundred a constant correlation is rejected in .13
to .32 of samples of five years at .05."""

WIDEST_OF_THREE = "widest_of_three"
"""Chosen as the widest of three splits: where nothing changed the interval, which does not know of
the choice, holds the split's own change in .86 to .97 of samples."""
