"""A first screen answers before anything is scrolled, and pages stay short, on unlike pages."""

import json

import pytest

TALLEST = {"correlation": 5400, "comparison": 4500, "instrument": 3600}  # 6, 5 and 4 screens
SCREEN = 900
PAIRS = ("sp500-vs-nasdaq", "sp500-vs-vix")


@pytest.fixture(scope="session")
def pages(site, make):
    """Both pages of a peer pair and of a price against a level, and two instruments."""
    kinds = ("correlation", "comparison")
    made = {f"{pair} {kind}": site / pair / f"{kind}.html" for pair in PAIRS for kind in kinds}
    made["price instrument"] = site / "instruments" / "sp500.html"
    made["level instrument"] = make.instrument(site, "sample:vix")
    return made


NAMES = (
    *(f"{pair} {kind}" for pair in PAIRS for kind in ("correlation", "comparison")),
    *("price instrument", "level instrument"),
)


@pytest.mark.parametrize("name", NAMES)
def test_the_answers_stand_on_the_first_screen_and_the_page_is_short(show, pages, name):
    page = show(pages[name])
    rows = page.locator("table.five tr")
    listed = json.loads(pages[name].with_suffix(".json").read_text())["summary"]
    assert rows.count() == len(listed) == (3 if name.endswith("instrument") else 5)
    for row, answer in zip(rows.all(), listed, strict=True):
        assert answer["word"] in row.text_content()
        box = row.bounding_box()
        assert box["y"] + box["height"] < SCREEN
    assert page.evaluate("document.documentElement.scrollHeight") <= TALLEST[name.split()[-1]]
    assert page.locator("main details[open]").count() == 0, "nothing is unfolded yet"


@pytest.mark.parametrize("name", NAMES)
def test_on_a_phone_the_answers_come_before_any_chart(show, pages, name):
    page = show(pages[name], width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    answers = page.locator("table.five").bounding_box()
    for chart in page.locator("svg.chart:visible").all()[:1]:
        assert answers["y"] + answers["height"] < chart.bounding_box()["y"]


# What an instrument's page led to before its parts were folded.
EARLIER = """s-changes s-calendar-years s-distribution s-volatility s-falls-from-the-peak
    s-diagnostics s-pairs-it-appears-in s-method s-data
    s-how-to-reproduce-this-page level years distribution volatility drawdown"""


@pytest.mark.parametrize("js", [True, False], ids=["script", "plain"])
def test_links_to_earlier_places_of_an_instrument_open_its_folds(show, site, js):
    path = site / "instruments" / "sp500.html"
    page = show(path, js=js)
    for one in EARLIER.split():
        page.goto("about:blank")
        page.goto(f"{path.as_uri()}#{one}")
        place = page.locator(f"[id='{one}']")
        assert place.count() == 1, one
        assert place.evaluate("one => one.checkVisibility({contentVisibilityAuto: true})"), one


def test_an_instrument_prints_with_every_fold_open(show, site):
    page = show(site / "instruments" / "sp500.html")
    page.emulate_media(media="print")
    folds = page.locator("details.big")
    assert folds.count() > 5
    for fold in folds.all():
        assert fold.locator("summary").first.is_visible()
        assert fold.locator(":scope > div").bounding_box()["height"] > 50
