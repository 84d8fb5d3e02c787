"""The one verdict rule: a region for a parameter, an interval, and three outcomes.

Inside is supported, outside is rejected, across the border is open. "No difference" needs
the 90 % interval inside its margin; a large p-value alone never yields it. A claim that
needs a test uses the p-value adjusted for the page. Sensitivity runs only downgrade.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.claims.claim import Size, Verdict
    from convex_research.core.estimates import Estimate

__all__ = [
    "LEVEL",
    "above",
    "all_of",
    "answered",
    "below",
    "beyond",
    "detectable",
    "downgraded",
    "needs_test",
    "within",
]

LEVEL = 0.05


def _ends(estimate: Estimate) -> tuple[float, float]:
    """Ends of the interval; an open end is infinite, no interval at all tells nothing."""
    low = -math.inf if estimate.low is None else estimate.low
    high = math.inf if estimate.high is None else estimate.high
    return low, high


def above(estimate: Estimate, edge: float) -> Verdict:
    """Whether a parameter is above an edge.

    Examples
    --------
    >>> from convex_research.core.estimates import Estimate
    >>> above(Estimate(value=0.8, low=0.7, high=0.9, confidence_level=0.95, method="x",
    ...                nobs=99), 0.6)
    'supported'
    """
    low, high = _ends(estimate)
    if low > edge:
        return "supported"
    return "rejected" if high < edge else "inconclusive"


def below(estimate: Estimate, edge: float) -> Verdict:
    """Whether a parameter is below an edge."""
    low, high = _ends(estimate)
    if high < edge:
        return "supported"
    return "rejected" if low > edge else "inconclusive"


def beyond(estimate: Estimate, narrow: Estimate, margin: float) -> Verdict:
    """Whether a parameter is farther than a margin from zero, on either side.

    Parameters
    ----------
    estimate : Estimate
        With its 95 % interval.
    narrow : Estimate
        The same with its 90 % interval: two one-sided tests at 5 % for "not beyond".
    margin : float
        Smallest effect of interest.
    """
    low, high = _ends(estimate)
    if low > margin or high < -margin:
        return "supported"
    return "rejected" if _inside(narrow, margin) else "inconclusive"


def within(estimate: Estimate, narrow: Estimate, margin: float) -> Verdict:
    """Whether a parameter is within a margin of zero; the reverse of :func:`beyond`."""
    if _inside(narrow, margin):
        return "supported"
    low, high = _ends(estimate)
    return "rejected" if low > margin or high < -margin else "inconclusive"


def _inside(narrow: Estimate, margin: float) -> bool:
    low, high = _ends(narrow)
    return low > -margin and high < margin


def all_of(*verdicts: Verdict) -> Verdict:
    """Supported if all parts are, rejected if one is (an intersection-union test)."""
    if all(v == "supported" for v in verdicts):
        return "supported"
    return "rejected" if "rejected" in verdicts else "inconclusive"


def needs_test(verdict: Verdict, adjusted: float | None, level: float = LEVEL) -> Verdict:
    """A supported claim stays so only if its adjusted p-value is below the level."""
    if verdict == "supported" and (adjusted is None or adjusted >= level):
        return "inconclusive"
    return verdict


def answered(
    estimate: Estimate, narrow: Estimate, margin: float, adjusted: float | None
) -> tuple[Verdict, Size | None]:
    """Whether there is a change, which a test decides, and what is known of its size.

    Parameters
    ----------
    estimate : Estimate
        The change with its 95 % interval.
    narrow : Estimate
        The same with its 90 % interval: two one-sided tests at 5 % for "no change".
    margin : float
        Smallest change that matters.
    adjusted : float, optional
        The test's p-value after error control.

    Returns
    -------
    verdict : {"supported", "rejected", "inconclusive"}
        Supported by the test; rejected where the 90 % interval lies within the margin.
    size : {"open", "slight"} or None
        Of a change: none where the 95 % interval lies wholly beyond the margin, slight where
        wholly within, open between.
    """
    if adjusted is not None and adjusted < LEVEL:
        sizes: dict[Verdict, Size] = {"inconclusive": "open", "rejected": "slight"}
        return "supported", sizes.get(beyond(estimate, estimate, margin))
    return ("rejected" if _inside(narrow, margin) else "inconclusive"), None


def detectable(estimate: Estimate, edge: float) -> float | None:
    """Parameter whose interval lies beyond an edge in four of five samples like this one.

    Parameters
    ----------
    estimate : Estimate
        Its interval's half-width and standard error say what such a sample can tell.
    edge : float
        Smallest effect of interest, on the side the claim is about.

    Returns
    -------
    float or None
        edge + half-width + 0.84 standard errors: an estimate is normal around the parameter
        and its interval is as wide as here. None without an error or a closed interval.
    """
    if estimate.std_error is None or estimate.high is None or estimate.low is None:
        return None
    return edge + 0.5 * (estimate.high - estimate.low) + 0.8416 * estimate.std_error


def downgraded(verdict: Verdict, runs: Sequence[dict[str, Any]]) -> Verdict:
    """Open when a sensitivity run disagrees; never anything better than before."""
    if verdict in {"supported", "rejected"} and not all(one["agrees"] for one in runs):
        return "inconclusive"
    return verdict
