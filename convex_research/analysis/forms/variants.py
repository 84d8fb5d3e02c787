"""The sample in other forms: half of it, capped, in other returns, by the week."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.analysis.shared_sample import SharedSample, shared_sample
from convex_research.core.estimates import NotComputed
from convex_research.returns import with_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convex_research.core.typing import Array
    from convex_research.returns import AlignedReturns

__all__ = ["FORMS", "variants"]

FORMS = ("lag", "halves", "capped", "returns", "weekly")
"""Kinds of further runs; a statistic may leave out those that make no sense for it."""

# Share of days on either side that is pulled in to the next value.
_CAPPED = 0.005


def variants(
    returns: AlignedReturns,
    helpers: Mapping[str, Any],
    names: tuple[str, ...],
    *,
    weekly: bool,
    understated: bool,
) -> Iterator[tuple[str, SharedSample]]:
    """Every further form of a sample, with its kind; none where the sample itself has none.

    Where daily numbers are ``understated``, weekly ones are worth a look.
    """
    plain = shared_sample(returns, helpers, names, weekly=weekly)
    if isinstance(plain, NotComputed):
        return
    yield "lag", replace(plain, name="with half the memory in the standard error", stretch=0.5)
    yield "lag", replace(plain, name="with twice the memory in the standard error", stretch=2.0)
    half = plain.a.size // 2
    for name, part in (("first", slice(0, half)), ("second", slice(half, plain.a.size))):
        yield "halves", plain.rows(f"in the {name} half of the sample", part)
    name = "with the most extreme moves capped"
    yield "capped", replace(plain, name=name, a=_capped(plain.a), b=_capped(plain.b))
    other_returns = _other_returns(returns)
    if other_returns is not None:
        other = shared_sample(other_returns, helpers, names, weekly=weekly)
        if not isinstance(other, NotComputed):
            yield "returns", replace(other, name=f"on {other_returns.kind} returns")
    if understated and not weekly:
        by_week = shared_sample(returns, helpers, names, weekly=True)
        if not isinstance(by_week, NotComputed):
            yield "weekly", replace(by_week, name="on weekly returns", part=True)


def _other_returns(returns: AlignedReturns) -> AlignedReturns | None:
    """Log returns in place of simple ones, or the reverse; none without a price."""
    prices = [leg.levels.min() for leg in returns.legs if leg.is_price]
    if not prices or min(prices) <= 0.0:
        return None
    return with_kind(returns, "log" if returns.kind == "simple" else "simple")


def _capped(x: Array) -> Array:
    low, high = np.quantile(x, (_CAPPED, 1.0 - _CAPPED))
    return np.asarray(np.clip(x, low, high))
