"""A lead beyond the next day, which alone can be one where closes are hours apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Missing, NotComputed, TestResult
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_TEST,
    as_pair,
    unusable,
)
from convex_research.statistics.inference.own_volatility import both_over_own_volatility
from convex_research.statistics.leads.lead_lag import quadratic_form

if TYPE_CHECKING:
    from convex_research.core.typing import ArrayLike

__all__ = ["SKIPPED", "SKIPPED_RARE", "skip_wald"]

SKIPPED = (2, 3, 4, 5)
"""Lags of a lead where the closes may be apart: the next day is the clock's."""

SKIPPED_RARE = (4, 5, 6, 7, 8)
"""The same where a leg trades rarely: at five years lag two would be rejected in one of eight."""


def skip_wald(
    cause: ArrayLike, effect: ArrayLike, lags: tuple[int, ...] = SKIPPED
) -> TestResult | NotComputed:
    """Test for a lead that leaves out the next day, where closes may be hours apart.

    g' M^-1 g with g the sum of g_t = (u_t v_(t+k)) over the lags k, M that of g_t g_t', neither
    centred; u and v are the legs over their own volatility, less their means. Chi-square with as
    many degrees of freedom as lags. White (1980), Econometrica 48, 817-838.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(7).standard_normal(1000)
    >>> skip_wald(x, np.roll(x, 3)).pvalue < 0.001, skip_wald(x, np.roll(x, 1)).pvalue < 0.05
    (True, False)
    """
    x, y = as_pair(cause, effect)
    if (reason := unusable(x, y, min_nobs=max(MIN_NOBS_TEST, 10 * (max(lags) + 1)))) is not None:
        return reason
    legs = both_over_own_volatility(x, y)
    if isinstance(legs, NotComputed):
        return legs
    u, v = (leg - leg.mean() for leg in legs)
    days = x.size - max(lags)
    products = np.column_stack([u[:days] * v[k : k + days] for k in lags])
    from scipy.special import chdtrc

    statistic = quadratic_form(products.sum(axis=0), products.T @ products)
    if statistic is None:
        return NotComputed(Missing.EXACT, "the lags are exact combinations of each other")
    named = f"lags {lags[0]} to {lags[-1]}"
    return TestResult(
        statistic=statistic,
        pvalue=float(chdtrc(len(lags), statistic)),
        null=f"{named} of {{first}} have no link with {{second}}",
        alternative="they have",
        distribution=f"chi-square({len(lags)}), {named}, White covariance",
        nobs=days,
    )
