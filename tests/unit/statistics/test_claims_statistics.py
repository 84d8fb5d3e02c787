"""Statistics behind the claims, against loops written differently and closed forms."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convex_research.core.estimates import Estimate, NotComputed, TestResult
from convex_research.statistics.dependence.concordance import (
    hit_rate,
    same_sign,
    same_sign_extreme,
    sign_test,
)
from convex_research.statistics.dependence.explained import (
    explained,
    explained_gap,
    explained_share,
    explained_test,
    rsquared_gap,
)
from convex_research.statistics.dependence.exposure import (
    delay_gap,
    market_slopes,
    mean_gap,
    mean_in,
)
from convex_research.statistics.dynamics.rolling import rolling_pearson
from convex_research.statistics.inference.block_draws import data_seed, stationary_draws
from convex_research.statistics.inference.jackknife import fisher_z
from convex_research.statistics.leads.lead_lag import wald
from convex_research.statistics.leads.lead_share import lead_share
from convex_research.statistics.levels.divergence import (
    after_breakdowns,
    breakdowns,
    event_ratio,
    volatility_forecast_gain,
)
from convex_research.statistics.levels.trend import trend_test
from convex_research.statistics.stability.constancy import (
    beta_gap,
    gap_test,
    halves,
    rolling_quantile,
)
from convex_research.statistics.stability.macro_shift import monthly_shift
from convex_research.statistics.stability.swings import extremes_in_stress, year_swings


def draws(count, nobs=1260, seed=3):
    return np.random.default_rng(seed).standard_normal((count, nobs))


M, U, V = draws(3)
A, B = M + 0.5 * U, M + 0.5 * V


def adjusted(y, x):
    x = np.atleast_2d(x.T).T
    design = np.column_stack([np.ones(y.size), x])
    resid = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    r2 = 1.0 - resid.var() / y.var()
    return 1.0 - (1.0 - r2) * (y.size - 1) / (y.size - x.shape[1] - 1)


def test_shares_of_directions_count_days():
    a, b = A.copy(), B.copy()
    a[:40] = 0.0
    moved = [(x, y) for x, y in zip(a, b, strict=True) if x != 0.0 and y != 0.0]
    same = same_sign(a, b)
    assert same.nobs == len(moved) == 1220
    assert same.value == sum((x > 0) == (y > 0) for x, y in moved) / len(moved)
    # For normal variables P(same sign) = 1/2 + asin(r) / pi.
    assert same_sign(A, B).covers(0.5 + math.asin(0.8) / math.pi)
    later = [(x > 0) == (y > 0) for x, y in zip(A[:-1], B[1:], strict=True)]
    assert hit_rate(A, B).value == pytest.approx(np.mean(later))
    order = sorted(range(A.size), key=lambda i: A[i])
    ends = order[:63] + order[-63:]
    share = np.mean([(A[i] > 0) == (B[i] > 0) for i in ends])
    assert same_sign_extreme(A, B).value == pytest.approx(share)


@given(st.floats(0.001, 1000), st.floats(0.001, 1000))
@settings(max_examples=20)
def test_directions_know_no_scale(x, y):
    assert same_sign(A * x, B * y) == same_sign(A, B)
    assert sign_test(A, -B * y).statistic == pytest.approx(-sign_test(A, B).statistic)


def test_the_sign_test_holds_its_level_with_drift():
    rejected = 0
    for seed in range(400):
        a, b = draws(2, 500, seed) + 0.3  # agreement well above one half, no relation
        rejected += sign_test(a, b).pvalue < 0.05
    assert 0.025 < rejected / 400 < 0.08
    assert sign_test(A, B).pvalue < 1e-4
    assert isinstance(sign_test(np.abs(A), B), NotComputed)


def test_slopes_are_least_squares_and_their_gap_is_that_of_the_spread():
    slopes = market_slopes(A, B, M)
    for leg, slope in ((A, slopes.a), (B, slopes.b), (A - B, slopes.gap)):
        assert slope.value == pytest.approx(np.polyfit(M, leg, 1)[0], abs=1e-12)
    assert slopes.gap.covers(0.0)
    # Independent errors: se = sd(e) / (sd(m) sqrt(n)) is a floor of the robust one.
    resid = A - np.polyval(np.polyfit(M, A, 1), M)
    assert slopes.a.std_error > 0.8 * resid.std() / (M.std() * math.sqrt(M.size))
    assert isinstance(market_slopes(M, B, M).a, NotComputed)
    with pytest.raises(ValueError, match="length"):
        market_slopes(A, B, M[:-1])


def test_adjusted_rsquared_and_its_gaps():
    x = np.column_stack([M, U])
    y = M + 0.3 * U + V
    assert explained(y, x).value == pytest.approx(adjusted(y, x), abs=1e-12)
    assert explained(1e8 + 1e-9 * y * 1e9, x).value == pytest.approx(adjusted(y, x), abs=1e-6)
    gap = rsquared_gap(y, M, U)
    assert gap.value == pytest.approx(adjusted(y, M) - adjusted(y, U), abs=1e-12)
    first, second = halves(y.size)
    parts = explained_gap(y, x, first, second)
    expected = adjusted(y[first], x[first]) - adjusted(y[second], x[second])
    assert parts.value == pytest.approx(expected, abs=1e-12)
    assert isinstance(explained(x[:, 0], x), NotComputed)
    assert isinstance(explained(y, np.column_stack([M, 2.0 * M])), NotComputed)
    with pytest.raises(ValueError, match="shape"):
        explained(y, x[:-1])


def test_nothing_explained_is_covered_and_something_too():
    covers, zero = 0, 0
    for seed in range(300):
        x, y, e = draws(3, 260, seed)
        zero += explained(e, np.column_stack([x, y])).covers(0.0)
        target = math.sqrt(0.1) * (x + y) + math.sqrt(0.8) * e
        covers += explained(target, np.column_stack([x, y])).covers(0.2)
    assert zero / 300 >= 0.93
    assert covers / 300 >= 0.92
    assert explained_test(M + V, np.column_stack([M, U])).pvalue < 1e-6
    sizes = [
        explained_test(e, np.column_stack([x, y])).pvalue
        for x, y, e in (draws(3, 260, s) for s in range(400))
    ]
    assert 0.02 < np.mean(np.array(sizes) < 0.05) < 0.09


def test_delay_is_what_lags_add():
    late = 0.9 * M + 0.4 * np.concatenate([[0.0], M[:-1]]) + 0.5 * U
    lagged = np.column_stack([M[5 - j : M.size - j] for j in range(6)])

    def delay(y):
        return 1.0 - adjusted(y[5:], lagged[:, 0]) / adjusted(y[5:], lagged)

    gap, shares = delay_gap(late, B, M)
    assert shares == pytest.approx((delay(late), delay(B)), abs=1e-12)
    assert gap.low > 0.05
    assert delay_gap(A, B, M)[0].covers(0.0)
    assert isinstance(delay_gap(U, B, M)[0], NotComputed)


def test_means_of_parts():
    mask = M > 0.0
    inside = mean_in(A, mask, scale=252)
    assert inside.value == pytest.approx(252 * A[mask].mean())
    assert inside.nobs == mask.sum()
    assert mean_gap(A, mask, ~mask).value == pytest.approx(A[mask].mean() - A[~mask].mean())
    assert isinstance(mean_in(A, np.arange(A.size) < 10), NotComputed)


def test_gaps_between_parts():
    first, second = halves(A.size)
    found = beta_gap(A, B, first, second)
    slopes = [np.polyfit(B[part], A[part], 1)[0] for part in (first, second)]
    assert found.value == pytest.approx(slopes[0] - slopes[1], abs=1e-12)
    test = gap_test(A, B, first, second)
    assert (test.pvalue < 0.05) == (not found.covers(0.0))
    assert gap_test(A, B, second, first).statistic == pytest.approx(-test.statistic)
    with pytest.raises(ValueError, match="overlap"):
        beta_gap(A, B, first, first)


def test_gap_test_holds_its_level():
    pvalues = [gap_test(*draws(2, 500, s), *halves(500)).pvalue for s in range(400)]
    assert 0.02 < np.mean(np.array(pvalues) < 0.05) < 0.08


def test_rolling_quantile_against_a_loop():
    r = [np.corrcoef(A[i : i + 90], B[i : i + 90])[0, 1] for i in range(A.size - 89)]
    found = rolling_quantile(A, B, 90)
    assert found.value == pytest.approx(np.quantile(r, 0.05), abs=1e-12)
    assert found == rolling_quantile(A, B, 90)
    assert 0.02 < found.high - found.low < 0.3
    assert isinstance(rolling_quantile(A[:400], B[:400], 90), NotComputed)


def test_breakdowns_use_the_past_only():
    path = draws(1, 700)[0]
    path[:30] = np.nan
    low = breakdowns(path)
    brute = np.zeros(700, dtype=bool)
    for t in range(700):
        past = path[:t][np.isfinite(path[:t])]
        brute[t] = past.size >= 252 and np.mean(past < path[t]) < 0.10
    assert (low == brute).all()
    changed = path.copy()
    changed[500:] = 9.0
    assert (breakdowns(changed)[:500] == low[:500]).all()


def test_after_breakdowns_compares_the_days_that_follow():
    spread = draws(1, 900)[0]
    low = np.zeros(900, dtype=bool)
    low[300:840:90] = True
    ratio, episodes = after_breakdowns(spread, low)
    assert episodes == 6
    ahead = np.array([np.abs(spread[t + 1 : t + 22]).mean() for t in range(879)])
    days = np.arange(879)
    inside = low[:879]
    rest = ~inside & (days >= 300)
    expected = math.log(ahead[inside].mean() / ahead[rest].mean())
    assert isinstance(ratio, NotComputed)  # six days are not 21
    low[300:306], low[480:490], low[660:670] = True, True, True
    ratio, _ = after_breakdowns(spread, low)
    inside, rest = low[:879], ~low[:879] & (days >= 300)
    expected = math.log(ahead[inside].mean() / ahead[rest].mean())
    assert ratio.value == pytest.approx(expected, abs=1e-12)
    assert ratio.covers(0.0)


def test_event_ratio_is_a_mean_of_logs():
    spread = draws(1, 1500)[0]
    windows = [slice(k, k + 11) for k in range(100, 1400, 200)]
    logs = []
    for rows in windows:
        near = [*spread[rows.start - 60 : rows.start], *spread[rows.stop : rows.stop + 60]]
        logs.append(math.log(np.abs(spread[rows]).mean() / np.abs(near).mean()))
    found = event_ratio(spread, windows)
    assert found.value == pytest.approx(np.mean(logs))
    half = 2.4469118511449692 * np.std(logs, ddof=1) / math.sqrt(7)  # t with 6 df
    assert found.high - found.value == pytest.approx(half, rel=1e-9)
    assert isinstance(event_ratio(spread, windows[:4]), NotComputed)


def test_volatility_forecasts_use_yesterday_only():
    size = np.where((np.arange(1500) // 63) % 2 == 0, 0.5, 2.0)
    spread = size * draws(1, 1500)[0]
    found = volatility_forecast_gain(spread)
    absolute = np.abs(spread)
    recent = absolute[:21].mean()
    losses = []
    for t in range(1499):
        recent = 0.94 * recent + 0.06 * absolute[t]
        if t >= 251:
            base = absolute[: t + 1].mean()
            losses.append(((absolute[t + 1] - recent) ** 2, (absolute[t + 1] - base) ** 2))
    one, two = np.mean(losses, axis=0)
    assert found.value == pytest.approx(1.0 - one / two, abs=1e-9)
    assert found.low > 0.0
    assert volatility_forecast_gain(draws(1, 1500)[0]).value < 0.0


def test_lead_share_is_the_wald_statistic_in_other_words():
    x, e = draws(2, 2000)
    y = e.copy()
    y[1:] += 0.2 * x[:-1]
    found = lead_share(x, y, 5)
    test = wald(x, y, 5, hac_lag=None)
    assert found.value == pytest.approx((test.statistic - 5) / test.nobs)
    assert (found.low > 0.0) == (test.pvalue < 0.05)
    assert found.covers(0.04)
    nothing = lead_share(*draws(2, 2000, 5), 5)
    assert nothing.low == 0.0
    assert nothing.high > 0.0
    bounds = [lead_share(*draws(2, 500, s), 1).low > 0.0 for s in range(300)]
    assert np.mean(bounds) < 0.09


def test_monthly_shift_against_a_regression():
    level = np.cumsum(draws(1, 1271, 9)[0])[:1260]
    found = monthly_shift(A, B, level)
    blocks = [slice(k, k + 21) for k in range(0, 1260, 21)]
    z = np.array([np.arctanh(np.corrcoef(A[s], B[s])[0, 1]) for s in blocks])[1:]
    mean = np.array([level[s].mean() for s in blocks])[:-1]
    slope = np.polyfit((mean - mean.mean()) / mean.std(), z, 1)[0]
    assert found.value == pytest.approx(slope, abs=1e-12)
    assert found.nobs == 59
    assert isinstance(monthly_shift(A[:700], B[:700], level[:700]), NotComputed)
    assert isinstance(monthly_shift(A, B, np.ones(1260)), NotComputed)


def test_year_swings_reach_the_share_of_orders_by_a_loop():
    import random

    rng = np.random.default_rng(4)
    years = [tuple(rng.standard_normal((2, 100)) * rng.uniform(0.5, 2)) for _ in range(10)]
    rho, test = year_swings(years)
    found = [fisher_z(a, b) for a, b in years]
    weights = [1 / one.std_error**2 for one in found]
    mean = sum(w * one.z for w, one in zip(weights, found, strict=True)) / sum(weights)
    marks = [(one.z - mean) / one.std_error for one in found]
    turbulence = [0.5 * math.log(np.linalg.det(np.cov(a, b))) for a, b in years]

    def ranked(x):
        sizes = [abs(x[k + 1] - x[k]) for k in range(9)]
        return [sorted(sizes).index(v) for v in sizes]

    right = ranked(turbulence)
    own = sum(p * q for p, q in zip(ranked(marks), right, strict=True))
    assert rho.value == pytest.approx(np.corrcoef(ranked(marks), right)[0, 1])
    draw, reached = random.Random(1), 0
    for _ in range(5000):
        draw.shuffle(marks)
        reached += sum(p * q for p, q in zip(ranked(marks), right, strict=True)) >= own
    assert test.pvalue == pytest.approx(reached / 5000, abs=0.025)
    assert isinstance(year_swings(years[:9])[0], NotComputed)


def test_year_swings_hold_their_level_where_one_leg_s_volatility_would_not():
    """At r .8 the errors of r and of one leg's volatility go together; nothing changes here."""
    small = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        a = rng.standard_normal((15, 130))
        b = 0.8 * a + 0.6 * rng.standard_normal((15, 130))
        small.append(year_swings(list(zip(a, b, strict=True)))[1].pvalue < 0.05)
    assert np.mean(small) < 0.10


