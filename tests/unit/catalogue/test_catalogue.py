"""The catalogue: every entry usable, the embedded sample first, names and options."""

from __future__ import annotations

import pickle

import pytest
from exchange_calendars import get_calendar_names

from convex_research.catalogue import KINDS, Catalogue, Pair, load_catalogue, related_pairs, resolve
from convex_research.catalogue.symbols import parse_symbol
from convex_research.core.errors import InputError
from convex_research.data.providers.registry import provider_named
from convex_research.data.providers.sample import SAMPLES
from convex_research.data.quality.sessions import has_sessions, hours_apart

CATALOGUE = load_catalogue()
LIVE = [one for one in CATALOGUE.instruments.values() if one.id not in SAMPLES]
CATEGORIES = {"equity", "volatility", "rate", "credit", "commodity", "crypto", "currency", "macro"}
WANTED = (
    "SPY RSP IWM QQQ MDY IJR TLT HYG GLD USO EEM EFA VIX DGS2 DGS10 T10Y2Y BAMLH0A0HYM2 USREC "
    "DTWEXBGS BTC ETH XLK XLF XLE XLV XLI XLY XLP XLU XLB XLRE XLC COR1M COR3M DAX FTSE N225 HSI "
    "EURUSD USDJPY GBPUSD AUDUSD NZDUSD USDCHF USDCAD USDNOK USDSEK"
)


def test_the_sample_comes_first_and_keeps_its_pairs() -> None:
    assert list(CATALOGUE.instruments)[:4] == list(SAMPLES)
    first = [pair.slug for pair in CATALOGUE.pairs[:6]]
    assert sorted(first) == sorted(
        f"{a}-vs-{b}"
        for a, b in [
            ("sp500", "nasdaq"),
            ("sp500", "vix"),
            ("nasdaq", "vix"),
            ("sp500", "wti"),
            ("nasdaq", "wti"),
            ("wti", "vix"),
        ]
    )
    for pair in CATALOGUE.pairs[6:]:
        assert not any(s.startswith("sample:") for leg in pair.instruments for s in leg.symbols)


def test_what_people_ask_for_is_there() -> None:
    assert set(WANTED.split()) <= set(CATALOGUE.instruments)
    assert len(LIVE) > 120
    assert len(CATALOGUE.pairs) > 120
    slugs = {pair.slug for pair in CATALOGUE.pairs}
    assert {"rsp-vs-iwm", "spy-vs-iwm"} <= slugs


@pytest.mark.parametrize("one", CATALOGUE.instruments.values(), ids=lambda one: one.id)
def test_every_instrument_is_complete(one) -> None:
    assert one.kind in KINDS
    assert one.category in CATEGORIES
    assert one.unit
    assert not has_sessions(one.calendar) or one.calendar in {"24/7", *get_calendar_names()}
    assert hours_apart(one.calendar, "XNYS") is not None or one.calendar == "FRED"
    assert one.about.endswith(".")
    assert one.about.count(". ") == 0
    assert one.symbols
    for text in one.symbols:
        provider = provider_named(parse_symbol(text).provider)
        if hasattr(provider, "reader"):
            from datetime import UTC, datetime

            from convex_research.data.http.exchange import Ref

            ref = Ref(parse_symbol(text), datetime(2026, 7, 20, tzinfo=UTC))
            assert provider.reader.request(ref, None, None).url.startswith("https://")


def test_pairs_are_different_and_listed_once() -> None:
    pairs = [frozenset(leg.id for leg in pair.instruments) for pair in CATALOGUE.pairs]
    assert len(set(pairs)) == len(pairs)
    assert all(len(pair) == 2 for pair in pairs)
    assert len({pair.slug for pair in CATALOGUE.pairs}) == len(pairs)
    for pair in CATALOGUE.pairs:
        assert pair.category in {
            "peer",
            "cross-asset",
            "volatility",
            "rate",
            "crypto",
            "commodity",
        }
        assert Pair(pair.a, pair.b).categorise() == pair.category


