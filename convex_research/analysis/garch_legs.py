"""GARCH fits of both legs, made once for all sections that need them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from convex_research.statistics.dynamics.garch import GarchFit, garch

if TYPE_CHECKING:
    from convex_research.core.estimates import NotComputed
    from convex_research.returns import AlignedReturns

__all__ = ["garch_legs"]


@lru_cache(maxsize=8)
def _fit(data: bytes) -> GarchFit | NotComputed:
    return garch(np.frombuffer(data, dtype=np.float64))


def garch_legs(
    returns: AlignedReturns,
) -> tuple[GarchFit | NotComputed, GarchFit | NotComputed]:
    """Fit of each leg on the whole sample; equal data are fitted once."""
    return _fit(returns.a.tobytes()), _fit(returns.b.tobytes())
