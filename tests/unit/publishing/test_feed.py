"""What changed between two builds, and the feed that tells of it."""

import copy
import re
from xml.etree import ElementTree as ET

import pytest

from convex_research.publishing.feed import LONGEST, changes_between, feed_xml, merged

ATOM = "{http://www.w3.org/2005/Atom}"
SITE = "https://example.org/reports/"


def extreme(value, end):
    return {"value": value, "end": end, "nobs": 90}


def pair(slug="a-vs-b", as_of="2024-05-31", **changes):
    made = {
        "slug": slug,
        "title": "A & B <x>",
        "as_of": as_of,
        "start": "2019-01-02",
        "frequency": "daily",
        "returns": "simple",
        "a": {"symbol": "csv:a.csv#x"},
        "b": {"symbol": "csv:b.csv#x"},
        "claims": {"C15": "inconclusive", "C18a": "supported"},
        "breaks": [{"date": "2021-03-01", "first": "2021-01-04", "last": "2021-05-03"}],
        "rolling": {
            "key": "rolling.pearson[90]",
            "lowest": extreme(-0.2, "2020-03-02"),
            "highest": extreme(0.8, "2022-03-02"),
        },
        "pages": {"correlation": f"{slug}/correlation.html"},
    }
    return {**made, **changes}


def later(**changes):
    return pair(as_of="2024-06-28", **changes)


def told(before, after, claims=None):
    return changes_between([before], [after], claims or {})


def test_nothing_changed_tells_nothing():
    assert told(pair(), later()) == []


def test_a_changed_verdict_is_told_with_its_sentence():
    after = later(claims={"C15": "supported", "C18a": "supported"})
    claim = {"question": "Does one lead?", "word": "Yes", "text": "A leads B by three days."}
    (one,) = told(pair(claim_words={"C15": "No"}), after, {"a-vs-b": {"C15": claim}})
    assert (one["kind"], one["key"], one["as_of"]) == ("verdict", "C15", "2024-06-28")
    assert one["text"] == "A leads B by three days."
    assert one["title"].endswith(": Does one lead? Yes; before: No")
    assert one["href"] == "a-vs-b/correlation.html"


@pytest.mark.parametrize(
    ("claim", "hypothesis"),
    [
        ("C29", "Recent correlation tracks the preceding one"),
        ("C30", "The long-run average forecasts correlation as well as anything tried"),
        ("C32", "One leg moves more than the other (in different units: A moves with B)"),
    ],
)
def test_a_verdict_without_a_question_is_told_of_what_it_is_about(claim, hypothesis):
    before, after = ({**pair()["claims"], claim: v} for v in ("inconclusive", "rejected"))
    (one,) = told(pair(claims=before), later(claims=after))
    assert one["title"].endswith(f": “{hypothesis}”: rejected")


def test_a_claim_that_is_new_or_gone_is_no_change():
    assert told(pair(), later(claims={"C18a": "supported", "C16": "supported"})) == []


def test_a_break_is_new_unless_its_dates_overlap_with_a_known_one():
    moved = {"date": "2021-03-15", "first": "2021-02-01", "last": "2021-06-01"}
    new = {"date": "2023-09-01", "first": "2023-08-01", "last": "2023-10-02"}
    (one,) = told(pair(), later(breaks=[moved, new]))
    assert one["kind"] == "break"
    assert "2023-09-01" in one["title"]
    # Found a month later, it is the same break and has the same identifier.
    (again,) = told(pair(), {**later(breaks=[moved, new]), "as_of": "2024-07-31"})
    assert again["id"] == one["id"]


def test_a_new_extreme_is_told_once_and_only_if_it_is_beyond_the_old_one():
    rolling = pair()["rolling"]
    beyond = {**rolling, "highest": extreme(0.9, "2024-06-20")}
    (one,) = told(pair(), later(rolling=beyond))
    assert one["kind"] == "extreme"
    assert "+0.90" in one["title"]
    assert "before, it was +0.80 (2022-03-02)" in one["text"]
    assert told(pair(), later(rolling={**rolling, "highest": extreme(0.7, "2024-06-20")})) == []
    # A higher value of long ago is another history, not news.
    assert told(pair(), later(rolling={**rolling, "highest": extreme(0.9, "2021-06-20")})) == []
    low = {**rolling, "lowest": extreme(-0.31, "2024-06-21")}
    (lower,) = told(pair(), later(rolling=low))
    assert "−0.31" in lower["title"]


