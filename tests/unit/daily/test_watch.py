"""A look at a pair: on the page's own returns, with the law of a look."""

from dataclasses import asdict, replace
from datetime import date
from itertools import combinations

import numpy as np
import pytest

from convex_research.catalogue import Pair
from convex_research.core.estimates import Estimate, NotComputed
from convex_research.daily.watch.look import (
    LONGEST,
    Watched,
    daily_returns,
    path_of,
    recent_and_usual,
    watch_all,
)
from convex_research.data import load_series
from convex_research.data.series import Prices
from convex_research.returns import align
from convex_research.statistics.stability import monitoring
from convex_research.statistics.stability.look_law import look_pvalue


def watch(returns):
    return watch_all([returns])[0]


@pytest.mark.parametrize("kind", ["simple", "log"])
@pytest.mark.parametrize("names", [("sample:sp500", "sample:nasdaq"), ("sample:wti", "sample:vix")])
def test_returns_are_those_of_the_page(names, kind):
    a, b = (load_series(name) for name in names)
    page = align(Prices(Pair(*names), a, b), kind)
    own = daily_returns(a, b, kind)
    assert own.units == page.units
    assert own.nobs == min(LONGEST, page.nobs)
    np.testing.assert_array_equal(own.dates, page.dates[-LONGEST:])
    np.testing.assert_array_equal(own.values, page.values[-LONGEST:])


def test_bounds_are_inclusive():
    a, b = (load_series(f"sample:{name}") for name in ("sp500", "vix"))
    start, end = date(2010, 1, 4), date(2014, 12, 31)
    own = daily_returns(a, b, "simple", start=start, end=end)
    assert str(own.dates[-1]) == "2014-12-31"
    page = align(
        Prices(
            Pair("sample:sp500", "sample:vix"),
            a.between(start, end),
            b.between(start, end),
        )
    )
    np.testing.assert_array_equal(own.dates, page.dates[-own.nobs :])


def test_a_look_is_the_detectors_last_of_the_month():
    a, b = (load_series(f"sample:{name}") for name in ("sp500", "nasdaq"))
    own = daily_returns(a, b, "simple")
    seen = watch(own)
    looks = int((own.dates >= np.datetime64("2018-12-01")).sum())
    assert seen.as_of == "2018-12-31"
    x, y = own.values[:, :1], own.values[:, 1:]
    # As many rows as the detector would use by itself: the same reference.
    expected = monitoring.detector(x, y, looks)[-1, 0]
    assert seen.statistic == pytest.approx(expected, rel=1e-9)
    assert seen.reference.stop - seen.reference.start == monitoring.REFERENCE
    used = [monitoring.over_limited_volatility(leg)[seen.reference] for leg in (x, y)]
    rho = float(monitoring.fit_reference(*used).rho[0])
    assert 0.9 < rho < 0.99
    assert seen.pvalue == pytest.approx(look_pvalue(expected, rho=rho), rel=1e-6)
    recent, usual = recent_and_usual(own, seen)
    assert isinstance(recent, Estimate)
    assert (recent.nobs, usual.nobs) == (40, 1170)
    assert path_of(own)[-1] == pytest.approx(recent.value, abs=1e-4)
    assert seen.move.value == pytest.approx(own.values[-1, 0] - own.values[-1, 1])


def test_many_at_once_are_each_alone():
    names = ("sp500", "nasdaq", "wti", "vix")
    legs = {name: load_series(f"sample:{name}") for name in names}
    pairs = [
        daily_returns(legs[a], legs[b], "simple", start=start)
        for a, b in combinations(names, 2)
        for start in (None, date(2016, 1, 4), date(2017, 12, 1))
    ]
    still = replace(pairs[0], values=np.zeros_like(pairs[0].values))
    same = replace(pairs[0], values=pairs[0].values[:, [0, 0]])
    pairs += [still, same, *pairs[:1] * 70]  # more than are looked at together
    for one, together in zip(pairs, watch_all(pairs), strict=True):
        alone = watch(one)
        assert type(together) is type(alone)
        if isinstance(alone, NotComputed):
            assert together == alone
            continue
        assert together.statistic == pytest.approx(alone.statistic, rel=1e-9, abs=1e-9)
        assert together.pvalue == pytest.approx(alone.pvalue, rel=1e-6)
        assert (together.as_of, together.reference) == (alone.as_of, alone.reference)
        if alone.move is None:
            assert together.move is None
        else:
            assert asdict(together.move) == pytest.approx(asdict(alone.move), rel=1e-9)
    assert isinstance(watch(still), NotComputed)
    assert "move as one" in watch(same).reason
    assert watch_all([]) == []


def test_legs_of_different_units_have_no_spread():
    a, b = (load_series(f"sample:{name}") for name in ("sp500", "vix"))
    seen = watch(daily_returns(a, b, "simple"))
    assert isinstance(seen, Watched)
    assert seen.move is None
    assert seen.statistic != 0.0


def test_what_cannot_be_watched_says_why():
    a, b = (load_series(f"sample:{name}") for name in ("sp500", "nasdaq"))
    short = watch(daily_returns(a, b, "simple", start=date(2017, 1, 3)))
    assert isinstance(short, NotComputed)
    assert "observations, there are" in short.reason
    none = daily_returns(a, b, "simple", start=date(2018, 12, 31))
    assert isinstance(none, NotComputed)
    monthly = replace(a, values=a.values.iloc[::21])
    assert "one of these is monthly" in daily_returns(monthly, b, "simple").reason
