"""Readers on bytes: good bodies of each provider's shape, and everything else."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convex_research.catalogue.symbols import parse_symbol
from convex_research.core.errors import (
    BadKey,
    HistoryLimit,
    InputError,
    Malformed,
    ProviderError,
    RateLimited,
    UnknownSeries,
    Upstream,
)
from convex_research.data.http.exchange import HttpAnswer, Ref, Secret
from convex_research.data.providers.cboe import CboeReader
from convex_research.data.providers.coingecko import CoingeckoReader
from convex_research.data.providers.dbnomics import DbnomicsReader
from convex_research.data.providers.ecb import EcbReader
from convex_research.data.providers.fred import FredReader
from convex_research.data.providers.stooq import StooqReader
from convex_research.data.providers.tiingo import TiingoReader
from convex_research.data.providers.yahoo import YahooReader

NOW = datetime(2026, 7, 20, 23, tzinfo=UTC)
READERS = {
    one.name: one
    for one in (
        CboeReader(),
        CoingeckoReader(),
        DbnomicsReader(),
        EcbReader(),
        FredReader(),
        StooqReader(),
        TiingoReader(),
        YahooReader(),
    )
}


def ref(symbol: str, key: str | None = None, variable: str = "KEY") -> Ref:
    return Ref(parse_symbol(symbol), NOW, Secret(key, variable) if key else None)


def parse(symbol: str, body: bytes, *, status: int = 200, key: str | None = None, at=NOW):
    one = ref(symbol, key)
    return READERS[one.symbol.provider].parse(one, HttpAnswer(status, body, {}, at))


def outcome(symbol: str, body: bytes, status: int = 200):
    """What a reader makes of a body; anything but a typed error fails the test."""
    try:
        return parse(symbol, body, status=status, key="k" * 32)
    except ProviderError as error:
        return error


def dumped(document: object) -> bytes:
    return json.dumps(document).encode()


def days(parsed) -> list[str]:
    return [str(day.date()) for day in parsed.values.index]


# --- small bodies of the providers' shapes, written for these tests -----------------------

FRED_JSON = dumped(
    {
        "realtime_start": "2026-07-20",
        "units": "lin",
        "count": 4,
        "offset": 0,
        "limit": 100000,
        "observations": [
            {"realtime_start": "2026-07-20", "date": day, "value": value}
            for day, value in (
                ("2026-07-02", "4.10"),
                ("2026-07-03", "."),
                ("2026-07-06", "4.15"),
                ("2026-07-07", "4.2000000000000002"),
            )
        ],
    }
)
FRED_CSV = (
    b"observation_date,DGS10\n2026-07-02,4.10\n2026-07-03,\n2026-07-06,4.15\n2026-07-07,4.20\n"
)
CBOE_WIDE = (
    b"DATE,OPEN,HIGH,LOW,CLOSE\n07/02/2026,15.10,16.20,14.90,15.50\n"
    b"07/06/2026,15.50,17.00,15.40,16.25\n"
)
CBOE_NARROW = b"DATE,SKEW\n07/02/2026,140.250000\n07/06/2026,141.500000\n"
STOOQ = (
    b"Date,Open,High,Low,Close,Volume\r\n2026-07-02,600,605,599,604.5,5000000\r\n"
    b"2026-07-06,604,606,601,602.25,5100000\r\n"
)
MIDNIGHT = 1_783_123_200_000  # 2026-07-04 00:00:00 UTC
COINGECKO = dumped(
    {
        "prices": [
            [MIDNIGHT, 60000.5],
            [MIDNIGHT + 86_400_000, 61000.25],
            [MIDNIGHT + 86_400_000 + 52_794_000, 61500.0],
        ],
        "market_caps": [[MIDNIGHT, 1.0]],
        "total_volumes": [[MIDNIGHT, 1.0]],
    }
)
TIINGO_DAY = {
    "date": "2026-07-02T00:00:00.000Z",
    "close": 600.0,
    "high": 601.0,
    "low": 590.0,
    "open": 595.0,
    "volume": 5_000_000,
    "adjClose": 150.0,
    "adjVolume": 20_000_000,
    "divCash": 0.0,
    "splitFactor": 1.0,
}
TIINGO = dumped(
    [
        TIINGO_DAY,
        {**TIINGO_DAY, "date": "2026-07-06T00:00:00.000Z", "close": 151.0, "adjClose": 151.0}
        | {"splitFactor": 4.0, "divCash": 0.25},
    ]
)


def yahoo(
    stamps: list[int] | None,
    closes: list[float | None] | None = None,
    adjusted: list[float | None] | None = None,
    **extra: object,
) -> bytes:
    """A chart answer; ``extra`` goes into its description or beside it."""
    meta: dict[str, object] = {
        "currency": "USD",
        "symbol": "SPY",
        "instrumentType": "ETF",
        "exchangeTimezoneName": "America/New_York",
        "gmtoffset": -14400,
        "regularMarketTime": 1_784_404_800,
        "dataGranularity": "1d",
        "longName": "A fund",
        **{k: v for k, v in extra.items() if k not in {"volume", "events"}},
    }
    quote = {"close": closes, "volume": extra.get("volume")} if closes is not None else {}
    result: dict[str, object] = {"meta": meta, "indicators": {"quote": [quote]}}
    if stamps is not None:
        result["timestamp"] = stamps
    if adjusted is not None:
        result["indicators"]["adjclose"] = [{"adjclose": adjusted}]
    if "events" in extra:
        result["events"] = extra["events"]
    return dumped({"chart": {"result": [result], "error": None}})


# 2026-03-06 09:30 in winter time and 2026-03-09, 03-10 09:30 in summer time, New York.
SPRING = [1_772_807_400, 1_773_063_000, 1_773_149_400]
YAHOO = yahoo(
    SPRING,
    [600.0, None, 150.5],
    [149.0, None, 150.5],
    events={
        "splits": {"1": {"date": SPRING[2], "numerator": 4, "denominator": 1}},
        "dividends": {"1": {"date": SPRING[1], "amount": 0.5}},
    },
)
ECB_HEAD = (
    b"KEY,FREQ,CURRENCY,CURRENCY_DENOM,EXR_TYPE,EXR_SUFFIX,TIME_PERIOD,OBS_VALUE,OBS_STATUS,"
    b"TITLE,TITLE_COMPL,UNIT,UNIT_MULT\n"
)


def ecb_row(day: str, value: str, key: str = "EXR.D.USD.EUR.SP00.A") -> bytes:
    """A row as the portal writes it, commas in quotes."""
    about = 'US dollar/Euro,"ECB reference exchange rate, US dollar/Euro, 2.15 pm (C.E.T.)"'
    return f"{key},D,USD,EUR,SP00,A,{day},{value},A,{about},USD,0\n".encode()


ECB_DAYS = {"2026-07-02": "1.1745", "2026-07-03": "", "2026-07-06": "1.1763"}
ECB = ECB_HEAD + b"".join(ecb_row(day, value) for day, value in ECB_DAYS.items())
DBNOMICS = dumped(
    {
        "series": {
            "docs": [
                {
                    "@frequency": "monthly",
                    "dataset_code": "prc_hicp_midx",
                    "provider_code": "Eurostat",
                    "series_code": "M.I15.CP00.EA",
                    "series_name": "Monthly - Index, 2015=100 - All-items HICP - Euro area",
                    "period": ["2026-03", "2026-04", "2026-05", "2026-06"],
                    "value": [128.5, "NA", 129, None],
                }
            ],
            "num_found": 1,
        }
    }
)
GOOD = {
    "ecb:EXR/D.USD.EUR.SP00.A": ECB,
    "dbnomics:Eurostat/prc_hicp_midx/M.I15.CP00.EA": DBNOMICS,
    "fred:DGS10": FRED_CSV,
    "fred:DGS10?units=chg": FRED_JSON,
    "cboe:VIX": CBOE_WIDE,
    "cboe:SKEW": CBOE_NARROW,
    "stooq:spy.us": STOOQ,
    "coingecko:bitcoin": COINGECKO,
    "tiingo:SPY": TIINGO,
    "yahoo:SPY": YAHOO,
}


# --- what good bodies say ----------------------------------------------------------------


@pytest.mark.parametrize(("body", "key"), [(FRED_JSON, "k" * 32), (FRED_CSV, None)])
def test_fred_json_and_csv_say_the_same(body: bytes, key: str | None) -> None:
    parsed = parse("fred:DGS10", body, key=key)
    assert days(parsed) == ["2026-07-02", "2026-07-06", "2026-07-07"]
    assert parsed.values.to_list() == [4.10, 4.15, 4.2]
    assert (parsed.missing, parsed.kind) == (1, "rate")


def test_fred_takes_dots_and_the_older_header() -> None:
    parsed = parse("fred:DGS10", b"DATE,DGS10\n2026-07-02,4.10\n2026-07-03,.\n")
    assert (len(parsed.values), parsed.missing) == (1, 1)


def test_fred_asks_for_units_in_both_dialects() -> None:
    reader = READERS["fred"]
    keyless = reader.request(ref("fred:CPIAUCSL?units=pch"), None, None)
    keyed = reader.request(ref("fred:CPIAUCSL?units=pch", "k" * 32), None, None)
    assert keyless.redacted.endswith("fredgraph.csv?id=CPIAUCSL&transformation=pch")
    assert ("units", "pch") in keyed.params
    assert ("file_type", "json") in keyed.params
    with pytest.raises(InputError, match="units=nonsense"):
        reader.request(ref("fred:CPIAUCSL?units=nonsense"), None, None)


def test_fred_describes_a_series() -> None:
    body = dumped({"seriess": [{"id": "X", "title": "A rate", "units": "Percent"}]})
    said = FredReader().parse_metadata(ref("fred:X"), HttpAnswer(200, body, {}, NOW))
    assert said == {"name": "A rate", "unit": "Percent", "kind": "rate"}


def test_fred_tells_an_incomplete_answer() -> None:
    body = FRED_JSON.replace(b'"count": 4', b'"count": 5000')
    parsed = parse("fred:DGS10", body, key="k" * 32)
    assert [(n.check, n.level) for n in parsed.notes] == [("incomplete_answer", "warning")]


def test_cboe_has_two_shapes() -> None:
    wide, narrow = parse("cboe:VIX", CBOE_WIDE), parse("cboe:SKEW", CBOE_NARROW)
    assert wide.values.to_list() == [15.5, 16.25]
    assert narrow.values.to_list() == [140.25, 141.5]
    assert days(wide) == days(narrow) == ["2026-07-02", "2026-07-06"]
    assert (wide.kind, wide.unit) == ("level", "points")


def test_coingecko_dates_midnight_as_the_close_before_and_drops_now() -> None:
    parsed = parse("coingecko:bitcoin", COINGECKO)
    assert days(parsed) == ["2026-07-03", "2026-07-04"]
    assert parsed.values.to_list() == [60000.5, 61000.25]
    assert "close of the day that ends there" in parsed.adjustment
    assert {n.check for n in parsed.notes} == {"close_time", "partial_session", "history_limit"}


def test_coingecko_chooses_host_header_and_days_by_key() -> None:
    reader = READERS["coingecko"]
    free = reader.request(ref("coingecko:bitcoin"), None, None)
    demo = reader.request(ref("coingecko:bitcoin", "d" * 20, "COINGECKO_API_KEY"), None, None)
    pro = reader.request(ref("coingecko:bitcoin", "p" * 20, "COINGECKO_PRO_API_KEY"), None, None)
    assert free.url == demo.url != pro.url
    assert (free.secret_headers, demo.secret_headers[0][0]) == ((), "x-cg-demo-api-key")
    assert pro.secret_headers[0][0] == "x-cg-pro-api-key"
    assert [dict(r.params)["days"] for r in (free, demo, pro)] == ["365", "365", "max"]
    early = reader.request(ref("coingecko:bitcoin"), date(2025, 7, 1), None)
    assert dict(early.params)["days"] == "385"


def test_tiingo_has_raw_adjusted_and_actions() -> None:
    parsed = parse("tiingo:SPY", TIINGO, key="t" * 20)
    assert parsed.values.to_list() == [150.0, 151.0]
    assert parsed.raw is not None
    assert parsed.raw.to_list() == [600.0, 151.0]
    assert parsed.splits == ((date(2026, 7, 6), 4.0),)
    assert parsed.dividends == ((date(2026, 7, 6), 0.25),)


def test_stooq_warns_of_its_adjustment() -> None:
    parsed = parse("stooq:spy.us", STOOQ)
    assert parsed.values.to_list() == [604.5, 602.25]
    assert [n.check for n in parsed.notes] == ["mixed_adjustment"]
    request = READERS["stooq"].request(ref("stooq:SPY.US", "secretkey1"), None, None)
    assert request.redacted == "https://stooq.com/q/d/l/?s=spy.us&i=d&apikey=REDACTED"


def test_yahoo_dates_sessions_across_summer_time_and_keeps_raw() -> None:
    parsed = parse("yahoo:SPY", YAHOO)
    assert days(parsed) == ["2026-03-06", "2026-03-10"]
    assert parsed.values.to_list() == [149.0, 150.5]
    assert parsed.raw is not None
    assert parsed.raw.to_list() == [600.0, 150.5]
    assert (parsed.missing, parsed.calendar) == (1, "XNYS")
    assert parsed.splits == ((date(2026, 3, 10), 4.0),)
    assert parsed.dividends == ((date(2026, 3, 9), 0.5),)


def test_yahoo_winter_sessions_keep_their_date_under_summer_offsets() -> None:
    # 19:30 New York on 2026-03-06 is 00:30 UTC of the 7th; with the summer's offset of
    # four hours it would be 20:30. A late future session shows the same.
    stamp = SPRING[0] + 10 * 3600
    parsed = parse("yahoo:SPY", yahoo([stamp], [600.0]))
    assert days(parsed) == ["2026-03-06"]


def test_yahoo_without_adjusted_closes_says_so() -> None:
    parsed = parse("yahoo:SPY", yahoo(SPRING, [1.0, 2.0, 3.0]))
    assert parsed.raw is None
    assert "no dividend adjustment" in parsed.adjustment


def test_yahoo_crypto_runs_on_universal_time() -> None:
    body = yahoo(
        [1_783_123_200, 1_783_209_600],
        [1.0, 2.0],
        instrumentType="CRYPTOCURRENCY",
        exchangeTimezoneName="UTC",
        symbol="BTC-USD",
    )
    parsed = parse("yahoo:BTC-USD", body)
    assert (days(parsed), parsed.calendar) == (["2026-07-04", "2026-07-05"], "24/7")


def test_yahoo_tells_pence_and_another_name() -> None:
    parsed = parse("yahoo:SPY", yahoo(SPRING, [1.0, 2.0, 3.0], currency="GBp", symbol="OCDO.L"))
    assert {n.check for n in parsed.notes} == {"minor_currency", "other_name"}
    assert parsed.unit == "GBp"


def test_ecb_says_what_a_series_is() -> None:
    parsed = parse("ecb:EXR/D.USD.EUR.SP00.A", ECB)
    assert days(parsed) == ["2026-07-02", "2026-07-06"]
    assert (parsed.values.to_list(), parsed.missing) == ([1.1745, 1.1763], 1)
    assert (parsed.name, parsed.unit) == ("US dollar/Euro", "USD per EUR")
    assert (parsed.kind, parsed.calendar) == ("price", "ECB")
    deposit = b"KEY,FREQ,TIME_PERIOD,OBS_VALUE,UNIT,UNIT_MULT\nFM.D.DFR,D,2026-10-02,2.5,PCPA,0\n"
    rate = parse("ecb:FM/D.U2.EUR.4F.KR.DFR.LEV", deposit)
    assert (rate.kind, rate.unit, rate.calendar, rate.name) == ("rate", "percent", None, None)
    money = deposit.replace(b"PCPA,0", b"EUR,6").replace(b"2026-10-02", b"2026-Q3")
    assert parse("ecb:BSI/Q.U2", money).unit == "EUR, 10^6"
    assert days(parse("ecb:BSI/Q.U2", money)) == ["2026-07-01"]


def test_ecb_refuses_a_key_of_several_series() -> None:
    body = ECB + ecb_row("2026-07-02", "0.8", "EXR.D.GBP.EUR.SP00.A")
    with pytest.raises(UnknownSeries, match=r"2 series, EXR.D.GBP.EUR.SP00.A and others. Write"):
        parse("ecb:EXR/D..EUR.SP00.A", body)


def test_dbnomics_dates_by_the_first_day_and_says_how_it_reads() -> None:
    parsed = parse("dbnomics:Eurostat/prc_hicp_midx/M.I15.CP00.EA", DBNOMICS)
    assert days(parsed) == ["2026-03-01", "2026-05-01"]
    assert (parsed.values.to_list(), parsed.missing, parsed.kind) == ([128.5, 129.0], 2, "price")
    assert "Read as a price" in parsed.notes[0].message
    yields = DBNOMICS.replace(b"Index, 2015=100", b"Interest rate")
    assert parse("dbnomics:a/b/c", yields).kind == "rate"


def test_addresses_of_the_open_portals() -> None:
    asked = {
        "ecb:EXR/D.USD.EUR.SP00.A": "https://data-api.ecb.europa.eu/service/data/"
        "EXR/D.USD.EUR.SP00.A?format=csvdata",
        "dbnomics:IMF/WEO:2024-10/DEU.NGDP_RPCH": "https://api.db.nomics.world/v22/series/"
        "IMF/WEO%3A2024-10/DEU.NGDP_RPCH?observations=1",
    }
    for symbol, address in asked.items():
        one = ref(symbol)
        assert READERS[one.symbol.provider].request(one, None, None).redacted == address


def test_whole_history_is_asked_whatever_the_bounds() -> None:
    for symbol in ("fred:DGS10", "cboe:VIX", "stooq:spy.us", "yahoo:SPY", "tiingo:SPY"):
        reader = READERS[symbol.partition(":")[0]]
        one = ref(symbol, "k" * 32)
        bounded = reader.request(one, date(2020, 1, 1), date(2024, 1, 1))
        assert bounded.redacted == reader.request(one, None, None).redacted


# --- partial last sessions ---------------------------------------------------------------

OPEN = datetime(2026, 7, 6, 18, 0, tzinfo=UTC)  # 14:00 in New York
CLOSED = datetime(2026, 7, 6, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize("symbol", ["cboe:VIX", "stooq:spy.us", "tiingo:SPY"])
def test_running_session_is_left_out_and_told(symbol: str) -> None:
    during = parse(symbol, GOOD[symbol], key="k" * 32, at=OPEN)
    after = parse(symbol, GOOD[symbol], key="k" * 32, at=CLOSED)
    assert days(during) == ["2026-07-02"]
    assert days(after) == ["2026-07-02", "2026-07-06"]
    assert "partial_session" in {n.check for n in during.notes}
    assert "partial_session" not in {n.check for n in after.notes}


def test_yahoo_leaves_out_a_live_quote_however_late_the_body_is_read() -> None:
    live = SPRING[1] + 3 * 3600 + 17
    by_answer = parse("yahoo:SPY", yahoo([SPRING[0], live], [1.0, 2.0], regularMarketTime=live))
    twice = parse("yahoo:SPY", yahoo([*SPRING[:2], live], [1.0, 2.0, 3.0]))
    at = datetime.fromtimestamp(live, UTC)
    by_time = parse("yahoo:SPY", yahoo(SPRING[:2], [1.0, 2.0]), at=at)
    assert days(by_answer) == days(by_time) == ["2026-03-06"]
    assert days(twice) == ["2026-03-06", "2026-03-09"]
    assert twice.values.to_list() == [1.0, 2.0]


def test_thin_volume_means_a_running_session() -> None:
    stamps = [SPRING[0] - 7 * 86_400 * weeks for weeks in range(30, -1, -1)]
    closes = [100.0 + i for i in range(31)]
    full = parse("yahoo:SPY", yahoo(stamps, closes, volume=[50_000_000] * 31))
    half_day = parse("yahoo:SPY", yahoo(stamps, closes, volume=[50_000_000] * 30 + [25_000_000]))
    thin = parse("yahoo:SPY", yahoo(stamps, closes, volume=[50_000_000] * 30 + [10_990_000]))
    assert [len(p.values) for p in (full, half_day, thin)] == [31, 31, 30]


# --- errors ------------------------------------------------------------------------------


def nested(code: int, message: str) -> bytes:
    return dumped({"error": {"status": {"error_code": code, "error_message": message}}})


def fred_says(message: str, code: int = 400) -> bytes:
    return dumped({"error_code": code, "error_message": message})


ERRORS = [
    ("fred:NOPE", 400, fred_says("Bad Request.  No: series does not exist."), UnknownSeries),
    ("fred:DGS10", 400, fred_says("The value for variable api_key is not registered."), BadKey),
    ("fred:DGS10", 400, fred_says("The api_key is not a 32 character string."), BadKey),
    ("fred:DGS10", 400, fred_says("Variable api_key is not set."), BadKey),
    ("fred:DGS10", 200, fred_says("Too Many Requests.", 429), RateLimited),
    (
        "fred:DGS10",
        400,
        dumped({"code": 400, "message": "frequency is not one of d, w, m"}),
        UnknownSeries,
    ),
    (
        "fred:DGS10",
        400,
        b'<error code="400" message="Bad Request.  The series does not exist."/>',
        UnknownSeries,
    ),
    ("fred:DGS10", 423, b"Locked", Upstream),
    ("fred:DGS10", 500, fred_says("Internal Server Error", 500), Upstream),
    ("fred:NOPE", 404, b"<!DOCTYPE html><html><title>Page not found</title></html>", UnknownSeries),
    (
        "fred:NOPE",
        200,
        b"<!DOCTYPE html><html><title>Page Not Found | FRED</title></html>",
        UnknownSeries,
    ),
    (
        "cboe:NOPE",
        403,
        b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
        UnknownSeries,
    ),
    ("coingecko:nope", 404, dumped({"error": "coin not found"}), UnknownSeries),
    ("coingecko:bitcoin?vs=zzz", 422, dumped({"error": "invalid vs_currency"}), UnknownSeries),
    (
        "coingecko:bitcoin",
        401,
        nested(10012, "beyond the allowed time range, past 365 days"),
        HistoryLimit,
    ),
    ("coingecko:bitcoin", 401, nested(10002, "API key missing"), BadKey),
    (
        "coingecko:bitcoin",
        400,
        dumped({"status": {"error_code": 10010, "error_message": "change your root URL"}}),
        BadKey,
    ),
    (
        "coingecko:bitcoin",
        429,
        dumped(
            {
                "status": {
                    "error_code": 429,
                    "error_message": "subscribe to a plan for a higher rate limit",
                }
            }
        ),
        RateLimited,
    ),
    ("coingecko:bitcoin", 403, b"<html><title>Access denied | 1020</title></html>", Upstream),
    (
        "yahoo:NOPE",
        404,
        dumped(
            {
                "chart": {
                    "result": None,
                    "error": {"code": "Not Found", "description": "No data found, may be delisted"},
                }
            }
        ),
        UnknownSeries,
    ),
    ("yahoo:SPY", 429, b"Edge: Too Many Requests", RateLimited),
    (
        "yahoo:SPY",
        400,
        b"400 Bad Request: Data doesn't exist for startDate = 1, endDate = 2",
        UnknownSeries,
    ),
    ("yahoo:SPY", 502, b"<html>Bad gateway</html>", Upstream),
    ("tiingo:NOPE", 404, dumped({"detail": "Not found."}), UnknownSeries),
    (
        "ecb:EXR/D.XXX",
        404,
        dumped({"title": "Not Found", "status": 404, "detail": "No results found."}),
        UnknownSeries,
    ),
    ("ecb:EXR/D.XXX", 400, b"<html><title>Bad request</title></html>", UnknownSeries),
    ("ecb:EXR/D.USD", 200, ECB_HEAD, UnknownSeries),
    ("ecb:EXR/D.USD", 503, b"<html><title>Busy</title></html>", Upstream),
    ("ecb:EXR/D.USD", 200, b"<html><body>Maintenance</body></html>", Malformed),
    ("dbnomics:A/B/C", 404, dumped({"message": "Series A/B/C could not be found"}), UnknownSeries),
    ("dbnomics:A/B/C", 404, dumped({"errors": [{"message": "no"}]}), UnknownSeries),
    ("dbnomics:A/B/C", 200, dumped({"series": {"docs": [], "num_found": 0}}), UnknownSeries),
    ("dbnomics:A/B/C", 200, dumped({"series": {"docs": [{}]}}), UnknownSeries),
    ("dbnomics:A/B/C", 429, b"slow down", RateLimited),
    ("tiingo:SPY", 401, dumped({"detail": "Invalid token."}), BadKey),
    (
        "tiingo:SPY",
        403,
        dumped({"detail": "Please supply your authentication credentials."}),
        BadKey,
    ),
    ("tiingo:SPY", 200, b"You have run over your hourly request allocation.", RateLimited),
    ("stooq:spy.us", 200, b"No data", UnknownSeries),
    ("stooq:spy.us", 200, b"Exceeded the daily hits limit", RateLimited),
    ("stooq:spy.us", 200, b"Get your apikey:\n1. Open the page", BadKey),
    ("stooq:spy.us", 200, b"<html><script>proof()</script></html>", Malformed),
    (
        "yahoo:SPY",
        200,
        dumped({"chart": {"result": [{"meta": {}, "indicators": {"quote": [{}]}}], "error": None}}),
        UnknownSeries,
    ),
    ("coingecko:bitcoin", 200, dumped({"prices": []}), UnknownSeries),
    ("fred:DGS10", 200, b"observation_date,DGS10\n", UnknownSeries),
    ("fred:DGS10", 200, b"observation_date,DGS10\n2026-07-03,\n", UnknownSeries),
    ("tiingo:SPY", 200, b"[]", UnknownSeries),
]


@pytest.mark.parametrize(("symbol", "status", "body", "kind"), ERRORS)
def test_error_bodies_have_their_type(symbol: str, status: int, body: bytes, kind: type) -> None:
    with pytest.raises(ProviderError) as caught:
        parse(symbol, body, status=status)
    assert type(caught.value) is kind
    assert caught.value.provider == symbol.partition(":")[0]
    assert caught.value.advice
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == (3 if kind in {RateLimited, Upstream, Malformed} else 2)


HTML = b"<!DOCTYPE html>\n<html><body>Service</body></html>"


@pytest.mark.parametrize("symbol", list(GOOD))
@pytest.mark.parametrize(
    "body",
    [b"", b"  \n", HTML, b"\x00\x01\xff\xfe", b"null", b"[]x", b'{"a": 1}', b'"text"', b"[1, 2]"],
)
def test_other_bodies_are_malformed(symbol: str, body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(symbol, body)


@pytest.mark.parametrize("symbol", [s for s in GOOD if GOOD[s][:1] in b"[{"])
def test_any_truncated_json_is_malformed(symbol: str) -> None:
    for end in range(1, len(GOOD[symbol]) - 1):
        with pytest.raises(Malformed):
            parse(symbol, GOOD[symbol][:end], key="k" * 32)


@pytest.mark.parametrize("symbol", [s for s in GOOD if GOOD[s][:1] not in b"[{"])
def test_a_truncated_csv_never_gives_a_wrong_number(symbol: str) -> None:
    whole = parse(symbol, GOOD[symbol]).values
    for end in range(1, len(GOOD[symbol])):
        try:
            part = parse(symbol, GOOD[symbol][:end]).values
        except ProviderError:
            continue
        assert part.to_list() == whole.to_list()[: len(part)], GOOD[symbol][:end]


WRONG = [
    ("fred:DGS10", FRED_CSV.replace(b"4.15", b"abc")),
    ("fred:DGS10", FRED_CSV.replace(b"4.15", b"1e999")),
    ("fred:DGS10", FRED_CSV.replace(b"2026-07-06", b"2026-02-30")),
    ("fred:DGS10", FRED_CSV.replace(b"2026-07-06", b"2026-07-02")),
    ("fred:DGS10", FRED_CSV.replace(b"2026-07-06", b"2026-06-01")),
    ("fred:DGS10", b"observation_date,DGS10,DGS2\n2026-07-02,4.1,4.0\n"),
    ("fred:DGS10", b"when,DGS10\n2026-07-02,4.1\n"),
    ("fred:DGS10", FRED_JSON.replace(b'"4.10"', b"4.10")),
    ("fred:DGS10", FRED_JSON.replace(b'"4.10"', b'"four"')),
    ("cboe:VIX", CBOE_WIDE.replace(b"CLOSE", b"LAST")),
    ("cboe:VIX", CBOE_WIDE.replace(b"16.25", b"--")),
    ("cboe:VIX", CBOE_WIDE.replace(b"07/06/2026", b"13/06/2026")),
    ("coingecko:bitcoin", COINGECKO.replace(b"60000.5", b'"60000.5"')),
    ("coingecko:bitcoin", COINGECKO.replace(b"60000.5", b"NaN")),
    ("coingecko:bitcoin", COINGECKO.replace(b"60000.5", b"true")),
    ("coingecko:bitcoin", dumped({"prices": [[MIDNIGHT + 7, 1.0], [MIDNIGHT + 3_600_011, 2.0]]})),
    ("coingecko:bitcoin", dumped({"prices": [[1e300, 1.0]]})),
    ("tiingo:SPY", TIINGO.replace(b'"adjClose"', b'"adj"')),
    ("tiingo:SPY", TIINGO.replace(b"151.0", b'"151"')),
    ("tiingo:SPY", TIINGO.replace(b"2026-07-06", b"2026-07-02")),
    ("stooq:spy.us", STOOQ.replace(b"Close", b"Last")),
    ("stooq:spy.us", STOOQ.replace(b"602.25", b"<b>")),
    ("yahoo:SPY", yahoo(SPRING, [1.0, 2.0])),
    ("yahoo:SPY", yahoo(SPRING, [1.0, 2.0, 3.0], [1.0])),
    ("yahoo:SPY", yahoo(SPRING, ["1", "2", "3"])),
    ("yahoo:SPY", yahoo(SPRING, [1.0, 2.0, 3.0], exchangeTimezoneName="Mars/Olympus")),
    ("yahoo:SPY", yahoo(SPRING, [1.0, 2.0, 3.0], exchangeTimezoneName="../../etc/passwd")),
    ("yahoo:SPY", yahoo(SPRING, [1.0, 2.0, 3.0], dataGranularity="1mo")),
    ("yahoo:SPY", yahoo([10**18], [1.0])),
    ("yahoo:SPY", yahoo(SPRING[::-1], [1.0, 2.0, 3.0])),
    ("yahoo:SPY", yahoo(SPRING, None)),
    ("ecb:EXR/D.USD", ECB.replace(b"OBS_VALUE", b"VALUE")),
    ("ecb:EXR/D.USD", ECB.replace(b"1.1745", b"abc")),
    ("ecb:EXR/D.USD", ECB.replace(b"2026-07-06", b"2026-W60")),
    ("ecb:EXR/D.USD", ECB.replace(b"2026-07-06", b"2026-Q7")),
    ("dbnomics:A/B/C", DBNOMICS.replace(b'"NA"', b'"n.a."')),
    ("dbnomics:A/B/C", DBNOMICS.replace(b'"NA", ', b"")),
    ("dbnomics:A/B/C", DBNOMICS.replace(b"2026-04", b"April")),
    ("dbnomics:A/B/C", DBNOMICS.replace(b'"docs": [{', b'"docs": [{}, {')),
]


@pytest.mark.parametrize(("symbol", "body"), WRONG)
def test_wrong_columns_dates_and_numbers_are_malformed(symbol: str, body: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        parse(symbol, body, key="k" * 32)
    assert "malformed" in str(caught.value)


def test_provider_text_is_shown_escaped_and_short_and_without_the_key() -> None:
    key = "0123456789abcdef" * 2
    body = dumped({"error_message": f"api_key {key} \x1b[31m\nis <script> bad" + "x" * 500})
    with pytest.raises(BadKey) as caught:
        parse("fred:DGS10", body, status=400, key=key)
    assert key not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "symbol",
    [
        *(
            "ecb:EXR",
            "ecb:EXR/..",
            "ecb:EXR/D.USD/x",
            "ecb:EXR/a b",
            "dbnomics:A/B",
            "dbnomics:A/../C",
        ),
        *("cboe:../../etc", "yahoo:A/B", "yahoo:..", "tiingo:a b", "fred:x%2e", "stooq:é"),
    ],
)
def test_names_that_would_change_the_address_are_refused(symbol: str) -> None:
    one = ref(symbol)
    with pytest.raises(InputError):
        READERS[one.symbol.provider].request(one, None, None)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_mutated_bodies_give_a_series_or_a_typed_error(data: st.DataObject) -> None:
    symbol = data.draw(st.sampled_from(sorted(GOOD)))
    body = bytearray(GOOD[symbol])
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        cut = data.draw(st.integers(0, 12))
        body[at : at + cut] = data.draw(
            st.one_of(
                st.binary(max_size=6),
                st.sampled_from(
                    [
                        b"null",
                        b"-",
                        b"9" * 25,
                        b"[",
                        b"}",
                        b'"',
                        b",",
                        b"\n",
                        b"1e400",
                        b"NaN",
                        b"{}",
                    ]
                ),
            )
        )
    status = data.draw(st.sampled_from([200, 200, 200, 400, 404, 429, 500]))
    parsed = outcome(symbol, bytes(body), status)
    if isinstance(parsed, ProviderError):
        assert str(parsed).isprintable()
        return
    assert status == 200
    values = parsed.values
    assert len(values) > 0
    assert np.isfinite(values.to_numpy()).all()
    assert values.index.is_unique
    assert values.index.is_monotonic_increasing


JSON_KEYS = [
    "series",
    "docs",
    "period",
    "prices",
    "observations",
    "chart",
    "result",
    "error",
    "status",
    "meta",
    "timestamp",
    "indicators",
    "quote",
    "close",
    "date",
    "value",
    "adjClose",
    "events",
    "code",
]


@settings(max_examples=200, deadline=None)
@given(
    symbol=st.sampled_from(sorted(GOOD)),
    document=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(JSON_KEYS),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    ),
)
def test_any_json_gives_a_series_or_a_typed_error(symbol: str, document: object) -> None:
    for body in (dumped(document), dumped({"chart": {"result": [document]}})):
        parsed = outcome(symbol, body)
        assert str(parsed).isprintable() or not isinstance(parsed, ProviderError)


def test_secrets_do_not_print_or_travel() -> None:
    import copy
    import pickle

    secret = Secret("a-very-secret-key", "FRED_API_KEY")
    one = replace(ref("fred:DGS10"), key=secret)
    request = READERS["fred"].request(one, None, None)
    for shown in (repr(one), str(secret), repr(request), request.redacted, f"{one}"):
        assert "a-very-secret-key" not in shown
    assert b"a-very-secret-key" not in pickle.dumps(one)
    assert copy.deepcopy(secret).reveal() == ""
