"""The explorer without a browser: choices, one thread, pieces in a notebook, the read-out."""

import json
import re
import threading
from datetime import date

import numpy as np
import pandas as pd
import pytest
from support import study_of

import convex_research
from convex_research import AnalysisConfig, Pair, align, analyze, load_prices
from convex_research.catalogue.symbols import parse_symbol
from convex_research.core.errors import InputError, SourceUnavailable
from convex_research.core.fragments import Fragment
from convex_research.exploring import messages
from convex_research.exploring.cache import _MOST, AnalysisCache
from convex_research.exploring.choice import WINDOWS, Choice, label_of, suggestions, symbol_in
from convex_research.exploring.controls import style_element
from convex_research.exploring.explorer import Explorer, explore
from convex_research.exploring.views import READ, VIEWS, markup, read_out, readable
from convex_research.exploring.worker import Worker
from convex_research.publishing.assets import stylesheet

PEERS = Choice(a="sample:sp500", b="sample:nasdaq", start=date(2016, 1, 1))


@pytest.fixture(scope="module")
def analysis():
    return study_of("sp500", "vix", start="2016-01-01")


# Choices


def test_every_line_that_is_suggested_names_a_series():
    lines = suggestions()
    assert len(lines) == len(set(lines)) > 20
    for line in lines:
        assert label_of(symbol_in(line)) == line
    assert symbol_in(" csv:my prices.csv#A ") == "csv:my prices.csv#A"


@pytest.mark.parametrize(
    "wrong",
    [{"window": 91}, {"returns": "percent"}, {"start": "2016-02-30"}, {"as_of": "yesterday"}],
)
def test_a_choice_that_cannot_be_used_is_an_error_before_anything_is_shown(wrong):
    with pytest.raises(InputError, match=next(iter(wrong)) if "returns" not in wrong else "simple"):
        explore("sp500", "nasdaq", **wrong)


def test_an_empty_instrument_says_which():
    with pytest.raises(InputError, match="Instrument B is empty"):
        _ = Choice(a="sp500", b="").pair


@pytest.mark.parametrize("window", WINDOWS)
def test_another_window_keeps_those_of_the_reports(window):
    config = Choice(a="sp500", b="vix", window=window).config
    assert config.rolling_window == window
    assert {30, 90, 252, 1260} <= set(config.windows) >= {window}
    assert Choice(a="sp500", b="vix", window=window).on_report.window == 90


# One thread for the newest request


def test_only_the_newest_of_a_burst_is_run():
    began, go, seen = threading.Event(), threading.Event(), []

    def run(request, ticket):
        began.set()
        assert go.wait(10)
        seen.append((request, worker.overtaken(ticket)))

    worker = Worker(run, settle=0.01)
    worker.ask("first")
    assert began.wait(10)
    for request in ("second", "third", "fourth"):
        worker.ask(request)
    go.set()
    assert worker.wait(10)
    assert seen == [("first", True), ("fourth", False)]


# Analyses are kept


def test_an_analysis_is_made_once_and_a_window_uses_the_same_returns():
    cache, said = AnalysisCache(), []
    first = cache.analysis(PEERS, said.append)
    assert said[0] == "Loading S&P 500 (embedded sample) and Nasdaq Composite (embedded sample)"
    said.clear()
    assert cache.analysis(PEERS, said.append) is first
    other = cache.analysis(Choice(a=PEERS.a, b=PEERS.b, start=PEERS.start, window=252), said.append)
    assert said == []
    assert other.returns is first.returns
    assert other.config.rolling_window == 252


def test_the_cache_forgets_what_was_not_looked_at_for_long(monkeypatch):
    cache = AnalysisCache()
    monkeypatch.setattr(cache, "_compute", lambda choice, _: object())
    many = [Choice(a="a", b="b", start=date(2000, 1, day + 1)) for day in range(_MOST)]
    for choice in (*many, many[0], Choice(a="c", b="d")):
        cache.analysis(choice, print)
    assert many[0] in cache, "just looked at"
    assert many[1] not in cache
    assert len(cache._analyses) == _MOST


# Pieces in a notebook


def test_ids_are_prefixed_and_references_follow(analysis):
    for pieces in VIEWS.values():
        for piece in pieces:
            html = markup(piece(analysis), "x1-")
            ids = re.findall(r' id="([^"]+)"', html)
            assert all(one.startswith("x1-") for one in ids)
            assert len(ids) == len(set(ids))
            for names in re.findall(r' aria-(?:labelledby|describedby)="([^"]+)"', html):
                assert set(names.split()) <= set(ids)
            assert "<h1" not in html
            assert 'href="../' not in html
            assert "correlation.html" not in re.findall(r'href="([^"]+)"', html)


def test_a_piece_that_does_not_apply_is_a_sentence():
    assert markup(Fragment("", "no price <ratio>"), "x-") == (
        '<p class="note">No price &lt;ratio&gt; for this choice.</p>'
    )


