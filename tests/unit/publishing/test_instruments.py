"""One instrument: its analysis, its page, its name, and the links between pages."""

import ast
import json
import re
from dataclasses import replace
from datetime import date

import html5lib
import nbformat
import numpy as np
import pytest
from support import instrument_of, page_of

from convex_research import Pair, align, analyze, analyze_instrument, load_prices, load_series
from convex_research import presentation as show
from convex_research.analysis.record import dump_record, validate_record
from convex_research.catalogue import resolve
from convex_research.core.errors import ConvexResearchError, InputError, PublishingError
from convex_research.core.estimates import Estimate, NotComputed
from convex_research.core.files import notebook_path
from convex_research.presentation.tables import instrument as tables
from convex_research.publishing.exporter import ConvexReportExporter
from convex_research.publishing.index.write import write_index
from convex_research.publishing.page import build_page, publish_instrument
from convex_research.publishing.records import PairReport
from convex_research.publishing.render import failure_fields, write_failure
from convex_research.publishing.request import (
    InstrumentRequest,
    PairRequest,
    instrument_requests,
    leg_pages,
    links_of,
)

_NOTEBOOK = notebook_path("instrument").read_text("utf-8")
PIECES = list(dict.fromkeys(re.findall(r"show\.(\w+)\(", _NOTEBOOK)))
CHARTED = re.findall(r'show\.chart\(analysis, \\"(\w+)', _NOTEBOOK)


@pytest.fixture(scope="module")
def price():
    return instrument_of("sp500")


@pytest.fixture(scope="module")
def level():
    return instrument_of("vix")


def csv(tmp_path, values, name="p.csv", options="", start="2018-01-01"):
    days = np.busday_offset(start, np.arange(len(values)), roll="forward")
    lines = [f"{day},{value!r}" for day, value in zip(days, map(float, values), strict=True)]
    (tmp_path / name).write_text("date,x\n" + "\n".join(lines) + "\n")
    return f"csv:{tmp_path}/{name}#x{options}"


def walk(size=700, seed=3, start=100.0):
    return start * np.exp(np.cumsum(np.random.default_rng(seed).standard_t(5, size) * 0.01))


def test_a_price_is_described_by_returns(price):
    levels, values = price.returns.levels, price.returns.values
    assert values == pytest.approx(levels[1:] / levels[:-1] - 1.0)
    assert price["performance.last"].value == levels[-1]
    assert price["performance.change[1d]"].value == pytest.approx(values[-1])
    assert price["performance.best"].value == values.max()
    assert price["performance.worst"].end == price.returns.day(int(values.argmin()))
    growth = 1.0
    for key, one in price.section("performance").results.items():
        if key.startswith("performance.calendar_year["):
            growth *= 1.0 + one.value
    assert growth == pytest.approx(levels[-1] / levels[0])


def test_the_same_numbers_as_a_pair_s_page_on_the_same_dates(price, peers):
    for own, shared in (
        ("volatility.annual[252]", "volatility.annual_a[252]"),
        ("performance.cagr", "performance.cagr_a"),
        ("performance.max_drawdown", "performance.max_drawdown_a"),
        ("diagnostics.tail_index", "diagnostics.tail_index_a"),
        ("diagnostics.arch_lm", "diagnostics.arch_lm_a"),
    ):
        assert price[own].to_dict() == peers[shared].to_dict()


def test_a_level_is_described_in_its_own_unit(level):
    assert isinstance(level["performance.cagr"], NotComputed)
    assert level["performance.change[1d]"].unit == "points"
    assert level["performance.max_drawdown"].value == pytest.approx(9.14 - 40.74, abs=0.01)
    assert level["volatility.annual[252]"].unit == "points"


