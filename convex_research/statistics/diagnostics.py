"""What one leg's returns look like: serial correlation, ARCH effects, tails.

The tail index matters for everything else: below four the fourth moment is infinite, and
no interval for Pearson's r is valid.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from convex_research.estimates import Estimate, NotComputed
from convex_research.statistics.inference import as_series, unusable

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[np.float64]

__all__ = ["moments_suspect", "tail_index"]

_MIN_NOBS_TAIL = 100  # five observations in the tail; fewer say nothing about its shape


def tail_index(
    x: ArrayLike, *, share: float = 0.05, confidence_level: float = 0.95
) -> Estimate | NotComputed:
    """Hill's tail index of absolute deviations from the mean.

    Parameters
    ----------
    x : array_like, shape (T,)
        Returns of one leg, any unit: the index is scale-free.
    share : float
        Share of the observations taken as the tail, in (0, 0.5]; k = floor(share T).
    confidence_level : float
        Nominal coverage, in (0, 1).

    Returns
    -------
    Estimate or NotComputed
        alpha = 1 / mean_i log(X_(i) / X_(k+1)) over the k largest of |x - mean|; standard
        error alpha / sqrt(k); normal interval. Moments of order alpha and above are
        infinite. Volatility clustering makes the true error larger than the stated one.

    Raises
    ------
    ValueError
        If ``x`` is not one-dimensional or ``share`` is outside (0, 0.5].

    References
    ----------
    Hill (1975), Annals of Statistics 3, 1163-1174.

    Examples
    --------
    >>> import numpy as np
    >>> draws = np.random.default_rng(3).standard_t(3, 5000)
    >>> 2.0 < tail_index(draws).value < 4.0
    True
    """
    if not 0.0 < share <= 0.5:
        raise ValueError(f"share is not in (0, 0.5]: {share}")
    series = as_series(x)
    if (reason := unusable(series, min_nobs=_MIN_NOBS_TAIL)) is not None:
        return reason
    from scipy.special import ndtri

    size = math.floor(share * series.size + 1e-9)  # 0.05 is not exact in binary
    deviations = np.abs(series - series.mean())
    largest = np.sort(deviations)[-(size + 1) :]
    if largest[0] <= 0.0 or largest[-1] <= largest[0] * (1.0 + 1e-12):
        return NotComputed("too many equal returns in the tail to measure its index")
    alpha = size / float(np.log(largest[1:] / largest[0]).sum())
    std_error = alpha / math.sqrt(size)
    half = float(ndtri(0.5 + confidence_level / 2.0)) * std_error
    return Estimate(
        value=alpha,
        std_error=std_error,
        low=alpha - half,
        high=alpha + half,
        confidence_level=confidence_level,
        method=f"Hill estimator, k = {size} largest deviations, alpha / sqrt(k)",
        nobs=series.size,
    )


def moments_suspect(tail_index: Estimate | NotComputed) -> bool:
    """Whether the fourth moment is likely infinite: the index's upper bound is below four.

    Parameters
    ----------
    tail_index : Estimate or NotComputed
        Result of :func:`tail_index` at 95 %; a sample too short for it raises no suspicion.

    Returns
    -------
    bool
        True when Pearson's r has no valid interval and Spearman's should lead.
    """
    if isinstance(tail_index, NotComputed) or tail_index.high is None:
        return False
    return tail_index.high < 4.0
