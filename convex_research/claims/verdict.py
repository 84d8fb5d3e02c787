"""The one verdict rule: two p-values, one for each answer, under one error control.

Yes needs the p-value of its null; no needs one of its own, that of an effect as large as the
margin: a large p-value alone never yields it. Whatever error control over the page does not
find is open. Intervals say how large an effect is. Sensitivity runs only downgrade.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from convex_research.statistics.inference.edge import effect_found, pvalue_above, pvalue_below
from convex_research.statistics.many.closed import closed_discoveries
from convex_research.statistics.many.step_up import harmonic, stepped_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from convex_research.claims.claim import Size, Verdict
    from convex_research.core.estimates import Estimate
    from convex_research.statistics.inference.edge import Scale

__all__ = [
    "ANSWERS",
    "LEVEL",
    "ON_PAGE",
    "Control",
    "Pvalues",
    "above",
    "below",
    "beyond",
    "detectable",
    "downgraded",
    "size_of",
    "within",
]

LEVEL = 0.05
ON_PAGE = 10
"""Benjamini and Yekutieli, who have found 8 of the 25 claims of a page, find the next at a tenth of
the level; the closed procedure asks no more."""
ANSWERS: tuple[Verdict, Verdict] = ("supported", "rejected")
"""In the order of :class:`Pvalues`."""


class Pvalues(NamedTuple):
    """One p-value for each answer of a claim.

    Parameters
    ----------
    supported, rejected : float
        Of the hypothesis that must be wrong for the claim to hold, and to fail.
    """

    supported: float
    rejected: float

    @classmethod
    def of_side(cls, estimate: Estimate, edge: float, scale: Scale = "identity") -> Self:
        """Whether a parameter is above an edge or below it, two-sided as its interval is."""
        sides = pvalue_above(estimate, edge, scale), pvalue_below(estimate, edge, scale)
        return cls(*(min(2.0 * p, 1.0) for p in sides))

    @classmethod
    def of_effect(
        cls, estimate: Estimate, margin: float, scale: Scale = "identity", null: float = 0.0
    ) -> Self:
        """Whether there is an effect above ``null``, two-sided, or none as large as a margin."""
        effect = min(2.0 * pvalue_above(estimate, null, scale), 1.0)
        return cls(effect, pvalue_below(estimate, margin, scale))

    @classmethod
    def of_change(
        cls,
        estimate: Estimate,
        margin: float,
        test: float | None = None,
        scale: Scale = "identity",
    ) -> Self:
        """Whether there is an effect on either side of zero, or none as large as a margin.

        Parameters
        ----------
        estimate : Estimate
            The effect with its interval.
        margin : float
            Smallest effect that matters.
        test : float, optional
            p-value of no effect; two-sided, from the interval, by default.
        scale : Scale
            On which the interval is symmetric.
        """
        if test is None:
            one = min(pvalue_above(estimate, 0.0, scale), pvalue_below(estimate, 0.0, scale))
            test = min(2.0 * one, 1.0)
        least, most = pvalue_above(estimate, -margin, scale), pvalue_below(estimate, margin, scale)
        return cls(test, max(least, most))

    @classmethod
    def of_all(cls, *parts: Pvalues) -> Self:
        """Of a claim that holds when all parts hold, and fails with one (Bonferroni)."""
        fails = len(parts) * min(part.rejected for part in parts)
        return cls(max(part.supported for part in parts), min(fails, 1.0))

    def reversed(self) -> Pvalues:
        """Of a claim that asserts the absence of an effect."""
        return Pvalues(self.rejected, self.supported)


class Control(NamedTuple):
    """What error control over many claims leaves of one.

    Parameters
    ----------
    nearer : {"supported", "rejected"}
        The answer with the smaller p-value, which stands for the claim among the others.
    discovered : bool
        Whether that answer is found.
    adjusted : Pvalues
        Benjamini and Yekutieli's, each answer's as if it stood for the claim.
    """

    nearer: Verdict
    discovered: bool
    adjusted: Pvalues


def controlled(family: Sequence[Pvalues], *, alpha: float = LEVEL) -> list[Control]:
    """Closed Benjamini-Yekutieli over claims of two answers, of which at most one is wrong.

    Parameters
    ----------
    family : sequence of Pvalues, length K
        Both p-values of each claim. What they speak against, no effect and one as large as
        matters, is never both true: a claim brings one true hypothesis into the family at
        most, and a false answer needs that one's own p-value to be small.
    alpha : float
        Share of false answers that is held.

    Notes
    -----
    For what Benjamini and Yekutieli's procedure finds the share is proved under any dependence
    (each true hypothesis has its own p-value, whichever answer stands for the claim; Blanchard
    and Roquain 2008); for what the closed one adds it is simulated on whole pages.
    """
    smaller = [min(both) for both in family]
    prior = harmonic(len(family)) if family else []
    found = closed_discoveries(smaller, alpha=alpha)
    adjusted = stepped_up(smaller, prior)
    controls = []
    for both, discovered, p in zip(family, found, adjusted, strict=True):
        at = both.index(min(both))
        other = max(p, min(1.0, both[1 - at] * len(family) / prior[0]))
        ordered = Pvalues(p, other) if at == 0 else Pvalues(other, p)
        controls.append(Control(ANSWERS[at], discovered, ordered))
    return controls


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


def beyond(estimate: Estimate, margin: float) -> Verdict:
    """Whether a parameter is farther than a margin, the smallest effect of interest, from zero."""
    low, high = _ends(estimate)
    if low > margin or high < -margin:
        return "supported"
    return "rejected" if low > -margin and high < margin else "inconclusive"


def within(estimate: Estimate, margin: float) -> Verdict:
    """Whether a parameter is within a margin of zero; the reverse of :func:`beyond`."""
    reverse: dict[Verdict, Verdict] = {"supported": "rejected", "rejected": "supported"}
    return reverse.get(beyond(estimate, margin), "inconclusive")


def size_of(estimate: Estimate, margin: float) -> Size | None:
    """What is known of the size of an effect that a test has shown.

    Returns
    -------
    {"open", "slight"} or None
        None where the interval lies wholly beyond the margin, slight where wholly within it,
        open between.
    """
    sizes: dict[Verdict, Size] = {"inconclusive": "open", "rejected": "slight"}
    return sizes.get(beyond(estimate, margin))


def detectable(estimate: Estimate, null: float, tails: int) -> float | None:
    """Parameter that error control finds in four of five samples like this one.

    Parameters
    ----------
    estimate : Estimate
        Its interval and standard error say what such a sample can tell.
    null : float
        Where there is no effect, on the side the claim is about.
    tails : int
        One-sided tests that share the level: two for an effect on either side.

    Returns
    -------
    float or None
        From ``null`` as far as a one-sided test at ``LEVEL / ON_PAGE / tails`` finds it in four
        of five samples. None without a closed interval.
    """
    distance = effect_found(estimate, LEVEL / ON_PAGE / tails, 0.8)
    return None if distance is None else null + distance


def downgraded(verdict: Verdict, runs: Sequence[dict[str, Any]]) -> Verdict:
    """Open when a sensitivity run disagrees; never anything better than before."""
    if verdict in {"supported", "rejected"} and not all(one["agrees"] for one in runs):
        return "inconclusive"
    return verdict
