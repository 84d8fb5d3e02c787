"""Fisher's z by jackknife, and calendar years against each other, against independent loops."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.oneway import anova_generic

from convex_research import AnalysisConfig, Pair, align, load_prices
from convex_research.analysis.sections.consistency import compute, full_years, year_correlations
from convex_research.core.estimates import NotComputed
from convex_research.statistics.inference.jackknife import FisherZ, fisher_z, jackknife_z
from convex_research.statistics.simulate.worlds import normal_returns, sv_returns
from convex_research.statistics.stability.homogeneity import gaps_between, welch_james, widest_gap


def legs(nobs=252, rho=0.7, seed=5):
    a, b = normal_returns(nobs, 1, rho=rho, seed=seed)
    return a[:, 0], b[:, 0]


def sampled(z, error=0.08, df=40.0):
    return FisherZ(z, error, df, 252, 20, 100.0)


def leave_one_out(a, b):
    """Influence from a correlation of all days but one, one after the other."""
    n = a.size
    z = math.atanh(np.corrcoef(a, b)[0, 1])
    without = [math.atanh(np.corrcoef(np.delete(a, i), np.delete(b, i))[0, 1]) for i in range(n)]
    f = (n - 1) * (z - np.array(without))
    return z, f - f.mean()


@pytest.mark.parametrize("nobs", [30, 127])
@pytest.mark.parametrize("rho", [0.0, 0.7, -0.95])
def test_influence_is_what_each_day_changes(nobs, rho):
    a, b = legs(nobs, rho)
    a, b = 3.0 + 0.01 * a, 1e4 * b - 2.0  # neither place nor scale matter
    z, influence = jackknife_z(a, b)
    expected, loop = leave_one_out(a, b)
    assert z == pytest.approx(expected, rel=1e-10)
    np.testing.assert_allclose(influence, loop, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("stretch", [1.0, 0.5, 2.0])
def test_error_and_degrees_of_freedom_are_the_formula(stretch):
    a, b = legs(200, 0.4, seed=9)
    z, f = leave_one_out(a, b)
    n, lag = 200, int(stretch * math.floor(1.3 * math.sqrt(200)))
    omega = sum(f * f) / n
    for j in range(1, lag + 1):
        omega += 2.0 * (1.0 - j / (lag + 1)) * sum(f[t] * f[t - j] for t in range(j, n)) / n
    days = sum(f**2) ** 2 / sum(f**4)
    found = fisher_z(a, b, stretch=stretch)
    assert (found.nobs, found.lag) == (n, lag)
    assert found.z == pytest.approx(z, rel=1e-10)
    assert found.std_error == pytest.approx(math.sqrt(omega / n), rel=1e-8)
    assert found.df == pytest.approx(max(4.0, 1.0 / (1.0 / days + (lag + 1) / n / 1.5)), rel=1e-8)


def test_one_day_that_carries_everything_leaves_four_degrees_of_freedom():
    a, b = legs(126, 0.0)
    a[60], b[60] = 50.0, 50.0
    assert fisher_z(a, b).df == 4.0


def exact_z(a, b):
    """Fisher's z to fifty digits."""
    with localcontext(prec=50):
        x, y = ([Decimal(float(v)) for v in leg] for leg in (a, b))
        x, y = ([v - sum(leg) / len(leg) for v in leg] for leg in (x, y))
        xx, yy, xy = (sum(v * w for v, w in zip(*p, strict=True)) for p in ((x, x), (y, y), (x, y)))
        root = (xx * yy).sqrt()
        return ((root + xy) / (root - xy)).ln() / 2


@pytest.mark.parametrize("apart", [1e-2, 1e-4, 5e-5])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_near_one_nothing_is_lost_to_rounding(apart, sign):
    a, noise = np.random.default_rng(2).standard_normal((2, 40))
    b = sign * (a + apart * noise)
    z, influence = jackknife_z(a, b)
    exact = exact_z(a, b)
    assert z == pytest.approx(float(exact), rel=1e-11)
    without = [exact_z(np.delete(a, i), np.delete(b, i)) for i in range(40)]
    f = [39 * (exact - one) for one in without]
    expected = [float(one - sum(f) / 40) for one in f]
    np.testing.assert_allclose(influence, expected, rtol=1e-8, atol=1e-10)


