"""Symbols are text from outside: parsed once, never a path in what is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from convex_research.catalogue import Pair, load_catalogue, related_pairs, resolve
from convex_research.catalogue.symbols import parse_symbol, slugify
from convex_research.core.errors import InputError


@pytest.mark.parametrize(
    ("text", "provider", "native", "options"),
    [
        ("sample:sp500", "sample", "sp500", ()),
        ("FRED:DGS10", "fred", "DGS10", ()),
        ("fred:CPIAUCSL?units=pch", "fred", "CPIAUCSL", (("units", "pch"),)),
        ("stooq:^spx", "stooq", "^spx", ()),
        ("csv:a b/c#d.csv#Adj Close", "csv", "a b/c#d.csv#Adj Close", ()),
        ("csv:x.csv#odd?name", "csv", "x.csv#odd?name", ()),
        ("csv:x.csv#y?kind=level", "csv", "x.csv#y", (("kind", "level"),)),
        (
            "csv:x.csv#y?calendar=XNYS&kind=level",
            "csv",
            "x.csv#y",
            (("calendar", "XNYS"), ("kind", "level")),
        ),
    ],
)
def test_parsing(text, provider, native, options):
    symbol = parse_symbol(text)
    assert (symbol.provider, symbol.native, symbol.options) == (provider, native, options)


@pytest.mark.parametrize(
    "text",
    ["", "sp500", ":x", "sample:", "fred:?units=pch", "x" * 2000, "fred:A\nB", "fred:A?units"],
)
def test_what_is_not_a_symbol_is_bad_input(text):
    with pytest.raises(InputError):
        parse_symbol(text)


def test_a_csv_symbol_is_shown_without_its_folder():
    symbol = parse_symbol("csv:/home/someone/secret/SPY.csv#Close")
    assert symbol.public == "csv:SPY.csv#Close"
    assert symbol.path == "/home/someone/secret/SPY.csv"
    assert symbol.stem == "spy-close"


@given(st.text())
def test_a_slug_is_always_safe_as_a_file_name(text):
    slug = slugify(text)
    assert slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert len(slug) <= 60


def test_pairs_of_the_sample():
    pair = Pair("sample:sp500", "NASDAQ")
    assert pair.slug == "sp500-vs-nasdaq"
    assert pair.categorise() == "peer"
    assert resolve("vix") == parse_symbol("sample:vix")


def test_an_unknown_name_offers_the_nearest():
    with pytest.raises(InputError, match="Did you mean nasdaq"):
        resolve("nasdak")


@pytest.mark.parametrize("b", ["sample:sp500", "sp500", "SP500"])
def test_the_same_series_twice_is_refused(b):
    with pytest.raises(InputError, match="same series"):
        Pair("sample:sp500", b)


def test_related_pairs_share_a_leg_first_and_never_repeat_the_pair():
    pair = Pair("sample:sp500", "sample:nasdaq")
    found = related_pairs(pair)
    assert found
    assert pair.slug not in [p.slug for p in found]
    sharing = ["sp500" in p.slug or "nasdaq" in p.slug for p in found]
    assert sharing == sorted(sharing, reverse=True)
    assert related_pairs(Pair("sample:nasdaq", "sample:sp500")) != ()


def test_the_catalogue_resolves_every_pair_and_describes_every_instrument():
    catalogue = load_catalogue()
    for pair in catalogue.pairs:
        assert len({one.id for one in pair.instruments}) == 2
    for one in catalogue.instruments.values():
        assert one.about.endswith("."), one.id
        assert one.symbols, one.id
        for symbol in one.symbols:
            parse_symbol(symbol)


def test_pages_of_the_sample_lead_to_the_sample_only():
    found = related_pairs(Pair("sample:sp500", "sample:nasdaq"), limit=100)
    assert {s.partition(":")[0] for p in found for s in p.public_symbols} == {"sample"}
