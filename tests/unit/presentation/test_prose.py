"""Rules in words, names of results, scenario tables."""

import re
from dataclasses import replace

import pytest
from support import study_of

from convex_research import analyze
from convex_research import presentation as show
from convex_research.analysis.sections import scenario
from convex_research.claims import DECLARATIONS, declaration
from convex_research.core.estimates import NotComputed
from convex_research.core.fragments import anchor
from convex_research.presentation.prose import names
from convex_research.presentation.prose.labels import label
from convex_research.presentation.tables import scenarios
from convex_research.presentation.tables.detail import _SUBJECTS

NEVER_TESTED = {"C05", "C07b", "C10"}  # they always say what they would need


@pytest.fixture(scope="module")
def level_first():
    return study_of("vix", "sp500")


def words(fragment):
    return re.sub(r"<[^>]+>", "", fragment.html)


def test_every_claim_has_a_rule_in_words():
    for declared in DECLARATIONS:
        if declared.rule is None:
            assert declared.id in NEVER_TESTED, declared.id
            continue
        for shown in declared.rule.named("Alpha", "Beta", "95 %", "day"):
            assert "{" not in shown, declared.id
            assert not shown.endswith("."), declared.id
            assert shown[0] != shown[0].upper() or shown[0] in "“r"
    assert declaration("C99") is None


def test_rules_follow_the_sizes_of_the_claims(monkeypatch):
    from importlib import reload

    from convex_research.claims import effects, recent

    monkeypatch.setattr(effects, "CORRELATION_MARGIN_Z", 0.77)
    assert "0.77" in reload(recent).DECLARED[0].rule.supported
    monkeypatch.undo()
    assert "0.77" not in reload(recent).DECLARED[0].rule.supported


def test_nulls_and_reasons_call_the_legs_by_their_names(peers, mixed):
    for pair in (peers, mixed):
        html = "".join(show.evidence(pair, kind).html for kind in ("correlation", "comparison"))
        html += "".join(show.detail_table(pair, subject).html for subject in _SUBJECTS)
        said = re.findall(r"null: ([^<]+)<", html) + re.findall(r"not computed: ([^<]+)<", html)
        assert len(said) > 20
        for one in said:
            assert not re.search(r"\b(first|second) leg|the (cause|effect)|the second$", one), one
            assert not re.search(r"\b(ols|dcc|ewma|kalman|naive)\b", one), one
    ab, ba = (
        names.with_legs(peers, peers[f"leads.block_{way}[1]"].null, f"leads.block_{way}[1]")
        for way in ("ab", "ba")
    )
    assert ab == "lags of S&P 500 do not help to predict Nasdaq Composite"
    assert ba == "lags of Nasdaq Composite do not help to predict S&P 500"


def test_a_window_that_holds_the_whole_sample_is_told_once(mixed, peers):
    assert mixed.returns.nobs < 1260
    for listed in (show.windows_table(mixed), show.ranks_table(mixed)):
        heads = re.findall(r'<th scope="row">([^<]+)</th>', listed.html)
        assert heads.count("Whole sample") == 1
        assert not any("1,25" in head or "1,26" in head for head in heads)
    assert "Last 1,260 days" in words(show.windows_table(peers))


def test_scenarios_show_fitted_and_neighbours_side_by_side(peers):
    html = show.scenario_table(peers).html
    for move in scenario.MOVES:
        assert f'data-key="scenario.b_given_a[{move}]"' in html
        near = peers[f"scenario.neighbours[{move}]"]
        separate = re.search(r"\((\d+) without", near.method)[1]
        assert f"{near.nobs} ({separate})" in html
    assert "within 21 days" in html
    assert html.count("<tr") == 5
    assert scenarios.horizon_text(peers) == f"{scenario._HORIZONS['daily']} days"


def test_scenarios_that_need_a_price_say_so_with_the_leg_named(level_first):
    said = words(show.scenario_table(level_first))
    assert said == "Not computed: a move in per cent needs a price; VIX is not one."


def test_stress_windows_are_those_the_sample_holds(peers):
    html = show.stress_table(peers).html
    assert "Dot-com bust" in html
    assert "Covid" not in html
    assert html.count("<tr data-key") == 7
    days = show.worst_days_table(peers).html
    assert days.count("<tr data-key") == scenario.WORST_DAYS
    assert "2008-10-15" in days


def test_the_forecast_table_scores_each_method(peers):
    html = show.forecast_table(peers).html
    for part in ("gain_ewma", "gain_dcc", "diebold_mariano_dcc", "pearson_ewma"):
        assert f'data-key="forecast.{part}[21]"' in html
    assert "<b>+42.4\u202f%</b>" in html


def test_a_short_sample_gives_reasons_in_place_of_tables(peers):
    returns = peers.returns
    short = analyze(
        replace(
            returns,
            price_dates=returns.price_dates[:81],
            levels=returns.levels[:81],
            values=returns.values[:80],
        )
    )
    for name in ("scenario_table", "stress_table", "forecast_table"):
        piece = getattr(show, name)(short)
        assert 'data-key="' in piece.html
    assert isinstance(short["forecast.pearson[21]"], NotComputed)
    assert words(show.forecast_table(short)).startswith("Not computed: ")


def test_keys_of_evidence_have_plain_words(peers, mixed):
    for analysis in (peers, mixed):
        for claim in analysis.claims:
            for key in claim.evidence:
                shown = label(analysis, key)
                assert shown != key, key
                assert "." not in shown, key
                assert "{" not in shown
                assert "_" not in shown
    lags = label(peers, "leads.block_ab[2-5]")
    assert lags == "Does lag 2 to 5 of S&P 500 say nothing of Nasdaq Composite?"
    assert label(peers, "correlation.pearson[2018]") == "Correlation r, 2018"
    assert label(peers, "unknown.some_key[3]") == "Unknown some key, 3"


def test_anchors_are_safe_and_distinct():
    ids = [declared.id for declared in DECLARATIONS]
    made = [anchor("evidence", one) for one in ids]
    assert len(set(made)) == len(made)
    assert all(re.fullmatch(r"evidence-[\w-]+[\w]", one) for one in made)
