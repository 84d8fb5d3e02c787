"""Bring the other programs' raw outputs beside this package's numbers, in one small table.

The outputs lie in the folders here with scripts, versions and data hashes. The table is kept
with the package (evidence/agreement.json) for the page for referees; a test makes it again
and compares, so that it cannot go stale.

Run: python tests/oracles/agreement.py
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from convex_research import Pair, align, analyze, load_prices
from convex_research.methodology import Agreement
from convex_research.statistics.dependence.tails import chi
from convex_research.statistics.dynamics.dcc import dcc
from convex_research.statistics.dynamics.garch import garch
from convex_research.statistics.hedging.hedge import effectiveness_in, effectiveness_out
from convex_research.statistics.hedging.hedge_ratios import rolling_ratios
from convex_research.statistics.inference import hac_regression
from convex_research.statistics.leads import lead_lag
from convex_research.statistics.levels import cointegration as coint
from convex_research.statistics.levels.half_life import half_life
from convex_research.statistics.levels.unit_root import adf
from convex_research.statistics.levels.variance_ratio import variance_ratio, variance_ratio_test
from convex_research.statistics.single import diagnostics
from convex_research.statistics.stability.breaks import breaks
from convex_research.statistics.stability.regression_stability import cusum, nyblom, sup_f

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convex_research.analysis import PairAnalysis

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / "convex_research/methodology/agreement.json"
CLOSED, ITERATED, PVALUE = 1e-9, 1e-6, 5e-4  # as the tests hold them

SAMPLE = "S&P 500 and Nasdaq, 1999 to 2018"
STABILITY = "600 simulated returns with two breaks"
DCC = "1,000 simulated returns of a DCC"
EMBEDDED = "S&P 500 and Nasdaq, adjusted closes"


def words(path: str) -> dict[str, list[str]]:
    """Lines of a raw output by their first word."""
    lines = (HERE / path).read_text().splitlines()
    return {line.split()[0]: line.split()[1:] for line in lines if line.strip()}


def arrows(path: str) -> dict[str, float]:
    """Lines ``key -> value`` of a raw output that hold numbers."""
    pairs = (line.partition(" -> ") for line in (HERE / path).read_text().splitlines())
    return {k: float(v) for k, _, v in pairs if not k.startswith(("sha256", "version"))}


def table(path: str) -> tuple[np.ndarray, ...]:
    return tuple(np.loadtxt(HERE / path, delimiter=",", skiprows=1).T)


def core() -> Iterator[Agreement]:
    """The reference page's numbers under the keys of the analysis."""
    theirs = words("core/core.txt")
    analysis = analyze(align(load_prices(Pair("sample:sp500", "sample:nasdaq"))))
    named = {
        "correlation.pearson": "pearson",
        "correlation.spearman": "spearman",
        "correlation.kendall": "kendall",
        "regression.beta": "beta",
        "regression.alpha": "alpha",
        "regression.rsquared": "rsquared",
        "regression.beta_reverse": "beta_reverse",
        "volatility.daily_a": "sd_a",
        "volatility.daily_b": "sd_b",
    }
    errors = {"regression.alpha": "se1.3sqrt_alpha"}
    shared = {"tolerance": CLOSED, "program": "R stats, sandwich", "data": SAMPLE}
    for window in ("252", "all"):
        for base, name in named.items():
            key = f"{base}[{window}]"
            result = analysis[key]
            value = float(theirs[f"{name}[{window}]"][0])
            yield Agreement(key=key, what="value", ours=result.value, theirs=value, **shared)
            if base in errors:
                error = float(theirs[f"{errors[base]}[{window}]"][0])
                yield Agreement(
                    key=key, what="std_error", ours=result.std_error, theirs=error, **shared
                )
    yield from by_jackknife(analysis)


