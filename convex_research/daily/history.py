"""The append-only table of daily records: one Parquet file a month.

What a day published stays as it was, whatever providers restate later. Each day is also kept
by itself as compressed JSON; a month whose file is damaged is set aside and made again from
these.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from convex_research.analysis.record import methods_of
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import InputError, printable
from convex_research.core.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from convex_research.daily.watch.look import Watched

__all__ = ["HISTORY_SCHEMA", "History", "Row", "daily_rows"]

HISTORY_SCHEMA = "convex-research/history/1"
_META = b"convex_research_schema"
_DAYS = "_days"  # readers of Parquet folders pass over what begins like this
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Row(NamedTuple):
    """One number, or one verdict, of one pair on one day.

    Parameters
    ----------
    as_of : str
        Last date of the pair's data, ISO.
    slug, key : str
        The pair, and the record's key; a claim's is ``claim.`` and its id.
    value, low, high, pvalue : float or None
        An estimate with its interval; of a test the statistic and its p-value.
    text : str
        A claim's verdict; the last date of an extreme.
    """

    as_of: str
    slug: str
    key: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    pvalue: float | None = None
    text: str = ""


_TEXTS = ("published", "as_of", "slug", "key", "text")
_TYPES = {name: "str" if name in _TEXTS else "float64" for name in ("published", *Row._fields)}


class _UnreadableError(ValueError):
    """Why a file cannot be used."""


def _estimates(config: AnalysisConfig) -> tuple[str, ...]:
    """Keys of the estimates that are kept; the windows are those of the configuration."""
    year, rolling, recent = config.year, config.rolling_window, config.recent_window
    return (
        *(f"correlation.pearson[{w}]" for w in (*config.windows, "all")),
        *(f"correlation.spearman[{year}]", f"correlation.kendall[{year}]"),
        *("correlation.synchronised[all]", "correlation.weekly[all]"),
        *("correlation.ewma[0.94]", f"regression.beta[{year}]"),
        *(f"regression.beta_reverse[{year}]", f"regression.rsquared[{year}]"),
        *(f"volatility.annual_a[{year}]", f"volatility.annual_b[{year}]"),
        *(f"rolling.pearson_{end}[{rolling}]" for end in ("min", "max", "min_5y", "max_5y")),
        *("rolling.null_percentile", f"recent.difference[{recent}]"),
        *(f"recent.recent[{recent}]", f"recent.preceding[{recent}]"),
        *("stability.breaks", "dynamics.dcc_last", "dynamics.kalman_beta"),
        *("forecast.pearson[21]", "spread.zscore", "spread.ratio"),
        *("spread.volatility[252]", "spread.tracking_error[252]", "cointegration.half_life"),
        *("hedge.ratio[all]", "hedge.effectiveness_out", "performance.last_a"),
        *("performance.last_b", "performance.relative_strength[252]"),
    )


def _tests(config: AnalysisConfig) -> tuple[str, ...]:
    """Keys of the tests that are kept."""
    rolling = config.rolling_window
    return (
        *("recent.fisher", "stability.cusum_r"),
        *(f"rolling.pearson_{end}_test[{rolling}]" for end in ("min", "max")),
        *("cointegration.engle_granger[aic]", "regimes.equality"),
    )


def daily_rows(record: Mapping[str, Any], seen: Watched | None) -> Iterator[Row]:
    """What is kept of a pair's record, and of the look at the pair on the same data."""
    row = partial(Row, slug=str(record["pair"]["slug"]), as_of=str(record["as_of"]))
    config = AnalysisConfig.of_record(record)
    for key in _estimates(config):
        one = record["estimates"].get(key)
        if one is not None:
            text = str(one.get("end") or "") if "pearson_m" in key else ""
            ends = {end: one.get(end) for end in ("low", "high")}
            yield row(key=key, value=one["value"], text=text, **ends)
    for key in _tests(config):
        one = record["tests"].get(key)
        if one is not None:
            yield row(key=key, value=one["statistic"], pvalue=one["pvalue"])
    for claim in record["claims"]:
        pvalue, verdict = claim.get("pvalue"), claim["verdict"]
        yield row(key=f"claim.{claim['id']}", pvalue=pvalue, text=verdict)
    yield row(key="methods", text=methods_of(record))
    if seen is not None:
        yield row(key="watch.change", value=seen.statistic, pvalue=seen.pvalue)
        if seen.move is not None:
            yield row(key="watch.spread_move", value=seen.move.value, pvalue=seen.move.pvalue)


