"""The form of a page: markup, weight, bad input, what it says of itself."""

import gzip
import json
import re
from dataclasses import replace
from html import unescape
from io import BytesIO
from itertools import pairwise
from xml.etree import ElementTree as ET

import html5lib
import nbformat
import numpy as np
import pytest
from PIL import Image
from support import executed, page_of

from convex_research import analyze
from convex_research.catalogue import load_catalogue
from convex_research.claims import Claims
from convex_research.core.errors import InputError
from convex_research.presentation.charts.card import draw_card
from convex_research.presentation.charts.sparkline import range_bar, sparkline
from convex_research.presentation.pages import guide
from convex_research.presentation.pages.output import RECORD_MIME, SECTION_MIME
from convex_research.publishing.assets import (
    content_policy,
    script,
    template_folder,
)
from convex_research.publishing.exporter import ConvexReportExporter
from convex_research.publishing.meta import pair as meta
from convex_research.publishing.outline import outline

KINDS = ("correlation", "comparison")
LONG = ("The Longest Exchange Traded Fund Name 4U", "Cryptocurrency With A Long Name, Limited")


def renamed(analysis, *names):
    """The same pair with other names."""
    legs = {}
    for leg, name in zip("ab", names, strict=True):
        series = getattr(analysis.returns.prices, leg)
        legs[leg] = replace(series, instrument=replace(series.instrument, name=name))
    made = analyze(
        replace(analysis.returns, prices=replace(analysis.returns.prices, **legs)),
        analysis.config,
    )
    made._sections = analysis._sections  # names change no number
    return made


def shortened(analysis, nobs):
    """The first so many returns."""
    returns = analysis.returns
    return analyze(
        replace(
            returns,
            price_dates=returns.price_dates[: nobs + 1],
            levels=returns.levels[: nobs + 1],
            values=returns.values[:nobs],
        )
    )


CASES = {
    "peers": lambda peers, _: peers,
    "negative, a price against a level": lambda _, mixed: mixed,
    "long names": lambda peers, _: renamed(peers, *LONG),
    "names of one word": lambda peers, _: renamed(peers, "A" * 40, "B" * 40),
    "names that are markup": lambda peers, _: renamed(peers, "<b>&amp;</h1>", "'\"><script>"),
    "a short sample": lambda peers, _: shortened(peers, 101),
    "a sample without windows": lambda peers, _: shortened(peers, 35),
}


@pytest.fixture(scope="module", params=CASES)
def case(request, peers, mixed):
    return CASES[request.param](peers, mixed)


@pytest.fixture(scope="module", params=KINDS)
def page(request, case):
    return page_of(case, request.param)


def test_a_page_is_valid_html(page):
    html5lib.HTMLParser(strict=True).parse(page)


def test_a_page_is_light(page):
    assert len(page.encode()) <= 400_000
    assert len(gzip.compress(page.encode())) <= 100_000


def test_a_page_asks_nobody_for_anything_and_carries_no_style_of_its_own(page):
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert " style=" not in page
    assert not re.search(r"\son[a-z]+=", page)
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


def test_headings_are_ordered_and_never_empty(page):
    levels = [int(n) for n in re.findall(r"<h(\d)", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels)), levels
    assert not re.search(r"</h2>\s*(<h2|</section|</main)", page)


def test_ids_are_one_of_a_kind_and_what_refers_to_them_finds_them(page):
    page = page.rpartition("<script>")[0]
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for used in re.findall(r'(?:href="#|aria-labelledby="|aria-describedby=|for=")([^"]+)"', page):
        for one in used.split():
            assert one in ids, one
    assert len(re.findall(r'<h2 id="(s-[^"]+)">([^<]+)</h2>', page)) >= 3


def test_every_chart_and_table_speaks(page):
    for svg in re.findall(r'<svg[^>]*class="chart".*?</svg>', page, re.DOTALL):
        root = ET.fromstring(svg)
        words = {e.attrib.get("id"): e.text for e in root}
        title, description = (words[i] for i in root.attrib["aria-labelledby"].split())
        assert root.attrib["role"] == "img"
        assert len(title) > 8
        assert re.search(r"\d", description)
    for figure in re.findall(r'<figure(?! class="table").*?</figure>', page, re.DOTALL):
        assert "<figcaption>" in figure
        assert "<details" in figure, figure[:200]
    for made in re.findall(r"<table.*?</table>", page, re.DOTALL):
        assert "<caption" in made
        assert not re.search(r"<th(?![^>]*scope=)[ >]", made.replace("<thead", "<xhead"))
        assert made.count("<tr") <= 61


