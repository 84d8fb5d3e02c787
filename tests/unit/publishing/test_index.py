"""The index: every record in a row, what failed in the open, whole without its script."""

import copy
import json
import re
import time
from html import unescape

import html5lib
import pytest
from support import instrument_of, study_of

from convex_research.analysis.record import dump_record, thinned_path, validate_record
from convex_research.core.errors import InputError, PublishingError
from convex_research.publishing.assets import content_policy, script, stylesheet, template_folder
from convex_research.publishing.index.entries import FLAGS
from convex_research.publishing.index.page import render_notice, tiny_path
from convex_research.publishing.index.write import read_index, write_index
from convex_research.publishing.records import read_reports
from convex_research.publishing.render import failure_fields

SITE = "https://example.org/reports/"


@pytest.fixture(scope="module")
def record():
    return study_of("sp500", "nasdaq", start="2014-01-01").to_dict()


def leg(name, symbol=None):
    return {
        "symbol": symbol or f"csv:{name}.csv#x",
        "id": name.lower(),
        "name": name,
        "kind": "price",
        "unit": "USD",
    }


def put(output, record, a="Alpha", b="Beta", *, kinds=("correlation", "comparison"), **changes):
    """A pair's records as a batch leaves them; the pages are beside the point."""
    slug = f"{a.lower()}-vs-{b.lower()}"
    made = copy.deepcopy(record)
    made["pair"] |= {"slug": slug, "a": leg(a), "b": leg(b), **changes.pop("pair", {})}
    made |= changes
    for kind in kinds:
        made["kind"] = kind
        (output / slug).mkdir(parents=True, exist_ok=True)
        (output / slug / f"{kind}.json").write_text(dump_record(made))
    return slug


def written(output):
    page = write_index(output).read_text()
    html5lib.HTMLParser(strict=True).parse(page)
    return page, json.loads((output / "index.json").read_text())


def rows(page):
    table = re.search(r'<table id="pairs".*?</table>', page, re.DOTALL)[0]
    return re.findall(r"<tr id=.*?</tr>", table, re.DOTALL)


def test_a_record_carries_a_thinned_rolling_path(record):
    (path,) = record["series"].values()
    assert 2 <= len(path) <= 60
    days = [day for day, _ in path]
    assert days == sorted(set(days))
    values = [value for _, value in path]
    estimates = record["estimates"]
    assert max(values) == pytest.approx(estimates["rolling.pearson_max[90]"]["value"], abs=1e-4)
    assert min(values) == pytest.approx(estimates["rolling.pearson_min[90]"]["value"], abs=1e-4)
    assert days[-1] == record["as_of"]
    validate_record(record)


def test_a_path_without_values_is_empty():
    import numpy as np

    from convex_research.analysis import Curve

    dates = np.arange("2020-01-01", "2020-01-04", dtype="datetime64[D]")
    assert thinned_path(Curve(dates, np.full(3, np.nan))) == []


def test_an_empty_folder_says_how_to_begin(tmp_path):
    page, index = written(tmp_path)
    assert index["pairs"] == index["failures"] == index["changes"] == []
    assert "No pairs yet" in page
    assert "<script>" not in page
    assert (tmp_path / "feed.xml").is_file()


