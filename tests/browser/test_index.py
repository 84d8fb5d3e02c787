"""The index: sorted and searched by mouse and by keyboard."""

import pytest


@pytest.fixture
def page(show, site):
    return show(site / "index.html")


def pairs(page):
    return page.locator("#pairs tbody tr:not([hidden])").evaluate_all("all => all.map(r => r.id)")


def head(page, name):
    return page.locator("#pairs thead th").filter(has_text=name)


def test_a_press_on_a_head_sorts_and_a_second_reverses(page):
    button = page.locator("#pairs thead button", has_text="r").filter(has_text="Rolling").first
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
        "all => all.findIndex(one => one.textContent.trim() === 'r')"
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
