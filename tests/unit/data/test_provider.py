"""Providers against a host on this machine: keys, cache, staleness, retries, secrets."""

from __future__ import annotations

import importlib.machinery
import io
import json
import logging
import sys
import traceback
import types
from datetime import UTC, date, datetime, timedelta
from importlib.metadata import EntryPoint

import numpy as np
import pandas as pd
import pytest

from convex_research.catalogue import load_catalogue
from convex_research.catalogue.symbols import parse_symbol
from convex_research.core.errors import (
    BadKey,
    HistoryLimit,
    InputError,
    Malformed,
    NotInSnapshot,
    ProviderError,
    RateLimited,
    UnknownSeries,
    Upstream,
)
from convex_research.data import load_series
from convex_research.data.cache import maintenance as caching
from convex_research.data.files.bodies import csv_rows, text_series
from convex_research.data.http.exchange import HttpAnswer, HttpRequest, Parsed, Reader
from convex_research.data.http.spacing import Spacing
from convex_research.data.http.transport import Limits, Transport
from convex_research.data.providers import registry
from convex_research.data.providers.coingecko import CoingeckoReader
from convex_research.data.providers.faults import raise_for_fault
from convex_research.data.providers.fred import FredReader
from convex_research.data.providers.provider import HttpProvider
from convex_research.data.providers.tiingo import TiingoReader
from convex_research.data.providers.yahoo import YahooReader

pytestmark = pytest.mark.network

KEY = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 7, 20, 23, tzinfo=UTC)
CSV = b"observation_date,DGS10\n2026-07-15,4.10\n2026-07-16,4.15\n2026-07-17,4.20\n"
RESTATED = CSV.replace(b"4.15", b"4.17") + b"2026-07-20,4.22\n"
OBSERVATIONS = json.dumps(
    {
        "observations": [
            {"date": "2026-07-16", "value": "4.15"},
            {"date": "2026-07-17", "value": "."},
        ]
    }
).encode()


class Clock:
    """Times that only the test moves."""

    def __init__(self) -> None:
        self.now = NOW
        self.slept: list[float] = []

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)

    def later(self, **units: float) -> None:
        self.now += timedelta(**units)

    def seconds(self) -> float:
        return self.now.timestamp()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(apart, clock):
    """A provider of a reader; its waits pass on the test's clock."""

    def make(reader=None, **options):
        spacing = Spacing(apart / "spacing", clock=clock.seconds, sleep=clock.sleep)
        transport = Transport(
            spacing, sleep=clock.sleep, clock=clock.seconds, limits=Limits(read=2.0, connect=1.0)
        )
        return HttpProvider(
            reader=reader or FredReader(), transport=transport, now=clock, **options
        )

    return make


def load(provider, symbol: str = "fred:DGS10", start=None, end=None):
    instrument = load_catalogue().describe(symbol)
    return provider.load(parse_symbol(symbol), instrument, start, end)


def ok(body: bytes, **headers: str):
    return (200, body, {name.replace("_", "-"): value for name, value in headers.items()})


# --- loading and provenance --------------------------------------------------------------


def test_series_comes_with_its_provenance(host, provider) -> None:
    host.reply = ok(CSV)
    series = load(provider())
    assert series.values.to_list() == [4.10, 4.15, 4.20]
    told = series.provenance
    assert told.url == f"{host.url}/graph/fredgraph.csv?id=DGS10"
    assert (told.retrieved_at, told.stale) == ("2026-07-20T23:00:00+00:00", False)
    assert [a.path for a in host.asked] == ["/graph/fredgraph.csv"]


def test_bounds_are_applied_here_and_one_body_serves_all(host, provider) -> None:
    host.reply = ok(CSV)
    one = provider()
    assert len(load(one, start=date(2026, 7, 16)).values) == 2
    assert len(load(one, end=date(2026, 7, 15)).values) == 1
    assert len(host.asked) == 1


