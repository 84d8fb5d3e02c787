"""What Jupyter shows of every object: the same bytes, escaped, without addresses."""

import re
from dataclasses import replace
from datetime import date

import html5lib
import numpy as np
import pytest
from support import study_of

from convex_research import (
    AnalysisConfig,
    Claim,
    Estimate,
    Missing,
    NotComputed,
    TestResult,
    analyze,
    analyze_instrument,
    load_catalogue,
    study,
)
from convex_research.analysis import Curve
from convex_research.claims import Claims, declaration
from convex_research.claims.verdict import Pvalues
from convex_research.core.sentences import Sentence
from convex_research.data import QualityNote

HOSTILE = "<script>alert('x')</script>&"


@pytest.fixture(scope="module")
def analysis():
    return study_of("sp500", "vix", start="2016-01-01")


def estimate(**changed):
    made = Estimate(
        value=-0.71234,
        std_error=0.05,
        low=-0.8,
        high=-0.6,
        confidence_level=0.95,
        method="fixed-b HAC",
        nobs=1252,
        start=date(2014, 1, 2),
        end=date(2018, 12, 31),
    )
    return replace(made, **changed)


def test_result(**changed):
    made = TestResult(
        statistic=3.2,
        pvalue=0.0004,
        null="no break",
        alternative="a break",
        distribution="chi2(2)",
        nobs=252,
    )
    return replace(made, **changed)


test_result.__test__ = False
CLAIM = Claim(
    id="C25",
    hypothesis="{a} holds",
    question="Does it hold?",
    verdict="supported",
    sentence=Sentence("It holds."),
    evidence=("a.b",),
    pvalues=Pvalues(0.02, 0.9),
)


def every_object(analysis):
    returns = analysis.returns
    leg = returns.prices.a
    return {
        "estimate": estimate(),
        "test": test_result(),
        "not computed": NotComputed(Missing.TOO_SHORT, "needs 252 observations, there are 40"),
        "claim": CLAIM,
        "claims": Claims([CLAIM]),
        "analysis": analysis,
        "section": analysis.section("correlation"),
        "curve": analysis.curve("rolling.pearson[90]"),
        "profile": analysis.profile("regression.line[252]"),
        "returns": returns,
        "prices": returns.prices,
        "leg": returns.legs[0],
        "instrument's analysis": analyze_instrument(leg),
        "series": leg,
        "provenance": leg.provenance,
        "note": QualityNote("gap", "warning", "A gap."),
        "instrument": leg.instrument,
        "pair": analysis.pair,
        "catalogue": load_catalogue(),
        "config": AnalysisConfig(),
    }


def test_every_object_shows_valid_html_without_an_address(analysis):
    for name, shown in every_object(analysis).items():
        assert "\n" not in repr(shown), name
        if name == "config":  # all choices, as the call that makes it again
            assert eval(repr(shown)) == shown
        else:
            assert len(repr(shown)) < 200, name
        html = shown._repr_html_()
        html5lib.HTMLParser(strict=True).parseFragment(html)
        assert html, name
        for form in (html, repr(shown)):
            assert not re.search(r"0x[0-9a-f]{6,}", form), name
            assert " object at " not in form, name


def test_the_same_values_give_the_same_bytes(analysis):
    again = study("sample:sp500", "sample:vix", start="2016-01-01")
    other = every_object(again)
    for name, shown in every_object(analysis).items():
        assert shown._repr_html_() == other[name]._repr_html_(), name


def test_an_estimate_says_value_interval_sample_and_method():
    html = estimate()._repr_html_()
    for words in ("−0.712", "−0.800 to −0.600", "95", "1,252", "2014-01-02 to 2018-12-31"):
        assert words in html
    assert "fixed-b HAC" in html


def test_an_open_end_and_an_observed_number():
    assert "no limit" in estimate(high=None, bound="unbounded")._repr_html_()
    observed = Estimate(value=3.0, method="last price", nobs=1, unit="USD")
    assert "interval" not in observed._repr_html_()


def test_a_test_says_its_null_and_its_pvalue():
    html = test_result()._repr_html_()
    assert "no break" in html
    assert "&lt; 0.001" in html


def test_a_missing_result_says_why():
    html = NotComputed(Missing.TOO_SHORT, "needs 252 observations")._repr_html_()
    assert "Not computed:" in html
    assert "needs 252 observations" in html


def test_text_from_outside_is_escaped(analysis):
    leg = analysis.returns.prices.a
    hostile = replace(
        leg,
        instrument=replace(leg.instrument, name=HOSTILE, unit=HOSTILE, about=HOSTILE),
        provenance=replace(leg.provenance, url=HOSTILE, licence=HOSTILE, passed_over=(HOSTILE,)),
    )
    prices = replace(analysis.returns.prices, a=hostile)
    returns = replace(analysis.returns, prices=prices)
    shown = [
        estimate(method=HOSTILE, unit=HOSTILE),
        test_result(null=HOSTILE),
        NotComputed(Missing.UNDEFINED, HOSTILE),
        replace(CLAIM, sentence=Sentence("{x}", {"x": HOSTILE}), id=HOSTILE),
        hostile,
        hostile.instrument,
        hostile.provenance,
        prices,
        returns,
        analyze(returns),
        QualityNote("x", "note", HOSTILE),
    ]
    for one in shown:
        assert "<script" not in one._repr_html_()
        assert "&lt;script" in one._repr_html_()


def test_a_section_shows_results_and_reasons(analysis):
    html = analysis.section("correlation")._repr_html_()
    assert html.count("<tr") == 1 + len(analysis.section("correlation").results)
    assert "needs" in html


def test_a_curve_without_a_value_is_shown():
    empty = Curve(np.array(["2020-01-01"], "datetime64[D]"), np.array([np.nan]))
    assert "without a defined value" in empty._repr_html_()


def test_returns_are_shown_in_their_own_units(analysis):
    html = analysis.returns._repr_html_()
    assert "points" in html
    assert "%" in html


def test_a_claim_says_what_its_verdict_is_about_and_apart_from_it_what_was_found():
    shown = replace(
        CLAIM,
        id="C32",
        hypothesis=declaration("C32").hypothesis,
        verdict="rejected",
        sentence=Sentence("A does not amplify B."),
    )
    cells = re.findall(r"<t[dh][^>]*>([^<]+)</t[dh]>", shown._repr_html_())
    rows = dict(zip(cells[2::2], cells[3::2], strict=False))
    assert rows["Hypothesis"].startswith("One leg moves more than the other")
    assert rows["Verdict on it"] == "rejected"
    assert rows["Found"] == "A does not amplify B."
