"""The fixed-b limit law of a t statistic with Bartlett long-run variance.

When the bandwidth is a fixed share b of the sample, the t statistic does not tend to
a normal but to W(1) / sqrt(Q(b)) (Kiefer and Vogelsang 2005, Econometric Theory 21,
1130-1164). Critical values grow with b; using them restores coverage.
"""

from __future__ import annotations

__all__ = ["fixed_b_critical"]

# Cubic response surfaces in b for two-sided critical values
# (Lazarus, Lewis, Stock and Watson 2018; Kiefer and Vogelsang 2005, table 1).
_SURFACES: dict[float, tuple[float, float, float, float]] = {
    0.95: (1.96, 2.9694, 0.4160, -0.5324),
    0.90: (1.6449, 2.1859, 0.3142, -0.3427),
}


def fixed_b_critical(confidence_level: float, b: float) -> float:
    """Two-sided critical value of the fixed-b law with the Bartlett kernel.

    Parameters
    ----------
    confidence_level : float
        0.90 or 0.95.
    b : float
        Bandwidth share (lag + 1) / nobs, in (0, 1].

    Returns
    -------
    float
        The value c with P(|t| <= c) = ``confidence_level`` in the limit.

    Raises
    ------
    ValueError
        If ``b`` is outside (0, 1] or no surface exists for the level.
    """
    if not 0.0 < b <= 1.0:
        raise ValueError(f"b is not in (0, 1]: {b}")
    surface = _SURFACES.get(round(confidence_level, 6))
    if surface is None:
        raise ValueError(f"no critical values for confidence level {confidence_level}")
    c0, c1, c2, c3 = surface
    return c0 + b * (c1 + b * (c2 + b * c3))
