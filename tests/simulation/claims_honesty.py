"""How often claims are right when the truth is known.

Full pages: independent random walks, and two legs of one market with nothing else. Single
claims: an effect of three times the smallest effect of interest is built in; there the
p-value must survive as if it were the only small one among 13. Five years of daily data.
Results are kept beside this file.

Run: python tests/simulation/claims_honesty.py [walks|market|threefold|detectable|controls ...]
"""

from __future__ import annotations

import json
import math
import platform
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import scipy

from convex_research import Pair, analyze
from convex_research.catalogue import Instrument
from convex_research.claims import evaluate
from convex_research.claims.facts import Facts
from convex_research.claims.registry import REGISTRY
from convex_research.data.series import Prices, Provenance, SeriesData
from convex_research.returns import AlignedReturns
from convex_research.statistics.worlds import ccc_garch_returns, garch_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Array = np.ndarray
Row = dict[str, Any]
RESULT = Path(__file__).parent / "results" / "claims_honesty.json"
NOBS, SEED, ON_PAGE = 1260, 20240517, 13
FALSE, RIGHT = 0.075, 0.80
DAYS = pd.bdate_range("2014-01-02", periods=NOBS + 1)
PEER = Pair("csv:left.csv#Close?name=Left", "csv:right.csv#Close?name=Right", "peer")


def series(name: str, values: Array, kind: str = "price", category: str = "equity") -> SeriesData:
    first, last = (day.date() for day in (DAYS[0], DAYS[-1]))
    made = Provenance(
        symbol=name,
        provider="simulated",
        url="",
        sha256="",
        adjustment="",
        rows=values.size,
        missing=0,
        start=first,
        end=last,
        licence="",
    )
    instrument = Instrument(id=name, name=name, kind=kind, unit="USD", category=category)  # type: ignore[arg-type]
    return SeriesData(pd.Series(values, index=DAYS), instrument, made)


def price(returns: Array) -> Array:
    return 100.0 * np.concatenate([[1.0], np.cumprod(1.0 + returns)])


def page(a: Array, b: Array, helpers: dict[str, Array] | None = None) -> Any:
    """A finished analysis of two return series in per cent; helpers are levels."""
    a, b = np.asarray(a) / 100.0, np.asarray(b) / 100.0
    levels = np.column_stack([price(a), price(b)])
    left, right = series("Left", levels[:, 0]), series("Right", levels[:, 1])
    returns = AlignedReturns(
        prices=Prices(PEER, left, right),
        kind="simple",
        price_dates=DAYS.to_numpy().astype("datetime64[D]"),
        levels=levels,
        values=np.column_stack([a, b]),
        units=("decimal", "decimal"),
        frequency="daily",
        periods_per_year=252,
        dropped=(0, 0),
    )
    made = {
        role: series(role, values, "price" if role in PRICED else "level")
        for role, values in (helpers or {}).items()
    }
    return analyze(returns, helpers=made)


PRICED = {"market", "mid_cap", "small_cap", "oil"}


