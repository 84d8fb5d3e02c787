"""Claims in their sections, readings of statistics, rules in words, scenario tables."""

import re
from dataclasses import replace
from functools import partial
from xml.etree import ElementTree as ET

import pytest
from support import study_of

from convex_research import Pair, align, analyze, load_prices
from convex_research import presentation as show
from convex_research.analysis.sections import scenario
from convex_research.claims import DECLARATIONS, declaration
from convex_research.claims.places import HEADINGS, QUESTIONS, SECTIONS
from convex_research.claims.registry import placed
from convex_research.core.estimates import Estimate, NotComputed
from convex_research.core.files import notebook_path
from convex_research.core.fragments import anchor
from convex_research.presentation.pages import layout
from convex_research.presentation.pages import sections as page_sections
from convex_research.presentation.prose import names
from convex_research.presentation.prose.facts import FACTS
from convex_research.presentation.prose.labels import label
from convex_research.presentation.prose.readings import READINGS
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


@pytest.mark.parametrize("kind", SECTIONS)
def test_claims_have_their_place_each_once_in_a_section(peers, kind):
    known = {
        *(f"{page}.{name}" for page, sections in SECTIONS.items() for name in sections),
        *QUESTIONS,
        *(group for headings in HEADINGS.values() for group in headings),
    }
    places = [at for one in placed() for at in one.at]
    assert {at.group for at in places} | {*FACTS} == known
    assert len(set(places)) == len(places), "two claims at one place"
    named = [i for ids in layout.claims_by_section(kind).values() for i in ids]
    assert len(named) == len(set(named)) >= 3
    turns = sorted(one.gives_way[kind] for one in placed() if kind in one.gives_way)
    assert len(set(turns)) == len(turns) > 5


def test_a_page_without_room_leaves_claims_out_and_says_them_in_the_evidence(peers, monkeypatch):
    full = layout.shown(peers, "comparison")
    monkeypatch.setattr(layout, "MOST_WORDS", 300)
    few = layout.shown(peers, "comparison")
    assert set(few) < set(full)
    kept = sum(len(c.text.split()) for c in few.values())
    assert kept < 340, "those that are never sacrificed remain"
    html = show.evidence(peers, "comparison").html
    left = next(c for c in peers.claims if c.id == "C04")
    assert f'id="{anchor("evidence", "C04")}"' in html
    assert left.text.split(" [")[0].replace("&", "&amp;").replace("'", "&#x27;") in html


def test_a_claim_is_told_once_on_the_comparison_page(peers):
    html = show.questions(peers).html + show.cross_asset(peers).html
    html += "".join(show.claims(peers, s, "comparison").html for s in SECTIONS["comparison"])
    told = re.findall(r'class="claim" data-claim="([^"]+)"', html)
    assert len(told) == len(set(told))
    assert set(told) == set(layout.shown(peers, "comparison"))


def test_nulls_and_reasons_call_the_legs_by_their_names(peers, mixed):
    for pair in (peers, mixed):
        html = "".join(show.evidence(pair, kind).html for kind in SECTIONS)
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
    assert "Whole sample" in show.tiles(mixed).html
    assert "Last 1,260 days" in words(show.windows_table(peers))


def test_questions_stand_in_order_and_claims_not_about_the_pair_are_absent(mixed):
    html = show.questions(mixed).html
    heads = re.findall(r"<h3>(.*?)</h3>", html)
    assert heads[0] == "What is the relationship between S&amp;P 500 and VIX?"
    assert heads[-1] == "Is VIX a hedge for S&amp;P 500?"
    assert 'data-claim="C22a"' not in html
    assert 'data-claim="C22b"' in html


def test_a_question_without_data_says_what_it_needs():
    alone = analyze(align(load_prices(Pair("sample:wti", "sample:nasdaq"))), helpers={})
    html = show.questions(alone).html
    driven = html.partition("What drives them apart?")[2].partition("<h3>")[0]
    assert "is not tested" in driven
    assert driven.count('class="claim"') == 1
    assert "(needs the VIX" in driven


