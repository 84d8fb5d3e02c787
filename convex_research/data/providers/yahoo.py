"""``yahoo:SPY``: the chart endpoint, with adjusted closes, splits and dividends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from convex_research.core.errors import printable
from convex_research.data.clock import GRACE
from convex_research.data.files.bodies import json_body, number_list, value_series
from convex_research.data.http.exchange import HttpRequest, Parsed, native_name
from convex_research.data.providers.faults import malformed, no_observations, raise_for_fault
from convex_research.data.providers.partial import thin_last_session
from convex_research.data.providers.yahoo_fallback import ask_yfinance
from convex_research.data.quality.sessions import ALWAYS_OPEN
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from datetime import date, tzinfo

    from convex_research.data.files.bodies import Floats
    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["YahooReader"]

_ADDRESS = "https://query2.finance.yahoo.com/v8/finance/chart/{}"
_DAY = 86_400
_HOURS = 16 * 3600  # from New York midnight to the close, where the answer does not say


class YahooReader:
    """Yahoo's chart data: unofficial, for personal use."""

    name = "yahoo"
    key_variables: tuple[str, ...] = ()
    key_required = False
    options: frozenset[str] = frozenset()

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002  # the whole history, so that one cached body serves every period
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
        result = _result(ref, answer)
        meta = result.get("meta")
        meta = meta if isinstance(meta, dict) else {}
        stamps = result.get("timestamp")
        if not stamps:  # absent, null or empty: the recorded form of no data
            raise no_observations(ref)
        if meta.get("dataGranularity", "1d") != "1d":
            raise malformed(ref, f"it is not daily but {printable(meta['dataGranularity'])}.")
        local, zone = _local(ref, stamps, meta)
        closes, adjusted, volumes = _columns(ref, result, len(local))
        dates = pd.DatetimeIndex((local // _DAY).astype("datetime64[D]").astype("datetime64[s]"))
        live, retrieved = int(local[-1] % _DAY), answer.retrieved_at.astimezone(zone)
        keep, notes = _sessions(dates, live, volumes, meta=meta, retrieved=retrieved)
        notes += _said(ref, meta)
        has_adjusted = adjusted is not None
        chosen = np.where(np.isnan(closes), np.nan, adjusted) if adjusted is not None else closes
        values, missing = value_series(ref, dates[keep], chosen[keep])
        raw = pd.Series(closes[keep], index=dates[keep]).dropna() if has_adjusted else None
        splits, dividends = _events(ref, result, zone)
        kind = str(meta.get("instrumentType", ""))
        adjustment = "adjusted for splits and dividends"
        if not has_adjusted:
            adjustment = "adjusted for splits; no dividend adjustment given"
        if kind in {"CRYPTOCURRENCY", "CURRENCY", "INDEX"}:
            adjustment = "nothing to adjust"
        return Parsed(
            values=values,
            missing=missing,
            adjustment=adjustment,
            licence="Yahoo Finance, personal use only; not to be republished.",
            raw=raw,
            splits=splits,
            dividends=dividends,
            name=printable(meta.get("longName") or meta.get("shortName") or "", limit=80) or None,
            unit=_unit(meta),
            kind="price",
            calendar=_calendar(kind, zone),
            notes=tuple(notes),
        )


def _result(ref: Ref, answer: HttpAnswer) -> dict[str, Any]:
    found = json_body(ref, answer)
    chart = found.get("chart") if isinstance(found, dict) else None
    results = chart.get("result") if isinstance(chart, dict) else None
    if not isinstance(results, list) or not results or not isinstance(results[0], dict):
        raise malformed(ref, "it has no chart result.")
    return results[0]


def _local(ref: Ref, stamps: Any, meta: dict[str, Any]) -> tuple[Any, ZoneInfo]:
    """Stamps as seconds of local time; today's offset would be wrong across summer time."""
    if not isinstance(stamps, list):
        raise malformed(ref, "its timestamps are not a list.")
    seconds = number_list(ref, stamps, len(stamps), what="the list of timestamps")
    if np.isnan(seconds).any() or np.abs(seconds).max() > 1e11 or np.any(seconds % 1):
        raise malformed(ref, "a timestamp is not a time in seconds.")
    name = meta.get("exchangeTimezoneName")
    try:
        zone = ZoneInfo(name) if isinstance(name, str) else None
    except (KeyError, ValueError, OSError):
        zone = None
    if zone is None:
        raise malformed(ref, "it does not name the exchange's time zone.")
    try:
        utc = pd.DatetimeIndex(seconds.astype(np.int64).astype("datetime64[s]"), tz="UTC")
        local = utc.tz_convert(zone).tz_localize(None).to_numpy().astype("datetime64[s]")
    except (ValueError, OverflowError):
        local = None
    if local is None:
        raise malformed(ref, "a timestamp is outside of any calendar.")
    return local.astype(np.int64), zone


def _columns(
    ref: Ref, result: dict[str, Any], length: int
) -> tuple[Floats, Floats | None, Floats | None]:
    indicators = result.get("indicators")
    indicators = indicators if isinstance(indicators, dict) else {}

    def first(name: str) -> dict[str, Any]:
        blocks = indicators.get(name)
        block = blocks[0] if isinstance(blocks, list) and blocks else None
        return block if isinstance(block, dict) else {}

    if "close" not in first("quote"):
        raise malformed(ref, "it has timestamps but no closes.")
    closes = number_list(ref, first("quote")["close"], length, what="the list of closes")
    adjusted = volumes = None
    if first("adjclose").get("adjclose") is not None:
        cells = first("adjclose")["adjclose"]
        adjusted = number_list(ref, cells, length, what="the list of adjusted closes")
    if first("quote").get("volume") is not None:
        volumes = number_list(ref, first("quote")["volume"], length, what="the list of volumes")
    return closes, adjusted, volumes


def _sessions(
    dates: pd.DatetimeIndex,
    live: int,
    volumes: Floats | None,
    *,
    meta: dict[str, Any],
    retrieved: datetime,
) -> tuple[Any, list[QualityNote]]:
    """Which rows are closed sessions, and what was left out.

    The last row is a live quote until the close: it may stand beside the session's
    own row, or be that row. ``live`` is its time of day in seconds, ``retrieved`` the
    time of retrieval, both at the exchange.
    """
    keep = np.ones(len(dates), dtype=bool)
    why, last = "", dates[-1].date()
    twice = len(dates) > 1 and dates[-1] == dates[-2]
    zone = retrieved.tzinfo
    market, ends = _stamp(meta.get("regularMarketTime"), zone), _period_end(meta, zone)
    close = _seconds(ends) if ends is not None else _HOURS
    if meta.get("instrumentType") == "CRYPTOCURRENCY":
        close = _DAY
    quoted = market is not None and market.date() == last and _seconds(market) == live
    if twice:
        why = "a live quote beside the session's own row"
    elif retrieved.date() <= last <= retrieved.date() + GRACE:
        over = last == retrieved.date() and _seconds(retrieved) >= close
        why = "" if over else "the session was not over when the data came"
    elif quoted and live < close - 300:  # a quote, where a session has its opening
        why = "it is a quote of the running session"
    elif thin_last_session(volumes):
        why = "its volume is below 40 % of the usual, so the session was running"
    if not why or len(dates) < 2:
        return keep, []
    keep[-1] = False
    return keep, [QualityNote("partial_session", "note", f"{last} left out: {why}.")]


def _seconds(at: datetime) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def _stamp(value: Any, zone: tzinfo | None) -> datetime | None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**11:
        return None
    try:
        return datetime.fromtimestamp(value, zone)
    except (OverflowError, ValueError, OSError):
        return None


def _period_end(meta: dict[str, Any], zone: tzinfo | None) -> datetime | None:
    periods = meta.get("currentTradingPeriod")
    regular = periods.get("regular") if isinstance(periods, dict) else None
    return _stamp(regular.get("end"), zone) if isinstance(regular, dict) else None


def _said(ref: Ref, meta: dict[str, Any]) -> list[QualityNote]:
    notes = []
    named = meta.get("symbol")
    if isinstance(named, str) and named.upper() != ref.symbol.native.upper():
        message = f"The answer names itself {printable(named, limit=40)!r}."
        notes.append(QualityNote("other_name", "warning", message))
    if isinstance(meta.get("readBy"), str):
        message = f"Yahoo refused a plain request; read by {printable(meta['readBy'], limit=40)}."
        notes.append(QualityNote("second_way", "note", message))
    if meta.get("currency") in {"GBp", "GBX", "ZAc", "ILA"}:
        message = f"Prices are in hundredths ({meta['currency']}); returns are not affected."
        notes.append(QualityNote("minor_currency", "note", message))
    return notes


def _unit(meta: dict[str, Any]) -> str | None:
    if meta.get("instrumentType") == "INDEX":
        return "index points"
    currency = meta.get("currency")
    return printable(currency, limit=12) if isinstance(currency, str) and currency else None


def _calendar(kind: str, zone: ZoneInfo) -> str | None:
    if kind == "CRYPTOCURRENCY":
        return ALWAYS_OPEN
    exchange_traded = kind in {"EQUITY", "ETF", "INDEX", "MUTUALFUND"}
    return "XNYS" if exchange_traded and zone.key == "America/New_York" else None


def _events(
    ref: Ref, result: dict[str, Any], zone: ZoneInfo
) -> tuple[tuple[tuple[date, float], ...], tuple[tuple[date, float], ...]]:
    """Splits as new shares per old, and dividends in cash, by local date."""
    events = result.get("events")
    events = events if isinstance(events, dict) else {}
    found: dict[str, list[tuple[date, float]]] = {"splits": [], "dividends": []}
    for name, listed in found.items():
        entries = events.get(name)
        for one in entries.values() if isinstance(entries, dict) else ():
            day = _stamp(one.get("date"), zone) if isinstance(one, dict) else None
            size = _size(one) if isinstance(one, dict) else None
            if day is None or size is None:
                raise malformed(ref, f"its list of {name} has one without date and number.")
            listed.append((day.date(), size))
    return tuple(sorted(found["splits"])), tuple(sorted(found["dividends"]))


def _size(event: dict[str, Any]) -> float | None:
    numbers = [event.get(key) for key in ("amount", "numerator", "denominator")]
    amount, top, bottom = (
        float(n) if isinstance(n, int | float) and abs(n) < 1e300 else None for n in numbers
    )
    if amount is not None:
        return amount
    return top / bottom if top is not None and bottom else None
