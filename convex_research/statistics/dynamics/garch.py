"""GARCH(1,1) of one leg, and the constant-correlation pair made of two of them.

A leg follows y_t = mu + e_t, e_t = sqrt(h_t) z_t, h_{t+1} = omega + alpha e_t^2 + beta h_t.
Parameters are Gaussian quasi maximum likelihood, so they stay consistent when z is not normal; the
tails of z are fitted to the standardised residuals afterwards.

Parameters are in the unit of 100 x returns: mu in percent, omega in percent squared.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Missing, NotComputed
from convex_research.statistics.dynamics.garch_likelihood import conditional_variance, maximise
from convex_research.statistics.inference.influence_interval import as_series, unusable
from convex_research.statistics.simulate.worlds import CccGarch, mixing_factors

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["MIN_NOBS_GARCH", "GarchFit", "ccc_garch", "garch", "student_df"]

MIN_NOBS_GARCH = 100
_DF_RANGE = (2.1, 200.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class GarchFit:
    """A fitted GARCH(1,1).

    - ``mu``: mean, percent.
    - ``omega``, ``alpha``, ``beta``: variance recursion in percent squared.
    - ``backcast``: first conditional variance, percent squared.
    - ``variance``: conditional variances h_t, percent squared; h_t uses data before t only.
    - ``resid``: standardised residuals (100 y_t - mu) / sqrt(h_t).
    """

    mu: float
    omega: float
    alpha: float
    beta: float
    backcast: float
    variance: Array
    resid: Array
    nobs: int

    @property
    def persistence(self) -> float:
        """Sum of alpha and beta: the share of a variance shock left after one day."""
        return self.alpha + self.beta


def _first_variance(squares: Array) -> float:
    """Exponentially weighted mean of the first 75 squares, the usual start of the recursion."""
    weights = 0.94 ** np.arange(min(75, squares.size))
    return float(squares[: weights.size] @ weights / weights.sum())


def garch(returns: ArrayLike) -> GarchFit | NotComputed:
    """Fit a GARCH(1,1) with constant mean by Gaussian quasi maximum likelihood.

    Not computed below 100 observations, when the optimiser does not converge, or when one
    observation makes up most of the sample's variance. Bollerslev (1986), Journal of Econometrics
    31, 307-327.

    Parameters
    ----------
    returns : array_like, shape (T,)
        Returns, decimal.
    """
    x = as_series(returns, "returns")
    if (reason := unusable(x, min_nobs=MIN_NOBS_GARCH)) is not None:
        return reason
    scale = float(x.std())
    centre = float(x.mean())
    unit = (x - centre) / scale
    if float(np.max(unit * unit)) > 0.5 * x.size:
        return NotComputed(
            Missing.NO_FIT, "one observation makes up most of the variance: no GARCH fits that"
        )
    backcast = _first_variance(unit**2)
    optimum = maximise(unit, backcast)
    if optimum is None:
        return NotComputed(
            Missing.NO_FIT, "the GARCH likelihood has no maximum that the optimiser can find"
        )
    mu, omega, alpha, beta = optimum
    squares = (unit - mu) ** 2
    variance = conditional_variance(squares, omega=omega, alpha=alpha, beta=beta, backcast=backcast)
    percent = 100.0 * scale
    return GarchFit(
        mu=100.0 * centre + percent * mu,
        omega=omega * percent**2,
        alpha=alpha,
        beta=beta,
        backcast=backcast * percent**2,
        variance=variance * percent**2,
        resid=(unit - mu) / np.sqrt(variance),
        nobs=x.size,
    )


def student_df(resid: ArrayLike) -> float:
    """Degrees of freedom of unit-variance Student residuals, by maximum likelihood.

    Between 2.1 and 200; the upper end means normal. Bollerslev (1987), Review of Economics and
    Statistics 69, 542-547.

    - ``resid``: standardised residuals; their own mean square is divided out.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import gammaln

    z = as_series(resid, "resid")
    squares = z * z / float(np.mean(z * z))

    def loss(inverse: float) -> float:
        df = 1.0 / inverse
        constant = gammaln(0.5 * (df + 1.0)) - gammaln(0.5 * df) - 0.5 * math.log(df - 2.0)
        return float(0.5 * (df + 1.0) * np.log1p(squares / (df - 2.0)).mean() - constant)

    low, high = 1.0 / _DF_RANGE[1], 1.0 / _DF_RANGE[0]
    optimum = minimize_scalar(loss, bounds=(low, high), method="bounded", options={"xatol": 1e-5})
    return float(min(max(1.0 / optimum.x, _DF_RANGE[0]), _DF_RANGE[1]))


def ccc_garch(a: GarchFit, b: GarchFit) -> CccGarch:
    """Constant-correlation GARCH pair with Student shocks from two fitted legs.

    Each leg in a unit near its own standard deviation, so that powers of simulated values stay
    numbers in single precision. The correlation is that of the standardised residuals, divided by
    the small loss that unequal mixing of the two legs causes.
    """
    if a.nobs != b.nobs:
        raise ValueError(f"the legs differ in length: {a.nobs} and {b.nobs}")
    df = (student_df(a.resid), student_df(b.resid))
    mixed = float(np.mean(mixing_factors(df[0]) * mixing_factors(df[1])))
    rho = float(np.corrcoef(a.resid, b.resid)[0, 1]) / mixed
    # Powers of four have exact roots: the unit changes no digit of any correlation.
    unit_a, unit_b = (4.0 ** round(0.5 * math.log2(float(leg.variance.mean()))) for leg in (a, b))
    return CccGarch(
        omega=(a.omega / unit_a, b.omega / unit_b),
        alpha=(a.alpha, b.alpha),
        beta=(a.beta, b.beta),
        df=df,
        rho=min(max(rho, -0.9999), 0.9999),
        start=(float(a.variance[0]) / unit_a, float(b.variance[0]) / unit_b),
    )
