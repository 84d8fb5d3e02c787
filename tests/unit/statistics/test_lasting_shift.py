"""Changes of correlation: test, size and date, against loops that share no code."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from convex_research import AnalysisConfig, Pair, align, load_prices
from convex_research.analysis.sections.stability import compute
from convex_research.core.estimates import Estimate, NotComputed
from convex_research.statistics.inference.block_draws import data_seed
from convex_research.statistics.inference.two_windows import change_in_z
from convex_research.statistics.simulate.worlds import normal_returns, sv_returns
from convex_research.statistics.stability.homogeneity import equivalence, widest_gap
from convex_research.statistics.stability.lasting_shift import (
    change_date,
    cusum_r,
    splits,
)


def legs(nobs=600, rho=0.7, seed=5):
    a, b = normal_returns(nobs, 1, rho=rho, seed=seed)
    return a[:, 0], b[:, 0]


def broken(nobs, at, before, after, seed=5):
    (a, b), (x, y) = legs(nobs, before, seed), legs(nobs, after, seed)
    return np.append(a[:at], x[at:]), np.append(b[:at], y[at:])


def z_of(a, b):
    return math.atanh(np.corrcoef(a, b)[0, 1])


def jackknife(a, b):
    n, z = a.size, z_of(a, b)
    f = [(n - 1) * (z - z_of(np.delete(a, i), np.delete(b, i))) for i in range(n)]
    return np.array(f) - np.mean(f)


def slow_influence(a, b):
    scaled = []
    for leg in (a, b):
        x = leg - leg.mean()
        v = [np.mean(x[:63] ** 2)]
        for day in x[:-1]:
            v.append(0.94 * v[-1] + 0.06 * day**2)
        scaled.append(x / np.sqrt(v))
    return jackknife(*scaled)


def bartlett(f):
    n, f = f.size, f - f.mean()
    lag = min(math.floor(1.3 * math.sqrt(n)), n - 1)
    return sum(
        (1 if j == 0 else 2) * (1 - j / (lag + 1)) * sum(f[t] * f[t - j] for t in range(j, n)) / n
        for j in range(lag + 1)
    )


def slow_z(a, b):
    f = jackknife(a, b)
    n = f.size
    days = (f**2).sum() ** 2 / (f**4).sum()
    share = (math.floor(1.3 * math.sqrt(n)) + 1) / n
    return z_of(a, b), math.sqrt(bartlett(f) / n), max(4.0, 1.0 / (1.0 / days + share / 1.5))


@pytest.mark.parametrize("nobs", [126, 300, 343])
def test_the_test_is_the_formula(nobs):
    a, b = (3.0 + 0.01 * leg for leg in legs(nobs))
    f, length = slow_influence(a, b), {126: 10, 300: 13, 343: 14}[nobs]
    blocks = nobs // length
    edges = [length * k for k in range(blocks)] + [nobs]
    sums = [sum(f[i:j]) for i, j in pairwise(edges)]
    largest = max(abs(sum(sums[: k + 1])) for k in range(blocks - 1))
    signs = np.random.default_rng(data_seed(a, b, salt="cusum of r")).integers(0, 2, (499, blocks))
    reached = 0
    for row in signs:
        drawn = [s if up else -s for s, up in zip(sums, row, strict=True)]
        path = [sum(drawn[: k + 1]) - edges[k + 1] / nobs * sum(drawn) for k in range(blocks - 1)]
        reached += max(map(abs, path)) >= largest * (1.0 - 1e-12)
    found = cusum_r(a, b)
    assert found.statistic == pytest.approx(largest / math.sqrt(nobs), rel=1e-8)
    assert found.pvalue == (1 + reached) / 500
    assert f"{blocks} blocks of {length}" in found.distribution
    assert cusum_r(a, b) == found
    assert cusum_r(5.0 * a - 1.0, -b).statistic == pytest.approx(found.statistic, rel=1e-8)


@pytest.mark.parametrize("level", [0.95, 0.90])
def test_the_size_is_that_of_three_splits(level):
    a, b = broken(403, 250, 0.8, 0.6)
    tried = splits(a, b)
    assert tried.at == (100, 201, 302)
    signed, lows, highs, tails = [], [0.0], [], []
    for k in tried.at:
        (z0, se0, df0), (z1, se1, df1) = slow_z(a[:k], b[:k]), slow_z(a[k:], b[k:])
        error = math.hypot(se0, se1)
        df = error**4 / (se0**4 / df0 + se1**4 / df1)
        signed.append((z1 - z0, error, df))
        lows.append(abs(z1 - z0) - stats.t.ppf(0.5 + level ** (1 / 3) / 2, df) * error)
        highs.append(abs(z1 - z0) + stats.t.ppf(0.5 + level / 2, df) * error)
        tails.append(stats.t.sf((0.2 - abs(z1 - z0)) / error, df))
    size = widest_gap(tried.gaps, confidence_level=level)
    assert (size.low, size.high) == pytest.approx((max(lows), max(highs)), rel=1e-8)
    assert size.nobs == 403
    value, error, df = max(signed, key=lambda one: abs(one[0]))
    assert size.value == pytest.approx(abs(value), rel=1e-8)
    k = tried.widest
    one = change_in_z(tried.after[k], tried.before[k], confidence_level=level)
    half = stats.t.ppf(0.5 + level / 2, df) * error
    assert (one.value, one.low, one.high) == pytest.approx(
        (value, value - half, value + half), rel=1e-8
    )
    assert equivalence(tried.gaps, 0.2).pvalue == pytest.approx(max(tails), rel=1e-8)


def test_within_a_margin_is_where_the_90_interval_ends_below_it():
    for seed in range(20):
        tried = splits(*legs(1260, seed=seed))
        high = widest_gap(tried.gaps, confidence_level=0.90).high
        assert (equivalence(tried.gaps, 0.2).pvalue < 0.05) == (high < 0.2)
        at = equivalence(tried.gaps, high)
        assert at.pvalue == pytest.approx(0.05, rel=1e-6)


def test_the_date_is_the_formula():
    a, b = broken(504, 300, 0.9, 0.5)
    f, n = slow_influence(a, b), 504
    gains = {k: abs(sum(f[:k])) / math.sqrt(k * (n - k)) for k in range(50, n - 49)}
    k = max(gains, key=gains.__getitem__)
    shift = f[k:].mean() - f[:k].mean()
    found = change_date(a, b)
    assert found.last == k - 1
    assert abs(found.last - 299) <= found.half_width
    half = 11.03 * max(bartlett(f[:k]), bartlett(f[k:])) / shift**2
    assert found.half_width == pytest.approx(half, rel=1e-8)


def test_a_halved_correlation_is_found_and_dated():
    a, b = broken(1260, 700, 0.9, 0.5)
    assert cusum_r(a, b).pvalue == 1 / 500
    assert widest_gap(splits(a, b).gaps).low > 0.20
    assert abs(change_date(a, b).last - 699) < 40


def test_moving_volatility_alone_is_called_a_change_in_one_sample_of_twenty():
    a, b = sv_returns(504, 400, rho=0.8, seed=21)
    rejected = [cusum_r(x, y).pvalue < 0.05 for x, y in zip(a.T, b.T, strict=True)]
    assert 0.02 < np.mean(rejected) < 0.09


def test_what_cannot_be_tested_says_why():
    a, b = legs(504)
    assert "at least 126" in cusum_r(a[:125], b[:125]).reason
    assert "at least 504" in change_date(a[:503], b[:503]).reason
    assert "at least 120" in splits(a[:119], b[:119]).reason
    still = np.append(np.zeros(400), b[400:])
    assert isinstance(splits(a, still), NotComputed)
    assert "exactly in step" in cusum_r(a, 2.0 * a).reason
    with pytest.raises(ValueError, match="length"):
        cusum_r(a, b[:-1])


def test_the_section_dates_a_change_only_where_there_is_one():
    names = ("shift", "shift_90", "shift_within", "shift_split", "shift_split_r")
    changed = align(load_prices(Pair("sample:sp500", "sample:wti")))
    found = compute(changed, AnalysisConfig()).results
    tried = splits(changed.a, changed.b)
    assert found["stability.shift"].value == abs(found["stability.shift_split"].value)
    assert found["stability.shift_split"].day == changed.day(tried.at[tried.widest])
    dated = found["stability.change_date"]
    assert isinstance(dated, Estimate)
    assert dated.low <= dated.value <= dated.high
    last = change_date(changed.a, changed.b).last
    assert dated.to_dict()["text"] == str(changed.day(last))
    assert dated.value == changed.day(last).toordinal()
    steady = align(load_prices(Pair("sample:sp500", "sample:vix")))
    found = compute(steady, AnalysisConfig()).results
    assert found["stability.cusum_r"].pvalue > 0.05
    assert "no change" in found["stability.change_date"].reason
    assert all(f"stability.{name}" in found for name in names)
