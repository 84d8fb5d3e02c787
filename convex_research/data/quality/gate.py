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
import pandas as pd

from convex_research.catalogue.symbols import IN_MEMORY
from convex_research.core import formatting as fmt
from convex_research.core.arrays import longest_run
from convex_research.core.errors import DataError, refuse_unknown
from convex_research.data.quality.calendar import calendar_notes
from convex_research.data.quality.sessions import has_sessions
from convex_research.data.quality.values import value_notes
from convex_research.data.series import QualityNote

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from convex_research.data.series import Prices, SeriesData

__all__ = ["ACCEPTABLE", "acceptable", "admitted", "check", "check_series"]

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
    accept = acceptable(accept)
    passed = tuple(
        replace(
            note, level="warning", message=f"{note.message} Accepted by the user.", accepted=True
        )
        if note.level == "refuse" and note.check in accept
        else note
        for note in notes
    )
    bad = [note for note in passed if note.level == "refuse"]
    if bad:
        more = f" And {len(bad) - 1} more." if len(bad) > 1 else ""
        raise DataError(f"{bad[0].message}{more}{_ways(bad[0])}")
    return passed


def _ways(note: QualityNote) -> str:
    """What else can be done about a refusal."""
    if IN_MEMORY in note.message:
        return f' accept=["{note.check}"] goes on knowingly.' if note.check in ACCEPTABLE else ""
    way = f", or accept it knowingly with --accept {note.check}" if note.check in ACCEPTABLE else ""
    return f" `convex-research fetch` shows the series{way}."


def acceptable(accept: Collection[str]) -> tuple[str, ...]:
    """Names of checks to accept, one or several, each known; see :func:`admitted`."""
    names = (accept,) if isinstance(accept, str) else tuple(accept)
    refuse_unknown(names, ACCEPTABLE, "check to accept")
    return names


def _both_daily(a: SeriesData, b: SeriesData) -> bool:
    return a.frequency == b.frequency == "daily"


def _ends_apart(a: SeriesData, b: SeriesData) -> list[QualityNote]:
    if a.frequency != b.frequency:
        message = (
            f"{a.provenance.symbol} is {a.frequency}, {b.provenance.symbol} {b.frequency}: "
            "they meet at the lower frequency."
        )
        return [QualityNote("mixed_frequency", "note", message)]
    first, second = sorted((a.provenance, b.provenance), key=lambda leg: leg.end)
    if not _both_daily(a, b) or (second.end - first.end).days <= _APART:
        return []
    ends = f"{first.symbol} ends {first.end}, {second.symbol} {second.end}"
    return [QualityNote("ends_apart", "warning", f"{ends}: the later part is not used.")]


def _shared(a: SeriesData, b: SeriesData) -> tuple[Any, Any, Any]:
    """Shared dates, and the values of both legs on them."""
    dates = a.values.index.intersection(b.values.index)
    return dates, a.values.loc[dates].to_numpy(), b.values.loc[dates].to_numpy()


def _both_unchanged(a: SeriesData, b: SeriesData) -> list[QualityNote]:
    """Days on which neither leg moved: rows filled in where there was no session."""
    if "price" not in {a.instrument.kind, b.instrument.kind} or not _both_daily(a, b):
        return []
    dates, x, y = _shared(a, b)
    still = (np.diff(x) == 0.0) & (np.diff(y) == 0.0)
    count, longest = int(still.sum()), longest_run(still)
    if not count:
        return []
    times = longest.stop - longest.start
    message = (
        f"{a.provenance.symbol} and {b.provenance.symbol} are both unchanged on {count:,} of "
        f"{len(still):,} days ({fmt.listed(dates[1:][still].date)})"
    )
    if times < _ZERO_RUN and count / len(still) <= _ZERO_SHARE:
        return [QualityNote("both_unchanged", "note", f"{message}.")]
    message += f", up to {times} running: rows look filled in, which pulls correlations up."
    return [QualityNote("both_unchanged", "warning", message)]


def _a_day_apart(a: SeriesData, b: SeriesData) -> list[QualityNote]:
    """One leg following the other by a day: values taken at different times of day.

    Closes of one exchange are simultaneous, so a correlation with the other leg's day
    before means that one leg's values are snapshots taken before the close. Where a calendar is not
    known its dates may also be a day late.
    """
    calendars = {a.instrument.calendar, b.instrument.calendar}
    unknown = None in calendars
    same = unknown or (len(calendars) == 1 and has_sessions(*calendars))
    prices = a.instrument.kind == b.instrument.kind == "price"
    if not (same and prices and _both_daily(a, b)) or min(a.values.min(), b.values.min()) <= 0:
        return []
    dates, x, y = _shared(a, b)
    changes = pd.DataFrame(np.diff(np.log([x, y])).T, index=dates[1:])
    notes = []
    for late, leg, other in ((0, a, b), (1, b, a)):
        found = _late_years(changes[late], changes[1 - late])
        if found:
            low, high = min(found.values()), max(found.values())
            spread = f"{low:.2f}" if low == high else f"{low:.2f} to {high:.2f}"
            when = ", ".join(map(str, list(found)[:3])) + (
                f" and {len(found) - 3} other years" if len(found) > 3 else ""
            )
            why = "its values look like snapshots before the close"
            if unknown:
                why = "its dates are a day late, or its closes hours earlier; take weekly returns"
            message = (
                f"{leg.provenance.symbol} follows {other.provenance.symbol} by a day in {when} "
                f"(rank correlation {spread}): {why}."
            )
            notes.append(QualityNote("not_simultaneous", "warning", message))
    return notes


def _late_years(late: pd.Series[float], early: pd.Series[float]) -> dict[int, float]:
    """Years in which ``late`` correlates with the day before of ``early``.

    Ranks are correlated: one bad tick must not hide or make a finding.
    """
    years = late.index.to_numpy().astype("datetime64[Y]").astype(int) + 1970
    known, rows = np.unique(years, return_counts=True)
    found = {}
    for year in known[rows >= 60]:
        here, before = (one[years == year].to_numpy() for one in (late, early))
        ranks = pd.DataFrame({"late": here[1:], "early": before[:-1]}).rank()
        lagged = float(ranks["late"].corr(ranks["early"]))  # not a number where one stands still
        if lagged > max(_LAG, _LAG_ERRORS / np.sqrt(len(here) - 1)):
            found[int(year)] = lagged
    return found
