"""``yahoo:SPY``: the chart endpoint, with adjusted closes, splits and dividends."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pandas as pd

from convex_research.core.errors import printable
from convex_research.data.clock import GRACE
from convex_research.data.files.bodies import json_body, value_series
from convex_research.data.http.exchange import HttpRequest, Parsed, Reader, native_name
from convex_research.data.providers.faults import malformed, no_observations, raise_for_fault
from convex_research.data.providers.partial import thin_last_session
from convex_research.data.providers.yahoo_fallback import ask_yfinance
from convex_research.data.quality.sessions import ALWAYS_OPEN
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from datetime import tzinfo

    from convex_research.core.typing import Array
    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["YahooReader"]

_ADDRESS = "https://query2.finance.yahoo.com/v8/finance/chart/{}"
_DAY = 86_400
_HOURS = 16 * 3600  # from New York midnight to the close, where the answer does not say

_Stamp = Annotated[int, msgspec.Meta(ge=-(10**10), le=10**11)]  # seconds, in any calendar
_Cells = list[float | None]


class _Quote(msgspec.Struct):
    close: _Cells | None = None
    volume: _Cells | None = None


class _Adjusted(msgspec.Struct):
    adjclose: _Cells | None = None


class _Indicators(msgspec.Struct):
    quote: list[_Quote] = []
    adjclose: list[_Adjusted] = []


class _Event(msgspec.Struct):
    """A dividend's amount, or new shares for old ones."""

    date: _Stamp
    amount: float | None = None
    numerator: float | None = None
    denominator: float | None = None


class _Events(msgspec.Struct):
    splits: dict[str, _Event] = {}
    dividends: dict[str, _Event] = {}


class _Hours(msgspec.Struct):
    end: _Stamp | None = None


class _Periods(msgspec.Struct):
    regular: _Hours | None = None


class _Meta(msgspec.Struct, rename="camel"):
    symbol: str | None = None
    long_name: str | None = None
    short_name: str | None = None
    currency: str | None = None
    instrument_type: str | None = None
    exchange_timezone_name: str = ""
    data_granularity: str = "1d"
    regular_market_time: _Stamp | None = None
    current_trading_period: _Periods | None = None
    read_by: str | None = None


class _Result(msgspec.Struct):
    meta: _Meta = msgspec.field(default_factory=_Meta)
    timestamp: list[_Stamp] | None = None
    indicators: _Indicators = msgspec.field(default_factory=_Indicators)
    events: _Events | None = None


class _Chart(msgspec.Struct):
    result: Annotated[list[_Result], msgspec.Meta(min_length=1)]


class _Body(msgspec.Struct):
    chart: _Chart


