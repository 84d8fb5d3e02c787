"""``ecb:EXR/D.USD.EUR.SP00.A``: any series of the European Central Bank's data portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.core.errors import UnknownSeries, printable
from convex_research.data.files.bodies import csv_rows, period_days, text_series
from convex_research.data.http.exchange import HttpRequest, Parsed, Reader, native_parts
from convex_research.data.providers.faults import malformed, raise_for_fault
from convex_research.data.quality.sessions import ECB_FIXING

if TYPE_CHECKING:
    from datetime import date

    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["EcbReader"]

_ADDRESS = "https://data-api.ecb.europa.eu/service/data/"
_LICENCE = "Source: ECB statistics; some series are their owners' copyright."
_UNITS = {"PC": "percent", "PCPA": "percent", "PCCH": "percent", "PURE_NUMB": "number"}


class EcbReader(Reader):
    """The data portal's CSV: a flow and the key of one series in it."""

    name = "ecb"

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002
        """All observations of the series, with its title and unit in every row."""
        path = "/".join(native_parts(ref.symbol, "FLOW/SERIES.KEY"))
        return HttpRequest(url=_ADDRESS + path, params=(("format", "csvdata"),))

    def parse(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        """Values from TIME_PERIOD and OBS_VALUE, what they are from the columns beside."""
        raise_for_fault(ref, answer)
        head, rows, notes = csv_rows(ref, answer, frozenset({"key"}))
        if not {"TIME_PERIOD", "OBS_VALUE"} <= set(head):
            raise malformed(ref, "it has no columns TIME_PERIOD and OBS_VALUE.")
        columns = {name: [row[at] for row in rows] for at, name in enumerate(head)}
        keys = sorted(set(columns["KEY"]))
        if len(keys) > 1:
            problem = f"these are {len(keys):,} series, {printable(keys[0], limit=60)} and others."
            raise UnknownSeries("ecb", ref.symbol.native, problem, "Write every part of the key.")
        values, missing = text_series(
            ref, period_days(columns["TIME_PERIOD"]), columns["OBS_VALUE"]
        )

        def said(name: str) -> str:
            return printable(columns.get(name, [""])[0].strip())

        rate = ref.symbol.native.upper().startswith("EXR/")
        unit = f"{said('CURRENCY')} per {said('CURRENCY_DENOM')}" if rate else said("UNIT")
        power = said("UNIT_MULT") if not rate else ""
        unit = _UNITS.get(unit, unit) + (f", 10^{power}" if power not in {"", "0"} else "")
        percent = unit.startswith("percent")
        return Parsed(
            values=values,
            missing=missing,
            adjustment="as published",
            licence=_LICENCE,
            name=said("TITLE") or None,
            unit=unit or None,
            kind="rate" if percent else "price" if float(values.min()) > 0 else "level",
            calendar=ECB_FIXING if rate and said("FREQ") == "D" else None,
            notes=notes,
        )