def test_legs_in_step_have_no_interval():
    a, _ = legs()
    assert "exactly in step" in fisher_z(a, 3.0 * a + 1.0).reason
    assert "exactly against" in fisher_z(a, -a).reason
    once = a.copy()
    once[7] += 1.0
    assert "but for a single day" in fisher_z(a, once).reason
    single = np.zeros(a.size)
    single[7] = 1.0
    assert "single day" in fisher_z(a, single).reason
    assert "does not move" in fisher_z(a, np.zeros(a.size)).reason
    assert "at least 30" in fisher_z(a[:29], a[:29] ** 2).reason
    with pytest.raises(ValueError, match="length"):
        fisher_z(a, a[:-1])


def hand_made(parts):
    """Welch's F by the letter of his paper."""
    k = len(parts)
    w = [1.0 / p.std_error**2 for p in parts]
    mean = sum(wi * p.z for wi, p in zip(w, parts, strict=True)) / sum(w)
    j = sum(wi * (p.z - mean) ** 2 for wi, p in zip(w, parts, strict=True))
    a = sum((1.0 - wi / sum(w)) ** 2 / p.df for wi, p in zip(w, parts, strict=True))
    f = (j / (k - 1)) / (1.0 + 2.0 * (k - 2) * a / (k * k - 1))
    return f, stats.f.sf(f, k - 1, (k * k - 1) / (3.0 * a))


SOME = [sampled(0.9, 0.05, 12.5), sampled(1.1, 0.11, 60.0), sampled(0.7, 0.09, 4.0), sampled(1.4)]


@pytest.mark.parametrize("parts", [SOME, SOME[:2], SOME[1:], SOME * 5])
def test_welch_james_is_the_formula_and_that_of_statsmodels(parts):
    test = welch_james(parts)
    assert (test.statistic, test.pvalue) == pytest.approx(hand_made(parts), rel=1e-9)
    other = anova_generic(
        np.array([p.z for p in parts]),
        np.array([p.std_error**2 * (p.df + 1.0) for p in parts]),  # squared errors of the mean
        np.array([p.df + 1.0 for p in parts]),
        use_var="unequal",
    )
    assert test.statistic == pytest.approx(other.statistic, rel=1e-9)
    assert test.pvalue == pytest.approx(other.pvalue, rel=1e-7)
    assert test.nobs == 252 * len(parts)


def test_two_samples_give_the_square_of_welchs_t():
    one, two = SOME[:2]
    t, p = stats.ttest_ind_from_stats(
        *(one.z, one.std_error * math.sqrt(one.df + 1.0), one.df + 1.0),
        *(two.z, two.std_error * math.sqrt(two.df + 1.0), two.df + 1.0),
        equal_var=False,
    )
    test, gap = welch_james([one, two]), widest_gap(gaps_between([one, two]))
    assert test.statistic == pytest.approx(t * t, rel=1e-9)
    assert test.pvalue == pytest.approx(p, rel=1e-9)
    assert (test.pvalue < 0.05) == (gap.low > 0.0)
    assert gap.std_error == pytest.approx(math.hypot(one.std_error, two.std_error))


@pytest.mark.parametrize("level", [0.95, 0.90])
def test_the_widest_gap_looks_at_every_pair(level):
    lows, highs, gaps = [0.0], [], []
    for i in range(4):
        for j in range(i):
            p, q = SOME[i], SOME[j]
            error = math.hypot(p.std_error, q.std_error)
            df = error**4 / (p.std_error**4 / p.df + q.std_error**4 / q.df)
            gaps.append(abs(p.z - q.z))
            lows.append(gaps[-1] - stats.t.ppf((1.0 + level ** (1.0 / 6.0)) / 2.0, df) * error)
            highs.append(gaps[-1] + stats.t.ppf((1.0 + level) / 2.0, df) * error)
    found = widest_gap(gaps_between(SOME), confidence_level=level)
    ends = (found.low, found.value, found.high)
    assert ends == pytest.approx((max(lows), max(gaps), max(highs)), rel=1e-9)
    assert found.unit == "Fisher z"
    assert widest_gap(gaps_between(SOME[::-1]), confidence_level=level) == found


def test_the_high_end_need_not_be_that_of_the_widest_pair():
    parts = [sampled(0.5, 0.02), sampled(0.8, 0.02), sampled(0.7, 0.4, 5.0)]
    found = widest_gap(gaps_between(parts))
    assert found.value == pytest.approx(0.3)
    assert found.high > 0.2 + 2.5 * 0.4


