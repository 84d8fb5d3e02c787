"""Every kind of page: accessible, silent, readable without a script, printable."""

import io

import pytest

KINDS = {
    "correlation": "sp500-vs-nasdaq/correlation.html",
    "comparison": "sp500-vs-nasdaq/comparison.html",
    "methodology": "methodology.html",
    "index": "index.html",
    "instrument": "instruments/sp500.html",
}
CHARTED = ("correlation", "comparison", "instrument", "methodology")


def page_in(site, kind):
    return site / KINDS[kind]


# The rows of a long table look alike, and measuring the contrast of every cell takes minutes.
ROWS = "tbody tr:nth-child(n + 9)"
CONTRAST = {"type": "rule", "values": ["color-contrast"]}


def violations(page, *, structure=True, contrast=True):
    """What axe-core finds: every rule on the whole page, contrast without repeated rows."""
    from axe_playwright_python.sync_playwright import Axe

    quick = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": False}}}
    found = Axe().run(page, options=quick).response["violations"] if structure else []
    if contrast:
        only = {"resultTypes": ["violations"], "runOnly": CONTRAST}
        found += Axe().run(page, {"exclude": [[ROWS]]}, only).response["violations"]
    return [
        (one["id"], one["help"], [node["html"][:200] for node in one["nodes"][:3]]) for one in found
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing(show, site, pictures, kind, dark):
    page = show(page_in(site, kind), dark=dark)
    page.screenshot(path=pictures / f"{kind}-{'dark' if dark else 'light'}.png", full_page=True)
    assert violations(page, structure=not dark) == []  # dark changes colours alone
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


@pytest.mark.parametrize("kind", KINDS)
def test_a_phone_shows_it_without_scrolling_sideways(show, site, pictures, kind):
    page = show(page_in(site, kind), width=360)
    page.screenshot(path=pictures / f"{kind}-360.png", full_page=True)
    assert violations(page, contrast=False) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_is_whole_without_its_script(show, site, kind):
    path = page_in(site, kind)
    kept = "main :is(h1, h2, h3, p, td, dd):not(dialog *, .legend *)"
    scripted, plain = (show(path, js=js).locator(kept).all_text_contents() for js in (True, False))
    assert plain == scripted
    page = show(path, js=False)
    assert page.locator("dialog, input.reader").count() == 0, "controls that would do nothing"
    assert not page.locator("form.tools").is_visible() if kind == "index" else True


@pytest.mark.parametrize("kind", ["correlation", "comparison", "index"])
def test_the_skip_link_and_headings_lead_through_the_page(show, site, kind):
    page = show(page_in(site, kind))
    page.keyboard.press("Tab")
    first = page.evaluate("document.activeElement.textContent")
    assert first == "Skip to content"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")


MARKS = """() => {
  const charts = [...document.querySelectorAll("figure > .win:not([hidden]) > svg.wid")];
  charts.forEach((chart, at) => {
    const height = chart.viewBox.baseVal.height;
    [["top", 8], ["end", height - 2]].forEach(([name, y]) => {
      const mark = document.createElementNS("http://www.w3.org/2000/svg", "text");
      mark.setAttribute("x", 2); mark.setAttribute("y", y); mark.setAttribute("font-size", 6);
      mark.textContent = `mark${at}${name}`;
      chart.append(mark);
    });
    chart.closest("figure").querySelector("figcaption").prepend(`mark${at}cap `);
  });
  return charts.length;
}"""


@pytest.mark.parametrize("kind", CHARTED)
def test_no_chart_is_cut_in_print(show, site, kind):
    from pypdf import PdfReader

    page = show(page_in(site, kind))
    count = page.evaluate(MARKS)
    reader = PdfReader(io.BytesIO(page.pdf(format="A4")))
    sheets = [sheet.extract_text().replace("\n", "") for sheet in reader.pages]
    assert count > 0
    places = {}
    for at in range(count):
        for part in ("top", "end", "cap"):
            found = [n for n, words in enumerate(sheets) if f"mark{at}{part}" in words]
            places.setdefault(at, []).extend(found or [f"no {part}"])
    assert all(len(set(found)) == 1 for found in places.values()), places


@pytest.mark.parametrize("kind", CHARTED)
def test_charts_fit_the_sheet_and_are_black_on_white(show, site, kind):
    page = show(page_in(site, kind), width=673, dark=True)  # A4 less its margins, at 96 dpi
    page.emulate_media(media="print", color_scheme="light")
    shown = page.locator("figure > .win:not([hidden]) > svg.wid").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().toJSON())"
    )
    assert shown
    for box in shown:
        assert box["left"] >= 0
        assert box["right"] <= 673
        assert 0 < box["height"] < 900
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper in {"rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"}
    assert page.locator("header nav").first.is_hidden()


def test_dark_pages_are_dark_with_their_charts(show, site):
    colours = {}
    for dark in (False, True):
        page = show(page_in(site, "correlation"), dark=dark)
        colours[dark] = page.evaluate(
            """() => [getComputedStyle(document.documentElement).backgroundColor,
            getComputedStyle(document.querySelector("svg.chart .s-r")).stroke]"""
        )
    assert colours[True][0] != colours[False][0]
    assert colours[True][1] != colours[False][1]
