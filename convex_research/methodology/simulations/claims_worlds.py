"""Pages with a known truth: pairs made from independent GARCH legs, five years of days."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from convex_research.analysis.sections.divergence import reconstitution_windows
from convex_research.catalogue import Instrument, Pair
from convex_research.data.series import Prices, Provenance, SeriesData
from convex_research.returns import AlignedReturns
from convex_research.statistics.simulate.worlds import ccc_garch_returns, garch_world
from convex_research.statistics.stability.regimes import Regimes, volatility_regimes
from convex_research.studies import analyze

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.catalogue import Kind
    from convex_research.core.typing import Array
    from convex_research.studies import Study

    World = Callable[[np.random.Generator], Study]

__all__ = ["NOBS", "World"]

NOBS = 1260
DAYS = pd.bdate_range("2014-01-02", periods=NOBS + 1)
_STAMPS = DAYS.to_numpy().astype("datetime64[D]")
PEER = Pair("csv:left.csv#Close?name=Left", "csv:right.csv#Close?name=Right", "peer")
PRICED = frozenset({"market", "mid_cap", "small_cap", "oil"})


def series(name: str, values: Array, kind: Kind = "price", category: str = "equity") -> SeriesData:
    """A made-up series with the provenance of one."""
    first, last = (day.date() for day in (DAYS[0], DAYS[-1]))
    made = Provenance(
        symbol=name,
        provider="simulated",
        url="",
        sha256="",
        adjustment="",
        rows=values.size,
        missing=0,
        start=first,
        end=last,
        licence="",
    )
    instrument = Instrument(id=name, name=name, kind=kind, unit="USD", category=category)
    return SeriesData(pd.Series(values, index=DAYS), instrument, made)


def price(returns: Array) -> Array:
    """Prices from returns."""
    return 100.0 * np.concatenate([[1.0], np.cumprod(1.0 + returns)])


def page(a: Array, b: Array, helpers: dict[str, Array] | None = None) -> Study:
    """A finished analysis of two return series in per cent; helpers are levels."""
    a, b = np.asarray(a) / 100.0, np.asarray(b) / 100.0
    levels = np.column_stack([price(a), price(b)])
    left, right = series("Left", levels[:, 0]), series("Right", levels[:, 1])
    returns = AlignedReturns(
        prices=Prices(PEER, left, right),
        kind="simple",
        price_dates=_STAMPS,
        levels=levels,
        values=np.column_stack([a, b]),
        units=("decimal", "decimal"),
        frequency="daily",
        periods_per_year=252,
        dropped=(0, 0),
    )
    made = {
        role: series(role, values, "price" if role in PRICED else "level")
        for role, values in (helpers or {}).items()
    }
    return analyze(returns, helpers=made)


def legs(rng: np.random.Generator, count: int) -> Array:
    """Independent GARCH returns with t8 shocks, unit variance, shape (count, T)."""
    made = []
    for _ in range((count + 1) // 2):
        seed = int(rng.integers(2**31))
        a, b = ccc_garch_returns(garch_world(0.0), NOBS + 250, 1, seed=seed)
        made += [a[250:, 0], b[250:, 0]]
    return np.array(made[:count])


def walk_levels(rng: np.random.Generator) -> dict[str, Array]:
    """Macro series that have nothing to do with the pair."""
    vix = np.exp(np.log(18.0) + 0.05 * np.cumsum(rng.standard_normal(NOBS + 1)))
    return {
        "vix": vix,
        "oil": price(0.02 * rng.standard_normal(NOBS)),
        "yield_10y": 3.0 + np.cumsum(0.05 * rng.standard_normal(NOBS + 1)),
    }


def walks(rng: np.random.Generator) -> Study:
    """Independent legs, an independent market, macro series that wander alone."""
    a, b, m = legs(rng, 3)
    return page(a, b, {**walk_levels(rng), "market": price(m / 100.0)})


def market(rng: np.random.Generator) -> Study:
    """R 0.8, all of it through the market; every correlation constant, each leg its GARCH."""
    tie = math.sqrt(0.8)
    root = np.linalg.cholesky([[1.0, 0.8, tie], [0.8, 1.0, tie], [tie, tie, 1.0 + 1e-9]])
    z = root @ rng.standard_normal((3, NOBS + 250))
    z *= np.sqrt(6.0 / rng.chisquare(8.0, NOBS + 250))
    variance = np.ones(3)
    for t in range(z.shape[1]):
        z[:, t] *= np.sqrt(variance)
        variance = 0.03 + 0.07 * z[:, t] ** 2 + 0.90 * variance
    a, b, m = z[:, 250:]
    return page(a, b, {**walk_levels(rng), "market": price(m / 100.0)})


def halves(first: float, second: float, rng: np.random.Generator) -> tuple[Array, Array]:
    """R of the first half and of the second; so is the slope of the second leg on the first."""
    x, y = legs(rng, 2)
    rho = np.where(np.arange(NOBS) < NOBS // 2, first, second)
    return x, rho * x + np.sqrt(1.0 - rho**2) * y


def lead_pair(share: float, rng: np.random.Generator) -> Study:
    """The move of A explains a share of the next of B."""
    x, e = legs(rng, 2)
    y = e.copy()
    y[1:] += math.sqrt(share / (1.0 - share)) * x[:-1]
    return page(x, y)


def hits(rng: np.random.Generator, share: float = 0.56) -> Study:
    """The sign of A decides that of B's next move with a probability."""
    x, e = legs(rng, 2)
    same = rng.random(NOBS) < share
    y = np.abs(e)
    y[1:] *= np.where(same[1:], np.sign(x[:-1]), -np.sign(x[:-1]))
    return page(x, y)


