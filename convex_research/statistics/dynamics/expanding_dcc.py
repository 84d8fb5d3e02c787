"""DCC refitted on expanding data: what was known before each session, nothing after it.

Parameters are estimated at a schedule of refits on the data up to then and kept until the next one;
between refits only the recursions move on. Sample sizes at refits double, so that the cost of all
refits together grows linearly with the sample.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.dynamics.dcc import fit_second_stage
from convex_research.statistics.dynamics.dcc_likelihood import correlation_path
from convex_research.statistics.dynamics.garch import GarchFit, garch
from convex_research.statistics.dynamics.garch_likelihood import conditional_variance

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["FIRST", "ExpandingDcc", "expanding_dcc", "refit_schedule"]

FIRST = 252
"""Observations before the first out-of-sample session."""


class ExpandingDcc(NamedTuple):
    """One-step-ahead DCC moments of sessions ``first`` .. T, the last one after the sample.

    - ``volatility_a``, ``volatility_b`` (T - first + 1,): conditional standard deviations, percent.
    - ``correlation`` (T - first + 1,): conditional correlations.
    - ``persistence``, ``target`` (T - first + 1,): a + b and the long-run correlation of the
      parameters in force.
    """

    volatility_a: Array
    volatility_b: Array
    correlation: Array
    persistence: Array
    target: Array


def refit_schedule(nobs: int, first: int = FIRST) -> tuple[int, ...]:
    """Sample sizes at which parameters are refitted: ``first``, doubled until ``nobs``."""
    sizes = [first]
    while sizes[-1] * 2 <= nobs:
        sizes.append(sizes[-1] * 2)
    return tuple(sizes)


def expanding_dcc(a: Array, b: Array, first: int = FIRST) -> ExpandingDcc | NotComputed:
    """DCC(1,1) moments of each session from parameters and returns before it.

    Not computed when the first fit fails; a later fit that fails leaves the parameters of the one
    before in force.

    - ``first``: observations before the first out-of-sample session.
    """
    return _expanding(a.tobytes(), b.tobytes(), first)


@lru_cache(maxsize=4)
def _expanding(a_bytes: bytes, b_bytes: bytes, first: int) -> ExpandingDcc | NotComputed:
    """Work of :func:`expanding_dcc`, kept because hedges and forecasts share it."""
    a, b = (np.frombuffer(raw, dtype=np.float64) for raw in (a_bytes, b_bytes))
    sizes = refit_schedule(a.size, first)
    parts: list[tuple[Array, ...]] = []
    parameters: tuple[GarchFit, GarchFit, float, float, float] | None = None
    for size, stop in zip(sizes, (*sizes[1:], a.size + 1), strict=True):
        legs = garch(a[:size]), garch(b[:size])
        if not any(isinstance(leg, NotComputed) for leg in legs):
            fit_a, fit_b = legs
            assert isinstance(fit_a, GarchFit)
            assert isinstance(fit_b, GarchFit)
            if abs(float(np.corrcoef(fit_a.resid, fit_b.resid)[0, 1])) > 1.0 - 1e-6:
                return NotComputed(
                    Missing.EXACT, "the two move together perfectly, so nothing changes over time"
                )
            parameters = (fit_a, fit_b, *fit_second_stage(fit_a.resid, fit_b.resid))
        if parameters is None:
            return NotComputed(
                Missing.NO_FIT, "no GARCH model can be fitted to the first year of the sample"
            )
        parts.append(_filtered(a, b, parameters, size, stop))
    volatility_a, volatility_b, correlation, persistence, target = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    return ExpandingDcc(volatility_a, volatility_b, correlation, persistence, target)


def _filtered(
    a: Array,
    b: Array,
    parameters: tuple[GarchFit, GarchFit, float, float, float],
    size: int,
    stop: int,
) -> tuple[Array, ...]:
    """Moments of sessions ``size`` .. ``stop`` - 1 under given parameters."""
    fit_a, fit_b, news, memory, target = parameters
    volatility, resid = [], []
    for returns, fit in ((a, fit_a), (b, fit_b)):
        deviation = 100.0 * returns[: stop - 1] - fit.mu
        # One more square, whatever its value, gives the variance of the session after it.
        variance = conditional_variance(
            np.append(deviation**2, 0.0),
            omega=fit.omega,
            alpha=fit.alpha,
            beta=fit.beta,
            backcast=fit.backcast,
        )
        volatility.append(np.sqrt(variance[size:stop]))
        resid.append(deviation / np.sqrt(variance[:-1]))
    path = correlation_path(resid[0], resid[1], news, memory, target)
    count = stop - size
    return (*volatility, path[size:stop], np.full(count, news + memory), np.full(count, target))
