"""A cached body and its meaning put together, and what changed since the one before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from convex_research.core.errors import printable
from convex_research.data.quality.values import old_end
from convex_research.data.series import Provenance, QualityNote, SeriesData

if TYPE_CHECKING:
    from convex_research.catalogue import Instrument
    from convex_research.catalogue.symbols import Symbol
    from convex_research.data.cache.store import Entry
    from convex_research.data.http.exchange import Parsed

__all__ = ["assemble", "describe_restatement"]

_SAME = 1e-5  # relative; single-precision closes differ by 1e-7 from answer to answer


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


def describe_restatement(old: Parsed, new: Parsed, entry: Entry) -> str:
    """One sentence on values of the past that differ between two answers, or nothing.

    Closes before dividend adjustment are compared where there are any, because each
    dividend moves every adjusted close before it. The last old value is left out: it
    may have been provisional.
    """
    before = (old.values if old.raw is None else old.raw).iloc[:-1]
    after = new.values if new.raw is None else new.raw
    shared = before.index.intersection(after.index)
    gone = len(before) - len(shared)
    a, b = before.loc[shared].to_numpy(), after.loc[shared].to_numpy()
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-12)
    change = np.abs(b - a) / scale
    moved = np.flatnonzero(change > _SAME)
    if not moved.size and not gone:
        return ""
    parts = []
    if moved.size:
        first = shared[moved[0]].date()
        parts.append(
            f"{moved.size:,} of {len(shared):,} earlier values changed, from {first} on, "
            f"by {100 * float(change.max()):.2g} % at most"
        )
    if gone:
        parts.append(f"{gone:,} earlier dates are gone")
    since = entry.retrieved_at[:10]
    return f"History restated since the answer of {since}: {' and '.join(parts)}."
