"""Twelve unlike pairs as a reader meets them: short sentences in plain words, and each traceable.

Pages are made in this process from their notebooks' cells, which takes a second instead of ten.
"""

import gzip
import json
import re
from types import SimpleNamespace
from typing import get_args

import html5lib
import nbformat
import pytest
import wording
from support import page_of, study_of
from worlds import READ, world

from convex_research.claims import Verdict, hypothesis
from convex_research.claims.registry import claims_of
from convex_research.core.files import notebook_path
from convex_research.core.fragments import ABOUT, anchor
from convex_research.daily.watch.changes import changes, summary_of
from convex_research.presentation.prose import names
from convex_research.publishing.index.write import write_index
from convex_research.publishing.meta.describe import describe

KINDS = ("correlation", "comparison")
SLOW = ("wti nasdaq", "sp500 wti", "nasdaq vix", "wti vix")
MARKS = {"data-key", "data-claim", "data-about"}

# Names of things, without a verb: headings, column and row heads, captions of tables, and the
# word that opens what is folded. They are followed by the marked element they name.
NAMES = {"h1", "h2", "h3", "h4", "th", "caption", "summary", "style", "script"}
MOST_WORDS = 1_070
FIRST_SCREEN = 15  # words of a sentence
VERDICTS = get_args(Verdict)
ANSWERS = {"ans": "decided", "ans ct": "open", "ans nt": "untested"}


def analysis_of(name):
    return study_of(*name.split()) if " " in name else world(name)


class Page:
    def __init__(self, analysis, kind):
        self.analysis, self.kind = analysis, kind
        self.html = page_of(analysis, kind)
        self.root = html5lib.parse(self.html, namespaceHTMLElements=False)
        self.main = next(e for e in self.root.iter("main"))
        self.names = [name for leg in names.legs(analysis) for name in (leg.name, names.short(leg))]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((name, kind), id=f"{name}-{kind}", marks=[pytest.mark.slow] * (name in SLOW))
        for name in (*READ, *SLOW)
        for kind in KINDS
    ],
)
def page(request):
    name, kind = request.param
    return Page(analysis_of(name), kind)


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
        assert not re.search(r"\d\.\d{4,}", words) or "short of" in words, "too many decimals"
        assert not re.search(r"\b(None|nan|inf|NaN)\b", words), words
        assert "_" not in words, words
        assert "  " not in words


def read(element, without=()):
    """Words below an element on one line, without what lies in some elements."""
    if not isinstance(element.tag, str) or element.tag in without:
        return ""
    parts = [element.text or ""]
    for child in element:
        parts += [read(child, without), child.tail or ""]
    return re.sub(r"\s+", " ", "".join(parts)).strip() if not without else "".join(parts)


def sentence(element, page):
    """As :func:`wording.bare` has it: without the ends of intervals, each name one word."""
    words = re.sub(r"\s+", " ", read(element, {"i"})).replace(" .", ".").strip()
    for name in sorted(page.names, key=len, reverse=True):
        words = words.replace(name, "A")
    return words


def answers(page):
    """Question, answer and sentence of each line of the first screen."""
    table = next(e for e in page.main.iter("table") if e.attrib.get("class") == "five")
    return [(line[0], line[1], line[3]) for line in table.iter("tr")]


def unfolded(element):
    """Elements that are read without opening anything."""
    if isinstance(element.tag, str) and element.tag not in {"details", "figure", "svg", "nav"}:
        yield element
        for child in element:
            yield from unfolded(child)


def test_sentences_are_short_with_few_numbers(page):
    for _, _, said in answers(page):
        wording.few(sentence(said, page), FIRST_SCREEN)
    for row in rows(page):
        wording.few(sentence(row[2], page), wording.WORDS)


def test_words_outside_folds_are_those_that_readers_know(page):
    blocks = {"h1", "h2", "h3", "p", "td", "th", "li", "caption"}
    shown = [one for one in unfolded(page.main) if one.tag in blocks]
    assert len(shown) > 20
    for one in shown:
        wording.plain(sentence(one, page))


def test_answers_are_those_to_the_questions_printed(page):
    told = [*answers(page), *(row[:3] for row in rows(page))]
    for asked, answer, said in told:
        (mark,) = [e for e in answer.iter("span") if e.attrib.get("class", "").startswith("ans")]
        one = SimpleNamespace(
            question=read(asked), word=read(mark), answer=ANSWERS[mark.attrib["class"]]
        )
        one.text = f"{one.question} {one.word} {read(said)}"
        wording.answers_its_question(one)