def test_a_pair_resolves_its_legs_once(monkeypatch) -> None:
    seen = []
    describe = Catalogue.describe

    def counted(self, text):
        seen.append(text)
        return describe(self, text)

    monkeypatch.setattr(Catalogue, "describe", counted)
    pair = Pair("SPY", "yahoo:ABC?kind=level")
    for copy in (pair, pickle.loads(pickle.dumps(pair))):
        assert copy.slug == "spy-vs-abc"
        assert copy.public_symbols == ("tiingo:SPY", "yahoo:ABC?kind=level")
        assert [one.kind for one in copy.instruments] == ["price", "level"]
        assert copy.categorise() == "cross-asset"
        assert related_pairs(copy)
    assert seen == ["SPY", "yahoo:ABC?kind=level"]


def test_pairs_are_equal_by_their_symbols() -> None:
    one, same = Pair("SPY", "IWM"), Pair("SPY", "IWM")
    assert (one, hash(one)) == (same, hash(same))
    assert one == pickle.loads(pickle.dumps(one))
    assert one not in {Pair("IWM", "SPY"), Pair("SPY", "IWM", "peer")}
    assert repr(one) == "Pair(a='SPY', b='IWM', category=None)"


def test_providers_stand_in_the_agreed_order() -> None:
    order = {name: CATALOGUE.named(name).symbols for name in ("SPY", "DGS10", "VIX", "BTC")}
    assert [s.partition(":")[0] for s in order["SPY"]] == ["tiingo", "yahoo", "stooq"]
    assert order["DGS10"] == ("fred:DGS10",)
    assert order["VIX"] == ("cboe:VIX", "fred:VIXCLS")
    assert order["BTC"] == ("coingecko:bitcoin", "yahoo:BTC-USD", "fred:CBBTCUSD")


def test_case_matters_only_where_two_names_differ_by_it() -> None:
    assert CATALOGUE.named("VIX").symbols[0] == "cboe:VIX"
    assert CATALOGUE.named("vix").symbols[0] == "sample:vix"
    assert CATALOGUE.named("spy") is CATALOGUE.named("SPY")
    assert str(resolve("Spy")) == "tiingo:SPY"


def test_symbols_with_default_options_are_the_listed_instrument() -> None:
    assert CATALOGUE.describe("coingecko:bitcoin?vs=usd").id == "BTC"
    assert CATALOGUE.describe("fred:DGS10?units=lin").id == "DGS10"
    assert CATALOGUE.describe("fred:DGS10?units=pch").about == ""
    assert CATALOGUE.describe("yahoo:SPY").id == "SPY"


def test_options_describe_any_symbol() -> None:
    told = CATALOGUE.describe("yahoo:ABC?kind=level&unit=points&calendar=XNYS&name=My index")
    assert (told.kind, told.unit, told.calendar, told.name) == (
        "level",
        "points",
        "XNYS",
        "My index",
    )
    with pytest.raises(InputError, match="kind=colour"):
        CATALOGUE.describe("yahoo:ABC?kind=colour")


def test_near_names_are_offered() -> None:
    with pytest.raises(InputError, match="SPY"):
        resolve("SPYY")


def test_related_pairs_share_a_leg_first() -> None:
    related = related_pairs(Pair("SPY", "IWM"))
    assert "rsp-vs-iwm" in [pair.slug for pair in related]
    assert "spy-vs-iwm" not in [pair.slug for pair in related]
    assert len(related) == 12


@pytest.mark.parametrize(
    ("symbol", "name"),
    [
        ("csv:/home/me/BTC_USD.csv#Close", "BTC_USD"),
        ("csv:BTC_USD.csv#Adj Close", "BTC_USD"),
        ("csv:BTC_USD.csv#adj_close", "BTC_USD"),
        ("csv:BTC_USD.csv#PRICE", "BTC_USD"),
        ("csv:BTC_USD.csv", "BTC_USD"),
        ("csv:BTC_USD.csv#Volume", "BTC_USD: Volume"),
        ("csv:data/prices.csv#IWM", "IWM"),
        ("csv:prices.csv#Close", "prices"),
        ("csv:prices.csv#IWM?name=Small caps", "Small caps"),
    ],
)
def test_a_column_is_called_by_what_says_which_instrument_it_is(symbol, name):
    assert load_catalogue().describe(symbol).name == name
