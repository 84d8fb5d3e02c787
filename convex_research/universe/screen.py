"""A screen: every pair of a universe, what changed beyond chance, and what hangs together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from convex_research.analysis.flags import TWINS
from convex_research.core.errors import InputError
from convex_research.core.flags import Flag
from convex_research.returns.differences import difference
from convex_research.statistics.many.average_correlation import average_correlation
from convex_research.statistics.many.grouping import groups, leaf_order, spanning_tree
from convex_research.statistics.many.shrinkage import cleaned, ledoit_wolf, positive_definite
from convex_research.universe.answers import past, universe_screen
from convex_research.universe.asked import public, short_names
from convex_research.universe.changes import Changes
from convex_research.universe.joint import Joint
from convex_research.universe.record import listed_pairs, universe_record
from convex_research.universe.table import diversifiers, pair_frame, twins

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    from convex_research.claims.answer import Answer
    from convex_research.claims.answers import FirstScreen
    from convex_research.core.config import AnalysisConfig, ReturnKind
    from convex_research.core.estimates import NotComputed
    from convex_research.core.typing import Array, Mask
    from convex_research.data.series import Frequency, QualityNote
    from convex_research.statistics.inference.jackknife import FisherZ
    from convex_research.universe.asked import Asked
    from convex_research.universe.measures import Measures
    from convex_research.universe.tracks import Track

__all__ = ["Screen"]

_RARE, _TIMES_THE_OTHER = 0.10, 2.0


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
    sources : tuple of str
        Symbols of the instruments as they were asked for, files with their folders.
    quality : tuple of QualityNote
        What the gate warns of.
    asked : Asked
        What the universe was asked for by.
    """

    name: str
    tracks: tuple[Track, ...]
    measures: Measures
    config: AnalysisConfig
    kind: ReturnKind
    frequency: Frequency
    skipped: dict[str, str]
    sources: tuple[str, ...]
    quality: tuple[QualityNote, ...]
    asked: Asked

    @property
    def symbols(self) -> list[str]:
        """Symbols of the instruments, in order."""
        return [one.series.provenance.symbol for one in self.tracks]

    @property
    def instruments(self) -> list[str]:
        """Names of the instruments, in order."""
        return [one.series.instrument.name for one in self.tracks]

    @cached_property
    def _labels(self) -> dict[str, str]:
        return short_names([one.series for one in self.tracks])

    def label(self, symbol: str) -> str:
        """Short name of an instrument by its symbol."""
        return self._labels[symbol]

    @property
    def as_of(self) -> date:
        """Last day of any instrument."""
        last = max(one.days[-1] for one in self.tracks)
        return date.fromisoformat(str(last)[:10])

    @cached_property
    def joint(self) -> Joint:
        """What all instruments have in common."""
        return Joint(self)

    def first_screen(self) -> FirstScreen:
        """All words of the page's first screen: title, sample, four answers."""
        return universe_screen(self)

    def answers(self) -> tuple[Answer, ...]:
        """Whether they move together, whether that changed, which groups hold, what moved."""
        return self.first_screen().answers

    @property
    def public_universe(self) -> tuple[str, ...]:
        """What was asked for, files by their names."""
        return tuple(public(one) for one in self.asked.universe)

    @property
    def public_skipped(self) -> dict[str, str]:
        """What was left out and why, files by their names."""
        return {public(one): why for one, why in self.skipped.items()}

    def source(self, symbol: str) -> str:
        """The symbol that an instrument was asked for by, with its folder."""
        return self.sources[self.symbols.index(symbol)]

    def publish(self, output: str | Path = "reports", pages: int = 0) -> list[Path]:
        """Build the page of this universe after those of ``pages`` movers, strongest first."""
        from convex_research.universe.publish import publish_screen

        return publish_screen(self, output, pages)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the matrix of the year by matplotlib, like beside like.

        Parameters
        ----------
        ax : matplotlib.axes.Axes, optional
            Where to draw; a new figure by default.
        """
        from convex_research.presentation.charts.heat_map import draw_map

        return draw_map(self, ax)

    def past(self, nobs: int) -> str:
        """The last observations as a window: ``past year``, ``last 90 days``."""
        return past(self, nobs)

    def listed_pairs(self) -> dict[int, list[str]]:
        """Rows of the pairs that the page lists: moved, strongest, weakest, nearest to one."""
        return listed_pairs(self)

    def to_dict(self) -> dict[str, Any]:
        """The record: what the index and other programs read."""
        return universe_record(self)

    def summary(self) -> str:
        """The four answers with their numbers, as text."""
        return str(self.first_screen())

    def _repr_html_(self) -> str:
        return self.first_screen().html

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
        marks: list[tuple[str, Mask]] = [
            (Flag.ASYNCHRONOUS, held["apart"] == 1.0),
            (Flag.RARELY_TRADED_A, rests_a >= np.maximum(_RARE, _TIMES_THE_OTHER * rests_b)),
            (Flag.RARELY_TRADED_B, rests_b >= np.maximum(_RARE, _TIMES_THE_OTHER * rests_a)),
            (Flag.TWINS, whole > TWINS),
        ]
        rows = np.column_stack([mask for _, mask in marks])
        kinds, which = np.unique(rows, axis=0, return_inverse=True)
        listed = [tuple(str(marks[i][0]) for i in np.flatnonzero(one)) for one in kinds]
        return [listed[kind] for kind in which.tolist()]

    @cached_property
    def changes(self) -> Changes:
        """What changed lately, over all pairs."""
        return Changes(self.measures, self.config)

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
        frame = self.changes.table(np.flatnonzero(self.changes.discovered))
        symbols = np.array(self.symbols, dtype=object)
        for at, (name, places) in enumerate(
            zip("ab", self.measures.pairs[frame.index].T, strict=True)
        ):
            frame.insert(at, name, symbols[places])
        return frame.reset_index(drop=True)

    def to_frame(self) -> pd.DataFrame:
        """Everything that was measured, a row a pair.

        Returns
        -------
        DataFrame
            Columns a, b, nobs, start, end; then results under the keys of the pairs' own pages
            (``correlation.pearson[252]``, ``recent.difference_r[252]``,
            ``regression.beta[252]``, ``rolling.pearson_min_5y[90]``), their ends under the key with
            ``.low`` and ``.high``; ``pvalue`` of both looks at a change, ``pvalue_adjusted`` and
            ``discovered`` over all pairs; flags.
        """
        return pair_frame(self)

    def pair_returns(self, row: int) -> tuple[Array, Array]:
        """Returns of a pair on the days both legs have."""
        one, other = (self.tracks[i] for i in self.measures.pairs[row])
        shared = np.intersect1d(one.periods, other.periods, assume_unique=True)
        a, b = (
            difference(
                leg.levels[np.searchsorted(leg.periods, shared)], leg.series.instrument, self.kind
            )[0]
            for leg in (one, other)
        )
        return a, b

    def lasting(self, nobs: int) -> list[int]:
        """Places of the instruments that reach back as far as the others do, or ``nobs`` returns.

        A short history among long ones does not shorten what all share.
        """
        sizes = [one.periods.size for one in self.tracks]
        fewest = min(nobs + 1, sorted(sizes)[(len(sizes) - 1) // 2])
        return [place for place, size in enumerate(sizes) if size >= fewest]

    def returns(self, nobs: int | None = None) -> pd.DataFrame:
        """Returns on the days that all instruments of :meth:`lasting` share.

        Parameters
        ----------
        nobs : int, optional
            Only the last so many; the year by default.
        """
        count = nobs or self.config.year
        chosen = [self.tracks[place] for place in self.lasting(count)]
        shared = chosen[0].periods
        for one in chosen[1:]:
            shared = np.intersect1d(shared, one.periods, assume_unique=True)
        shared = shared[-count - 1 :]
        values = {}
        for one in chosen:
            levels = one.levels[np.searchsorted(one.periods, shared)]
            values[one.series.provenance.symbol] = difference(
                levels, one.series.instrument, self.kind
            )[0]
        at = np.searchsorted(chosen[0].periods, shared[1:])
        return pd.DataFrame(values, index=pd.DatetimeIndex(chosen[0].days[at]))

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
        recent = self.returns()
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
        if way == "pairwise":
            made = positive_definite(np.nan_to_num(self.matrix().to_numpy()))
            return pd.DataFrame(made, index=self.symbols, columns=self.symbols)
        recent = self.returns()
        legs = recent.loc[:, recent.nunique() > 1].to_numpy().T
        if way == "ledoit-wolf":
            made = ledoit_wolf(legs)[0]
        elif way == "cleaned":
            made = cleaned(np.corrcoef(legs), legs.shape[-1])
        else:
            raise InputError(f"no way {way!r}; there are ledoit-wolf, cleaned and pairwise.")
        names = recent.columns[recent.nunique() > 1]
        return pd.DataFrame(made, index=names, columns=names)

    def twins(self) -> pd.DataFrame:
        """Pairs whose r over the whole sample is above .99: columns a, b, r, short_of_one."""
        return twins(self)

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
        return diversifiers(self, self.place(of), count)

    def place(self, of: str) -> int:
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
