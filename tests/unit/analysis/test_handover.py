"""An analysis is handed from one notebook to the next only where it is the same one."""

from dataclasses import replace

import pytest

from convex_research import AnalysisConfig, Pair, align, analyze, load_helpers, load_prices
from convex_research.analysis.handover import hand_over

PAIR = Pair("sample:sp500", "sample:vix")


def sample(**options):
    return align(load_prices(PAIR, start="2017-06-01"), **options)


@pytest.fixture
def first():
    """An analysis that was handed over, with one of its sections finished."""
    study = analyze(sample(), helpers=load_helpers(PAIR, start="2017-06-01"))
    study.section("correlation")
    hand_over([1, study, "text"])
    yield study
    hand_over([])


def test_the_next_notebook_finds_the_analysis_of_the_same_data_and_choices(first):
    again = analyze(sample(), helpers=load_helpers(PAIR, start="2017-06-01"))
    assert again is first


def test_other_choices_helpers_or_data_are_another_analysis(first):
    helpers = first.helpers
    assert analyze(sample(), AnalysisConfig(confidence_level=0.90), helpers) is not first
    assert analyze(sample()) is not first
    assert analyze(sample(kind="log"), helpers=helpers) is not first
    prices = load_prices(PAIR, start="2017-06-01")
    values = prices.a.values.copy()
    values.iloc[40] *= 1 + 1e-12
    changed = replace(prices, a=replace(prices.a, values=values))
    assert analyze(align(changed), helpers=helpers) is not first
    assert analyze(align(prices), helpers=helpers) is first


def test_nothing_is_kept_that_was_not_handed_over():
    assert analyze(sample()) is not analyze(sample())


def test_only_what_the_last_notebook_left_is_there(first):
    hand_over([])
    assert analyze(first.returns, helpers=first.helpers) is not first