def test_numbers_have_real_minus_signs(page):
    unseen = r"<(style|script)[^>]*>.*?</\1>|<pre.*?</pre>|<[^>]+>"
    text = unescape(re.sub(unseen, " ", page, flags=re.DOTALL))
    found = re.search(r".{20}(?<![\w.-])-\d.{9}", text)
    assert found is None, found[0]
    assert not re.search(r"\b(nan|None|inf)\b", text)


def test_the_script_and_the_style_stay_small():
    scripts = sorted(template_folder().glob("*.js"))
    assert {"page.js", "sort.js"} <= {path.name for path in scripts}
    assert sum(len(path.read_bytes()) for path in scripts) < 20_000
    assert len((template_folder() / "page.css").read_bytes()) < 30_000


def test_a_policy_without_a_script_runs_none():
    assert "script-src" not in content_policy()
    assert "script-src 'sha256-" in content_policy(script("page", "sort"))
    assert "unsafe" not in content_policy("x")


def test_few_claims_still_make_a_page(peers):
    for further in ((), ("C16",)):
        few = analyze(peers.returns, peers.config)
        asked = ("C22b", "C29", "C30", *further)  # the first screen speaks of three
        few._claims = Claims(one for one in peers.claims if one.id in asked)
        for kind in KINDS:
            html = page_of(few, kind)
            html5lib.HTMLParser(strict=True).parse(html)
            assert not re.search(r"</h2>\s*(<h2|</section)", html)


def test_three_hundred_related_pairs_keep_the_page_in_its_limits(peers, monkeypatch):
    pair = load_catalogue().pairs[0]
    monkeypatch.setattr(guide, "related_pairs", lambda _: (pair,) * 300)
    html, _ = ConvexReportExporter().from_notebook_node(executed("correlation", peers))
    assert html.count(f'href="../index.html#{pair.slug}"') == 300
    assert len(html.encode()) <= 400_000
    html5lib.HTMLParser(strict=True).parse(html)


def test_a_section_that_shows_nothing_loses_its_heading():
    new = nbformat.v4
    notebook = new.new_notebook(
        cells=[
            new.new_markdown_cell("# Title"),
            new.new_markdown_cell("## Empty"),
            new.new_markdown_cell("## Full & fine"),
            new.new_markdown_cell("words"),
            new.new_markdown_cell("## Full & fine"),
            new.new_markdown_cell("more words"),
        ]
    )
    lead, sections = outline(notebook)
    assert lead == ["<h1>Title</h1>"]
    assert [(s.id, s.title) for s in sections] == [
        ("s-full-fine", "Full & fine"),
        ("s-full-fine-2", "Full & fine"),
    ]


def test_a_heading_keeps_the_id_it_has():
    html = '<div class="convex-piece"><h2 id="mine">Words <b>here</b></h2><p>x</p></div>'
    data = {"text/html": html, SECTION_MIME: {"id": "mine", "title": "Words here"}}
    output = nbformat.v4.new_output("display_data", data)
    cell = nbformat.v4.new_code_cell("x", outputs=[output])
    _, (section,) = outline(nbformat.v4.new_notebook(cells=[cell]))
    assert (section.id, section.title, section.parts) == ("mine", "Words here", [html])


def test_what_a_researcher_adds_is_on_the_page_and_text_is_escaped():
    new = nbformat.v4
    outputs = [
        new.new_output("execute_result", {"text/html": "<table></table>", "text/plain": "t"}),
        new.new_output("stream", name="stdout", text="a < b\n"),
        new.new_output("stream", name="stderr", text="a warning"),
        new.new_output("display_data", {"image/png": "iVBORw0KGgo=\n", "text/plain": "<Figure>"}),
        new.new_output("display_data", {"text/markdown": "*x* <i>", "text/plain": "<Markdown>"}),
        new.new_output("execute_result", {"text/plain": "<b>"}),
        new.new_output("execute_result", {"text/html": "", "text/plain": "nothing applies"}),
        new.new_output("execute_result", {RECORD_MIME: {}, "text/plain": "<record>"}),
    ]
    lead, _ = outline(new.new_notebook(cells=[new.new_code_cell("x", outputs=outputs)]))
    assert lead == [
        "<table></table>",
        "<pre>a &lt; b\n</pre>",
        '<img alt="&lt;Figure&gt;" src="data:image/png;base64,iVBORw0KGgo=">',
        "<p><em>x</em> &lt;i&gt;</p>",
        "<pre>&lt;b&gt;</pre>",
    ]


