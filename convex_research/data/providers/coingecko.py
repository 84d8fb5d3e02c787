"""``coingecko:bitcoin[?vs=usd]``: daily prices of coins at 00:00 UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from convex_research.core.errors import BadKey
from convex_research.data.files.bodies import json_body, number_list, value_series
from convex_research.data.http.exchange import HttpRequest, Parsed, native_name
from convex_research.data.providers.faults import fault_in, malformed, no_observations
from convex_research.data.quality.sessions import ALWAYS_OPEN
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from datetime import date

    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["CoingeckoReader"]

_PUBLIC = "https://api.coingecko.com/api/v3"
_PRO = "https://pro-api.coingecko.com/api/v3"
_PRO_KEY = "COINGECKO_PRO_API_KEY"
_DEMO_KEY = "COINGECKO_API_KEY"
_PUBLIC_DAYS = 365
_DAY = 86_400_000  # milliseconds


class CoingeckoReader:
    """CoinGecko with a paid key, a demo key, or none."""

    name = "coingecko"
    key_variables = (_PRO_KEY, _DEMO_KEY)
    key_required = False
    options = frozenset({"vs"})

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002  # the source counts days back from now
        """The last 365 days, more if ``start`` needs it, or all with a paid key.

        CoinGecko itself answers a request beyond the 365 days of free access with the
        limit's own error, so a limit that is lifted one day needs no change here.
        """
        coin, versus = native_name(ref.symbol), (ref.symbol.option("vs") or "usd").lower()
        pro = ref.key is not None and ref.key.variable == _PRO_KEY
        days = "max" if pro else str(_PUBLIC_DAYS)
        if not pro and start is not None:
            back = (ref.now.astimezone(UTC).date() - start).days + 1
            days = str(max(back, _PUBLIC_DAYS))
        header = "x-cg-pro-api-key" if pro else "x-cg-demo-api-key"
        return HttpRequest(
            url=f"{_PRO if pro else _PUBLIC}/coins/{coin}/market_chart",
            params=(
                ("vs_currency", versus),
                ("days", days),
                ("interval", "daily"),
                ("precision", "full"),
            ),
            secret_headers=((header, ref.key),) if ref.key is not None else (),
            min_interval=0.15 if pro else 2.1,
        )

    def parse(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        """Prices stamped 00:00:00 UTC of day D, dated as the close of day D - 1."""
        error = fault_in(ref, answer)
        if isinstance(error, BadKey):
            advice = f"A paid key belongs in {_PRO_KEY}, a demo key in {_DEMO_KEY}."
            raise BadKey("coingecko", ref.symbol.native, error.problem, advice)
        if error is not None:
            raise error
        found = json_body(ref, answer)
        rows = found.get("prices") if isinstance(found, dict) else None
        if not isinstance(rows, list):
            raise malformed(ref, "it has no list of prices.")
        if not rows:
            raise no_observations(ref)
        stamps, prices = _columns(ref, rows)
        at_midnight = stamps % _DAY == 0
        if not at_midnight.any():
            raise malformed(ref, "none of its prices is stamped 00:00 UTC; they are not daily.")
        dropped = int((~at_midnight).sum())
        days = (stamps[at_midnight] // _DAY - 1).astype("datetime64[D]")
        dates = pd.DatetimeIndex(days.astype("datetime64[s]"))
        values, missing = value_series(ref, dates, prices[at_midnight])
        versus = (ref.symbol.option("vs") or "usd").upper()
        return Parsed(
            values=values,
            missing=missing,
            adjustment="spot price at 00:00 UTC, dated as the close of the day that ends there",
            licence="Data provided by CoinGecko.",
            unit=versus,
            kind="price",
            calendar=ALWAYS_OPEN,
            notes=_notes(dropped, values.index[0].date(), answer.retrieved_at, ref),
        )


def _columns(ref: Ref, rows: list[Any]) -> tuple[Any, Any]:
    if set(map(type, rows)) != {list} or set(map(len, rows)) != {2}:
        raise malformed(ref, "a price is not a stamp and a number.")
    times, numbers = zip(*rows, strict=True)
    stamps = number_list(ref, list(times), len(rows), what="the list of stamps")
    prices = number_list(ref, list(numbers), len(rows), what="the list of prices")
    if np.isnan(stamps).any() or np.abs(stamps).max() > 1e13 or np.any(stamps % 1):
        raise malformed(ref, "a stamp is not a time in milliseconds.")
    return stamps.astype(np.int64), prices


def _notes(dropped: int, first: date, at: datetime, ref: Ref) -> tuple[QualityNote, ...]:
    message = (
        "Prices are those at 00:00 UTC, dated as the close of the day before; "
        "New York closes are 19 or 20 hours after that date's 00:00."
    )
    notes = [QualityNote("close_time", "note", message)]
    if dropped:
        message = f"{dropped:,} price{'s' if dropped > 1 else ''} not stamped 00:00 UTC left out."
        notes.append(QualityNote("partial_session", "note", message))
    limited = ref.key is None or ref.key.variable != _PRO_KEY
    if limited and first >= at.date() - timedelta(days=_PUBLIC_DAYS + 2):
        message = f"Free access reaches {_PUBLIC_DAYS} days back; the history starts {first}."
        notes.append(QualityNote("history_limit", "note", message))
    return tuple(notes)
