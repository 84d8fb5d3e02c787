"""What is measured of every pair, a row each: the numbers of the pairs' own pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.returns.alignment import MIN_SHARED
from convex_research.returns.differences import difference
from convex_research.returns.frequency import FREQUENCIES, whole_rows
from convex_research.statistics.many.pair_tiles import (
    Legs,
    RollingLegs,
    neighbouring_days,
    own_volatility_legs,
    tile_beta,
    tile_fisher,
    tile_rolling,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from convex_research.core.config import AnalysisConfig, ReturnKind
    from convex_research.core.typing import Array, Indices
    from convex_research.data.series import Frequency
    from convex_research.universe.tracks import Track

__all__ = ["Measures", "columns", "measure", "preceding_of"]

_LAW = ("z", "std_error", "df")
_ROLLED = 1260


@dataclass(frozen=True, slots=True)
class Measures:
    """Columns with a row a pair.

    Parameters
    ----------
    pairs : array of int, shape (K, 2)
        Places of the legs.
    columns : mapping of str to array, shape (K,)
        See :func:`columns`; NaN where a pair's own page has no number.
    """

    pairs: Indices
    columns: dict[str, Array]


def preceding_of(window: int) -> str:
    """Name of the window that a recent one is compared with."""
    return f"before[{window}]"


def columns(config: AnalysisConfig) -> list[str]:
    """Names of the columns: of each window the law of Fisher's z, and the rest."""
    windows = [str(window) for window in config.measured_windows]
    windows += [preceding_of(window) for window in _looks(config)] + ["whole", "weekly"]
    listed = [f"{window}.{name}" for window in windows for name in _LAW]
    listed += [f"{slope}.{name}" for slope in ("beta", "beta_reverse") for name in _LAW]
    listed += ["lowest", "lowest_end", "highest", "highest_end"]
    return [*listed, "nobs", "first", "last", "apart", "rests_a", "rests_b"]


def _looks(config: AnalysisConfig) -> list[int]:
    return sorted({config.recent_window, config.year})


def measure(
    tracks: Sequence[Track] | Mapping[int, Track],
    left: Sequence[int],
    right: Sequence[int],
    config: AnalysisConfig,
    *,
    kind: ReturnKind = "simple",
    frequency: Frequency = "daily",
) -> Measures:
    """Measure every pair of one leg of ``left`` with one of ``right``.

    Parameters
    ----------
    tracks : sequence of Track, or mapping by place
        Of the universe.
    left, right : sequence of int
        Places of legs; each side shares a calendar. A pair is the smaller place first, and none
        is measured twice.
    config : AnalysisConfig
        Windows.
    kind : {"simple", "log"}
        How prices become returns.
    frequency : Frequency
        Of the tracks.
    """
    legs = sorted({*left, *right})
    wanted = {(min(i, j), max(i, j)) for i in left for j in right if i != j}
    pairs = np.array(sorted(wanted), dtype=np.intp).reshape(-1, 2)
    made = {name: np.full(len(pairs), np.nan) for name in columns(config)}
    shared = np.intersect1d(_union(tracks, left), _union(tracks, right))
    bounds = {
        i: (
            int(np.searchsorted(shared, tracks[i].periods[0])),
            int(np.searchsorted(shared, tracks[i].periods[-1], side="right")),
        )
        for i in legs
    }
    spans = np.array(
        [
            (max(bounds[i][0], bounds[j][0]), min(bounds[i][1], bounds[j][1]))
            for i, j in pairs.tolist()
        ],
        dtype=np.intp,
    ).reshape(-1, 2)
    for first, last in np.unique(spans, axis=0).tolist():
        here = np.flatnonzero((spans == (first, last)).all(axis=1))
        made["nobs"][here] = max(last - first - 1, 0)
        if last - first < MIN_SHARED:
            continue
        inside = [i for i in legs if bounds[i][0] <= first and bounds[i][1] >= last]
        block = _Block([tracks[i] for i in inside], shared[first:last], kind, frequency)
        place = {i: at for at, i in enumerate(inside)}
        ends = block.days
        made["first"][here], made["last"][here] = ends[1], ends[-1]
        rows = np.array([(place[i], place[j]) for i, j in pairs[here].tolist()], dtype=np.intp)
        for one in np.unique(rows[:, 0]):
            chosen = rows[:, 0] == one
            found = block.measured(int(one), rows[chosen, 1], config)
            for name, values in found.items():
                made[name][here[chosen]] = values
    return Measures(pairs, made)


def _union(tracks: Sequence[Track] | Mapping[int, Track], side: Sequence[int]) -> Indices:
    periods: Indices = tracks[side[0]].periods
    for i in side[1:]:
        periods = np.union1d(periods, tracks[i].periods)
    return periods


