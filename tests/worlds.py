"""Unlike pairs, made once per process: for tests of what a reader is given to read."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from support import study_of

import convex_research as cr
from convex_research.statistics.simulate.worlds import ccc_garch_returns, garch_world

NOBS = 1_600


def series(returns, name: str, start: str = "2012-01-02", freq: str = "B") -> pd.Series:
    """Prices from 100 with these log returns."""
    days = pd.date_range(start, periods=len(returns), freq=freq)
    return pd.Series(100.0 * np.exp(np.cumsum(returns)), days, name=name)


def moves(seed: int = 1, nobs: int = NOBS) -> tuple[Any, Any, Any]:
    """Returns of two with volatility in clusters and r of .7, and three of plain noise."""
    a, b = ccc_garch_returns(garch_world(0.7), nobs, 1, seed=seed)
    return 0.01 * a[:, 0], 0.01 * b[:, 0], np.random.default_rng(seed).standard_normal((3, nobs))


def of(a, b, config=None, kind="price", **more: Any) -> cr.Study:
    """A study without helpers."""
    return cr.study(a, b, helpers={}, config=config, kind=kind, **more)


A, B, E = moves()
ONE, OTHER = series(A, "AAA"), series(B, "BBB")
WEEKLY = cr.AnalysisConfig(
    frequency="weekly", windows=(30, 52, 104), rolling_window=52, long_window_min=60
)
WINDOWS = cr.AnalysisConfig(windows=(21, 63, 250), confidence_level=0.9, rolling_window=60)


def _level(changes, name: str) -> pd.Series:
    return pd.Series(20.0 + np.cumsum(changes), ONE.index, name=name)


def _apart() -> cr.Study:
    """B's close holds half of what A's next session does."""
    early, late = E[0] + 0.6 * E[1], 0.5 * (E[0] + np.roll(E[0], 1)) + 0.6 * E[2]
    return of(series(0.01 * early, "AAA"), series(0.01 * late, "BBB"))


def _rare() -> cr.Study:
    rests = np.random.default_rng(9).random(NOBS) < 0.3
    return of(ONE, OTHER.mask(rests).ffill().bfill())


def _currencies() -> cr.Study:
    return cr.study("fx:EURUSD", "fx:GBPUSD", start="2012-01-02", as_of="2018-12-31")


_MADE = {
    "peers": lambda: study_of("sp500", "nasdaq"),
    "volatility": lambda: study_of("sp500", "vix"),
    "currencies": _currencies,
    "ordinary": lambda: of(ONE, OTHER),
    "against": lambda: of(ONE, series(-B, "BBB")),
    "unlinked": lambda: of(ONE, series(0.01 * E[0], "BBB")),
    "twins": lambda: of(ONE, series(A + 0.0005 * E[0], "BBB")),
    "exact": lambda: of(ONE, (2.0 * ONE).rename("BBB")),
    "inverse": lambda: of(ONE, series(-A + 0.0005 * E[0], "BBB")),
    "apart": _apart,
    "rare": _rare,
    "rates": lambda: of(_level(5.0 * A, "TEN"), _level(5.0 * B, "TWO"), kind="rate"),
    "level": lambda: of(ONE, _level(-50.0 * A + 0.2 * E[0], "GAUGE"), kind=("price", "level")),
    "crypto": lambda: of(series(A, "AAA", freq="D"), series(B, "BBB", freq="D")),
    "weekly": lambda: of(ONE, OTHER, WEEKLY),
    "windows": lambda: of(ONE, OTHER, WINDOWS),
    **{str(n): lambda n=n: of(ONE[:n], OTHER[:n]) for n in (61, 120, 300, 420)},
}
NAMES = tuple(_MADE)
# Twelve of them are read page by page.
READ = (
    *("peers", "volatility", "currencies", "unlinked", "twins", "exact"),
    *("apart", "rare", "rates", "weekly", "windows", "120"),
)


@cache
def world(name: str) -> cr.Study:
    """The study of a pair by its name here."""
    return _MADE[name]()
