"""Snapshots, and many processes at one cache."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date

import numpy as np
import pytest

from convex_research.catalogue import Pair
from convex_research.core.errors import (
    DataError,
    InputError,
    NotInSnapshot,
    UnknownSeries,
    Upstream,
)
from convex_research.data import load_prices, load_series, write_snapshot
from convex_research.data.cache import maintenance as caching

pytestmark = pytest.mark.network

CSV = b"observation_date,X\n2026-07-15,4.10\n2026-07-16,4.15\n2026-07-17,4.20\n"
VIX = (
    b"DATE,OPEN,HIGH,LOW,CLOSE\n07/15/2026,1.00,2.00,1.00,15.50\n07/16/2026,1.00,2.00,1.00,16.25\n"
)
CHART = {
    "meta": {"symbol": "IWM", "currency": "USD", "exchangeTimezoneName": "America/New_York"},
    "timestamp": [1_772_807_400, 1_773_063_000],
    "events": {"splits": {"1": {"date": 1_773_063_000, "numerator": 2, "denominator": 1}}},
    "indicators": {
        "quote": [{"close": [600.0, 601.0]}],
        "adjclose": [{"adjclose": [299.5, 601.0]}],
    },
}
BODIES = {
    "fredgraph.csv": (200, CSV, {}),
    "VIX_History.csv": (200, VIX, {}),
    "/chart/IWM": (200, json.dumps({"chart": {"result": [CHART], "error": None}}).encode(), {}),
}


@pytest.fixture
def filled(host):
    host.replies = dict(BODIES)
    return host


def test_a_snapshot_gives_back_exactly_what_was_loaded(filled, tmp_path, monkeypatch) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("date,v\n2026-07-15,1.5\n2026-07-16,1.25\n")
    names = ["fred:DGS10", "VIX", "IWM", "sample:vix", f"csv:{file}#v"]
    straight = {name: load_series(name) for name in names}
    snapshot = write_snapshot([*names, "IWM", " VIX"], tmp_path / "snap")
    assert snapshot.symbols == tuple(names)
    assert snapshot.errors == {}
    asked = len(filled.asked)
    monkeypatch.setenv("CONVEX_RESEARCH_SNAPSHOT", str(tmp_path / "snap"))
    file.unlink()
    caching.clear()
    for name in names:
        one, other = load_series(name), straight[name]
        assert one.values.equals(other.values)
        assert one.values.index.equals(other.values.index)
        assert (one.instrument, one.provenance) == (other.instrument, other.provenance)
        assert (one.quality, one.splits) == (other.quality, other.splits)
        assert (one.raw is None) == (other.raw is None)
    assert load_series("IWM").raw.to_list() == [600.0, 601.0]
    assert load_series("IWM").splits == ((date(2026, 3, 9), 2.0),)
    assert len(filled.asked) == asked


def test_each_symbol_is_asked_for_once(filled, tmp_path) -> None:
    write_snapshot(["VIX", "cboe:VIX", "IWM", "fred:DGS10", "VIX"], tmp_path / "snap")
    assert sorted(a.path.rpartition("/")[2] for a in filled.asked) == [
        "IWM",
        "VIX_History.csv",
        "fredgraph.csv",
    ]


def test_bounds_and_other_names_work_on_a_snapshot(filled, tmp_path, monkeypatch) -> None:
    write_snapshot(["VIX", "sample:sp500"], tmp_path / "snap")
    monkeypatch.setenv("CONVEX_RESEARCH_SNAPSHOT", str(tmp_path / "snap"))
    assert load_series("VIX", date(2026, 7, 16)).provenance.rows == 1
    assert load_series("sp500").provenance.rows == 5031
    prices = load_prices(Pair("sp500", "VIX"), end=None)
    assert prices.b.provenance.symbol == "cboe:VIX"


def test_nothing_else_is_loaded_and_failures_are_repeated(filled, tmp_path, monkeypatch) -> None:
    seen = []
    snapshot = write_snapshot(
        ["VIX", "yahoo:NOPE", "nonsense", "fred:DGS10"],
        tmp_path / "snap",
        progress=lambda name, error: seen.append((name, type(error).__name__)),
    )
    assert sorted(seen) == [
        ("VIX", "NoneType"),
        ("fred:DGS10", "NoneType"),
        ("nonsense", "InputError"),
        ("yahoo:NOPE", "UnknownSeries"),
    ]
    assert set(snapshot.errors) == {"yahoo:NOPE", "nonsense"}
    monkeypatch.setenv("CONVEX_RESEARCH_SNAPSHOT", str(tmp_path / "snap"))
    with pytest.raises(UnknownSeries) as caught:
        load_series("yahoo:NOPE")
    assert str(caught.value) == str(snapshot.errors["yahoo:NOPE"])
    with pytest.raises(InputError, match="nonsense"):
        load_series("nonsense")
    with pytest.raises(NotInSnapshot, match="does not hold it"):
        load_series("fred:DGS2")
    with pytest.raises(NotInSnapshot):
        load_series("sample:sp500")


def test_a_snapshot_is_never_changed(filled, tmp_path) -> None:
    write_snapshot(["VIX"], tmp_path / "snap")
    with pytest.raises(InputError, match="snapshot is written to a new folder"):
        write_snapshot(["VIX"], tmp_path / "snap")
    for path in (tmp_path / "snap").iterdir():
        assert path.stat().st_mode & 0o222 == 0


@pytest.mark.parametrize("damage", ["array", "manifest", "absent", "foreign"])
def test_a_damaged_snapshot_is_noticed(filled, tmp_path, monkeypatch, damage) -> None:
    folder = tmp_path / "snap"
    write_snapshot(["VIX"], folder)
    monkeypatch.setenv("CONVEX_RESEARCH_SNAPSHOT", str(folder))
    for path in folder.iterdir():
        path.chmod(0o644)
    if damage == "array":
        [array] = folder.glob("*.npz")
        array.write_bytes(array.read_bytes()[:-10])
    elif damage == "manifest":
        (folder / "manifest.json").write_text("{")
    elif damage == "foreign":
        (folder / "manifest.json").write_text('{"format": "something else"}')
    else:
        monkeypatch.setenv("CONVEX_RESEARCH_SNAPSHOT", str(tmp_path / "nowhere"))
    with pytest.raises((DataError, InputError)):
        load_series("VIX")


def test_a_snapshot_holds_no_folder_of_the_user(filled, tmp_path) -> None:
    file = tmp_path / "private" / "mine.csv"
    file.parent.mkdir()
    file.write_text("date,v\n2026-07-15,1.5\n2026-07-16,1.25\n")
    write_snapshot([f"csv:{file}#v"], tmp_path / "snap")
    entry = next(iter(json.loads((tmp_path / "snap/manifest.json").read_text())["series"].values()))
    assert "private" not in json.dumps(entry)
    assert all("private" not in p.name for p in (tmp_path / "snap").iterdir())


def test_providers_are_asked_side_by_side(serve, apart, tmp_path, monkeypatch) -> None:
    """Three providers with six series each: none waits for another to be finished."""
    hosts = []
    for name in ("fred", "cboe", "yahoo"):
        one = serve()
        one.replies, one.delay = dict(BODIES), 0.1
        one.reply = (200, VIX if name == "cboe" else CSV, {})
        if name == "yahoo":
            one.reply = BODIES["/chart/IWM"]
        monkeypatch.setenv(f"CONVEX_RESEARCH_{name.upper()}_URL", one.url)
        hosts.append(one)
    symbols = [f"{p}:S{i}" for p in ("fred", "cboe", "yahoo") for i in range(6)]
    snapshot = write_snapshot(symbols, tmp_path / "snap")
    assert not snapshot.errors
    assert [len(one.asked) for one in hosts] == [6, 6, 6]
    first = max(min(a.at for a in one.asked) for one in hosts)
    last = min(max(a.at for a in one.asked) for one in hosts)
    assert first < last


# --- processes ---------------------------------------------------------------------------


def run(code: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from convex_research.data.http.exchange import HttpAnswer, HttpRequest
from convex_research.data.cache.store import Cache
who, count = sys.argv[1], int(sys.argv[2])
kept = Cache("fred", HttpRequest(url="http://127.0.0.1/x"))
now, torn = datetime(2026, 7, 20, tzinfo=UTC), 0
for i in range(count):
    body = f"{who} {i % 50} ".encode() * 400
    kept.store(HttpAnswer(200, body, {}, now), symbol="fred:X", now=now)
    found = kept.lookup()
    words = found.body.split() if found else []
    torn += found is None or len(words) != 800 or len(set(words)) != 2
print(torn)
"""


