"""Levels into returns, or into differences where they are no prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from convex_research.catalogue.symbols import FILES, as_option
from convex_research.core.errors import DataError

if TYPE_CHECKING:
    from convex_research.catalogue import Instrument
    from convex_research.core.config import ReturnKind
    from convex_research.core.typing import Array, Dates
    from convex_research.data.series import SeriesData

__all__ = ["changes", "check_levels", "difference", "difference_unit"]

_ROUNDING = 1e-9  # changes that differ by less than this share of the level are the same
_RUN = 10  # as many of them running are no coincidence


def difference_unit(instrument: Instrument) -> tuple[float, str]:
    """Scale and unit of differences of a level: basis points for rates in percent.

    Examples
    --------
    >>> from convex_research.catalogue import load_catalogue
    >>> difference_unit(load_catalogue().describe("fred:DGS10"))
    (100.0, 'bp')
    """
    return (100.0, "bp") if instrument.unit == "percent" else (1.0, instrument.unit or "points")


def difference(levels: Array, instrument: Instrument, kind: ReturnKind) -> tuple[Array, str]:
    """Levels into returns, or into differences where they are no prices.

    Returns
    -------
    values : array, shape (T,)
        Of T + 1 levels: P_t / P_{t-1} - 1 or log(P_t / P_{t-1}) for prices, L_t - L_{t-1}
        otherwise; not finite where a price is not positive.
    unit : str
        ``"decimal"``, ``"bp"`` for rates in percent, else the instrument's own unit.
    """
    if instrument.kind != "price":
        scale, unit = difference_unit(instrument)
        return changes(levels, None) * scale, unit
    with np.errstate(divide="ignore", invalid="ignore"):
        return changes(levels, kind), "decimal"


def changes(levels: Array, kind: ReturnKind | None) -> Array:
    """Returns of prices, or differences where there is no kind, without what is only rounding.

    Ten or more changes running that differ by less than 1e-9 of the level are one rate, of which
    rounding makes many: they become equal, and zero where the rate is below that.
    """
    if kind is None:
        values, size = np.diff(levels), np.maximum(np.abs(levels[1:]), np.abs(levels[:-1]))
    else:
        growth = levels[1:] / levels[:-1]
        values, size = np.log(growth) if kind == "log" else growth - 1.0, np.maximum(growth, 1.0)
    error = _ROUNDING * size
    same = np.abs(np.diff(values)) <= error[1:]
    edges = np.flatnonzero(np.diff(np.concatenate(([0], same.astype(np.int8), [0]))))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        run = values[first : last + 1]
        if run.size >= _RUN and np.ptp(run) <= error[first]:
            rate = float(np.median(run))
            run[:] = rate if abs(rate) > error[first] else 0.0
    return values


def check_levels(levels: Array, leg: SeriesData, dates: Dates, kind: ReturnKind) -> None:
    """Refuse levels, of a leg on these dates, that have no returns.

    Raises
    ------
    DataError
        If the series never moves or changes by one rate throughout, or a price is not positive.
    """
    symbol = leg.provenance.symbol
    if levels.max() == levels.min():
        raise DataError(f"{symbol}: the series is constant on the shared dates; it has no returns.")
    if leg.instrument.kind == "price" and levels.min() <= 0.0:
        at = int(np.flatnonzero(levels <= 0.0)[0])
        remedy = "begin after that date"
        if leg.provenance.provider in FILES:
            remedy = f"correct it, or use differences with {as_option(symbol, 'kind', 'level')}"
        raise DataError(
            f"{symbol}: the price is {levels[at]:g} on {dates[at]}; {kind} returns need "
            f"positive prices: {remedy}."
        )
    values, _ = difference(levels, leg.instrument, kind)
    if values.max() == values.min():
        raise DataError(
            f"{symbol}: all changes on the shared dates are equal up to rounding; a series that "
            "does not vary has no correlation."
        )
