"""From two symbols to files on disk: pages, records, notebooks, index."""

import base64
import hashlib
import json
import pickle
import re
import subprocess
import sys
from html import unescape
from itertools import pairwise, product

import html5lib
import nbformat
import pytest

from convex_research import AnalysisConfig, Pair, publish
from convex_research.analysis.record import validate_record
from convex_research.batch.plan import read_pairs
from convex_research.batch.run import run_batch
from convex_research.catalogue import load_catalogue
from convex_research.core.errors import ConvexResearchError, InputError, PublishingError
from convex_research.core.files import notebook_path, write_atomically
from convex_research.publishing import execute
from convex_research.publishing.exporter import ConvexReportExporter, record_of
from convex_research.publishing.index.write import write_index
from convex_research.publishing.request import PairRequest, named

KINDS = ("correlation", "comparison")
SLUG = "sp500-vs-vix"


def slugs_of(requests):
    return [one.slug for one in named(requests)]


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    output = tmp_path_factory.mktemp("reports")
    publish(Pair("sample:sp500", "sample:vix"), "all", output)
    return output


def test_a_pair_becomes_two_pages_with_records_and_notebooks(reports):
    found = sorted(path.name for path in (reports / SLUG).iterdir())
    assert found == sorted(f"{kind}.{end}" for kind in KINDS for end in ("html", "ipynb", "json"))
    index = {"feed.xml", "index.csv", "index.html", "index.json"}
    assert {p.name for p in reports.iterdir()} == {SLUG, "instruments", *index}


@pytest.mark.parametrize("kind", KINDS)
def test_the_record_beside_the_page_is_valid(reports, kind):
    record = json.loads((reports / SLUG / f"{kind}.json").read_text())
    validate_record(record)
    assert (record["kind"], record["pair"]["slug"]) == (kind, SLUG)


@pytest.mark.parametrize("kind", KINDS)
def test_the_notebook_is_executed_and_holds_no_times_or_paths(reports, kind):
    text = (reports / SLUG / f"{kind}.ipynb").read_text()
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    assert record_of(notebook)["pair"]["slug"] == SLUG
    assert "papermill" not in notebook.metadata
    assert str(reports) not in text
    assert not re.search(r"20\d\d-\d\d-\d\dT\d\d:", text), "a time of the run"
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_is_valid_light_and_asks_nobody_for_anything(reports, kind):
    page = (reports / SLUG / f"{kind}.html").read_text()
    html5lib.HTMLParser(strict=True).parse(page)
    assert len(page.encode()) <= 400_000
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert set(re.findall(r"<script[^>]*>", page)) == {
        "<script>",
        '<script type="application/ld+json">',
    }
    assert "style=" not in page
    assert page.count("<h1>") == 1
    levels = [int(n) for n in re.findall(r"<h(\d)", page)]
    assert all(b - a <= 1 for a, b in pairwise(levels)), levels
    assert "EMBEDDED SAMPLE" in page


