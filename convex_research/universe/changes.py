"""What changed lately among all pairs, and which changes are more than chance."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from convex_research.statistics.many.closed import closed_discoveries
from convex_research.statistics.many.step_up import harmonic, stepped_up
from convex_research.statistics.many.winners import winner_half_widths
from convex_research.universe.measures import preceding_of

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.typing import Array, Indices, Mask
    from convex_research.universe.measures import Measures

__all__ = ["Changes", "Look"]

_LEVEL = 0.05
_LAW = ("z", "std_error", "df")


class Look(NamedTuple):
    """One look of every pair at what changed: the recent window less the one before it.

    - ``z``, ``std_error``, ``df``, ``pvalue`` (K,): difference on Fisher's scale, Welch's law.
    - ``r`` (K, 2): of the recent window and of the one before.
    """

    z: Array
    std_error: Array
    df: Array
    pvalue: Array
    r: Array


class Changes:
    """Both looks of every pair, and error control over all pairs.

    Parameters
    ----------
    measures : Measures
        Of every pair.
    config : AnalysisConfig
        Windows and level.
    """

    def __init__(self, measures: Measures, config: AnalysisConfig) -> None:
        self._held, self._config = measures.columns, config
        self.windows = sorted({config.recent_window, config.year})

    def law(self, part: str) -> tuple[Array, Array, Array]:
        """Fisher's z of a window, its standard error and degrees of freedom, of every pair."""
        z, error, df = (self._held[f"{part}.{name}"] for name in _LAW)
        return z, error, df

    def look(self, window: int) -> Look:
        """A recent window against the one before it."""
        from scipy.special import stdtr

        new, old = self.law(str(window)), self.law(preceding_of(window))
        with np.errstate(invalid="ignore", divide="ignore"):
            one, other = new[1] ** 2, old[1] ** 2
            df = (one + other) ** 2 / (one**2 / new[2] + other**2 / old[2])
            error, z = np.sqrt(one + other), new[0] - old[0]
            pvalue = 2.0 * stdtr(df, -np.abs(z) / error)
        return Look(z, error, df, pvalue, np.tanh(np.column_stack([new[0], old[0]])))

    @cached_property
    def looks(self) -> dict[int, Look]:
        """Both looks by their window."""
        return {window: self.look(window) for window in self.windows}

    @cached_property
    def pvalues(self) -> Array:
        """P of "nothing changed lately" of every pair, both looks allowed for; NaN without one."""
        least = np.fmin.reduce([one.pvalue for one in self.looks.values()])
        return np.asarray(1.0 - (1.0 - least) ** len(self.looks))

    @cached_property
    def known(self) -> Indices:
        """Rows of the pairs that have a p-value."""
        return np.flatnonzero(np.isfinite(self.pvalues))

    @cached_property
    def pvalues_adjusted(self) -> Array:
        """Adjusted p-values of Benjamini and Yekutieli over all pairs."""
        adjusted = np.full(len(self.pvalues), np.nan)
        if self.known.size:
            p = self.pvalues[self.known].tolist()
            adjusted[self.known] = stepped_up(p, harmonic(len(p)))
        return adjusted

    @cached_property
    def discovered(self) -> Mask:
        """Whether a pair changed beyond chance among all, 5 % of those named false at most."""
        found = np.zeros(len(self.pvalues), dtype=bool)
        p = self.pvalues[self.known].tolist()
        found[self.known] = closed_discoveries(p, alpha=_LEVEL)
        return found

    def table(self, rows: Indices) -> pd.DataFrame:
        """Changes of pairs by the look that finds them, the strongest first.

        Returns
        -------
        DataFrame
            Indexed by row of the pair; columns window, change, low, high, recent, before, pvalue,
            pvalue_adjusted. The interval allows for a pair's being chosen from all for its size.
        """
        listed = ["window", "change", "low", "high", "recent", "before"]
        frame = pd.DataFrame([self._line(int(row)) for row in rows], rows, columns=listed)
        frame["pvalue"] = self.pvalues[rows]
        frame["pvalue_adjusted"] = self.pvalues_adjusted[rows]
        return frame.loc[frame["change"].abs().sort_values(ascending=False, kind="stable").index]

    def _line(self, row: int) -> list[Any]:
        window = min(self.windows, key=lambda w: np.nan_to_num(self.looks[w].pvalue[row], nan=1.0))
        new, old = self.looks[window].r[row]
        return [window, new - old, *self._chosen(window, row), new, old]

    def _chosen(self, window: int, row: int) -> tuple[float, float]:
        """Interval in r of a change chosen for its size, from those of both windows (Zou 2007)."""
        ends = []
        towards_zero = self.looks[window].z[row] < 0.0  # the inner end is the upper one then
        for part, rises in ((str(window), towards_zero), (preceding_of(window), not towards_zero)):
            z = self._held[f"{part}.z"][row]
            inner, outer = self._half_widths(part)
            up, down = (inner, outer) if rises else (outer, inner)
            ends.append(np.tanh([z - down[row], z, z + up[row]]))
        (new_low, new, new_high), (old_low, old, old_high) = ends
        return (
            float(new - old - np.hypot(new - new_low, old_high - old)),
            float(new - old + np.hypot(new_high - new, old - old_low)),
        )

    def _half_widths(self, part: str) -> tuple[Array, Array]:
        if part not in self._widths:
            self._widths[part] = winner_half_widths(
                self._held[f"{part}.std_error"],
                self._held[f"{part}.df"],
                self.known.size,
                confidence_level=self._config.confidence_level,
            )
        return self._widths[part]

    @cached_property
    def _widths(self) -> dict[str, tuple[Array, Array]]:
        return {}
