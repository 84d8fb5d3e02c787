"""Differences between two legs against loops and R, and where they are not defined."""

from __future__ import annotations

import math
import shutil
import subprocess

import numpy as np
import pytest
from scipy.stats import t as student

from convex_research.core.estimates import Missing, NotComputed, Range
from convex_research.statistics.dependence import side_by_side as sides
from convex_research.statistics.hedging.hedge import effectiveness_and_test, volatility_removed
from convex_research.statistics.inference.jackknife import fisher_z
from convex_research.statistics.single.history import history_percentile, usual_range
from convex_research.statistics.single.performance import cagr, capture, recovery
from convex_research.statistics.single.volatility import volatility_ratio

NOBS = 400
DATES = np.datetime64("2019-01-01") + np.arange(NOBS + 1)


def returns(seed=3):
    rng = np.random.default_rng(seed)
    a, noise = 0.01 * rng.standard_t(6, (2, NOBS))
    return a, 1.2 * (0.8 * a + 0.6 * noise)


def prices(x):
    return np.exp(np.concatenate([[0.0], np.cumsum(x)]))


def student_by_loop(influence):
    """Bartlett error and degrees of freedom of a mean's influence values."""
    nobs = len(influence)
    lag = min(int(1.3 * math.sqrt(nobs)), nobs - 1)
    omega = 0.0
    for s in range(nobs):
        for t in range(max(0, s - lag), min(nobs, s + lag + 1)):
            omega += (1.0 - abs(s - t) / (lag + 1.0)) * influence[s] * influence[t]
    days = sum(f**2 for f in influence) ** 2 / sum(f**4 for f in influence)
    df = max(4.0, 1.0 / (1.0 / days + (lag + 1) / nobs / 1.5))
    return math.sqrt(omega) / nobs, df


def agrees(results, value, std_error, df, ends):
    estimate, test = results
    half = student.ppf(0.975, df) * std_error
    assert estimate.value == pytest.approx(ends(value), rel=1e-9)
    assert estimate.low == pytest.approx(ends(value - half), rel=1e-8)
    assert estimate.high == pytest.approx(ends(value + half), rel=1e-8)
    assert test.pvalue == pytest.approx(2.0 * student.cdf(-abs(value) / std_error, df), rel=1e-8)
    assert estimate.range is Range.INTERVAL


def test_growth_gap_by_a_loop():
    a, b = returns()
    gap, test = sides.growth_gap(prices(a), prices(b), DATES)
    years = NOBS / 365.25
    d = [(x - y) * NOBS / years for x, y in zip(a, b, strict=True)]
    mean = sum(d) / NOBS
    std_error, df = student_by_loop([one - mean for one in d])
    middle = (a.sum() + b.sum()) / years / 2.0
    agrees((gap, test), mean, std_error, df, lambda x: 2 * math.exp(middle) * math.sinh(x / 2))
    assert gap.value == pytest.approx(
        cagr(prices(a), DATES).value - cagr(prices(b), DATES).value, rel=1e-9
    )


@pytest.mark.parametrize("seed", range(20))
def test_the_gap_holds_zero_where_its_test_does_not_reject(seed):
    a, b = returns(seed)
    gap, test = sides.growth_gap(prices(a + 0.0004 * (seed % 5)), prices(b), DATES)
    assert gap.covers(0.0) == (test.pvalue >= 0.05)


def test_capture_gap_by_a_loop():
    a, b = returns()
    gap, test = sides.capture_gap(a, b)
    influence, ratios = np.zeros(NOBS), []
    for sign in (1.0, -1.0):
        days = [i for i in range(NOBS) if sign * b[i] > 0.0]
        ratio = sum(a[i] for i in days) / sum(b[i] for i in days)
        ratios.append(ratio)
        for i in days:
            influence[i] += sign * (a[i] - ratio * b[i]) / (sum(b[j] for j in days) / NOBS)
    assert ratios == pytest.approx([capture(a, b, side).value for side in ("up", "down")])
    influence -= influence.mean()
    agrees((gap, test), ratios[0] - ratios[1], *student_by_loop(influence), lambda x: x)


def log_ratio_by_loop(a, b):
    value = 0.5 * math.log(np.var(a) / np.var(b))
    squares = [((x - np.mean(x)) ** 2 / np.var(x) - 1.0) / 2.0 for x in (a, b)]
    return value, *student_by_loop(squares[0] - squares[1])


def test_volatility_change_by_a_loop():
    a, b = returns()
    change, test = sides.volatility_change(a[250:], b[250:], a[:250], b[:250])
    (l1, s1, f1), (l0, s0, f0) = (
        log_ratio_by_loop(a[rows], b[rows]) for rows in (slice(250, None), slice(250))
    )
    welch = (s1**2 + s0**2) ** 2 / (s1**4 / f1 + s0**4 / f0)
    agrees((change, test), l1 - l0, math.hypot(s1, s0), welch, math.exp)


def test_the_ratio_of_volatilities_holds_one_where_its_test_does_not_reject():
    for seed in range(20):
        a, b = returns(seed)
        ratio = volatility_ratio(a, b / 1.2 * (1.0 + 0.02 * seed))
        test = sides.volatility_ratio_test(a, b / 1.2 * (1.0 + 0.02 * seed))
        assert ratio.covers(1.0) == (test.pvalue >= 0.05)


