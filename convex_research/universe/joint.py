"""What all instruments of a universe have in common: their average correlation and their groups."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from convex_research.analysis.section import Curve
from convex_research.core.estimates import Estimate, Interval, NotComputed, too_short
from convex_research.statistics.dynamics.rolling_band import window_band
from convex_research.statistics.inference.jackknife import FisherZ
from convex_research.statistics.inference.two_windows import change_in_r, change_in_z
from convex_research.statistics.many.average_correlation import (
    average_correlation,
    component_shares,
    rolling_average,
)
from convex_research.statistics.many.winners import winner_half_widths

if TYPE_CHECKING:
    from convex_research.core.estimates import Result
    from convex_research.core.typing import Array
    from convex_research.universe.screen import Screen

__all__ = ["Cluster", "Joint"]


class Cluster(NamedTuple):
    """Instruments that hold together.

    - ``members``: symbols, that which is nearest to the others first.
    - ``r``: average correlation of the year between them.
    - ``stability``: see :func:`~convex_research.statistics.many.grouping.groups`.
    """

    members: tuple[str, ...]
    r: float
    stability: float


@dataclass(frozen=True)
class Joint:
    """Statistics of all instruments of a screen that reach back far enough, on shared days."""

    screen: Screen

    @cached_property
    def returns(self) -> pd.DataFrame:
        """Of the recent and the preceding window together."""
        config = self.screen.config
        found = self.screen.returns(config.recent_window + config.preceding_window)
        return found.loc[:, found.nunique() > 1]

    @cached_property
    def _windows(self) -> tuple[FisherZ | NotComputed, FisherZ | NotComputed]:
        legs, year = self.returns.to_numpy().T, self.screen.config.year
        return average_correlation(legs[:, -year:]), average_correlation(legs[:, :-year])

    def _dated(self, result: Result, first: int, last: int) -> Result:
        days = self.returns.index[first:last]
        if isinstance(result, NotComputed) or not len(days):
            return result
        return replace(result, start=days[0].date(), end=days[-1].date())

    @cached_property
    def results(self) -> dict[str, Result]:
        """Average correlation of the year, of what preceded it, and its change; the extremes."""
        level, year = self.screen.config.confidence_level, self.screen.config.year
        new, old = self._windows
        nobs = len(self.returns)
        rows = {"pearson": (max(nobs - year, 0), nobs), "preceding": (0, max(nobs - year, 0))}
        found: dict[str, Result] = {}
        for name, one in (("pearson", new), ("preceding", old)):
            made = one.estimate(level) if isinstance(one, FisherZ) else one
            found[f"average.{name}[{year}]"] = self._dated(made, *rows[name])
        for name, change in (("difference", change_in_z), ("difference_r", change_in_r)):
            missing = next((one for one in (new, old) if isinstance(one, NotComputed)), None)
            made = missing or change(new, old, confidence_level=level)  # type: ignore[arg-type]
            found[f"average.{name}[{year}]"] = self._dated(made, 0, nobs)
        for name, row in self.extremes.items():
            found[f"leaderboard.{name}"] = self._chosen(row, top=name == "top")
        if self.change is not None:
            found["leaderboard.change"] = self.change[1]
        return found

    def change_is_small(self, margin: float, alpha: float) -> bool:
        """Whether the average has not changed by a margin of Fisher's z, by two one-sided tests."""
        new, old = self._windows
        if not isinstance(new, FisherZ) or not isinstance(old, FisherZ):
            return False
        ends = change_in_z(new, old, confidence_level=1.0 - 2.0 * alpha)
        assert ends.low is not None
        assert ends.high is not None
        return -margin < ends.low and ends.high < margin

    @cached_property
    def change(self) -> tuple[int, Estimate] | None:
        """Row of the pair that changed most, and by how much: of the movers, else by its p."""
        changes, level = self.screen.changes, self.screen.config.confidence_level
        if not changes.known.size:
            return None
        rows = np.flatnonzero(changes.discovered)
        if not rows.size:
            rows = changes.known[[np.argmin(changes.pvalues[changes.known])]]
        frame = changes.table(rows)
        first, window = frame.iloc[0], int(frame["window"].iloc[0])
        return int(frame.index[0]), Estimate(
            value=float(first["change"]),
            low=float(first["low"]),
            high=float(first["high"]),
            confidence_level=level,
            interval=Interval.JACKKNIFE,
            method=(
                f"last {window} less those before, interval of Zou from both; allows for the "
                f"choice among {changes.known.size:,} pairs"
            ),
            nobs=window,
        )

    @cached_property
    def extremes(self) -> dict[str, int]:
        """Rows of the pairs with the largest and the smallest correlation of the year."""
        z = self.screen.measures.columns[f"{self.screen.config.year}.z"]
        if not np.isfinite(z).any():
            return {}
        return {"top": int(np.nanargmax(z)), "bottom": int(np.nanargmin(z))}

    def _chosen(self, row: int, *, top: bool) -> Estimate:
        """The correlation of a pair that was chosen from all for its size."""
        held, config = self.screen.measures.columns, self.screen.config
        z, error, df = (held[f"{config.year}.{part}"] for part in ("z", "std_error", "df"))
        count = int(np.isfinite(z).sum())
        inner, outer = winner_half_widths(
            error, df, count, confidence_level=config.confidence_level
        )
        down, up = (inner, outer) if top else (outer, inner)
        return Estimate(
            value=float(np.tanh(z[row])),
            low=float(np.tanh(z[row] - down[row])),
            high=float(np.tanh(z[row] + up[row])),
            confidence_level=config.confidence_level,
            interval=Interval.JACKKNIFE,
            method=f"jackknife of Fisher's z, HAC; allows for the choice among {count:,} pairs",
            nobs=config.year,
        )

    @cached_property
    def path(self) -> Curve | NotComputed:
        """Average correlation of every rolling window, with a band that holds in all together."""
        config = self.screen.config
        window = config.rolling_window
        z, std_error, _ = rolling_average(self.returns.to_numpy().T, window)
        band = window_band(z, std_error, window=window, confidence_level=config.confidence_level)
        if not np.isfinite(z).any():
            return too_short(f"{window} observations that all share", len(self.returns))
        low, high = (None, None) if isinstance(band, NotComputed) else map(np.tanh, band)
        return Curve(self.returns.index.to_numpy(), np.tanh(z), low, high)

    @cached_property
    def matrix(self) -> Array:
        """Correlations of the year; 0 where a pair has none."""
        return np.asarray(np.nan_to_num(self.screen.matrix().to_numpy(dtype=np.float64)))

    @cached_property
    def shares(self) -> Array:
        """Shares of the first components in the variance of all over the year."""
        recent = self.returns.iloc[-self.screen.config.year :]
        return component_shares(np.asarray(np.corrcoef(recent.to_numpy().T)))

    @cached_property
    def order(self) -> pd.DataFrame:
        """All instruments, like beside like and members of a group together; see ``clusters``."""
        frame = self.screen.clusters()
        own = list(range(len(frame)))
        first: dict[int, int] = {}
        for at, group in enumerate(frame["group"]):
            own[at] = at if pd.isna(group) else first.setdefault(int(group), at)
        return frame.iloc[np.argsort(own, kind="stable")]

    @cached_property
    def clusters(self) -> list[Cluster]:
        """Groups that hold together, the largest first."""
        made = []
        place = {symbol: at for at, symbol in enumerate(self.screen.symbols)}
        for _, frame in self.order.dropna(subset=["group"]).groupby("group", sort=True):
            at = [place[symbol] for symbol in frame.index]
            inside = self.matrix[np.ix_(at, at)]
            near = (inside.sum(axis=1) - 1.0) / (len(at) - 1)
            members = tuple(frame.index[i] for i in np.argsort(-near, kind="stable"))
            made.append(Cluster(members, float(near.mean()), float(frame["stability"].iloc[0])))
        return sorted(made, key=lambda one: (-len(one.members), one.members))