def test_a_rate_moves_in_basis_points(tmp_path):
    symbol = csv(
        tmp_path,
        np.linspace(2.0, 1.0, 400) + 0.1 * (np.arange(400) % 2),
        options="?kind=rate&unit=percent",
    )
    rate = analyze_instrument(load_series(symbol))
    assert rate.returns.unit == "bp"
    last, first = rate.returns.levels[-1], rate.returns.levels[-2]
    assert rate["performance.change[1d]"].value == pytest.approx(100.0 * (last - first))
    assert rate["performance.change[1d]"].unit == "bp"
    fall = rate["performance.max_drawdown"]
    assert (fall.value, fall.unit) == (
        pytest.approx(100.0 * (rate.returns.levels.min() - rate.returns.levels.max())),
        "bp",
    )
    assert "bp" in show.changes_table(rate).html


def test_falls_carry_peak_trough_and_recovery(tmp_path):
    rise = np.linspace(100, 120, 80)
    fall = np.linspace(119, 90, 30)
    again = np.linspace(91, 125, 70)
    after = np.linspace(124.9, 124, 20)
    one = analyze_instrument(load_series(csv(tmp_path, np.r_[rise, fall, again, after])))
    deepest, back = one["performance.drawdown[1]"], one["performance.recovery[1]"]
    assert deepest.value == pytest.approx(90 / 120 - 1)
    assert deepest.start == one.returns.level_day(79)
    assert deepest.end == one.returns.level_day(109)
    assert back.end == one.returns.level_day(109 + int((again >= 120).argmax()) + 1)
    assert back.value == (back.end - deepest.start).days
    assert isinstance(one["performance.recovery[2]"], NotComputed)
    assert "not yet" in show.drawdown_table(one).html


def test_years_with_a_part_missing_are_marked(level):
    flags = {
        key[-5:-1]: one.flags
        for key, one in level.section("performance").results.items()
        if "calendar_year" in key
    }
    assert flags["2019"] == ("partial_year",)
    assert flags["2018"] == flags["2014"] == ()


def test_a_year_with_a_hole_is_a_part_for_an_instrument_as_for_a_pair(tmp_path):
    days = np.busday_offset("2017-12-29", np.arange(790), roll="forward")
    days = days[(days < np.datetime64("2019-06-01")) | (days > np.datetime64("2019-06-20"))]
    symbols = []
    for seed, name in enumerate("xy"):
        lines = [f"{d},{v!r}" for d, v in zip(days, map(float, walk(len(days), seed)), strict=True)]
        (tmp_path / f"{name}.csv").write_text("date,x\n" + "\n".join(lines) + "\n")
        symbols.append(f"csv:{tmp_path}/{name}.csv#x")
    of_pair = analyze(align(load_prices(Pair(*symbols)))).to_dict()["estimates"]
    of_leg = analyze_instrument(load_series(symbols[0])).to_dict()["estimates"]
    for key, estimates in (
        ("correlation.pearson[{}]", of_pair),
        ("performance.calendar_year[{}]", of_leg),
    ):
        flags = {year: estimates[key.format(year)].get("flags", []) for year in (2018, 2019, 2020)}
        assert ["partial_year" in flags[year] for year in flags] == [False, True, False]