def test_key_goes_with_the_request_and_nowhere_else(host, provider, apart, monkeypatch) -> None:
    monkeypatch.setenv("FRED_API_KEY", KEY)
    host.reply = ok(OBSERVATIONS + b" " * 10 + KEY.encode())  # malformed, and echoes the key
    with pytest.raises(Malformed) as caught:
        load(provider())
    host.reply = ok(OBSERVATIONS)
    series = load(provider())
    assert host.asked[-1].query["api_key"] == [KEY]
    assert "api_key=REDACTED" in series.provenance.url
    kept = [path for path in apart.rglob("*") if path.is_file()]
    assert kept
    assert not any(KEY.encode() in path.read_bytes() or KEY in str(path) for path in kept)
    assert KEY not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert KEY not in repr(series) + str(series.provenance.to_dict())


@pytest.mark.parametrize(
    ("reader", "symbol", "variable", "header", "sent"),
    [
        (TiingoReader(), "tiingo:SPY", "TIINGO_API_KEY", "authorization", f"Token {KEY}"),
        (CoingeckoReader(), "coingecko:bitcoin", "COINGECKO_API_KEY", "x-cg-demo-api-key", KEY),
        (CoingeckoReader(), "coingecko:bitcoin", "COINGECKO_PRO_API_KEY", "x-cg-pro-api-key", KEY),
    ],
)
def test_header_keys(
    host, provider, monkeypatch, *, reader, symbol, variable, header, sent
) -> None:
    monkeypatch.setenv(variable, KEY)
    host.reply = (401, b'{"detail": "Invalid token."}', {})
    with pytest.raises(BadKey, match=variable):
        load(provider(reader), symbol)
    assert host.asked[0].headers[header] == sent
    assert KEY not in host.asked[0].path + str(host.asked[0].query)


def test_errors_hold_no_key_in_text_causes_or_logs(provider, apart, monkeypatch) -> None:
    monkeypatch.setenv("FRED_API_KEY", KEY)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with pytest.raises(Upstream) as caught:  # a closed port
            load(provider())
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    shown = "".join(traceback.format_exception(caught.value)) + stream.getvalue()
    assert "api_key" in stream.getvalue() or "Starting new HTTP connection" in stream.getvalue()
    assert KEY not in shown
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_redirect_does_not_carry_a_key_away(host, serve, provider, monkeypatch) -> None:
    other = serve()
    monkeypatch.setenv("COINGECKO_API_KEY", KEY)
    host.reply = (302, b"", {"Location": other.url + "/elsewhere", "Content-Length": "0"})
    with pytest.raises(Upstream):
        load(provider(CoingeckoReader()), "coingecko:bitcoin")
    assert other.asked == []


def test_missing_key_says_which(host, provider) -> None:
    with pytest.raises(BadKey, match="Set TIINGO_API_KEY"):
        load(provider(TiingoReader()), "tiingo:SPY")
    assert host.asked == []


def test_impossible_keys_addresses_and_options_are_bad_input(host, provider, monkeypatch) -> None:
    with pytest.raises(InputError, match="unknown option 'colour'"):
        load(provider(), "fred:DGS10?colour=red")
    monkeypatch.setenv("FRED_API_KEY", "a\nb" + KEY)
    with pytest.raises(InputError) as caught:
        load(provider())
    assert KEY not in str(caught.value)
    monkeypatch.delenv("FRED_API_KEY")
    monkeypatch.setenv("CONVEX_RESEARCH_FRED_URL", "127.0.0.1:80")
    with pytest.raises(InputError, match="CONVEX_RESEARCH_FRED_URL"):
        load(provider())


def test_metadata_describes_what_the_catalogue_does_not(host, provider, monkeypatch) -> None:
    monkeypatch.setenv("FRED_API_KEY", KEY)
    about = {"seriess": [{"title": "Overnight rate", "units": "Percent", "frequency": "Daily"}]}
    host.replies = {
        "/series/observations": ok(OBSERVATIONS),
        "/fred/series": ok(json.dumps(about).encode()),
    }
    series = load(provider(), "fred:AMERIBOR")
    assert (series.instrument.name, series.instrument.kind) == ("Overnight rate", "rate")
    load(provider(), "fred:AMERIBOR")
    assert len(host.asked) == 2
    host.replies["/fred/series"] = (500, b"", {})
    assert load(provider(), "fred:OTHER").instrument.name == "OTHER"