def test_a_single_sample_has_nothing_to_differ_from():
    for make in (welch_james, gaps_between):
        with pytest.raises(ValueError, match="two samples"):
            make(SOME[:1])


def days(*counts):
    """Consecutive days at the start of each of the years from 2001 on."""
    starts = (np.datetime64(f"{2001 + i}-01-01") for i in range(len(counts)))
    return np.concatenate([s + np.arange(n) for s, n in zip(starts, counts, strict=True)])


def test_a_year_counts_from_126_days_on():
    assert full_years(days(125, 126, 300, 40)) == [(2002, slice(125, 251)), (2003, slice(251, 551))]
    assert full_years(days(10)) == []


def test_each_year_brings_its_own_error():
    dates = days(250, 200, 126)
    a, b = legs(dates.size)
    years = full_years(dates)
    found = year_correlations(a, b, years)
    assert found == [fisher_z(a[r], b[r]) for _, r in years]
    assert [one.lag for one in found] == [20, 18, 14]
    z = [np.arctanh(np.corrcoef(a[r], b[r])[0, 1]) for _, r in years]
    assert widest_gap(gaps_between(found)).value == pytest.approx(max(z) - min(z), rel=1e-10)


def test_years_without_a_correlation_are_named():
    dates = days(250, 250)
    a, b = legs(500)
    assert "two calendar years of 126" in year_correlations(a, b, full_years(dates)[:1]).reason
    for spoil, words in (
        (lambda v, w: np.full(250, 1e-3), "2002: one series does not move"),
        (lambda v, w: 2.0 * v, "2002: the two move exactly in step"),
        (lambda v, w: -v, "2002: the two move exactly against"),
    ):
        other = b.copy()
        other[250:] = spoil(a[250:], b[250:])
        missing = year_correlations(a, other, full_years(dates))
        assert isinstance(missing, NotComputed)
        assert words in missing.reason


def test_the_section_has_the_years_of_the_sample():
    returns = align(load_prices(Pair("sample:nasdaq", "sample:vix")))
    found = compute(returns, AnalysisConfig()).results
    years = returns.dates.astype("datetime64[Y]")
    counted = [y for y in np.unique(years) if (years == y).sum() >= 126]
    parts = [fisher_z(returns.a[years == y], returns.b[years == y]) for y in counted]
    test, gap = found["consistency.years"], found["consistency.years_gap"]
    assert (test.statistic, test.pvalue) == pytest.approx(hand_made(parts), rel=1e-9)
    assert gap.high == pytest.approx(widest_gap(gaps_between(parts)).high)
    assert found["consistency.years_gap_90"].high < gap.high
    dates = returns.dates[np.isin(years, counted)]
    for one in (test, gap):
        assert one.nobs == dates.size
        assert (str(one.start), str(one.end)) == (str(dates[0])[:10], str(dates[-1])[:10])


def rejected(world, count, paths, **law):
    a, b = world(252 * count, paths, **law)
    found = []
    for x, y in zip(a.T, b.T, strict=True):
        parts = [fisher_z(*p) for p in zip(x.reshape(-1, 252), y.reshape(-1, 252), strict=True)]
        found.append(welch_james(parts).pvalue < 0.05)
    return np.mean(found)


def test_constant_years_are_called_different_in_one_sample_of_twenty():
    """The Wald test with one lag for all years rejected in .3 of the first, .5 of the second."""
    assert 0.02 < rejected(normal_returns, 10, 300, rho=0.8, seed=21) < 0.09
    assert 0.02 < rejected(sv_returns, 10, 300, rho=0.8, seed=22) < 0.12


def test_one_year_of_five_that_is_weaker_is_found():
    a, b = legs(1260, 0.8, seed=31)
    weak_a, weak_b = legs(252, 0.5, seed=32)
    years = [slice(252 * i, 252 * (i + 1)) for i in range(5)]
    a[years[2]], b[years[2]] = weak_a, weak_b
    parts = [fisher_z(a[r], b[r]) for r in years]
    assert welch_james(parts).pvalue < 1e-3
    gap = widest_gap(gaps_between(parts))
    assert gap.low > 0.20
    assert gap.covers(math.atanh(0.8) - math.atanh(0.5))
