"""Notes of the analyst: on the page, as text, kept when it is built again."""

import html5lib
import nbformat
import pytest
from support import executed, study_of

from convex_research import Pair, publish
from convex_research.batch.run import BatchChoices, run_batch
from convex_research.publishing.exporter import ConvexReportExporter
from convex_research.publishing.notes import notes_html, read_notes
from convex_research.publishing.request import InstrumentRequest, PairRequest, named

WORDS = "# Mine\n\nCheck **twice** before <b onclick=x()>June</b>, see [x](javascript:alert(1)).\n"


@pytest.fixture(scope="module")
def notebook():
    return executed("correlation", study_of("sp500", "nasdaq"))


def test_notes_are_markup_and_nothing_in_them_is_html():
    html = notes_html(WORDS + "\n![map](https://example.org/x.png)\n\n<script>alert(1)</script>")
    assert "<h3>Mine</h3>" in html
    assert "<strong>twice</strong>" in html
    assert "&lt;b onclick=x()&gt;" in html
    for bad in ("<b ", "<script", "<img", 'href="javascript'):
        assert bad not in html


def test_they_stand_under_a_heading_of_their_own_and_only_where_there_are_some(notebook):
    html, _ = ConvexReportExporter(notes=WORDS).from_notebook_node(notebook)
    html5lib.HTMLParser(strict=True).parse(html)
    assert html.count('<h2 id="s-notes">Notes</h2>') == 1
    assert html.index("<h1>") < html.index("s-notes") < html.index("s-moving-together")
    assert "s-notes" not in ConvexReportExporter().from_notebook_node(notebook)[0]


def test_standard_tools_find_them_beside_the_notebook_among_the_reports(notebook, tmp_path):
    for folder, there in (("sp500-vs-nasdaq", True), ("elsewhere", False)):
        place = tmp_path / folder
        place.mkdir()
        nbformat.write(notebook, place / "correlation.ipynb")
        (place / "notes.md").write_text(WORDS)
        html, _ = ConvexReportExporter().from_filename(str(place / "correlation.ipynb"))
        assert ("s-notes" in html) == there


def test_requests_carry_the_notes_of_their_folder(tmp_path):
    (tmp_path / "instruments").mkdir()
    (tmp_path / "sp500-vs-vix").mkdir()
    (tmp_path / "sp500-vs-vix" / "notes.md").write_bytes(b"\xef\xbb\xbfpair \xff")
    (tmp_path / "instruments" / "vix.notes.md").write_text("leg\n")
    pair = PairRequest(pair=Pair("sample:sp500", "sample:vix"))
    legs = [InstrumentRequest(symbol=f"sample:{name}") for name in ("sp500", "vix")]
    assert [one.notes for one in named([pair], tmp_path)] == ["pair \N{REPLACEMENT CHARACTER}"]
    assert [one.notes for one in named(legs, tmp_path)] == ["", "leg"]
    assert named([pair])[0].notes == read_notes(tmp_path, "none", "correlation") == ""


@pytest.mark.slow
def test_a_build_keeps_them_and_a_change_of_them_builds_the_page_again(tmp_path):
    requests = [PairRequest(pair=Pair("sample:sp500", "sample:vix"))]
    notes = tmp_path / "sp500-vs-vix" / "notes.md"
    page = tmp_path / "sp500-vs-vix" / "correlation.html"
    built = []
    for words in (None, "First thoughts.", None, "Second thoughts."):
        if words:
            notes.write_text(words)
        built.append(run_batch(requests, tmp_path, choices=BatchChoices(jobs=1)).pages)
    assert built == [4, 2, 0, 2]
    assert "Second thoughts." in page.read_text()
    assert notes.read_text() == "Second thoughts."
    publish(Pair("sample:sp500", "sample:vix"), output=tmp_path)
    assert "Second thoughts." in page.read_text()