@pytest.mark.parametrize("name", ["sp500", "vix"])
def test_the_record_is_valid_and_the_same_every_time(name):
    text = dump_record(instrument_of(name).to_dict())
    assert text == dump_record(analyze_instrument(load_series(f"sample:{name}")).to_dict())
    record = json.loads(text)
    validate_record(record)
    assert record["schema"] == "convex-research/instrument/1"
    for one in record["estimates"].values():
        assert (one["low"] is None and one["high"] is None) == (one["confidence_level"] is None)
    with pytest.raises(ConvexResearchError, match="invalid record"):
        validate_record({**record, "instrument": {}})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (walk(30), "30 observations; at least 60"),
        (np.r_[walk(80), 0.0], "needs? positive prices"),
        (np.full(80, 3.0), "constant"),
    ],
)
def test_data_that_cannot_be_used_say_why(tmp_path, values, message):
    with pytest.raises(InputError, match=message):
        analyze_instrument(load_series(csv(tmp_path, values)))
    with pytest.raises(ConvexResearchError):
        publish_instrument(csv(tmp_path, values), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_short_sample_still_has_a_page(tmp_path):
    short = analyze_instrument(load_series(csv(tmp_path, walk(61))))
    page = page_of(short, "instrument")
    assert not re.search(r"\b(?:nan|inf)\b", page.partition("<script>")[0])
    assert page.count('<table class="five"') == 1
    validate_record(short.to_dict())


def test_monthly_data_are_measured_in_months(tmp_path):
    months = np.arange("2010-01", "2020-01", dtype="datetime64[M]").astype("datetime64[D]")
    lines = [f"{day},{value!r}" for day, value in zip(months, map(float, walk(120)), strict=True)]
    (tmp_path / "m.csv").write_text("date,x\n" + "\n".join(lines) + "\n")
    one = analyze_instrument(load_series(f"csv:{tmp_path}/m.csv#x"))
    assert (one.returns.frequency, one.returns.periods_per_year) == ("monthly", 12)
    assert isinstance(one["performance.change[1d]"], NotComputed)
    assert "month" in show.volatility_table(one).html


# Names and requests


def request(a, b, **choices):
    return PairRequest(pair=Pair(a, b), **choices)


def test_a_leg_of_many_pairs_has_one_page_over_the_longest_period():
    early, late = date(2010, 1, 4), date(2018, 6, 29)
    made = instrument_requests(
        [
            request(
                "sample:sp500", "sample:vix", start=date(2015, 1, 2), as_of=late, returns="log"
            ),
            request("sp500", "sample:nasdaq", start=early, as_of=date(2016, 1, 4), returns="log"),
            request("sample:vix", "sample:wti"),
        ]
    )
    assert made["sp500"] is made["sample:sp500"]
    assert made["sp500"].slug == "sp500"
    assert (made["sp500"].start, made["sp500"].as_of) == (early, late)
    assert made["sp500"].returns == "log"
    vix = made["sample:vix"]
    assert (vix.start, vix.as_of, vix.returns) == (None, None, "simple")
    assert len(set(made.values())) == 4


def test_names_that_clash_get_a_hash_and_are_safe(tmp_path):
    symbols = []
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        symbols.append(csv(tmp_path / folder, walk(80)))
    made = instrument_requests([request(symbols[0], "sp500"), request(symbols[1], "VIX")])
    names = [made[symbol].slug for symbol in symbols]
    assert len(set(names)) == 2
    assert all(re.fullmatch(r"p-x-[0-9a-f]{8}", name) for name in names)
    assert made["VIX"].slug == "vix"
    both = instrument_requests([request("sample:vix", "VIX")])
    assert len({one.slug for one in both.values()}) == 2


def test_a_page_of_another_series_is_not_overwritten(tmp_path):
    folder = tmp_path / "instruments"
    folder.mkdir()
    (folder / "vix.json").write_text(json.dumps({"instrument": {"symbol": "cboe:VIX"}}))
    made = instrument_requests([request("sample:sp500", "sample:vix")], tmp_path)
    assert made["sample:sp500"].slug == "sp500"
    assert re.fullmatch(r"vix-[0-9a-f]{8}", made["sample:vix"].slug)


def test_names_that_are_not_the_plain_ones_are_told_to_the_pair_s_page(tmp_path):
    one = request("sample:sp500", "sample:vix")
    assert leg_pages(one, tmp_path) == {}
    folder = tmp_path / "instruments"
    folder.mkdir()
    (folder / "vix.json").write_text(json.dumps({"instrument": {"symbol": "cboe:VIX"}}))
    assert leg_pages(one, tmp_path).keys() == {"b"}
    both = leg_pages(request("sample:vix", "VIX"), tmp_path)
    assert set(both) == {"a", "b"}
    assert both["a"] != both["b"]


def test_a_name_that_two_series_share_leads_to_both(tmp_path, level):
    record = level.to_dict()
    folder = tmp_path / "instruments"
    folder.mkdir()
    for name, symbol in (("vix-11111111", "sample:vix"), ("vix-22222222", "cboe:VIX")):
        record["instrument"] |= {"slug": name, "symbol": symbol}
        (folder / f"{name}.json").write_text(dump_record(record))
    write_index(tmp_path)
    choice = (folder / "vix.html").read_text()
    html5lib.HTMLParser(strict=True).parse(choice)
    assert 'href="vix-11111111.html"' in choice
    assert "cboe:VIX" in choice


def report(slug, a, b, value):
    leg = {"symbol": a, "name": a}, {"symbol": b, "name": b}
    r = Estimate(value=value, low=-1, high=1, confidence_level=0.95, method="x", nobs=252)
    record = {
        "pair": {"a": leg[0], "b": leg[1]},
        "estimates": {"correlation.pearson[252]": r.to_dict()},
    }
    return PairReport(slug, record, ("correlation",))


def test_links_are_those_of_its_own_pairs_the_strongest_first():
    one = InstrumentRequest(symbol="sample:sp500")
    reports = [
        report("x-vs-y", "csv:x.csv#x", "csv:y.csv#x", 0.9),
        report("sp500-vs-y", "sample:sp500", "csv:y.csv#x", 0.2),
        report("z-vs-sp500", "csv:z.csv#x", "sample:sp500", -0.7),
    ]
    links = links_of(one, reports)
    assert [link["slug"] for link in links] == ["z-vs-sp500", "sp500-vs-y"]
    json.dumps(links)


def test_links_lead_into_the_folder_of_reports_and_nowhere_else(price):
    bad = [
        {"slug": "../x", "title": "a", "page": "correlation", "correlation": None},
        {"slug": "a-vs-b", "title": "<b>", "page": "javascript:x", "correlation": None},
    ]
    assert '<a href="../index.html"' in show.pairs_of_instrument(price, bad).html
    many = [
        {"slug": f"a-vs-b{k}", "title": f"<i>{k}", "page": "correlation", "correlation": None}
        for k in range(300)
    ]
    html = show.pairs_of_instrument(price, many).html
    assert html.count('href="../a-vs-b') == 300 + 12  # in the table, and the first in a line
    assert "<i>" not in html


# The notebook and the page


def test_the_notebook_keeps_the_form_of_the_others():
    path = notebook_path("instrument")
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    text = path.read_text("utf-8")
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    (tagged,) = [cell for cell in cells if cell.metadata.get("tags") == ["parameters"]]
    names = [node.targets[0].id for node in ast.parse(tagged.source).body]
    choices = ["frequency", "window", "level", "accept", "config"]
    assert names == ["symbol", "start", "as_of", "returns", *choices, "pairs"]
    shown = []
    for cell in cells:
        assert cell.outputs == []
        assert cell.execution_count is None
        assert len(cell.source.splitlines()) <= (11 if cell is tagged else 8)
        calls = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Call)]
        shown += [c.func.attr for c in calls if isinstance(c.func, ast.Attribute)]
    assert shown[-1] == "record"
    assert set(shown) == set(PIECES)
    assert len(set(CHARTED)) == len(CHARTED) == shown.count("chart")
    assert set(tables.__all__) <= set(shown)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    output = tmp_path_factory.mktemp("reports")
    folder = tmp_path_factory.mktemp("data")
    symbol = csv(
        folder,
        walk(400),
        "long-name-with-<b>.csv",
        "?name=A%20name%20of%20forty%20signs%20%3Cb%3E%20and%20no%20more%21",
    )
    one = next(iter(instrument_requests([request(symbol, "sample:vix")]).values()))
    public = resolve(symbol).public
    links = links_of(one, [report("p-vs-vix", public, "sample:vix", -0.4)])
    one = replace(one, pairs=tuple(links))
    return output, build_page(one, "instrument", output), one


