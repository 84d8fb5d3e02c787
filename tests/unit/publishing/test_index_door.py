"""The top of the index, its parts, and its lines for spreadsheets."""

import copy
import csv
import json
import re

import numpy as np
import pytest
from support import study_of

from convex_research.analysis.record import dump_record
from convex_research.publishing.index import page as index_page
from convex_research.publishing.index.door import door
from convex_research.publishing.index.listing import index_csv
from convex_research.publishing.index.matrix import MOST, Matrix, correlation_matrix
from convex_research.publishing.index.write import read_index, write_index
from convex_research.publishing.meta.describe import index_line, lately


@pytest.fixture(scope="module")
def record():
    return study_of("sp500", "nasdaq", start="2014-01-01").to_dict()


def entry(a, b, r, *, way="", survives=False, pvalue=0.5, low=None):
    answers = [
        {"key": "correlation.pearson[252]", "label": "r, past year", "window": "past year"},
        {
            "id": "C29",
            "answer": "yes" if way else "open",
            "word": "Yes" if way else "Can’t tell",
            "way": way,
        },
        {"key": "rolling.usual[90]", "label": "r, last 90 days", "window": "last 90 days"},
        {},
        {},
    ]
    answers[2]["value"] = r / 2.0
    one = {
        "slug": f"{a}-vs-{b}",
        "title": f"{a.upper()} and {b.upper()}",
        **{leg: {"symbol": x, "id": x, "name": x.upper()} for leg, x in (("a", a), ("b", b))},
        "as_of": "2020-01-31",
        "frequency": "daily",
        "pages": {"correlation": f"{a}-vs-{b}/correlation.html"},
        "correlation": {
            "key": "correlation.pearson[252]",
            "value": r,
            "low": r - 0.1 if low is None else low,
            "high": r + 0.1,
            "nobs": 252,
            "method": "jackknife",
            "confidence_level": 0.95,
        },
        "correlations": {},
        "change": {"window": "252", "pvalue": pvalue},
        "rolling": None,
        "answers": answers,
    }
    record = {
        "summary": answers[1:2],
        "estimates": {"correlation.pearson[252]": one["correlation"]},
    }
    one["lately"] = lately(record, {"discovered": survives})
    one["line"] = index_line(record, {"discovered": survives})
    return one


def title(*pairs):
    return door({"pairs": pairs}, []).title


def test_what_counts_alone_and_not_among_all_is_perhaps():
    alone = entry("x", "y", 0.75, way="closer")
    assert (alone["lately"]["answer"], alone["lately"]["word"]) == ("perhaps", "Perhaps")
    assert alone["line"] == "Strong to very strong link; perhaps closer lately."
    sure = entry("x", "y", 0.75, way="closer", survives=True)
    assert sure["lately"]["word"] == "Yes"
    assert sure["line"].endswith("; closer lately.")
    still = entry("x", "y", 0.05, survives=True)
    assert still["lately"] == {"answer": "open", "word": "Can’t tell", "way": ""}
    assert still["line"] == "No clear link; no clear change."


def test_the_title_is_the_finding():
    quiet = entry("a", "b", 0.5)
    near = entry("c", "d", 0.5, way="looser", pvalue=0.01)
    nearest = entry("e", "f", 0.5, way="looser", pvalue=0.001)
    sure = entry("g", "h", 0.5, way="closer", survives=True, pvalue=0.0001)
    assert title() == "No pairs yet"
    assert title(quiet) == "A and B: moderate to strong link; no clear change"
    assert title(quiet, quiet) == "No pair of 2 has clearly changed lately"
    assert title(quiet, near, nearest).endswith("clearly changed lately; E and F come nearest")
    assert title(quiet, near, sure).startswith("G and H move more closely lately; no other of 3")
    assert title(sure, sure, near).startswith("2 of 3 pairs have clearly changed lately, G and H")
    found = door({"pairs": [quiet, near, nearest]}, [])
    assert [one["slug"] for one in found.changes] == ["e-vs-f", "c-vs-d"]
    assert found.note.startswith("2 of 3 pairs count as changed alone; none survives")


def test_the_map_puts_like_beside_like_and_leaves_out_what_stands_alone():
    r = np.array([[1, 0.9, -0.2, 0.1], [0.9, 1, -0.1, 0.0], [-0.2, -0.1, 1, 0.8], [0.1, 0, 0.8, 1]])
    names = ["p", "s", "q", "t"]  # p and s, q and t are alike
    pairs = [
        entry(names[i], names[j], float(r[i, j]), way="closer" if (i, j) == (0, 2) else "")
        for i in range(4)
        for j in range(i + 1, 4)
        if (i, j) != (1, 3)
    ]
    found = correlation_matrix([*pairs, entry("y", "z", 0.99), entry("p", "y", 0.3)])
    assert isinstance(found, Matrix)
    order = [label for label, _ in found.heads]
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset("PS"), frozenset("QT")}
    for i, row in enumerate(found.cells):
        assert row[i] is None
        for j, cell in enumerate(row):
            pair = {order[i].lower(), order[j].lower()}
            if i == j or pair == {"s", "t"}:
                assert cell is None
                continue
            value = float(r[names.index(min(pair)), names.index(max(pair))])
            assert cell.text == f"{value / (1 if j < i else 2):+.2f}".replace("-", "−")
            assert cell.href.removesuffix("/correlation.html").split("-vs-") == sorted(
                pair, key=names.index
            )
            assert bool(cell.ring) == (pair == {"p", "q"} and j < i)
    assert (found.lower, found.upper) == ("past year", "last 90 days")
    assert correlation_matrix(pairs[:2]) == ""
    many = [f"x{k:02d}" for k in range(MOST + 1)]
    ring = [entry(a, b, 0.5) for a, b in zip(many, [*many[1:], many[0]], strict=True)]
    assert "41 instruments" in correlation_matrix(ring)
    assert isinstance(correlation_matrix([*ring[:-1], entry(many[0], many[-2], 0.5)]), Matrix)


