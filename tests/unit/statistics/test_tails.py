"""Exceedance correlation, chi and chi-bar, worst joint days."""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path

import numpy as np
import pytest

from convex_research.core.estimates import Estimate, NotComputed
from convex_research.statistics.dependence.tails import chi, exceedance, joint_worst

ORACLE = Path(__file__).parents[2] / "oracles/tails"


def pair(seed, nobs=1260, rho=0.7, df=6):
    rng = np.random.default_rng(seed)
    a, noise = rng.standard_normal((2, nobs))
    mix = np.sqrt(df / rng.chisquare(df, nobs))
    return a * mix, (rho * a + math.sqrt(1 - rho**2) * noise) * mix


def truncated_normal_correlation(rho, h):
    """Correlation of a bivariate normal given both above h (Rosenbaum 1961)."""
    from scipy.stats import multivariate_normal, norm

    total = multivariate_normal(cov=[[1, rho], [rho, 1]]).cdf([-h, -h])
    root = math.sqrt(1 - rho**2)
    edge = norm.pdf(h) * norm.sf((h - rho * h) / root)
    joint = root / (2 * math.pi) * math.exp(-(h**2) / (1 + rho))
    first = (1 + rho) * edge / total
    second = 1 + ((1 + rho**2) * h * edge + rho * joint) / total
    cross = rho + (2 * rho * h * edge + joint) / total
    return (cross - first**2) / (second - first**2)


@pytest.mark.parametrize("threshold", [0.0, 0.5, 1.0, 1.5])
@pytest.mark.parametrize("rho", [0.3, 0.8])
def test_exceedance_of_a_normal_is_the_closed_form(rho, threshold):
    a, b = pair(0, 400_000, rho, df=1e9)
    expected = truncated_normal_correlation(rho, threshold)
    for side in ("lower", "upper"):
        estimate = exceedance(a, b, threshold=threshold, side=side)
        assert estimate.value == pytest.approx(expected, abs=4 * estimate.std_error)
        assert estimate.std_error < 0.02


def test_closed_form_at_zero_correlation_and_threshold():
    assert truncated_normal_correlation(1e-9, 0.7) == pytest.approx(0.0, abs=1e-7)
    # Half-normals: given both positive the moments are known in closed form.
    rho = 0.5
    total = 0.25 + math.asin(rho) / (2 * math.pi)
    mean = (1 + rho) / (2 * math.sqrt(2 * math.pi)) / total
    cross = rho + math.sqrt(1 - rho**2) / (2 * math.pi) / total
    square = 1 + rho * math.sqrt(1 - rho**2) / (2 * math.pi) / total
    assert truncated_normal_correlation(rho, 0.0) == pytest.approx(
        (cross - mean**2) / (square - mean**2), rel=1e-4
    )


def test_exceedance_value_is_the_correlation_of_the_selected_days():
    a, b = pair(1)
    za, zb = (a - a.mean()) / a.std(ddof=1), (b - b.mean()) / b.std(ddof=1)
    for side, below in (("lower", True), ("upper", False)):
        days = [
            t
            for t in range(a.size)
            if (za[t] < -0.5 and zb[t] < -0.5 if below else za[t] > 0.5 and zb[t] > 0.5)
        ]
        estimate = exceedance(a, b, threshold=0.5, side=side)
        assert estimate.value == pytest.approx(np.corrcoef(a[days], b[days])[0, 1], rel=1e-12)
        assert estimate.nobs == len(days)
    mirrored = exceedance(-a, -b, threshold=0.5, side="lower")
    assert mirrored.low == pytest.approx(exceedance(a, b, threshold=0.5, side="upper").low)


def test_exceedance_reasons_flags_and_errors():
    a, b = pair(2)
    thin = exceedance(a, b, threshold=2.5, side="lower")
    assert isinstance(thin, NotComputed)
    assert "2.5 standard deviations" in thin.reason
    few = exceedance(a[:600], b[:600], threshold=1.0, side="lower")
    assert 30 <= few.nobs < 60
    assert few.flags == ("few_tail_days",)
    assert exceedance(a, b, threshold=0.0, side="lower").flags == ()
    gap = a.copy()
    gap[5] = math.inf
    for x, y in ((gap, b), (a, a), (a, np.ones(1260)), (a[:20], b[:20])):
        assert isinstance(exceedance(x, y, threshold=0.0, side="upper"), NotComputed)
    with pytest.raises(ValueError, match="no tail"):
        exceedance(a, b, threshold=-1.0, side="upper")
    with pytest.raises(ValueError, match="no tail"):
        exceedance(a, b, threshold=1.0, side="left")