# What a page says of itself.


def test_without_a_site_there_is_neither_canonical_link_nor_card(peers, monkeypatch):
    monkeypatch.delenv(meta.SITE_VARIABLE, raising=False)
    html, resources = ConvexReportExporter().from_notebook_node(executed("correlation", peers))
    head = html.partition("</head>")[0]
    assert "canonical" not in head
    assert "og:image" not in head
    assert "og:url" not in head
    assert '<meta property="og:title" content="S&amp;P 500 and Nasdaq Composite' in head
    assert list(resources["outputs"]) == ["./correlation.json"]


def test_with_a_site_a_page_names_itself_and_its_card(peers, monkeypatch):
    monkeypatch.setenv(meta.SITE_VARIABLE, "https://example.org/reports")
    html, resources = ConvexReportExporter().from_notebook_node(executed("correlation", peers))
    address = "https://example.org/reports/sp500-vs-nasdaq/correlation.html"
    assert f'<link rel="canonical" href="{address}">' in html
    assert f'content="{address.replace(".html", ".png")}"' in html
    image = Image.open(BytesIO(resources["outputs"]["./correlation.png"]))
    assert image.size == meta.CARD_SIZE
    assert len(resources["outputs"]["./correlation.png"]) < 150_000
    assert "Software" not in image.info


def test_the_data_block_describes_the_record(peers):
    html = page_of(peers, "comparison")
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1]
    data = json.loads(block)
    assert data["@type"] == "Dataset"
    assert data["temporalCoverage"] == "1999-01-05/2018-12-31"
    assert data["dateModified"] == "2018-12-31"
    assert 50 <= len(data["description"]) <= 5000
    (measured,) = data["variableMeasured"]
    assert measured["value"] == peers["correlation.pearson[252]"].value
    assert measured["minValue"] < measured["value"] < measured["maxValue"]


def test_nothing_can_leave_the_data_block():
    page = meta.PageMeta(
        title="</title><script>x", description='"><b>', path="a b.html", data={"n": "</script><!--"}
    )
    made = meta.render_meta(page, "https://example.org/")
    assert "<b>" not in made
    assert made.count("</script>") == 1
    assert "<!--" not in made
    assert 'href="https://example.org/a%20b.html"' in made
    assert json.loads(re.search(r"json\">(.*?)<", made)[1])["n"] == "</script><!--"


@pytest.mark.parametrize(
    "wrong",
    [
        "example.org",
        "ftp://example.org/",
        "https://",
        "https://user@example.org/",
        "https://example.org/?x=1",
        "https://example.org/#x",
        "https://example.org/a b",
        'https://example.org/"><script>',
        "https://example.org:port/",
        "https://[::1/",
        "javascript:alert(1)",
        "https://ex\nample.org",
        "https://b\xfccher.example",
    ],
)
def test_a_site_that_is_no_address_is_bad_input(wrong):
    with pytest.raises(InputError) as caught:
        meta.check_site_url(wrong)
    assert caught.value.exit_code == 2
    assert "\n" not in str(caught.value)


def test_a_site_ends_in_a_slash():
    assert meta.check_site_url("http://localhost:8000/x") == "http://localhost:8000/x/"
    assert meta.check_site_url("https://example.org/") == "https://example.org/"


@pytest.mark.parametrize("name", ["A" * 40, "$x$ and \\alpha {", "한국 종합주가지수", ""])
def test_the_card_holds_any_name_and_has_the_same_bytes_every_time(mixed, name):
    record = mixed.to_dict("correlation")
    record["pair"]["a"]["name"] = name
    first = draw_card(record)
    assert first == draw_card(record)
    assert Image.open(BytesIO(first)).size == meta.CARD_SIZE


def test_a_card_without_a_correlation_says_so(mixed):
    record = mixed.to_dict("correlation")
    plain = draw_card(record)
    record["estimates"] = {}
    assert draw_card(record) != plain


# Charts.


def test_small_pictures_of_flat_and_short_series():
    assert sparkline(np.array([1.0]), label="w") == ""
    flat = sparkline(np.ones(300), label='a "b"')
    ET.fromstring(flat)
    assert "nan" not in flat
    assert 'cx="50%"' in range_bar(1.0, 1.0, 1.0, label="w")
    assert 'cx="98%"' in range_bar(2.0, 0.0, 1.0, label="w")
