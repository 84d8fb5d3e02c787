"""The record as types: what is checked when one is written or read, and what its schema is.

``record.schema.json`` and ``instrument.schema.json`` beside this file are made from it by
:func:`write_schemas`; a test holds them equal.
"""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, NotRequired, TypeAlias, TypedDict

import msgspec
from msgspec import Meta

from convex_research.core.estimates import Interval, Missing, Range  # noqa: TC001 - they are read at run time
from convex_research.core.flags import Flag  # noqa: TC001 - as above

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "INSTRUMENT_SCHEMA_NAME",
    "KEY_PATTERN",
    "METHODS",
    "RECORD_TYPES",
    "SCHEMA_NAME",
    "InstrumentRecord",
    "PairRecord",
    "decoder_of",
    "schema_of",
    "write_schemas",
]

SCHEMA_NAME = "convex-research/1"
INSTRUMENT_SCHEMA_NAME = "convex-research/instrument/1"
METHODS = "2"
"""How intervals, tests and verdicts are made; a record that does not say it is of ``"1"``."""
KEY_PATTERN = r"^[a-z_]+\.[a-z0-9_]+(\[[^\]]+\])?$"
PATH_POINTS = 60

Key: TypeAlias = Annotated[str, Meta(pattern=KEY_PATTERN)]
Day: TypeAlias = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Slug: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9-]+$")]
Words: TypeAlias = Annotated[str, Meta(min_length=1)]
Count: TypeAlias = Annotated[int, Meta(ge=1)]
Rows: TypeAlias = Annotated[int, Meta(ge=0)]
Frequency: TypeAlias = Literal["daily", "weekly", "monthly", "quarterly", "yearly"]


class Leg(TypedDict):
    """One leg of a pair; ``page`` is the name of its page where it is not the plain one."""

    symbol: str
    id: str
    name: str
    kind: Literal["price", "rate", "spread", "level"]
    unit: str
    page: NotRequired[Slug]


class PairPart(TypedDict):
    """The pair and the folder of its pages."""

    slug: Slug
    category: str
    a: Leg
    b: Leg


class InstrumentPart(Leg):
    """The instrument and the name of its page."""

    category: str
    slug: Slug


class Note(TypedDict):
    """What was found in the data."""

    check: str
    level: Literal["note", "warning", "refuse"]
    message: str


class Provenance(TypedDict):
    """Where a series came from."""

    symbol: NotRequired[str]
    provider: str
    url: str
    retrieved_at: str | None
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    stale: bool
    adjustment: str
    rows: Count
    missing: NotRequired[Rows]
    start: Day
    end: Day
    licence: str
    passed_over: NotRequired[list[str]]


class Counts(TypedDict):
    """A number of rows of each leg."""

    a: Rows
    b: Rows


class Sample(TypedDict):
    """The observations that everything rests on."""

    nobs: Count
    start: Day
    end: Day
    frequency: Frequency
    periods_per_year: NotRequired[int]
    returns: Literal["simple", "log"]
    quality: list[Note]


class PairSample(Sample):
    """The observations that two legs share."""

    dropped: Counts
    outside: NotRequired[Counts]
    a: Provenance
    b: Provenance
    helpers: NotRequired[dict[str, Provenance]]


class InstrumentSample(Sample):
    """The observations of one instrument."""

    unit: str
    series: Provenance


class EstimatePart(TypedDict):
    """A number with its interval; see :class:`~convex_research.core.estimates.Estimate`."""

    value: float
    std_error: float | None
    low: float | None
    high: float | None
    confidence_level: float | None
    method: Words
    nobs: Count
    start: Day | None
    end: Day | None
    unit: str
    day: NotRequired[Day]
    bound: NotRequired[Literal["unbounded"]]
    interval: NotRequired[Interval]
    range: NotRequired[Range]
    text: NotRequired[str]
    flags: NotRequired[list[str]]
    carrying_days: NotRequired[float]