def test_headings_follow_the_category(peers, mixed):
    assert "two peers" in show.cross_asset(peers).html
    assert "gauge" in show.cross_asset(mixed).html
    seen = set(HEADINGS)
    assert seen == {"peer", "cross-asset", "volatility", "rate", "crypto", "commodity"}


@pytest.mark.parametrize("kind", SECTIONS)
def test_the_layout_knows_every_reading_of_a_page(kind):
    pieces = [p for parts in page_sections.PAGE_SECTIONS[kind].values() for p in parts]
    declared = [p for p in pieces if isinstance(p, partial)]
    readings = [p.keywords["subject"] for p in declared if p.func is show.reading]
    assert readings == list(READINGS[kind])
    claimed = [p.keywords for p in declared if p.func is show.claims]
    assert [c["section"] for c in claimed] == list(SECTIONS[kind])
    assert {c["kind"] for c in claimed} == {kind}


@pytest.mark.parametrize("kind", page_sections.PAGE_SECTIONS)
def test_every_section_of_a_page_has_its_cell_in_order(kind):
    source = notebook_path(kind).read_text("utf-8")
    named = re.findall(r'show\.section\(analysis, \\"(\w+)\\"', source)
    assert named == list(page_sections.PAGE_SECTIONS[kind])


def test_an_unknown_section_is_an_error(peers):
    with pytest.raises(KeyError, match="no section 'weather'; the comparison page has top"):
        show.section(peers, "weather", "comparison")


def test_the_tally_counts_the_verdicts_of_the_page(peers):
    kept = layout.shown(peers, "correlation").values()
    said = words(show.verdicts(peers))
    numbers = [int(n) for n in re.findall(r"\d+", said)]
    verdicts = [sum(c.verdict == v for c in kept) for v in ("supported", "rejected")]
    assert numbers[0] == len(kept)
    assert numbers[1:3] == verdicts
    assert sum(numbers[1:]) == numbers[0]


def test_the_sample_of_a_sentence_is_set_apart_but_stays_in_it(peers):
    claim = next(c for c in peers.claims if c.id == "C29")
    html = show.claim_sentence(peers, "C29").html
    assert '<span class="sample">(1,260 daily' in html
    said = re.sub(r"</?span[^>]*>", "", html).replace("\u202f", " ")
    assert claim.text.replace("'", "&#x27;") in said


@pytest.mark.parametrize("subject", [one for of_page in READINGS.values() for one in of_page])
def test_readings_are_sentences_with_keys(peers, mixed, level_first, subject):
    for analysis in (peers, mixed, level_first):
        piece = show.reading(analysis, subject)
        if not piece.html:
            continue
        ET.fromstring(piece.html.replace("&nbsp;", " "))
        said = words(piece)
        assert said[0].isupper()
        assert said.endswith(".")
        assert len(said.split()) < 75, said
        keys = re.search(r'data-key="([^"]+)"', piece.html)[1].split()
        assert keys
        assert all(isinstance(analysis[k], Estimate) or "p " in said for k in keys)


def test_readings_have_right_signs_and_units(peers, mixed):
    said = words(show.reading(mixed, "volatility"))
    assert "A move of +1 point in VIX went with −0.41" in said
    assert "2.14 points [1.16, 3.96]" in said
    deep = words(show.reading(peers, "growth"))
    assert "−56.8" in deep
    assert "deepest fall" in deep
    assert "1.0 standard deviations above" in words(show.reading(peers, "spread"))
    assert show.reading(mixed, "capture").html == ""
    with pytest.raises(KeyError):
        show.reading(peers, "nonsense")


def test_the_forecast_names_the_best_scorer_or_says_that_none_beats_the_constant(peers, mixed):
    assert "the DCC model" in words(show.reading(peers, "forecast"))
    assert words(show.reading(mixed, "forecast")).startswith("No gain over the constant")


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