def test_extremes_in_stress_against_every_shift():
    path = np.cumsum(draws(1, 400)[0])
    path[:10] = np.nan
    stress = np.zeros(400, dtype=bool)
    stress[100:140] = stress[300:310] = True
    share, base, test = extremes_in_stress(path, stress)
    values, labels = path[10:], stress[10:]
    distance = np.abs(values - np.median(values))
    extreme = distance >= np.quantile(distance, 0.9)
    assert share.value == pytest.approx(labels[extreme].mean())
    assert base.value == pytest.approx(labels.mean())
    observed = labels[extreme].sum()
    reached = [np.roll(labels, k)[extreme].sum() >= observed for k in range(390)]
    assert test.pvalue == pytest.approx(np.mean(reached))
    assert isinstance(extremes_in_stress(path, np.zeros(400, dtype=bool))[0], NotComputed)


def test_trend_test_finds_trends_and_holds_its_level():
    steps = draws(1, 2600)[0]
    trending = np.cumsum(np.convolve(steps, np.ones(250) / 50, mode="same") + 0.3 * steps)
    assert trend_test(trending, 252, seed=1).pvalue < 0.05
    assert trend_test(trending, 252, seed=1) == trend_test(trending, 252, seed=1)
    low = [trend_test(np.cumsum(draws(1, 400, s)[0]), 20, seed=s).pvalue for s in range(100)]
    assert np.mean(np.array(low) <= 0.05) < 0.12
    assert isinstance(trend_test(np.cumsum(steps[:500]), 252, seed=1), NotComputed)