class TestPart(TypedDict):
    """A test; see :class:`~convex_research.core.estimates.TestResult`."""

    statistic: float
    pvalue: Annotated[float, Meta(ge=0, le=1)]
    pvalue_bound: NotRequired[Literal["<", ">", "<="]]
    null: str
    alternative: str
    distribution: NotRequired[str]
    nobs: Count
    start: NotRequired[Day | None]
    end: NotRequired[Day | None]
    flags: NotRequired[list[str]]


class Run(TypedDict):
    """What a claim would be if it were computed in another way."""

    run: Words
    form: NotRequired[Literal["lag", "halves", "capped", "returns", "weekly", "choice"]]
    key: NotRequired[Key]
    value: float
    unit: str
    low: NotRequired[float | None]
    high: NotRequired[float | None]
    confidence_level: NotRequired[float | None]
    nobs: NotRequired[Count]
    verdict: NotRequired[Literal["supported", "rejected", "inconclusive"]]
    agrees: bool


class AnswerPvalues(TypedDict):
    """One p-value for each answer of a claim."""

    supported: Annotated[float, Meta(ge=0, le=1)]
    rejected: Annotated[float, Meta(ge=0, le=1)]


class ClaimPart(TypedDict):
    """A claim with its verdict, its sentence and what it rests on."""

    id: str
    question: NotRequired[Words]
    answer: NotRequired[Literal["yes", "slightly", "no", "open", "untested"]]
    word: NotRequired[Words]
    verdict: Literal["supported", "rejected", "inconclusive", "not tested"]
    text: Words
    evidence: list[Key]
    pvalue: Annotated[float, Meta(ge=0, le=1)] | None
    pvalue_adjusted: Annotated[float, Meta(ge=0, le=1)] | None
    discovered: NotRequired[bool]
    pvalues: NotRequired[AnswerPvalues | None]
    sensitivity: list[Run]
    size: NotRequired[Literal["open", "slight"]]
    opened: NotRequired[list[Literal["heavy_tails", "further_runs"]]]


class SummaryPart(TypedDict):
    """An answer of a first screen; see :class:`~convex_research.claims.answer.Answer`."""

    id: str
    question: Words
    answer: Words
    word: Words
    number: str | None
    ends: str | None
    key: NotRequired[str]
    label: str
    window: str
    range: Literal["interval", "usual", "forecast", "chance", "observed"]
    way: Literal["", "closer", "looser"]
    sentence: Words
    text: Words
    keys: list[Key]


Points: TypeAlias = Annotated[list[tuple[Day, float]], Meta(max_length=PATH_POINTS)]


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


RECORD_TYPES: dict[str, Any] = {SCHEMA_NAME: PairRecord, INSTRUMENT_SCHEMA_NAME: InstrumentRecord}


@cache
def decoder_of(name: str) -> msgspec.json.Decoder[Any]:
    """What reads and checks a record at once; it drops keys that the types do not name."""
    return msgspec.json.Decoder(RECORD_TYPES[name])


def schema_of(name: str = SCHEMA_NAME) -> dict[str, Any]:
    """JSON schema of the records that say ``name`` under ``schema``."""
    about = "one instrument" if name == INSTRUMENT_SCHEMA_NAME else "a pair"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Record of {about}, {name}",
        **msgspec.json.schema(RECORD_TYPES[name]),
    }


def write_schemas(folder: Path) -> None:
    """Write the schemas as they ship with the package, with a line for each part."""
    for name, stem in ((SCHEMA_NAME, "record"), (INSTRUMENT_SCHEMA_NAME, "instrument")):
        schema = schema_of(name)
        parts = schema.pop("$defs")
        lines = ",\n".join(f"  {json.dumps(k)}: {json.dumps(parts[k])}" for k in sorted(parts))
        text = json.dumps(schema, indent=1)[:-2] + f',\n "$defs": {{\n{lines}\n }}\n}}\n'
        (folder / f"{stem}.schema.json").write_text(text, "utf-8")