def test_five_answers_come_before_any_chart(page):
    assert len(answers(page)) == 5
    tags = [e.attrib.get("class") or e.tag for e in page.main.iter() if isinstance(e.tag, str)]
    assert tags.index("five") < tags.index("figure")


def test_a_number_is_read_alike_wherever_it_stands(page):
    """With its sign or without, in the same rounding."""
    seen = {}
    for one in unfolded(page.main):
        for part in one.iter("span") if one.tag in {"p", "td"} else ():
            if part.attrib.get("class") == "num" and "data-key" in part.attrib:
                number = re.search(r"[\d.,]*\d", read(part))
                if number:
                    seen.setdefault(part.attrib["data-key"], set()).add(number[0])
    several = {key: found for key, found in seen.items() if len(found) > 1}
    assert [  # a share and what is left of it are one number
        one for one in several.items() if sum(map(float, one[1])) != pytest.approx(100.0)
    ] == []


def test_what_is_said_of_one_correlation_agrees(page):
    by_id = {one.id: one for one in page.analysis.claims}
    words = " ".join(sentence(one, page) for one in unfolded(page.main) if one.tag == "p")
    answer = {
        name: by_id[name].answer if name in by_id else "untested"
        for name in ("C15", "C18a", "C27", "C30", "C34", "C35")
    }
    steady = answer["C18a"] == answer["C35"] == "no" and answer["C34"] != "yes"
    assert steady or not re.search(r"\bstable\b|\bsteady (?!slope)", words), words
    title = page.analysis.first_screen(page.kind).title
    assert not re.search(r"unusual|lasting|chance|years differ", title)
    assert "baseline" not in words
    assert not (answer["C27"] == "slightly" and "no link of any kind" in words)
    if page.kind == "correlation" and answer["C30"] == "no":
        ahead = page.analysis.answers()[4]
        assert ahead.keys[0] != "forecast.pearson[21]"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The pairs as records in a folder with its index."""
    place = tmp_path_factory.mktemp("reports")
    for name in READ:
        record = world(name).to_dict("correlation")
        record["pair"]["slug"] = name
        for leg in "ab":
            record["pair"][leg] |= {"symbol": f"test:{name}-{leg}", "id": f"{name}-{leg}"}
        (place / name).mkdir()
        (place / name / "correlation.json").write_text(json.dumps(record))
        (place / name / "correlation.html").write_text("<!DOCTYPE html><title>x</title>")
    write_index(place)
    return place


def flat(words):
    return re.sub(r"\s+", " ", words)


@pytest.mark.parametrize("name", READ)
def test_page_record_index_and_digest_say_the_same(folder, name):
    screen, html = world(name).first_screen(), page_of(world(name), "correlation")
    record = json.loads((folder / name / "correlation.json").read_text())
    root = html5lib.parse(html, namespaceHTMLElements=False)
    page = SimpleNamespace(main=next(root.iter("main")))
    assert read(next(root.iter("title"))) == read(next(page.main.iter("h1"))) == record["title"]
    content = json.loads((folder / "index.json").read_text())
    (entry,) = [one for one in content["pairs"] if one["slug"] == name]
    index = html5lib.parse((folder / "index.html").read_text(), namespaceHTMLElements=False)
    (row,) = [read(e) for e in index.iter("tr") if e.attrib.get("id") == name]
    table = (folder / "index.csv").read_text()
    described = describe(record)
    for shown, stored, listed, one in zip(
        answers(page), record["summary"], entry["answers"], screen.answers, strict=True
    ):
        asked, answer, said = map(read, shown)
        assert (asked, answer) == (stored["question"], stored["word"])
        assert flat(said) == flat(stored["sentence"]) == flat(listed["sentence"])
        assert listed["word"] == stored["word"] == one.word
        assert f"{asked} {answer}" in described
        if stored["number"]:
            assert flat(stored["number"]) in flat(described)
            assert stored["number"] in table
            assert flat(stored["number"]) in flat(row), row
    before = summary_of(record)
    flipped = dict.fromkeys(before["verdicts"], "nothing")
    lines = {
        one["claim"]: one["words"]
        for one in changes(record, {**before, "verdicts": flipped, "words": {}}, None)
        if one["kind"] == "verdict"
    }
    assert len(lines) >= 13
    for claim in world(name).claims:
        assert lines[claim.id] == f"{claim.question} {claim.word}."


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
    for row in rows(page):
        followed = 0
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
        said = claims.get(row.attrib.get("data-claim", ""))
        assert followed or said is None or said.answer == "untested"


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


def test_every_claim_of_the_pair_has_its_evidence_on_one_of_the_pages(page):
    html = "".join(page_of(page.analysis, kind) for kind in KINDS)
    for claim in page.analysis.claims:
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
