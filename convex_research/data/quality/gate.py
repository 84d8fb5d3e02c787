"""The gate: what is wrong with the data, said before anything is computed from it.

Three levels. A *note* is worth knowing; a *warning* may change numbers and stands at the
head of the page; *refuse* stops a report, because no statistic of such data means
anything. ``fetch`` shows all three and never stops.

A user's own file without ``?calendar=`` has no known sessions: its calendar findings are
notes. Who knows better accepts a check by name, and the page says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.core.arrays import runs
from convex_research.core.errors import DataError, InputError, printable
from convex_research.data.quality.calendar import calendar_notes
from convex_research.data.quality.sessions import has_sessions
from convex_research.data.quality.values import frequency_name, is_daily, value_notes
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from convex_research.data.series import Prices, SeriesData

__all__ = ["ACCEPTABLE", "admitted", "check", "check_series"]

ACCEPTABLE = (
    *("bad_tick", "looks_like_returns", "misdated", "mixed_frequency", "more_rows_than_sessions"),
    "unit_change",
)
"""Checks whose refusal a user can overrule."""


_APART = 7  # days between last dates: a long weekend and a publication lag stay below
_ZERO_RUN = 2  # two legs unchanged two days running: almost always filled-in rows
_ZERO_SHARE = 0.01  # closes to the cent coincide on fewer days than this
_LAG = 0.15  # cross-correlation a day apart; closes of one exchange stay below in any year
_LAG_ERRORS = 4.0  # and this many standard errors, because years are many


def check_series(series: SeriesData) -> tuple[QualityNote, ...]:
    """What was found on loading a series and what its dates and values show, each once."""
    found = [*series.quality, *calendar_notes(series), *value_notes(series)]
    return tuple(dict.fromkeys(found))


def check(prices: Prices) -> tuple[QualityNote, ...]:
    """Everything a page says of its data, each once: both legs, and the two together."""
    found = [*check_series(prices.a), *check_series(prices.b)]
    if any(note.check == "out_of_range" for note in found):
        return tuple(dict.fromkeys(found))
    found += _ends_apart(prices.a, prices.b)
    found += _both_unchanged(prices.a, prices.b)
    found += _a_day_apart(prices.a, prices.b)
    return tuple(dict.fromkeys(found))


def admitted(notes: Iterable[QualityNote], accept: Collection[str] = ()) -> tuple[QualityNote, ...]:
    """The notes of data that may be used; what was accepted by name is a warning then.

    Raises
    ------
    DataError
        With the first refusal that was not accepted.
    InputError
        If a name to accept is that of no check, or of one that cannot be.
    """
    unknown = [name for name in accept if name not in ACCEPTABLE]
    if unknown:
        raise InputError(
            f"There is no check {printable(unknown[0])!r} to accept; "
            f"there are {', '.join(ACCEPTABLE)}."
        )
    passed = tuple(
        replace(note, level="warning", message=f"{note.message} Accepted by the user.")
        if note.level == "refuse" and note.check in accept
        else note
        for note in notes
    )
    bad = [note for note in passed if note.level == "refuse"]
    if bad:
        more = f" And {len(bad) - 1} more." if len(bad) > 1 else ""
        known = bad[0].check in ACCEPTABLE
        way = f", or accept it knowingly with --accept {bad[0].check}" if known else ""
        raise DataError(f"{bad[0].message}{more} `convex-research fetch` shows the series{way}.")
    return passed


def _ends_apart(a: SeriesData, b: SeriesData) -> list[QualityNote]:
    notes = []
    kinds = [frequency_name(leg) for leg in (a, b)]
    if kinds[0] != kinds[1]:
        message = (
            f"{a.provenance.symbol} is {kinds[0]}, {b.provenance.symbol} {kinds[1]}: "
            "they meet at the lower frequency."
        )
        notes.append(QualityNote("mixed_frequency", "note", message))
    elif kinds[0] == "daily" and abs((a.provenance.end - b.provenance.end).days) > _APART:
        first, second = sorted((a, b), key=lambda leg: leg.provenance.end)
        message = (
            f"{first.provenance.symbol} ends {first.provenance.end}, "
            f"{second.provenance.symbol} {second.provenance.end}: the later part is not used."
        )
        notes.append(QualityNote("ends_apart", "warning", message))
    return notes


def _shared_changes(a: SeriesData, b: SeriesData) -> tuple[Any, Any, Any]:
    """Shared dates after the first, and both legs' changes between them."""
    shared = a.values.index.intersection(b.values.index)
    x, y = a.values.loc[shared].to_numpy(), b.values.loc[shared].to_numpy()
    return shared[1:], np.diff(x), np.diff(y)


