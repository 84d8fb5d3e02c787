"""Pages of unusual pairs keep their layout; screenshots lie in the tests' output."""

import json
from itertools import pairwise

import pytest

from convex_research.core.files import write_atomically
from convex_research.publishing.index.write import write_index

WIDTHS = (360, 1280)
KINDS = ("correlation", "comparison")
UNUSUAL = ("negative", "long names", "too short")


@pytest.fixture(scope="session")
def unusual(negative, rate_and_price, short):
    return {
        "negative": negative,
        "long names": rate_and_price,  # of 40 characters, a rate against a price
        "too short": short,
    }


@pytest.fixture(scope="session")
def strange_pages(tmp_path_factory, unusual, make):
    return {
        (name, kind): make.page(tmp_path_factory.mktemp("strange"), kind, s=analysis)
        for name, analysis in unusual.items()
        for kind in KINDS
    }


def hangs_out(page, width):
    """Elements beyond the right edge that no scrolling box holds."""
    return page.evaluate(
        """width => {
          const held = one => {
            let box = one.parentElement;
            while (box && box.tagName !== "svg" && getComputedStyle(box).overflowX === "visible")
              box = box.parentElement;
            return Boolean(box);
          };
          return [...document.querySelectorAll("body *")]
            .filter(one => one.getBoundingClientRect().right > width + 1)
            .filter(one => one.checkVisibility() && !held(one))
            .map(one => one.outerHTML.slice(0, 120));
        }""",
        width,
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", UNUSUAL)
def test_the_layout_holds(show, strange_pages, pictures, name, kind):
    page = show(strange_pages[name, kind])
    stem = f"{name.replace(' ', '-')}-{kind}"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=pictures / f"{stem}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert hangs_out(page, width) == []
    for box in page.locator("figure svg:visible, .pic svg:visible").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().toJSON())"
    ):
        assert box["height"] > 40
    heads = page.locator("main h2")
    empty = heads.evaluate_all(
        """all => all.filter(one => {
          const next = one.nextElementSibling;
          return !next || next.tagName === "H2" || !next.textContent.trim();
        }).map(one => one.textContent)"""
    )
    assert empty == [], "a heading with nothing under it"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", UNUSUAL)
def test_no_table_scrolls_sideways_on_a_phone(show, strange_pages, name, kind):
    page = show(strange_pages[name, kind], width=360)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    wide = page.evaluate(
        """() => [...document.querySelectorAll(".scroll, pre")]
          .filter(one => one.scrollWidth > one.clientWidth + 1)
          .map(one => one.textContent.slice(0, 60))"""
    )
    assert wide == []
    dates = page.locator(".sampled td.dates").first
    if dates.count():
        assert dates.bounding_box()["height"] < 25, "a period stays on one line"
        assert page.locator(".sampled td.n").first.is_visible(), "nothing is hidden"


@pytest.mark.parametrize("name", UNUSUAL[:2])
def test_labels_of_an_axis_do_not_touch_on_a_phone(show, strange_pages, name):
    page = show(strange_pages[name, "correlation"], width=360)
    axes = page.evaluate(
        """() => [...document.querySelectorAll("figure svg, .pic svg")]
          .filter(one => one.checkVisibility())
          .map(chart => [...chart.querySelectorAll("text[text-anchor=middle]")]
            .map(one => one.getBoundingClientRect())
            .map(box => [box.left, box.right, box.top]))"""
    )
    assert sum(map(len, axes)) > 8
    for boxes in axes:
        lowest = max((top for *_, top in boxes), default=0)
        places = sorted(box[:2] for box in boxes if box[2] > lowest - 1)
        assert all(a[1] + 2 < b[0] for a, b in pairwise(places)), places


def test_the_long_name_is_there_in_full(show, strange_pages, make):
    page = show(strange_pages["long names", "correlation"])
    assert make.long_name in page.locator("h1").text_content()


@pytest.fixture(scope="session")
def crowd(tmp_path_factory, negative, make):
    """A folder of 300 pairs that share a leg."""
    folder = tmp_path_factory.mktemp("crowd")
    record = json.loads(
        make.page(folder, "correlation", s=negative).with_suffix(".json").read_text()
    )
    for number in range(300):
        symbol = f"sample:made{number}"
        record["pair"]["slug"] = slug = f"sp500-vs-made-{number:03}"
        record["pair"]["b"] |= {"symbol": symbol, "id": f"made{number}", "name": f"Made {number}"}
        write_atomically(folder / slug / "correlation.json", json.dumps(record))
        write_atomically(folder / slug / "correlation.html", "<!DOCTYPE html><title>x</title>")
    make.instrument(folder, "sample:sp500")
    write_index(folder)
    return folder


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["index.html", "instruments/sp500.html"])
def test_three_hundred_pairs_fit(show, crowd, pictures, name, width):
    page = show(crowd / name, width=width)
    page.screenshot(path=pictures / f"crowd-{name.rpartition('/')[2][:-5]}-{width}.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert hangs_out(page, width) == []
    assert "Made 299" in page.locator("main").text_content()


def test_searching_among_three_hundred_is_quick(show, crowd):
    page = show(crowd / "index.html")
    milliseconds = page.evaluate(
        """() => {
          const box = document.getElementById("q"), began = performance.now();
          for (const words of ["m", "ma", "made 29", ""]) {
            box.value = words;
            box.dispatchEvent(new Event("input", { bubbles: true }));
          }
          return (performance.now() - began) / 4;
        }"""
    )
    assert milliseconds < 200
    page.locator("#q").fill("made 299")
    assert page.locator("#pairs tbody tr:not([hidden])").count() == 1