@pytest.mark.parametrize("swap", [False, True])
def test_own_share_is_what_a_line_leaves(swap):
    a, b = returns()
    assert sides.riskier(a, b) == "b"
    legs = (b, a) if swap else (a, b)
    share, test = sides.own_share(*legs)
    slope, level = np.polyfit(a, legs[0] - legs[1], 1)
    resid = legs[0] - legs[1] - slope * a - level
    assert share.value == pytest.approx(resid.var() / (legs[0] - legs[1]).var(), rel=1e-9)
    ends = fisher_z(legs[0] - legs[1], a).ends(0.95)
    squares = sorted(math.tanh(z) ** 2 for z in ends)
    holds = ends[0] < 0.0 < ends[1]
    assert share.low == pytest.approx(1.0 - squares[1], rel=1e-9)
    assert share.high == pytest.approx(1.0 if holds else 1.0 - squares[0], rel=1e-9)
    assert (test.statistic > 0.0) == (share.value > 0.5)
    assert (test.pvalue < 0.05) == (share.low > 0.5)
    assert ("{a}" if swap else "{b}") in share.method


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="needs R")
def test_values_are_those_of_r(tmp_path):
    a, b = returns()
    np.savetxt(tmp_path / "x.csv", np.column_stack([a, b]), fmt="%.17g", delimiter=",")
    program = f"""
    x <- as.matrix(read.csv("{tmp_path}/x.csv", header = FALSE)); a <- x[,1]; b <- x[,2]
    g <- function(v) exp(sum(v) / ({NOBS} / 365.25)) - 1
    cat(format(c(g(a) - g(b), mean(a[b>0])/mean(b[b>0]) - mean(a[b<0])/mean(b[b<0]),
      (sd(a[251:400])/sd(b[251:400])) / (sd(a[1:250])/sd(b[1:250])),
      1 - summary(lm(I(a - b) ~ a))$r.squared), digits = 17))
    """
    done = subprocess.run(
        ["Rscript", "-e", program], capture_output=True, text=True, check=True, timeout=120
    )
    mine = (
        sides.growth_gap(prices(a), prices(b), DATES)[0],
        sides.capture_gap(a, b)[0],
        sides.volatility_change(a[250:], b[250:], a[:250], b[:250])[0],
        sides.own_share(a, b)[0],
    )
    theirs = [float(one) for one in done.stdout.split()]
    assert [one.value for one in mine] == pytest.approx(theirs, rel=1e-8)


def test_what_does_not_differ():
    a, b = returns()
    for found in (
        sides.growth_gap(prices(a), 3.0 * prices(a), DATES),
        sides.capture_gap(a, 2.0 * a),
        sides.volatility_change(a[200:], 2.0 * a[200:], a[:200], b[:200]),
        sides.volatility_ratio_test(a, 2.0 * a),
        sides.own_share(a, a + 1e-18),
        sides.own_share(a, 2.0 * a),
    ):
        assert isinstance(found, NotComputed)
        assert found.code in {Missing.EXACT, Missing.NOT_MOVING}
    assert sides.growth_gap(-prices(a), prices(b), DATES).code is Missing.NOT_A_PRICE
    assert sides.capture_gap(a[:40], b[:40]).code is Missing.TOO_SHORT


# ---- observed --------------------------------------------------------------------------------


def test_recovery_counts_calendar_days():
    days = np.datetime64("2020-01-01") + np.array([0, 1, 2, 5, 6, 9, 10])
    found = recovery([3.0, 4.0, 2.0, 1.0, 3.0, 4.0, 5.0], days)
    assert (found.value, found.nobs, found.confidence_level) == (8.0, 4, None)
    assert (str(found.start), str(found.end)) == ("2020-01-02", "2020-01-10")
    assert "2020-01-02" in recovery([3.0, 4.0, 2.0], days[:3]).reason
    assert isinstance(recovery([1.0, 2.0, 3.0], days[:3]), NotComputed)


def test_rank_and_usual_range_by_counting():
    path = np.append(np.full(89, np.nan), np.round(np.random.default_rng(2).normal(size=500), 1))
    known = path[89:].tolist()
    lower = sum(x < known[-1] for x in known) + 0.5 * sum(x == known[-1] for x in known)
    assert history_percentile(path).value == pytest.approx(100.0 * lower / 500)
    usual = usual_range(path)
    ordered = sorted(known)
    for end, share in ((usual.low, 0.025), (usual.high, 0.975)):
        place = 499 * share
        below = int(place)
        expected = ordered[below] + (place - below) * (ordered[below + 1] - ordered[below])
        assert end == pytest.approx(expected)
    assert usual.value == known[-1]
    assert usual.range is Range.USUAL
    assert usual.to_dict()["range"] == "usual"
    for short in (path[:300], np.append(path, np.nan)):
        assert isinstance(usual_range(short), NotComputed)
        assert isinstance(history_percentile(short), NotComputed)


def test_volatility_removed_is_the_image_of_the_variance():
    a, b = returns()
    share, test = effectiveness_and_test(a, b, np.full(300, 0.5))
    removed = volatility_removed(share)
    hedged = (a - 0.5 * b)[-300:]
    assert removed.value == pytest.approx(1.0 - hedged.std() / a[-300:].std(), rel=1e-9)
    for end in ("low", "high"):
        assert getattr(removed, end) == pytest.approx(1.0 - math.sqrt(1.0 - getattr(share, end)))
    assert (test.pvalue < 0.05) == (not share.covers(0.5))
    assert (test.statistic > 0.0) == (share.value > 0.5)
    worse = volatility_removed(effectiveness_and_test(a, b, np.full(300, 4.0))[0])
    assert worse.value < 0.0
