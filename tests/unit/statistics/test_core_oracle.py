"""The reference page's numbers of the embedded sample against R, to 1e-9 relative."""

from __future__ import annotations

import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from convex_research import AnalysisConfig, Pair, align, analyze, load_prices
from convex_research.core.estimates import Estimate
from convex_research.statistics.dependence.correlation import kendall, pearson, spearman
from convex_research.statistics.dependence.regression import alpha, beta, least_squares, rsquared
from convex_research.statistics.inference.influence_interval import hac_std_error
from convex_research.statistics.single.volatility import volatility

LINES = (Path(__file__).parents[2] / "oracles/core/core.txt").read_text().splitlines()
HASHES = {name: digest for _, name, digest in (x.split() for x in LINES if x.startswith("sha"))}
R = dict(line.split() for line in LINES if "[" in line)
QUALIFIERS = [key[5:-1] for key in R if key.startswith("nobs[")]


def close(value):
    return pytest.approx(value, rel=1e-9, abs=0.0)


def theirs(name, qualifier):
    return float(R[f"{name}[{qualifier}]"])


@pytest.fixture(scope="module")
def returns():
    return align(load_prices(Pair("sample:sp500", "sample:nasdaq")))


@pytest.fixture(scope="module")
def analysis(returns):
    return analyze(returns, AnalysisConfig())


def rows(returns, qualifier):
    """Rows of a window by its dates in R's output, so that the dates are compared as well."""
    first, last = (np.datetime64(R[f"{end}[{qualifier}]"]) for end in ("start", "end"))
    inside = np.flatnonzero((returns.dates >= first) & (returns.dates <= last))
    assert len(inside) == int(R[f"nobs[{qualifier}]"])
    assert (returns.dates[inside[0]], returns.dates[inside[-1]]) == (first, last)
    return slice(inside[0], inside[-1] + 1)


def test_r_read_the_same_files():
    folder = Path(importlib.util.find_spec("arch").origin).parent / "data"
    for name, digest in HASHES.items():
        body = (folder / name.partition(".")[0] / name).read_bytes()
        assert hashlib.sha256(body).hexdigest() == digest, "run core.R again"
    assert len(HASHES) == 2
    assert len(QUALIFIERS) == 25


@pytest.mark.parametrize("qualifier", QUALIFIERS)
def test_correlation(returns, qualifier):
    part = rows(returns, qualifier)
    a, b = returns.a[part], returns.b[part]
    fisher = pearson(a, b, interval="fisher")
    assert fisher.value == close(theirs("pearson", qualifier))
    assert fisher.low == close(theirs("fisher_low", qualifier))
    assert fisher.high == close(theirs("fisher_high", qualifier))
    assert pearson(a, b).value == pytest.approx(fisher.value, rel=1e-14)
    assert spearman(a, b).value == close(theirs("spearman", qualifier))
    assert kendall(a, b).value == close(theirs("kendall", qualifier))
    assert volatility(a).value == close(theirs("sd_a", qualifier))
    assert volatility(b).value == close(theirs("sd_b", qualifier))


@pytest.mark.parametrize("direction", ["", "_reverse"])
@pytest.mark.parametrize("qualifier", QUALIFIERS)
def test_regression(returns, qualifier, direction):
    part = rows(returns, qualifier)
    y, x = returns.a[part], returns.b[part]
    if direction:
        y, x = x, y
    slope, intercept = beta(y, x), alpha(y, x)
    assert slope.value == close(theirs(f"beta{direction}", qualifier))
    assert intercept.value == close(theirs(f"alpha{direction}", qualifier))
    assert rsquared(y, x).value == close(theirs("rsquared", qualifier))
    assert intercept.std_error == close(theirs(f"se1.3sqrt_alpha{direction}", qualifier))
    line = least_squares(y, x)
    without_jackknife = hac_std_error(line.slope_influence)[0]
    assert without_jackknife == close(theirs(f"se1.3sqrt_beta{direction}", qualifier))
    at_5 = [hac_std_error(u, 5)[0] for u in (line.slope_influence, line.intercept_influence)]
    assert at_5[0] == close(theirs(f"se5_beta{direction}", qualifier))
    assert at_5[1] == close(theirs(f"se5_alpha{direction}", qualifier))


KEYS = {
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


@pytest.mark.parametrize("qualifier", QUALIFIERS)
def test_the_analysis_gives_them_under_their_keys_and_dates(analysis, qualifier):
    """What is computed alone above stands in the record, with the window R took."""
    seen = 0
    for key, name in KEYS.items():
        result = analysis.section(key.partition(".")[0]).results.get(f"{key}[{qualifier}]")
        if result is None:
            continue
        assert isinstance(result, Estimate), key
        assert result.value == close(theirs(name, qualifier)), key
        assert result.nobs == int(R[f"nobs[{qualifier}]"]), key
        assert result.start.isoformat() == R[f"start[{qualifier}]"], key
        assert result.end.isoformat() == R[f"end[{qualifier}]"], key
        seen += 1
    windows = {"30": 3, "90": 3, "252": 9, "1260": 9, "all": 9}
    assert seen == windows.get(qualifier, 1)


@pytest.mark.parametrize("qualifier", ["252", "1260", "all"])
def test_annual_volatility_has_252_sessions(analysis, qualifier):
    for leg in "ab":
        annual = analysis[f"volatility.annual_{leg}[{qualifier}]"]
        assert annual.value == close(theirs(f"sd_{leg}", qualifier) * 252**0.5)
