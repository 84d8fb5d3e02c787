"""``stooq:spy.us``, ``stooq:^spx``: daily CSV, with a key since 2026."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.core.errors import BadKey
from convex_research.data.files.bodies import csv_rows, text_numbers, text_series
from convex_research.data.http.exchange import HttpRequest, Parsed, native_name
from convex_research.data.providers.faults import malformed, raise_for_fault, text_fault
from convex_research.data.providers.partial import RECENT, thin_last_session
from convex_research.data.quality.sessions import ALWAYS_OPEN, is_partial
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from datetime import date

    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["StooqReader"]

_ADDRESS = "https://stooq.com/q/d/l/"
_ADJUSTMENT = "adjusted for splits; for dividends in some years only"
_MIXED = QualityNote(
    "mixed_adjustment",
    "warning",
    "Stooq adjusts for dividends in some years and not in others; returns on ex-dates may be off.",
)


class StooqReader:
    """Stooq's daily files; every error comes with status 200."""

    name = "stooq"
    key_variables = ("STOOQ_API_KEY",)
    key_required = False
    options: frozenset[str] = frozenset()

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002  # the whole history, so that one cached body serves every period
        """The whole daily file."""
        return HttpRequest(
            url=_ADDRESS,
            params=(("s", native_name(ref.symbol).lower()), ("i", "d")),
            secret_params=(("apikey", ref.key),) if ref.key is not None else (),
            min_interval=0.5,
        )

    def parse(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        """Closes from ``Date,Open,High,Low,Close[,Volume]``."""
        raise_for_fault(ref, answer)
        _raise_for_text(ref, answer)
        head, rows, notes = csv_rows(ref, answer, frozenset({"date"}))
        names = [name.strip().casefold() for name in head]
        if "close" not in names:
            raise malformed(ref, "it has no Close column.")
        column = names.index("close")
        values, missing = text_series(ref, [r[0] for r in rows], [r[column] for r in rows])
        volumes = None
        if "volume" in names:
            at = names.index("volume")
            volumes = text_numbers(ref, [row[at] for row in rows[-RECENT:]])
        last, always = values.index[-1].date(), ref.symbol.native.lower().endswith(".v")
        zone = "UTC" if always else "America/New_York"
        running = is_partial(last, answer, zone) or (always and last == answer.retrieved_at.date())
        if len(values) > 1 and (running or thin_last_session(volumes)):
            why = "the session was not over" if running else "its volume is below 40 % of the usual"
            notes = (*notes, QualityNote("partial_session", "note", f"{last} left out: {why}."))
            values = values.iloc[:-1]
        listed = ref.symbol.native.lower().endswith(".us")
        return Parsed(
            values=values,
            missing=missing,
            adjustment=_ADJUSTMENT if listed else "as published",
            licence="Stooq, personal use; not to be republished.",
            unit="USD" if listed else None,
            kind="price",
            calendar=ALWAYS_OPEN if always else "XNYS" if listed else None,
            notes=(*notes, _MIXED) if listed else notes,
        )


def _raise_for_text(ref: Ref, answer: HttpAnswer) -> None:
    """Errors are short texts where the file should be."""
    text = answer.body[:4000].decode("utf-8-sig", "replace").strip()
    if text.casefold().startswith("date,"):
        return
    error = None if "<html" in text.casefold() else text_fault(ref, text[:300])
    if error is None and "apikey" in text.casefold().replace(" ", ""):
        error = BadKey(
            "stooq",
            ref.symbol.native,
            "Stooq asks for a key.",
            "Get one from Stooq, set STOOQ_API_KEY.",
        )
    if error is not None:
        raise error
