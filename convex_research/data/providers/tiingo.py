"""``tiingo:SPY``: end-of-day prices with a key, raw and adjusted, with actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np
import pandas as pd

from convex_research.data.files.bodies import json_body, number_list, text_dates, value_series
from convex_research.data.http.exchange import HttpRequest, Parsed, native_name
from convex_research.data.providers.faults import (
    malformed,
    no_observations,
    raise_for_fault,
    text_fault,
)
from convex_research.data.providers.partial import RECENT, thin_last_session
from convex_research.data.quality.sessions import is_partial
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from datetime import date

    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["TiingoReader"]

_ADDRESS = "https://api.tiingo.com/tiingo/daily/{}/prices"


class TiingoReader:
    """Tiingo's daily prices of stocks and funds listed in the United States."""

    name = "tiingo"
    key_variables = ("TIINGO_API_KEY",)
    key_required = True
    options: frozenset[str] = frozenset()

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002  # the whole history, so that one cached body serves every period
        """All days; without a start date Tiingo sends the latest only."""
        return HttpRequest(
            url=_ADDRESS.format(quote(native_name(ref.symbol, allowed="-._"))),
            params=(
                ("startDate", "1900-01-01"),
                ("resampleFreq", "daily"),
                ("format", "json"),
            ),
            secret_headers=(
                (("Authorization", ref.key.with_scheme("Token")),) if ref.key is not None else ()
            ),
            min_interval=0.2,
        )

    def parse(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        """Adjusted closes, with raw closes, splits and dividends beside them."""
        raise_for_fault(ref, answer)
        if answer.body[:1] not in {b"[", b"{"}:  # its limits are told in plain text
            error = text_fault(ref, answer.body[:300].decode("utf-8", "replace"))
            if error is not None and not answer.body.lstrip().startswith(b"<"):
                raise error
        rows = json_body(ref, answer)
        if not isinstance(rows, list) or not set(map(type, rows)) <= {dict}:
            raise malformed(ref, "it is not a list of days.")
        if not rows:
            raise no_observations(ref)
        raw, adjusted = _column(ref, rows, "close"), _column(ref, rows, "adjClose")
        dates = text_dates(ref, [row.get("date") for row in rows])
        values, missing = value_series(ref, dates, adjusted)
        closes = pd.Series(raw, index=dates).dropna()
        recent = rows[-RECENT:]
        volumes = _column(ref, recent, "volume") if "volume" in rows[-1] else None
        notes: tuple[QualityNote, ...] = ()
        last = values.index[-1].date()
        running = is_partial(last, answer, "America/New_York")
        if len(values) > 1 and (running or thin_last_session(volumes)):
            why = "the session was not over" if running else "its volume is below 40 % of the usual"
            notes = (QualityNote("partial_session", "note", f"{last} left out: {why}."),)
            values, closes = values.iloc[:-1], closes.loc[: values.index[-2]]
        return Parsed(
            values=values,
            missing=missing,
            adjustment="adjusted for splits and dividends",
            licence="Tiingo, under the terms of the user's own key; not to be republished.",
            raw=closes,
            splits=_events(ref, rows, dates, "splitFactor", nothing=1.0),
            dividends=_events(ref, rows, dates, "divCash", nothing=0.0),
            unit="USD",
            kind="price",
            calendar="XNYS",
            notes=notes,
        )


def _column(ref: Ref, rows: list[dict[str, Any]], name: str) -> Any:
    try:
        cells = [row[name] for row in rows]
    except KeyError:
        cells = None
    if cells is None:
        raise malformed(ref, f"a day has no {name}.")
    return number_list(ref, cells, len(rows), what=name)


def _events(
    ref: Ref, rows: list[dict[str, Any]], dates: pd.DatetimeIndex, name: str, *, nothing: float
) -> tuple[tuple[date, float], ...]:
    if name not in rows[0]:
        return ()
    sizes = _column(ref, rows, name)
    at = np.flatnonzero(np.isfinite(sizes) & (sizes != nothing))
    return tuple((dates[int(i)].date(), float(sizes[int(i)])) for i in at)