# --- cache -------------------------------------------------------------------------------


def test_a_day_is_fresh_then_it_is_asked_again(host, provider, clock) -> None:
    host.reply = ok(CSV)
    one = provider()
    load(one)
    clock.later(hours=23.9)
    load(one)
    assert len(host.asked) == 1
    clock.later(hours=0.2)
    first = load(one).provenance
    assert len(host.asked) == 2
    assert first.retrieved_at == "2026-07-20T23:00:00+00:00"  # the same sha256
    assert not first.stale


def test_unchanged_bodies_are_confirmed_by_etag(host, provider, clock) -> None:
    host.reply = lambda asked, _: (
        (304, b"", {}) if asked.headers.get("if-none-match") == '"v1"' else ok(CSV, ETag='"v1"')
    )
    one = provider()
    load(one)
    clock.later(hours=25)
    assert load(one).values.to_list() == [4.10, 4.15, 4.20]
    clock.later(hours=23)
    load(one)
    assert len(host.asked) == 2


def test_last_modified_is_used_where_there_is_no_etag(host, provider, clock) -> None:
    host.reply = ok(CSV, Last_Modified="Mon, 20 Jul 2026 10:00:00 GMT")
    load(provider())
    clock.later(hours=25)
    load(provider())
    assert host.asked[1].headers["if-modified-since"] == "Mon, 20 Jul 2026 10:00:00 GMT"


@pytest.mark.parametrize(
    "reply",
    [
        None,
        (503, b"<html>down</html>", {}),
        (429, b"slow down", {}),
        (200, b'{"error_code": 429, "error_message": "Too Many Requests."}', {}),
    ],
)
def test_stale_is_served_for_transport_5xx_and_429_and_marked(
    host, provider, clock, monkeypatch, reply
) -> None:
    host.reply = ok(CSV)
    load(provider())
    clock.later(days=6, hours=23)
    if reply is None:  # the connection breaks in the middle of the body
        host.reply = (200, b"observation_date", {"Content-Length": "5000"})
    else:
        host.reply = reply
    series = load(provider())
    assert series.provenance.stale
    assert [(n.check, n.level) for n in series.quality] == [("stale", "warning")]
    assert "STALE since 2026-07-20 23:00 UTC" in series.quality[0].message
    clock.later(hours=2)
    with pytest.raises((Upstream, RateLimited)):
        load(provider())


def test_host_refusing_connections_is_upstream_then_stale(host, provider, clock, monkeypatch):
    host.reply = ok(CSV)
    load(provider())
    clock.later(hours=25)
    # The same address, closed: the entry's key holds the address.
    address = host.url

    class Refused(Transport):
        def _session(self, host):
            session = super()._session(host)
            session.proxies = {"http": "http://127.0.0.1:9"}
            return session

    one = provider()
    one.transport.__class__ = Refused
    series = load(one)
    assert series.provenance.stale
    assert series.provenance.url.startswith(address)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"error_code":400,"error_message":"The api_key is not registered."}', BadKey),
        (400, b'{"error_code":400,"error_message":"The series does not exist."}', UnknownSeries),
        (404, b"<html>gone</html>", UnknownSeries),
        (403, b"<html>forbidden</html>", Upstream),
        (401, b'{"error":{"status":{"error_code":10012}}}', HistoryLimit),
        (200, b"<html>maintenance</html>", Malformed),
    ],
)
def test_other_errors_are_never_hidden_by_the_cache(
    host, provider, clock, *, status, body, kind
) -> None:
    host.reply = ok(CSV)
    load(provider())
    clock.later(hours=25)
    host.reply = (status, body, {})
    with pytest.raises(kind):
        load(provider())


