"""Returns over their own changing volatility, so that quiet and wild days count alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.estimates import Missing, NotComputed

if TYPE_CHECKING:
    from convex_research.core.typing import Array

__all__ = ["both_over_own_volatility", "over_own_volatility"]

DECAY = 0.94
_FIRST = 63
# A variance this far below the leg's own is what a long standstill leaves of it.
_STANDSTILL = 1e-12


def over_own_volatility(x: Array) -> Array | NotComputed:
    """A leg less its mean, over its exponentially weighted volatility of the days before.

    x_t / sqrt(v_t) with v_1 the mean of the first 63 squares and v_{t+1} = .94 v_t + .06 x_t^2,
    scale-free. Not computed where the leg stands still for so long that its volatility vanishes.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(7).standard_normal(500)
    >>> bool(np.allclose(over_own_volatility(x), over_own_volatility(100.0 * x + 5.0)))
    True
    """
    from scipy.signal import lfilter

    centred = x - x.mean()
    centred /= np.abs(centred).max()  # keeps squares of tiny and huge values in range
    squares = centred * centred
    first = float(squares[:_FIRST].mean())
    later, _ = lfilter([1.0 - DECAY], [1.0, -DECAY], squares[:-1], zi=[DECAY * first])
    variance = np.concatenate([[first], later])
    if float(variance.min()) <= _STANDSTILL * float(squares.mean()):
        return NotComputed(Missing.NOT_MOVING, "one leg stands still for too long")
    return np.asarray(centred / np.sqrt(variance))


def both_over_own_volatility(a: Array, b: Array) -> tuple[Array, Array] | NotComputed:
    """Both legs over their own volatility; see :func:`over_own_volatility`."""
    u, v = over_own_volatility(a), over_own_volatility(b)
    if isinstance(u, NotComputed):
        return u
    return v if isinstance(v, NotComputed) else (u, v)
