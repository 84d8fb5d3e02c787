"""The index: sorted, searched and turned by mouse and by keyboard."""

import json
import shutil

import pytest

from convex_research.publishing.index import page as index_page
from convex_research.publishing.index.write import write_index


@pytest.fixture
def page(show, site):
    return show(site / "index.html")


def pairs(page):
    return page.locator("#pairs tbody tr:not([hidden])").evaluate_all("all => all.map(r => r.id)")


def head(page, name):
    return page.locator("#pairs thead th").filter(has_text=name)


def test_a_press_on_a_head_sorts_and_a_second_reverses(page):
    button = page.locator("#pairs thead button", has_text="Rolling r")
    column = button.locator("xpath=..")
    button.click()
    assert column.get_attribute("aria-sort") == "ascending"
    ascending = pairs(page)
    button.click()
    assert column.get_attribute("aria-sort") == "descending"
    assert pairs(page) == ascending[::-1]
    assert len(ascending) == 2


def test_numbers_are_sorted_by_value(page):
    at = page.locator("#pairs thead th").evaluate_all(
        "all => all.findIndex(one => one.textContent.startsWith('r '))"
    )
    page.locator("#pairs thead button").nth(at).click()
    assert pairs(page) == ["sp500-vs-vix", "sp500-vs-nasdaq"], "−0.8 comes before 0.9"


def test_sorting_works_by_keyboard(page):
    button = page.locator("#pairs thead button").first
    button.focus()
    page.keyboard.press("Enter")
    assert button.locator("xpath=..").get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Space")
    assert button.locator("xpath=..").get_attribute("aria-sort") == "descending"


def test_words_filter_and_the_count_is_said(page):
    page.locator("#q").fill("nasdaq")
    assert pairs(page) == ["sp500-vs-nasdaq"]
    assert page.locator("#found").text_content() == "1 of 2 pairs"
    page.locator("#q").fill("nothing like it")
    assert pairs(page) == []
    assert page.locator("#none").is_visible()
    page.locator("#clear").click()
    assert len(pairs(page)) == 2


def test_the_search_is_reached_and_left_by_keyboard(page):
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("VIX")
    assert pairs(page) == ["sp500-vs-vix"]
    page.keyboard.press("Escape")
    assert len(pairs(page)) == 2
    page.keyboard.type("VIX")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sp500-vs-vix/*.html")


def test_categories_filter(page):
    choices = page.locator("#c option").evaluate_all("all => all.map(one => one.value)")
    for choice in filter(None, choices):
        page.locator("#c").select_option(choice)
        assert pairs(page)
        assert all(
            page.locator(f"#{slug}").get_attribute("data-c") == choice for slug in pairs(page)
        )


def test_failures_stand_on_the_page(page):
    assert "no answer from the source" in page.locator(".alert").text_content()


def test_every_link_leads_somewhere(show, site):
    page = show(site / "index.html", js=False)
    for href in page.locator("a[href]").evaluate_all("all => all.map(one => one.href)"):
        path = href.partition("#")[0].removeprefix("file://")
        if "/instruments/" not in path:  # only one leg's page is built here
            assert (site / path).exists(), href


@pytest.fixture(scope="module")
def parted(site, tmp_path_factory):
    """Five pairs, two on a page."""
    folder = tmp_path_factory.mktemp("parted")
    record = json.loads((site / "sp500-vs-nasdaq" / "correlation.json").read_bytes())
    for k, name in enumerate("edcba"):
        record["pair"] |= {"slug": f"{name}-vs-x", "category": "first" if k < 4 else "last"}
        record["pair"]["a"] |= {"symbol": f"csv:{name}.csv#x", "name": f"<i>{name.upper()}</i>"}
        path = folder / f"{name}-vs-x" / "correlation.json"
        path.parent.mkdir()
        path.write_text(json.dumps(record))
        shutil.copy(site / "sp500-vs-nasdaq" / "correlation.html", path.with_suffix(".html"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_page, "PART", 2)
        patch.setattr("convex_research.publishing.index.write.PART", 2)
        write_index(folder)
    return folder


def test_many_pairs_are_turned_searched_and_sorted_in_pages(show, parted):
    page = show(parted / "index.html")
    static = show(parted / "index.html", js=False)
    same = "#pairs tbody tr:first-child > *"
    cells = [one.locator(same).all_inner_texts() for one in (page, static)]
    assert cells[0] == cells[1], "the script draws a row as it stands in the page"
    assert "<i>B</i> and" in cells[0][0]
    seen = pairs(page)
    assert page.locator("#back").is_disabled()
    for _ in range(2):
        page.locator("#on").click()
        seen += pairs(page)
    assert sorted(seen) == [f"{name}-vs-x" for name in "abcde"]
    assert page.locator("#where").text_content() == "5 to 5 of 5"
    assert page.locator("#on").is_disabled()
    page.locator("#pairs thead button").first.click()
    assert pairs(page) == ["a-vs-x", "b-vs-x"]
    page.locator("#pairs thead button").first.click()
    assert pairs(page) == ["e-vs-x", "d-vs-x"]
    page.locator("#c").select_option("last")
    assert pairs(page) == ["a-vs-x"]
    assert page.locator("#found").text_content() == "1 of 5 pairs"
    assert page.locator("#turn").is_hidden()
    page.locator("#clear").evaluate("one => one.click()")
    page.locator("#q").fill("<i>c")
    assert pairs(page) == ["c-vs-x"]


def test_many_pairs_are_reached_without_the_script(show, parted):
    page = show(parted / "index.html", js=False)
    seen = pairs(page)
    for name in ("index-2.html", "index-3.html"):
        page.locator(f"#parts a[href='{name}']").click()
        seen += pairs(page)
    assert sorted(seen) == [f"{name}-vs-x" for name in "abcde"]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_axe_finds_nothing_on_an_index(show, site, parted, width, dark):
    from axe_playwright_python.sync_playwright import Axe

    for folder in (site, parted):
        page = show(folder / "index.html", width=width, dark=dark)
        assert page.evaluate("document.documentElement.scrollWidth") == width
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
