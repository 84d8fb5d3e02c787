"""The record as types: what is checked when one is written or read, and what its schema is.

``record.schema.json``, ``instrument.schema.json`` and ``universe.schema.json`` beside this file are
made from it by :func:`write_schemas`; a test holds them equal.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypedDict

import msgspec
from msgspec import Meta

from convex_research.analysis.record_parts import (  # noqa: TC001 - they are read at run time
    ClaimPart,
    Day,
    Edge,
    EstimatePart,
    GroupPart,
    InstrumentPart,
    InstrumentSample,
    Key,
    Member,
    Mover,
    PairPart,
    PairPartOfMany,
    PairSample,
    Points,
    SummaryPart,
    TestPart,
    UniversePart,
    UniverseSample,
    Words,
)
from convex_research.core.estimates import Missing  # noqa: TC001 - as above
from convex_research.core.flags import Flag  # noqa: TC001 - as above

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "INSTRUMENT_SCHEMA_NAME",
    "METHODS",
    "RECORD_TYPES",
    "SCHEMA_NAME",
    "UNIVERSE_SCHEMA_NAME",
    "InstrumentRecord",
    "PairRecord",
    "UniverseRecord",
    "decoder_of",
    "schema_of",
    "write_schemas",
]

SCHEMA_NAME = "convex-research/1"
INSTRUMENT_SCHEMA_NAME = "convex-research/instrument/1"
UNIVERSE_SCHEMA_NAME = "convex-research/universe/1"
METHODS = "2"
"""How intervals, tests and verdicts are made; a record that does not say it is of ``"1"``."""


class PairRecord(TypedDict):
    """The record of a pair, in the order of its parts."""

    schema: Literal["convex-research/1"]
    methods: NotRequired[Words]
    kind: Literal["correlation", "comparison"]
    pair: PairPart
    as_of: Day
    title: NotRequired[Words]
    summary: NotRequired[Annotated[list[SummaryPart], Meta(min_length=5, max_length=5)]]
    flags: NotRequired[list[Flag]]
    config: dict[str, Any]
    versions: dict[str, str]
    data: PairSample
    estimates: dict[Key, EstimatePart]
    tests: dict[Key, TestPart]
    claims: list[ClaimPart]
    not_computed: dict[Key, Words]
    not_computed_codes: NotRequired[dict[Key, Missing]]
    series: NotRequired[dict[Key, Points]]


class InstrumentRecord(TypedDict):
    """The record of one instrument, in the order of its parts."""

    schema: Literal["convex-research/instrument/1"]
    methods: NotRequired[Words]
    kind: Literal["instrument"]
    instrument: InstrumentPart
    as_of: Day
    title: NotRequired[Words]
    summary: NotRequired[Annotated[list[SummaryPart], Meta(min_length=3, max_length=3)]]
    flags: NotRequired[list[Flag]]
    config: dict[str, Any]
    versions: dict[str, str]
    data: InstrumentSample
    estimates: dict[Key, EstimatePart]
    tests: dict[Key, TestPart]
    not_computed: dict[Key, Words]
    not_computed_codes: NotRequired[dict[Key, Missing]]


class UniverseRecord(TypedDict):
    """The record of a universe, in the order of its parts."""

    schema: Literal["convex-research/universe/1"]
    methods: NotRequired[Words]
    kind: Literal["universe"]
    universe: UniversePart
    as_of: Day
    title: Words
    summary: Annotated[list[SummaryPart], Meta(min_length=4, max_length=4)]
    config: dict[str, Any]
    versions: dict[str, str]
    data: UniverseSample
    members: list[Member]
    estimates: dict[Key, EstimatePart]
    not_computed: dict[Key, Words]
    not_computed_codes: NotRequired[dict[Key, Missing]]
    movers: list[Mover]
    groups: list[GroupPart]
    order: list[str]
    component_shares: list[float]
    spanning_tree: list[Edge]
    pairs: list[PairPartOfMany]
    series: dict[Key, Points]


RECORD_TYPES: dict[str, Any] = {
    SCHEMA_NAME: PairRecord,
    INSTRUMENT_SCHEMA_NAME: InstrumentRecord,
    UNIVERSE_SCHEMA_NAME: UniverseRecord,
}
_STEMS = {
    SCHEMA_NAME: ("record", "a pair"),
    INSTRUMENT_SCHEMA_NAME: ("instrument", "one instrument"),
    UNIVERSE_SCHEMA_NAME: ("universe", "a universe"),
}


@cache
def decoder_of(name: str) -> msgspec.json.Decoder[Any]:
    """What reads and checks a record at once; it drops keys that the types do not name."""
    return msgspec.json.Decoder(RECORD_TYPES[name])


def schema_of(name: str = SCHEMA_NAME) -> dict[str, Any]:
    """JSON schema of the records that say ``name`` under ``schema``."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Record of {_STEMS[name][1]}, {name}",
        **msgspec.json.schema(RECORD_TYPES[name]),
    }


def write_schemas(folder: Path) -> None:
    """Write the schemas as they ship with the package, with a line for each part."""
    for name, (stem, _) in _STEMS.items():
        schema = schema_of(name)
        parts = schema.pop("$defs")
        lines = ",\n".join(f"  {json.dumps(k)}: {json.dumps(parts[k])}" for k in sorted(parts))
        text = json.dumps(schema, indent=1)[:-2] + f',\n "$defs": {{\n{lines}\n }}\n}}\n'
        (folder / f"{stem}.schema.json").write_text(text, "utf-8")
