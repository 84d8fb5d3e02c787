"""The record of an analysis: plain JSON, one schema, everything a program may need."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from convex_research.errors import ConvexResearchError
from convex_research.estimates import Estimate, NotComputed, Result, TestResult

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.catalogue import Instrument
    from convex_research.config import AnalysisConfig
    from convex_research.data.series import SeriesData
    from convex_research.returns import AlignedReturns

__all__ = ["SCHEMA_NAME", "build_record", "dump_record", "load_schema", "validate_record"]

SCHEMA_NAME = "convex-research/1"
_VERSIONED = ("convex-research", "numpy", "pandas", "scipy", "statsmodels", "arch", "matplotlib")


@cache
def _versions() -> dict[str, str]:
    return {name: version(name) for name in _VERSIONED}


def _leg(series: SeriesData) -> dict[str, str]:
    one: Instrument = series.instrument
    return {
        "symbol": series.provenance.symbol,
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "unit": one.unit,
    }


def build_record(
    returns: AlignedReturns,
    config: AnalysisConfig,
    results: dict[str, Result],
    claims: list[dict[str, Any]],
    kind: str,
    *,
    helpers: Mapping[str, SeriesData] | None = None,
) -> dict[str, Any]:
    """Assemble the record.

    Parameters
    ----------
    returns : AlignedReturns
        The sample.
    config : AnalysisConfig
        The choices.
    results : dict of str to Result
        By key.
    claims : list of dict
        Claims in their record form.
    kind : {"correlation", "comparison"}
        Page the record belongs to.
    helpers : mapping of str to SeriesData, optional
        Further series that were used, by role.

    Returns
    -------
    dict
        See ``record.schema.json`` in the package.
    """
    a, b = returns.prices.a, returns.prices.b
    pair = returns.prices.pair
    return {
        "schema": SCHEMA_NAME,
        "kind": kind,
        "pair": {"slug": pair.slug, "category": pair.categorise(), "a": _leg(a), "b": _leg(b)},
        "as_of": returns.day(-1).isoformat(),
        "config": config.to_dict(),
        "versions": _versions(),
        "data": {
            "nobs": returns.nobs,
            "start": returns.day(0).isoformat(),
            "end": returns.day(-1).isoformat(),
            "frequency": returns.frequency,
            "periods_per_year": returns.periods_per_year,
            "returns": returns.kind,
            "dropped": {"a": returns.dropped[0], "b": returns.dropped[1]},
            "outside": {"a": returns.outside[0], "b": returns.outside[1]},
            "quality": [
                {"check": q.check, "level": q.level, "message": q.message} for q in returns.quality
            ],
            "a": a.provenance.to_dict(),
            "b": b.provenance.to_dict(),
            "helpers": {
                role: series.provenance.to_dict() for role, series in (helpers or {}).items()
            },
        },
        "estimates": {k: r.to_dict() for k, r in results.items() if isinstance(r, Estimate)},
        "tests": {k: r.to_dict() for k, r in results.items() if isinstance(r, TestResult)},
        "claims": claims,
        "not_computed": {k: r.reason for k, r in results.items() if isinstance(r, NotComputed)},
    }


def dump_record(record: dict[str, Any]) -> str:
    """The record as text: two-space indent, ASCII, no NaN; the same bytes every time.

    The parts stand in the schema's order and everything in them is sorted, because a
    notebook that carries the record does not keep the order of its keys.
    """
    parts = dict.fromkeys((*load_schema()["required"], *sorted(record)))
    settled = json.loads(json.dumps(record, sort_keys=True, allow_nan=False))
    text = json.dumps({part: settled[part] for part in parts if part in settled}, indent=2)
    return text + "\n"


@cache
def load_schema() -> dict[str, Any]:
    """The JSON schema of records, as shipped with the package."""
    file = resources.files("convex_research.analysis").joinpath("record.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return schema


def validate_record(record: dict[str, Any]) -> None:
    """Check a record against the schema.

    Raises
    ------
    ConvexResearchError
        Naming the place and the problem.
    """
    from jsonschema import Draft202012Validator

    error = next(Draft202012Validator(load_schema()).iter_errors(record), None)
    if error is not None:
        place = "/".join(str(part) for part in error.absolute_path) or "the record"
        raise ConvexResearchError(f"invalid record: {place}: {error.message[:200]}")