class _Block:
    """Legs on the same days, with what their pairs share."""

    def __init__(
        self, tracks: Sequence[Track], periods: Indices, kind: ReturnKind, frequency: Frequency
    ) -> None:
        self._tracks, self._kind, self._frequency = tracks, kind, frequency
        rows = [np.searchsorted(one.periods, periods) for one in tracks]
        days = np.stack([one.days[at] for one, at in zip(tracks, rows, strict=True)])
        self._dates = days.max(axis=0)
        self.days = self._dates.astype("datetime64[D]").astype(np.int64)
        self._levels = np.stack([one.levels[at] for one, at in zip(tracks, rows, strict=True)])
        self._returns = self._differenced(self._levels)
        self._legs: dict[tuple[int, int], Legs] = {}
        self._links: dict[str, Array] | None = None
        self._rolling: RollingLegs | None = None
        self._weekly: Legs | None = None

    def _differenced(self, levels: Array) -> Array:
        return np.stack(
            [
                difference(row.copy(), one.series.instrument, self._kind)[0]
                for row, one in zip(levels, self._tracks, strict=True)
            ]
        )

    def measured(self, one: int, others: Indices, config: AnalysisConfig) -> dict[str, Array]:
        """Columns of the pairs of one leg."""
        nobs = self._returns.shape[-1]
        found: dict[str, Array] = {}
        spans = {"whole": (0, nobs)}
        for window in config.measured_windows:
            longest = window == config.windows[-1] and window > config.long_window_min
            if nobs >= (config.long_window_min if longest else window):
                spans[str(window)] = (max(0, nobs - window), nobs)
        reach = config.recent_window + config.preceding_window
        for window in _looks(config):
            if min(nobs, reach) >= window + config.preceding_min:
                spans[preceding_of(window)] = (max(0, nobs - reach), nobs - window)
        laws = {span: tile_fisher(self._of(*span), one, others) for span in set(spans.values())}
        for name, span in spans.items():
            _add(found, name, laws[span])
        if (weekly := self._weekly_legs()) is not None:
            _add(found, "weekly", tile_fisher(weekly, one, others))
        if nobs >= config.year:
            legs = self._of(nobs - config.year, nobs)
            _add(found, "beta", tile_beta(legs, one, others))
            _add(found, "beta_reverse", tile_beta(legs, one, others, reverse=True))
        self._extremes(found, one, others, config)
        if self._frequency == "daily":
            found |= self._closes(one, others)
        return found

    def _of(self, first: int, last: int) -> Legs:
        if (first, last) not in self._legs:
            self._legs[first, last] = Legs.of(self._returns[:, first:last])
        return self._legs[first, last]

    def _weekly_legs(self) -> Legs | None:
        """Legs from the last level of each week to the next."""
        if FREQUENCIES.index(self._frequency) >= FREQUENCIES.index("weekly"):
            return None
        if self._weekly is None:
            rows = whole_rows(self._dates, self._frequency, "weekly")
            self._weekly = Legs.of(self._differenced(self._levels[:, rows]))
        return self._weekly

    def _extremes(
        self, found: dict[str, Array], one: int, others: Indices, config: AnalysisConfig
    ) -> None:
        """The lowest and highest rolling r of the last 1,260 observations, and their last days."""
        first = max(0, self._returns.shape[-1] - _ROLLED)
        if self._rolling is None:
            self._rolling = RollingLegs.of(self._returns[:, first:], config.rolling_window)
        extreme, at = tile_rolling(self._rolling, one, others)
        for side, name in enumerate(("lowest", "highest")):
            found[name] = extreme[:, side]
            day = self.days[1 + first + np.maximum(at[:, side], 0)]
            found[f"{name}_end"] = np.where(at[:, side] >= 0, day, np.nan)

    def _closes(self, one: int, others: Indices) -> dict[str, Array]:
        """Whether returns say that the closes are apart, and how often each leg rests."""
        if self._links is None:
            over = own_volatility_legs(self._returns)
            self._links = {"apart": neighbouring_days(over, over).apart.astype(float)}
            self._links["rests"] = (self._returns == 0.0).mean(axis=-1)
        rests = self._links["rests"]
        return {
            "apart": self._links["apart"][one, others],
            "rests_a": np.full(others.size, rests[one]),
            "rests_b": rests[others],
        }


def _add(found: dict[str, Array], name: str, law: tuple[Array, Array, Array]) -> None:
    found |= {f"{name}.{part}": values for part, values in zip(_LAW, law, strict=True)}
