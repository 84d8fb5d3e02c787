"""``coingecko:bitcoin[?vs=usd]``: daily prices of coins at 00:00 UTC."""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
import pandas as pd

from convex_research.core.errors import BadKey
from convex_research.data.files.bodies import json_body, value_series
from convex_research.data.http.exchange import HttpRequest, Parsed, Reader, native_name
from convex_research.data.providers.faults import fault_in, malformed, no_observations
from convex_research.data.quality.sessions import ALWAYS_OPEN
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["CoingeckoReader"]

_PUBLIC = "https://api.coingecko.com/api/v3"
_PRO = "https://pro-api.coingecko.com/api/v3"
_PRO_KEY = "COINGECKO_PRO_API_KEY"
_DEMO_KEY = "COINGECKO_API_KEY"
_PUBLIC_DAYS = 365
_DAY = 86_400_000  # milliseconds
_CLOSE_TIME = QualityNote(
    "close_time",
    "note",
    "Prices are those at 00:00 UTC, dated as the close of the day before; "
    "New York closes are 19 or 20 hours after that date's 00:00.",
)


class _Chart(msgspec.Struct):
    """Stamps in milliseconds, and prices."""

    prices: list[tuple[Annotated[int, msgspec.Meta(ge=-(10**13), le=10**13)], float | None]]


class CoingeckoReader(Reader):
    """CoinGecko with a paid key, a demo key, or none."""

    name = "coingecko"
    key_variables = (_PRO_KEY, _DEMO_KEY)
    options = frozenset({"vs"})

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002  # the source counts days back from now
        """The last 365 days, more if ``start`` needs it, or all with a paid key.

        CoinGecko itself answers a request beyond the 365 days of free access with the
        limit's own error, so a limit that is lifted one day needs no change here.
        """
        coin, pro = native_name(ref.symbol), _is_paid(ref)
        days = "max" if pro else str(_PUBLIC_DAYS)
        if not pro and start is not None:
            back = (ref.now.astimezone(UTC).date() - start).days + 1
            days = str(max(back, _PUBLIC_DAYS))
        header = "x-cg-pro-api-key" if pro else "x-cg-demo-api-key"
        return HttpRequest(
            url=f"{_PRO if pro else _PUBLIC}/coins/{coin}/market_chart",
            params=(
                ("vs_currency", _versus(ref)),
                *(("days", days), ("interval", "daily"), ("precision", "full")),
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
        rows = json_body(ref, answer, _Chart).prices
        if not rows:
            raise no_observations(ref)
        daily = [(stamp // _DAY - 1, price) for stamp, price in rows if stamp % _DAY == 0]
        if not daily:
            raise malformed(ref, "none of its prices is stamped 00:00 UTC; they are not daily.")
        days, prices = zip(*daily, strict=True)
        dates = pd.DatetimeIndex(np.array(days, "datetime64[D]").astype("datetime64[s]"))
        values, missing = value_series(ref, dates, prices)
        return Parsed(
            values=values,
            missing=missing,
            adjustment="spot price at 00:00 UTC, dated as the close of the day that ends there",
            licence="Data provided by CoinGecko.",
            unit=_versus(ref).upper(),
            kind="price",
            calendar=ALWAYS_OPEN,
            notes=_notes(ref, len(rows) - len(daily), values.index[0].date(), answer),
        )


def _is_paid(ref: Ref) -> bool:
    return ref.key is not None and ref.key.variable == _PRO_KEY


def _versus(ref: Ref) -> str:
    return (ref.symbol.option("vs") or "usd").lower()


def _notes(ref: Ref, dropped: int, first: date, answer: HttpAnswer) -> tuple[QualityNote, ...]:
    notes = [_CLOSE_TIME]
    if dropped:
        message = f"{dropped:,} price{'s' if dropped > 1 else ''} not stamped 00:00 UTC left out."
        notes.append(QualityNote("partial_session", "note", message))
    reach = answer.retrieved_at.date() - timedelta(days=_PUBLIC_DAYS + 2)
    if not _is_paid(ref) and first >= reach:
        message = f"Free access reaches {_PUBLIC_DAYS} days back; the history starts {first}."
        notes.append(QualityNote("history_limit", "note", message))
    return tuple(notes)
