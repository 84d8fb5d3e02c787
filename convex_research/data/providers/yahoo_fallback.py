"""A second way to Yahoo: the yfinance package, where the ``yahoo`` extra is installed.

Yahoo refuses plain clients from some networks. yfinance answers as a browser would; its
table is written back into the chart's own form, so that one parser reads both.
"""

from __future__ import annotations

import importlib.util
import json
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.core.background import Deadline
from convex_research.data.http.exchange import HttpAnswer

if TYPE_CHECKING:
    from convex_research.data.http.exchange import Ref

__all__ = ["ask_yfinance"]

_META = ("currency", "symbol", "exchangeTimezoneName", "instrumentType", "longName", "shortName")


def ask_yfinance(ref: Ref, seconds: float = 60.0) -> HttpAnswer | None:
    """The whole daily history by yfinance, as a chart body.

    There is none if yfinance is not installed, has no answer either or takes too long.
    """
    if importlib.util.find_spec("yfinance") is None:
        return None
    try:
        # Its connection cannot be reached; it ends by its own, longer limits.
        body = Deadline(seconds).call(partial(_ask, ref.symbol.native), lambda: None)
    except Exception:  # noqa: BLE001  # its errors and its libraries' are many; all mean no answer
        return None
    return HttpAnswer(200, body, {}, datetime.now(UTC)) if body else None


def _ask(name: str) -> bytes | None:
    import yfinance

    ticker = yfinance.Ticker(name)
    table = ticker.history(
        period="max", interval="1d", auto_adjust=False, actions=True, raise_errors=True
    )
    return _chart(table, dict(ticker.history_metadata)) if len(table) else None


def _chart(table: Any, said: dict[str, Any]) -> bytes:
    """The table in the form of the chart endpoint."""
    stamps = (table.index.tz_convert("UTC").tz_localize(None).to_numpy()).astype("datetime64[s]")
    seconds = stamps.astype(np.int64).tolist()
    meta = {name: said[name] for name in _META if isinstance(said.get(name), str)}
    meta.setdefault("exchangeTimezoneName", str(table.index.tz))
    events: dict[str, dict[str, Any]] = {"dividends": {}, "splits": {}}
    for at, (cash, split) in enumerate(zip(table["Dividends"], table["Stock Splits"], strict=True)):
        stamp = seconds[at]
        if cash:
            events["dividends"][str(stamp)] = {"date": stamp, "amount": float(cash)}
        if split:
            ratio = {"date": stamp, "numerator": float(split), "denominator": 1}
            events["splits"][str(stamp)] = ratio
    result = {
        "meta": {**meta, "dataGranularity": "1d", "readBy": _name()},
        "timestamp": seconds,
        "events": events,
        "indicators": {
            "quote": [{"close": _cells(table["Close"]), "volume": _cells(table["Volume"])}],
            "adjclose": [{"adjclose": _cells(table["Adj Close"])}],
        },
    }
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()


def _cells(column: Any) -> list[float | None]:
    return [float(x) if np.isfinite(x) else None for x in column]


def _name() -> str:
    try:
        return f"yfinance {version('yfinance')}"
    except PackageNotFoundError:
        return "yfinance"
