"""Windows, rolling window and level of a configuration reach every page, record and view."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import executed

import convex_research as cr
from convex_research.analysis.record import dump_record, validate_record
from convex_research.batch.plan import read_pairs
from convex_research.batch.run import BatchChoices, run_batch
from convex_research.exploring import views
from convex_research.presentation.charts.card import draw_card
from convex_research.publishing.index.write import write_index
from convex_research.publishing.meta.describe import describe, headline_key
from convex_research.publishing.request import named

CONFIGURATIONS = {
    "rolling": {"rolling_window": 60},
    "windows": {"windows": (21, 63, 250)},
    "level": {"confidence_level": 0.90},
}
# Shares of windows and of a hedged variance, the law of a table and a table's own quantile: by
# definition at 95 %, whatever the level of intervals.
_BY_DEFINITION = re.compile(
    r"[Ll]evel that 95 % of|in 95 % of windows|middle 95 % of|95 % of \d+-day windows|"
    r"90 and 95 %|<[^>]+>"
)
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
    """Markup of every cell of both pages, and of every piece of the explorer."""
    found = {}
    for page in ("correlation", "comparison"):
        for cell in executed(page, study).cells:
            for output in cell.get("outputs", ()):
                found[page, cell.source] = output["data"].get("text/html", "")
    for title, tab in views.VIEWS.items():
        found |= {(title, i): piece(study).html for i, piece in enumerate(tab)}
    return found


@pytest.fixture(scope="module")
def usual_pieces(usual):
    return pieces(usual)


def without_level(html):
    return _BY_DEFINITION.sub("", re.sub(r"[\u202f\xa0]", " ", html))


def test_no_table_chart_or_legend_is_lost(configured, usual_pieces):
    config = configured.config
    made = pieces(configured)
    for name, html in made.items():
        parts, expected = (len(_PARTS.findall(x)) for x in (html, usual_pieces[name]))
        assert parts >= expected, name
    (rolling,) = (html for (page, cell), html in made.items() if 'show.first(s, "cor' in str(cell))
    assert f"Correlation over the last {config.rolling_window} days" in rolling
    level = f"{100 * config.confidence_level:g} %"
    assert f"{level} interval" in without_level(rolling)
    assert f"its {level} interval" in without_level(rolling)
    if level != "95 %":
        for name, html in made.items():
            assert not _LEVEL.search(without_level(html)), name
    (slopes,) = (html for (page, cell), html in made.items() if '"C32"' in str(cell))
    assert f"last {config.year} days" in slopes.lower()
    assert f'data-key="regression.beta[{config.year}]"' in slopes


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
    assert describe(record).startswith("Which did better? ")
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
    assert f"Intervals are {100 * config.confidence_level:g} %." in page
    assert f"<small>{entry['answers'][0]['window']}</small></th>" in page


def test_an_instrument_follows(configured):
    made = cr.analyze_instrument(configured.returns.prices.a, configured.config)
    plain = cr.analyze_instrument(configured.returns.prices.a)
    validate_record(made.to_dict())
    cells, usual_cells = (executed("instrument", one).cells for one in (made, plain))
    shown = [
        (one, other) for one, other in zip(cells, usual_cells, strict=True) if one.get("outputs")
    ]
    assert len(shown) > 8
    for one, other in shown:
        html, usual_html = (x.outputs[0]["data"].get("text/html", "") for x in (one, other))
        assert len(_PARTS.findall(html)) == len(_PARTS.findall(usual_html)), one.source
        if configured.config.confidence_level != 0.95:
            assert not _LEVEL.search(without_level(html)), one.source
    assert f"volatility.annual[{configured.config.year}]" in made


def test_the_summary_names_the_windows_it_answers_for(configured):
    config = configured.config
    text = configured.summary()
    year = "past year" if abs(config.year / 252 - 1) <= 0.02 else f"last {config.year} days"
    assert f" r, {year}. " in text
    assert f" r, last {config.rolling_window} days. " in text


@pytest.mark.parametrize(("frequency", "period"), [("weekly", "week"), ("monthly", "month")])
def test_a_frequency_names_its_own_unit(usual, frequency, period):
    config = cr.AnalysisConfig(
        frequency=frequency, windows=(30, 52, 104), rolling_window=52, long_window_min=60
    )
    made = cr.analyze(usual.returns, config, usual.helpers)
    assert made.returns.frequency == frequency
    validate_record(json.loads(dump_record(made.to_dict())))
    shown = " ".join(pieces(made).values())
    assert f"Correlation over the last 52 {period}s" in shown
    assert "52-day" not in shown
    assert made.claims["C15"].verdict != "not tested"
    for claim in (made.claims[x] for x in ("C15", "C16", "C22a", "C23")):
        assert f" {period}" in claim.text or claim.verdict == "not tested", claim.id
        assert not re.search(r"\bdays?\b", claim.text), claim.id
        assert not any("day" in run["run"] for run in claim.sensitivity), claim.id
    for claim in made.claims:
        other = {"week": "next month|", "month": ""}[period]
        assert not re.search(rf"{other}past year|(a|last) year\b|next day", claim.text), claim.id
    alone = cr.analyze_instrument(usual.returns.prices.a, config)
    assert alone.returns.frequency == frequency
    validate_record(alone.to_dict())
    assert np.array_equal(alone.returns.dates, made.returns.dates)


WRITTEN = """
level = 0.9
frequency = "weekly"
[[pairs]]
a = "file:p.csv#x"
b = "file:p.csv#y"
window = 60
[pairs.helpers]
vix = "file:p.csv#z?kind=level"
[[pairs]]
a = "file:p.csv#x"
b = "file:p.csv#y"
frequency = "daily"
market = "file:p.csv#z"
"""


def test_a_batch_a_report_and_a_study_are_of_one_configuration(tmp_path, monkeypatch):
    moves = np.random.default_rng(5).standard_normal((800, 3)) @ [[9, 6, 3], [0, 6, 3], [0, 0, 8]]
    days = pd.bdate_range("2019-01-02", periods=800)
    prices = pd.DataFrame(100 * np.exp(np.cumsum(moves / 1000, axis=0)), days, list("xyz"))
    lists = tmp_path / "lists"
    lists.mkdir()
    prices.to_csv(lists / "p.csv", index_label="date")
    (lists / "pairs.toml").write_text(WRITTEN)
    monkeypatch.chdir(tmp_path)
    requests = read_pairs(Path("lists/pairs.toml"))
    out = tmp_path / "out"
    for built in (6, 0):
        log = run_batch(requests, out, choices=BatchChoices(jobs=1))
        assert not log.failures
        assert log.pages == built
    weekly, daily = (one.slug for one in named(requests))
    records = {x: json.loads((out / x / "correlation.json").read_text()) for x in (weekly, daily)}
    assert records[weekly]["data"]["frequency"] == "weekly"
    assert records[daily]["data"]["frequency"] == "daily"
    assert list(records[weekly]["data"]["helpers"]) == ["vix"]
    assert list(records[daily]["data"]["helpers"]) == ["market"]
    assert "correlation.partial[all]" in records[daily]["estimates"]
    assert {one["config"]["confidence_level"] for one in records.values()} == {0.9}
    page = (out / weekly / "correlation.html").read_text()
    assert "Correlation over the last 60 weeks" in page
    assert "frequency weekly" in page
    study = cr.study(
        "file:lists/p.csv#x",
        "file:lists/p.csv#y",
        config=requests[0].config,
        helpers=requests[0].helpers,
    )
    for part in ("config", "estimates", "tests", "claims", "not_computed"):
        assert records[weekly][part] == json.loads(json.dumps(study.to_dict()))[part]
    study.publish(tmp_path / "alone", "correlation")
    alone = tmp_path / "alone" / study.pair.slug / "correlation.json"
    assert json.loads(alone.read_text())["estimates"] == records[weekly]["estimates"]


def test_a_rolling_window_longer_than_the_sample_is_a_reason(usual):
    short = cr.study("sample:sp500", "sample:nasdaq", start="2018-06-01", helpers={})
    made = cr.analyze(short.returns, cr.AnalysisConfig(rolling_window=300))
    assert isinstance(made["rolling.pearson_max[300]"], cr.NotComputed)
    assert pieces(made)
    validate_record(made.to_dict())


def test_a_level_without_a_table_is_a_reason(usual):
    made = cr.analyze(usual.returns, cr.AnalysisConfig(confidence_level=0.8))
    assert made["cointegration.half_life"].code == "level"
    assert made["correlation.pearson[252]"].confidence_level == 0.8
    narrow, wide = made["correlation.pearson[252]"], usual["correlation.pearson[252]"]
    assert wide.low < narrow.low < narrow.high < wide.high
