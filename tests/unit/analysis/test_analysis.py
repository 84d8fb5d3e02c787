"""A finished analysis: keys, dates, record, laziness, and reasons instead of errors."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from support import instrument_of, study_of

from convex_research import AnalysisConfig, Pair, align, analyze, load_prices, study
from convex_research.analysis.record import dump_record, validate_record
from convex_research.analysis.sections import SECTIONS
from convex_research.core.errors import ConvexResearchError, InputError
from convex_research.core.estimates import Estimate, NotComputed, TestResult

PINNED = [
    *(f"correlation.pearson[{w}]" for w in (30, 90, 252, 1260, "all", 1999, 2018)),
    *(f"correlation.{s}[{w}]" for s in ("spearman", "kendall") for w in (252, 1260, "all")),
    *(
        f"regression.{s}[{w}]"
        for s in ("beta", "alpha", "rsquared", "beta_reverse")
        for w in (252, 1260, "all")
    ),
    *(f"volatility.{p}_{leg}[252]" for p in ("daily", "annual") for leg in "ab"),
    "rolling.pearson_max[90]",
    "rolling.pearson_min[90]",
    "recent.difference[90]",
    *(
        f"performance.change_{leg}[{h}]"
        for leg in "ab"
        for h in ("1d", "5d", "1m", "3m", "ytd", "1y", "5y")
    ),
]


@pytest.fixture(scope="module")
def analysis(peers):
    return peers


def test_every_pinned_key_is_an_estimate_with_its_sample(analysis):
    for key in PINNED:
        result = analysis[key]
        assert isinstance(result, Estimate), key
        assert result.start is not None
        assert result.end is not None
        assert result.start <= result.end
        if not key.startswith("performance"):
            assert result.covers(result.value), key
            assert result.confidence_level == 0.95


def test_the_published_correlations_of_the_sample():
    returns = align(load_prices(Pair("sample:sp500", "sample:nasdaq")), kind="log")
    analysis = analyze(returns)
    found = [
        round(analysis[f"correlation.pearson[{w}]"].value, 4) for w in (30, 90, 252, 1260, "all")
    ]
    assert found == [0.9765, 0.9625, 0.9575, 0.9442, 0.8872]


def test_windows_end_with_the_sample_and_years_with_the_year(analysis):
    window = analysis["correlation.pearson[252]"]
    assert (window.nobs, window.end) == (252, date(2018, 12, 31))
    year = analysis["correlation.pearson[2008]"]
    assert (year.start, year.end, year.nobs) == (date(2008, 1, 2), date(2008, 12, 31), 253)


def test_identities_hold_in_the_record(analysis):
    for window in (252, 1260, "all"):
        r = analysis[f"correlation.pearson[{window}]"].value
        beta = analysis[f"regression.beta[{window}]"].value
        reverse = analysis[f"regression.beta_reverse[{window}]"].value
        sd_a, sd_b = (analysis[f"volatility.daily_{leg}[{window}]"].value for leg in "ab")
        assert beta == pytest.approx(r * sd_a / sd_b, rel=1e-12)
        assert analysis[f"regression.rsquared[{window}]"].value == pytest.approx(r * r, rel=1e-12)
        assert beta * reverse == pytest.approx(r * r, rel=1e-12)


def test_extremes_are_those_of_the_brute_force_path(analysis):
    returns = analysis.returns
    path = [
        np.corrcoef(returns.a[t - 90 : t], returns.b[t - 90 : t])[0, 1]
        for t in range(90, returns.nobs + 1)
    ]
    for name, pick in (("max", np.argmax), ("min", np.argmin)):
        at = int(pick(path))
        found = analysis[f"rolling.pearson_{name}[90]"]
        assert found.value == pytest.approx(path[at], abs=1e-12)
        assert found.end == returns.day(at + 89)


def test_recent_and_preceding_do_not_overlap(analysis):
    new, old = analysis["recent.recent[90]"], analysis["recent.preceding[90]"]
    assert (new.nobs, old.nobs) == (90, 1170)
    assert old.end < new.start
    gap = analysis["recent.difference[90]"]
    assert gap.value == pytest.approx(np.arctanh(new.value) - np.arctanh(old.value), abs=1e-12)


def test_sections_are_computed_on_first_use_and_kept(monkeypatch):
    made = analyze(align(load_prices(Pair("sample:sp500", "sample:vix"))))
    calls = []
    from convex_research.analysis import pair as pair_analysis

    original = pair_analysis.compute_section
    monkeypatch.setattr(
        pair_analysis,
        "compute_section",
        lambda name, *rest: (calls.append(name), original(name, *rest))[1],
    )
    assert calls == []
    made["correlation.pearson[252]"]
    made["correlation.pearson[30]"]
    assert calls == ["correlation", "asynchrony"]
    made.to_dict()
    made.to_dict("comparison")
    assert sorted(calls) == sorted(SECTIONS)


SAMPLES = (("sp500", "nasdaq"), ("sp500", "vix"), ("wti", "vix"))


@pytest.fixture(scope="module")
def again():
    """Studies that are shared with no other test."""
    return {names: study(*(f"sample:{name}" for name in names)) for names in SAMPLES}


@pytest.mark.parametrize(("a", "b"), SAMPLES)
@pytest.mark.parametrize("kind", ["correlation", "comparison"])
def test_the_record_fits_its_schema_and_repeats_itself(a, b, kind, again):
    first = study_of(a, b).to_dict(kind)
    validate_record(first)
    text = dump_record(first)
    assert text == dump_record(again[a, b].to_dict(kind))
    assert json.loads(text) == first
    assert first["kind"] == kind
    for leg in "ab":
        data = first["data"]
        assert data[leg]["rows"] == data["nobs"] + 1 + data["dropped"][leg]


def test_a_written_record_is_ascii_and_never_has_nan(analysis):
    record = analysis.to_dict()
    record["pair"]["a"]["name"] = "S\u00e4gewerk \u2212 \U0001f600"
    text = dump_record(record)
    assert text.isascii()
    assert json.loads(text) == record
    assert text.startswith('{\n  "schema": ')
    record["pair"]["a"]["name"] = float("nan")
    with pytest.raises(ValueError, match="not JSON compliant"):
        dump_record(record)


def test_the_schema_refuses_what_it_should(analysis):
    record = analysis.to_dict()
    for broken in (
        {**record, "schema": "other/1"},
        {**record, "estimates": {"no key": record["estimates"]["correlation.pearson[30]"]}},
        {**record, "not_computed": {"tails.chi": ""}},
        {k: v for k, v in record.items() if k != "data"},
    ):
        with pytest.raises(ConvexResearchError, match="invalid record"):
            validate_record(broken)


def test_the_vix_is_differenced_in_points(mixed):
    made = mixed
    assert made.returns.units == ("decimal", "points")
    assert made["volatility.daily_b[252]"].unit == "points"
    assert made["regression.beta[252]"].unit == "decimal per points"
    assert isinstance(made["performance.max_drawdown_b"], NotComputed)
    (slope,) = (claim for claim in made.claims if claim.id == "C32")
    assert "for each point in VIX" in slope.text


def shortened(analysis, nobs):
    returns = analysis.returns
    return analyze(
        replace(
            returns,
            price_dates=returns.price_dates[-nobs - 1 :],
            levels=returns.levels[-nobs - 1 :],
            values=returns.values[-nobs:],
        )
    )


@pytest.mark.parametrize("nobs", [40, 59, 89, 120, 251, 400, 503])
def test_short_samples_give_reasons_not_errors(analysis, nobs):
    made = shortened(analysis, nobs)
    record = made.to_dict()
    validate_record(record)
    assert ("correlation.pearson[252]" in record["not_computed"]) == (nobs < 252)
    assert ("correlation.pearson[1260]" in record["not_computed"]) == (nobs < 504)
    assert ("recent.difference[90]" in record["not_computed"]) == (nobs < 342)
    assert ("rolling.pearson_max[90]" in record["not_computed"]) == (nobs < 90)


def test_partial_years_are_flagged(analysis):
    made = shortened(analysis, 400)
    assert "partial_year" in made["correlation.pearson[2017]"].flags
    assert "partial_year" not in made["correlation.pearson[2018]"].flags
    assert "partial_year" not in analysis["correlation.pearson[1999]"].flags


def test_a_hole_inside_a_year_is_flagged(analysis):
    returns = analysis.returns
    keep = ~(
        (returns.price_dates > np.datetime64("2016-06-01"))
        & (returns.price_dates < np.datetime64("2016-08-01"))
    )
    levels = returns.levels[keep]
    holed = analyze(
        replace(
            returns,
            price_dates=returns.price_dates[keep],
            levels=levels,
            values=levels[1:] / levels[:-1] - 1.0,
        )
    )
    assert "partial_year" in holed["correlation.pearson[2016]"].flags
    assert "partial_year" not in holed["correlation.pearson[2015]"].flags


@pytest.mark.parametrize(
    "values",
    [
        lambda n: np.zeros((n, 2)),
        lambda n: np.column_stack([np.ones(n), np.arange(n, dtype=float)]),
        lambda n: np.repeat(np.random.default_rng(1).standard_normal((n, 1)), 2, axis=1),
        lambda n: np.random.default_rng(1).standard_normal((n, 1)) * [[1.0, -2.0]],
    ],
)
def test_degenerate_returns_give_reasons_not_errors(analysis, values):
    made = analyze(replace(analysis.returns, values=values(analysis.returns.nobs)))
    validate_record(made.to_dict())
    assert getattr(made["correlation.pearson[all]"], "low", None) is None


def test_frame_summary_and_html(analysis):
    frame = analysis.to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert set(PINNED) <= set(frame.index)
    assert frame.loc["correlation.pearson[252]", "nobs"] == 252
    assert analysis.summary().startswith(analysis.first_screen().title)
    assert "0x" not in repr(analysis)
    assert "<table>" in analysis._repr_html_()
    with pytest.raises(KeyError, match="no section 'nonsense'"):
        analysis["nonsense.key"]


def test_the_configuration_refuses_nonsense():
    for wrong in (
        {"windows": ()},
        {"windows": (90, 30)},
        {"windows": (1, 30)},
        {"windows": (30, 100_000)},
        {"windows": (252, 2018)},
        {"rolling_window": 20},
        {"confidence_level": 0.3},
        {"interval": "magic"},
    ):
        with pytest.raises(InputError) as refused:
            AnalysisConfig(**wrong)
        assert "\n" not in str(refused.value)


@pytest.mark.parametrize("interval", ["fisher", "bootstrap"])
def test_other_intervals_of_r_by_argument(analysis, interval):
    returns = shortened(analysis, 300).returns
    made = analyze(returns, AnalysisConfig(interval=interval))
    r = made["correlation.pearson[252]"]
    assert interval[:5] in r.method.lower()
    assert r.value == pytest.approx(analysis["correlation.pearson[252]"].value, abs=1e-12)


def test_tests_state_their_null(analysis):
    tests = [r for r in analysis.results.values() if isinstance(r, TestResult)]
    assert tests
    assert all(t.null and t.alternative and t.distribution for t in tests)


def test_the_calmest_window_of_an_instrument_is_observed():
    made = instrument_of("sp500")
    x = made.returns.values
    path = [np.std(x[t - 90 : t], ddof=1) for t in range(90, x.size + 1)]
    for name, pick in (("min", np.argmin), ("max", np.argmax)):
        found = made[f"volatility.rolling_{name}[90]"]
        at = int(pick(path))
        yearly = path[at] * np.sqrt(made.returns.periods_per_year)
        assert found.value == pytest.approx(yearly, rel=1e-9)
        assert (found.confidence_level, found.low) == (None, None)