def test_the_page_is_valid_light_and_alone(built):
    output, page, one = built
    assert page == output / "instruments" / f"{one.slug}.html"
    html = page.read_text()
    html5lib.HTMLParser(strict=True).parse(html)
    assert len(html.encode()) <= 400_000
    assert "style=" not in html
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)
    assert 'href="../p-vs-vix/correlation.html"' in html
    assert 'href="../index.html' in html
    assert html.count("<h1>") == 1
    assert "<b> and no" not in html
    assert html.count("<figure id=") == len(CHARTED)
    assert html.count('role="img"') == html.count("<title>") - 1  # the page's own
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))


def test_record_and_notebook_lie_beside_and_name_no_folder(built):
    output, page, one = built
    record = json.loads(page.with_suffix(".json").read_text())
    validate_record(record)
    assert record["instrument"]["slug"] == one.slug
    text = page.with_suffix(".ipynb").read_text()
    folder = one.symbol.removeprefix("csv:").rpartition("/")[0]
    assert folder not in text
    assert folder not in page.read_text()
    assert str(output) not in text
    write_index(output)
    index = json.loads((output / "index.json").read_text())
    assert [entry["id"] for entry in index["instruments"]] == [one.slug]


def test_the_executed_notebook_gives_the_same_page_again(built):
    _, page, _ = built
    notebook = nbformat.read(page.with_suffix(".ipynb"), as_version=4)
    html, resources = ConvexReportExporter().from_notebook_node(notebook)
    assert html == page.read_text()
    made = [content for name, content in resources["outputs"].items() if name.endswith(".json")]
    assert made == [page.with_suffix(".json").read_bytes()]