def test_every_colour_of_the_pages_has_a_value_in_the_notebook():
    used = set(re.findall(r"var\((--[\w-]+)\)", stylesheet()))
    own = style_element().removeprefix("<style>.convex-view{" + stylesheet() + "}")
    given = [set(re.findall(r"(--[\w-]+):", rule)) for rule in own.splitlines()[1:3]]
    for colours in given:
        assert used <= colours, "light and dark"


# The read-out


def test_the_read_out_is_what_the_curve_holds(analysis):
    curve = analysis.curve("rolling.pearson[90]")
    first, latest = readable(analysis)
    assert (first, latest) == (analysis.returns.day(89), analysis.as_of)
    assert len(curve.dates) == analysis.returns.nobs
    own = np.corrcoef(analysis.returns.a[-90:], analysis.returns.b[-90:])[0, 1]
    last = read_out(analysis, latest)
    assert last.startswith(f"<p>{analysis.as_of}: 90-day r −{abs(own):.2f} [−")
    assert read_out(analysis, first).startswith(f"<p>{first}: ")
    assert read_out(analysis, date(1990, 1, 1)) == read_out(analysis, first), "before the chart"
    assert read_out(analysis, date(2099, 1, 1)) == last
    assert read_out(analysis, date(2018, 12, 30)).startswith("<p>2018-12-28: "), "a weekend"
    assert last.endswith("95 % band of all windows.</p>")


def test_without_a_chart_there_is_nothing_to_read():
    pair = Pair("sample:sp500", "sample:vix")
    few = analyze(align(load_prices(pair, start="2018-10-01")))
    assert readable(few) is None


# The whole, without a browser


@pytest.fixture
def looked_at():
    one = Explorer(PEERS)
    assert one._work.wait(60)
    return one


def test_the_screen_shows_the_analysis_and_reads_its_chart(looked_at):
    controls = looked_at._controls
    assert looked_at.analysis.returns.day(0) >= date(2016, 1, 4)
    pieces = [piece.value for piece in controls._pieces[0]]
    assert all(pieces)
    assert "S&amp;P 500 and Nasdaq Composite" in pieces[0]
    assert [piece.value for piece in controls._pieces[1]] == [""] * len(
        VIEWS["Windows and years"]
    ), "unseen"
    assert not controls._reader.disabled
    assert controls.read_at == looked_at.analysis.as_of
    assert f"{looked_at.analysis.as_of}: 90-day r" in controls.read.value
    controls._reader.value = date(1999, 1, 1)
    assert f"{looked_at.analysis.returns.day(89)}: 90-day r" in controls.read.value
    tab, at = READ
    shown = controls._views[tab].children
    assert shown[at] is controls._pieces[tab][at]
    assert shown[at + 1].children == (controls._reader, controls.read), "below its chart"
    said = controls.read.value
    controls._reader.value = date(201, 1, 1)
    assert controls.read.value == said, "half a date reads nothing"


def test_an_error_is_a_sentence_and_clears_the_screen(looked_at):
    controls = looked_at._controls
    controls._b.value = "nonsense"
    assert looked_at._work.wait(60)
    assert "&#x27;nonsense&#x27; is not in the catalogue." in controls.status.value
    assert 'role="alert"' in controls.status.value
    assert not any(piece.value for pieces in controls._pieces for piece in pieces)
    assert controls.read.value == ""
    with pytest.raises(InputError):
        _ = looked_at.analysis
    controls._reader.value = date(2018, 1, 3)
    assert controls.read.value == "", "nothing is read off a chart that is gone"


def test_swapping_exchanges_the_legs_and_half_a_date_asks_for_nothing(looked_at):
    controls = looked_at._controls
    controls._exchange()
    assert (controls.choice.a, controls.choice.b) == ("nasdaq", "sp500")
    controls._start.value = date(201, 1, 1)
    assert controls.choice is None


def test_publishing_links_to_every_page_and_says_what_fails(looked_at, monkeypatch, tmp_path):
    built = []

    def publish(pair, kind, output, **bounds):
        built.append((pair.a, kind, bounds["start"]))
        if kind == "comparison":
            raise SourceUnavailable("fred", "fred:X", "no answer.", "Try again.")
        return [tmp_path / "sp500-vs-nasdaq" / f"{kind}.html"]

    monkeypatch.setattr("convex_research.publishing.publish", publish)
    looked_at._publish(looked_at._controls.choice, 1)
    assert built == [("sp500", kind, PEERS.start) for kind in ("correlation", "comparison")]
    said = looked_at._controls.published.value
    assert "no answer" in said
    assert "sp500-vs-nasdaq/correlation.html" in said
    assert not looked_at._controls.publish.disabled


