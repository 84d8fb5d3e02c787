"""False discovery rates under any dependence, by a prior on the number of discoveries.

Benjamini and Yekutieli's procedure is one of a family: for every distribution nu on 1, ..., m that
is fixed beforehand, the step-up procedure that takes the k smallest p-values, for the largest k
with p_(k) <= alpha beta(k) / m, beta(k) = sum of i nu(i) over i <= k, holds the false discovery
rate at alpha, however the p-values depend on each other (Blanchard and Roquain 2008, theorem 2.4
and lemma 3.2). Theirs is nu(i) proportional to 1/i, which spreads its trust over all numbers of
discoveries and makes a single one among hundreds pay a factor of six; all on i = 1 is Bonferroni's.

Digests mostly tell of one change or of none. :func:`mostly_on_one` gives three quarters of the
trust to a single discovery and a quarter to the harmonic prior: a single one then pays a factor of
1.3, and many together at most four times what they paid before.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["harmonic", "mostly_on_one", "stepped_up"]


def harmonic(m: int) -> list[float]:
    """Benjamini and Yekutieli's prior on 1, ..., m discoveries: 1/i over the sum of all.

    Examples
    --------
    >>> [round(x, 3) for x in harmonic(2)]
    [0.667, 0.333]
    """
    if m < 1:
        raise ValueError(f"m must be at least 1, got {m}")
    total = math.fsum(1.0 / i for i in range(1, m + 1))
    return [1.0 / (i * total) for i in range(1, m + 1)]


def mostly_on_one(m: int) -> list[float]:
    """Three quarters on a single discovery, one quarter :func:`harmonic`.

    Examples
    --------
    >>> [round(x, 3) for x in mostly_on_one(2)]
    [0.917, 0.083]
    """
    prior = [0.25 * share for share in harmonic(m)]
    prior[0] += 0.75
    return prior


def stepped_up(pvalues: Sequence[float], prior: Sequence[float]) -> list[float]:
    """Adjusted p-values that hold the false discovery rate under any dependence.

    min over k >= rank of p_(k) m / beta(k), capped at 1, in the order given: a hypothesis is among
    the discoveries at level alpha exactly where this is at most alpha. Divided by weights of mean
    one p-values may exceed 1; the prior on 1, ..., m discoveries is fixed before they are seen.
    Blanchard and Roquain (2008), Electronic Journal of Statistics 2, 963-992.

    Examples
    --------
    >>> [round(p, 4) for p in stepped_up([0.01, 0.04], harmonic(2))]
    [0.03, 0.06]
    """
    m = len(pvalues)
    if len(prior) != m:
        raise ValueError(f"{m} p-values need a prior of that length, not {len(prior)}")
    if m and (min(prior) < 0.0 or not math.isclose(math.fsum(prior), 1.0, rel_tol=1e-9)):
        raise ValueError("a prior is not negative and sums to one")
    p = np.asarray(pvalues, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    beta = np.cumsum(np.arange(1.0, m + 1.0) * np.asarray(prior))
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(beta > 0.0, p[order] * m / beta, 1.0)
    adjusted = np.empty(m)
    adjusted[order] = np.minimum(np.minimum.accumulate(steps[::-1])[::-1], 1.0)
    return adjusted.tolist()