def cointegrated(rng: np.random.Generator) -> Study:
    """A gap that closes by half in ten days."""
    b = legs(rng, 1)[0]
    phi, gap = 0.5**0.1, np.zeros(NOBS + 1)
    shocks = 0.8 * rng.standard_normal(NOBS + 1)
    for t in range(1, NOBS + 1):
        gap[t] = phi * gap[t - 1] + shocks[t]
    return page(b + np.diff(gap), b)


def tilted(rng: np.random.Generator, move: float) -> Study:
    """The slope of A on B moves in the middle of the sample."""
    return page(*halves(0.8 - move, 0.8, rng)[::-1])


def moved(rng: np.random.Generator, move: float) -> Study:
    """Fisher's z moves in the middle of the sample."""
    return page(*halves(math.tanh(0.5), math.tanh(0.5 + move), rng))


def by_regime(rng: np.random.Generator, gap: float) -> Study:
    """Fisher's z higher in the calmest third of days than in the wildest one, one volatility."""
    (x,) = legs(rng, 1)
    found = volatility_regimes(x)
    if not isinstance(found, Regimes):
        raise TypeError(found.reason)
    rho = np.full(NOBS, math.tanh(0.8))
    for name, value in (("low_vol", 0.8 + 0.5 * gap), ("high_vol", 0.8 - 0.5 * gap)):
        rho[found[name]] = math.tanh(value)
    variance = np.ones(NOBS)
    for t in range(NOBS - 1):
        variance[t + 1] = 0.03 + 0.07 * x[t] ** 2 + 0.90 * variance[t]
    noise = np.sqrt(variance * 6.0 / rng.chisquare(8.0, NOBS)) * rng.standard_normal(NOBS)
    return page(x, rho * x + np.sqrt(1.0 - rho**2) * noise)


def delayed(rng: np.random.Generator) -> Study:
    """A takes in 3 % of the market's pull a day late."""
    m, u, v = legs(rng, 3)
    late = np.concatenate([[0.0], m[:-1]])
    share = 0.03  # of what the market explains of A
    return page(
        math.sqrt(1.0 - share) * m + math.sqrt(share) * late + 0.5 * u,
        m + 0.5 * v,
        {"market": price(m / 100.0)},
    )


def unequal(rng: np.random.Generator) -> Study:
    """Market betas 1.15 and 1."""
    m, u, v = legs(rng, 3)
    return page(1.15 * m + 0.4 * u, m + 0.4 * v, {"market": price(m / 100.0)})


def risky(rng: np.random.Generator) -> Study:
    """The spread has a correlation of -0.3 with falls of the VIX."""
    m, z = legs(rng, 2)
    falls = -np.diff(np.log(walk_levels(rng)["vix"])) / 0.05
    level = 40.0 - np.concatenate([[0.0], np.cumsum(falls)]) * 0.2
    spread = 0.3 * falls + math.sqrt(1.0 - 0.09) * z
    helpers = {"vix": level, "market": price(0.01 * m)}
    return page(m - 0.5 * spread, m + 0.5 * spread, helpers)


