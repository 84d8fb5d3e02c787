"""Fisher's z of a correlation: its jackknife influence, standard error, degrees of freedom.

z is the log of a ratio: how far the two move together, over how far they move apart, both at equal
volatility. What each observation does to it is had by leaving that observation out, for all of them
at once.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, TestResult
from convex_research.statistics.inference.influence_interval import (
    as_pair,
    bartlett_lag,
    carried_df,
    carrying_days,
    hac_std_error,
    unusable,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from convex_research.core.typing import Array


__all__ = [
    "FLAWS",
    "FisherZ",
    "StudentZ",
    "fisher_z",
    "jackknife_z",
    "leave_one_out",
    "left_out",
    "same_step",
    "standardised",
]

# Nearer to +1 or -1 than this, r is that number.
_EXACT = 1e-9
# A sum of squares of which one observation leaves no more than this share.
_NOTHING = 1e-12

_ONE_DAY = NotComputed(Missing.NOT_MOVING, "one leg moves on a single day only")

FLAWS: tuple[NotComputed | None, ...] = (
    None,
    NotComputed(Missing.EXACT, "the two move exactly in step"),
    NotComputed(Missing.EXACT, "the two move exactly against each other"),
    _ONE_DAY,
    NotComputed(
        Missing.EXACT, "but for a single day the two move exactly in step or in opposition"
    ),
)
"""Why Fisher's z or its influence is not defined."""


@dataclass(frozen=True, slots=True)
class StudentZ:
    """A value on Fisher's scale whose error has a Student law.

    - ``z``: atanh r, or a difference of such.
    - ``df``: Student degrees of freedom of (estimate - truth) / std_error.
    """

    z: float
    std_error: float
    df: float
    nobs: int

    def ends(self, confidence_level: float, *, factor: float = 1.0) -> tuple[float, float]:
        """Ends of the interval z -+ ``factor`` t se, on Fisher's scale."""
        from scipy.special import stdtrit

        half = factor * float(stdtrit(self.df, 0.5 + 0.5 * confidence_level)) * self.std_error
        return self.z - half, self.z + half

    def pvalue(self, null: float = 0.0) -> float:
        """Two-sided p-value of the truth being ``null``: 2 T_df(-|z - null| / se)."""
        from scipy.special import stdtr

        return 2.0 * float(stdtr(self.df, -abs(self.z - null) / self.std_error))

    def test(
        self,
        null: str,
        alternative: str,
        *,
        at: float = 0.0,
        law: str = "df, HAC error",
        flags: tuple[str, ...] = (),
    ) -> TestResult:
        """Two-sided test that the truth is ``at``; ``law`` says whose degrees of freedom."""
        return TestResult(
            statistic=(self.z - at) / self.std_error,
            pvalue=self.pvalue(at),
            null=null,
            alternative=alternative,
            distribution=f"Student t with {self.df:.1f} {law}",
            nobs=self.nobs,
            flags=flags,
        )


@dataclass(frozen=True, slots=True)
class FisherZ(StudentZ):
    """A correlation on Fisher's scale, with what its intervals and tests need.

    - ``z``: atanh r.
    - ``std_error``: sqrt(omega / n), omega the Bartlett long-run variance of the jackknife
      influence.
    - ``df``: 1 / (1 / carrying_days + (lag + 1) / (1.5 n)), 4 at least.
    - ``carrying_days``: days that carry the variance.
    """

    lag: int
    carrying_days: float

    def estimate(self, confidence_level: float, *, factor: float = 1.0, note: str = "") -> Estimate:
        """The correlation with its interval tanh(z -+ ``factor`` t se).

        - ``factor``: what the half-width on Fisher's scale is multiplied by.
        - ``note``: end of the method's description.
        """
        low, high = self.ends(confidence_level, factor=factor)
        return Estimate(
            value=math.tanh(self.z),
            std_error=self.std_error / math.cosh(self.z) ** 2,
            low=math.tanh(low),
            high=math.tanh(high),
            confidence_level=confidence_level,
            interval=Interval.JACKKNIFE,
            method=(
                f"jackknife of Fisher's z, HAC (Bartlett, lag {self.lag}), Student t with "
                f"{self.df:.1f} df{note}"
            ),
            nobs=self.nobs,
            carrying_days=self.carrying_days,
        )


def standardised(x: Array) -> Array:
    """Centred and divided by its standard deviation (ddof 0) along the last axis, scale-free."""
    centred = x - x.mean(axis=-1, keepdims=True)
    # The first mean's own rounding shows at an offset of 1e8.
    centred -= centred.mean(axis=-1, keepdims=True)
    # Keeps squares of tiny and huge values in range.
    centred /= np.abs(centred).max(axis=-1, keepdims=True)
    mean_square = np.einsum("...t,...t->...", centred, centred) / x.shape[-1]
    centred /= np.sqrt(mean_square)[..., None]
    return np.asarray(centred)


