"""Claims that lean on further series: absent, short, apart, outdated, and by category."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from support import series_data

from convex_research import Pair, align, analyze, load_prices
from convex_research.analysis.sections.macro import (
    after_recoveries,
    closeness_gap,
    spread_drivers,
)
from convex_research.claims import evaluate
from convex_research.core.estimates import Estimate, NotComputed
from convex_research.data import load_series
from convex_research.statistics.inference.paired_losses import hac_gain
from convex_research.statistics.leads.explained_ahead import expanding_fit, fit_rsquared
from convex_research.statistics.leads.lead_share import rotation_test
from convex_research.statistics.leads.predictability import larger_model_test
from convex_research.statistics.levels.trend import episode_test, longest_episode

PEERS = Pair("sample:sp500", "sample:nasdaq")


def made(name, values, kind="level", *, stale=False):
    return series_data(name, values, stale=stale, id=name, kind=kind)


def wandering(name, first="1999-01-04", last="2018-12-31", *, kind="level", seed=1, stale=False):
    days = pd.bdate_range(first, last)
    steps = np.random.default_rng(seed).standard_normal(days.size)
    values = 40.0 + 0.05 * steps.cumsum() if kind == "level" else 90 * np.exp(0.01 * steps.cumsum())
    return made(name, pd.Series(np.abs(values) + 1.0, days), kind, stale=stale)


def recessions(first, last, spells, *, stale=False):
    months = pd.date_range(first, last, freq="MS")
    values = pd.Series(0.0, months)
    for begin, end in spells:
        values[begin:end] = 1.0
    return made("USREC", values, stale=stale)


def peers(start="1999-01-01", **helpers):
    market = load_series("sample:sp500")
    helpers = {"market": market, **helpers}
    return analyze(align(load_prices(PEERS, start=start)), helpers=helpers)


def only(analysis, claim):
    (found,) = evaluate(analysis, only=[claim])
    return found


# Each claim that needs a series, the role it takes it from, and the pair it is about.
NEEDS = [
    ("C02", "vix", "the VIX"),
    ("C18b[vix]", "vix", "the VIX"),
    ("C18b[hy_spread]", "hy_spread", "the high-yield spread"),
    ("C18b[yield_10y]", "yield_10y", "the 10-year yield"),
]


@pytest.mark.parametrize(("claim", "role", "words"), NEEDS)
def test_a_series_that_is_absent_ends_early_is_apart_or_outdated(claim, role, words):
    assert only(peers(), claim).verdict == "not tested"
    whole = only(peers(**{role: wandering(role)}), claim)
    assert "covers" not in whole.sample
    early = only(peers(**{role: wandering(role, last="2008-12-31")}), claim)
    assert f"{words} covers only part of the pair's sample" in early.sample
    assert "to 2008-12-3" in early.sample
    apart = only(peers("2005-01-01", **{role: wandering(role, last="2004-12-31")}), claim)
    assert apart.verdict == "not tested"
    assert "ends 2004-12-31" in apart.reason
    old = only(peers(**{role: wandering(role, stale=True)}), claim)
    assert f"an outdated copy of {words} was used" in old.sample


@pytest.mark.parametrize("claim", ["C14", "C21"])
def test_macro_claims_say_which_part_is_covered(claim):
    two = {"vix": wandering("vix"), "oil": wandering("oil", kind="price", seed=2)}
    assert "needs at least two" in only(peers(), claim).reason
    assert "needs at least two" in only(peers(vix=two["vix"]), claim).reason
    assert "covers" not in only(peers(**two), claim).sample
    early = only(peers(**{**two, "oil": wandering("oil", last="2010-12-31", kind="price")}), claim)
    assert "one of the macro series covers only part of the pair's sample" in early.sample
    old = {**two, "oil": wandering("oil", kind="price", stale=True)}
    assert (
        "an outdated copy of one of the macro series was used" in only(peers(**old), claim).sample
    )


@pytest.mark.parametrize("claim", ["C08", "C12", "C13"])
def test_market_claims_say_which_part_is_covered(claim):
    pair = align(load_prices(Pair("sample:wti", "sample:nasdaq")))
    market = load_series("sample:sp500")
    short = replace(market, values=market.values[:"2009-12-31"])
    stale = replace(market, provenance=replace(market.provenance, stale=True))
    for series, words in (
        (short, "the market series covers only part of the pair's sample"),
        (stale, "an outdated copy of the market series was used"),
    ):
        found = only(analyze(pair, helpers={"market": series}), claim)
        if found.verdict == "not tested":  # the market explains too little for a delay
            assert claim == "C13"
            continue
        assert words in found.sample


SPELLS = (("2001-04-01", "2001-11-01"), ("2008-01-01", "2009-06-01"))


FOUR = (*SPELLS, ("2003-01-01", "2003-06-01"), ("2012-01-01", "2012-06-01"))


def test_recessions_end_early_or_are_apart_or_outdated():
    whole = recessions("1998-01-01", "2018-12-01", SPELLS)
    found = only(peers(recessions=whole), "C03")
    assert "needs 4 recoveries, there are 2" in found.reason
    assert not found.sample
    few = only(peers(recessions=recessions("1998-01-01", "2008-06-01", SPELLS)), "C03")
    assert "needs 4 recoveries, there are 1" in few.reason
    early = only(peers(recessions=recessions("1998-01-01", "2014-01-01", FOUR)), "C03")
    assert "the series of recessions covers only part of the pair's sample" in early.sample
    apart = only(peers("2012-01-01", recessions=recessions("1980-01-01", "1990-01-01", ())), "C03")
    assert apart.verdict == "not tested"
    assert "the dates of recessions end 1990-01-01" in apart.reason
    old = only(peers(recessions=recessions("1998-01-01", "2018-12-01", FOUR, stale=True)), "C03")
    assert "an outdated copy of the series of recessions was used" in old.sample


def test_recoveries_are_the_year_after_each_recession():
    returns = peers().returns
    after, known, count, flags = after_recoveries(
        returns, {"recessions": recessions("1998-01-01", "2018-12-01", SPELLS)}
    )
    assert (count, flags) == (2, ())
    assert known.all()
    days = returns.dates.astype("datetime64[D]")[after]
    assert str(days[0]) == "2001-12-03"  # the first session of the month without recession
    assert str(days[-1]) == "2010-06-30"
    assert all(str(d)[:4] in {"2001", "2002", "2009", "2010"} for d in days)


def test_both_measures_of_risk_appetite_are_tested_together():
    returns = align(load_prices(PEERS))
    rng = np.random.default_rng(4)
    s = returns.a - returns.b
    index = pd.DatetimeIndex(returns.price_dates)

    def follows(noise):  # falls when A does better
        steps = -0.3 * s / s.std() + noise * rng.standard_normal(s.size)
        return pd.Series(60.0 + np.concatenate([[0.0], 0.02 * steps.cumsum()]), index)

    market = load_series("sample:sp500")
    both = {"vix": made("vix", follows(1.0)), "hy_spread": made("hy", follows(1.0))}
    both["market"] = market
    claim = only(analyze(returns, helpers=both), "C02")
    assert claim.verdict == "supported"
    assert claim.word == "No"
    assert "The other way round: r of Nasdaq Composite’s lead with falls of the VIX" in claim.text
    assert "of the credit spread −0.28" in claim.text
    alone = {role: series for role, series in both.items() if role != "market"}
    assert "needs a market" in only(analyze(returns, helpers=alone), "C02").reason
    against = {**both, "hy_spread": made("hy", -1.0 * both["hy_spread"].values + 200.0)}
    assert only(analyze(returns, helpers=against), "C02").verdict == "inconclusive"


def test_weeks_of_close_and_loose_coupling():
    two = {"vix": wandering("vix"), "oil": wandering("oil", kind="price", seed=2)}
    weekly = spread_drivers(peers(**two).returns, two)
    gap, ahead = closeness_gap(weekly)
    assert gap.low < 0.0 < gap.high  # the series have nothing to do with the pair
    assert isinstance(ahead, Estimate)


# --- the statistics behind them, against slow loops and known truths


def test_expanding_fit_against_a_loop():
    rng = np.random.default_rng(8)
    x = rng.standard_normal((180, 2))
    y = x @ [0.5, -0.2] + rng.standard_normal(180)
    found = expanding_fit(y, x)
    first = 60
    scale = np.abs(y[:first] - y[:first].mean()).max()
    for t in (first, 100, 179):
        design = np.column_stack([np.ones(t), x[:t]])
        b = np.linalg.lstsq(design, y[:t], rcond=None)[0]
        centre = y[:first].mean()
        expected = (b[0] + x[t] @ b[1:] - centre) / scale
        assert found.large[t - first] == pytest.approx(expected, abs=1e-10)
        assert found.small[t - first] == pytest.approx((y[:t].mean() - centre) / scale, abs=1e-10)
    r2 = fit_rsquared(found)
    large, small = ((found.actual - f) ** 2 for f in (found.large, found.small))
    assert r2.value == pytest.approx(1.0 - large.mean() / small.mean(), abs=1e-12)
    assert r2.low < 1.0 - 1.0 / 1.29 < r2.high
    assert larger_model_test(found).pvalue < 0.01
    noise = expanding_fit(rng.standard_normal(180), x)
    assert larger_model_test(noise).pvalue > 0.05
    assert fit_rsquared(noise).value < 0.05
    assert isinstance(expanding_fit(y[:100], x[:100]), NotComputed)


def test_hac_gain_is_the_gain_with_the_interval_of_a_ratio():
    rng = np.random.default_rng(9)
    base = rng.chisquare(3, 4000)
    loss = 0.6 * base * np.exp(0.3 * rng.standard_normal(4000)) / np.exp(0.045)
    found = hac_gain(loss, base)
    assert found.value == pytest.approx(1.0 - loss.mean() / base.mean(), abs=1e-12)
    assert found.covers(0.4)
    assert found.high - found.low < 0.05
    assert hac_gain(loss, base, lag=2).low != found.low


def test_longest_episode_against_a_loop():
    path = np.random.default_rng(10).standard_normal(900).cumsum()
    longest = length = 0
    side = None
    for t in range(50, 900):
        now = path[t] > path[t - 49 : t + 1].mean()
        length = length + 1 if now == side else 1
        side, longest = now, max(longest, length)
    assert longest_episode(path, 50) == longest
    both = longest_episode(np.stack([path, -path]), 50)
    assert both.tolist() == [longest, longest]


def test_episodes_of_a_walk_are_chance_and_those_of_a_trend_are_not():
    rng = np.random.default_rng(12)
    walk = 0.01 * rng.standard_normal(2600).cumsum()
    _, test = episode_test(walk, 252, seed=5)
    assert test.pvalue > 0.05
    assert test == episode_test(walk, 252, seed=5)[1]
    slow = walk + 3.0 * np.sin(np.arange(2600) / 600.0)
    longest, test = episode_test(slow, 252, seed=5)
    assert test.pvalue < 0.05
    assert longest.value > 900
    few, reason = episode_test(walk[:2000], 252, seed=5)
    assert isinstance(few, NotComputed)
    assert few == reason


def test_a_lead_in_rotations_alone_is_found():
    rng = np.random.default_rng(13)
    n = 4000
    a, e = rng.standard_normal((2, n))
    b = e.copy()
    for t in range(21, n):  # in rotations B follows A
        if abs((a - b)[t - 20 : t].sum()) > 6.0:
            b[t] += 0.3 * a[t - 1]
    assert rotation_test(a, b, a - b, 5).pvalue < 1e-4
    assert rotation_test(b, a, a - b, 5).pvalue > 0.01
    assert isinstance(rotation_test(a[:2000], b[:2000], (a - b)[:2000], 5), NotComputed)


# --- which claims a pair has, by category

CATEGORIES = {
    "peer": ("price", "price", {"C03", "C06", "C10", "C20[earnings]", "C07a", "C14"}),
    "cross-asset": ("price", "price", {"C02", "C07a", "C12", "C14", "C22a", "C23"}),
    "volatility": ("price", "level", {"C15", "C16", "C22b", "C32"}),
    "rate": ("price", "rate", {"C15", "C16", "C22b", "C32"}),
    "crypto": ("price", "price", {"C04", "C09", "C19", "C22a", "C23"}),
    "commodity": ("price", "price", {"C04", "C09", "C19", "C22a", "C23"}),
}
SPREAD_ONLY = {"C02", "C04", "C07a", "C09", "C12", "C14", "C19", "C21", "C22a", "C23"}
PEERS_ONLY = {"C03", "C05", "C06", "C10", "C20[earnings]", "C20[liquidity]"}


def own_pair(folder, category, kinds):
    days = pd.bdate_range("2014-01-01", periods=1300)
    steps = 0.01 * np.random.default_rng(6).standard_normal((1300, 2))
    steps[:, 1] += 0.5 * steps[:, 0]
    for name, kind, column in zip("ab", kinds, steps.T, strict=True):
        values = 100 * np.exp(column.cumsum()) if kind == "price" else 5.0 + column.cumsum()
        series = pd.Series(values, days, name="Close")
        series.to_csv(folder / f"{name}.csv", index_label="Date")
    units = {"price": "USD", "level": "points", "rate": "percent"}
    symbols = [
        f"csv:{folder / name}.csv#Close?kind={kind}&unit={units[kind]}&name=Leg {name.upper()}"
        for name, kind in zip("ab", kinds, strict=True)
    ]
    return analyze(align(load_prices(Pair(*symbols, category=category))))


@pytest.mark.parametrize("category", CATEGORIES)
def test_claims_by_category(category, tmp_path):
    *kinds, wanted = CATEGORIES[category]
    analysis = own_pair(tmp_path, category, kinds)
    assert analysis.pair.categorise() == category
    claims = analysis.claims
    ids = {claim.id for claim in claims}
    equity = {"C03", "C10", "C20[earnings]"}  # these legs are of no asset class
    assert wanted - equity <= ids
    if category != "peer":
        assert not PEERS_ONLY & ids
    if "price" not in kinds or kinds[0] != kinds[1]:
        assert not SPREAD_ONLY & ids
    numbers = [int(claim.id[1:3]) for claim in claims]
    assert all(x <= y for x, y in pairwise(numbers))
    texts = {claim.id: claim.text for claim in claims}
    if kinds[1] != "price":
        step = {"level": "point", "rate": "1 bp"}[kinds[1]]
        assert f" %) for each {step} in Leg B over the past year." in texts["C32"]
        assert texts["C32"].startswith("How far does Leg A move when Leg B does?")


def test_a_claim_of_another_sample_keeps_its_dates():
    early = peers(vix=wandering("vix", last="2008-12-31"))
    assert early["macro.risk[vix]"].end <= date(2008, 12, 31)
    assert early["macro.risk_test"].end == early["macro.risk[vix]"].end
