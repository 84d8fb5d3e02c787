"""Windows beside each other, at once, and day after day, and whether their intervals hold.

Differences of two windows, the joint intervals of a page, the band of a rolling correlation and
its extremes, and the interval of a window that is read on every day of a year.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from convex_research.methodology.simulations.market_worlds import over_worlds
from convex_research.statistics.dynamics.rolling import rolling_fisher_z
from convex_research.statistics.dynamics.rolling_band import extreme_window, window_band
from convex_research.statistics.inference.jackknife import FisherZ, fisher_z
from convex_research.statistics.inference.two_windows import change_in_r, change_in_z

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.core.typing import Array
    from convex_research.methodology.rows import CoverageRow
    from convex_research.methodology.simulations.market_worlds import Paths
    from convex_research.methodology.simulations.tally import Tally

__all__ = ["SEED", "SUBJECTS", "differences", "joint", "read_daily", "rolling"]

SEED, RHO, FALLEN, MARGIN = 424242, 0.8, 0.5, 0.20
# Later window and the most observations before it that it is held against.
PAIRS = {90: 1170, 252: 1008}
FACTORS = {90: 1.8, 252: 1.5}
YEAR = 252
OWN = "the windows' own difference"
CHANGING = ("iid normal", "CCC-GARCH t8", "common stochastic volatility", "common jumps")


def _z(path: Paths, rows: slice) -> FisherZ | None:
    found = fisher_z(path.a[rows], path.b[rows])
    return found if isinstance(found, FisherZ) else None


def _two(path: Paths, window: int) -> tuple[slice, slice]:
    """Rows of the last window and of what lies before it."""
    nobs = path.a.size
    return slice(nobs - window, nobs), slice(max(0, nobs - window - PAIRS[window]), nobs - window)


def _halves(path: Paths) -> tuple[slice, slice]:
    half = path.a.size // 2
    return slice(half, path.a.size), slice(0, half)


def differences() -> list[CoverageRow]:
    """Coverage of the differences, and how often a change is found, with and without one."""
    return over_worlds(_constant, ((1260, 1000),), seed=SEED, rho=RHO) + _fallen()


def _constant(tally: Tally, path: Paths) -> None:
    parts = {f"recent.difference[{w}]": _two(path, w) for w in PAIRS}
    for key, rows in {**parts, "consistency.halves_z": _halves(path)}.items():
        later, earlier = (_z(path, part) for part in rows)
        if later is None or earlier is None:
            continue
        r1, r0 = (float(path.window(part, jumps=True)) for part in rows)
        change = change_in_z(later, earlier)
        tally.cover(key, change, math.atanh(r1) - math.atanh(r0), OWN)
        r_key = key.replace("halves_z", "halves").replace("difference[", "difference_r[")
        tally.cover(r_key, change_in_r(later, earlier), r1 - r0, OWN)
        tally.note(key, "false alarms", _beyond(change.low, change.high), note="beyond the margin")
        narrow = change_in_z(later, earlier, confidence_level=0.90)
        inside = narrow.low is not None and narrow.high is not None
        same = inside and narrow.low > -MARGIN and narrow.high < MARGIN  # type: ignore[operator]
        tally.note(key, "found", same, note="shown to be the same where it is")


def _beyond(low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and (low > MARGIN or high < -MARGIN)


def _fallen() -> list[CoverageRow]:
    """R falls from .8 to .5 for the later window."""
    rows: list[CoverageRow] = []
    for window in PAIRS:
        note = "r .8 before, .5 in the window: beyond the margin"

        def observe(tally: Tally, path: Paths, window: int = window, note: str = note) -> None:
            later, earlier = (_z(path, part) for part in _two(path, window))
            if later is not None and earlier is not None:
                change = change_in_z(later, earlier)
                hit = _beyond(change.low, change.high)
                tally.note(f"recent.difference[{window}]", "power", hit, note=note)

        def broken(nobs: int, window: int = window) -> tuple[int, float]:
            return nobs - window, FALLEN

        rows += over_worlds(
            observe, ((1260, 500),), seed=SEED + 1, rho=RHO, worlds=CHANGING, broken=broken
        )
    return rows


def joint() -> list[CoverageRow]:
    """Whether all windows of a page hold together, with joint intervals and without."""

    def observe(tally: Tally, path: Paths) -> None:
        nobs = path.a.size
        shown = [slice(nobs - w, nobs) for w in (30, 90, 252, 1260, nobs) if w <= nobs]
        years = [slice(i, i + YEAR) for i in range(0, min(nobs, 20 * YEAR), YEAR)]
        rows = list(dict.fromkeys((s.start, s.stop) for s in (*shown, *years)))
        windows = [slice(*ends) for ends in rows]
        estimates = [_z(path, one) for one in windows]
        for level, note in ((0.95 ** (1.0 / len(windows)), ""), (0.95, _ONE_BY_ONE)):
            hits = [
                _holds(one, level, float(path.window(part, jumps=True)))
                for one, part in zip(estimates, windows, strict=True)
                if one is not None
            ]
            words = f"all {len(windows)} windows of a page" + (f", {note}" if note else "")
            tally.note("correlation.page[all]", "coverage", all(hits), note=words)

    return over_worlds(observe, ((1260, 600), (5040, 300)), seed=SEED + 2, rho=RHO)


_ONE_BY_ONE = "each with its own 95 % interval, for comparison"


def _holds(estimate: FisherZ, level: float, truth: float) -> bool:
    low, high = estimate.ends(level)
    return low <= math.atanh(truth) <= high


def rolling() -> list[CoverageRow]:
    """The band over all windows, and the intervals of lowest and highest."""

    def observe(tally: Tally, path: Paths) -> None:
        for window in (30, 90, 252):
            z, error, df = rolling_fisher_z(path.a, path.b, window)
            truth = _rolling_truth(path, window)
            known = np.isfinite(z)
            band = window_band(z, error, window=window)
            if isinstance(band, tuple):
                low, high = (end[known] for end in band)
                inside = bool(((low <= truth[known]) & (truth[known] <= high)).all())
                tally.note(f"rolling.band[{window}]", "coverage", inside)
            for side, end in (("min", truth[known].min()), ("max", truth[known].max())):
                found = extreme_window(z, error, df, side, window=window)  # type: ignore[arg-type]
                tally.cover(f"rolling.pearson_{side}[{window}]", found, float(end))

    return over_worlds(observe, ((504, 400), (1260, 400)), seed=SEED + 3, rho=RHO)


def _rolling_truth(path: Paths, window: int) -> Array:
    """Fisher's z of every window's variance-weighted correlation, NaN where it is incomplete."""
    moments = path.given_jumps if path.given_jumps is not None else path.covariance
    sums = np.cumsum(np.pad(moments, ((0, 0), (1, 0))), axis=1)
    first, second, shared = sums[:, window:] - sums[:, :-window]
    truth = np.full(path.a.size, np.nan)
    truth[window - 1 :] = np.arctanh(shared / np.sqrt(first * second))
    return truth


def read_daily() -> list[CoverageRow]:
    """Whether a window's interval holds on all days of a year, with its factor and without."""

    def observe(tally: Tally, path: Paths) -> None:
        for window, factor in FACTORS.items():
            last = slice(path.a.size - YEAR - window + 1, path.a.size)
            z, error, df = rolling_fisher_z(path.a[last], path.b[last], window)
            truth = _rolling_truth(path, window)[last]
            days = np.isfinite(z)
            half = stdtrit(df[days], 0.975) * error[days]
            miss = np.abs(z[days] - truth[days])
            key = f"correlation.pearson_daily[{window}]"
            tally.note(key, "coverage", bool((miss <= factor * half).all()), note=_EVERY_DAY)
            plain = f"{_EVERY_DAY}, without the factor, for comparison"
            tally.note(key, "coverage", bool((miss <= half).all()), note=plain)

    return over_worlds(observe, ((630, 500),), seed=SEED + 4, rho=RHO)


_EVERY_DAY = "on all days of a year"
SUBJECTS: dict[str, Callable[[], list[CoverageRow]]] = {
    "windows_differences": differences,
    "windows_joint": joint,
    "windows_rolling": rolling,
    "windows_daily": read_daily,
}
