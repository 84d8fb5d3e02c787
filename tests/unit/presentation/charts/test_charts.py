"""Charts: what is drawn is what was measured, in every form and for any pair."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest
from support import instrument_of, study_of

from convex_research import AnalysisConfig, study
from convex_research import presentation as show
from convex_research.core.estimates import Estimate
from convex_research.presentation.charts.chart import Chart
from convex_research.presentation.charts.lookup import chart_names
from convex_research.presentation.charts.marks import Bars, Intervals, Line, Row
from convex_research.presentation.charts.shapes import intervals
from convex_research.presentation.charts.svg import COLOURS

# Drawn of a long pair: without them other tests would test nothing.
ALWAYS = {
    *("rolling", "direction", "scatter", "worst_days", "tails", "regimes", "windows", "years"),
    *("shift", "extremes", "leads", "next_day", "forecast", "hedge", "hedge_methods", "crises"),
    *("growth", "changes", "wins", "drawdown", "risk", "capture", "ratio", "gap", "events", "size"),
    *("dcc", "beta", "breaks", "residual", "scenario", "forecasts", "tracking", "offsets"),
}


def walk(seed, size, kind="price", freq="B"):
    """A random path with dates, of a price, or of a rate in per cent."""
    steps = np.random.default_rng(seed).standard_normal(size)
    days = pd.date_range("2012-01-02", periods=size, freq=freq)
    made = 100 * np.exp(np.cumsum(0.01 * steps)) if kind == "price" else 3 + np.cumsum(0.03 * steps)
    return pd.Series(made, index=days, name=f"leg {seed}")


def rates():
    return study(walk(1, 700), walk(2, 700, "rate"), kind=("price", "rate"))


def both_rates():
    return study(walk(4, 700, "rate"), walk(2, 700, "rate"), kind="rate")


def weekly():
    config = AnalysisConfig(windows=(52, 156), rolling_window=52, confidence_level=0.9)
    return study(walk(1, 520, freq="W-FRI"), walk(3, 520, freq="W-FRI"), config=config)


MADE = {
    "peers": lambda: study_of("sp500", "nasdaq"),
    "level": lambda: study_of("sp500", "vix"),
    "weak": lambda: study_of("nasdaq", "wti"),
    "one": lambda: instrument_of("sp500"),
    "one level": lambda: instrument_of("vix"),
    "rates": rates,
    "both rates": both_rates,
    "weekly": weekly,
    "short": lambda: study(walk(5, 100), walk(6, 100)),
    "shorter": lambda: study(walk(5, 62), walk(6, 62)),
}


@pytest.fixture(scope="module", params=MADE)
def made(request):
    return MADE[request.param]()


def svgs(html):
    return [ET.fromstring(one) for one in re.findall(r"<svg.*?</svg>", html, re.DOTALL)]


def test_every_chart_is_clean_in_every_form(made):
    drawn = 0
    ids = []
    for name in chart_names(made):
        chart = show.chart(made, name)
        assert name in {chart.name, "first"}
        html = chart.figure.html + chart.svg
        if name == "first":  # one of the others under its own name
            assert chart.html == show.chart(made, chart.name).html
            continue
        assert bool(chart) == bool(html) == bool(chart.data.html)
        if not chart:
            continue
        drawn += 1
        assert "style=" not in html
        assert not re.search(r"\bnan\b|\binf\b|None", re.sub(r"<text.*?</text>", "", html)), name
        assert not re.search(r"\bnan\b|\{|\}", " ".join(ET.fromstring(f"<p>{html}</p>").itertext()))
        assert html.count("<tr>") <= 62
        ids += re.findall(r'\sid="([^"]+)"', html)
        assert set(chart.keys) <= set(made.results)
        for root in svgs(html):
            words = [root.find(one).text for one in ("title", "desc")]
            assert root.attrib["role"] == "img"
            assert words[0] == chart.title
            assert re.search(r"\d", words[1]), "the description is made from the numbers"
            for path in root.iter("path"):
                assert not re.search(r"\.\d\d|nan|inf", path.attrib["d"]), name
            colours = {
                e.attrib[a] for e in root.iter() for a in ("fill", "stroke") if a in e.attrib
            }
            assert {c for c in colours if c != "none"} <= set(COLOURS.values())
    assert len(ids) == len(set(ids))
    assert drawn >= 3


def test_charts_of_a_long_pair_are_there():
    made = MADE["peers"]()
    assert {name for name in chart_names(made) if show.chart(made, name)} > ALWAYS
    assert show.chart(made, "rolling").html == show.chart(made, "rolling").html


def scale_of(root, axis):
    """Values by place along an axis, read off its tick labels alone."""
    ticks = []
    for one in root.iter("text"):
        shown = one.text.replace("−", "-").replace("\N{NARROW NO-BREAK SPACE}%", "").strip("×%+")
        across = one.attrib.get("text-anchor") == "middle"
        if (
            re.fullmatch(r"[-+]?[\d,.]+", shown)
            and across == (axis == "x")
            and (across or one.attrib.get("text-anchor") == "end")
        ):
            place = float(one.attrib[axis]) - (
                0.0 if across else 0.35 * float(root.attrib["font-size"])
            )
            ticks.append((place, float(shown.replace(",", ""))))
    places, values = np.array(sorted(ticks)).T
    slope = (values[-1] - values[0]) / (places[-1] - places[0])
    return lambda place: values[0] + slope * (place - places[0]), abs(slope)


def points_of(path):
    """Corners of a path that moves by M, l, H and V, as numbers."""
    x = y = 0.0
    found = []
    for command, numbers in re.findall(r"([MLlHhVvz])([^MLlHhVvz]*)", path):
        values = [float(v) for v in re.findall(r"-?\d+\.?\d*", numbers)]
        match command:
            case "M" | "L":
                x, y = values
            case "l":
                x, y = x + values[0], y + values[1]
            case "H":
                x = values[0]
            case "V":
                y = values[0]
        found.append((x, y))
    return np.array(found)


def drawn_of(root, colour, width):
    """Path data of the lines of a colour and a width."""
    return [
        one.attrib["d"]
        for one in root.iter("path")
        if one.attrib.get("stroke") == COLOURS[colour] and one.attrib.get("stroke-width") == width
    ]


@pytest.mark.parametrize("name", ["windows", "regimes", "direction", "hedge", "risk", "next_day"])
def test_dots_and_ends_stand_at_their_estimates(name):
    made = MADE["peers"]()
    chart = show.chart(made, name)
    for root in svgs(chart.svg + chart.figure.html):
        value_at, step = scale_of(root, "x")
        for colour in ("r", "soft"):
            rows = [row for m in chart.plot.marks if isinstance(m, Intervals) for row in m.rows]
            expected = [row.estimate for row in rows if row.colour == colour]
            dots = [points_of(d) for d in drawn_of(root, colour, "7")]
            assert len(dots) == bool(expected)
            if not expected:
                continue
            percent = 100.0 if "%" in chart.plot.x.unit else 1.0
            found = value_at(dots[0][::2, 0]) / percent
            truth = [one.value for one in expected]
            np.testing.assert_allclose(found, truth, atol=0.12 * step / percent)
            bars = points_of(drawn_of(root, colour, "2")[0]).reshape(-1, 2, 2)
            level = bars[bars[:, 0, 1] == bars[:, 1, 1]]
            ends = value_at(level[:, :, 0]) / percent
            truth = [[one.low, one.high] for one in expected]
            np.testing.assert_allclose(ends, truth, atol=0.12 * step / percent)


@pytest.mark.parametrize("name", ["dcc", "gap", "residual", "drawdown"])
def test_lines_go_through_their_values_and_matplotlib_draws_the_same(name):
    from matplotlib.figure import Figure

    made = MADE["peers"]()
    chart = show.chart(made, name)
    ax = chart.draw(Figure().add_subplot())
    lines = [mark for mark in chart.plots[-1].marks if isinstance(mark, Line)]
    for line, drawn in zip(lines, ax.lines, strict=False):
        np.testing.assert_array_equal(drawn.get_ydata(), line.y)
    wide = svgs(chart.figure.html)[2 * len(chart.plots) - 2]
    value_at, step = scale_of(wide, "y")
    for line in lines:
        width = f"{line.width:g}"
        points = points_of(drawn_of(wide, line.colour, width)[0])
        found = value_at(points[:, 1])
        # Steps are rounded one by one, so that their sum may be off by a few tenths of a pixel.
        room = (0.1 + 0.03 * points.shape[0] ** 0.5) * step
        low, high = np.nanmin(line.y), np.nanmax(line.y)
        assert abs(found.min() - low) < room
        assert abs(found.max() - high) < room
        shift, scale = (float(v) for v in wide.attrib["data-scale"].split())
        days = (points[:, 0] - shift) / scale
        near = np.abs(line.x[None, :] - days[:, None]) <= 2.0 / scale
        spread = np.where(near, np.abs(line.y[None, :] - found[:, None]), np.inf).min(axis=1)
        assert np.nanmax(spread) < room + step


def test_intervals_bars_and_paths_are_matplotlib_s_as_well():
    from matplotlib.figure import Figure

    made = MADE["peers"]()
    for name in chart_names(made):
        chart = show.chart(made, name)
        ax = chart.draw(Figure().add_subplot())
        assert ax.get_title() == chart.title
        if not chart:
            continue
        marks = chart.plots[-1].marks
        bars = np.concatenate([m.value for m in marks if isinstance(m, Bars)] or [np.zeros(0)])
        upright = all(m.upright for m in marks if isinstance(m, Bars))
        shown = [
            p.get_height() if upright else p.get_width()
            for c in ax.containers
            if hasattr(c, "patches")
            for p in c.patches
        ]
        np.testing.assert_allclose(np.array(shown, float), bars)
        values = [v for m in marks if isinstance(m, Intervals) for v in m.value]
        dots = [
            line.get_ydata()[0]
            for line in ax.lines
            if line.get_marker() == "o"
            and any(m.upright for m in marks if isinstance(m, Intervals))
        ]
        assert set(np.round(dots, 12)) <= set(np.round(values, 12)) | set(np.round(dots, 12) * 0)


def test_the_interval_of_a_window_is_that_of_the_window_alone():
    made = MADE["peers"]()
    alone = made["correlation.pearson[90]"]
    assert isinstance(alone, Estimate)
    curve = made.curve("rolling.interval[90]")
    assert curve.value[-1] == pytest.approx(alone.value, rel=1e-10)
    assert curve.low[-1] == pytest.approx(alone.low, rel=1e-8)
    assert curve.high[-1] == pytest.approx(alone.high, rel=1e-8)


def test_the_hero_has_three_periods_in_two_sizes_and_works_without_script():
    figure = show.chart(MADE["peers"](), "rolling").figure.html
    root = ET.fromstring(figure)
    radios = root.findall("input")
    assert [one.attrib["type"] for one in radios] == ["radio"] * 3
    assert len({one.attrib["name"] for one in radios}) == 1
    labels = root.findall("div[@class='switch']/label")
    assert [one.text for one in labels] == ["1 year", "5 years", "All"]
    assert [one.attrib["for"] for one in labels] == [one.attrib["id"] for one in radios]
    assert [one.attrib.get("checked") for one in radios] == [None, "checked", None]
    heights = [float(one.attrib["height"]) for one in svgs(figure) if "nar" in one.attrib["class"]]
    assert len(heights) == 3
    assert min(heights) >= 200.0
    parts = root.findall("div[@data-x]")
    spans = [len(one.attrib["data-x"].split()) for one in parts]
    assert len(parts) == 3
    first = [int(one.attrib["data-x"].split()[0]) for one in parts]
    assert first[0] > first[1] > first[2]
    assert all(
        len(y.split(" ")) == n
        for one, n in zip(parts, spans, strict=True)
        for y in one.attrib["data-y"].split(";")
    )


def test_the_read_out_gives_the_values_of_the_curve():
    made = MADE["peers"]()
    curve = made.curve("rolling.pearson[90]")
    by_day = dict(zip(curve.dates.astype(int).tolist(), curve.value, strict=True))
    for part in ET.fromstring(show.chart(made, "rolling").figure.html).findall("div[@data-x]"):
        days = np.cumsum([int(x) for x in part.attrib["data-x"].split()])
        shown = [float(x) for x in part.attrib["data-y"].split(";")[0].split()]
        assert len(days) == len(shown)
        assert all(abs(by_day[int(d)] - v) < 0.0051 for d, v in zip(days, shown, strict=True))
        assert days[-1] == curve.dates[-1].astype(int)


def test_the_table_behind_a_long_path_keeps_its_extremes():
    made = MADE["peers"]()
    curve = made.curve("dynamics.dcc")
    html = show.chart(made, "dcc").data.html
    for at in (curve.value.argmin(), curve.value.argmax()):
        assert f">{curve.dates[at]}</th>" in html
    assert html.count("<tr>") == 46


def test_a_break_is_drawn_where_it_was_found():
    made = MADE["peers"]()
    chart = show.chart(made, "breaks")
    assert str(made.returns.day(int(made["stability.break[1]"].value))) in chart.description


def test_a_name_that_is_not_there_has_neighbours():
    made = MADE["peers"]()
    with pytest.raises(KeyError, match="nearest are rolling"):
        show.chart(made, "roling")
    with pytest.raises(KeyError, match=r"rolling\.pearson\[90\]"):
        show.chart(made, "rolling.pearson[9]")
    with pytest.raises(KeyError, match="no chart"):
        show.chart(MADE["one"](), "regimes")


def test_open_ends_reach_the_edge_without_a_cap():
    def row(low, high, **more):
        one = Estimate(
            value=5.0, low=low, high=high, confidence_level=0.95, method="m", nobs=90, **more
        )
        return Row("half", "x.y", one)

    closed, opened = (
        svgs(intervals("x", "T", [one]).svg)[0]
        for one in (row(2.0, 9.0), row(2.0, None, bound="unbounded"))
    )
    strokes = [drawn_of(one, "r", "2")[0].count("M") for one in (closed, opened)]
    assert strokes == [3, 2]
    assert intervals("x", "T", []).svg == ""
    assert not Chart("x", "T")


def test_charts_show_the_numbers_of_their_sentences():
    made = MADE["peers"]()
    chart = show.chart(made, "hedge_methods")
    for row in chart.plot.marks[-1].rows:
        share = made[row.key]
        ends = [1.0 - (1.0 - one) ** 0.5 for one in (share.low, share.value, share.high)]
        one = row.estimate
        np.testing.assert_allclose([one.low, one.value, one.high], ends, rtol=1e-12)
    assert made["stability.shift_split"].day.strftime("%b %Y") in show.chart(made, "shift").svg
    assert made["volatility.ratio[252]"].value < 1.0
    scatter = show.chart(made, "scatter")
    line = next(one for one in scatter.plot.marks if isinstance(one, Line))
    assert scatter.keys == ("regression.beta_reverse[252]",)
    slope = made[scatter.keys[0]].value
    np.testing.assert_allclose(np.diff(line.y) / np.diff(line.x), slope, rtol=1e-8)
    best, worst = (made[f"consistency.year_{end}"].end.year for end in ("highest", "lowest"))
    dark = [row.label for row in show.chart(made, "years").plot.marks[-1].rows if row.colour == "r"]
    assert set(dark) == {str(best), str(worst)}


def test_growth_begins_where_changes_are_measured_from():
    made = MADE["peers"]()
    for plot, horizon in zip(show.chart(made, "growth").plots, ("1y", "5y"), strict=False):
        ends = [mark.y[-1] for mark in plot.marks if isinstance(mark, Line)]
        changes = [made[f"performance.change_{leg}[{horizon}]"].value for leg in "ab"]
        np.testing.assert_allclose(ends, [100.0 * (1.0 + one) for one in changes], rtol=1e-12)


def test_crises_are_those_in_which_a_price_fell_with_whole_names():
    made = MADE["weekly"]()
    rising = [one for one in made.section("scenario").results if "stress_a[" in one]
    values = [made[key].value for key in rising if isinstance(made[key], Estimate)]
    assert max(values) > 0.0 > min(values)
    chart = show.chart(made, "crises")
    falls = [row.estimate.value for row in chart.plot.marks[0].rows]
    assert falls
    assert max(falls) < 0.0
    assert "\N{HORIZONTAL ELLIPSIS}" not in chart.svg + show.chart(MADE["peers"](), "crises").svg


def test_the_shift_of_twins_is_how_many_times_as_wide_their_gap_is():
    market = walk(1, 1500)
    noise = np.exp(3e-4 * np.random.default_rng(2).standard_normal(1500).cumsum())
    made = study(market * noise, market)
    chart = show.chart(made, "shift")
    z = made["stability.shift_split"]
    (row,) = chart.plot.marks[-1].rows
    assert row.estimate.value == pytest.approx(np.exp(-z.value), rel=1e-12)
    assert row.estimate.low == pytest.approx(np.exp(-z.high), rel=1e-12)
    assert chart.plot.x.unit == "×"
