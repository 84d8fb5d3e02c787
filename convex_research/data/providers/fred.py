"""``fred:DGS10[?units=pch]``: the JSON API with a key, the graph download without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from convex_research.core.errors import InputError, UnknownSeries, printable
from convex_research.data.files.bodies import csv_rows, json_body, other_name, text_series
from convex_research.data.http.exchange import HttpRequest, Parsed, Reader, native_name
from convex_research.data.providers.faults import malformed, raise_for_fault
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from datetime import date

    from convex_research.catalogue import Kind
    from convex_research.data.http.exchange import HttpAnswer, Ref

__all__ = ["UNITS", "FredReader"]

_API = "https://api.stlouisfed.org/fred"
_GRAPH = "https://fred.stlouisfed.org/graph/fredgraph.csv"
_DATE_NAMES = frozenset({"date", "observation_date"})
UNITS = {
    "lin": "",
    "chg": "change",
    "ch1": "change from a year ago",
    "pch": "percent change",
    "pc1": "percent change from a year ago",
    "pca": "compounded annual rate of change, percent",
    "cch": "continuously compounded rate of change, percent",
    "cca": "continuously compounded annual rate of change, percent",
    "log": "natural logarithm",
}
_RATE_IDS = re.compile(r"(DGS|DTB|DFF|FEDFUNDS|SOFR|EFFR|DFII|OBFR|IORB|MORTGAGE|AAA\b|BAA\b)")
_SPREAD_IDS = re.compile(r"(T10Y|T5Y|BAML|BAA10Y|AAA10Y|TEDRATE)")
_NOT_THERE = re.compile(
    r"<title[^>]*>[^<]*(404|not found|error)[^<]*</title>|does not exist", re.IGNORECASE
)
_LICENCE = "FRED, Federal Reserve Bank of St. Louis; some series are their owners' copyright."
_GRAPH_NOTICE = "Graph download without a key, not an official interface."


class _Observation(msgspec.Struct):
    date: str
    value: str


class _Observations(msgspec.Struct):
    observations: list[_Observation]
    count: int = 0


class _Description(msgspec.Struct):
    title: str = ""
    units: str = ""


class _Descriptions(msgspec.Struct):
    seriess: list[_Description]


class FredReader(Reader):
    """Federal Reserve Economic Data."""

    name = "fred"
    key_variables = ("FRED_API_KEY",)
    options = frozenset({"units"})

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002
        """All observations: JSON where there is a key, CSV otherwise."""
        series, units = native_name(ref.symbol), _units(ref)
        if ref.key is None:
            shift = (("transformation", units),) if units != "lin" else ()
            return HttpRequest(url=_GRAPH, params=(("id", series), *shift), min_interval=0.25)
        shift = (("units", units),) if units != "lin" else ()
        return HttpRequest(
            url=f"{_API}/series/observations",
            params=(("series_id", series), ("file_type", "json"), *shift),
            secret_params=(("api_key", ref.key),),
        )

    def metadata_request(self, ref: Ref) -> HttpRequest | None:
        """Where the series describes itself; only the keyed API says."""
        if ref.key is None:
            return None
        return HttpRequest(
            url=f"{_API}/series",
            params=(("series_id", native_name(ref.symbol)), ("file_type", "json")),
            secret_params=(("api_key", ref.key),),
        )

    def parse(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        """Observations from JSON, or from CSV by position."""
        if answer.status == 200 and not answer.body[:200].lstrip().startswith(b"{"):
            days, numbers, notes = _from_csv(ref, answer)
            licence = f"{_LICENCE} {_GRAPH_NOTICE}"
        else:
            raise_for_fault(ref, answer)
            days, numbers, notes = _from_json(ref, answer)
            licence = _LICENCE
        values, missing = text_series(ref, days, numbers)
        unit = UNITS[_units(ref)]
        return Parsed(
            values=values,
            missing=missing,
            adjustment=f"as published, {unit}" if unit else "as published",
            licence=licence,
            unit=unit or None,
            kind=_kind(ref, "", "", float(values.min())),
            notes=notes,
        )

    def parse_metadata(self, ref: Ref, answer: HttpAnswer) -> dict[str, str]:
        """``name``, ``unit`` and ``kind`` from ``/fred/series``, as far as given."""
        raise_for_fault(ref, answer)
        listed = json_body(ref, answer, _Descriptions).seriess
        if not listed:
            raise malformed(ref, "it has no description of the series.")
        name = printable(listed[0].title)
        unit = UNITS[_units(ref)] or printable(listed[0].units)
        said = {"name": name, "unit": unit, "kind": _kind(ref, unit, name, 1.0)}
        return {field: words for field, words in said.items() if words}


_Rows = tuple[list[str], list[str], tuple[QualityNote, ...]]


def _from_json(ref: Ref, answer: HttpAnswer) -> _Rows:
    found = json_body(ref, answer, _Observations)
    rows = found.observations
    notes: tuple[QualityNote, ...] = ()
    if found.count > len(rows):
        message = f"FRED counts {found.count:,} observations and sent {len(rows):,}."
        notes = (QualityNote("incomplete_answer", "warning", message),)
    return [row.date for row in rows], [row.value for row in rows], notes


def _from_csv(ref: Ref, answer: HttpAnswer) -> _Rows:
    text = answer.body[:4000].decode("utf-8", "replace")
    if text.lstrip().startswith("<"):
        if _NOT_THERE.search(text):  # the graph page of a series that is not there
            problem, advice = "FRED answers with an error page.", "Check the series id."
            raise UnknownSeries("fred", ref.symbol.native, problem, advice)
        raise_for_fault(ref, answer)
    if answer.body[:2] == b"PK":
        raise malformed(ref, "it is an archive, which FRED sends for mixed frequencies.")
    head, rows, notes = csv_rows(ref, answer, _DATE_NAMES)
    if len(head) != 2:
        raise malformed(ref, f"it has {len(head)} columns instead of date and value.")
    series = ref.symbol.native.upper()
    if not head[1].upper().startswith(series):  # a transformed one has another ending
        notes = (*notes, *other_name(head[1], series))
    return [row[0] for row in rows], [row[1] for row in rows], notes


def _units(ref: Ref) -> str:
    units = (ref.symbol.option("units") or "lin").lower()
    if units not in UNITS:
        raise InputError(
            f"fred: units={printable(units)} is unknown; use one of {', '.join(UNITS)}."
        )
    return units


def _kind(ref: Ref, unit: str, name: str, lowest: float) -> Kind:
    """Rates and spreads by unit or id; what is not positive cannot be a price."""
    series, text = ref.symbol.native.upper(), f"{unit} {name}".casefold()
    if _units(ref) != "lin":
        return "level"
    if _SPREAD_IDS.match(series) or "spread" in text or " minus " in text:
        return "spread"
    if _RATE_IDS.match(series) or unit.casefold() == "percent":
        return "rate"
    return "price" if lowest > 0 else "level"
