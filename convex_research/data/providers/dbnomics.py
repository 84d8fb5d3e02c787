"""``dbnomics:PROVIDER/DATASET/SERIES``: one door to statistical offices and central banks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from convex_research.core.errors import printable
from convex_research.data.files.bodies import json_body, period_days, text_dates, value_series
from convex_research.data.http.exchange import HttpRequest, Parsed, Reader, native_parts
from convex_research.data.providers.faults import malformed, no_observations, raise_for_fault
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from datetime import date

    from convex_research.catalogue import Kind
    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["DbnomicsReader"]

_ADDRESS = "https://api.db.nomics.world/v22/series/"
_RATE = re.compile(r"percent|per cent|%|interest rate|yield", re.IGNORECASE)


class _Series(msgspec.Struct):
    period: list[str] = []
    value: list[float | str | None] = []
    series_name: str = ""


class _Found(msgspec.Struct):
    docs: list[_Series]


class _Answer(msgspec.Struct):
    series: _Found


class DbnomicsReader(Reader):
    """DBnomics, which mirrors BIS, Eurostat, IMF, OECD, the World Bank and others."""

    name = "dbnomics"

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002
        """All observations of one series."""
        parts = native_parts(ref.symbol, "PROVIDER/DATASET/SERIES")
        path = "/".join(quote(part, safe="") for part in parts)
        return HttpRequest(url=_ADDRESS + path, params=(("observations", "1"),))

    def parse(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        """Values on the first day of their period; ``NA`` is missing."""
        raise_for_fault(ref, answer)
        found = json_body(ref, answer, _Answer).series.docs
        if not found:
            raise no_observations(ref)
        one = found[0]
        if len(found) > 1 or len(one.period) != len(one.value):
            raise malformed(ref, "it has several series, or not a value for each period.")
        numbers = [None if x == "NA" else x for x in one.value]
        if any(isinstance(x, str) for x in numbers):
            raise malformed(ref, "it has values that are no numbers.")
        values, missing = value_series(ref, text_dates(ref, period_days(one.period)), numbers)
        name = printable(one.series_name)
        kind: Kind = "price" if float(values.min()) > 0 else "level"
        kind = "rate" if _RATE.search(name) else kind
        message = f"Read as a {kind}, by its name and values; ?kind= and ?unit= say otherwise."
        return Parsed(
            values=values,
            missing=missing,
            adjustment="as published, by way of DBnomics",
            licence="DBnomics; the terms are those of the provider that is named first.",
            name=name or None,
            unit="percent" if kind == "rate" else None,
            kind=kind,
            notes=(QualityNote("kind_by_name", "note", message),),
        )
