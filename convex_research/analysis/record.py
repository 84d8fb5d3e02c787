"""The record of an analysis: plain JSON, one schema, everything a program may need."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import orjson

from convex_research.analysis.record_parts import PATH_POINTS
from convex_research.analysis.record_types import (
    INSTRUMENT_SCHEMA_NAME,
    METHODS,
    RECORD_TYPES,
    SCHEMA_NAME,
    PairRecord,
)
from convex_research.catalogue.symbols import slugify
from convex_research.core.arrays import evenly
from convex_research.core.errors import ConvexResearchError, printable
from convex_research.core.estimates import Estimate, NotComputed, Result, TestResult, named

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.analysis.section import Curve
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.flags import Flag
    from convex_research.data.series import SeriesData
    from convex_research.returns import AlignedReturns, LegReturns, Sample

__all__ = [
    "build_instrument_record",
    "build_record",
    "by_type",
    "dump_record",
    "leg_part",
    "methods_of",
    "thinned_path",
    "validate_record",
    "versions",
]

_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_VERSIONED = ("convex-research", "numpy", "pandas", "scipy", "statsmodels", "arch", "matplotlib")


@cache
def versions() -> dict[str, str]:
    """Versions of this package and of those that the numbers depend on."""
    return {name: version(name) for name in _VERSIONED}


def leg_part(series: SeriesData) -> dict[str, str]:
    """What a record says of an instrument."""
    known = {name: getattr(series.instrument, name) for name in ("id", "name", "kind", "unit")}
    return {"symbol": series.provenance.symbol, **known}


def build_record(
    returns: AlignedReturns,
    config: AnalysisConfig,
    results: dict[str, Result],
    claims: list[dict[str, Any]],
    kind: str,
    *,
    helpers: Mapping[str, SeriesData] | None = None,
    curves: Mapping[str, Curve] | None = None,
    flags: tuple[Flag, ...] = (),
    screen: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The record of a page of a pair; see ``record.schema.json`` in the package.

    ``screen`` has title and answers of the page's first screen.
    """
    a, b = returns.prices.a, returns.prices.b
    pair = returns.prices.pair
    return {
        "schema": SCHEMA_NAME,
        "methods": METHODS,
        "kind": kind,
        "pair": {
            "slug": pair.slug,
            "category": pair.categorise(),
            "a": leg_part(a),
            "b": leg_part(b),
        },
        "as_of": returns.day(-1).isoformat(),
        **(screen or {}),
        "flags": [str(flag) for flag in flags],
        "config": config.to_dict(),
        "versions": versions(),
        "data": {
            **_sample(returns),
            "dropped": {"a": returns.dropped[0], "b": returns.dropped[1]},
            "outside": {"a": returns.outside[0], "b": returns.outside[1]},
            "a": a.provenance.to_dict(),
            "b": b.provenance.to_dict(),
            "helpers": {
                role: series.provenance.to_dict() for role, series in (helpers or {}).items()
            },
        },
        **by_type(results),
        "claims": claims,
        "series": {key: thinned_path(curve) for key, curve in (curves or {}).items()},
    }


def _sample(returns: Sample) -> dict[str, Any]:
    return {
        "nobs": returns.nobs,
        "start": returns.day(0).isoformat(),
        "end": returns.day(-1).isoformat(),
        "frequency": returns.frequency,
        "periods_per_year": returns.periods_per_year,
        "returns": returns.kind,
        "quality": [
            {"check": q.check, "level": q.level, "message": q.message} for q in returns.quality
        ],
    }


def by_type(results: Mapping[str, Result]) -> dict[str, Any]:
    """Results in the parts of a record."""
    missing = {k: r for k, r in results.items() if isinstance(r, NotComputed)}
    return {
        "estimates": {k: r.to_dict() for k, r in results.items() if isinstance(r, Estimate)},
        "tests": {k: r.to_dict() for k, r in results.items() if isinstance(r, TestResult)},
        "not_computed": {k: named(r.reason) for k, r in missing.items()},
        "not_computed_codes": {k: str(r.code) for k, r in missing.items()},
    }


def thinned_path(curve: Curve, points: int = PATH_POINTS) -> list[list[Any]]:
    """At most ``points`` values of a path, evenly spaced, with its two extremes.

    ISO date and value, four decimals, oldest first.
    """
    defined = np.flatnonzero(np.isfinite(curve.value))
    if not defined.size:
        return []
    value = curve.value[defined]
    even = evenly(defined.size, points - 2)
    shown = defined[np.unique([*even, value.argmin(), value.argmax()])]
    return [[str(curve.dates[i])[:10], round(float(curve.value[i]), 4) + 0.0] for i in shown]


def build_instrument_record(
    returns: LegReturns,
    config: AnalysisConfig,
    results: Mapping[str, Result],
    *,
    flags: tuple[Flag, ...] = (),
    screen: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The record of one instrument; see ``instrument.schema.json`` in the package."""
    instrument = returns.instrument
    return {
        "schema": INSTRUMENT_SCHEMA_NAME,
        "methods": METHODS,
        "kind": "instrument",
        "instrument": {
            **leg_part(returns.series),
            "category": instrument.category,
            "slug": slugify(instrument.id),
        },
        "as_of": returns.day(-1).isoformat(),
        **(screen or {}),
        "flags": [str(flag) for flag in flags],
        "config": config.to_dict(),
        "versions": versions(),
        "data": {
            **_sample(returns),
            "unit": returns.unit,
            "series": returns.series.provenance.to_dict(),
        },
        **by_type(results),
    }


def methods_of(held: Mapping[str, Any]) -> str:
    """How the numbers of a record, or of what was kept of one, were made."""
    return str(held.get("methods") or "1")


def dump_record(record: dict[str, Any]) -> str:
    """The record as text: two-space indent, ASCII, no NaN; the same bytes every time.

    The parts stand in the order of their types and everything in them is sorted, because a notebook
    that carries the record does not keep the order of its keys.
    """
    parts = dict.fromkeys((*RECORD_TYPES[record["schema"]].__annotations__, *sorted(record)))
    # orjson is quick, but would turn NaN into null.
    settled = orjson.loads(json.dumps(record, sort_keys=True, allow_nan=False))
    ordered = {part: settled[part] for part in parts if part in settled}
    text = orjson.dumps(ordered, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    return text if text.isascii() else _NOT_ASCII.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match[0])[1:-1]


def validate_record(record: dict[str, Any]) -> None:
    """Check a record against its types.

    Raises
    ------
    ConvexResearchError
        Naming the place and the problem.
    """
    try:
        msgspec.convert(record, RECORD_TYPES.get(record.get("schema", ""), PairRecord))
    except msgspec.ValidationError as error:
        raise ConvexResearchError(f"invalid record: {printable(error)}") from None
