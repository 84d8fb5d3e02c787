"""Asking the providers of an instrument in order until one answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.catalogue import load_catalogue
from convex_research.core.errors import (
    BadKey,
    DataError,
    ProviderError,
    SourceUnavailable,
    printable,
)
from convex_research.data.clock import first_future_row
from convex_research.data.conversion import converted
from convex_research.data.providers.registry import provider_named
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from convex_research.data.series import SeriesData

__all__ = ["load_in_order"]


def load_in_order(
    name: str,
    start: date | None,
    end: date | None,
    *,
    offline: bool | None = None,
    refresh: bool = False,
) -> SeriesData:
    """The series of the first provider that has it, of a catalogue name or a full symbol.

    Its provenance says who was passed over, and why. A row that lies in the future is marked, not
    refused: another bound may yet leave it out. If none answered, the most telling error is raised
    with the others in its advice.
    """
    catalogue = load_catalogue()
    instrument = catalogue.describe(name)
    failures: list[ProviderError | DataError] = []
    for symbol in catalogue.order(name):
        provider = provider_named(symbol.provider)
        try:
            if hasattr(provider, "confined"):
                provider = provider.confined(offline=offline, refresh=refresh)
            series: SeriesData = provider.load(symbol, instrument, start, end)
        except (ProviderError, DataError) as error:
            failures.append(error)
        else:
            future = series.future or first_future_row(series.values)
            if series.instrument.quoted == "return":
                series = series.compounded()
            series = converted(series, symbol)
            return _recorded(replace(series, future=future), failures)
    raise _most_telling(failures) from None


def _recorded(series: SeriesData, failures: Sequence[ProviderError | DataError]) -> SeriesData:
    if not failures:
        return series
    reasons = tuple(_reason(error) for error in failures)
    listed = "; ".join(reason.rstrip(".") for reason in reasons)
    level = "note" if all(_no_key(error) for error in failures) else "warning"
    note = QualityNote(
        "passed_over",
        level,  # type: ignore[arg-type]  # one of two literals
        f"{series.instrument.name}: {series.provenance.provider} answers. Passed over: {listed}.",
    )
    return replace(
        series,
        provenance=replace(series.provenance, passed_over=reasons),
        quality=(*series.quality, note),
    )


def _reason(error: ProviderError | DataError) -> str:
    if isinstance(error, ProviderError):
        return f"{error.provider}: {printable(error.problem)}"
    return printable(error)


def _no_key(error: ProviderError | DataError) -> bool:
    return isinstance(error, BadKey) and "none is set" in error.problem


def _most_telling(failures: Sequence[ProviderError | DataError]) -> ProviderError | DataError:
    """A source that may come back, else anything but a missing key."""
    first = next(
        (error for error in failures if isinstance(error, SourceUnavailable)),
        next((error for error in failures if not _no_key(error)), failures[0]),
    )
    others = [_reason(error).rstrip(".") for error in failures if error is not first]
    if not others or not isinstance(first, ProviderError):
        return first
    advice = f"{first.advice} Also tried: {'; '.join(others)}.".strip()
    return type(first)(first.provider, first.symbol, first.problem, advice)
