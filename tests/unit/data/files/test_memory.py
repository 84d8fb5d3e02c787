"""Series handed over in memory: a study from them, and pages that can be made again."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import convex_research as cr
from convex_research.core.errors import ConvexResearchError, InputError
from convex_research.data.files.memory import columns_of, hand_over

DAYS = pd.bdate_range("2019-01-02", periods=400)
MOVES = np.random.default_rng(11).standard_normal((400, 2)) @ [[0.01, 0.008], [0.0, 0.006]]
FRAME = pd.DataFrame(100.0 * np.exp(np.cumsum(MOVES, axis=0)), index=DAYS, columns=["SPY", "IWM"])
R = FRAME.pct_change().dropna().corr().iloc[0, 1]


def r_of(*given, **options):
    return cr.study(*given, helpers={}, **options)["correlation.pearson[all]"].value


def test_a_frame_two_series_and_their_orders_give_one_number():
    assert r_of(FRAME) == pytest.approx(R, rel=1e-12)
    assert r_of(FRAME["SPY"], FRAME["IWM"]) == pytest.approx(R, rel=1e-12)
    assert r_of(FRAME.iloc[::-1]) == pytest.approx(R, rel=1e-12)
    assert r_of(FRAME.tz_localize("Asia/Tokyo")) == pytest.approx(R, rel=1e-12)
    assert r_of(FRAME.rename_axis("day").reset_index()) == pytest.approx(R, rel=1e-12)
    assert r_of(FRAME.set_axis(DAYS.strftime("%Y-%m-%d"))) == pytest.approx(R, rel=1e-12)
    assert r_of(FRAME.set_axis([day.date() for day in DAYS])) == pytest.approx(R, rel=1e-12)
    assert r_of(FRAME.to_period("D")) == pytest.approx(R, rel=1e-12)
    assert r_of(FRAME.set_axis(DAYS.strftime("%d.%m.%Y"))) == pytest.approx(R, rel=1e-12)
    assert r_of(FRAME.map("{:,.17g}".format).assign(flag=True)) == pytest.approx(R, rel=1e-12)
    assert r_of(FRAME.map(lambda x: Decimal(repr(x)))) == pytest.approx(R, rel=1e-12)


def test_frames_of_other_libraries_come_by_arrow():
    table = pa.Table.from_pandas(FRAME.rename_axis("date").reset_index(), preserve_index=False)
    assert r_of(table) == pytest.approx(R, rel=1e-12)


def test_series_of_unlike_days_meet_on_those_they_share():
    study = cr.study(FRAME["SPY"].drop(DAYS[100]), FRAME["IWM"], helpers={})
    assert study.returns.nobs == 398
    assert study.returns.dropped == (0, 1)


def test_returns_are_said_to_be_returns():
    moves = FRAME.pct_change().dropna()
    refused = r'say so with kind="return".*accept=\["looks_like'
    with pytest.raises(ConvexResearchError, match=refused):
        cr.study(moves)
    expected = moves.iloc[1:].corr().iloc[0, 1]
    assert r_of(moves, kind="return") == pytest.approx(expected, rel=1e-9)
    assert r_of(moves["SPY"], FRAME["IWM"], kind=("return", "price")) == pytest.approx(
        expected, rel=1e-9
    )


def test_a_series_beside_a_symbol():
    own = cr.load_prices(cr.Pair("sample:sp500", "sample:nasdaq")).a.values.rename("mine")
    study = cr.study(own, "sample:nasdaq", helpers={})
    whole = cr.study("sample:sp500", "sample:nasdaq", helpers={})
    key = "correlation.pearson[all]"
    assert study[key].value == whole[key].value
    assert study.pair.slug == "mine-vs-nasdaq"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((FRAME["SPY"],), "needs two series; got 1: 'SPY'"),
        ((FRAME.assign(C=1.0),), "needs two series; got 3: 'SPY', 'IWM', 'C'"),
        ((FRAME.reset_index(drop=True),), "needs dates"),
        ((FRAME.map("about {}".format),), "needs a column of numbers"),
        ((FRAME.set_axis(range(400)),), "pandas.to_datetime"),
        ((FRAME.iloc[:2].set_axis(["01/02/2024", "02/03/2024"]),), r"format=\) decides"),
        ((FRAME.map(lambda _: "1.002"),), "pandas.to_numeric decides"),
        ((FRAME.iloc[:0],), "needs rows"),
        ((FRAME.stack().rename("close").reset_index(1, drop=True),), "widened by its pivot"),
        ((pa.chunked_array([[1.0]]),), "a ChunkedArray has no dates"),
        ((None,), "got NoneType"),
        ((3,), "needs two symbols or series, one Pair, or one frame of two columns; got int"),
        (("SPY",), "needs two series; got 1: 'SPY'"),
        ((pd.concat([FRAME, FRAME.iloc[:1]]),), "2019-01-02 occurs more than once"),
    ],
)
def test_what_is_no_pair_is_refused_in_one_line(given, message):
    with pytest.raises(InputError, match=message) as caught:
        cr.study(*given)
    assert "\n" not in str(caught.value)


def test_align_and_analyze_say_what_they_want():
    with pytest.raises(TypeError, match="align needs Prices, which load_prices gives; got DataF"):
        cr.align(FRAME)
    with pytest.raises(TypeError, match="analyze needs AlignedReturns, which align gives; got"):
        cr.analyze(FRAME)
    with pytest.raises(TypeError, match="publish needs a Pair, got DataFrame; study"):
        cr.publish(FRAME)
    with pytest.raises(TypeError, match="a Pair needs two symbols, got Series and str; study"):
        cr.Pair(FRAME["SPY"], "IWM")
    with pytest.raises(TypeError, match="load_prices needs a Pair, got str"):
        cr.load_prices("SPY")
    with pytest.raises(TypeError, match="load_series needs a symbol, got DataFrame"):
        cr.load_series(FRAME)
    with pytest.raises(InputError, match="helpers must be a mapping"):
        cr.study(FRAME, helpers=["SPY"])


def test_refusals_of_what_is_in_memory_say_what_to_do_there():
    stamps = FRAME.tz_localize("Europe/Berlin").tz_convert("UTC")
    with pytest.raises(ConvexResearchError, match=r'tz_convert\("Europe/Berlin"\) of its index'):
        cr.study(stamps)
    assert r_of(stamps.tz_convert("Europe/Berlin")) == pytest.approx(R, rel=1e-12)
    with pytest.raises(ConvexResearchError, match='use differences with kind="level"'):
        cr.study(FRAME - FRAME.iloc[3])
    assert cr.study(FRAME - FRAME.iloc[3], kind="level").returns.nobs == 399


def test_odd_names_are_kept_apart_and_shown():
    frame = FRAME.set_axis(["a#b?kind=x", "<b>\n"], axis="columns")
    given = hand_over(columns_of(frame))
    assert given.body.splitlines()[0] == b"date,a_b_kind=x,<b>_"
    study = cr.study(frame, helpers={})
    assert study.returns.prices.a.instrument.name == "a#b?kind=x"
    assert r_of(FRAME.set_axis([0, 1], axis="columns")) == pytest.approx(R, rel=1e-12)
    assert r_of(FRAME.set_axis(["x", "x"], axis="columns")) == pytest.approx(R, rel=1e-12)
    columns = pd.MultiIndex.from_product([["Close"], ["SPY", "IWM"]])
    assert r_of(FRAME.set_axis(columns, axis="columns")) == pytest.approx(R, rel=1e-12)


def test_a_page_of_a_frame_says_where_its_data_are_and_reads_them_there(tmp_path):
    study = cr.study(FRAME, helpers={})
    page, *_ = study.publish(tmp_path, "correlation")
    record = json.loads(page.with_suffix(".json").read_text())
    data = page.parent / "handed-over-in-memory.csv"
    a = record["data"]["a"] if "data" in record else record["provenance"]["a"]
    assert a["sha256"] == hashlib.sha256(data.read_bytes()).hexdigest()
    assert record["estimates"]["correlation.pearson[all]"]["value"] == pytest.approx(R, rel=1e-12)
    text = page.read_text()
    assert "handed over in memory, handed-over-in-memory.csv, column SPY" in text
    assert str(tmp_path) not in text
    pd.testing.assert_frame_equal(
        pd.read_csv(data, index_col="date", parse_dates=True),
        FRAME,
        check_names=False,
        check_freq=False,
        check_index_type=False,
        rtol=0,
        atol=0,
    )


def test_a_page_has_the_choices_and_helpers_of_its_study(tmp_path):
    prices = cr.load_prices(cr.Pair("sample:sp500", "sample:wti"), start="2014-01-01")
    market = prices.a.values.rename("my market")
    study = cr.study(
        prices.b.values.rename("Oil"),
        "sample:nasdaq",
        helpers={"market": market, "vix": "sample:vix", "oil": None},
        config=cr.AnalysisConfig(
            rolling_window=60, confidence_level=0.9, windows=(21, 63, 250), recent_window=63
        ),
        start="2015-01-01",
    )
    assert sorted(study.helpers) == ["market", "vix"]
    assert study["correlation.partial[all]"].confidence_level == 0.9
    page, *_ = study.publish(tmp_path, "correlation")
    record = json.loads(page.with_suffix(".json").read_text())
    made = json.loads(json.dumps(study.to_dict()))
    assert list(record["data"]["helpers"]) == ["market", "vix"]
    for part in ("config", "estimates", "tests", "claims", "not_computed"):
        assert record[part] == made[part], part
    text, source = page.read_text(), page.with_suffix(".ipynb").read_text()
    assert str(tmp_path) not in text + source
    assert "handed-over-in-memory.csv#my market" in source
    for words in ("rolling.pearson_min_5y[60]", "rolling window 60", "windows 21, 63, 250"):
        assert words in text
    assert "<span>--window</span> 60 <span>--level</span> 0.9" in text
    assert "no option for windows=[21, 63, 250], recent_window=63: pass it in Python" in text


def test_a_study_of_aligned_returns_carries_its_helpers(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("convex_research.publishing.publish", lambda *a, **k: asked.append(k) or [])
    pair = cr.Pair("sample:sp500", "sample:nasdaq")
    returns = cr.align(cr.load_prices(pair))
    oil, own = cr.load_series("sample:wti"), cr.load_series("sample:vix")
    cr.analyze(returns, helpers={"market": oil}).publish(tmp_path)
    cr.analyze(returns, cr.AnalysisConfig(frequency="weekly")).publish(tmp_path)
    cr.study(pair, helpers={}).publish(tmp_path)
    cr.study(pair, helpers={"vix": own}).publish(tmp_path)
    assert [one["helpers"] for one in asked] == [
        {"market": "sample:wti", "oil": None, "vix": None},
        {},
        {"oil": None, "vix": None},
        {"vix": "sample:vix"},
    ]
    assert asked[1]["config"].frequency == "weekly"
    assert str(asked[1]["as_of"]) == "2018-12-31"  # the last price, after the last whole week
    FRAME.to_csv(tmp_path / "own.csv", index_label="date")
    of_file = cr.load_series(f"file:{tmp_path}/own.csv#SPY")
    with pytest.raises(InputError, match=r"the market series is of a file.*study\(\.\.\., helpers"):
        cr.analyze(returns, helpers={"market": of_file}).publish(tmp_path)
    cr.study(pair, helpers={"market": of_file}).publish(tmp_path)
    assert asked[-1]["helpers"]["market"].startswith(f"file:{tmp_path}/sp500-vs-nasdaq/handed-over")


@pytest.mark.parametrize(
    ("helpers", "message"),
    [
        ({"vixx": FRAME["SPY"]}, r"unknown role 'vixx' \(did you mean vix\?\)"),
        ({"vix": 3}, "helper vix must be a symbol or one series; got int"),
        ({"vix": FRAME}, "helper vix must be a symbol or one series; got DataFrame"),
        ({"vix": "SPYX"}, "'SPYX' is not in the catalogue"),
    ],
)
def test_a_helper_that_is_none_is_refused_in_one_line(helpers, message):
    with pytest.raises(InputError, match=message) as caught:
        cr.study("sample:sp500", "sample:nasdaq", helpers=helpers)
    assert "\n" not in str(caught.value)
