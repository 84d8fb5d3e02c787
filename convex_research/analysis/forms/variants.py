"""The sample in other forms: half of it, capped, in other returns, by the week."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.analysis.shared_sample import shared_sample
from convex_research.core.estimates import NotComputed
from convex_research.returns import resample, with_kind
from convex_research.statistics.inference.influence_interval import bartlett_lag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convex_research.core.typing import Array, Dates
    from convex_research.returns import AlignedReturns

__all__ = ["FORMS", "Variant", "closes_apart", "variants"]

FORMS = ("lag", "halves", "capped", "returns", "weekly")
"""Kinds of further runs; a statistic may leave out those that make no sense for it."""

# Share of days on either side that is pulled in to the next value.
_CAPPED = 0.005
# Rows without a partner, beyond which the legs trade on different days.
_OTHER_DAYS = 0.2


@dataclass(frozen=True, slots=True)
class Variant:
    """The sample in one form.

    Parameters
    ----------
    name : str
        What was changed, to be read after "the answer changes".
    part : bool
        Whether the form has fewer data, so that less can be asked of it.
    a, b : array, shape (T,)
        Returns of the legs.
    dates : array of datetime64[D], shape (T,)
        Date on which each return ends.
    others : array, shape (T, k)
        Returns or changes of further series; none without helpers.
    levels : array, shape (T + 1, k)
        Their levels.
    stretch : float
        Factor on the lag of HAC standard errors.
    """

    name: str
    part: bool
    a: Array
    b: Array
    dates: Dates
    others: Array
    levels: Array
    stretch: float = 1.0

    @property
    def level(self) -> float:
        """Confidence level: 0.90 for other forms of all data, 0.95 for parts of them."""
        return 0.95 if self.part else 0.90

    def lag(self, nobs: int | None = None) -> int | None:
        """The Bartlett lag to use on ``nobs`` observations; the usual one where ``None``."""
        if self.stretch == 1.0:
            return None
        usual = bartlett_lag(self.a.size if nobs is None else nobs)
        return max(1, int(self.stretch * usual))

    def rows(self, name: str, part: slice) -> Variant:
        """Some consecutive rows of the sample."""
        last = self.levels[part.start : part.stop + 1]
        return replace(
            self,
            name=name,
            part=True,
            a=self.a[part],
            b=self.b[part],
            dates=self.dates[part],
            others=self.others[part],
            levels=last,
        )


def closes_apart(returns: AlignedReturns) -> bool:
    """Whether daily returns of the legs cover different hours or days."""
    a, b = (leg.instrument.calendar for leg in returns.legs)
    lone = max(max(0, d - o) for d, o in zip(returns.dropped, returns.outside, strict=True))
    return a != b or lone > _OTHER_DAYS * returns.nobs


def variants(
    returns: AlignedReturns, helpers: Mapping[str, Any], names: tuple[str, ...], *, weekly: bool
) -> list[tuple[str, Variant]]:
    """Every further form of a sample, with its kind.

    Parameters
    ----------
    returns : AlignedReturns
        The pair.
    helpers : mapping
        Further series by role.
    names : tuple of str
        Roles wanted besides the pair.
    weekly : bool
        Whether the statistic is on weekly returns anyway.

    Returns
    -------
    list of (str, Variant)
        Kinds are those of :data:`FORMS`. Empty where the sample itself cannot be made.
    """
    plain = _sample(returns, helpers, names, weekly=weekly)
    return [] if plain is None else list(_forms(plain, returns, helpers, names, weekly=weekly))


def _forms(
    plain: Variant,
    returns: AlignedReturns,
    helpers: Mapping[str, Any],
    names: tuple[str, ...],
    *,
    weekly: bool,
) -> Iterator[tuple[str, Variant]]:
    yield "lag", replace(plain, name="with half the memory in the standard error", stretch=0.5)
    yield "lag", replace(plain, name="with twice the memory in the standard error", stretch=2.0)
    half = plain.a.size // 2
    for name, part in (("first", slice(0, half)), ("second", slice(half, plain.a.size))):
        yield "halves", plain.rows(f"in the {name} half of the sample", part)
    capped = [_capped(x) for x in (plain.a, plain.b)]
    name = "with the most extreme moves capped"
    yield "capped", replace(plain, name=name, a=capped[0], b=capped[1])
    differently = _other_returns(returns)
    if differently is not None:
        other = _sample(differently, helpers, names, weekly=weekly)
        if other is not None:
            yield "returns", replace(other, name=f"on {differently.kind} returns")
    if not weekly and returns.frequency == "daily" and closes_apart(returns):
        by_week = _sample(returns, helpers, names, weekly=True)
        if by_week is not None:
            yield "weekly", replace(by_week, name="on weekly returns", part=True)


def _sample(
    returns: AlignedReturns, helpers: Mapping[str, Any], names: tuple[str, ...], *, weekly: bool
) -> Variant | None:
    """The sample as it is, on dates shared with the further series."""
    if names:
        shared = shared_sample(returns, helpers, names, weekly=weekly)
        if isinstance(shared, NotComputed):
            return None
        return Variant(
            name="",
            part=False,
            a=shared.a,
            b=shared.b,
            dates=shared.dates,
            others=shared.others,
            levels=shared.levels,
        )
    sample = resample(returns, "weekly") if weekly else returns
    if isinstance(sample, NotComputed):
        return None
    return Variant(
        name="",
        part=False,
        a=sample.a,
        b=sample.b,
        dates=sample.dates,
        others=np.empty((sample.nobs, 0)),
        levels=np.empty((sample.nobs + 1, 0)),
    )


def _other_returns(returns: AlignedReturns) -> AlignedReturns | None:
    """Log returns in place of simple ones, or the reverse; none without a price."""
    prices = [leg.levels.min() for leg in returns.legs if leg.is_price]
    if not prices or min(prices) <= 0.0:
        return None
    return with_kind(returns, "log" if returns.kind == "simple" else "simple")


def _capped(x: Array) -> Array:
    low, high = np.quantile(x, (_CAPPED, 1.0 - _CAPPED))
    return np.asarray(np.clip(x, low, high))