class History:
    """The history in a folder; ``tell`` hears a sentence when a damaged file is found."""

    def __init__(self, folder: Path, tell: Callable[[str], None] | None = None) -> None:
        self._folder = folder
        self._tell = tell or (lambda _: None)

    def append(self, published: str, rows: Sequence[Sequence[Any]]) -> None:
        """Add a day, each of its rows as cells; a day that is there stays as it is."""
        path = self._day_path(published)
        if not path.exists():
            content = {"schema": HISTORY_SCHEMA, "published": published}
            body = orjson.dumps({**content, "columns": Row._fields, "rows": rows})
            write_atomically(path, gzip.compress(body, 6, mtime=0))
        self._month(published[:7])

    def withdraw(self, published: str) -> None:
        """Remove a day, as if it had never been added."""
        month = published[:7]
        table = self._month(month)
        self._day_path(published).unlink(missing_ok=True)
        left = None if table is None else table[table["published"] != published]
        if left is None or left.empty:
            (self._folder / f"{month}.parquet").unlink(missing_ok=True)
        else:
            self._write(month, left.reset_index(drop=True))

    def read(self, slug: str, key: str) -> pd.DataFrame:
        """All days of one number of a pair, by ``as_of``; a date's first publication counts.

        ``methods`` says how each was made: where it changes the numbers on either side differ
        for that reason too.

        Raises
        ------
        InputError
            If there is nothing under this slug or key; the message says what there is.
        """
        import pandas as pd

        slugs: set[str] = set()
        tables = []  # of the pair alone: months are long
        for month in self.months():
            if (table := self._month(month)) is not None:
                slugs |= set(table["slug"].unique())
                tables.append(table[table["slug"] == slug])
        if not tables:
            raise InputError("There is no history here yet; convex-research daily makes it.")
        of_pair = pd.concat(tables, ignore_index=True)
        if of_pair.empty:
            raise InputError(f"No history of {printable(slug)!r}; there is {_near(slug, slugs)}.")
        found = of_pair[of_pair["key"] == key]
        if found.empty:
            near = _near(key, set(of_pair["key"]))
            raise InputError(f"No {printable(key)!r} in this history; there is {near}.")
        found = found.sort_values(["published", "as_of"], kind="stable")
        found = found.drop_duplicates("as_of").reset_index(drop=True)
        made = of_pair[of_pair["key"] == "methods"].drop_duplicates("as_of").set_index("as_of")
        found["methods"] = found["as_of"].map(made["text"]).fillna(methods_of({}))
        return found

    def months(self) -> list[str]:
        """Months that have a file or a day."""
        found = {path.stem for path in self._folder.glob("????-??.parquet")}
        found |= {path.name[:7] for path in (self._folder / _DAYS).glob("????-??-??.json.gz")}
        return sorted(found)

    def _day_path(self, day: str) -> Path:
        if not _DAY.fullmatch(day):
            raise ValueError(f"not a day: {day!r}")
        return self._folder / _DAYS / f"{day}.json.gz"

    def _month(self, month: str) -> pd.DataFrame | None:
        """A month's table; remade from its days where the file is damaged or behind."""
        import pandas as pd

        path = self._folder / f"{month}.parquet"
        days = sorted((self._folder / _DAYS).glob(f"{month}-??.json.gz"))
        table: pd.DataFrame | None = None
        try:
            if path.exists():
                table = _read_table(path)
        except _UnreadableError as problem:
            aside = _set_aside(path)
            self._tell(
                f"The history file {path.name} is damaged ({problem}); it is now {aside} and "
                f"was made again from {len(days)} kept days."
            )
        known = set(table["published"].unique()) if table is not None else set()
        missing = [day for day in days if day.name[:10] not in known]
        if not missing:
            return table
        tables = [_frame(day.name[:10], self._rows_of_day(day)) for day in missing]
        table = pd.concat([*([] if table is None else [table]), *tables], ignore_index=True)
        self._write(month, table)
        return table

    def _rows_of_day(self, path: Path) -> list[list[Any]]:
        try:
            content = orjson.loads(gzip.decompress(path.read_bytes()))
            if content["schema"] != HISTORY_SCHEMA:
                raise _UnreadableError("it has another schema")
            order = [content["columns"].index(name) for name in Row._fields]
            return [[row[i] for i in order] for row in content["rows"]]
        except (OSError, EOFError, ValueError, LookupError, TypeError) as problem:
            aside = _set_aside(path)
            self._tell(
                f"The kept day {path.name} is damaged ({printable(problem, limit=80)}); it is "
                f"now {aside}."
            )
            return []

    def _write(self, month: str, table: pd.DataFrame) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        arrow = pa.Table.from_pandas(table, preserve_index=False)
        arrow = arrow.replace_schema_metadata({**arrow.schema.metadata, _META: HISTORY_SCHEMA})
        body = io.BytesIO()
        parquet.write_table(arrow, body, compression="zstd")
        write_atomically(self._folder / f"{month}.parquet", body.getvalue())


def _frame(published: str, rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame([(published, *row) for row in rows], columns=list(_TYPES))
    return table.astype(_TYPES)


def _read_table(path: Path) -> pd.DataFrame:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        found = parquet.read_table(path)
        schema = (found.schema.metadata or {}).get(_META, b"").decode()
        table: pd.DataFrame = found.to_pandas()
    except (OSError, ValueError, pa.ArrowException) as problem:
        first = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise _UnreadableError(printable(first, limit=80)) from None
    if schema != HISTORY_SCHEMA:
        raise _UnreadableError(f"its schema is {printable(schema, limit=40) or 'missing'}")
    if list(table.columns) != list(_TYPES):
        raise _UnreadableError("its columns are others")
    return table.astype(_TYPES)


def _set_aside(path: Path) -> str:
    """Rename a damaged file after its content; the new name."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    aside = path.with_name(f"_{path.name}.damaged-{digest}")
    path.replace(aside)
    return aside.name


def _near(word: str, known: set[str]) -> str:
    from difflib import get_close_matches

    names = sorted(known)
    chosen = get_close_matches(word, names, n=3, cutoff=0.5) or names[:5]
    return ", ".join(printable(one, limit=60) for one in chosen)