def legs(rng: np.random.Generator, count: int) -> Array:
    """Independent GARCH returns with t8 shocks, unit variance, shape (count, T)."""
    made = []
    for _ in range((count + 1) // 2):
        seed = int(rng.integers(2**31))
        a, b = ccc_garch_returns(garch_world(0.0), NOBS + 250, 1, seed=seed)
        made += [a[250:, 0], b[250:, 0]]
    return np.array(made[:count])


def walk_levels(rng: np.random.Generator) -> dict[str, Array]:
    """Macro series that have nothing to do with the pair."""
    vix = np.exp(np.log(18.0) + 0.05 * np.cumsum(rng.standard_normal(NOBS + 1)))
    return {
        "vix": vix,
        "oil": price(0.02 * rng.standard_normal(NOBS)),
        "yield_10y": 3.0 + np.cumsum(0.05 * rng.standard_normal(NOBS + 1)),
    }


def walks(rng: np.random.Generator) -> Any:
    a, b, m = legs(rng, 3)
    return page(a, b, {**walk_levels(rng), "market": price(m / 100.0)})


def market(rng: np.random.Generator) -> Any:
    """r 0.8, all of it through the market; every correlation constant, each leg its GARCH."""
    tie = math.sqrt(0.8)
    root = np.linalg.cholesky([[1.0, 0.8, tie], [0.8, 1.0, tie], [tie, tie, 1.0 + 1e-9]])
    z = root @ rng.standard_normal((3, NOBS + 250))
    z *= np.sqrt(6.0 / rng.chisquare(8.0, NOBS + 250))
    variance = np.ones(3)
    for t in range(z.shape[1]):
        z[:, t] *= np.sqrt(variance)
        variance = 0.03 + 0.07 * z[:, t] ** 2 + 0.90 * variance
    a, b, m = z[:, 250:]
    return page(a, b, {**walk_levels(rng), "market": price(m / 100.0)})


# Whether a claim is true in the two full worlds; what is not listed has no known truth.
TRUTH: dict[str, dict[str, bool]] = {
    "walks": {
        **dict.fromkeys(("C02", "C06", "C07a", "C11", "C12", "C14", "C15", "C16", "C17"), False),
        **dict.fromkeys(("C18a", "C18b[vix]", "C18b[yield_10y]", "C19", "C21", "C22a"), False),
        **dict.fromkeys(("C23", "C26", "C27", "C32", "C34", "C35"), False),
        **dict.fromkeys(("C22b", "C29", "C30", "C31"), True),
    },
    "market": {
        **dict.fromkeys(("C02", "C06", "C07a", "C12", "C13", "C14", "C15", "C16"), False),
        **dict.fromkeys(("C18a", "C18b[vix]", "C18b[yield_10y]", "C19", "C21", "C22b"), False),
        **dict.fromkeys(("C27", "C32", "C34", "C35", "C36"), False),
        **dict.fromkeys(("C11", "C17", "C22a", "C23", "C28", "C29", "C30", "C31"), True),
    },
}
SILENT = {"C07a", "C11", "C15", "C28"}


def row(claim: str, measure: str, nominal: float, hits: list[bool], world: str) -> Row:
    share = float(np.mean(hits))
    return {
        "claim": claim,
        "measure": measure,
        "nominal": nominal,
        "achieved": round(share, 4),
        "mc_std_error": round(math.sqrt(max(share * (1.0 - share), 1e-9) / len(hits)), 4),
        "world": world,
        "nobs": NOBS,
        "replications": len(hits),
    }


def full(world: str, make: Callable[[np.random.Generator], Any], reps: int) -> Iterator[Row]:
    verdicts: dict[str, list[str]] = {claim: [] for claim in TRUTH[world]}
    silent = []
    for seed in range(reps):
        claims = evaluate(make(np.random.default_rng([SEED, seed])))
        loud = False
        for claim in claims:
            if claim.id in verdicts:
                verdicts[claim.id].append(claim.verdict)
            macro = claim.id in {"C02", "C14", "C21"} or claim.id.startswith("C18b")
            loud |= claim.verdict == "supported" and (claim.id in SILENT or macro)
        silent.append(not loud)
    for claim, seen in verdicts.items():
        tested = [v for v in seen if v != "not tested"]
        if len(tested) < reps // 4:
            continue
        truth = TRUTH[world][claim]
        wrong = "rejected" if truth else "supported"
        name = "false rejection" if truth else "false support"
        yield row(claim, name, FALSE, [v == wrong for v in tested], world)
        right = "supported" if truth else "rejected"
        yield row(claim, "decided rightly", math.nan, [v == right for v in tested], world)
    if world == "walks":
        what = "no supported lead, cointegration, shared exposure or macro claim"
        yield row("page", what, 0.90, silent, world)


def one(claim_id: str, analysis: Any) -> str:
    """Verdict with the p-value times 13, the worst place on a page."""
    entry = next(e for e in REGISTRY if e.id == claim_id)
    facts = Facts(analysis)
    draft = entry.maker(facts, None)
    if draft is None:
        return "absent"
    if draft.pvalue is not None:
        draft = entry.maker(facts, min(1.0, ON_PAGE * draft.pvalue))
    assert draft is not None
    flags = {f for key in draft.evidence for f in getattr(analysis[key], "flags", ())}
    return "inconclusive" if "heavy_tails" in flags else draft.verdict


def halves(first: float, second: float, rng: np.random.Generator) -> tuple[Array, Array]:
    x, y = legs(rng, 2)
    rho = np.where(np.arange(NOBS) < NOBS // 2, first, second)
    return x, rho * x + np.sqrt(1.0 - rho**2) * y


def lead_pair(share: float, rng: np.random.Generator) -> Any:
    x, e = legs(rng, 2)
    y = e.copy()
    y[1:] += math.sqrt(share / (1.0 - share)) * x[:-1]
    return page(x, y)


def hits(rng: np.random.Generator) -> Any:
    """The sign of A decides that of B's next move with probability 0.56."""
    x, e = legs(rng, 2)
    same = rng.random(NOBS) < 0.56
    y = np.abs(e)
    y[1:] *= np.where(same[1:], np.sign(x[:-1]), -np.sign(x[:-1]))
    return page(x, y)


def cointegrated(rng: np.random.Generator) -> Any:
    """A gap that closes by half in ten days."""
    b = legs(rng, 1)[0]
    phi, gap = 0.5**0.1, np.zeros(NOBS + 1)
    shocks = 0.8 * rng.standard_normal(NOBS + 1)
    for t in range(1, NOBS + 1):
        gap[t] = phi * gap[t - 1] + shocks[t]
    return page(b + np.diff(gap), b)


def by_regime(rng: np.random.Generator, gap: float = 0.15) -> Any:
    """r higher in the calmest third of days than in the most turbulent one, same shocks."""
    from convex_research.statistics.regimes import volatility_regimes

    x, y = legs(rng, 2)
    found = volatility_regimes(x)
    rho = np.full(NOBS, 0.65)
    for name, value in (("low_vol", 0.65 + 0.5 * gap), ("high_vol", 0.65 - 0.5 * gap)):
        rho[found[name]] = value
    return page(x, rho * x + np.sqrt(1.0 - rho**2) * y)


def delayed(rng: np.random.Generator) -> Any:
    m, u, v = legs(rng, 3)
    late = np.concatenate([[0.0], m[:-1]])
    share = 0.03  # of what the market explains of A
    return page(
        math.sqrt(1.0 - share) * m + math.sqrt(share) * late + 0.5 * u,
        m + 0.5 * v,
        {"market": price(m / 100.0)},
    )


def unequal(rng: np.random.Generator) -> Any:
    m, u, v = legs(rng, 3)
    return page(1.15 * m + 0.4 * u, m + 0.4 * v, {"market": price(m / 100.0)})


def risky(rng: np.random.Generator) -> Any:
    """The spread has a correlation of -0.3 with falls of the VIX."""
    m, z = legs(rng, 2)
    falls = -np.diff(np.log(walk_levels(rng)["vix"])) / 0.05
    level = 40.0 - np.concatenate([[0.0], np.cumsum(falls)]) * 0.2
    spread = 0.3 * falls + math.sqrt(1.0 - 0.09) * z
    return page(m - 0.5 * spread, m + 0.5 * spread, {"vix": level})


def macro_driven(rng: np.random.Generator, share: float = 0.15) -> Any:
    """Two series explain a share of the spread."""
    m, z = legs(rng, 2)
    x, y = rng.standard_normal((2, NOBS))
    spread = math.sqrt(0.5 * share) * (x + y) + math.sqrt(1.0 - share) * z
    level = 60.0 + np.concatenate([[0.0], np.cumsum(x)]) * 0.2
    helpers = {"vix": level, "oil": price(0.02 * y)}
    return page(m + 0.5 * spread, m - 0.5 * spread, helpers)


def by_year(rng: np.random.Generator) -> Any:
    x, y = legs(rng, 2)
    odd = DAYS[1:].year.to_numpy() % 2 == 1
    rho = np.where(odd, math.tanh(1.5), math.tanh(0.45))
    return page(x, rho * x + np.sqrt(1.0 - rho**2) * y)


def clustered(rng: np.random.Generator, times: float = 3.0) -> Any:
    """The spread's volatility is several times as high in every other quarter."""
    m, _ = legs(rng, 2)
    size = np.where((np.arange(NOBS) // 63) % 2 == 0, 0.5, 0.5 * times)
    spread = size * rng.standard_normal(NOBS)
    return page(m + 0.5 * spread, m - 0.5 * spread)


def rebuilt(rng: np.random.Generator, times: float = 1.75) -> Any:
    """Reconstitution weeks have a larger spread."""
    from convex_research.analysis.sections.divergence import reconstitution_windows

    m, z = legs(rng, 2)
    days = DAYS[1:].to_numpy()
    stub = SimpleNamespace(dates=days, day=lambda i: days[i].astype("datetime64[D]").item())
    spread = z.copy()
    for rows in reconstitution_windows(stub):  # type: ignore[arg-type]
        spread[rows] *= times
    return page(m + 0.5 * spread, m - 0.5 * spread)


def broken(rng: np.random.Generator) -> Any:
    """r falls from 0.9 to 0.6 for half a year at a time: the spread doubles with it."""
    x, y = legs(rng, 2)
    rho = np.where((np.arange(NOBS) // 63) % 4 == 3, 0.6, 0.9)
    return page(x, rho * x + np.sqrt(1.0 - rho**2) * y)


def moving(rng: np.random.Generator) -> Any:
    x, y = legs(rng, 2)
    rho = 0.55 + 0.4 * np.sin(2.0 * np.pi * np.arange(NOBS) / 400.0)
    return page(x, rho * x + np.sqrt(1.0 - rho**2) * y)


def recent_break(rng: np.random.Generator, move: float = 1.05) -> Any:
    x, y = legs(rng, 2)
    rho = np.where(np.arange(NOBS) < NOBS - 90, math.tanh(0.4), math.tanh(0.4 + move))
    return page(x, rho * x + np.sqrt(1.0 - rho**2) * y)


def shifted(rng: np.random.Generator) -> Any:
    """Monthly Fisher's z moves by 0.3 with one standard deviation of the VIX."""
    x, y = legs(rng, 2)
    state = np.zeros(NOBS + 1)
    for t in range(1, NOBS + 1):
        state[t] = 0.98 * state[t - 1] + math.sqrt(1.0 - 0.98**2) * rng.standard_normal()
    rho = np.tanh(0.8 + 0.3 * np.concatenate([np.zeros(21), state[1:-21]]))
    return page(x, rho * x + np.sqrt(1.0 - rho**2) * y, {"vix": 20.0 + 4.0 * state})


def sized(rng: np.random.Generator) -> Any:
    """Mid caps explain 6 points more than either other size."""
    mid, e, f, u = legs(rng, 4)
    other = math.sqrt(1.0 - 0.075)
    helpers = {
        "mid_cap": price(mid / 100.0),
        "market": price((other * mid + math.sqrt(0.075) * e) / 100.0),
        "small_cap": price((other * mid + math.sqrt(0.075) * f) / 100.0),
    }
    return page(mid + 0.5 * u, mid + 0.5 * e, helpers)


def correlated(rho: float) -> Callable[[np.random.Generator], Any]:
    def make(rng: np.random.Generator) -> Any:
        x, y = legs(rng, 2)
        return page(x, rho * x + math.sqrt(1.0 - rho * rho) * y)

    return make


# Claim, world, what makes it, the right verdict. What follows C33 needs decades.
THREEFOLD: tuple[tuple[str, str, Callable[[np.random.Generator], Any], str], ...] = (
    ("C01", "R2 gap 0.06", sized, "supported"),
    ("C02", "correlation 0.3 with the VIX", risky, "supported"),
    ("C06", "beta moves by 0.3", lambda r: page(*halves(0.5, 0.8, r)[::-1]), "supported"),
    ("C09", "volatility threefold in turns", clustered, "supported"),
    ("C12", "beta gap 0.15", unequal, "supported"),
    ("C13", "delay share 0.03", delayed, "supported"),
    ("C14", "R2 0.15, weekly", macro_driven, "supported"),
    ("C15", "lead with R2 0.015", lambda r: lead_pair(0.015, r), "supported"),
    ("C16", "r 0.15 apart by regime", by_regime, "supported"),
    ("C18a", "r moves by 0.3", lambda r: page(*halves(0.5, 0.8, r)), "supported"),
    ("C18b[vix]", "z moves by 0.3 a sd", shifted, "supported"),
    ("C19", "spread doubles in breakdowns", broken, "supported"),
    ("C20", "spread 1.75 times", rebuilt, "supported"),
    ("C26", "constant r 0.95", correlated(0.95), "supported"),
    ("C26", "constant r 0.5", correlated(0.5), "rejected"),
    ("C27", "hit rate 0.56", hits, "supported"),
    ("C29", "z moves by 1.05", recent_break, "rejected"),
    ("C30", "r swings between 0.15 and 0.95", moving, "rejected"),
    ("C35", "z of years 1.05 apart", by_year, "supported"),
)
CONTROLS = (
    ("C15", "lead with R2 0.05", lambda r: lead_pair(0.05, r), "supported"),
    ("C07a", "cointegrated, half-life 10 days", cointegrated, "supported"),
)


# Effects at which claims that need more than five years for a threefold effect are found.
DETECTABLE: tuple[tuple[str, str, Callable[[np.random.Generator], Any], str], ...] = (
    ("C06", "beta moves by 0.45", lambda r: page(*halves(0.35, 0.8, r)[::-1]), "supported"),
    ("C09", "volatility sixfold in turns", lambda r: clustered(r, 6.0), "supported"),
    ("C14", "R2 0.30, weekly", lambda r: macro_driven(r, 0.30), "supported"),
    ("C16", "r 0.50 apart by regime", lambda r: by_regime(r, 0.50), "supported"),
    ("C18a", "r moves by 0.45", lambda r: page(*halves(0.35, 0.8, r)), "supported"),
    ("C20", "spread 2.5 times", lambda r: rebuilt(r, 2.5), "supported"),
    ("C29", "z moves by 1.4", lambda r: recent_break(r, 1.4), "rejected"),
)


def single(table: tuple[Any, ...], reps: int) -> Iterator[Row]:
    for claim, world, make, right in table:
        began = time.perf_counter()
        seen = [one(claim, make(np.random.default_rng([SEED, 7, seed]))) for seed in range(reps)]
        wrong = "rejected" if right == "supported" else "supported"
        yield row(claim, "correct", RIGHT, [v == right for v in seen], world)
        kind = "false rejection" if right == "supported" else "false support"
        yield row(claim, kind, FALSE, [v == wrong for v in seen], world)
        sys.stderr.write(f"{claim} {world}: {time.perf_counter() - began:.1f} s\n")


SUBJECTS: dict[str, Callable[[], Iterator[Row]]] = {
    "walks": lambda: full("walks", walks, 200),
    "market": lambda: full("market", market, 200),
    "threefold": lambda: single(THREEFOLD, 120),
    "detectable": lambda: single(DETECTABLE, 100),
    "controls": lambda: single(CONTROLS, 200),
}


def clean(one_row: Row) -> Row:
    nominal = one_row["nominal"]
    return {**one_row, "nominal": None if math.isnan(nominal) else nominal}


def main(names: list[str]) -> None:
    kept: dict[str, Any] = {"rows": []}
    if RESULT.exists():
        kept = json.loads(RESULT.read_text("utf-8"))
    for name in names or list(SUBJECTS):
        began = time.perf_counter()
        others = [r for r in kept["rows"] if r["subject"] != name]
        kept["rows"] = [*others, *({"subject": name, **clean(r)} for r in SUBJECTS[name]())]
        sys.stderr.write(f"{name}: {time.perf_counter() - began:.0f} s\n")
    versions = {"python": platform.python_version(), "pandas": pd.__version__}
    versions |= {"numpy": np.__version__, "scipy": scipy.__version__}
    head = {"subject": "claims", "seed": SEED, "versions": versions}
    rows = ",\n".join(f"  {json.dumps(r)}" for r in kept["rows"])
    text = json.dumps(head, indent=1)[:-2] + f',\n "rows": [\n{rows}\n ]\n}}\n'
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(text, "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