def test_unknown_series_are_remembered_for_an_hour(host, provider, clock) -> None:
    one = provider()
    for _ in range(3):
        with pytest.raises(UnknownSeries):
            load(one, "fred:NOPE")
    assert len(host.asked) == 1
    host.reply = ok(CSV.replace(b"DGS10", b"NOPE"))
    clock.later(minutes=61)
    assert len(load(one, "fred:NOPE").values) == 3


@pytest.mark.parametrize("damage", ["truncate", "flip", "remove", "empty", "meta"])
def test_a_damaged_entry_is_fetched_again(host, provider, apart, damage) -> None:
    host.reply = ok(CSV)
    load(provider())
    [body] = apart.rglob("*.gz")
    [meta] = apart.rglob("meta.json")
    content = body.read_bytes()
    if damage == "truncate":
        body.write_bytes(content[: len(content) // 2])
    elif damage == "flip":
        body.write_bytes(content[:30] + bytes([content[30] ^ 1]) + content[31:])
    elif damage == "remove":
        body.unlink()
    elif damage == "empty":
        body.write_bytes(b"")
    else:
        meta.write_bytes(meta.read_bytes()[:-20])
    assert load(provider()).values.to_list() == [4.10, 4.15, 4.20]
    assert len(host.asked) == 2
    assert caching.verify() == ()


def test_verify_names_damage_and_mends_it(host, provider, apart) -> None:
    host.reply = ok(CSV)
    load(provider())
    [body] = apart.rglob("*.gz")
    body.write_bytes(b"nonsense")
    [problem] = caching.verify(repair=False)
    assert (problem.provider, problem.symbol) == ("fred", "fred:DGS10")
    assert caching.verify() != ()
    assert load(provider()).provenance.rows == 3


def test_restated_history_is_told_and_old_bodies_are_kept(host, provider, clock) -> None:
    host.reply = ok(CSV)
    load(provider())
    clock.later(hours=25)
    host.reply = ok(RESTATED)
    for _ in range(2):
        series = load(provider())
        [note] = series.quality
        assert note.check == "restated_history"
        assert "1 of 2 earlier values changed, from 2026-07-16 on" in note.message
    assert caching.info().bodies == {"fred": 2}
    assert caching.prune(keep=0) == 1
    assert caching.info().bodies == {"fred": 1}
    assert len(load(provider()).values) == 4


def test_new_days_alone_are_no_restatement(host, provider, clock) -> None:
    host.reply = ok(CSV)
    load(provider())
    clock.later(hours=25)
    host.reply = ok(CSV + b"2026-07-20,4.22\n")
    assert load(provider()).quality == ()


def test_retrieved_at_is_the_first_retrieval_of_a_body(host, provider, clock) -> None:
    times = []
    for body in (CSV, RESTATED, CSV):
        host.reply = ok(body)
        times.append(load(provider()).provenance.retrieved_at)
        clock.later(hours=25)
    assert times[0] == times[2] != times[1]


def test_a_body_that_can_no_longer_be_read_is_not_confirmed(host, provider, clock) -> None:
    host.reply = ok(CSV, ETag='"v1"')
    load(provider())
    clock.later(hours=25)

    class Stricter(FredReader):
        def parse(self, ref, answer):
            if answer.body == CSV:
                raise KeyError("a column of a later version")
            return super().parse(ref, answer)

    host.reply = ok(RESTATED)
    assert load(provider(Stricter())).provenance.rows == 4
    assert "if-none-match" not in host.asked[-1].headers


def test_a_reader_s_own_mistake_is_a_malformed_answer(host, provider) -> None:
    class Mistaken(FredReader):
        def parse(self, ref, answer):
            return {}["nothing"]

    host.reply = ok(CSV)
    with pytest.raises(Malformed, match="KeyError"):
        load(provider(Mistaken()))


def test_info_and_clear(host, provider, apart) -> None:
    host.reply = ok(CSV)
    load(provider())
    found = caching.info()
    assert (found.entries, found.folder) == ({"fred": 1}, apart)
    assert found.size["fred"] > 0
    assert caching.clear("yahoo") == 0
    assert caching.clear() == 1
    assert caching.info().entries == {}


def test_refresh_asks_again(host, provider, clock) -> None:
    host.reply = ok(CSV)
    load(provider())
    clock.later(minutes=1)
    load(provider(refresh=True))
    assert len(host.asked) == 2


def test_a_cache_that_cannot_be_written_costs_only_time(host, provider, apart) -> None:
    apart.parent.mkdir(exist_ok=True)
    apart.write_text("a file where the folder should be")
    host.reply = ok(CSV)
    for _ in range(2):
        assert len(load(provider()).values) == 3
    assert len(host.asked) == 2


# --- offline -----------------------------------------------------------------------------


def test_offline_uses_the_cache_however_old_and_says_what_is_missing(
    host, provider, clock, monkeypatch
) -> None:
    host.reply = ok(CSV)
    load(provider())
    clock.later(days=30)
    monkeypatch.setenv("CONVEX_RESEARCH_OFFLINE", "1")
    series = load(provider())
    assert series.provenance.stale
    assert "offline" in series.quality[0].message
    with pytest.raises(NotInSnapshot, match="not in the cache"):
        load(provider(), "fred:DGS2")
    with pytest.raises(NotInSnapshot):
        load(provider(TiingoReader()), "tiingo:SPY")
    assert len(host.asked) == 1


def test_offline_by_parameter(host) -> None:
    with pytest.raises(NotInSnapshot):
        load_series("fred:DGS10", offline=True)
    assert load_series("sample:vix", offline=True).provenance.rows > 1000
    assert host.asked == []


# --- retries and spacing -----------------------------------------------------------------


@pytest.mark.parametrize(("status", "tries"), [(500, 4), (503, 4), (429, 4), (400, 1), (404, 1)])
def test_only_passing_trouble_is_tried_again(host, provider, clock, status, tries) -> None:
    host.reply = (status, b"{}", {})
    with pytest.raises((Upstream, RateLimited, UnknownSeries)):
        load(provider())
    assert len(host.asked) == tries
    assert sum(clock.slept) < 60


def test_a_second_try_can_help(host, provider) -> None:
    host.reply = lambda _, number: (502, b"", {}) if number < 3 else ok(CSV)
    assert len(load(provider()).values) == 3
    assert len(host.asked) == 3


@pytest.mark.parametrize(
    ("asked_for", "tries", "least"), [("7", 4, 21), ("0", 4, 1), ("soon", 4, 1), ("3600", 1, 0)]
)
def test_retry_after_is_honoured_when_sensible(
    host, provider, clock, *, asked_for, tries, least
) -> None:
    host.reply = (429, b"{}", {"Retry-After": asked_for})
    with pytest.raises(RateLimited):
        load(provider())
    assert len(host.asked) == tries
    assert least <= sum(clock.slept) < 60


def test_a_dead_host_is_tried_once_for_the_next_series(provider, clock, apart) -> None:
    one = provider()
    with pytest.raises(Upstream):
        load(one)
    waited = sum(clock.slept)
    with pytest.raises(Upstream):
        load(one, "fred:DGS2")
    assert sum(clock.slept) - waited < 0.3


def test_a_short_body_is_a_broken_connection(host, provider) -> None:
    host.reply = (200, CSV[:40], {"Content-Length": str(len(CSV))})
    with pytest.raises(Upstream):
        load(provider())
    assert len(host.asked) == 4


def test_requests_keep_their_distance_per_provider(host, provider, clock) -> None:
    host.replies = {
        "fredgraph.csv": ok(CSV),
        "market_chart": (404, b'{"error":"coin not found"}', {}),
    }
    one, other = provider(), provider(CoingeckoReader())
    start = clock.now
    for name in ("A", "B", "C", "D"):
        load(one, f"fred:{name}")
    assert (clock.now - start).total_seconds() == pytest.approx(3 * 0.25)
    start = clock.now
    for name in ("bitcoin", "ethereum", "solana"):
        with pytest.raises(UnknownSeries):
            load(other, f"coingecko:{name}")
    assert (clock.now - start).total_seconds() == pytest.approx(2 * 2.1)


# --- order of providers ------------------------------------------------------------------

CHART = json.dumps(
    {
        "chart": {
            "result": [
                {
                    "meta": {
                        "symbol": "SPY",
                        "currency": "USD",
                        "instrumentType": "ETF",
                        "exchangeTimezoneName": "America/New_York",
                    },
                    "timestamp": [1_772_807_400, 1_773_063_000],
                    "indicators": {
                        "quote": [{"close": [600.0, 601.0]}],
                        "adjclose": [{"adjclose": [599.0, 601.0]}],
                    },
                }
            ],
            "error": None,
        }
    }
).encode()


def test_a_name_goes_through_the_providers_and_tells_who_was_passed_over(host) -> None:
    host.replies = {"/chart/SPY": ok(CHART)}
    series = load_series("SPY")
    assert series.provenance.symbol == "yahoo:SPY"
    assert series.provenance.passed_over == ("tiingo: a key is needed and none is set.",)
    assert series.instrument.id == "SPY"
    assert ("passed_over", "note") in [(n.check, n.level) for n in series.quality]


def test_a_refused_key_is_a_warning_even_where_another_provider_answers(host, monkeypatch) -> None:
    monkeypatch.setenv("TIINGO_API_KEY", KEY)
    host.replies = {"/chart/SPY": ok(CHART), "/prices": (401, b'{"detail":"Invalid token."}', {})}
    series = load_series("SPY")
    assert series.provenance.provider == "yahoo"
    [note] = [n for n in series.quality if n.check == "passed_over"]
    assert note.level == "warning"
    assert "Invalid token" in note.message


def test_no_provider_at_all_names_them_all(host) -> None:
    with pytest.raises(UnknownSeries) as caught:
        load_series("SPY")
    for name in ("yahoo", "tiingo", "stooq"):
        assert name in str(caught.value)


def test_a_full_symbol_is_asked_alone(host) -> None:
    host.replies = {"/chart/SPY": ok(CHART)}
    with pytest.raises(UnknownSeries):
        load_series("stooq:spy.us")
    assert {a.path for a in host.asked} == {"/q/d/l/"}


EURO = (
    b"KEY,FREQ,CURRENCY,CURRENCY_DENOM,TIME_PERIOD,OBS_VALUE,TITLE\n"
    b"EXR.D.USD.EUR.SP00.A,D,USD,EUR,2026-07-16,1.17,US dollar/Euro\n"
    b"EXR.D.USD.EUR.SP00.A,D,USD,EUR,2026-07-17,1.18,US dollar/Euro\n"
)
PRICES = json.dumps(
    {
        "series": {
            "docs": [{"series_name": "HICP", "period": ["2026-05", "2026-06"], "value": [1, 2]}]
        }
    }
).encode()
PORTALS = {
    "ecb:EXR/D.USD.EUR.SP00.A": (EURO, "/service/data/EXR/D.USD.EUR.SP00.A?format=csvdata"),
    "dbnomics:Eurostat/hicp/M.EA": (PRICES, "/v22/series/Eurostat/hicp/M.EA?observations=1"),
}


@pytest.mark.parametrize("symbol", PORTALS)
def test_open_portals_are_asked_without_a_key_and_once(host, symbol) -> None:
    body, address = PORTALS[symbol]
    host.reply = ok(body)
    series = load_series(symbol)
    assert len(series.values) == 2
    assert series.provenance.url == f"{host.url}{address}"
    assert series.instrument.name in {"US dollar/Euro", "HICP"}
    load_series(symbol)
    assert len(host.asked) == 1


@pytest.mark.parametrize("symbol", PORTALS)
@pytest.mark.parametrize(
    ("status", "change", "kind"),
    [
        (404, lambda _: b'{"title":"Not Found","status":404,"detail":"No results found."}', 2),
        (200, lambda _: b"<html><body>Maintenance</body></html>", 3),
        (200, lambda body: body[:-18], 3),
        (200, lambda _: b"", 3),
    ],
    ids=["404", "page", "cut off", "empty"],
)
def test_open_portals_fail_in_one_line(host, symbol, status, change, kind) -> None:
    host.reply = (status, change(PORTALS[symbol][0]), {})
    with pytest.raises(ProviderError) as caught:
        load_series(symbol)
    assert caught.value.exit_code == kind
    assert caught.value.advice
    assert "\n" not in str(caught.value)


def test_yahoo_is_asked_as_a_browser_would(host, provider) -> None:
    host.reply = ok(CHART)
    series = load(provider(YahooReader()), "yahoo:SPY")
    assert host.asked[0].headers["user-agent"].startswith("Mozilla/5.0")
    assert host.asked[0].query["interval"] == ["1d"]
    assert series.raw is not None
    assert series.between(date(2026, 3, 9), None).raw.to_list() == [601.0]


# --- what is kept of a parsed body --------------------------------------------------------


def count_parses(monkeypatch, reader_class=FredReader) -> list[str]:
    parsed: list[str] = []
    plain = reader_class.parse

    def counted(self, ref, answer):
        parsed.append(str(ref.symbol))
        return plain(self, ref, answer)

    monkeypatch.setattr(reader_class, "parse", counted)
    return parsed


def test_a_body_is_parsed_once(host, provider, monkeypatch) -> None:
    parses = count_parses(monkeypatch, YahooReader)
    host.reply = ok(CHART)
    first = load(provider(YahooReader()), "yahoo:SPY")
    second = load(provider(YahooReader()), "yahoo:SPY")
    assert len(parses) == 1
    assert first.values.equals(second.values)
    assert first.raw.equals(second.raw)
    assert (first.provenance, first.quality) == (second.provenance, second.quality)
    assert first.instrument == second.instrument


@pytest.mark.parametrize("damage", ["cut", "other", "flip"])
def test_a_derived_file_that_does_not_fit_is_made_again(
    host, provider, apart, monkeypatch, damage
) -> None:
    host.reply = ok(CSV)
    load(provider())
    [derived] = apart.rglob("parsed.bin")
    content = derived.read_bytes()
    if damage == "cut":
        derived.write_bytes(content[:-9])
    elif damage == "flip":
        derived.write_bytes(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    else:
        monkeypatch.setattr(
            "convex_research.data.providers.provider.fingerprint", lambda *_: "another"
        )
    parses = count_parses(monkeypatch)
    assert load(provider()).values.to_list() == [4.10, 4.15, 4.20]
    assert len(parses) == 1


# --- the second way to Yahoo ---------------------------------------------------------------


class FakeTicker:
    """What yfinance gives: days at local midnight, adjusted and raw closes, actions."""

    asked: list[str] = []  # noqa: RUF012
    rows = 3

    def __init__(self, name: str) -> None:
        self.asked.append(name)
        self.history_metadata = {"currency": "USD", "symbol": name, "instrumentType": "ETF"}

    def history(self, **options: object) -> pd.DataFrame:
        assert options["auto_adjust"] is False
        days = pd.DatetimeIndex(["2026-03-06", "2026-03-09", "2026-03-10"], tz="America/New_York")
        return pd.DataFrame(
            {
                "Close": [600.0, np.nan, 150.5],
                "Adj Close": [149.0, np.nan, 150.5],
                "Volume": [1.0, 1.0, 1.0],
                "Dividends": [0.0, 0.5, 0.0],
                "Stock Splits": [0.0, 0.0, 4.0],
            },
            index=days,
        )[: self.rows]


@pytest.fixture
def refused_by_yahoo(host, provider, monkeypatch):
    """Yahoo's own address, whose every answer is a refusal; yfinance stands beside it."""
    module = types.ModuleType("yfinance")
    module.Ticker = FakeTicker
    module.__spec__ = importlib.machinery.ModuleSpec("yfinance", None)
    monkeypatch.setitem(sys.modules, "yfinance", module)
    monkeypatch.delenv("CONVEX_RESEARCH_YAHOO_URL")
    FakeTicker.asked.clear()
    one = provider(YahooReader())
    refusal = HttpAnswer(429, b"Edge: Too Many Requests", {}, NOW)
    monkeypatch.setattr(one.transport, "get", lambda *_, **__: refusal)
    return one


def test_yfinance_answers_where_yahoo_refuses(refused_by_yahoo) -> None:
    for _ in range(2):
        series = load(refused_by_yahoo, "yahoo:SPY")
        assert series.values.to_list() == [149.0, 150.5]
        assert series.raw.to_list() == [600.0, 150.5]
        assert series.splits == ((date(2026, 3, 10), 4.0),)
        assert "second_way" in {n.check for n in series.quality}
    assert FakeTicker.asked == ["SPY"]


def test_no_second_way_leaves_the_refusal(refused_by_yahoo, monkeypatch) -> None:
    monkeypatch.setattr(FakeTicker, "rows", 0)
    with pytest.raises(RateLimited):
        load(refused_by_yahoo, "yahoo:SPY")
    monkeypatch.setenv("CONVEX_RESEARCH_YAHOO_URL", "http://127.0.0.1:9")
    FakeTicker.asked.clear()
    with pytest.raises(RateLimited):
        load(refused_by_yahoo, "yahoo:QQQ")
    assert FakeTicker.asked == []


# --- other packages' providers -------------------------------------------------------------


class BankReader(Reader):
    """A provider as another package would write it: two pure functions."""

    name = "bank"

    def request(self, ref, start, end):
        return HttpRequest(url=f"https://bank.example/series/{ref.symbol.native}.csv")

    def parse(self, ref, answer):
        raise_for_fault(ref, answer)
        _, rows, notes = csv_rows(ref, answer, frozenset({"date"}))
        values, missing = text_series(ref, [r[0] for r in rows], [r[1] for r in rows])
        return Parsed(
            values=values, missing=missing, adjustment="none", licence="open", notes=notes
        )


def test_another_package_adds_a_provider(host, monkeypatch) -> None:
    point = EntryPoint("bank", f"{__name__}:BankReader", "convex_research.providers")
    monkeypatch.setitem(sys.modules, __name__, sys.modules.get(__name__, types.ModuleType("x")))
    monkeypatch.setattr(sys.modules[__name__], "BankReader", BankReader, raising=False)
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    registry._locations.cache_clear()
    registry.provider_named.cache_clear()
    monkeypatch.setenv("CONVEX_RESEARCH_BANK_URL", host.url)
    host.replies = {"/series/RATE.csv": ok(b"date,value\n2026-07-16,1.50\n2026-07-17,1.75\n")}
    try:
        assert "bank" in registry.provider_names()
        series = load_series("bank:RATE?kind=rate")
        assert series.values.to_list() == [1.5, 1.75]
        assert (series.instrument.kind, series.provenance.provider) == ("rate", "bank")
        assert load_series("bank:RATE", offline=True).provenance.rows == 2
        assert len(host.asked) == 1
    finally:
        registry._locations.cache_clear()
        registry.provider_named.cache_clear()


def test_entry_points_do_not_replace_what_is_built_in(monkeypatch) -> None:
    point = EntryPoint("fred", "somewhere:Else", "convex_research.providers")
    monkeypatch.setattr(registry, "entry_points", lambda group: [point])
    registry._locations.cache_clear()
    try:
        assert registry._locations()["fred"] == "convex_research.data.providers.fred:FredReader"
    finally:
        registry._locations.cache_clear()
