"""Everything measured of every pair as a table, under the keys of the pairs' own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from convex_research.analysis.flags import TWINS
from convex_research.core.estimates import Estimate
from convex_research.statistics.dynamics.rolling import rolling_fisher_z
from convex_research.statistics.dynamics.rolling_band import extreme_window
from convex_research.universe.measures import preceding_of

if TYPE_CHECKING:
    from convex_research.core.typing import Array
    from convex_research.universe.screen import Screen

__all__ = ["ROLLED", "diversifiers", "extremes_of", "interval_of", "pair_frame", "twins"]

ROLLED = 1260
"""Observations whose rolling windows are searched for the lowest and the highest."""


def interval_of(screen: Screen, name: str) -> tuple[Array, Array, Array]:
    """Value and both ends of a window's correlation or of a slope, for every pair.

    - ``name``: as :func:`~convex_research.universe.measures.columns` has it, without its part.
    """
    from scipy.special import stdtrit

    held = screen.measures.columns
    z, error, df = (held[f"{name}.{part}"] for part in ("z", "std_error", "df"))
    half = stdtrit(df, 0.5 + 0.5 * screen.config.confidence_level) * error
    ends = (z, z - half, z + half)
    return ends if name.startswith("beta") else tuple(np.tanh(one) for one in ends)  # type: ignore[return-value]


def pair_frame(screen: Screen) -> pd.DataFrame:
    """A row a pair: see :meth:`~convex_research.universe.screen.Screen.to_frame`."""
    held, config = screen.measures.columns, screen.config
    symbols = np.array(screen.symbols, dtype=object)
    a, b = screen.measures.pairs.T
    made: dict[str, Any] = {
        "a": symbols[a],
        "b": symbols[b],
        "nobs": held["nobs"].astype(np.int64),
        "start": _days(held["first"]),
        "end": _days(held["last"]),
    }
    keys = {f"correlation.pearson[{w}]": str(w) for w in config.measured_windows}
    keys |= {"correlation.pearson[all]": "whole", "correlation.weekly[all]": "weekly"}
    keys |= {f"regression.{name}[{config.year}]": name for name in ("beta", "beta_reverse")}
    for key, name in keys.items():
        made[key], made[f"{key}.low"], made[f"{key}.high"] = interval_of(screen, name)
    for window in screen.changes.windows:
        key = f"recent.difference_r[{window}]"
        look = screen.changes.looks[window]
        new, old = interval_of(screen, str(window)), interval_of(screen, preceding_of(window))
        change = new[0] - old[0]
        made[key] = change
        made[f"{key}.low"] = change - np.hypot(new[0] - new[1], old[2] - old[0])
        made[f"{key}.high"] = change + np.hypot(new[2] - new[0], old[0] - old[1])
        made[f"recent.preceding[{window}]"] = old[0]
        made[f"recent.difference[{window}].pvalue"] = look.pvalue
    made["pvalue"], made["pvalue_adjusted"] = (
        screen.changes.pvalues,
        screen.changes.pvalues_adjusted,
    )
    made["discovered"] = screen.changes.discovered
    for side, name in (("min", "lowest"), ("max", "highest")):
        key = f"rolling.pearson_{side}_5y[{config.rolling_window}]"
        made[key], made[f"{key}.end"] = held[name], _days(held[f"{name}_end"])
    made["flags"] = [" ".join(one) for one in screen.flags()]
    return pd.DataFrame(made)


def _days(numbers: Array) -> pd.DatetimeIndex:
    known = np.isfinite(numbers)
    days = np.where(known, numbers, 0).astype("datetime64[D]")
    days[~known] = np.datetime64("NaT")
    return pd.DatetimeIndex(days).as_unit("s")


def extremes_of(screen: Screen, row: int) -> tuple[Estimate | None, Estimate | None]:
    """The lowest and highest rolling r of a pair with their intervals; see METHODS of its page.

    None where it has no window, and at a level that has no factor.
    """
    a, b = screen.pair_returns(row)
    z = rolling_fisher_z(a[-ROLLED:], b[-ROLLED:], screen.config.rolling_window)
    found = []
    sides: tuple[Literal["min", "max"], ...] = ("min", "max")
    for side in sides:
        one = extreme_window(
            *z,
            side,
            window=screen.config.rolling_window,
            confidence_level=screen.config.confidence_level,
        )
        found.append(one if isinstance(one, Estimate) else None)
    return found[0], found[1]


def twins(screen: Screen) -> pd.DataFrame:
    """See :meth:`~convex_research.universe.screen.Screen.twins`."""
    r = np.tanh(screen.measures.columns["whole.z"])
    rows = [
        (screen.symbols[a], screen.symbols[b], r[k], 1.0 - r[k])
        for k, (a, b) in enumerate(screen.measures.pairs.tolist())
        if r[k] > TWINS
    ]
    return pd.DataFrame(rows, columns=["a", "b", "r", "short_of_one"])


def diversifiers(screen: Screen, place: int, count: int) -> pd.DataFrame:
    """See :meth:`~convex_research.universe.screen.Screen.diversifiers`."""
    r, low, high = interval_of(screen, str(screen.config.year))
    rows = [
        (screen.symbols[b if a == place else a], r[k], low[k], high[k])
        for k, (a, b) in enumerate(screen.measures.pairs.tolist())
        if place in {a, b} and np.isfinite(high[k])
    ]
    frame = pd.DataFrame(rows, columns=["symbol", "r", "low", "high"])
    return frame.sort_values("high", kind="stable").head(count).reset_index(drop=True)
