"""Windows, rolling window and level of a configuration reach every page, record and view."""

import json
import re

import pytest

import convex_research as cr
from convex_research import presentation
from convex_research.analysis.record import dump_record, validate_record
from convex_research.core.files import notebook_path
from convex_research.exploring import views
from convex_research.presentation.charts.card import draw_card
from convex_research.presentation.pages.sections import PAGE_SECTIONS, section
from convex_research.publishing.index.write import write_index
from convex_research.publishing.meta.describe import describe, headline_key

CONFIGURATIONS = {
    "rolling": {"rolling_window": 60},
    "windows": {"windows": (21, 63, 250)},
    "level": {"confidence_level": 0.90},
}
# Shares of windows and of a hedged variance, the law of a table and a table's own quantile: by
# definition at 95 %, whatever the level of intervals.
_BY_DEFINITION = re.compile(r"[Ll]evel that 95 % of|in 95 % of windows|90 and 95 %|<[^>]+>")
_LEVEL = re.compile(r"(?<![\d.])95 % (?:interval|of|band|confidence)|interval[^.]{0,20} 95 %")
_PARTS = re.compile(r"<(?:table|figure)\b")


@pytest.fixture(scope="module")
def usual():
    return cr.study("sample:sp500", "sample:nasdaq", start="2006-01-01")


@pytest.fixture(scope="module", params=CONFIGURATIONS)
def configured(usual, request):
    config = cr.AnalysisConfig(**CONFIGURATIONS[request.param])
    return cr.analyze(usual.returns, config, usual.helpers)


def pieces(study):
    """Markup of every section of both pages, and of every piece of the explorer."""
    found = {
        (page, name): section(study, name, page)._repr_html_()
        for page, names in PAGE_SECTIONS.items()
        for name in names
    }
    for title, tab in views.VIEWS.items():
        found |= {(title, i): piece(study).html for i, piece in enumerate(tab)}
    return found


@pytest.fixture(scope="module")
def usual_pieces(usual):
    return pieces(usual)


def without_level(html):
    return _BY_DEFINITION.sub("", re.sub(r"[\u202f\xa0]", " ", html))


def strengths(study):
    named = [claim for claim in study.claims if claim.id.startswith("C25")]
    return sum(claim.verdict != "not tested" for claim in named)


def test_no_table_chart_or_legend_is_lost(configured, usual, usual_pieces):
    config = configured.config
    made = pieces(configured)
    fewer = strengths(usual) - strengths(configured)
    for name, html in made.items():
        parts, expected = (len(_PARTS.findall(x)) for x in (html, usual_pieces[name]))
        # The evidence has a table for the strength in each window.
        allowed = fewer if "evidence" in name or name == ("Claims", 1) else 0
        assert parts >= expected - allowed, name
    rolling = made["correlation", "top"]
    assert f"Rolling {config.rolling_window}-day correlation" in rolling
    level = f"{100 * config.confidence_level:g} %"
    assert f"{level} interval" in without_level(rolling)
    assert f"{level} of windows if nothing changed" in rolling
    if level != "95 %":
        for name, html in made.items():
            assert not _LEVEL.search(without_level(html)), name
    year = f"last {config.year} days"
    assert year in made["correlation", "details"].lower()
    assert f'data-key="regression.beta[{config.year}]"' in made["correlation", "top"]


def test_the_record_the_index_and_the_preview_follow(configured, tmp_path):
    config = configured.config
    for kind in ("correlation", "comparison"):
        record = json.loads(dump_record(configured.to_dict(kind)))
        validate_record(record)
        folder = tmp_path / record["pair"]["slug"]
        folder.mkdir(exist_ok=True)
        (folder / f"{kind}.json").write_text(dump_record(record))
    assert f"rolling.pearson_min_test[{config.rolling_window}]" in record["tests"]
    assert list(record["series"]) == [f"rolling.pearson[{config.rolling_window}]"]
    assert headline_key(record) == f"correlation.pearson[{config.year}]"
    assert "correlation, r +0." in describe(record)
    assert draw_card(record)[:4] == b"\x89PNG"
    write_index(tmp_path)
    entry = json.loads((tmp_path / "index.json").read_text())["pairs"][0]
    assert entry["correlation"]["key"] == headline_key(record)
    assert set(entry["correlations"]) >= {*map(str, config.windows[1:]), "all"}
    assert entry["beta"]["nobs"] == config.year
    assert entry["rolling"]["window"] == config.rolling_window
    lowest = entry["rolling"]["lowest"]
    if config.confidence_level == 0.95:
        assert lowest["nobs"] == config.rolling_window
    else:
        assert lowest is None
        reason = record["not_computed"][f"rolling.pearson_min[{config.rolling_window}]"]
        assert "95 % only" in str(reason)
    page = (tmp_path / "index.html").read_text()
    assert f"brackets are {100 * config.confidence_level:g} % intervals" in page
    assert f"those of the last {config.year} observations" in page


def test_an_instrument_follows(configured):
    made = cr.analyze_instrument(configured.returns.prices.a, configured.config)
    plain = cr.analyze_instrument(configured.returns.prices.a)
    validate_record(made.to_dict())
    source = notebook_path("instrument").read_text("utf-8")
    pieces = re.findall(r"show\.(\w+)\(", source)
    assert len(pieces) > 15
    for name in sorted(set(pieces) - {"disclaimer", "record"}):
        show = getattr(presentation, name)
        html, usual_html = (show(x).html for x in (made, plain))
        assert len(_PARTS.findall(html)) == len(_PARTS.findall(usual_html)), name
        if configured.config.confidence_level != 0.95:
            assert not _LEVEL.search(without_level(html)), name
    assert f"volatility.annual[{configured.config.year}]" in made


def test_the_summary_names_the_windows_and_the_level(configured):
    config = configured.config
    text = configured.summary()
    for window in config.windows:
        assert f"correlation.pearson[{window}]" in text
    assert f"{100 * config.confidence_level:g} % [" in text


def test_a_rolling_window_longer_than_the_sample_is_a_reason(usual):
    short = cr.study("sample:sp500", "sample:nasdaq", start="2018-06-01", helpers={})
    made = cr.analyze(short.returns, cr.AnalysisConfig(rolling_window=300))
    assert isinstance(made["rolling.pearson_max[300]"], cr.NotComputed)
    for page, names in PAGE_SECTIONS.items():
        for name in names:
            section(made, name, page)
    validate_record(made.to_dict())


def test_a_level_without_a_table_is_a_reason(usual):
    made = cr.analyze(usual.returns, cr.AnalysisConfig(confidence_level=0.8))
    assert made["cointegration.half_life"].code == "level"
    assert made["correlation.pearson[252]"].confidence_level == 0.8
    narrow, wide = made["correlation.pearson[252]"], usual["correlation.pearson[252]"]
    assert wide.low < narrow.low < narrow.high < wide.high
