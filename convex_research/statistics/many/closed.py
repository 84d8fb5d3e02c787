"""Which of many hypotheses are false, at a false discovery rate under any dependence.

Closed testing makes Benjamini and Yekutieli's procedure better at no price: a set of rejections
stands when every set of hypotheses it touches holds enough evidence against being wholly true. The
set is never smaller than theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.statistics.many.step_up import harmonic, stepped_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.core.typing import Array, Indices

__all__ = ["closed_discoveries"]

_LARGEST = 1000
_ROUNDING = 1e-12


def closed_discoveries(pvalues: Sequence[float], *, alpha: float = 0.05) -> list[bool]:
    """Discoveries of the closed procedure of Benjamini and Yekutieli at a false discovery rate.

    In the order given. The r smallest p-values, r the largest number for which every set S of
    hypotheses, m of them, has E_S >= |S and the r| / (alpha r); E_S sums 1(k_i <= m) / (alpha k_i),
    k_i = max(1, ceil(m l_m p_i / alpha)), l_m = sum of 1/i up to m. Above 1,000 hypotheses those of
    Benjamini and Yekutieli, a subset. Xu, Fischer and Ramdas (2025), arXiv 2504.11759.

    Examples
    --------
    >>> closed_discoveries([0.01, 0.02, 0.9])
    [False, False, False]
    >>> closed_discoveries([0.001, 0.03, 0.04])
    [True, True, False]
    """
    size = len(pvalues)
    if size == 0:
        return []
    adjusted = stepped_up(pvalues, harmonic(size))
    least = sum(p <= alpha for p in adjusted)
    p = np.sort(np.asarray(pvalues, dtype=np.float64))
    count = least
    if size <= _LARGEST:
        steps = _steps(p, alpha)
        for number in range(int((p <= alpha).sum()), least, -1):
            if _stands(steps, number):
                count = number
                break
    found = np.zeros(size, dtype=bool)
    found[np.argsort(np.asarray(pvalues), kind="stable")[:count]] = True
    return found.tolist()


def _steps(p: Array, alpha: float) -> Array:
    """1 / k_i where k_i <= m, else 0: row m - 1 for sets of m hypotheses, p ascending."""
    m = np.arange(1.0, p.size + 1.0)[:, None]
    scaled = m * np.cumsum(1.0 / m, axis=0) / alpha
    k = np.maximum(np.ceil(scaled * p - _ROUNDING), 1.0)
    return np.where(k <= m, 1.0 / k, 0.0)


def _stands(steps: Array, number: int) -> bool:
    """Whether every set holds enough; of m with s rejected ones the worst has the largest p."""
    rejected = np.cumsum(steps[:, number - 1 :: -1], axis=1)
    rest = np.cumsum(steps[:, : number - 1 : -1], axis=1)
    size = steps.shape[0]
    for m in range(1, size + 1):
        s: Indices = np.arange(max(1, m - (size - number)), min(m, number) + 1)
        evidence = rejected[m - 1, s - 1]
        others = m - s
        if others.size and others.max() > 0:
            evidence = evidence + np.where(others > 0, rest[m - 1, others - 1], 0.0)
        if (evidence < s / number * (1.0 - _ROUNDING)).any():
            return False
    return True