@pytest.mark.parametrize(
    "case",
    json.loads((ORACLE / "evd_chi.json").read_text())["cases"],
    ids=lambda case: f"{case['file']}-{case['quantile']}",
)
def test_chi_and_chibar_agree_with_evd(case):
    file = ORACLE / case["file"]
    assert hashlib.md5(file.read_bytes()).hexdigest() == case["md5"]
    a, b = np.loadtxt(file, delimiter=",").T
    both = chi(a, b, quantile=case["quantile"])
    assert both.chi.value == pytest.approx(case["chi"], rel=1e-9)
    assert both.chibar.value == pytest.approx(case["chibar"], rel=1e-9)
    for part in (both.chi, both.chibar):
        assert part.low <= part.value <= part.high


def test_chi_of_independent_and_of_dependent_extremes():
    rng = np.random.default_rng(3)
    a, b = rng.standard_normal((2, 20_000))
    apart = chi(a, b)
    assert apart.chi.value == pytest.approx(0.0, abs=0.03)
    assert apart.chibar.value == pytest.approx(0.0, abs=0.05)
    together = chi(*pair(4, 20_000, rho=0.9, df=2))
    assert together.chi.value > 0.6
    assert together.chi.low > 0.5


def test_chi_depends_on_ranks_only_and_sides_mirror():
    a, b = pair(5)
    plain = chi(a, b)
    assert chi(np.exp(a), b**3) == plain
    assert chi(a * 1e-12, b * 1e12 + 1e3) == plain
    assert chi(-a, -b, side="upper") == plain
    spike = a.copy()
    spike[np.argmin(a)] = -1e6
    assert chi(spike, b) == plain


def test_chi_with_ties_and_opposite_legs_stays_finite():
    a, b = pair(6)
    for x, y in ((np.round(a, 1), np.round(b, 1)), (a, -b), (np.maximum(a, -1.0), b)):
        both = chi(x, y)
        for part in (both.chi, both.chibar):
            assert isinstance(part, Estimate)
            assert part.low <= part.value <= part.high


def test_chi_reasons():
    a, b = pair(7)
    short = chi(a[:252], b[:252])
    assert isinstance(short.chi, NotComputed)
    assert "needs 20 observations" in short.chi.reason
    assert isinstance(chi(a, 2 * a).chibar, NotComputed)
    with pytest.raises(ValueError, match="quantile"):
        chi(a, b, quantile=0.4)


def test_worst_days_by_sorting_all_days():
    a, b = pair(8)
    days = [t for t in range(a.size) if a[t] < 0 and b[t] < 0]
    days.sort(key=lambda t: a[t] / np.std(a, ddof=1) + b[t] / np.std(b, ddof=1))
    worst = joint_worst(a, b)
    assert worst.indices == tuple(days[:10])
    lowest = sorted(range(a.size), key=lambda t: a[t])[:63]
    assert worst.share.value == pytest.approx(np.mean([b[t] < 0 for t in lowest]))
    assert worst.share.nobs == 63
    assert worst.share.low < worst.share.value < worst.share.high


def test_worst_days_when_b_always_or_never_falls():
    a, _ = pair(9)
    always, never = joint_worst(a, a), joint_worst(a, -a)
    assert (always.share.value, always.share.high) == (1.0, 1.0)
    # Clopper and Pearson for 63 of 63 at the nominal critical value: .025 ** (1 / 63) = .943.
    assert 0.90 < always.share.low < 0.943
    assert (never.share.value, never.share.low) == (0.0, 0.0)
    assert never.indices == ()


def test_worst_days_reasons():
    a, b = pair(10, 150)
    worst = joint_worst(a, b)
    assert len(worst.indices) == 10
    assert isinstance(worst.share, NotComputed)
    assert joint_worst(a, np.zeros(150)).indices == ()
