"""A screen: every pair of a universe, what changed beyond chance, and what hangs together."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from convex_research.core.errors import InputError
from convex_research.core.flags import Flag
from convex_research.returns.differences import difference
from convex_research.statistics.many.average_correlation import average_correlation
from convex_research.statistics.many.closed import closed_discoveries
from convex_research.statistics.many.grouping import groups, leaf_order, spanning_tree
from convex_research.statistics.many.shrinkage import cleaned, ledoit_wolf, positive_definite
from convex_research.statistics.many.step_up import harmonic, stepped_up
from convex_research.statistics.many.winners import winner_half_widths
from convex_research.universe.measures import preceding_of

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig, ReturnKind
    from convex_research.core.estimates import NotComputed
    from convex_research.core.typing import Array, Mask
    from convex_research.data.series import Frequency
    from convex_research.statistics.inference.jackknife import FisherZ
    from convex_research.universe.measures import Measures
    from convex_research.universe.tracks import Track

__all__ = ["Changes", "Screen"]

_TWINS = 0.99
_LAW = ("z", "std_error", "df")
_LEVEL = 0.05
_RARE, _TIMES_THE_OTHER = 0.10, 2.0


class Changes(NamedTuple):
    """One look of every pair at what changed: the recent window less the one before it.

    - ``z``, ``std_error``, ``df``, ``pvalue`` (K,): difference on Fisher's scale, Welch's law.
    - ``r`` (K, 2): of the recent window and of the one before.
    """

    z: Array
    std_error: Array
    df: Array
    pvalue: Array
    r: Array


@dataclass(frozen=True)
class Screen:
    """Every pair of many instruments, measured as on its own page.

    Parameters
    ----------
    name : str
        Of the universe.
    tracks : sequence of Track
        The instruments.
    measures : Measures
        Of every pair, in the order of the legs.
    config : AnalysisConfig
        Windows and level.
    kind : {"simple", "log"}
        How prices became returns.
    frequency : Frequency
        Of all.
    skipped : mapping of str to str
        Instruments that were left out, with the reason.
    """

    name: str
    tracks: tuple[Track, ...]
    measures: Measures
    config: AnalysisConfig
    kind: ReturnKind
    frequency: Frequency
    skipped: dict[str, str]

    @property
    def symbols(self) -> list[str]:
        """Symbols of the instruments, in order."""
        return [one.series.provenance.symbol for one in self.tracks]

    @property
    def instruments(self) -> list[str]:
        """Names of the instruments, in order."""
        return [one.series.instrument.name for one in self.tracks]

    def __repr__(self) -> str:
        count = f"{len(self.tracks)} instruments, {len(self.measures.pairs):,} pairs"
        return f"<Screen {self.name}, {count}>"

    def matrix(self, window: int | str | None = None) -> pd.DataFrame:
        """Correlations of a window as a labelled frame; NaN where a pair has none.

        Parameters
        ----------
        window : int or {"whole", "weekly"}, optional
            The year by default.

        Raises
        ------
        KeyError
            If nothing was measured over that window.
        """
        made = self._square(np.tanh(self._column(f"{window or self.config.year}.z")))
        return pd.DataFrame(made, index=self.symbols, columns=self.symbols)

    def _column(self, name: str) -> Array:
        known = self.measures.columns
        if name not in known:
            windows = sorted({one.rpartition(".")[0] for one in known if one.endswith(".z")})
            raise KeyError(f"no window {name.removesuffix('.z')!r}; there are {', '.join(windows)}")
        return known[name]

    def _square(self, values: Array) -> Array:
        made = np.full((len(self.tracks),) * 2, np.nan)
        a, b = self.measures.pairs.T
        made[a, b] = made[b, a] = values
        np.fill_diagonal(made, 1.0)
        return made

    def flags(self) -> list[tuple[str, ...]]:
        """Flags of every pair, as on its own page."""
        whole, held = np.tanh(self.measures.columns["whole.z"]), self.measures.columns
        rests_a, rests_b = np.nan_to_num(held["rests_a"]), np.nan_to_num(held["rests_b"])
        apart = held["apart"] == 1.0
        marks: list[tuple[str, Mask]] = [
            (Flag.ASYNCHRONOUS, apart),
            (Flag.RARELY_TRADED_A, rests_a >= np.maximum(_RARE, _TIMES_THE_OTHER * rests_b)),
            (Flag.RARELY_TRADED_B, rests_b >= np.maximum(_RARE, _TIMES_THE_OTHER * rests_a)),
            (Flag.TWINS, whole > _TWINS),
        ]
        return [
            tuple(str(flag) for flag, mask in marks if mask[row])
            for row in range(len(self.measures.pairs))
        ]

    def change(self, window: int) -> Changes:
        """What changed between a recent window and the one before it, for every pair."""
        from scipy.special import stdtr

        held, before = self.measures.columns, preceding_of(window)
        new, old = (
            [held[f"{one}.{part}"] for part in ("z", "std_error", "df")]
            for one in (str(window), before)
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            one, other = new[1] ** 2, old[1] ** 2
            df = (one + other) ** 2 / (one**2 / new[2] + other**2 / old[2])
            error, z = np.sqrt(one + other), new[0] - old[0]
            pvalue = 2.0 * stdtr(df, -np.abs(z) / error)
        return Changes(z, error, df, pvalue, np.tanh(np.column_stack([new[0], old[0]])))

    @cached_property
    def _looks(self) -> dict[int, Changes]:
        return {w: self.change(w) for w in sorted({self.config.recent_window, self.config.year})}

    @cached_property
    def pvalues(self) -> Array:
        """P of "nothing changed lately" of every pair, both looks allowed for; NaN without one."""
        least = np.fmin.reduce([one.pvalue for one in self._looks.values()])
        return np.asarray(1.0 - (1.0 - least) ** len(self._looks))

    def movers(self) -> pd.DataFrame:
        """Pairs that changed beyond chance among all, strongest first; empty where none did.

        The closed Benjamini-Yekutieli procedure over all pairs (theirs above 1,000), 5 % of the
        pairs named being false at most. ``low`` and ``high`` allow for a pair's being chosen from
        all for its size.

        Returns
        -------
        DataFrame
            Columns a, b, window, change, low, high, recent, before, pvalue, pvalue_adjusted.
        """
        listed = ["a", "b", "window", "change", "low", "high", "recent", "before"]
        known = np.flatnonzero(np.isfinite(self.pvalues))
        p = self.pvalues[known].tolist()
        found = known[np.array(closed_discoveries(p, alpha=_LEVEL), dtype=bool)] if p else known
        adjusted = np.full(len(self.pvalues), np.nan)
        if p:
            adjusted[known] = stepped_up(p, harmonic(len(p)))
        rows = [self._mover(int(row), known.size) for row in found]
        frame = pd.DataFrame(rows, columns=listed)
        frame["pvalue"], frame["pvalue_adjusted"] = self.pvalues[found], adjusted[found]
        order = frame["change"].abs().sort_values(ascending=False, kind="stable").index
        return frame.loc[order].reset_index(drop=True)

    def _mover(self, row: int, count: int) -> list[Any]:
        """A pair's change in r by the look that finds it, with its interval."""
        window = min(self._looks, key=lambda w: np.nan_to_num(self._looks[w].pvalue[row], nan=1.0))
        look = self._looks[window]
        a, b = self.measures.pairs[row]
        low, high = self._chosen(window, row, count)
        new, old = look.r[row]
        return [self.symbols[a], self.symbols[b], window, new - old, low, high, new, old]

    def _chosen(self, window: int, row: int, count: int) -> tuple[float, float]:
        """Interval in r of a change chosen for its size, from those of both windows (Zou 2007)."""
        ends = []
        towards_zero = self._looks[window].z[row] < 0.0  # the inner end is the upper one then
        for part, rises in ((str(window), towards_zero), (preceding_of(window), not towards_zero)):
            held = self.measures.columns
            z, error, df = (held[f"{part}.{name}"] for name in _LAW)
            inner, outer = winner_half_widths(
                error, df, count, confidence_level=self.config.confidence_level
            )
            up, down = (inner, outer) if rises else (outer, inner)
            ends.append(np.tanh([z[row] - down[row], z[row], z[row] + up[row]]))
        (new_low, new, new_high), (old_low, old, old_high) = ends
        return (
            float(new - old - np.hypot(new - new_low, old_high - old)),
            float(new - old + np.hypot(new_high - new, old - old_low)),
        )

    def returns(self, nobs: int | None = None) -> pd.DataFrame:
        """Returns of all instruments on the days that all of them share.

        Parameters
        ----------
        nobs : int, optional
            Only the last so many.
        """
        shared = self.tracks[0].periods
        for one in self.tracks[1:]:
            shared = np.intersect1d(shared, one.periods, assume_unique=True)
        values = {}
        for one in self.tracks:
            levels = one.levels[np.searchsorted(one.periods, shared)]
            values[one.series.provenance.symbol] = difference(
                levels, one.series.instrument, self.kind
            )[0]
        at = np.searchsorted(self.tracks[0].periods, shared[1:])
        frame = pd.DataFrame(values, index=pd.DatetimeIndex(self.tracks[0].days[at]))
        return frame if nobs is None else frame.iloc[-nobs:]

    def clusters(self) -> pd.DataFrame:
        """Groups of instruments that hold together, in the order in which neighbours are alike.

        Returns
        -------
        DataFrame
            Indexed by symbol, columns ``group`` (1, 2, ..., missing where an instrument holds with
            none) and ``stability``, from
            :func:`~convex_research.statistics.many.grouping.groups` of the last year that all
            share.
        """
        recent = self.returns(self.config.year)
        moving = recent.loc[:, recent.nunique() > 1]
        seed = np.frombuffer(moving.to_numpy().tobytes(), dtype=np.uint32)[:64].tolist()
        frame = pd.DataFrame(index=self.symbols, columns=["group", "stability"], dtype="Float64")
        for number, group in enumerate(groups(moving.to_numpy().T, seed=seed), start=1):
            for place in group.members:
                frame.loc[moving.columns[place]] = [number, group.stability]
        frame["group"] = frame["group"].astype("Int64")
        order = leaf_order(np.nan_to_num(self.matrix().to_numpy()))
        return frame.reindex([self.symbols[i] for i in order])

    def spanning_tree(self) -> pd.DataFrame:
        """Edges of the shortest tree that joins all instruments: columns a, b, r."""
        matrix = np.nan_to_num(self.matrix().to_numpy())
        rows = [(self.symbols[i], self.symbols[j], matrix[i, j]) for i, j in spanning_tree(matrix)]
        return pd.DataFrame(rows, columns=["a", "b", "r"])

    def average(self, nobs: int | None = None) -> FisherZ | NotComputed:
        """Average correlation of the last year, or of so many days, that all share."""
        return average_correlation(self.returns(nobs or self.config.year).to_numpy().T)

    def shrunk(self, way: str = "ledoit-wolf") -> pd.DataFrame:
        """Correlation matrix of the year for those who invert it; positive definite.

        Parameters
        ----------
        way : {"ledoit-wolf", "cleaned", "pairwise"}
            Shrunk to the identity; eigenvalues within noise averaged; or each pair over its own
            days, with the nearest eigenvalues that fit.
        """
        recent = self.returns(self.config.year).to_numpy().T
        if way == "ledoit-wolf":
            made = ledoit_wolf(recent)[0]
        elif way == "cleaned":
            made = cleaned(np.corrcoef(recent), recent.shape[-1])
        elif way == "pairwise":
            made = positive_definite(np.nan_to_num(self.matrix().to_numpy()))
        else:
            raise InputError(f"no way {way!r}; there are ledoit-wolf, cleaned and pairwise.")
        return pd.DataFrame(made, index=self.symbols, columns=self.symbols)

    def twins(self) -> pd.DataFrame:
        """Pairs whose r over the whole sample is above .99: columns a, b, r, short_of_one."""
        r = np.tanh(self.measures.columns["whole.z"])
        rows = [
            (self.symbols[a], self.symbols[b], r[k], 1.0 - r[k])
            for k, (a, b) in enumerate(self.measures.pairs.tolist())
            if r[k] > _TWINS
        ]
        return pd.DataFrame(rows, columns=["a", "b", "r", "short_of_one"])

    def diversifiers(self, of: str, count: int = 10) -> pd.DataFrame:
        """What moves least with an instrument: the upper end of r over a year, lowest first.

        Parameters
        ----------
        of : str
            Symbol or name.
        count : int
            How many at most.

        Returns
        -------
        DataFrame
            Columns symbol, r, low, high.
        """
        from scipy.special import stdtrit

        place = self._place(of)
        held, pairs = self.measures.columns, self.measures.pairs
        z, error, df = (held[f"{self.config.year}.{name}"] for name in _LAW)
        half = stdtrit(df, 0.5 + 0.5 * self.config.confidence_level) * error
        rows = [
            (self.symbols[b if a == place else a], *np.tanh([z[k], z[k] - half[k], z[k] + half[k]]))
            for k, (a, b) in enumerate(pairs.tolist())
            if place in {a, b} and np.isfinite(half[k])
        ]
        frame = pd.DataFrame(rows, columns=["symbol", "r", "low", "high"])
        return frame.sort_values("high", kind="stable").head(count).reset_index(drop=True)

    def _place(self, of: str) -> int:
        """Where an instrument stands, by symbol, by what follows the provider, or by name."""
        for listed in (
            self.symbols,
            [one.partition(":")[2] for one in self.symbols],
            self.instruments,
        ):
            if of in listed:
                return listed.index(of)
        near = ", ".join(get_close_matches(of, self.symbols, n=3, cutoff=0.0))
        raise KeyError(f"no instrument {of[:80]!r}; nearest are {near}")

    def broke(self) -> pd.DataFrame:
        """Movers whose link has loosened: those whose |r| fell."""
        movers = self.movers()
        return movers[movers["recent"].abs() < movers["before"].abs()].reset_index(drop=True)