CASES = (
    same_sign,
    sign_test,
    same_sign_extreme,
    lambda x, y: market_slopes(x, y, x + y).gap,
    lambda x, y: beta_gap(x, y, *halves(x.size)),
    lambda x, y: rolling_quantile(x, y, 90),
    lambda x, y: lead_share(x, y, 5),
    lambda x, y: monthly_shift(x, y, y),
    lambda x, y: volatility_forecast_gain(x - y),
    lambda x, y: explained(x, np.column_stack([y])),
)


@pytest.mark.parametrize("statistic", CASES)
@pytest.mark.parametrize(
    "change",
    [
        lambda x: x * 1e-12,
        lambda x: x * 1e12,
        lambda x: np.where(np.arange(x.size) == 50, 1e6, x),
        lambda x: np.where(np.arange(x.size) < 600, 0.0, x),
        lambda x: np.where(np.arange(x.size) == 7, np.nan, x),
        lambda x: x[:40],
        np.zeros_like,
    ],
)
def test_awkward_input_gives_finite_numbers_or_a_reason(statistic, change):
    result = statistic(change(A), change(B))
    assert isinstance(result, (Estimate, TestResult, NotComputed))


def test_what_does_not_move_has_no_share_explained():
    flat = np.full(B.size, 0.1)
    for function in (explained, explained_share):
        found = function(flat, np.column_stack([B]))
        assert isinstance(found, NotComputed)
        assert "does not move" in found.reason


def test_windows_at_rest_do_not_enter_the_quantile():
    """Half the sample is at rest; a window there has no correlation, and not one of zero."""
    a, noise = np.random.default_rng(31).standard_normal((2, 1200))
    b = np.where(np.arange(1200) < 600, 0.3, a + 0.2 * noise)
    found = rolling_quantile(a, b, 90)
    seed = data_seed(a, b, salt="rolling quantile")
    z = []
    for rows in stationary_draws(1200, 90, replications=199, seed=seed).indices():
        r = rolling_pearson(a[rows], b[rows], 90)
        r = np.sort(r[np.isfinite(r)])
        z.append(np.arctanh(r[int(0.05 * r.size)]))
    half = np.quantile(np.abs(z - np.median(z)), 0.95)
    assert np.arctanh([found.low, found.high]) == pytest.approx(
        np.arctanh(found.value) + np.array([-half, half]), abs=1e-9
    )
