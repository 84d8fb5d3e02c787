"""Time of the data layer on bodies of thirty years: parsing, and sixty series cold and warm.

Run: pytest tests/benchmarks/test_data_speed.py -m slow -s

Nothing is asserted about time: machines differ. What is read and asked for is.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from statistics import median

import numpy as np
import pytest

from convex_research.catalogue import load_catalogue
from convex_research.catalogue.symbols import parse_symbol
from convex_research.data import load_series, write_snapshot
from convex_research.data.http.exchange import HttpAnswer, Ref, Secret
from convex_research.data.providers.registry import provider_named

ROWS = 7560
DAYS = np.busday_offset("1996-07-01", np.arange(ROWS), roll="forward")
PRICES = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, ROWS)))
OPENINGS = (DAYS.astype("datetime64[s]").astype(int) + 52_200).tolist()
MIDNIGHTS = (1_100_044_800 + 86_400 * np.arange(ROWS)).tolist()


def csv(header: str, row: str, day: str = "{0:%Y-%m-%d}") -> bytes:
    lines = [
        (day + row).format(when, price)
        for when, price in zip(DAYS.astype(object), PRICES, strict=True)
    ]
    return "\n".join([header, *lines, ""]).encode()


def chart() -> bytes:
    result = {
        "meta": {"exchangeTimezoneName": "America/New_York", "instrumentType": "ETF"},
        "timestamp": OPENINGS,
        "indicators": {
            "quote": [
                {name: PRICES.tolist() for name in ("open", "high", "low", "close")}
                | {"volume": [50_000_000] * ROWS}
            ],
            "adjclose": [{"adjclose": (0.9 * PRICES).tolist()}],
        },
    }
    return json.dumps({"chart": {"result": [result], "error": None}}).encode()


def observations() -> bytes:
    rows = [
        {
            "realtime_start": "2026-07-20",
            "realtime_end": "2026-07-20",
            "date": str(d),
            "value": f"{p:.2f}",
        }
        for d, p in zip(DAYS, PRICES, strict=True)
    ]
    return json.dumps({"count": ROWS, "observations": rows}).encode()


def days() -> bytes:
    fixed = {
        "high": 1.0,
        "low": 1.0,
        "open": 1.0,
        "volume": 50_000_000,
        "adjHigh": 1.0,
        "adjLow": 1.0,
        "adjOpen": 1.0,
        "adjVolume": 50_000_000,
        "divCash": 0.0,
        "splitFactor": 1.0,
    }
    rows = [
        {"date": f"{d}T00:00:00.000Z", "close": p, "adjClose": 0.9 * p, **fixed}
        for d, p in zip(DAYS, PRICES, strict=True)
    ]
    return json.dumps(rows).encode()


BODIES = {
    "yahoo": chart(),
    "fred": csv("observation_date,X", ",{1:.2f}"),
    "cboe": csv("DATE,OPEN,HIGH,LOW,CLOSE", ",{1:.6f}" * 4, "{0:%m/%d/%Y}"),
    "stooq": csv("Date,Open,High,Low,Close,Volume", ",{1:.2f}" * 4 + ",50000000"),
    "coingecko": json.dumps(
        {"prices": [[1000 * t, p] for t, p in zip(MIDNIGHTS, PRICES, strict=True)]}
    ).encode(),
}
NOW = datetime(2026, 7, 20, 23, tzinfo=UTC)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*BODIES, "fred json", "tiingo"])
def test_parsing_thirty_years(name: str) -> None:
    body = {"fred json": observations, "tiingo": days}.get(name, lambda: BODIES[name])()
    provider = provider_named(name.split(maxsplit=1)[0])
    ref = Ref(parse_symbol(f"{provider.name}:X"), NOW, Secret("k" * 32))
    times = []
    for _ in range(9):
        start = time.process_time()
        parsed = provider.reader.parse(ref, HttpAnswer(200, body, {}, NOW))
        times.append(time.process_time() - start)
    assert len(parsed.values) == ROWS
    print(f"{name}: {1000 * median(times):.0f} ms (budget 30)")


@pytest.mark.slow
@pytest.mark.network
def test_sixty_series_cold_and_warm(serve, apart, tmp_path, monkeypatch) -> None:
    hosts = {}
    for name, body in BODIES.items():
        one = serve()
        one.reply, one.delay = (200, body, {}), 0.05
        monkeypatch.setenv(f"CONVEX_RESEARCH_{name.upper()}_URL", one.url)
        hosts[name] = one
    names = [
        name
        for name, one in load_catalogue().instruments.items()
        if not one.symbols[0].startswith("sample:")
    ]
    start = time.perf_counter()
    snapshot = write_snapshot(names, tmp_path / "snap")
    cold = time.perf_counter() - start
    assert not snapshot.errors
    assert sum(len(host.asked) for host in hosts.values()) == len(names) == 60
    start = time.process_time()
    for name in names:
        load_series(name)
    warm = time.process_time() - start
    assert sum(len(host.asked) for host in hosts.values()) == 60
    print(
        f"60 series: cold {cold:.1f} s (budget 8), warm {warm:.1f} s of this process (budget 1.5)"
    )
