"""The parts that records are made of, as types."""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypeAlias, TypedDict

from msgspec import Meta

from convex_research.core.estimates import Interval, Range  # noqa: TC001 - they are read at run time

__all__ = [
    "KEY_PATTERN",
    "PATH_POINTS",
    "AnswerPvalues",
    "ClaimPart",
    "Count",
    "Counts",
    "Day",
    "Edge",
    "EstimatePart",
    "Frequency",
    "GroupPart",
    "InstrumentPart",
    "InstrumentSample",
    "Key",
    "Leg",
    "Member",
    "Mover",
    "Note",
    "PairPart",
    "PairPartOfMany",
    "PairSample",
    "Points",
    "Provenance",
    "Rows",
    "Run",
    "Sample",
    "Slug",
    "SummaryPart",
    "TestPart",
    "UniversePart",
    "UniverseSample",
    "Words",
]

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


class Member(Leg):
    """An instrument of a universe."""

    data: Provenance


class UniversePart(TypedDict):
    """The universe and the name of its page."""

    slug: Slug
    name: Words
    instruments: Count
    pairs: Count
    asked: list[str]


class UniverseSample(Sample):
    """The observations that instruments share, and what was left out with the reason."""

    shared_by: Count
    skipped: dict[str, Words]


class Mover(TypedDict):
    """A pair that changed beyond chance among all; the interval allows for the choice."""

    a: str
    b: str
    window: Count
    change: float
    low: float
    high: float
    recent: float
    before: float
    pvalue: float
    pvalue_adjusted: float


class GroupPart(TypedDict):
    """Instruments that hold together, that which is nearest to the others first."""

    members: list[str]
    r: float
    stability: float


class PairPartOfMany(TypedDict):
    """A pair of a universe that its page lists."""

    a: str
    b: str
    listed: list[Literal["moved", "strongest", "weakest", "nearest"]]
    r: float
    low: float
    high: float


class Edge(TypedDict):
    """An edge of the spanning tree."""

    a: str
    b: str
    r: float
