"""Whole pages: every sentence and number names what it rests on, and prose is short.

A page is made in this process from its notebook's cells, which takes a second instead of ten.
"""

import gzip
import re
from typing import get_args

import html5lib
import nbformat
import numpy as np
import pandas as pd
import pytest
from support import page_of, study_of

from convex_research import Pair, study
from convex_research.claims import Verdict, hypothesis
from convex_research.claims.registry import claims_of
from convex_research.core.files import notebook_path
from convex_research.core.fragments import ABOUT, anchor
from convex_research.presentation.prose import names

KINDS = ("correlation", "comparison")
SAMPLE = ("sp500 nasdaq", "sp500 vix", "wti nasdaq", "sp500 wti", "nasdaq vix", "wti vix")
FAST = SAMPLE[:3]
MARKS = {"data-key", "data-claim", "data-about"}

# Names of things, without a verb: headings, column and row heads, captions of tables, and the
# word that opens what is folded. They are followed by the marked element they name.
NAMES = {"h1", "h2", "h3", "h4", "th", "caption", "summary", "style", "script"}
MOST_WORDS = 1_070
VERDICTS = get_args(Verdict)


def csv_pair(folder):
    """A price against a rate that moves the other way, and too few days for a year of them."""
    rng = np.random.default_rng(11)
    steps = rng.standard_normal((700, 2)) @ np.linalg.cholesky([[1.0, -0.7], [-0.7, 1.0]]).T
    table = pd.DataFrame(
        {
            "Fund": 50.0 * np.exp(np.cumsum(0.01 * steps[:, 0])),
            "Rate": 3.0 + np.cumsum(0.05 * steps[:, 1]),
        },
        index=pd.bdate_range("2021-01-04", periods=700, name="Date"),
    )
    table.to_csv(folder / "own.csv")
    fund = f"csv:{folder}/own.csv#Fund?name=Own fund"
    return Pair(fund, f"csv:{folder}/own.csv#Rate?kind=rate&unit=percent&name=Own rate")


def analysis_of(name, folder):
    return study(csv_pair(folder)) if name == "csv" else study_of(*name.split())


class Page:
    def __init__(self, analysis, kind):
        self.analysis, self.kind = analysis, kind
        self.html = page_of(analysis, kind)
        self.root = html5lib.parse(self.html, namespaceHTMLElements=False)
        self.main = next(e for e in self.root.iter("main"))


PAGES = [
    pytest.param((name, kind), id=f"{name}-{kind}", marks=[] if fast else pytest.mark.slow)
    for name, fast in [*((n, n in FAST) for n in SAMPLE), ("csv", True)]
    for kind in KINDS
]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return {"folder": tmp_path_factory.mktemp("own")}


@pytest.fixture(scope="module", params=PAGES)
def page(request, made):
    name, kind = request.param
    if name not in made:
        made[name] = analysis_of(name, made["folder"])
    return Page(made[name], kind)


def texts(element, marked=False, inside=()):
    """Pieces of text below an element: whether something above marks them, and where they are."""
    if not isinstance(element.tag, str):
        return
    inside = (*inside, element.tag)
    marked = marked or bool(MARKS & set(element.attrib))
    if element.text and element.text.strip():
        yield marked, inside, element.text.strip()
    for child in element:
        yield from texts(child, marked, inside)
        if child.tail and child.tail.strip():
            yield marked, inside, child.tail.strip()


def test_every_sentence_and_number_names_what_it_rests_on(page):
    bare = [
        (where[-1], words)
        for marked, where, words in texts(page.main)
        if not marked and not NAMES & set(where)
    ]
    assert bare == []


def test_keys_and_claims_on_a_page_are_those_of_its_record(page):
    record = page.analysis.to_dict(page.kind)
    keys = {*record["estimates"], *record["tests"], *record["not_computed"]}
    curves = {key for name in page.analysis.results for key in [name.partition(".")[0]]}
    for element in page.main.iter():
        for key in element.attrib.get("data-key", "").split():
            drawn = element.tag == "figure" and key.partition(".")[0] in curves
            assert key in keys or drawn, key
        ids = {claim["id"] for claim in record["claims"]}
        assert set(element.attrib.get("data-claim", "").split()) <= ids
        assert element.attrib.get("data-about", "definition") in ABOUT


def test_definitions_hold_no_results(page):
    """What is marked as a definition says the same whatever the data."""
    values = set()
    for element in page.main.iter("span"):
        if element.attrib.get("class") == "num":
            values |= set(re.findall(r"\d\.\d\d", "".join(element.itertext())))
    for element in page.main.iter():
        if element.attrib.get("data-about") == "definition":
            words = "".join(element.itertext())
            assert not re.search(r"\d{4}-\d\d-\d\d", words), words
            assert not values & set(re.findall(r"\d\.\d\d", words)), words


def test_every_marker_has_a_reason_and_a_use(page):
    used = {e.attrib["data-about"] for e in page.main.iter() if "data-about" in e.attrib}
    assert used <= set(ABOUT)
    assert all(len(reason.split()) >= 4 for reason in ABOUT.values())
    both = {"definition", "disclaimer", "method", "navigation", "sample", "source"}
    assert used == both | ({"catalogue"} if page.kind == "comparison" else set())


def prose(element):
    """Words that are read without opening anything, but for names and the numbers of charts."""
    if not isinstance(element.tag, str):
        return []
    if element.tag.rpartition("}")[2] in NAMES | {"details", "figure", "pre", "svg", "nav"}:
        return []
    found = (element.text or "").split()
    for child in element:
        found += prose(child) + (child.tail or "").split()
    return found


def test_prose_is_short(page):
    words = prose(page.main)
    assert 150 < len(words) < MOST_WORDS, len(words)