def test_two_processes_writing_one_entry_never_tear_it(apart) -> None:
    both = [run(WRITER, who, "150") for who in "AB"]
    told = [process.communicate(timeout=120) for process in both]
    assert [out.strip() for out, _ in told] == ["0", "0"], told
    assert caching.verify() == ()


LOADER = """
import sys
from convex_research.data import load_series
print(len(load_series(sys.argv[1]).values))
"""


def test_many_processes_ask_once(filled) -> None:
    filled.delay = 0.5
    four = [run(LOADER, "fred:DGS10") for _ in range(4)]
    assert [p.communicate(timeout=60)[0].strip() for p in four] == ["3"] * 4
    assert len(filled.asked) == 1


def test_spacing_holds_across_processes(filled) -> None:
    filled.replies["market_chart"] = (404, b'{"error":"coin not found"}', {})
    names = ["coingecko:a", "coingecko:b"]
    for process in [run(LOADER, name) for name in names]:
        process.communicate(timeout=60)
    first, second = sorted(a.at for a in filled.asked)
    assert second - first >= 2.0


def test_a_killed_fetch_leaves_the_cache_whole_and_unlocked(filled, apart) -> None:
    filled.delay = 3.0
    process = run(LOADER, "fred:DGS10")
    deadline = time.time() + 20
    while not filled.asked and time.time() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    filled.delay = 0.0
    start = time.perf_counter()
    assert load_series("fred:DGS10").provenance.rows == 3
    assert time.perf_counter() - start < 20.0  # a lock left behind would cost 120 s
    assert caching.verify() == ()
    assert not [p for p in apart.rglob("*") if p.name.startswith(".tmp-")]