@pytest.mark.parametrize("name", ["index.html", *(f"{SLUG}/{kind}.html" for kind in KINDS)])
def test_the_security_policy_allows_just_what_is_there(reports, name):
    page = (reports / name).read_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    policy = unescape(policy)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (inline,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{rule} 'sha256-{digest}';" in policy


def test_headings_are_never_followed_by_nothing(reports):
    for kind in KINDS:
        page = (reports / SLUG / f"{kind}.html").read_text()
        assert not re.search(r"</h2>\s*(<h2|</main)", page)


def test_the_index_is_made_from_the_records(reports):
    index = json.loads((reports / "index.json").read_text())
    record = json.loads((reports / SLUG / "correlation.json").read_text())
    (entry,) = index["pairs"]
    assert entry["correlation"]["value"] == record["estimates"]["correlation.pearson[252]"]["value"]
    assert entry["pages"] == {kind: f"{SLUG}/{kind}.html" for kind in KINDS}
    page = (reports / "index.html").read_text()
    html5lib.HTMLParser(strict=True).parse(page)
    assert f'href="{SLUG}/correlation.html"' in page
    assert "embedded sample" in page


def test_the_same_inputs_give_the_same_bytes(reports, tmp_path):
    publish(Pair("sample:sp500", "sample:vix"), "all", tmp_path)
    for name in (f"{kind}.{end}" for kind in KINDS for end in ("html", "json", "ipynb")):
        again = (tmp_path / SLUG / name).read_bytes()
        assert again == (reports / SLUG / name).read_bytes(), name


def test_a_page_built_alone_does_not_link_to_one_that_is_not_there(tmp_path):
    publish(Pair("sample:sp500", "sample:vix"), "correlation", tmp_path)
    page = (tmp_path / SLUG / "correlation.html").read_text()
    assert "Side by side (not built)" in page
    for target in re.findall(r'href="([^"#]+)', page):
        assert (tmp_path / SLUG / target).exists(), target


@pytest.fixture(scope="module")
def weekly(tmp_path_factory):
    output = tmp_path_factory.mktemp("weekly")
    config = AnalysisConfig(frequency="weekly", rolling_window=60, confidence_level=0.9)
    helpers = {"oil": "sample:nasdaq"}
    publish(Pair("sample:sp500", "sample:vix"), "all", output, config=config, helpers=helpers)
    return output


PARAMETERS = {
    "reports": "{a: sample:sp500, b: sample:vix}",
    "weekly": "{a: sample:sp500, b: sample:vix, frequency: weekly, window: 60, level: 0.9, "
    "helpers: {oil: sample:nasdaq}}",
}


@pytest.mark.parametrize("folder", PARAMETERS)
def test_the_standard_tools_alone_make_the_same_page(folder, request, tmp_path):
    reports = request.getfixturevalue(folder)
    notebook = str(notebook_path("correlation"))
    commands = (
        ["papermill", notebook, "out.ipynb", "-y", PARAMETERS[folder], "--no-progress-bar"],
        ["jupyter", "nbconvert", "--to", "convex_report", "out.ipynb"],
    )
    for module, *rest in commands:
        done = subprocess.run(
            [sys.executable, "-m", module, *rest],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    page = (reports / SLUG / "correlation.html").read_bytes()
    assert (tmp_path / "out.html").read_bytes() == page
    record = (reports / SLUG / "correlation.json").read_bytes()
    assert (tmp_path / "out.json").read_bytes() == record


def test_bad_input_writes_nothing(tmp_path):
    with pytest.raises(ConvexResearchError):
        publish(Pair("sample:sp500", "sample:vix"), "all", tmp_path / "r", as_of="1990-01-01")
    assert not (tmp_path / "r").exists()


def test_a_folder_that_cannot_be_written_says_so(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(InputError, match="Cannot write to"):
        publish(Pair("sample:sp500", "sample:vix"), "all", blocked / "reports")


@pytest.fixture
def broken_notebook(tmp_path, monkeypatch):
    """A notebook whose only working cell is the one with parameters."""

    def make(*sources):
        notebook = nbformat.read(notebook_path("correlation"), as_version=4)
        tagged = (one for one in notebook.cells if "parameters" in one.metadata.get("tags", ()))
        notebook.cells = [next(tagged), *map(nbformat.v4.new_code_cell, sources)]
        path = tmp_path / "broken.ipynb"
        nbformat.write(notebook, path)
        monkeypatch.setattr(execute, "notebook_path", lambda _: path)

    return make


def test_a_cell_that_raises_is_named(broken_notebook):
    broken_notebook("total = 1 / 0")
    with pytest.raises(
        PublishingError, match=r"failed in `total = 1 / 0`: ZeroDivisionError"
    ) as caught:
        execute.execute_notebook("correlation", {"a": "sample:sp500"})
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert (again.cell, again.message) == ("total = 1 / 0", "ZeroDivisionError: division by zero")


def test_a_typed_error_in_a_cell_keeps_its_exit_code(broken_notebook):
    broken_notebook(
        "from convex_research.core.errors import Upstream\n"
        "raise Upstream('fred', 'X', 'it is down.')"
    )
    with pytest.raises(ConvexResearchError, match="fred: X: it is down") as caught:
        execute.execute_notebook("correlation", {"a": "sample:sp500"})
    assert caught.value.exit_code == 3


def test_the_stages_of_a_notebook_are_timed(broken_notebook):
    broken_notebook("import time; time.sleep(0.2)", "show = str", "show.join('', [])", "1")
    seconds = {}
    execute.execute_notebook("correlation", {"a": "sample:sp500"}, seconds=seconds)
    assert set(seconds) == {"kernel", "data", "analysis", "pieces"}
    assert seconds["data"] > 0.2 > seconds["analysis"] > 0.0
    assert seconds["pieces"] > 0.0


def test_a_cell_that_hangs_is_stopped(broken_notebook):
    broken_notebook("import time; time.sleep(60)")
    with pytest.raises(PublishingError, match="stopped"):
        # Long enough for its kernel to start.
        execute.execute_notebook("correlation", {"a": "sample:sp500"}, timeout=5)


def test_a_notebook_without_record_is_no_page():
    notebook = nbformat.read(notebook_path("correlation"), as_version=4)
    with pytest.raises(PublishingError, match="holds no record"):
        ConvexReportExporter().from_notebook_node(notebook)


def test_an_unreadable_record_is_a_visible_row(tmp_path):
    (tmp_path / "x-vs-y").mkdir()
    (tmp_path / "x-vs-y" / "correlation.json").write_text('{"schema": "other"}')
    (tmp_path / "z-vs-y").mkdir()
    (tmp_path / "z-vs-y" / "correlation.json").write_text("{torn")
    write_index(tmp_path)
    page = (tmp_path / "index.html").read_text()
    assert page.count("the record cannot be read") == 2


def test_writing_is_all_or_nothing(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    write_atomically(path, "old")
    monkeypatch.setattr(
        "convex_research.core.files.os.replace",
        lambda *_: (_ for _ in ()).throw(OSError("full")),
    )
    with pytest.raises(OSError, match="full"):
        write_atomically(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["page.html"]


def test_slugs_that_clash_get_a_hash(tmp_path):
    rows = "date,x\n2020-01-02,1\n2020-01-03,2\n"
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "p.csv").write_text(rows)
    requests = [
        PairRequest(pair=Pair(f"csv:{tmp_path}/{name}/p.csv#x", "sp500")) for name in ("one", "two")
    ]
    slugs = slugs_of(requests)
    assert len(set(slugs)) == 2
    assert all(re.fullmatch(r"p-x-vs-sp500-[0-9a-f]{8}", slug) for slug in slugs)
    assert slugs_of(requests[:1]) == ["p-x-vs-sp500"]
    with pytest.raises(InputError, match="listed twice"):
        slugs_of([requests[0], requests[0]])


def test_another_pair_in_the_folder_is_not_overwritten(tmp_path):
    request = PairRequest(pair=Pair("sample:sp500", "sample:vix"))
    assert named([request], tmp_path)[0].slug == SLUG
    (tmp_path / SLUG).mkdir()
    legs = {"a": {"symbol": "csv:sp500.csv"}, "b": {"symbol": "sample:vix"}}
    (tmp_path / SLUG / "correlation.json").write_text(json.dumps({"pair": legs}))
    (other,) = named([request], tmp_path)
    assert other.slug == f"{SLUG}-{request.fingerprint}"


def test_a_page_is_its_own_whichever_provider_answered(tmp_path):
    several = [one.id for one in load_catalogue().instruments.values() if len(one.symbols) > 1]
    request = PairRequest(pair=Pair(*several[:2]))
    (tmp_path / request.slug).mkdir()
    for symbols in product(*map(load_catalogue().order, request.legs)):
        a, b = ({"symbol": f"{symbol.public}"} for symbol in symbols)
        record = json.dumps({"pair": {"a": a, "b": b}})
        (tmp_path / request.slug / "correlation.json").write_text(record)
        assert named([request], tmp_path) == [request]
    described = PairRequest(pair=Pair("sample:sp500?name=S", "sample:vix"))
    legs = {"a": {"symbol": "sample:sp500?unit=x"}, "b": {"symbol": "sample:vix"}}
    assert described.owns({"pair": legs})
    assert not request.owns({"pair": legs})
    assert not described.owns({"pair": {"a": legs["b"], "b": legs["a"]}})


def test_without_a_file_a_batch_builds_pairs_of_the_sample_and_of_currencies():
    assert slugs_of(read_pairs(None)) == [
        "sp500-vs-nasdaq",
        "sp500-vs-vix",
        "nasdaq-vs-vix",
        "sp500-vs-wti",
        "nasdaq-vs-wti",
        "wti-vs-vix",
        "eurusd-vs-gbpusd",
        "audusd-vs-nzdusd",
        "usdjpy-vs-usdchf",
        "usdnok-vs-usdsek",
        "usdcad-vs-audusd",
        "eurpln-vs-eurhuf",
    ]


def test_a_pairs_file_is_read_whole(tmp_path):
    path = tmp_path / "pairs.toml"
    path.write_text(
        '[[pairs]]\na = "sp500"\nb = "vix"\nstart = "2015-01-01"\nas_of = 2018-06-29\n'
        'returns = "log"\ncategory = "volatility"\n'
    )
    (request,) = read_pairs(path)
    assert request.parameters == {
        "a": "sp500",
        "b": "vix",
        "start": "2015-01-01",
        "as_of": "2018-06-29",
        "returns": "log",
    }


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("pairs = 3", "no \\[\\[pairs\\]\\] table"),
        ("[[pair]]\na='x'", "unknown key 'pair'"),
        (
            '[[pairs]]\na="sp500"\nb="vix"\nwindw=60',
            "pair 1: unknown key 'windw' .did you mean window",
        ),
        ('[[pairs]]\na="sp500"', "pair 1: needs b"),
        ('[[pairs]]\na="sp500"\nb="sp500"', "pair 1: .*same series"),
        ('[[pairs]]\na="sp500"\nb="vix"\nreturns="pct"', "returns must be"),
        ('[[pairs]]\na="sp500"\nb="vix"\nstart="soon"', "write a date"),
        ('[[pairs]]\na="sp500"\nb="vix"\ncategory="fun"', "category 'fun' is unknown"),
        ("[[pairs", "is not TOML"),
        ("", "no \\[\\[pairs\\]\\] table"),
    ],
)
def test_a_bad_pairs_file_names_the_table(tmp_path, content, message):
    path = tmp_path / "pairs.toml"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        read_pairs(path)


@pytest.mark.slow  # by default a pair from a file shows it, in tests/unit/batch
def test_a_page_of_a_batch_has_the_same_bytes_as_one_built_alone(reports, tmp_path):
    run_batch(
        [PairRequest(pair=Pair("sample:sp500", "sample:vix"))],
        tmp_path / "out",
        snapshot=tmp_path / "snapshot",
    )
    for end in ("html", "json", "ipynb"):
        name = f"{SLUG}/comparison.{end}"
        assert (tmp_path / "out" / name).read_bytes() == (reports / name).read_bytes()
    assert (tmp_path / "snapshot" / "manifest.json").is_file()