@pytest.mark.parametrize(
    "other",
    [
        {"a": {"symbol": "csv:other.csv#x"}},
        {"start": "2020-01-02"},
        {"returns": "log"},
        {"methods": "2"},
        {"as_of": "2024-05-31"},
        {"as_of": "2024-01-31"},
        {"slug": "c-vs-d"},
    ],
)
def test_another_series_start_or_earlier_data_is_not_compared(other):
    after = {**later(claims={"C15": "supported", "C18a": "supported"}), **other}
    assert told(pair(), after) == []


@pytest.mark.parametrize(
    "before", [{}, {"slug": "a-vs-b"}, {"slug": "a-vs-b", "a": 3}, "text", None]
)
def test_a_foreign_earlier_index_is_no_error(before):
    assert changes_between([before], [later()], {}) == []


def test_changes_are_kept_once_newest_first_and_not_for_ever():
    many = [
        {
            **told(pair(), later(claims={"C15": "supported", "C18a": "supported"}))[0],
            "id": f"urn:{k}",
        }
        for k in range(LONGEST + 20)
    ]
    for k, one in enumerate(many):
        one["as_of"] = f"2024-{1 + k % 12:02d}-01"
    kept = merged(many[:5], [*many, "torn", {"id": 3}, {**many[0], "href": "javascript:alert(1)"}])
    assert len(kept) == LONGEST
    assert [one["as_of"] for one in kept] == sorted((o["as_of"] for o in kept), reverse=True)
    assert len({one["id"] for one in kept}) == LONGEST
    assert merged([], kept) == kept


def parsed(text):
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n')
    return ET.fromstring(text)


@pytest.mark.parametrize("site", [None, SITE])
def test_the_feed_is_atom_with_dates_of_the_data(site):
    after = later(claims={"C15": "supported", "C18a": "supported"})
    changes = told(pair(), after, {"a-vs-b": {"C15": {"text": "It\x07 <b>holds</b> & more."}}})
    feed = parsed(feed_xml(changes, as_of="2024-06-28", site=site))
    assert feed.tag == f"{ATOM}feed"
    for needed in ("id", "title", "updated"):
        assert feed.find(f"{ATOM}{needed}").text.strip()
    assert feed.find(f"{ATOM}author/{ATOM}name").text
    assert feed.find(f"{ATOM}updated").text == "2024-06-28T00:00:00Z"
    (entry,) = feed.findall(f"{ATOM}entry")
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", entry.find(f"{ATOM}id").text)
    assert entry.find(f"{ATOM}updated").text == "2024-06-28T00:00:00Z"
    assert entry.find(f"{ATOM}summary").text == "It  <b>holds</b> & more."
    assert "A & B <x>" in entry.find(f"{ATOM}title").text
    href = entry.find(f"{ATOM}link").get("href")
    assert href == (site or "") + "a-vs-b/correlation.html"
    assert "{http://www.w3.org/XML/1998/namespace}base" not in feed.attrib


def test_an_empty_feed_is_still_a_feed():
    feed = parsed(feed_xml([], as_of=None, site=None))
    assert feed.findall(f"{ATOM}entry") == []
    assert feed.find(f"{ATOM}updated").text == "1970-01-01T00:00:00Z"


def test_the_same_changes_give_the_same_bytes_and_sites_differ():
    changes = told(pair(), later(claims={"C15": "supported", "C18a": "rejected"}))
    assert len(changes) == 2
    twice = [feed_xml(copy.deepcopy(changes), as_of="2024-06-28", site=None) for _ in range(2)]
    assert twice[0] == twice[1]
    ids = {parsed(feed_xml([], as_of=None, site=s)).find(f"{ATOM}id").text for s in (None, SITE)}
    assert len(ids) == 2