def _both_unchanged(a: SeriesData, b: SeriesData) -> list[QualityNote]:
    """Days on which neither leg moved: rows filled in where there was no session."""
    if "price" not in {a.instrument.kind, b.instrument.kind} or not (is_daily(a) and is_daily(b)):
        return []
    dates, x, y = _shared_changes(a, b)
    still = (x == 0.0) & (y == 0.0)
    count = int(still.sum())
    if not count:
        return []
    longest = _longest_run(still)
    share = count / len(still)
    suspicious = longest >= _ZERO_RUN or share > _ZERO_SHARE
    listed = ", ".join(str(day.date()) for day in dates[still][:4])
    more = "" if count <= 4 else f" and {count - 4:,} more"
    message = (
        f"{a.provenance.symbol} and {b.provenance.symbol} are both unchanged on {count:,} of "
        f"{len(still):,} days ({listed}{more})"
    )
    message += (
        f", up to {longest} running: rows look filled in, which pulls correlations up."
        if suspicious
        else "."
    )
    return [QualityNote("both_unchanged", "warning" if suspicious else "note", message)]


def _longest_run(flags: Any) -> int:
    return max((run.stop - run.start for run in runs(flags)), default=0)


def _a_day_apart(a: SeriesData, b: SeriesData) -> list[QualityNote]:
    """One leg following the other by a day: values taken at different times of day.

    Closes of one exchange are simultaneous, so a correlation with the other leg's day
    before means that one leg's values are snapshots taken before the close.
    """
    calendar = a.instrument.calendar
    same = calendar == b.instrument.calendar and has_sessions(calendar)
    prices = a.instrument.kind == b.instrument.kind == "price"
    if not (same and prices and is_daily(a) and is_daily(b)):
        return []
    if min(a.values.min(), b.values.min()) <= 0:
        return []
    dates, _, _ = _shared_changes(a, b)
    shared = a.values.index.intersection(b.values.index)
    x, y = (np.diff(np.log(leg.values.loc[shared].to_numpy())) for leg in (a, b))
    years = dates.to_numpy().astype("datetime64[Y]").astype(int) + 1970
    notes = []
    for first, second, p, q in ((a, b, x, y), (b, a, y, x)):
        found = _late_years(years, p, q)
        if found:
            low, high = min(found.values()), max(found.values())
            spread = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
            when = ", ".join(map(str, list(found)[:3])) + (
                f" and {len(found) - 3} other years" if len(found) > 3 else ""
            )
            message = (
                f"{first.provenance.symbol} follows {second.provenance.symbol} by a day in {when} "
                f"(rank correlation {spread}): its values look like snapshots before the close."
            )
            notes.append(QualityNote("not_simultaneous", "warning", message))
    return notes


def _late_years(years: Any, late: Any, early: Any) -> dict[int, float]:
    """Years in which ``late`` correlates with the day before of ``early``."""
    found = {}
    for year in np.unique(years):
        here = np.flatnonzero(years == year)
        if len(here) < 60:
            continue
        lagged = _correlation(late[here][1:], early[here][:-1])
        if lagged > _LAG and lagged > _LAG_ERRORS / np.sqrt(len(here) - 1):
            found[int(year)] = lagged
    return found


def _correlation(x: Any, y: Any) -> float:
    """Correlation of ranks: one bad tick must not hide or make a finding."""
    ranks = [np.argsort(np.argsort(v)).astype(np.float64) for v in (x, y)]
    if np.ptp(x) == 0.0 or np.ptp(y) == 0.0:
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
