"""``fred:DGS10[?units=pch]``: the JSON API with a key, the graph download without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from convex_research.core.errors import InputError, UnknownSeries, printable
from convex_research.data.files.bodies import csv_rows, json_body, text_series
from convex_research.data.http.exchange import HttpRequest, Parsed, native_name
from convex_research.data.providers.faults import (
    fault_in,
    malformed,
    no_observations,
    raise_for_fault,
)
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from datetime import date

    import pandas as pd

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


class FredReader:
    """Federal Reserve Economic Data."""

    name = "fred"
    key_variables = ("FRED_API_KEY",)
    key_required = False
    options = frozenset({"units"})

    def request(self, ref: Ref, start: date | None, end: date | None) -> HttpRequest:  # noqa: ARG002  # the whole history, so that one cached body serves every period
        """All observations: JSON where there is a key, CSV otherwise."""
        series, units = native_name(ref.symbol), _units(ref)
        if ref.key is None:
            shift = (("transformation", units),) if units != "lin" else ()
            return HttpRequest(url=_GRAPH, params=(("id", series), *shift), min_interval=0.25)
        params = (("series_id", series), ("file_type", "json"))
        return HttpRequest(
            url=f"{_API}/series/observations",
            params=(*params, ("units", units)) if units != "lin" else params,
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
        shown = answer.body[:200].lstrip()
        if answer.status == 200 and not shown.startswith(b"{"):
            return self._from_csv(ref, answer)
        raise_for_fault(ref, answer)
        return self._from_json(ref, answer)

    def parse_metadata(self, ref: Ref, answer: HttpAnswer) -> dict[str, str]:
        """Name, unit and kind from ``/fred/series``.

        Returns
        -------
        dict of str to str
            ``name``, ``unit``, ``kind``, ``frequency`` and ``updated``, as far as given.
        """
        raise_for_fault(ref, answer)
        found = json_body(ref, answer)
        listed = found.get("seriess") if isinstance(found, dict) else None
        one = listed[0] if isinstance(listed, list) and listed else None
        if not isinstance(one, dict):
            raise malformed(ref, "it has no description of the series.")
        metadata = {
            ours: printable(one[theirs])
            for ours, theirs in (
                ("name", "title"),
                ("unit", "units"),
                ("frequency", "frequency"),
                ("updated", "last_updated"),
            )
            if isinstance(one.get(theirs), str) and one[theirs]
        }
        units = _units(ref)
        if units != "lin":
            metadata["unit"] = UNITS[units]
        metadata["kind"] = _kind(ref, metadata.get("unit", ""), metadata.get("name", ""), 1.0)
        return metadata

    def _from_json(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        found = json_body(ref, answer)
        rows = found.get("observations") if isinstance(found, dict) else None
        if not isinstance(rows, list):
            raise malformed(ref, "it has no list of observations.")
        try:
            days = [row["date"] for row in rows]
            numbers = [row["value"] for row in rows]
        except (KeyError, TypeError):
            days, numbers = [0], [0]
        if not {type(cell) for cell in (*days, *numbers)} <= {str}:
            raise malformed(ref, "an observation has no date and value in text.")
        count, notes = found.get("count"), []
        if isinstance(count, int) and count > len(rows):
            message = f"FRED counts {count:,} observations and sent {len(rows):,}."
            notes.append(QualityNote("incomplete_answer", "warning", message))
        return self._parsed(ref, days, numbers, tuple(notes), licence=_LICENCE)

    def _from_csv(self, ref: Ref, answer: HttpAnswer) -> Parsed:
        text = answer.body[:4000].decode("utf-8", "replace")
        if text.lstrip().startswith("<"):
            if _NOT_THERE.search(text):  # the graph page of a series that is not there
                raise UnknownSeries(
                    "fred",
                    ref.symbol.native,
                    "FRED answers with an error page.",
                    "Check the series id.",
                )
            error = fault_in(ref, answer)
            if error is not None:
                raise error
        if answer.body[:2] == b"PK":
            raise malformed(ref, "it is an archive, which FRED sends for mixed frequencies.")
        head, rows, notes = csv_rows(ref, answer, _DATE_NAMES)
        if len(head) != 2:
            raise malformed(ref, f"it has {len(head)} columns instead of date and value.")
        if not head[1].upper().startswith(ref.symbol.native.upper()):
            message = f"The answer names its column {printable(head[1], limit=40)!r}."
            notes = (*notes, QualityNote("other_name", "warning", message))
        days, numbers = [row[0] for row in rows], [row[1] for row in rows]
        return self._parsed(ref, days, numbers, notes, licence=f"{_LICENCE} {_GRAPH_NOTICE}")

    def _parsed(
        self,
        ref: Ref,
        days: list[Any],
        numbers: list[Any],
        notes: tuple[QualityNote, ...],
        *,
        licence: str,
    ) -> Parsed:
        if not days:
            raise no_observations(ref)
        values, missing = text_series(ref, days, numbers)
        units = _units(ref)
        return Parsed(
            values=values,
            missing=missing,
            adjustment=f"as published{', ' + UNITS[units] if UNITS[units] else ''}",
            licence=licence,
            unit=UNITS[units] or None,
            kind=_kind(ref, "", "", _lowest(values)),
            notes=notes,
        )


_LICENCE = "FRED, Federal Reserve Bank of St. Louis; some series are their owners' copyright."
_GRAPH_NOTICE = "Graph download without a key, not an official interface."


def _lowest(values: pd.Series[float]) -> float:
    return float(values.min())


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
