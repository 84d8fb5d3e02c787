"""Tests against an edge agree with the interval they are made from, and with Student's law."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm, t

from convex_research.core.estimates import Estimate
from convex_research.statistics.inference.edge import pvalue_above, pvalue_below

LINKS = {
    "identity": (lambda x: x, lambda x: x, lambda v: 1.0),
    "fisher": (math.atanh, math.tanh, lambda v: 1 / (1 - v * v)),
    "log": (math.log, math.exp, lambda v: 1 / v),
    "rest": (lambda x: -math.log(1 - x), lambda y: 1 - math.exp(-y), lambda v: 1 / (1 - v)),
}


def student(value, error, df, scale="identity", level=0.95):
    """An estimate whose interval is Student's on a scale."""
    link, back, slope = LINKS[scale]
    half = t.ppf(0.5 + level / 2, df) * error
    return Estimate(
        value=value,
        std_error=error / slope(value),
        low=back(link(value) - half),
        high=back(link(value) + half),
        confidence_level=level,
        method="m",
        nobs=100,
    )


@given(
    st.floats(0.05, 0.95),
    st.floats(0.02, 0.3),
    st.floats(4.0, 400.0),
    st.floats(0.05, 0.95),
    st.sampled_from([(scale, level) for scale in sorted(LINKS) for level in (0.9, 0.95)]),
)
def test_it_is_student_s_test_on_the_scale_of_the_interval(value, error, df, edge, form):
    scale, level = form
    one = student(value, error, df, scale, level)
    link = LINKS[scale][0]
    expected = t.sf((link(value) - link(edge)) / error, df)
    assert pvalue_above(one, edge, scale) == pytest.approx(expected, rel=1e-6)
    assert pvalue_below(one, edge, scale) == pytest.approx(1 - expected, rel=1e-6, abs=1e-12)


@given(st.floats(0.02, 0.98), st.floats(5.0, 2000.0), st.floats(0.02, 0.98))
def test_a_share_has_wilson_s_score_test(share, trials, edge):
    z = norm.ppf(0.975)
    centre = (share + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z * math.sqrt(share * (1 - share) / trials + (z / (2 * trials)) ** 2)
    half /= 1 + z * z / trials
    one = Estimate(
        value=share,
        std_error=math.sqrt(share * (1 - share) / trials),
        low=centre - half,
        high=centre + half,
        confidence_level=0.95,
        method="Wilson",
        nobs=100,
    )
    expected = norm.sf((share - edge) / math.sqrt(edge * (1 - edge) / trials))
    assert pvalue_above(one, edge, "share") == pytest.approx(expected, rel=1e-5, abs=1e-300)


@given(st.floats(-1, 1), st.floats(0.01, 1), st.floats(0.01, 1), st.floats(-2, 2))
def test_it_is_below_a_fortieth_where_the_interval_lies_above(value, left, right, edge):
    one = Estimate(
        value=value,
        std_error=min(left, right) / 2.2,
        low=value - left,
        high=value + right,
        confidence_level=0.95,
        method="m",
        nobs=100,
    )
    if min(abs(edge - one.low), abs(edge - one.high)) > 1e-9:
        assert (pvalue_above(one, edge) < 0.025) == (one.low > edge)
        assert (pvalue_below(one, edge) < 0.025) == (one.high < edge)


def test_without_an_end_or_without_error():
    half_open = Estimate(
        value=20.0, low=10.0, confidence_level=0.95, bound="unbounded", method="m", nobs=9
    )
    assert pvalue_below(half_open, 252.0) == 1.0
    assert pvalue_above(half_open, 5.0) < 0.025
    exact = Estimate(value=1.0, method="m", nobs=9, flags=("exact",))
    assert (pvalue_above(exact, 0.7), pvalue_below(exact, 0.7)) == (0.0, 1.0)
    seen = Estimate(value=1.0, method="observed", nobs=9)
    assert pvalue_above(seen, 0.7) == 1.0
    point = Estimate(value=0.5, low=0.5, high=0.5, confidence_level=0.95, method="m", nobs=9)
    assert (pvalue_above(point, 0.4), pvalue_above(point, 0.5)) == (0.0, 1.0)