def left_out(*legs: Array) -> tuple[Array, ...] | NotComputed:
    """Share of each leg's sum of squares that is left without each observation in turn.

    1 - u_i^2 / (n - 1); not computed where one observation leaves nothing.

    - ``*legs`` (n,): standardised series, from :func:`standardised`.
    """
    shares = tuple(1.0 - u * u / (u.size - 1.0) for u in legs)
    return _ONE_DAY if min(share.min() for share in shares) <= _NOTHING else shares


def leave_one_out(u: Array, v: Array) -> tuple[Array, Array, NDArray[np.intp]]:
    """Fisher's z, and what each observation does to it, in O(n) a row.

    With s = u + v, d = u - v and sums S, D of their squares, z = ln(S / D) / 2. Without i the means
    move, so that every sum of squares loses c x_i^2, c = n / (n - 1); g, the square of the
    difference of the legs' root sums of squares, restores equal volatility: z_(-i) = ln((S - c
    s_i^2 - g) / (D - c d_i^2 - g)) / 2. Efron and Stein 1981.

    - ``u``, ``v`` (..., n): from :func:`standardised`.
    - ``z`` (...): atanh r, to full precision also where r is near +1 or -1.
    - ``influence`` (..., n): f_i = (n - 1) (z - z_(-i)), centred; z_(-i) is z without observation
      i.
    - ``flaw`` (...): 0 where both are defined, else the place in ``FLAWS`` of the reason why not.
    """
    along, apart = u + v, u - v
    nobs = u.shape[-1]
    total, rest = (np.einsum("...t,...t->...", x, x) for x in (along, apart))
    c = nobs / (nobs - 1.0)
    left, right = nobs - c * u * u, nobs - c * v * v
    share = np.minimum(left.min(axis=-1), right.min(axis=-1)) / nobs
    few = 2.0 * nobs * _EXACT  # 1 - r = rest / (2 n)
    with np.errstate(divide="ignore", invalid="ignore"):
        unequal = (c * along * apart / (np.sqrt(left) + np.sqrt(right))) ** 2
        lost = (c * along**2 + unequal) / total[..., None]
        gone = (c * apart**2 + unequal) / rest[..., None]
        influence = -0.5 * (nobs - 1.0) * np.log1p((gone - lost) / (1.0 - gone))
        influence -= influence.mean(axis=-1, keepdims=True)
        z = 0.5 * np.log(total / rest)
        one_day = np.maximum(lost.max(axis=-1), gone.max(axis=-1)) >= 1.0 - _NOTHING
    flaws = [rest < few, total < few, share <= _NOTHING, one_day]
    return np.asarray(z), np.asarray(influence), np.select(flaws, [1, 2, 3, 4], 0)


def jackknife_z(a: Array, b: Array) -> tuple[float, Array] | NotComputed:
    """Fisher's z and its jackknife influence values, in O(n).

    Efron and Stein 1981.

    - ``z``: atanh r, also to full precision where r is near +1 or -1.
    - ``influence`` (n,): f_i = (n - 1) (z - z_(-i)), centred; z_(-i) is z without observation i.
    """
    z, influence, flaw = leave_one_out(standardised(a), standardised(b))
    return FLAWS[int(flaw)] or (float(z), influence)


def same_step(r: float, nobs: int) -> Estimate | None:
    """The correlation of legs that move exactly in step, or exactly against each other.

    1 or -1, flagged ``"exact"`` and without an interval, where 1 - |r| < 1e-9.
    """
    if 1.0 - abs(r) >= _EXACT:
        return None
    way = "in step" if r > 0.0 else "against each other"
    return Estimate(
        value=math.copysign(1.0, r),
        method=f"the two move exactly {way}, so r has no sampling error",
        nobs=nobs,
        flags=("exact",),
    )


def fisher_z(a: ArrayLike, b: ArrayLike, *, stretch: float = 1.0) -> FisherZ | NotComputed:
    """Fisher's z of two series with its standard error and degrees of freedom.

    Bartlett lag L = min(floor(1.3 sqrt n), n - 1), divisor n; degrees of freedom 1 / (1 / d + (L +
    1) / (1.5 n)), 4 at least, d the days that carry the variance. Not computed where the two move
    exactly in step, or one observation makes them do otherwise. Efron and Stein 1981; Lazarus et
    al. 2018.

    Examples
    --------
    >>> import numpy as np
    >>> common, noise = np.random.default_rng(7).standard_normal((2, 500))
    >>> estimate = fisher_z(common, common + noise)
    >>> round(estimate.z, 2), round(estimate.std_error, 3)
    (0.88, 0.038)
    """
    x, y = as_pair(a, b)
    if (reason := unusable(x, y)) is not None:
        return reason
    estimate = jackknife_z(x, y)
    if isinstance(estimate, NotComputed):
        return estimate
    z, influence = estimate
    lag = None if stretch == 1.0 else max(1, int(stretch * bartlett_lag(x.size)))
    std_error, share, used = hac_std_error(influence, lag)
    if not std_error > 0.0:
        return NotComputed(Missing.EXACT, "the correlation has no measurable error")
    df, days = float(carried_df(influence, share)), float(carrying_days(influence))
    return FisherZ(z, std_error, df, x.size, used, days)