def test_a_failure_leaves_a_row_and_a_page_that_says_so(tmp_path):
    one = InstrumentRequest(symbol="sample:vix")
    error = PublishingError("the instrument notebook failed", "x", "E: <gone>")
    write_failure(one, "instrument", tmp_path, failure_fields(error))
    notice = (tmp_path / "instruments" / "vix.html").read_text()
    html5lib.HTMLParser(strict=True).parse(notice)
    assert "&lt;gone&gt;" in notice
    write_index(tmp_path)
    (failure,) = json.loads((tmp_path / "index.json").read_text())["failures"]
    assert (failure["kind"], failure["cell"], failure["message"]) == (
        "instrument",
        "x",
        "E: <gone>",
    )


def test_a_page_from_before_is_kept_when_a_build_fails(tmp_path):
    folder = tmp_path / "instruments"
    folder.mkdir()
    (folder / "vix.html").write_text("from before")
    one = InstrumentRequest(symbol="sample:vix")
    write_failure(one, "instrument", tmp_path, failure_fields(InputError("it broke")))
    assert (folder / "vix.html").read_text() == "from before"


def test_the_pair_s_page_leads_to_both_legs():
    from convex_research.publishing.exporter import tabs

    legs = {"a": {"id": "BTC", "name": "<B>"}, "b": {"id": "x", "name": "X", "page": "x-12345678"}}
    listed = tabs({"kind": "correlation", "pair": legs})[2:]
    assert [tab["href"] for tab in listed] == [
        "../instruments/btc.html",
        "../instruments/x-12345678.html",
    ]
    assert listed[0]["label"] == "&lt;B&gt;"


def test_an_end_before_the_start_is_told():
    with pytest.raises(InputError, match="is after the as-of date"):
        publish_instrument("sample:vix", start="2018-01-02", as_of="2017-01-02")


def test_shocks_that_outlast_the_sample_have_no_half_life(tmp_path):
    calm = np.random.default_rng(4).standard_normal(600) * np.linspace(0.001, 0.03, 600)
    analysis = analyze_instrument(load_series(csv(tmp_path, 100.0 * np.exp(np.cumsum(calm)))))
    assert analysis["volatility.garch_persistence"].value > 0.999
    reason = analysis["volatility.garch_half_life"]
    assert isinstance(reason, NotComputed)
    assert "do not fade within this sample" in reason.reason
