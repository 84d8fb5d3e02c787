"""Evidence and read-out of a page, by mouse and by keyboard, and without a script."""

import re

import pytest


@pytest.fixture
def page(show, site):
    return show(site / "sp500-vs-nasdaq" / "correlation.html")


def words(element):
    return re.sub(r"\s+", " ", element.text_content()).strip()


def test_a_click_shows_the_evidence_of_a_sentence(page):
    link = page.locator("a.evidence").first
    item = page.locator("#" + link.get_attribute("href")[1:])
    link.click()
    dialog = page.locator("dialog[open]")
    assert dialog.count() == 1
    assert words(item) in words(dialog)
    dialog.get_by_role("button", name="Close").click()
    assert page.locator("dialog[open]").count() == 0


def test_evidence_opens_and_closes_by_keyboard(page):
    link = page.locator("a.evidence").nth(1)
    link.focus()
    page.keyboard.press("Enter")
    assert page.locator("dialog[open]").count() == 1
    assert page.evaluate("document.activeElement.textContent") == "Close"
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert link.evaluate("one => one === document.activeElement"), "focus comes back"


@pytest.mark.parametrize("kind", ["correlation", "comparison"])
def test_every_sentence_has_evidence_even_without_a_script(show, site, kind):
    page = show(site / "sp500-vs-nasdaq" / f"{kind}.html", js=False)
    links = page.locator("a.evidence")
    assert links.count() > 5
    missing = links.evaluate_all(
        "all => all.map(one => one.hash.slice(1)).filter(id => !document.getElementById(id))"
    )
    assert missing == []
    place = page.locator("#" + links.first.get_attribute("href")[1:])
    assert not place.is_visible(), "evidence is folded"
    links.first.click()
    assert re.search(r"#evidence-", page.url)
    assert place.is_visible(), "a link unfolds what it leads to"
    top = place.locator("xpath=ancestor::article").bounding_box()["y"]
    assert 0 <= top < 600, "its heading stands in sight"


def test_evidence_unfolds_by_keyboard_and_from_another_page(show, site):
    path = site / "sp500-vs-nasdaq" / "comparison.html"
    page = show(path)
    head = page.locator(".evidence-item summary").first
    table = page.locator(".evidence-item table").first
    assert not table.is_visible()
    head.focus()
    page.keyboard.press("Enter")
    assert table.is_visible()
    page.keyboard.press("Space")
    assert not table.is_visible()
    page.goto(f"{path.as_uri()}#evidence-C15")
    assert page.locator("#evidence-C15").is_visible()


def test_evidence_is_printed_in_full(show, site):
    page = show(site / "sp500-vs-nasdaq" / "comparison.html")
    page.emulate_media(media="print")
    items = page.locator(".evidence-item")
    assert items.count() > 5
    for item in (items.first, items.last):
        assert item.locator("summary").is_visible()
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