def test_a_row_says_what_the_record_says(tmp_path, record):
    slug = put(tmp_path, record)
    page, index = written(tmp_path)
    (entry,) = index["pairs"]
    estimates = record["estimates"]
    assert entry["correlation"]["value"] == estimates["correlation.pearson[252]"]["value"]
    assert entry["correlations"].keys() == {"30", "90", "252", "1260", "all"}
    lately = next(one for one in record["claims"] if one["id"] == "C29")
    window = entry["change"]["window"]
    assert lately["evidence"][0] == f"recent.difference[{window}]"
    assert entry["change"]["difference"] == estimates[f"recent.difference_r_joint[{window}]"]
    assert entry["change"]["pvalue"] == lately["pvalue"]
    assert ("changed" in entry["flags"]) == (lately["verdict"] == "rejected")
    assert entry["beta"] == estimates["regression.beta[252]"]
    assert entry["rolling"]["path"] == record["series"]["rolling.pearson[90]"]
    assert entry["claims"] == {one["id"]: one["verdict"] for one in record["claims"]}
    assert entry["pages"] == {k: f"{slug}/{k}.html" for k in ("correlation", "comparison")}
    assert entry["instruments"] == {}  # no page of a leg lies there, so none is linked
    assert set(entry["flags"]) <= set(FLAGS)
    (row,) = rows(page)
    value = estimates["correlation.pearson[252]"]["value"]
    assert f"<b>{value:+.2f}</b>" in row
    assert [one["id"] for one in entry["answers"]] == ["C25", "C29", "N1", "C22b", "N2"]
    for answer, part in zip(entry["answers"], record["summary"], strict=True):
        assert (answer["number"], answer["ends"]) == (part["number"], part["ends"])
        assert answer["value"] == estimates[answer["key"]]["value"]
        assert f"<b>{part['number']}</b> <i>{part['ends']}</i>" in unescape(row)
    assert entry["line"].rstrip(".") in row
    assert entry["line"].rstrip(".").lower() in page.partition("<h1>")[2].partition("</h1>")[0]
    assert 'role="img"' in row
    assert f'href="{slug}/correlation.html"' in row


def test_one_pair_has_nothing_to_control_across(tmp_path, record):
    put(tmp_path, record)
    page, _ = written(tmp_path)
    assert 'id="across"' not in page
    put(tmp_path, record, "Gamma")
    page, index = written(tmp_path)
    assert 'id="across"' in page
    assert "Recent correlation tracks the preceding one" in page
    assert index["across_pairs"]["pairs"].keys() == {"alpha-vs-beta", "gamma-vs-beta"}
    # Pages and records do not know of each other.
    for slug in ("alpha-vs-beta", "gamma-vs-beta"):
        kept = json.loads((tmp_path / slug / "correlation.json").read_text())
        assert kept["claims"] == record["claims"]


def test_legs_with_a_page_of_the_same_series_are_linked(tmp_path, record):
    put(tmp_path, record)
    folder = tmp_path / "instruments"
    folder.mkdir()
    base = instrument_of("wti").to_dict()
    for name, symbol in (("alpha", "csv:Alpha.csv#x"), ("beta", "csv:other.csv#x")):
        about = {**leg(name.title(), symbol), "category": "other", "slug": name}
        one = {**base, "instrument": about}
        (folder / f"{name}.json").write_text(json.dumps(one))
    page, index = written(tmp_path)
    assert index["pairs"][0]["instruments"] == {"a": "instruments/alpha.html"}
    assert [one["pairs"] for one in index["instruments"]] == [["alpha-vs-beta"], []]
    assert 'href="instruments/alpha.html"' in page
    assert 'id="instruments"' in page


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda text: text[: len(text) // 2], "torn or no JSON"),
        (lambda text: "[]", "Expected `object`, got `array`"),
        (
            lambda text: text.replace("convex-research/1", "convex-research/0"),
            "at `$.schema`; build",
        ),
        (lambda text: text.replace('"as_of": "2018-12-31"', '"as_of": "soon"'), "`$.as_of`"),
        (lambda text: text.replace('"as_of": "2018-12-31"', '"as_of": "2018-02-30"'), "day"),
        (lambda text: text.replace('"claims": [', '"claim": ['), "required field `claims`"),
        (
            lambda text: re.sub(r'"nobs": \d+,', '"nobs": "many",', text),
            "Expected `int`",
        ),
    ],
)
def test_a_record_that_cannot_be_used_is_a_failure_and_the_rest_stands(
    tmp_path, record, spoil, message
):
    put(tmp_path, record)
    path = tmp_path / put(tmp_path, record, "Gamma", kinds=("correlation",)) / "correlation.json"
    path.write_text(spoil(path.read_text()))
    page, index = written(tmp_path)
    (failure,) = index["failures"]
    assert failure["slug"] == "gamma-vs-beta"
    assert message in failure["reason"]
    assert message in unescape(page)
    assert [one["slug"] for one in index["pairs"]] == ["alpha-vs-beta"]