def test_sentences_read_as_written_by_a_person(page):
    names = "|".join(re.escape(n) for n in ("S&P 500", "Nasdaq Composite", "WTI crude oil", "VIX"))
    for element in page.main.iter("p"):
        if not {"data-claim", "data-key"} & set(element.attrib):
            continue
        words = re.sub(r"\s+", " ", "".join(element.itertext())).strip()
        assert not re.search(rf"({names}) \1", words), words
        assert not re.search(r"\b(\w{3,}) \1\b", words), words
        assert not re.search(r"\b1 (days|observations|periods|windows|years)\b", words), words
        assert not re.search(r"(?<![\w.])-\d", words), "a real minus sign"
        assert not re.search(r"\d\.\d{4,}", words), "too many decimals"
        assert not re.search(r"\b(None|nan|inf|NaN)\b", words), words
        assert "_" not in words, words
        assert "  " not in words


def rows(page):
    return [e for e in page.main.iter("section") if e.attrib.get("class") == "row"]


def test_a_row_is_a_question_its_answer_and_a_sentence(page):
    claims = {claim.id: claim for claim in page.analysis.claims}
    shown = rows(page)
    assert len(shown) >= 10 * (page.kind == "correlation")
    for row in shown:
        heading, answer, sentence = row[:3]
        said = claims.get(row.attrib.get("data-claim", ""))
        assert heading.tag == "h3"
        assert "".join(heading.itertext()).endswith("?")
        assert "".join(answer.itertext())
        assert sentence.tag == "p"
        if said is None:  # a question that tests nothing
            assert row.attrib["data-key"]
            continue
        assert "".join(heading.itertext()) == said.question
        assert "".join(answer.itertext()) == said.word
        words = "".join(sentence.itertext()).replace("\N{NARROW NO-BREAK SPACE}%", " %")
        assert words == f"{said.sentence} {said.reach}".strip().replace("\u202f%", " %")


def test_each_claim_of_a_row_leads_to_its_evidence(page):
    claims = {claim.id: claim for claim in page.analysis.claims}
    places = {e.attrib["id"]: e for e in page.main.iter() if "id" in e.attrib}
    followed = 0
    for row in rows(page):
        for link in row.iter("a"):
            place = places[link.attrib["href"].removeprefix("#")]
            claim = claims[place.attrib.get("data-claim") or row.attrib["data-claim"]]
            if claim.answer == "untested":
                continue
            followed += 1
            keys = [e.attrib["data-key"] for e in place.iter() if "data-key" in e.attrib]
            assert keys == list(claim.evidence)
            heads = ["".join(e.itertext()) for e in place.iter("th")]
            assert {"Supported if", "Rejected if"} <= set(heads)
            assert ("For “supported”" in heads) == (claim.pvalue is not None)
            for run in claim.sensitivity:
                assert f"Run {run['run']}" in heads
    assert followed >= 8 * (page.kind == "correlation")


def test_a_verdict_stands_beside_its_hypothesis_and_beside_no_sentence(page):
    """A sentence is worded as what was found and may say the opposite of the hypothesis."""
    claims = {claim.id: claim for claim in page.analysis.claims}
    legs = [names.short(leg) for leg in names.legs(page.analysis)]
    above = {child: parent for parent in page.main.iter() for child in parent}
    stated = set()
    for element in page.main.iter():
        words = "".join(element.itertext()).strip() if isinstance(element.tag, str) else ""
        if words.lower() not in set(VERDICTS) - {"not tested"}:
            continue
        around = list(above[element])
        asked = around[around.index(element) - 1]
        article = element
        while "data-claim" not in article.attrib:
            article = above[article]
        claim = claims[article.attrib["data-claim"]]
        assert words.lower() == claim.verdict
        assert "".join(asked.itertext()) == f"“{hypothesis(claim.id, *legs)}”"
        stated.add(claim.id)
    told = claims_of(page.analysis.claims, page.kind)
    assert stated == {claim.id for claim in told if claim.answer != "untested"}


def test_every_claim_of_the_pair_has_its_evidence_on_one_of_the_pages(made):
    for name in ("sp500 nasdaq", "csv"):
        if name not in made:
            made[name] = analysis_of(name, made["folder"])
        html = "".join(page_of(made[name], kind) for kind in KINDS)
        for claim in made[name].claims:
            assert html.count(f'id="{anchor("evidence", claim.id)}"') == 1, claim.id


def test_a_page_is_light(page):
    raw = page.html.encode()
    assert len(raw) <= 400_000
    assert len(gzip.compress(raw)) <= 100_000


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_notebook_teaches_stays_in_it(kind, page):
    teaching = [
        cell
        for cell in nbformat.read(notebook_path(kind), as_version=4).cells
        if cell.cell_type == "markdown" and "remove_cell" in cell.metadata.get("tags", ())
    ]
    assert len(teaching) >= 3
    for cell in teaching:
        assert cell.source.split(".")[0][:40] not in page.html


@pytest.mark.parametrize(
    ("html", "bare"),
    [
        ("<p>One leads the other by days.</p>", 1),
        ("<table><tr><th>r</th><td>0.9</td></tr></table>", 1),
        ("<p data-claim='C15'>One leads <b>the other</b> by days.</p>", 0),
        ("<tr data-key='k'><td>0.9</td></tr>", 0),
        ("<p><span data-key='k'>0.9</span> and more</p>", 1),
    ],
)
def test_the_check_finds_what_is_bare(html, bare):
    body = (
        f"<main><table>{html}</table></main>" if html.startswith("<tr") else f"<main>{html}</main>"
    )
    root = html5lib.parse(body, namespaceHTMLElements=False)
    found = [w for marked, where, w in texts(root) if not marked and not NAMES & set(where)]
    assert len(found) == bare
