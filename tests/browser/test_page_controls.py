"""Evidence and read-out of a page, by mouse and by keyboard, and without a script."""

import re

import pytest


@pytest.fixture
def page(show, site):
    return show(site / "sp500-vs-nasdaq" / "correlation.html")


def words(element):
    return re.sub(r"\s+", " ", element.text_content()).strip()


def test_evidence_opens_below_its_row_by_keyboard_and_moves_nothing(page):
    row = page.locator("section.row").first
    summary, inside = row.locator("summary").first, row.locator(".fold > div")
    assert not inside.is_visible()
    summary.focus()
    before = summary.bounding_box()
    page.keyboard.press("Enter")
    assert inside.is_visible()
    assert summary.bounding_box() == before
    box = inside.bounding_box()
    assert box["width"] > 1000, "evidence has the width of the page"
    assert box["y"] >= before["y"] + before["height"] - 1
    page.keyboard.press("Space")
    assert not inside.is_visible()


@pytest.mark.parametrize("kind", ["correlation", "comparison"])
def test_every_row_leads_to_its_evidence_even_without_a_script(show, site, kind):
    page = show(site / "sp500-vs-nasdaq" / f"{kind}.html", js=False)
    links = page.locator("section.row .fold a[href^='#evidence-']")
    assert links.count() > 5
    missing = links.evaluate_all(
        "all => all.map(one => one.hash.slice(1)).filter(id => !document.getElementById(id))"
    )
    assert missing == []


# What the pages led to before they were made of rows.
EARLIER = {
    "correlation": """s-what-the-number-means evidence-C25 evidence-C31 s-correlation-by-window
        s-recent-against-long-run s-statistical-details s-year-by-year s-rolling-extremes
        s-stability s-how-it-moves s-tails s-leads-and-lags s-cointegration-and-spread s-hedge
        s-regimes s-scenarios s-forecast s-diagnostics s-evidence s-method s-data
        s-how-to-reproduce-this-page s-related-pairs rolling scatter years breaks dcc beta tails
        leadlag residual zscore hedge regimes scenario forecast evidence-C16 evidence-C29""",
    "comparison": """s-what-they-are s-values-and-changes s-growth-and-drawdown growth drawdown
        s-the-latest-observations s-questions s-cross-asset-analysis s-one-against-the-other ratio
        zscore s-cointegration residual s-hedge s-scenarios scenario s-evidence
        evidence-C06 evidence-C09 s-method s-data s-how-to-reproduce-this-page s-related-pairs""",
}


@pytest.mark.parametrize("kind", EARLIER)
@pytest.mark.parametrize("js", [True, False], ids=["script", "plain"])
def test_links_to_earlier_places_lead_to_where_they_are_now(show, site, kind, js):
    path = site / "sp500-vs-nasdaq" / f"{kind}.html"
    page = show(path, js=js)
    for one in EARLIER[kind].split():
        page.goto("about:blank")
        page.goto(f"{path.as_uri()}#{one}")
        place = page.locator(f"[id='{one}']")
        assert place.count() == 1, one
        shut = place.evaluate("one => !one.checkVisibility({contentVisibilityAuto: true})")
        assert not shut, one
        top = place.evaluate("one => one.getBoundingClientRect().top")
        assert -1 <= top < 900, (one, top)


def test_evidence_is_printed_in_full(show, site):
    page = show(site / "sp500-vs-nasdaq" / "comparison.html")
    page.emulate_media(media="print")
    items = page.locator(".evidence-item")
    assert items.count() > 5
    for item in (items.first, items.last):
        assert item.locator("h3").is_visible()
        assert item.locator("table").bounding_box()["height"] > 50


def test_hovering_a_chart_reads_its_values(page):
    figure = page.locator("figure#rolling")
    day = figure.locator(".legend .at")
    chart = figure.locator("svg.wid:visible")
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    latest = words(figure.locator(".legend"))
    seen = []
    for part in (0.3, 0.7):
        page.mouse.move(box["x"] + part * box["width"], box["y"] + 0.5 * box["height"])
        seen.append((words(day), words(figure.locator(".legend"))))
    (early, first), (late, second) = seen
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", early)
    assert early < late
    assert re.search(r"\d\.\d\d", first)
    assert first != second
    page.mouse.move(5, 5)
    assert words(figure.locator(".legend")) == latest


def test_arrow_keys_read_a_chart(page):
    figure = page.locator("figure#rolling")
    slider = figure.get_by_role("slider")
    latest = words(figure.locator(".legend"))
    slider.focus()
    last = slider.get_attribute("aria-valuetext")
    page.keyboard.press("ArrowLeft")
    before = slider.get_attribute("aria-valuetext")
    assert re.match(r"\d{4}-\d\d-\d\d, .*\d", before)
    assert before[:10] < last[:10]
    page.keyboard.press("Home")
    assert slider.get_attribute("aria-valuetext")[:10] < before[:10]
    page.keyboard.press("Escape")
    assert words(figure.locator(".legend")) == latest


def test_the_read_out_agrees_with_the_numbers_behind_the_chart(page):
    figure = page.locator("figure#rolling")
    slider = figure.get_by_role("slider")
    slider.focus()
    page.keyboard.press("End")
    said = slider.get_attribute("aria-valuetext")
    row = figure.locator("details tbody tr").first
    date, value = (row.locator("th, td").nth(i).text_content() for i in (0, 1))
    assert said.startswith(date)
    assert float(value.replace("−", "-")) == pytest.approx(
        float(re.search(r"[−-]?\d\.\d+", said.partition(",")[2])[0].replace("−", "-")), abs=0.006
    )


def test_the_switch_shows_another_period_and_what_is_read_off_it(page):
    figure = page.locator("figure#rolling")
    scale = figure.locator("svg.wid:visible").get_attribute("data-scale")
    figure.locator(".switch label").first.click()
    assert figure.locator("svg.wid:visible").get_attribute("data-scale") != scale
    slider = figure.get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    first = slider.get_attribute("aria-valuetext")[:10]
    figure.locator(".switch label").last.click()
    slider.focus()
    page.keyboard.press("Home")
    assert slider.get_attribute("aria-valuetext")[:10] < first
