"""The digest's forms: valid, within the house's policy, and the same everywhere."""

import json
import re
import xml.etree.ElementTree as ET
from email import message_from_bytes
from email.policy import default

import html5lib
import numpy as np
import pytest

from convex_research.daily.deliver.mail import compose
from convex_research.daily.digest_pages import digest_html, digest_text, mail_html
from convex_research.daily.feeds import atom_feed, digest_name, json_feed, read_digests
from convex_research.daily.plot import history_svg
from convex_research.daily.promise import digest_table
from convex_research.daily.silence import silent_digest
from convex_research.daily.systemd import unit_files


def content(signals=1, problems=1):
    one = {
        "slug": "a-vs-b",
        "title": "A <b> & B",
        "page": "a-vs-b/correlation.html",
        "kind": "correlation",
        "part": "change",
        "pvalue": 1e-6,
        "pvalue_adjusted": 0.0004,
        "statistic": -5.2,
        "reached": "2024-05-03",
        "headline": "The correlation fell.",
        "usual": {"value": 0.9, "low": 0.88, "high": 0.92, "nobs": 1170},
        "path": [0.9, 0.8, 0.4],
        "evidence": [],
    }
    also = {
        "kind": "verdict",
        "key": "correlation.pearson[90]",
        "words": "A claim is now rejected; it was supported.",
        "statistic": -2.7,
        "shown": "0.41 [0.12, 0.63]",
        "covers": "95 % interval",
        "pvalue": 0.012,
        "pvalue_adjusted": 0.0004,
    }
    one["evidence"] = [also]
    moved = {
        **{name: one[name] for name in ("slug", "title", "page", "pvalue")},
        "kind": "move",
        "words": "The spread moved.",
        "statistic": 4.05,
        "value": 0.0312,
        "low": -0.015,
        "high": 0.016,
        "shown": "+3.12 % [-1.50 %, +1.60 %]",
        "covers": "95 % of its moves at this volatility",
        "pvalue_adjusted": 0.61,
        "size": 4.0,
        "key": "watch.spread_move",
    }
    return {
        "schema": "convex-research/digest/1",
        "as_of": "2024-05-03",
        "previous": "2024-05-02",
        "pairs": 2,
        "pairs_with_new_data": 2,
        "comparisons": 4,
        "looks": 4,
        "signals": [one] * signals,
        "moved": [moved],
        "moved_counts": {"verdict": 0, "recent": 0, "break": 0, "extreme": 0, "move": 1},
        "still_open": [{**moved, "since": "2024-04-02"}],
        "closed": [{**moved, "page": ""}],
        "problems": [{"message": "fred: down", "pairs": ["A <b> & B"]}] * problems,
        "sentence": "1 change beyond chance.",
    }


@pytest.mark.parametrize("signals", [0, 1, 3])
def test_pages_are_valid_and_ask_nobody_for_anything(signals):
    page = digest_html(content(signals))
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(page)
    assert len(tree.findall(".//article")) == signals
    assert sum(str(one.tag).endswith("svg") for one in tree.iter()) == signals
    for element in tree.iter():
        assert "style" not in element.attrib
        assert not str(element.attrib.get("src", "")).startswith("http")
        assert not any(name.startswith("on") for name in element.attrib)
    policy = tree.find(".//meta[@http-equiv]").attrib["content"]
    assert policy.startswith("default-src 'none'")


def test_mail_is_simple_markup():
    markup = mail_html(content(), {0: "x@y"}, "https://r.example/")
    html5lib.HTMLParser(strict=True).parse(markup)
    for word in ("<script", "<style", "<link", "class=", "<svg", "flex", "var("):
        assert word not in markup
    assert 'src="cid:x@y"' in markup
    assert 'href="https://r.example/a-vs-b/correlation.html"' in markup
    assert "<a " not in mail_html(content(), {})


