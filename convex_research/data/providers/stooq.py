"""``stooq:spy.us``, ``stooq:^spx``: daily CSV, with a key since 2026."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from convex_research.core.errors import BadKey
from convex_research.data.files.bodies import csv_rows, text_numbers, text_series
from convex_research.data.http.exchange import HttpRequest, Parsed, Reader, native_name
from convex_research.data.providers.faults import malformed, raise_for_fault, text_fault
from convex_research.data.providers.partial import RECENT, closed_sessions
from convex_research.data.quality.sessions import ALWAYS_OPEN
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from datetime import date

    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["StooqReader"]

_MIXED = QualityNote(
    "mixed_adjustment",
    "warning",
    "Stooq adjusts for dividends in some years and not in others; returns on ex-dates may be off.",
)


class StooqReader(Reader):
    """Stooq's daily files; every error comes with status 200."""

    name = "stooq"
    key_variables = ("STOOQ_API_KEY",)

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002
        """The whole daily file."""
        return HttpRequest(
            url="https://stooq.com/q/d/l/",
            params=(("s", native_name(ref.symbol).lower()), ("i", "d")),
            secret_params=(("apikey", ref.key),) if ref.key is not None else (),
        )

    def parse(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        """Closes from ``Date,Open,High,Low,Close[,Volume]``."""
        raise_for_fault(ref, answer)
        _raise_for_text(ref, answer)
        head, rows, notes = csv_rows(ref, answer, frozenset({"date"}))
        names = [name.casefold() for name in head]
        if "close" not in names:
            raise malformed(ref, "it has no Close column.")
        column = names.index("close")
        values, missing = text_series(ref, [r[0] for r in rows], [r[column] for r in rows])
        volumes = None
        if "volume" in names:
            at = names.index("volume")
            volumes = text_numbers(ref, [row[at] for row in rows[-RECENT:]])
        listed, always = (ref.symbol.native.lower().endswith(end) for end in (".us", ".v"))
        zone, close = ("UTC", time.max) if always else ("America/New_York", time(16))
        values, left_out = closed_sessions(values, answer, volumes, zone=zone, close=close)
        adjustment = "adjusted for splits; for dividends in some years only"
        return Parsed(
            values=values,
            missing=missing,
            adjustment=adjustment if listed else "as published",
            licence="Stooq, personal use; not to be republished.",
            unit="USD" if listed else None,
            kind="price",
            calendar=ALWAYS_OPEN if always else "XNYS" if listed else None,
            notes=(*notes, *left_out, *(_MIXED,) * listed),
        )


def _raise_for_text(ref: Ref, answer: HttpAnswer) -> None:
    """Errors are short texts where the file should be."""
    text = answer.body[:4000].decode("utf-8-sig", "replace").strip()
    if text.casefold().startswith("date,"):
        return
    error = None if "<html" in text.casefold() else text_fault(ref, text[:300])
    if error is None and "apikey" in text.casefold().replace(" ", ""):
        advice = "Get one from Stooq, set STOOQ_API_KEY."
        error = BadKey("stooq", ref.symbol.native, "Stooq asks for a key.", advice)
    if error is not None:
        raise error