def by_jackknife(analysis: PairAnalysis) -> Iterator[Agreement]:
    """Low ends of intervals, with each day left out in turn there."""
    lines = words("jackknife/jackknife.txt")
    theirs = {name: float(value) for name, (value,) in lines.items() if name != "R"}
    shared = {"tolerance": CLOSED, "program": "R, written out", "data": SAMPLE}
    names = {
        "correlation.pearson[252]": "low[252]",
        "correlation.pearson[all]": "low[all]",
        "correlation.spearman[252]": "spearman_low[252]",
        "regression.beta[252]": "beta_low[252]",
        "recent.difference[90]": "difference_low[90]",
        "recent.difference_r[252]": "difference_r_low[252]",
        "consistency.halves": "difference_r_low[halves]",
    }
    for key, name in names.items():
        ours, value = analysis[key].low, theirs[name]
        yield Agreement(key=key, what="low", ours=ours, theirs=value, **shared)
    ours, value = analysis["recent.fisher"].pvalue, theirs["difference_pvalue[90]"]
    yield Agreement(key="recent.fisher", what="pvalue", ours=ours, theirs=value, **shared)


def dependence() -> Iterator[Agreement]:
    """Slopes, leads, unit roots, cointegration, hedges and single legs."""
    spec = importlib.util.spec_from_file_location("dependence_run", HERE / "dependence/run.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    a, b, log_a, log_b = script.embedded().T
    r, gretl = arrows("dependence/sample.Rscript.txt"), arrows("dependence/sample.gretlcli.txt")
    yield from slopes_and_leads(a, b, r)
    yield from levels(log_a, log_b, r, gretl)
    shared = {"data": EMBEDDED, "tolerance": CLOSED, "program": "R"}
    for leg, x in zip("ab", (a, b), strict=True):
        for name in ("ljung_box", "arch_lm", "jarque_bera"):
            ours = getattr(diagnostics, name)(x).statistic
            theirs = r[f"{name}_{leg}.statistic"]
            key = f"diagnostics.{name}_{leg}"
            yield Agreement(key=key, what="statistic", ours=ours, theirs=theirs, **shared)
        ours, theirs = diagnostics.tail_index(x).value, r[f"tail_index_{leg}"]
        key = f"diagnostics.tail_index_{leg}"
        yield Agreement(key=key, what="value", ours=ours, theirs=theirs, **shared)
    out = effectiveness_out(a, b, rolling_ratios(a, b)).value
    for key, ours in (("in", effectiveness_in(a, b).value), ("out", out)):
        theirs = r[f"hedge.effectiveness_{key}"]
        name = f"hedge.effectiveness_{key}"
        yield Agreement(key=name, what="value", ours=ours, theirs=theirs, **shared)


def slopes_and_leads(a: np.ndarray, b: np.ndarray, r: dict[str, float]) -> Iterator[Agreement]:
    shared = {"data": EMBEDDED, "tolerance": CLOSED, "program": "R sandwich, lmtest"}
    for side in ("up", "down"):
        fit = getattr(hac_regression, f"beta_{side}")(a, b)
        key = f"regression.beta_{side}"
        yield Agreement(key=key, what="value", ours=fit.value, theirs=r[f"beta_{side}"], **shared)
        yield Agreement(
            key=key,
            what="std_error",
            ours=fit.std_error,
            theirs=r[f"beta_{side}.se.auto"],
            **shared,
        )
    loose = {**shared, "tolerance": ITERATED}
    test = hac_regression.up_down(a, b)
    for what in ("statistic", "pvalue"):
        yield Agreement(
            key="regression.up_down",
            what=what,
            ours=getattr(test, what),
            theirs=r[f"up_down.{what}"],
            **loose,
        )
    for k in (1, 5):
        fit = hac_regression.beta_dimson(a, b, k)
        for what, name in (("value", "value"), ("std_error", "se")):
            yield Agreement(
                key=f"regression.beta_dimson[{k}]",
                what=what,
                ours=getattr(fit, what),
                theirs=r[f"dimson{k}.{name}"],
                **shared,
            )
    for direction, legs in (("ab", (a, b)), ("ba", (b, a))):
        tests = {f"granger_{direction}[{k}]": lead_lag.granger(*legs, k) for k in (1, 5)}
        tests[f"wald_{direction}[5]"] = lead_lag.wald(*legs, 5)
        for name, test in tests.items():
            for what in ("statistic", "pvalue"):
                yield Agreement(
                    key=f"lead_lag.{name}",
                    what=what,
                    ours=getattr(test, what),
                    theirs=r[f"{name}.{what}"],
                    **loose,
                )


def levels(
    log_a: np.ndarray, log_b: np.ndarray, r: dict[str, float], gretl: dict[str, float]
) -> Iterator[Agreement]:
    shared = {"data": EMBEDDED, "tolerance": ITERATED}
    for leg, x in zip("ab", (log_a, log_b), strict=True):
        ours, theirs = adf(x, lags=1).statistic, r[f"adf_{leg}[1]"]
        yield Agreement(
            key=f"cointegration.adf_{leg}",
            what="statistic",
            ours=ours,
            theirs=theirs,
            program="R urca",
            note="at one lag",
            **shared,
        )
    tests = {"engle_granger[1]": coint.engle_granger(log_a, log_b)}
    tests |= {f"johansen_trace_{q}": coint.johansen_trace(log_a, log_b, q) for q in (0, 1)}
    for name, test in tests.items():
        key = f"cointegration.{name}"
        for program, theirs in (("R urca", r[name]), ("gretl", gretl[f"{name}.statistic"])):
            yield Agreement(
                key=key,
                what="statistic",
                ours=test.statistic,
                theirs=theirs,
                program=program,
                **shared,
            )
        yield Agreement(
            key=key,
            what="pvalue",
            ours=test.pvalue,
            theirs=gretl[f"{name}.pvalue"],
            tolerance=PVALUE,
            absolute=True,
            program="gretl",
            data=EMBEDDED,
            note="another table of the law",
        )
    yield Agreement(
        key="cointegration.half_life",
        what="value",
        ours=half_life(log_a, log_b).value,
        theirs=r["half_life"],
        program="R",
        **shared,
    )
    ratio = log_a - log_b
    for q in (2, 5, 10, 20, 60):
        for key, what, ours, theirs in (
            ("variance_ratio", "value", variance_ratio(ratio, q).value, ""),
            ("variance_ratio_z", "statistic", variance_ratio_test(ratio, q).statistic, ".z"),
        ):
            yield Agreement(
                key=f"cointegration.{key}[{q}]",
                what=what,
                ours=ours,
                theirs=r[f"variance_ratio[{q}]{theirs}"],
                program="R",
                **shared,
            )


def stability() -> Iterator[Agreement]:
    theirs = {
        k: [float(x) for x in v]
        for k, v in words("stability/stability.txt").items()
        if "." in k or "[" in k
    }
    a, b = table("stability/data.csv")
    shared = {"program": "R strucchange, sandwich", "data": STABILITY}
    for key, test, name in (
        ("stability.sup_f", sup_f(a, b).test, "sup_f[5]"),
        ("stability.nyblom", nyblom(a, b), "nyblom[5]"),
        ("stability.cusum", cusum(a, b), "cusum"),
    ):
        value = theirs[f"{name}.statistic"][0]
        yield Agreement(
            key=key, what="statistic", ours=test.statistic, theirs=value, tolerance=CLOSED, **shared
        )
        clipped = "nyblom" in key
        yield Agreement(
            key=key,
            what="pvalue",
            ours=test.pvalue,
            theirs=theirs[f"{name}.pvalue"][0],
            tolerance=5.1e-3 if clipped else ITERATED,
            absolute=clipped,
            note="strucchange's table ends at .005; ours is the exact law" if clipped else "",
            **shared,
        )
    found = breaks(a, b, criterion="bic")
    for i, position in enumerate(theirs["dates[2]"]):
        yield Agreement(
            key=f"stability.break[{i + 1}]",
            what="value",
            ours=float(found.index[i]),
            theirs=5.0 * position - 1.0,
            tolerance=CLOSED,
            note="number of breaks by BIC, as there",
            **shared,
        )


def dynamics() -> Iterator[Agreement]:
    theirs = {
        k: [float(x) for x in v] for k, v in words("dcc/dcc.txt").items() if k not in {"R", "md5"}
    }
    a, b = table("dcc/data.csv")[:2]
    found = dcc(garch(a), garch(b))
    for name, ours, value in (
        ("a", found.a.value, theirs["dcc"][0]),
        ("b", found.b.value, theirs["dcc"][1]),
        ("last", found.last.value, theirs["last"][0]),
        ("min", found.minimum.value, theirs["min"][0]),
        ("max", found.maximum.value, theirs["max"][0]),
    ):
        yield Agreement(
            key=f"dynamics.dcc_{name}",
            what="value",
            ours=ours,
            theirs=value,
            tolerance=1e-5,
            absolute=True,
            program="R, likelihood written out",
            data=DCC,
        )


def tails() -> Iterator[Agreement]:
    for case in json.loads((HERE / "tails/evd_chi.json").read_text())["cases"]:
        if case["quantile"] != 0.95 or "1260" not in case["file"]:
            continue
        a, b = np.loadtxt(HERE / "tails" / case["file"], delimiter=",").T
        found = chi(a, b)
        for name in ("chi", "chibar"):
            yield Agreement(
                key=f"tails.{name}_lower[0.95]",
                what="value",
                ours=getattr(found, name).value,
                theirs=case[name],
                tolerance=CLOSED,
                program="R evd",
                data=f"t5, {case['file'].removesuffix('.csv')}",
            )


def sources() -> dict[str, dict[str, str]]:
    """Versions of the programs and hashes of the data, read from the outputs."""
    core_text = words("core/core.txt")
    versions = {
        line.partition(" -> ")[0].removeprefix("version "): line.partition(" -> ")[2]
        for name in ("Rscript", "gretlcli")
        for line in (HERE / f"dependence/sample.{name}.txt").read_text().splitlines()
        if line.startswith("version")
    }
    release = core_text["R"][0]
    strucchange = words("stability/stability.txt")["R"]
    evd = json.loads((HERE / "tails/evd_chi.json").read_text())
    data = {
        f"t5, {path.stem}": hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((HERE / "tails").glob("t5_1260*.csv"))
    }
    for name, folder in ((STABILITY, "stability"), (DCC, "dcc")):
        data[name] = hashlib.sha256((HERE / folder / "data.csv").read_bytes()).hexdigest()
    hashes = [
        line.split()[2]
        for line in (HERE / "core/core.txt").read_text().splitlines()
        if line.startswith("sha256")
    ]
    data[SAMPLE] = " and ".join(hashes)
    first = (HERE / "dependence/sample.Rscript.txt").read_text().splitlines()[0]
    data[EMBEDDED] = first.partition(" -> ")[2]
    programs = {
        "R": release,
        "R stats, sandwich": f"R {release}, sandwich {core_text['sandwich'][0]}",
        "R sandwich, lmtest": (
            f"R {release}, sandwich {versions['sandwich']}, lmtest {versions['lmtest']}"
        ),
        "R urca": f"R {release}, urca {versions['urca']}",
        "R strucchange, sandwich": (
            f"R {strucchange[0]}, strucchange {strucchange[2]}, sandwich {strucchange[4]}"
        ),
        "R, written out": f"R {words('jackknife/jackknife.txt')['R'][0]}",
        "R, likelihood written out": f"R {words('dcc/dcc.txt')['R'][0]}",
        "R evd": f"R {evd['R']}, evd {evd['evd']}",
        "gretl": versions["gretl"],
    }
    return {"programs": programs, "data": data}


def rows() -> list[Agreement]:
    """Every comparison; ours and theirs with 15 digits."""
    made = [*core(), *dependence(), *stability(), *dynamics(), *tails()]
    for row in made:
        if not (math.isfinite(row.ours) and math.isfinite(row.theirs)):
            raise ValueError(f"{row.key} is not finite")
    return sorted(made, key=lambda row: (row.key, row.what, row.program, row.data))


def main() -> None:
    lines = ",\n".join("  " + json.dumps(asdict(row)) for row in rows())
    head = json.dumps({**sources(), "rows": []}, indent=1)
    text = head.replace('"rows": []', f'"rows": [\n{lines}\n ]') + "\n"
    TARGET.write_text(text, encoding="ascii")


if __name__ == "__main__":
    main()