def test_no_correlation_below_one_is_printed_as_one():
    pairs = [entry(a, b, 0.997) for a, b in ("xy", "yz", "xz")]
    found = correlation_matrix(pairs)
    texts = {cell.text for k, row in enumerate(found.cells) for cell in row[:k]}
    assert texts == {">0.99"}


def put(output, record, number, **changes):
    slug = f"s{number}-vs-x"
    made = copy.deepcopy(record) | changes
    made["pair"]["slug"] = slug
    made["pair"]["a"] |= {"symbol": f"csv:s.csv#{number}", "name": f"S{number} <b>"}
    (output / slug).mkdir(parents=True)
    (output / slug / "correlation.json").write_text(dump_record(made))


def test_many_pairs_come_in_parts_that_hold_them_all(tmp_path, record, monkeypatch):
    monkeypatch.setattr(index_page, "PART", 2)
    monkeypatch.setattr("convex_research.publishing.index.write.PART", 2)
    for number in range(5):
        put(tmp_path, record, number)
    page = write_index(tmp_path).read_text()
    first = json.loads((tmp_path / "index.json").read_text())
    assert [one["href"] for one in first["parts"]] == [
        "index.json",
        "index-2.json",
        "index-3.json",
    ]
    assert [one["pairs"] for one in first["parts"]] == [2, 2, 1]
    assert len(first["pairs"]) == len(first["across_pairs"]["pairs"]) == 2
    whole = read_index(tmp_path)
    slugs = [f"s{number}-vs-x" for number in range(5)]
    assert [one["slug"] for one in whole["pairs"]] == slugs
    assert list(whole["across_pairs"]["pairs"]) == slugs
    shown = [
        re.findall(r'<tr id="([^"]+)', (tmp_path / name).read_text())
        for name in ("index.html", "index-2.html", "index-3.html")
    ]
    assert shown == [slugs[:2], slugs[2:4], slugs[4:]]
    data = re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1]
    assert [one[0] for one in json.loads(data)] == slugs
    assert "<b>" not in data
    assert 'href="index-3.html"' in page
    assert "<script>" not in (tmp_path / "index-2.html").read_text()
    monkeypatch.undo()
    write_index(tmp_path)
    assert sorted(path.name for path in tmp_path.glob("index*")) == [
        "index.csv",
        "index.html",
        "index.json",
    ]


def test_a_part_that_is_gone_leaves_the_others(tmp_path, record, monkeypatch):
    monkeypatch.setattr(index_page, "PART", 2)
    monkeypatch.setattr("convex_research.publishing.index.write.PART", 2)
    for number in range(5):
        put(tmp_path, record, number)
    write_index(tmp_path)
    (tmp_path / "index-2.json").unlink()
    assert [one["slug"][:2] for one in read_index(tmp_path)["pairs"]] == ["s0", "s1", "s4"]


def test_a_line_a_pair_for_spreadsheets(tmp_path, record):
    put(tmp_path, record, 0)
    write_index(tmp_path)
    text = (tmp_path / "index.csv").read_bytes().decode("utf-8-sig")
    assert text.endswith("\r\n")
    (row,) = csv.DictReader(text.splitlines())
    names = ("closely", "changed", "unusual", "hedge", "next_month")
    for name, part in zip(names, record["summary"], strict=True):
        for field in ("number", "ends", "word", "sentence", "key"):
            assert row[f"{name}_{field}"].removeprefix("'") == (part[field] or "")
        stored = record["estimates"][part["key"]]
        assert float(row[f"{name}_value"]) == stored["value"]
        assert float(row[f"{name}_low"]) == stored["low"]
    assert row["changed_among"] in {"yes", "perhaps", "open", "no", "slightly"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_name_becomes_a_formula(start):
    one = entry("a", "b", 0.5)
    one |= {"title": f"{start}cmd|' /C calc'!A0", "category": "x", "nobs": 9, "flags": []}
    (row,) = csv.reader([index_csv([one]).split("\r\n", 1)[1].removesuffix("\r\n")])
    assert row[1] == f"'{one['title']}" or start == "\r"
    assert not [cell for cell in row if cell.startswith(start)]
