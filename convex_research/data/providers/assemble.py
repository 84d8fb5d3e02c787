"""A cached body and its meaning put together: values, provenance and notes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from convex_research.core.errors import printable
from convex_research.data.quality.values import old_end
from convex_research.data.series import Provenance, QualityNote, SeriesData

if TYPE_CHECKING:
    from convex_research.catalogue import Instrument
    from convex_research.catalogue.symbols import Symbol
    from convex_research.data.cache.store import Entry
    from convex_research.data.http.exchange import Parsed

__all__ = ["assemble"]


def assemble(
    symbol: Symbol, instrument: Instrument, entry: Entry, parsed: Parsed, *, stale: str
) -> SeriesData:
    """A series with all that is known of it.

    ``stale`` says why an expired copy had to do; it is empty if the entry is current.
    """
    shown = printable(symbol.public)
    notes = [_stale_note(shown, entry, stale)] if stale else []
    notes += parsed.notes
    if entry.restated:
        notes.append(QualityNote("restated_history", "note", entry.restated))
    index = parsed.values.index
    provenance = Provenance(
        symbol=symbol.public,
        provider=symbol.provider,
        url=entry.url,
        sha256=entry.sha256,
        adjustment=parsed.adjustment,
        rows=len(parsed.values),
        missing=parsed.missing,
        start=index[0].date(),
        end=index[-1].date(),
        licence=parsed.licence,
        retrieved_at=entry.retrieved_at,
        stale=bool(stale),
    )
    series = SeriesData(
        parsed.values,
        _described(instrument, symbol, parsed),
        provenance,
        tuple(
            note if shown in note.message else replace(note, message=f"{shown}: {note.message}")
            for note in notes
        ),
        raw=parsed.raw,
        splits=parsed.splits,
        dividends=parsed.dividends,
    )
    late = old_end(series, datetime.fromisoformat(entry.checked_at).date())
    return replace(series, quality=(*series.quality, *late))


def _stale_note(shown: str, entry: Entry, why: str) -> QualityNote:
    why = why.rstrip(".")
    message = (
        f"STALE since {entry.checked_at[:16].replace('T', ' ')} UTC: {shown} "
        f"comes from the cache because {why}."
    )
    return QualityNote("stale", "warning", message, why)


def _described(instrument: Instrument, symbol: Symbol, parsed: Parsed) -> Instrument:
    """What the provider says, where neither catalogue nor symbol says it."""
    if instrument.about:
        return instrument
    given = dict(symbol.options)
    changes = {
        field: said
        for field in ("name", "unit", "kind", "calendar")
        if field not in given and (said := getattr(parsed, field))
    }
    return replace(instrument, **changes)
