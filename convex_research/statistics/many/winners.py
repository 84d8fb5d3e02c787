"""Intervals of the largest of many estimates, which allow for its being the largest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["winner_half_widths"]

_WIDER = 1.1


def winner_half_widths(
    std_error: Array, df: Array, count: int, *, confidence_level: float = 0.95
) -> tuple[Array, Array]:
    """Half-widths towards the rest and away from it, of estimates chosen for their size.

    Towards the rest 1.1 g max(se, median se), g = Phi^-1((.5 + .5 level)^(1 / K)), K the number of
    estimates that were looked at; away from it t se. Andrews, Kitagawa and McCloskey (2024).

    - ``std_error``, ``df`` (K,): of all estimates; NaN where there is none.
    - ``count``: K.
    """
    from scipy.special import ndtri, stdtrit

    share = 0.5 + 0.5 * confidence_level
    critical = float(ndtri(share ** (1.0 / max(count, 1))))
    inner = _WIDER * critical * np.maximum(std_error, np.nanmedian(std_error))
    return np.asarray(inner), np.asarray(stdtrit(df, share) * std_error)
