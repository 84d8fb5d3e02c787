"""``cboe:VIX``: Cboe's index histories, one file per index."""

from __future__ import annotations

import re
from datetime import time
from typing import TYPE_CHECKING

from convex_research.core.errors import UnknownSeries
from convex_research.data.files.bodies import csv_rows, other_name, text_series
from convex_research.data.http.exchange import HttpRequest, Parsed, Reader, native_name
from convex_research.data.providers.faults import malformed, raise_for_fault
from convex_research.data.providers.partial import closed_sessions

if TYPE_CHECKING:
    from datetime import date

    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["CboeReader"]

_ADDRESS = "https://cdn.cboe.com/api/global/us_indices/daily_prices/{}_History.csv"
_VOLATILITY = re.compile(r"(VIX|VXN|VXD|RVX|VVIX|SKEW|OVX|GVZ|VXAPL|VX[A-Z]*|COR\d|DSPX)\w*")
_PUBLISHED = time(16, 20)  # New York; the closing value is set after 16:15


class CboeReader(Reader):
    """Volatility and strategy indices of Cboe Global Markets."""

    name = "cboe"

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002
        """The index's whole history."""
        index = native_name(ref.symbol, allowed="-_").upper()
        return HttpRequest(url=_ADDRESS.format(index), min_interval=0.1)

    def parse(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        """Closes from ``DATE,OPEN,HIGH,LOW,CLOSE`` or from ``DATE,<index>``."""
        index = ref.symbol.native.upper()
        if answer.status in {403, 404}:  # the store denies what it does not hold
            problem, advice = "Cboe has no such history file.", "Check the index name."
            raise UnknownSeries("cboe", ref.symbol.native, problem, advice)
        raise_for_fault(ref, answer)
        head, rows, notes = csv_rows(ref, answer, frozenset({"date"}))
        names = [name.upper() for name in head]
        if "CLOSE" in names:
            column = names.index("CLOSE")
        elif len(names) == 2:
            column, notes = 1, (*notes, *other_name(head[1], index))
        else:
            raise malformed(ref, "it has neither a CLOSE column nor a single value column.")
        days, closes = [row[0] for row in rows], [row[column] for row in rows]
        values, missing = text_series(ref, days, closes, form="%m/%d/%Y")
        values, left_out = closed_sessions(values, answer, close=_PUBLISHED)
        level = _VOLATILITY.fullmatch(index) is not None
        return Parsed(
            values=values,
            missing=missing,
            adjustment="index level, nothing to adjust",
            licence="Copyright Cboe Global Markets; fetched for the user, not to be republished.",
            name=f"Cboe {index} index",
            unit="points" if level else "index points",
            kind="level" if level else "price",
            notes=(*notes, *left_out),
        )