def test_the_network_refused(apart) -> None:
    """Connections are refused: a typed error, soon, and the sample still loads."""
    start = time.perf_counter()
    for name in ("fred:DGS10", "fred:DGS2"):
        with pytest.raises(Upstream, match="cannot be reached"):
            load_series(name)
    assert time.perf_counter() - start < 40
    assert np.isfinite(load_series("sample:sp500").values).all()


def test_a_start_beyond_free_history_passes_the_provider_over(host, tmp_path) -> None:
    limit = b'{"error":{"status":{"error_code":10012,"error_message":"allowed time range"}}}'
    host.replies = {"/market_chart": (401, limit, {}), "/chart/BTC-USD": BODIES["/chart/IWM"]}
    snapshot = write_snapshot(["BTC"], tmp_path / "snap", starts={"BTC": date(2015, 1, 1)})
    assert not snapshot.errors
    assert int(host.asked[0].query["days"][0]) > 4000
    manifest = json.loads((tmp_path / "snap/manifest.json").read_text())
    provenance = manifest["series"]["BTC"]["provenance"]
    assert provenance["provider"] == "yahoo"
    assert "allowed time range" in provenance["passed_over"][0]


def test_a_hung_host_ends_in_time(host, apart) -> None:
    from convex_research.data.http.exchange import HttpRequest
    from convex_research.data.http.spacing import Spacing
    from convex_research.data.http.transport import Limits, NoAnswer, Transport

    host.delay = 30
    limits = Limits(read=1.0, total=1.5, first_wait=0.05)
    start = time.perf_counter()
    with pytest.raises(NoAnswer, match="in time"):
        Transport(Spacing(apart), limits=limits).get(
            HttpRequest(url=host.url + "/x", min_interval=0.0), provider="fred"
        )
    assert time.perf_counter() - start < 20
