"""A small world for daily runs: prices in a file, and pages that cost nothing to build."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from support import study_of

CLAIMS = ("C18a", "C25[252]", "C29")


def write_prices(path, upto, *, nobs=1400, change=60, seed=2):
    """Columns A to D: A and B fall apart at the end, C and D never change."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((nobs, 4))
    rho = np.where(np.arange(nobs) >= nobs - change, 0.2, 0.95)
    z[:, 1] = rho * z[:, 0] + np.sqrt(1 - rho**2) * z[:, 1]
    z[:, 3] = 0.6 * z[:, 2] + 0.8 * z[:, 3]
    days = np.busday_offset("2019-01-01", np.arange(nobs + 1), roll="forward")
    prices = 100 * np.exp(np.vstack([np.zeros(4), np.cumsum(0.01 * z, axis=0)]))
    kept = [i for i, day in enumerate(days) if str(day) <= upto]
    lines = [
        "date,A,B,C,D",
        *(f"{days[i]}," + ",".join(f"{p:.8f}" for p in prices[i]) for i in kept),
    ]
    path.write_text("\n".join(lines) + "\n")
    return [str(day) for day in days]


def small_record(request, slug, returns):
    """A record with what digests read, from the real data."""
    from convex_research.statistics.dependence.correlation import pearson

    legs = {}
    for leg, one in (("a", returns.prices.a), ("b", returns.prices.b)):
        legs[leg] = {"symbol": one.provenance.symbol, "name": one.instrument.name}
    r = pearson(returns.a[-252:], returns.b[-252:])
    as_of = returns.day(-1).isoformat()
    test = {"statistic": 0.5, "pvalue": 0.6}
    odd = int(as_of[-2:]) % 2  # a verdict that flips from day to day
    return {
        "schema": "convex-research/1",
        "kind": "correlation",
        "pair": {"slug": slug, "category": "peer", **legs},
        "as_of": as_of,
        "versions": {"convex-research": "0.1.0"},
        "data": {"quality": [], "a": {}, "b": {}, "frequency": returns.frequency},
        "estimates": {
            "correlation.pearson[252]": {**r.to_dict(), "end": as_of},
            "stability.breaks": {"value": 0.0},
            "rolling.pearson_min_5y[90]": {"value": 0.5, "end": as_of},
        },
        "tests": {
            "recent.fisher": test,
            "rolling.pearson_min_test[90]": test,
            "rolling.pearson_max_test[90]": test,
        },
        "claims": [
            {
                "id": name,
                "verdict": "supported" if odd and name == "C29" else "inconclusive",
                "text": "A sentence.",
                "evidence": ["correlation.pearson[252]"],
                "pvalue": 0.4 if name == "C29" else None,
            }
            for name in CLAIMS
        ],
        "not_computed": {},
    }


def quick_batch(requests, output, *, snapshot, choices=None, on_event):
    """What ``run_batch`` leaves behind, without notebooks."""
    from convex_research.batch.tasks import PageFailed
    from convex_research.core.errors import ConvexResearchError
    from convex_research.data import write_snapshot
    from convex_research.data.cache.snapshot import load_from_snapshot
    from convex_research.data.clock import refuse_future
    from convex_research.data.series import Prices
    from convex_research.returns import align

    names = list(dict.fromkeys(leg for one in requests for leg in (one.pair.a, one.pair.b)))
    write_snapshot(names, snapshot)
    failures = []
    for request in requests:
        slug = request.slug
        try:
            legs = [
                load_from_snapshot(snapshot, leg).between(request.start, request.as_of)
                for leg in (request.pair.a, request.pair.b)
            ]
            for leg in legs:
                refuse_future(leg)
        except ConvexResearchError as error:
            failures.append(PageFailed(slug=slug, kind="correlation", reason=str(error)))
            continue
        record = small_record(request, slug, align(Prices(request.pair, *legs), request.returns))
        folder = output / slug
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "correlation.json").write_text(json.dumps(record))
    slugs = tuple(one.slug for one in requests)
    return SimpleNamespace(failures=tuple(failures), output=output, rebuilt=slugs, unchanged=())


@pytest.fixture(scope="session")
def peers():
    """Two indices that move together: all of their sample, shared, so never to be changed."""
    return study_of("sp500", "nasdaq")


@pytest.fixture(scope="session")
def mixed():
    """A price against a level, shared likewise."""
    return study_of("sp500", "vix")


@pytest.fixture
def world(tmp_path, monkeypatch, apart):
    """``world.run(upto)`` is a daily run on data that end there, but for a mistyped row."""
    from convex_research.batch.plan import read_pairs
    from convex_research.daily import run as daily_run

    monkeypatch.setattr(daily_run, "run_batch", quick_batch)
    monkeypatch.chdir(tmp_path)
    prices = tmp_path / "prices.csv"
    days = write_prices(prices, "2099")
    hostile = "<script>alert(1)</script> {{ 7*7 }}"
    pairs = tmp_path / "pairs.toml"
    pairs.write_text(
        f'[[pairs]]\na = "csv:prices.csv#A?name={hostile}"\nb = "csv:prices.csv#B"\n'
        '[[pairs]]\na = "csv:prices.csv#C"\nb = "csv:prices.csv#D"\n'
    )
    said = []

    def run(upto, *, mistyped=None, **options):
        write_prices(prices, upto)
        if mistyped:  # one more row, of this date
            lines = prices.read_text().splitlines()
            prices.write_text("\n".join([*lines, mistyped + lines[-1][10:]]) + "\n")
        requests = read_pairs(pairs)
        return daily_run.run_daily(requests, tmp_path / "reports", tell=said.append, **options)

    return SimpleNamespace(
        run=run,
        days=days,
        said=said,
        reports=tmp_path / "reports",
        prices=prices,
        pairs=pairs,
        module=daily_run,
    )