@pytest.mark.parametrize("shape", ["a frame", "two series", "a series and a symbol"])
def test_series_in_memory_are_explored_like_those_of_a_study(shape, tmp_path, monkeypatch):
    prices = load_prices(Pair("sample:sp500", "sample:nasdaq"), start="2014-01-01")
    a, b = prices.a.values.rename("Mine"), prices.b.values.rename("Yours")
    given = {
        "a frame": (pd.DataFrame({"Mine": a, "Yours": b}),),
        "two series": (a, b),
        "a series and a symbol": (a, "sample:nasdaq"),
    }[shape]
    shown = explore(*given, output=tmp_path)
    study = convex_research.study(*given)
    assert shown.analysis.pair.slug == study.pair.slug
    assert np.array_equal(shown.returns.values[-100:], study.returns.values[-100:])
    assert shown._work.wait(60)
    assert "Mine" in shown._controls._pieces[0][0].value
    built = []
    monkeypatch.setattr(
        "convex_research.publishing.publish",
        lambda pair, kind, *_, **choices: built.append((pair, kind, choices["config"])) or [],
    )
    shown._publish(shown._controls.choice, 1)
    assert [kind for _, kind, _ in built] == ["correlation", "comparison"]
    for pair, _, config in built:
        assert config == AnalysisConfig()
        path = parse_symbol(pair.a).path
        assert path.startswith(str(tmp_path))
        assert pd.read_csv(path)["Mine"].dropna().iloc[-1] == a.iloc[-1]


@pytest.mark.parametrize("in_memory", [True, False])
def test_choices_and_helpers_are_those_of_a_study(in_memory, tmp_path, monkeypatch):
    prices = load_prices(Pair("sample:nasdaq", "sample:vix"), start="2012-01-01")
    frame = pd.DataFrame({"Mine": prices.a.values, "Yours": prices.b.values})
    legs = (frame,) if in_memory else ("sample:nasdaq", "sample:vix")
    config = AnalysisConfig(frequency="weekly", confidence_level=0.9, rolling_window=52)
    chosen = {
        "config": config,
        "helpers": {"market": "sample:sp500"},
        "start": "2012-01-01",
        "accept": ["bad_tick"],
    }
    shown = explore(*legs, output=tmp_path, **chosen)
    study = convex_research.study(*legs, **chosen)
    assert shown.analysis.config == config
    assert shown.returns.frequency == "weekly"
    assert shown.analysis["correlation.pearson[all]"] == study["correlation.pearson[all]"]
    assert shown.analysis.helpers["market"].provenance.symbol == "sample:sp500"
    assert shown._work.wait(60)
    shown._controls._window.value = 60
    assert shown.analysis.config.rolling_window == 60
    assert shown.analysis.config.confidence_level == 0.9
    built = []
    monkeypatch.setattr("convex_research.publishing.publish", lambda *_, **x: built.append(x) or [])
    shown._publish(shown._controls.choice, 1)
    assert {one["config"] for one in built} == {config}
    assert {one["helpers"]["market"] for one in built} == {"sample:sp500"}


def test_choices_of_wrong_types_are_refused_at_once():
    with pytest.raises(TypeError, match="config must be an AnalysisConfig, got str"):
        explore("sp500", "vix", config="weekly")
    with pytest.raises(InputError, match="known are bad_tick"):
        explore("sp500", "vix", accept="all")
    with pytest.raises(InputError, match="window must be one of 30, 60, 90"):
        explore("sp500", "vix", window=52)


def test_what_is_no_pair_is_refused_at_once():
    with pytest.raises(InputError, match="a study needs two series; got 1: 'Mine'"):
        explore(pd.Series([1.0, 2.0], pd.bdate_range("2020-01-01", periods=2), name="Mine"))
    with pytest.raises(InputError, match="a study needs two symbols or series"):
        explore(3, 4)


# Messages and addresses


def test_an_error_of_the_program_is_one_line_without_a_traceback():
    said = messages.problem(ZeroDivisionError("a\nb\x1b"))
    assert ">Internal error: ZeroDivisionError: a" in said
    assert "\n" not in said
    assert "\x1b" not in said


def test_a_page_has_an_address_only_inside_the_servers_folder(tmp_path, monkeypatch):
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    root = tmp_path / "work"
    (runtime / "jpserver-77.json").write_text(
        json.dumps({"base_url": "/user/me/", "root_dir": str(root)})
    )
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime))
    page = root / "reports" / "a b" / "correlation.html"
    monkeypatch.setenv("JPY_PARENT_PID", "77")
    assert messages.address_of(page) == "/user/me/files/reports/a%20b/correlation.html"
    assert messages.address_of(tmp_path / "elsewhere.html") is None
    for pid in ("78", "", "../77"):
        monkeypatch.setenv("JPY_PARENT_PID", pid)
        assert messages.address_of(page) is None