def forms(digest):
    """A digest in its four forms, without the breaks of its lines."""
    mail = compose(
        digest, to="a@b.org", sender="c@d.org", identity="<x@d.org>", site="https://r.example/"
    )
    parts = [
        part.get_content()
        for part in message_from_bytes(mail, policy=default).walk()
        if part.get_content_type() == "text/plain"
    ]
    texts = {
        "page": "".join(
            html5lib.parse(digest_html(digest), namespaceHTMLElements=False).itertext()
        ),
        "text": digest_text(digest, "https://r.example/"),
        "mail": parts[0],
        "json": json.dumps(digest, ensure_ascii=False),
    }
    return {name: " ".join(words.split()) for name, words in texts.items()}


@pytest.mark.parametrize("form", ["page", "text", "mail"])
def test_every_listed_change_has_statistic_interval_and_adjusted_pvalue(form):
    words = forms(content())[form]
    for number in ("-5.20", "< 0.001", "0.41 [0.12, 0.63]", "95 % interval", "-2.70", "= 0.012"):
        assert number.replace("-", "\N{MINUS SIGN}") in words, number
    for number in ("+4.05", "+3.12 % [-1.50 %, +1.60 %]", "95 % of its moves", "0.61"):
        assert number in words, number


def test_the_page_says_what_it_finds_and_what_nobody_could():
    alone = {row.before[0]: row for row in digest_table().rows if row.shifted == 1}
    words = forms(content())["page"]
    for before in (0.95, 0.9, 0.8):
        found, error = 100 * alone[before].found, 100 * alone[before].found_std_error
        told = rf"{found:.1f} ± {error:.1f}.% (of cases )?if it was {before:.2f}"
        assert re.search(told, words)
    quiet = [row for row in digest_table().rows if row.after is None and "vol" not in row.world]
    most = max(row.digests_with_false_report for row in quiet)
    assert f"at most {100 * most:.1f} ± " in words
    assert re.search(rf"would find {100 * alone[0.8].bound:.0f}.%\.", words)


def test_every_listed_change_leads_to_its_page():
    digest = content()
    page = html5lib.parse(digest_html(digest), namespaceHTMLElements=False)
    rows = page.findall(".//table/tbody/tr")
    assert len(rows) == len(digest["moved"])
    assert all(row.find(".//a").get("href") == "../a-vs-b/correlation.html" for row in rows)
    text = digest_text(digest, "https://r.example/").split()
    link = "https://r.example/a-vs-b/correlation.html"
    assert text.count(link) == len(digest["signals"]) + len(digest["moved"])


def silent(as_of="2024-05-03"):
    sources = [
        {
            "source": "fred",
            "problem": "the connection was refused <b>",
            "series": [
                {"symbol": "DGS10", "last": "2024-05-03"},
                {"symbol": "DGS2", "last": None},
            ],
            "more": 3,
        },
        {"source": "yahoo", "problem": "no answer in time", "series": [], "more": 0},
    ]
    return silent_digest(sources, as_of, 7)


@pytest.mark.parametrize("as_of", ["2024-05-03", None])
def test_a_silent_day_says_so_in_one_sentence_and_claims_nothing(as_of):
    digest = silent(as_of)
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    page = parser.parse(digest_html(digest))
    assert page.find(".//h1").text == "No source answered"
    assert not page.findall(".//article")
    for name, words in forms(digest).items():
        assert "No source answered (fred and yahoo)" in words
        assert ("known to 2024-05-03" in words) == (as_of is not None)
        for claimed in ("quiet", "beyond chance", "5 % are false"):
            assert claimed not in words
        if name != "json":
            assert "fred: the connection was refused <b>" in words
            assert "DGS10 to 2024-05-03; DGS2 never read; 3 more" in words
    html5lib.HTMLParser(strict=True).parse(mail_html(digest, {}, "https://r.example/"))
    name = f"{as_of}-no-answer" if as_of else "no-answer"
    assert f"digest/{name}.html" in mail_html(digest, {}, "https://r.example/")