def test_a_second_record_that_differs_by_more_than_its_kind_is_read_as_well(tmp_path, record):
    slug = put(tmp_path, record)
    path = tmp_path / slug / "comparison.json"
    path.write_text(path.read_text()[:-40])
    reports = read_reports(tmp_path)
    assert reports.pairs[0].pages == ("correlation",)
    assert [one["kind"] for one in reports.failures] == ["comparison"]


@pytest.mark.parametrize(
    ("fields", "cell", "message"),
    [
        (
            failure_fields(
                PublishingError("it failed", "show.x(analysis)", "ValueError: a `b`: c")
            ),
            "show.x(analysis)",
            "ValueError: a `b`: c",
        ),
        (
            failure_fields(PublishingError("it stopped after 60 s", "show.y()")),
            "show.y()",
            "it stopped after 60 s",
        ),
        (failure_fields(InputError("csv:a.csv#x: no file.")), "", "csv:a.csv#x: no file."),
        # As failures were kept before they had fields.
        ({"reason": "it failed in `x`: y"}, "", "it failed in `x`: y"),
    ],
)
def test_only_failures_are_listed_with_cell_and_message(tmp_path, fields, cell, message):
    folder = tmp_path / "a-vs-b"
    folder.mkdir()
    for kind in ("correlation", "comparison"):
        failed = {"names": ["<b>A</b>", "B"], **fields}
        (folder / f"{kind}.failed.json").write_text(json.dumps(failed))
    page, index = written(tmp_path)
    assert {(one["cell"], one["message"]) for one in index["failures"]} == {(cell, message)}
    assert {one["reason"] for one in index["failures"]} == {fields["reason"]}
    assert "2 pages could not be built" in page
    assert page.count('class="failed"') == 1  # one cause, one row
    assert "<b>A</b>" not in page
    assert "&lt;b&gt;A&lt;/b&gt; and B" in page


def test_names_of_forty_characters_and_markup_are_shown_as_they_are(tmp_path, record):
    long = "A fund <i>with</i> a name of forty signs"
    assert len(long) == 40
    put(tmp_path, record, pair={"a": leg(long, "csv:a.csv#x"), "slug": "alpha-vs-beta"})
    page, _ = written(tmp_path)
    assert "<i>with" not in page
    assert "A fund &lt;i&gt;with&lt;/i&gt; a name of forty signs" in page


def test_a_pair_without_numbers_has_a_row_too(tmp_path, record):
    bare = {**record, "estimates": {}, "series": {}, "claims": []}
    del bare["summary"]
    put(tmp_path, bare)
    page, index = written(tmp_path)
    entry = index["pairs"][0]
    assert entry["correlation"] is entry["change"] is entry["rolling"] is None
    assert entry["answers"] == []
    assert rows(page)[0].count("not known") == 4
    assert "Not tested" in rows(page)[0]


def test_the_security_policy_allows_just_the_script_that_is_there(tmp_path, record):
    put(tmp_path, record)
    page, _ = written(tmp_path)
    policy = unescape(re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1])
    text = re.search(r"<script>(.*?)</script>", page, re.DOTALL)[1]
    assert policy == content_policy(text, style=stylesheet("index"))
    assert "style=" not in page
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert not re.search(r"\son\w+=", page)


def test_our_own_scripts_stay_below_twenty_kilobytes():
    total = sum(path.stat().st_size for path in template_folder().glob("*.js"))
    assert total < 20_000
    assert "eval" not in script("sort", "index")


