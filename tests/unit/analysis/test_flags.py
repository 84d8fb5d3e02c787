"""Flags of a pair and of one series: on the data that call for them, and on no others."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from support import instrument_of, page_of, series_data, study_of

from convex_research import Pair, align, analyze, analyze_instrument, load_series
from convex_research import presentation as show
from convex_research.analysis.record import dump_record, validate_record
from convex_research.core.estimates import Estimate
from convex_research.core.flags import CLOCK, Flag
from convex_research.core.formatting import short_of_one
from convex_research.data.quality.sessions import hours_apart
from convex_research.data.series import Prices
from convex_research.methodology.simulations.clocks import closes_apart, untraded
from convex_research.methodology.simulations.market_worlds import simulate
from convex_research.publishing.meta.describe import describe, headline_key

NOBS = 1000


@cache
def legs(kind):
    paths = simulate("CCC-GARCH t8", NOBS + 1, 1, rho=0.8, seed=4)
    rng = np.random.default_rng(4)
    if kind == "apart":
        a, b = closes_apart(paths, 0.4, rng)
    elif kind == "rare":
        a, b = paths.a[1:], untraded(paths.b, 0.25, rng)[1:]
    elif kind == "twins":
        a, b = paths.a[1:], paths.a[1:] + 0.05 * paths.b[1:]
    elif kind == "exact":
        a, b = paths.a[1:], 0.5 * paths.a[1:]
    else:
        a, b = paths.a[1:], paths.b[1:]
    return 0.01 * a[:, 0], 0.01 * b[:, 0]


def on_calendar(series, calendar):
    return replace(series, instrument=replace(series.instrument, calendar=calendar))


def pair_of(world, *, calendars=(None, None), freq="B", **more):
    days = pd.date_range("2015-01-02", periods=NOBS + 1, freq=freq).as_unit("s")
    made = []
    for name, returns in zip("ab", legs(world), strict=True):
        logs = more.get("kind", "price") != "price"
        path = np.append(0.0, np.cumsum(returns))
        values = pd.Series(50.0 + path if logs else 100.0 * np.exp(path), index=days)
        made.append(series_data(f"csv:{name}.csv#x", values, **more))
    returns = align(Prices(Pair("csv:a.csv#x", "csv:b.csv#x"), *made), "log")
    # The days are no exchange's, which the gate would see.
    known = map(on_calendar, made, calendars)
    return analyze(replace(returns, prices=Prices(returns.prices.pair, *known)))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("together", set()),
        ("apart", {Flag.ASYNCHRONOUS}),
        ("rare", {Flag.ASYNCHRONOUS, Flag.RARELY_TRADED_B}),
        ("twins", {Flag.TWINS}),
        ("exact", {Flag.EXACT}),
    ],
)
def test_each_world_has_its_flag(kind, expected):
    study = pair_of(kind)
    assert set(study.flags) == {*expected, Flag.PARTIAL_YEAR}
    record = study.to_dict()
    assert record["flags"] == [str(one) for one in study.flags]
    validate_record(record)
    text = dump_record(record)
    assert text.index('"flags"') < text.index('"config"')


def test_calendars_known_to_differ_count_as_apart():
    assert Flag.ASYNCHRONOUS in pair_of("together", calendars=("XNYS", "XTKS")).flags
    assert Flag.ASYNCHRONOUS in pair_of("together", calendars=("24/7", "XNYS")).flags
    assert Flag.ASYNCHRONOUS not in pair_of("together", calendars=("XNYS", "FRED")).flags
    assert Flag.ASYNCHRONOUS not in pair_of("together", calendars=(None, "XNYS")).flags
    assert Flag.ASYNCHRONOUS not in pair_of("together", freq="D").flags  # both on weekends
    assert hours_apart("XLON", "XNYS") == 4.5
    assert hours_apart("XNYS", "XNYS") == 0.0
    assert hours_apart(None, None) is None


def test_weekly_data_have_no_clock():
    study = pair_of("apart", calendars=("XNYS", "XTKS"), freq="W-FRI")
    assert not CLOCK & set(study.flags)
    assert study["correlation.synchronised[all]"].code == "frequency"


def test_a_yield_in_whole_basis_points_may_rest():
    assert Flag.RARELY_TRADED_B not in pair_of("rare", kind="rate", unit="percent").flags
    assert Flag.RARELY_TRADED_B in pair_of("rare", kind="level", unit="points").flags


def test_daily_links_carry_the_flag_and_others_do_not():
    frame = pair_of("apart").to_frame()
    marked = set(frame.index[frame["flags"].fillna("").str.contains("asynchronous")])
    assert {"correlation.pearson[252]", "regression.beta[all]"} <= marked
    assert {"hedge.effectiveness_out", "concordance.hit_ab"} <= marked
    assert "correlation.synchronised[all]" not in marked
    assert "correlation.weekly[all]" not in marked
    assert not any(key.startswith("volatility.") for key in marked)
    whole = pair_of("together").to_frame()
    assert not whole["flags"].fillna("").str.contains("asynchronous").any()


def test_flags_of_one_series():
    assert instrument_of("sp500").flags == ()
    half = load_series("sample:sp500")
    analysis = analyze_instrument(replace(half, values=half.values[:"2018-06-29"]))
    assert analysis.flags == (Flag.PARTIAL_YEAR,)
    assert analysis.to_dict()["flags"] == ["partial_year"]
    assert Flag.STALE not in study_of("sp500", "nasdaq").flags
    assert Flag.STALE in pair_of("together", stale=True).flags


def test_the_value_with_a_flag_is_the_same_value():
    marked = pair_of("apart")["correlation.pearson[252]"]
    assert isinstance(marked, Estimate)
    a, b = legs("apart")
    assert marked.value == pytest.approx(np.corrcoef(a[-252:], b[-252:])[0, 1], abs=1e-12)


def test_what_leads_has_a_leeway_where_closes_are_apart():
    apart, rare = pair_of("apart"), pair_of("rare")
    assert apart.summary().splitlines()[2].startswith("They close at different hours. Read r")
    assert apart.answers()[0].keys[0] == "correlation.synchronised[all]"
    for study, rarely in ((apart, False), (rare, True)):
        shown = show.first(study)._repr_html_()
        assert shown.index("correlation.synchronised[all]") < shown.index("pearson[all]")
        assert ("on many days" in shown) == rarely
        assert "understates it" in shown
        record = study.to_dict()
        assert headline_key(record) == "correlation.synchronised[all]"
        assert "r with a day’s leeway" in describe(record)
    together = pair_of("together")
    assert headline_key(together.to_dict()) == "correlation.pearson[252]"
    assert "understate" not in show.first(together)._repr_html_() + together.summary()


def test_below_two_years_weekly_r_leads():
    returns = pair_of("apart", calendars=("XNYS", "XTKS")).returns
    days = slice(-401, None)
    part = replace(
        returns,
        price_dates=returns.price_dates[days],
        levels=returns.levels[days],
        values=returns.values[-400:],
    )
    record = analyze(part).to_dict()
    assert headline_key(record) == "correlation.weekly[all]"
    assert " weekly r, since 2017. " in describe(record)


def test_twins_say_what_they_lack_to_one():
    study = pair_of("twins")
    r = study["correlation.pearson[252]"]
    shown = show.first(study)._repr_html_()
    assert short_of_one(r).split()[0] in shown
    assert not re.search(r"[+−]1\.00", shown)
    assert float(short_of_one(r).split()[0]) == pytest.approx(1.0 - r.value, rel=0.05)


@pytest.mark.parametrize("kind", ["apart", "rare"])
def test_a_flagged_page_claims_nothing_from_daily_numbers(kind):
    study = pair_of(kind)
    for page in ("correlation", "comparison"):
        text = re.sub(r"<(style|script|svg).*?</\1>", "", page_of(study, page), flags=re.DOTALL)
        words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
        words = words.replace("It does not mean that one predicts the other.", "")
        assert "understates it" in words
        for said in (
            "leads b.csv#x,",
            "is not a hedge",
            "does hedge",
            "hedged best by",
            "predicts",
        ):
            assert said not in words, said
        assert "helps to predict" not in words
    decided = {claim.id for claim in study.claims if claim.verdict != "not tested"}
    assert not decided & {"C12", "C13", "C22a", "C22b", "C23", "C26", "C27", "C36"}
    assert "C15" in decided