class YahooReader(Reader):
    """Yahoo's chart data: unofficial, for personal use."""

    name = "yahoo"

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002
        """Every day there is; ``range=max`` would silently give months."""
        first = 0
        if start is not None and start.year < 1970:
            first = int(datetime(start.year, 1, 1, tzinfo=UTC).timestamp())
        return HttpRequest(
            url=_ADDRESS.format(quote(native_name(ref.symbol))),
            params=(
                ("period1", str(first)),
                ("period2", "9999999999"),
                ("interval", "1d"),
                ("events", "div,splits,capitalGains"),
                ("includePrePost", "false"),
            ),
            min_interval=0.15,
        )

    def second_way(self, ref: Ref) -> HttpAnswer | None:
        """By yfinance, if it is installed; asked when Yahoo refuses this client."""
        return ask_yfinance(ref)

    def parse(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        """Adjusted closes by the session's date in the exchange's own time zone."""
        raise_for_fault(ref, answer)
        result = json_body(ref, answer, _Body).chart.result[0]
        meta, kind = result.meta, result.meta.instrument_type or ""
        if not result.timestamp:  # absent, null or empty: the recorded form of no data
            raise no_observations(ref)
        if meta.data_granularity != "1d":
            raise malformed(ref, f"it is not daily but {printable(meta.data_granularity)}.")
        zone = _zone(ref, meta)
        local = _local(result.timestamp, zone)
        closes, adjusted, volumes = _columns(ref, result, len(local))
        dates = pd.DatetimeIndex((local // _DAY).astype("datetime64[D]").astype("datetime64[s]"))
        live, retrieved = int(local[-1] % _DAY), answer.retrieved_at.astimezone(zone)
        keep, notes = _sessions(dates, live, volumes, meta=meta, retrieved=retrieved)
        chosen, raw = closes, None
        adjustment = "adjusted for splits; no dividend adjustment given"
        if adjusted is not None:
            chosen = np.where(np.isnan(closes), np.nan, adjusted)
            raw = pd.Series(closes[keep], index=dates[keep]).dropna()
            adjustment = "adjusted for splits and dividends"
        if kind in {"CRYPTOCURRENCY", "CURRENCY", "INDEX"}:
            adjustment = "nothing to adjust"
        values, missing = value_series(ref, dates[keep], chosen[keep])
        events = result.events or _Events()
        currency = printable(meta.currency or "", limit=12) or None
        return Parsed(
            values=values,
            missing=missing,
            adjustment=adjustment,
            licence="Yahoo Finance, personal use only; not to be republished.",
            raw=raw,
            splits=_dated(ref, "splits", events.splits, zone),
            dividends=_dated(ref, "dividends", events.dividends, zone),
            name=printable(meta.long_name or meta.short_name or "", limit=80) or None,
            unit="index points" if kind == "INDEX" else currency,
            kind="price",
            calendar=_calendar(kind, zone),
            notes=(*notes, *_said(ref, meta)),
        )


def _zone(ref: Ref, meta: _Meta) -> ZoneInfo:
    try:
        return ZoneInfo(meta.exchange_timezone_name)
    except (KeyError, ValueError, OSError):
        raise malformed(ref, "it does not name the exchange's time zone.") from None


def _local(stamps: list[int], zone: ZoneInfo) -> Any:
    """Stamps as seconds of local time; today's offset would be wrong across summer time."""
    utc = pd.DatetimeIndex(np.array(stamps, "datetime64[s]"), tz="UTC")
    local = utc.tz_convert(zone).tz_localize(None).to_numpy()
    return local.astype("datetime64[s]").astype(np.int64)


def _columns(ref: Ref, result: _Result, length: int) -> tuple[Array, Array | None, Array | None]:
    """Closes, adjusted closes and volumes, NaN where there is none."""
    given = result.indicators
    quotes, adjusted = (given.quote or [_Quote()])[0], (given.adjclose or [_Adjusted()])[0]
    if quotes.close is None:
        raise malformed(ref, "it has timestamps but no closes.")
    columns = (quotes.close, adjusted.adjclose, quotes.volume)
    if any(cells is not None and len(cells) != length for cells in columns):
        raise malformed(ref, "a list of closes or volumes does not hold one number a date.")
    closes, *others = (c if c is None else np.array(c, dtype=np.float64) for c in columns)
    return closes, *others  # type: ignore[return-value]  # the closes are there


def _sessions(
    dates: pd.DatetimeIndex,
    live: int,
    volumes: Array | None,
    *,
    meta: _Meta,
    retrieved: datetime,
) -> tuple[Any, tuple[QualityNote, ...]]:
    """Which rows are closed sessions, and what was left out.

    The last row is a live quote until the close: it may stand beside the session's
    own row, or be that row. ``live`` is its time of day in seconds, ``retrieved`` the
    time of retrieval, both at the exchange.
    """
    keep = np.ones(len(dates), dtype=bool)
    why, last = "", dates[-1].date()
    zone = retrieved.tzinfo
    market = _time(meta.regular_market_time, zone)
    hours = meta.current_trading_period and meta.current_trading_period.regular
    ends = _time(hours.end if hours else None, zone)
    close = _seconds(ends) if ends is not None else _HOURS
    if meta.instrument_type == "CRYPTOCURRENCY":
        close = _DAY
    quoted = market is not None and market.date() == last and _seconds(market) == live
    if len(dates) > 1 and dates[-1] == dates[-2]:
        why = "a live quote beside the session's own row"
    elif retrieved.date() <= last <= retrieved.date() + GRACE:
        over = last == retrieved.date() and _seconds(retrieved) >= close
        why = "" if over else "the session was not over when the data came"
    elif quoted and live < close - 300:  # a quote, where a session has its opening
        why = "it is a quote of the running session"
    elif thin_last_session(volumes):
        why = "its volume is below 40 % of the usual, so the session was running"
    if not why or len(dates) < 2:
        return keep, ()
    keep[-1] = False
    return keep, (QualityNote("partial_session", "note", f"{last} left out: {why}."),)


def _seconds(at: datetime) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def _time(stamp: int | None, zone: tzinfo | None) -> datetime | None:
    return datetime.fromtimestamp(stamp, zone) if stamp is not None else None


def _said(ref: Ref, meta: _Meta) -> list[QualityNote]:
    notes = []
    if meta.symbol is not None and meta.symbol.upper() != ref.symbol.native.upper():
        message = f"The answer names itself {printable(meta.symbol, limit=40)!r}."
        notes.append(QualityNote("other_name", "warning", message))
    if meta.read_by is not None:
        message = f"Yahoo refused a plain request; read by {printable(meta.read_by, limit=40)}."
        notes.append(QualityNote("second_way", "note", message))
    if meta.currency in {"GBp", "GBX", "ZAc", "ILA"}:
        message = f"Prices are in hundredths ({meta.currency}); returns are not affected."
        notes.append(QualityNote("minor_currency", "note", message))
    return notes


def _calendar(kind: str, zone: ZoneInfo) -> str | None:
    if kind == "CRYPTOCURRENCY":
        return ALWAYS_OPEN
    exchange_traded = kind in {"EQUITY", "ETF", "INDEX", "MUTUALFUND"}
    return "XNYS" if exchange_traded and zone.key == "America/New_York" else None


def _dated(
    ref: Ref, what: str, events: dict[str, _Event], zone: ZoneInfo
) -> tuple[tuple[date, float], ...]:
    """Splits as new shares per old, or dividends in cash, by local date."""
    dated = []
    for one in events.values():
        size = one.amount
        if size is None and one.numerator is not None and one.denominator:
            size = one.numerator / one.denominator
        if size is None:
            raise malformed(ref, f"its list of {what} has one without date and number.")
        dated.append((datetime.fromtimestamp(one.date, zone).date(), size))
    return tuple(sorted(dated))