def test_the_same_records_give_the_same_bytes_and_a_second_build_changes_nothing(tmp_path, record):
    for name in ("one", "two"):
        put(tmp_path / name, record)
        put(tmp_path / name, record, "Gamma")
        write_index(tmp_path / name)
    write_index(tmp_path / "two")
    for name in ("index.html", "index.json", "index.csv", "feed.xml"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_what_changed_is_kept_and_shown_until_newer_changes_push_it_out(tmp_path, record):
    put(tmp_path, record)
    write_index(tmp_path)
    claims = copy.deepcopy(record["claims"])
    chosen = next(one for one in claims if one["verdict"] == "inconclusive")
    chosen |= {"verdict": "supported", "text": "It is so."}
    put(tmp_path, record, claims=claims, as_of="2019-01-31")
    page, index = written(tmp_path)
    (change,) = index["changes"]
    assert (change["key"], change["text"]) == (chosen["id"], "It is so.")
    assert change["title"] in unescape(page)
    feed = (tmp_path / "feed.xml").read_text()
    assert "2019-01-31T00:00:00Z" in feed
    assert "It is so." in feed
    write_index(tmp_path)
    assert (tmp_path / "feed.xml").read_text() == feed
    put(tmp_path, record, as_of="2019-01-30")  # a row of the future was corrected
    _, index = written(tmp_path)
    assert index["changes"] == []
    assert "2019-01-31" not in (tmp_path / "feed.xml").read_text()


@pytest.mark.parametrize("before", ["{torn", "[]", '{"schema": "other/1", "pairs": 3}', "\xff"])
def test_an_index_that_cannot_be_read_is_written_anew(tmp_path, record, before):
    put(tmp_path, record)
    (tmp_path / "index.json").write_text(before, encoding="latin-1")
    _, index = written(tmp_path)
    assert index["changes"] == []


def test_a_site_makes_links_absolute(tmp_path, record, monkeypatch):
    put(tmp_path, record)
    monkeypatch.setenv("CONVEX_RESEARCH_SITE_URL", SITE)
    page, _ = written(tmp_path)
    assert f'<link rel="canonical" href="{SITE}index.html">' in page
    assert f'href="{SITE}index.html"' in (tmp_path / "feed.xml").read_text()


def test_a_path_that_stops_early_is_not_now(tmp_path, record):
    put(tmp_path, record)
    path = copy.deepcopy(record["series"])
    (points,) = path.values()
    del points[-5:]
    put(tmp_path, record, "Gamma", "Delta", series=path)
    page, _ = written(tmp_path)
    words = re.findall(r'aria-label="[^"]*? to [^"]*?, (now|on [-\d]+) ', page)
    assert sorted(words) == ["now", f"on {points[-1][0]}"]


def test_small_pictures_share_one_scale():
    path = [["2020-01-01", -1.0], ["2020-01-03", 1.0], ["2020-01-05", 0.0]]
    assert tiny_path(path) == "M0 38l58-36l59 18"
    long = [
        [f"20{20 + k // 360:02d}-{1 + k // 30 % 12:02d}-{1 + k % 30 % 28:02d}", 0.5]
        for k in range(0, 700, 13)
    ]
    long[17][1] = -0.9
    made = tiny_path(long)
    assert made.count("l") < 30
    heights = [20 - 18 * 0.5]
    assert made.startswith(f"M0 {heights[0]:.0f}")


def test_a_notice_takes_the_place_of_a_page_and_escapes():
    page = render_notice("<A>", "it broke & <burnt>")
    html5lib.HTMLParser(strict=True).parse(page)
    assert "&lt;A&gt;" in page
    assert "it broke &amp; &lt;burnt&gt;" in page


@pytest.mark.slow
def test_three_thousand_pairs_grow_in_line_with_three_hundred(tmp_path, record):
    """Reading, comparing and writing cost the same a pair; a square in there would show."""
    slug = put(tmp_path / "one", record, "S0000", "X", kinds=("correlation",))
    text = (tmp_path / "one" / slug / "correlation.json").read_text()
    spent = {}
    for pairs in (300, 3000):
        output = tmp_path / str(pairs)
        for k in range(pairs):
            (output / f"s{k:04d}-vs-x").mkdir(parents=True)
            own = text.replace("s0000", f"s{k:04d}").replace("S0000", f"S{k:04d}")
            (output / f"s{k:04d}-vs-x" / "correlation.json").write_text(own)
        began = time.process_time()
        write_index(output)
        spent[pairs] = time.process_time() - began
        assert len(read_index(output)["pairs"]) == pairs
    assert spent[300] < 3.0
    assert spent[3000] < 20 * spent[300]
    print(f"index of 300 pairs {spent[300]:.2f} s, of 3,000 {spent[3000]:.2f} s of processor time")
