"""What each leg did, as the section of a pair has it: years, falls, dividends, return for risk."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from support import series_data, study_of

from convex_research import Pair, align, analyze
from convex_research.core.estimates import Missing, NotComputed
from convex_research.data.series import Prices

DAYS = pd.bdate_range("2012-01-02", "2019-06-28")


@pytest.fixture(scope="module")
def legs():
    """A share that pays 1 % of its price each June, with its closes, and one that pays nothing."""
    a, b = 0.01 * np.random.default_rng(4).standard_normal((2, DAYS.size))
    closes = pd.Series(100.0 * np.exp(np.cumsum(a)), DAYS)
    adjusted, paid = closes.copy(), []
    for year in range(2012, 2020):
        at = int(DAYS.searchsorted(pd.Timestamp(year, 6, 14)))
        paid.append((DAYS[at].date(), 0.01 * float(closes.iloc[at - 1])))
        adjusted.iloc[at:] /= 0.99
    paying = series_data("csv:paying", adjusted / adjusted.iloc[-1] * closes.iloc[-1], unit="USD")
    other = series_data("csv:other", pd.Series(50.0 * np.exp(np.cumsum(b)), DAYS), unit="USD")
    return replace(paying, raw=closes, dividends=tuple(paid)), other, closes


@pytest.fixture(scope="module")
def study(legs):
    return analyze(align(Prices(Pair("csv:paying", "csv:other"), *legs[:2])))


def test_growth_with_and_without_dividends(study, legs):
    closes = legs[2]
    years = (DAYS[-1] - DAYS[0]).days / 365.25
    whole, price = study["performance.cagr_a"], study["performance.price_growth_a"]
    assert price.value == pytest.approx((closes.iloc[-1] / closes.iloc[0]) ** (1 / years) - 1.0)
    assert whole.value - price.value == pytest.approx(8 * 0.01 / years, rel=0.1)
    assert study["performance.dividend_yield_a"].value == pytest.approx(0.01)
    missing = study["performance.dividend_yield_b"]
    assert missing == study["performance.price_growth_b"]
    assert isinstance(missing, NotComputed)


def test_years_of_both_legs_and_who_was_ahead(study):
    levels = pd.DataFrame(study.returns.levels, DAYS)
    last = levels.groupby(DAYS.year).last()
    grown = last / last.shift() - 1.0
    grown.loc[2012] = last.loc[2012] / levels.iloc[0] - 1.0
    for year in range(2012, 2020):
        for at, leg in enumerate("ab"):
            found = study[f"performance.calendar_year_{leg}[{year}]"]
            assert found.value == pytest.approx(grown.loc[year, at])
            assert ("partial_year" in found.flags) == (year == 2019)
    wins = study["performance.wins[year]"]
    ahead = (grown[0] > grown[1]).loc[2012:2018]
    assert (wins.value, wins.nobs) == (pytest.approx(ahead.mean()), 7)
    assert (wins.start, wins.end) == (DAYS[1].date(), date(2018, 12, 31))


def test_falls_and_return_for_risk(study):
    for leg in "ab":
        level = study.returns.levels[:, "ab".index(leg)]
        below = level[-1] / level.max() - 1.0
        assert study[f"performance.drawdown_last_{leg}"].value == pytest.approx(below)
        growth, fall = (study[f"performance.{key}_{leg}"].value for key in ("cagr", "max_drawdown"))
        assert study[f"performance.calmar_{leg}"].value == pytest.approx(-growth / fall)
    for measure in ("sharpe", "sortino"):
        a, b, gap = (study[f"performance.{measure}_{of}"] for of in ("a", "b", "gap"))
        assert gap.value == pytest.approx(a.value - b.value)
        assert gap.nobs == study.returns.nobs


def test_a_level_has_no_return_for_risk():
    vix = study_of("sp500", "vix")
    for key in ("sharpe_b", "sortino_b", "calmar_b", "drawdown_last_b", "sharpe_gap", "wins[year]"):
        assert vix[f"performance.{key}"].code == Missing.NOT_A_PRICE
    assert vix["performance.sharpe_a"].low < vix["performance.sharpe_a"].value
    assert vix["performance.calendar_year_b[2017]"].unit == "points"
