"""The words everyone speaks: frozen, finite, honest about open ends."""

import math
from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from convex_research.core.errors import (
    BadKey,
    HistoryLimit,
    InputError,
    Malformed,
    RateLimited,
    UnknownSeries,
    Upstream,
    printable,
)
from convex_research.core.estimates import Estimate, Missing, NotComputed, TestResult, dated


def estimate(**changes):
    given = {
        "value": 0.5,
        "low": 0.4,
        "high": 0.6,
        "confidence_level": 0.95,
        "method": "fixed-b HAC",
        "nobs": 252,
    }
    return Estimate(**{**given, **changes})


@pytest.mark.parametrize("field", ["value", "low", "high", "std_error"])
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_an_estimate_refuses_non_finite_numbers(field, bad):
    with pytest.raises(ValueError, match="not finite"):
        estimate(**{field: bad})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"low": 0.7}, "above high"),
        ({"high": None}, "open end"),
        ({"bound": "unbounded"}, "open end"),
        ({"confidence_level": None}, "confidence_level"),
        ({"confidence_level": 1.0}, "confidence_level"),
        ({"std_error": -0.1}, "negative"),
    ],
)
def test_an_interval_must_make_sense(changes, message):
    with pytest.raises(ValueError, match=message):
        estimate(**changes)


def test_an_open_end_covers_everything_beyond():
    half_life = estimate(value=30.0, low=10.0, high=None, bound="unbounded")
    assert half_life.covers(1e9)
    assert not half_life.covers(9.0)
    assert half_life.to_dict()["high"] is None
    assert half_life.to_dict()["bound"] == "unbounded"


def test_results_are_frozen_and_carry_their_dates():
    result = dated(estimate(), date(2018, 1, 2), date(2018, 12, 31))
    assert result.to_dict()["start"] == "2018-01-02"
    with pytest.raises(FrozenInstanceError):
        result.value = 1.0
    reason = NotComputed(Missing.TOO_SHORT, "needs 60 observations, there are 40")
    assert dated(reason, date(2018, 1, 2), date(2018, 1, 3)) is reason
    with pytest.raises(ValueError, match="reason"):
        NotComputed(Missing.UNDEFINED, " ")


@pytest.mark.parametrize("pvalue", [-0.01, 1.01, math.nan])
def test_a_pvalue_is_a_probability(pvalue):
    with pytest.raises(ValueError, match="pvalue"):
        TestResult(
            statistic=1.0, pvalue=pvalue, null="a", alternative="b", distribution="c", nobs=100
        )


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UnknownSeries, 2),
        (BadKey, 2),
        (HistoryLimit, 2),
        (RateLimited, 3),
        (Upstream, 3),
        (Malformed, 3),
        (InputError, 2),
    ],
)
def test_errors_know_their_exit_code(error, code):
    assert error.exit_code == code


def test_provider_errors_name_provider_symbol_and_remedy():
    error = UnknownSeries("fred", "DGS\n11", "there is no such series.", "Check the name.")
    assert str(error) == "fred: DGS\\n11: there is no such series. Check the name."


def test_printable_shows_control_characters_and_cuts():
    assert printable("a\x1b[31m\nb") == "a\\x1b[31m\\nb"
    assert len(printable("x" * 1000)) == 200