def test_a_silent_day_stands_in_the_feeds_after_the_day_it_follows(tmp_path):
    for one in (content(), silent(), silent(None), {**content(), "as_of": "2024-05-06"}):
        (tmp_path / f"{digest_name(one)}.json").write_text(json.dumps(one))
    found = read_digests(tmp_path)
    names = ["2024-05-06", "2024-05-03-no-answer", "2024-05-03", "no-answer"]
    assert [digest_name(one) for one in found] == names
    items = json.loads(json_feed(found))["items"]
    assert len({item["id"] for item in items}) == 4
    assert items[1]["url"] == "2024-05-03-no-answer.html"
    assert items[1]["title"] == "No source answered after 2024-05-03"
    assert "fred: the connection was refused" in items[1]["content_text"]
    ET.fromstring(atom_feed(found))


def test_text_fits_a_terminal():
    text = digest_text(content())
    assert max(map(len, text.splitlines())) <= 78
    assert "A <b> & B" in text
    assert "adjusted p < 0.001" in text.replace("\N{NO-BREAK SPACE}", " ")


def test_feeds_tell_the_same(tmp_path):
    (tmp_path / "2024-05-03.json").write_text(json.dumps(content()))
    (tmp_path / "2024-05-02.json").write_text(json.dumps({**content(0, 0), "as_of": "2024-05-02"}))
    (tmp_path / "2024-05-01.json").write_text("{broken")
    (tmp_path / "feed.json").write_text("{}")
    found = read_digests(tmp_path)
    assert [one["as_of"] for one in found] == ["2024-05-03", "2024-05-02"]
    name = "{http://www.w3.org/2005/Atom}"
    tree = ET.fromstring(atom_feed(found, "https://r.example/"))
    entries = tree.findall(f"{name}entry")
    feed = json.loads(json_feed(found, "https://r.example/"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [e.findtext(f"{name}id") for e in entries] == [item["id"] for item in feed["items"]]
    assert len({item["id"] for item in feed["items"]}) == 2
    assert feed["items"][0]["url"] == "https://r.example/digest/2024-05-03.html"
    assert tree.findtext(f"{name}updated") == "2024-05-03T00:00:00Z"
    assert "A <b> & B: The correlation fell." in entries[0].findtext(f"{name}summary")
    assert json.loads(json_feed([]))["items"] == []


def test_the_index_leads_to_the_latest_digest_and_its_feeds(tmp_path):
    from convex_research.publishing.index.write import write_index

    page = write_index(tmp_path).read_text()
    assert "digest/" not in page
    (tmp_path / "digest").mkdir()
    (tmp_path / "digest" / "index.html").write_text("")
    page = write_index(tmp_path).read_text()
    html5lib.HTMLParser(strict=True).parse(page)
    assert '<a href="digest/index.html">Latest digest</a>' in page
    assert page.count('href="digest/feed.xml"') == 2
    assert page.count('href="digest/feed.json"') == 1


def test_units_hold_the_command_and_no_secret():
    made = unit_files(
        [
            "daily",
            "my pairs.toml",
            "--systemd",
            "--webhook",
            "https://h/t0ken",
            "--to",
            "a@b.org",
            "--webhook=https://h/t0ken",
        ]
    )
    assert 'ExecStart=/usr/bin/env convex-research daily "my pairs.toml" --to a@b.org\n' in made
    assert "t0ken" not in made
    assert "Persistent=true" in made
    assert "/home" not in made
    assert 'x%%y "a$$b\\"c"' in unit_files(["x%y", 'a$b"c'])


def test_a_history_is_drawn_with_gaps_and_band():
    value = np.array([0.5, 0.6, np.nan, 0.4, 0.3])
    days = [f"2024-05-0{i}" for i in range(1, 6)]
    drawn = history_svg("a & <b>", days, value, value - 0.1, value + 0.1)
    tree = ET.fromstring(drawn)
    paths = [element.attrib for element in tree if element.tag.endswith("path")]
    (band,) = (path["d"] for path in paths if path.get("class") == "f-r")
    assert band.count("M") == 2
    (line,) = (path["d"] for path in paths if path.get("class") == "s-r")
    assert line.count("M") == 2
    assert tree[0].text == "a & <b>"
    alone = ET.fromstring(history_svg("one", days[:1], np.array([0.0])))
    assert [
        path.attrib["d"].endswith("h0") for path in alone if path.get("stroke-width") == "6"
    ] == [True]