def macro_driven(rng: np.random.Generator, share: float = 0.15) -> Study:
    """Two series explain a share of the spread."""
    m, z = legs(rng, 2)
    x, y = rng.standard_normal((2, NOBS))
    spread = math.sqrt(0.5 * share) * (x + y) + math.sqrt(1.0 - share) * z
    level = 60.0 + np.concatenate([[0.0], np.cumsum(x)]) * 0.2
    helpers = {"vix": level, "oil": price(0.02 * y)}
    return page(m + 0.5 * spread, m - 0.5 * spread, helpers)


def by_year(rng: np.random.Generator) -> Study:
    """Fisher's z 0.60 apart in odd and even years."""
    x, y = legs(rng, 2)
    odd = DAYS[1:].year.to_numpy() % 2 == 1
    rho = np.where(odd, math.tanh(1.3), math.tanh(0.7))
    return page(x, rho * x + np.sqrt(1.0 - rho**2) * y)


def clustered(rng: np.random.Generator, times: float) -> Study:
    """The spread's volatility is several times as high in every other quarter."""
    m, _ = legs(rng, 2)
    size = np.where((np.arange(NOBS) // 63) % 2 == 0, 0.5, 0.5 * times)
    spread = size * rng.standard_normal(NOBS)
    return page(m + 0.5 * spread, m - 0.5 * spread)


def rebuilt(rng: np.random.Generator, times: float = 1.75) -> Study:
    """Reconstitution weeks have a larger spread."""
    m, z = legs(rng, 2)
    spread = z.copy()
    for rows in reconstitution_windows(page(m, z).returns):
        spread[rows] *= times
    return page(m + 0.5 * spread, m - 0.5 * spread)


def broken(rng: np.random.Generator) -> Study:
    """R falls from 0.9 to 0.6 for half a year at a time: the spread doubles with it."""
    x, y = legs(rng, 2)
    rho = np.where((np.arange(NOBS) // 63) % 4 == 3, 0.6, 0.9)
    return page(x, rho * x + np.sqrt(1.0 - rho**2) * y)


def moving(rng: np.random.Generator, swing: float) -> Study:
    """R swings around 0.55 in 400 days."""
    x, y = legs(rng, 2)
    rho = 0.55 + swing * np.sin(2.0 * np.pi * np.arange(NOBS) / 400.0)
    return page(x, rho * x + np.sqrt(1.0 - rho**2) * y)


def recent_break(rng: np.random.Generator, move: float, days: int) -> Study:
    """Fisher's z moves for the last days."""
    x, y = legs(rng, 2)
    rho = np.where(np.arange(NOBS) < NOBS - days, math.tanh(0.5), math.tanh(0.5 + move))
    return page(x, rho * x + np.sqrt(1.0 - rho**2) * y)


def shifted(rng: np.random.Generator, step: float = 0.3) -> Study:
    """Monthly Fisher's z moves with one standard deviation of the VIX."""
    x, y = legs(rng, 2)
    state = np.zeros(NOBS + 1)
    for t in range(1, NOBS + 1):
        state[t] = 0.98 * state[t - 1] + math.sqrt(1.0 - 0.98**2) * rng.standard_normal()
    rho = np.tanh(0.8 + step * np.concatenate([np.zeros(21), state[1:-21]]))
    return page(x, rho * x + np.sqrt(1.0 - rho**2) * y, {"vix": 20.0 + 4.0 * state})


def sized(rng: np.random.Generator, share: float = 0.075) -> Study:
    """Other sizes lack a share of what mid caps are, which explain 0.8 of the leg."""
    mid, e, f, u = legs(rng, 4)
    other = math.sqrt(1.0 - share)
    helpers = {
        "mid_cap": price(mid / 100.0),
        "market": price((other * mid + math.sqrt(share) * e) / 100.0),
        "small_cap": price((other * mid + math.sqrt(share) * f) / 100.0),
    }
    return page(mid + 0.5 * u, mid + 0.5 * e, helpers)


def correlated(rho: float) -> World:
    """Constant r."""

    def make(rng: np.random.Generator) -> Study:
        x, y = legs(rng, 2)
        return page(x, rho * x + math.sqrt(1.0 - rho * rho) * y)

    return make
