"""Counting what covered or rejected, and the worlds that all programs share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from convex_research.core.estimates import Estimate, TestResult
from convex_research.methodology.rows import CoverageRow, share_error
from convex_research.statistics.simulate.worlds import (
    ccc_garch_returns,
    garch_world,
    normal_returns,
    student_returns,
    sv_returns,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.core.typing import Array

__all__ = ["GARCH", "NORMAL", "SV", "T5", "WORLDS", "Tally", "Where", "world"]

NORMAL, T5, GARCH, SV = "iid normal", "iid t5", "CCC-GARCH t8", "common stochastic volatility"
WORLDS = (NORMAL, T5, GARCH)
NOMINAL = {"coverage": 0.95, "prediction": 0.95, "size": 0.05}

# Fewer computed samples than this make no share worth printing.
_FEWEST = 100


class Where(NamedTuple):
    """The samples of a row: their law, its correlation, their length."""

    world: str
    rho: float | None
    nobs: int


def world(
    name: str, nobs: int, paths: int, *, rho: float, seed: int, dropped: int = 0
) -> tuple[Array, Array]:
    """Returns of both legs in a world, shape (T, paths).

    Parameters
    ----------
    name : str
        One of ``WORLDS``, or ``SV``.
    nobs, paths : int
        Length and number of samples.
    rho : float
        Correlation.
    seed : int
        Seed of the draws.
    dropped : int
        First observations left out in the GARCH world, whose variances start at their mean.
    """
    if name == NORMAL:
        return normal_returns(nobs, paths, rho=rho, seed=seed)
    if name == T5:
        return student_returns(nobs, paths, rho=rho, seed=seed)
    if name == SV:
        return sv_returns(nobs, paths, rho=rho, seed=seed)
    a, b = ccc_garch_returns(garch_world(rho), nobs + dropped, paths, seed=seed)
    return np.ascontiguousarray(a[dropped:]), np.ascontiguousarray(b[dropped:])


class _Count:
    """Shares of one statistic, measure and variant."""

    def __init__(self) -> None:
        self.shares: list[float] = []
        self.flagged = 0
        self.tried = 0


class Tally:
    """What happened in the samples of one world, by key, measure and variant.

    Parameters
    ----------
    where : Where
        The samples.
    """

    def __init__(self, where: Where) -> None:
        self.where = where
        self._counts: dict[tuple[str, str, str], _Count] = {}

    def test(self, key: str, result: object, measure: str = "size", note: str = "") -> None:
        """Count a rejection at 5 %; anything but a test counts as not computed."""
        hit = result.pvalue <= 0.05 if isinstance(result, TestResult) else None
        self.note(key, measure, hit, flags=getattr(result, "flags", ()), note=note)

    def cover(self, key: str, result: object, truth: float, note: str = "") -> None:
        """Count whether an interval holds the truth; without interval it is not computed."""
        hit = None
        if isinstance(result, Estimate) and result.confidence_level is not None:
            hit = result.covers(truth)
        self.note(key, "coverage", hit, flags=getattr(result, "flags", ()), note=note)

    def note(
        self,
        key: str,
        measure: str,
        share: float | None,
        *,
        flags: Iterable[str] = (),
        note: str = "",
    ) -> None:
        """Count a hit, a miss, or a share of one sample; ``None``: not computed."""
        count = self._counts.setdefault((key, measure, note), _Count())
        count.tried += 1
        if share is not None:
            count.shares.append(float(share))
            count.flagged += bool(tuple(flags))

    def rows(self, nominal: float | None = None) -> list[CoverageRow]:
        """One row a statistic, measure and variant.

        Parameters
        ----------
        nominal : float, optional
            Level of the intervals, 95 % by default.
        """
        made = []
        for (key, measure, note), count in self._counts.items():
            computed = len(count.shares)
            share = float(np.mean(count.shares)) if computed >= _FEWEST else None
            made.append(
                CoverageRow(
                    key=key,
                    measure=measure,
                    nominal=nominal or NOMINAL.get(measure),
                    achieved=None if share is None else round(share, 4),
                    mc_std_error=None if share is None else round(_error(count.shares), 4),
                    world=self.where.world,
                    rho=self.where.rho,
                    nobs=self.where.nobs,
                    replications=count.tried,
                    computed=computed,
                    flagged=count.flagged,
                    note=note,
                )
            )
        return made


def _error(shares: list[float]) -> float:
    """Monte Carlo error of a mean of hits and misses, or of shares between them."""
    if set(shares) <= {0.0, 1.0}:
        return share_error(float(np.mean(shares)), len(shares))
    return float(np.std(shares, ddof=1) / np.sqrt(len(shares)))
