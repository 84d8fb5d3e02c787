"""``tiingo:SPY``: end-of-day prices with a key, raw and adjusted, with actions."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
import pandas as pd

from convex_research.data.files.bodies import json_body, text_dates, value_series
from convex_research.data.http.exchange import HttpRequest, Parsed, Reader, native_name
from convex_research.data.providers.faults import no_observations, raise_for_fault, text_fault
from convex_research.data.providers.partial import RECENT, closed_sessions

if TYPE_CHECKING:
    from datetime import date

    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["TiingoReader"]

_ADDRESS = "https://api.tiingo.com/tiingo/daily/{}/prices"


class _Day(msgspec.Struct, rename="camel"):
    """What is read of a day."""

    date: str
    close: float | None
    adj_close: float | None
    volume: float | None = None
    split_factor: float | None = None
    div_cash: float | None = None


class TiingoReader(Reader):
    """Tiingo's daily prices of stocks and funds listed in the United States."""

    name = "tiingo"
    key_variables = ("TIINGO_API_KEY",)
    key_required = True

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002
        """All days; without a start date Tiingo sends the latest only."""
        key = (("Authorization", ref.key.with_scheme("Token")),) if ref.key is not None else ()
        return HttpRequest(
            url=_ADDRESS.format(quote(native_name(ref.symbol, allowed="-._"))),
            params=(("startDate", "1900-01-01"), ("resampleFreq", "daily"), ("format", "json")),
            secret_headers=key,
            min_interval=0.2,
        )

    def parse(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        """Adjusted closes, with raw closes, splits and dividends beside them."""
        raise_for_fault(ref, answer)
        if answer.body[:1] not in {b"[", b"{"}:  # its limits are told in plain text
            error = text_fault(ref, answer.body[:300].decode("utf-8", "replace"))
            if error is not None and not answer.body.lstrip().startswith(b"<"):
                raise error
        rows = json_body(ref, answer, list[_Day])
        if not rows:
            raise no_observations(ref)
        dates = text_dates(ref, [row.date for row in rows])
        values, missing = value_series(ref, dates, [row.adj_close for row in rows])
        values, notes = closed_sessions(values, answer, [row.volume for row in rows[-RECENT:]])
        closes = pd.Series([row.close for row in rows], index=dates, dtype="float64").dropna()
        days = [day.date() for day in dates]
        splits = [(day, row.split_factor) for day, row in zip(days, rows, strict=True)]
        dividends = [(day, row.div_cash) for day, row in zip(days, rows, strict=True)]
        return Parsed(
            values=values,
            missing=missing,
            adjustment="adjusted for splits and dividends",
            licence="Tiingo, under the terms of the user's own key; not to be republished.",
            raw=closes.loc[: values.index[-1]],
            splits=tuple((day, size) for day, size in splits if size not in {None, 1.0}),
            dividends=tuple((day, size) for day, size in dividends if size),
            unit="USD",
            kind="price",
            calendar="XNYS",
            notes=notes,
        )
