"""A second way to Yahoo: the yfinance package, where the ``yahoo`` extra is installed.

Yahoo refuses plain clients from some networks. yfinance answers as a browser would; its
table is written back into the chart's own form, so that one parser reads both.
"""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

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
    """The table in the form of the chart endpoint; what is not finite is null in JSON."""
    stamps = table.index.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[s]")
    seconds = stamps.astype(np.int64).tolist()
    cash, splits = (
        zip(seconds, table[name], strict=True) for name in ("Dividends", "Stock Splits")
    )
    close, volume, adjusted = (table[name].tolist() for name in ("Close", "Volume", "Adj Close"))
    meta = {name: said[name] for name in _META if isinstance(said.get(name), str)}
    meta.setdefault("exchangeTimezoneName", str(table.index.tz))
    result = {
        "meta": {**meta, "dataGranularity": "1d", "readBy": f"yfinance {_version()}".strip()},
        "timestamp": seconds,
        "events": {
            "dividends": {str(at): {"date": at, "amount": float(x)} for at, x in cash if x},
            "splits": {
                str(at): {"date": at, "numerator": float(x), "denominator": 1}
                for at, x in splits
                if x
            },
        },
        "indicators": {
            "quote": [{"close": close, "volume": volume}],
            "adjclose": [{"adjclose": adjusted}],
        },
    }
    return orjson.dumps({"chart": {"result": [result], "error": None}})


def _version() -> str:
    try:
        return version("yfinance")
    except PackageNotFoundError:
        return ""
