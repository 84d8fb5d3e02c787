"""The page for referees: every key explained once, every miss marked, nothing stale."""

import importlib
import importlib.util
import json
import re
from dataclasses import replace
from html import unescape
from itertools import pairwise
from pathlib import Path
from statistics import median

import html5lib
import nbformat
import pytest
from support import study_of

from convex_research.analysis.sections import SECTIONS as ANALYSED
from convex_research.core.errors import InputError, PublishingError
from convex_research.core.files import notebook_path
from convex_research.daily.promise import digest_table
from convex_research.methodology import (
    MEASURES,
    agreement_rows,
    agreement_sources,
    claim_tables,
    coverage_rows,
    tables,
)
from convex_research.methodology import pages as referee
from convex_research.methodology.pages.coverage import (
    coverage_table,
    promises,
    scorecard,
    verdict_words,
)
from convex_research.methodology.pages.methods import SECTIONS, load_methods, method_of, source_of
from convex_research.methodology.pages.promises import PROMISES
from convex_research.methodology.publish import publish_methodology
from convex_research.methodology.recompute import SUBJECTS, expected_minutes, recompute
from convex_research.methodology.rows import CoverageRow, Table, dump_table, read_table
from convex_research.methodology.simulations.tally import Tally, Where
from convex_research.presentation.prose.mathml import formula
from convex_research.publishing.exporter import ConvexReportExporter
from convex_research.publishing.index.write import write_index

PAIRS = [("sp500", "nasdaq"), ("sp500", "vix"), ("wti", "vix")]
ORACLES = Path(__file__).parents[2] / "oracles"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    return publish_methodology(tmp_path_factory.mktemp("reports")).read_text("utf-8")


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_every_key_of_an_analysis_belongs_to_one_method(pair):
    for key in study_of(*pair).results:
        assert method_of(key).section in SECTIONS, key


def test_sections_of_the_page_are_those_of_the_analysis():
    assert set(SECTIONS) == {"intervals", *ANALYSED}
    assert {method.section for method in load_methods()} == set(SECTIONS)
    sources = [c.source for c in nbformat.read(notebook_path("methodology"), 4).cells]
    shown = [s[len('show.methods("') : -2] for s in sources if s.startswith("show.methods(")]
    assert shown == list(SECTIONS)


@pytest.mark.parametrize("method", load_methods(), ids=lambda m: m.id)
def test_a_method_is_complete(method):
    assert method.where
    for part in (method.formula, method.assumptions, method.cannot, method.reference):
        assert part
        assert all(part)
    assert method.functions
    for path in method.functions:
        module, _, name = path.rpartition(".")
        function = getattr(importlib.import_module(module), name)
        assert (function.__module__, function.__name__) == (module, name)
        assert source_of(path).startswith(("def ", "class ", "@"))
    for one in method.formula:
        made = formula(one)
        html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parseFragment(made)
        body = made.partition(">")[2]
        assert "\\" not in body, "a command the converter does not know"
        assert "&amp;" not in body
        assert "style" not in re.findall(r"(\w+)=", made)


def test_ids_are_unique():
    ids = [method.id for method in load_methods()]
    assert len(set(ids)) == len(ids)


def test_an_unknown_key_is_an_error():
    with pytest.raises(KeyError, match="0 methods"):
        method_of("nonsense.statistic")


def test_every_stored_row_is_sound():
    laws = {"fixed_b_table", "half_life_table", "monitoring_law"}
    stored = {table.subject for table in tables()}
    assert stored | laws | set(claim_tables()) | {digest_table().subject} == set(SUBJECTS)
    seen = set()
    for row in coverage_rows():
        method_of(row.key)
        assert row.measure in MEASURES
        assert (row.nominal is None) == (row.measure not in {"coverage", "prediction", "size"})
        assert row.computed <= row.replications
        assert (row.achieved is None) == (row.computed < 100)
        if row.achieved is not None:
            assert 0.0 <= row.achieved <= 1.0
            assert 0.0 <= row.mc_std_error <= 0.06
        seen.add((row.key, row.measure, row.nominal, row.note, row.world, row.rho, row.nobs))
    assert len(seen) == len(coverage_rows())


def row(**changes):
    return replace(
        CoverageRow(
            key="correlation.pearson[all]",
            measure="coverage",
            nominal=0.95,
            achieved=0.95,
            mc_std_error=0.005,
            world="iid normal",
            rho=0.5,
            nobs=252,
            replications=1000,
            computed=1000,
            flagged=0,
        ),
        **changes,
    )


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({"achieved": 0.93}, "holds", ""),
        ({"achieved": 0.9299}, "too low", "too narrow"),
        ({"achieved": 0.9701}, "too high", "too wide"),
        ({"achieved": 0.92, "nobs": 90}, "holds", ""),
        ({"achieved": 0.9199, "nobs": 90}, "too low", "too narrow"),
        ({"achieved": 0.99, "nobs": 90}, "holds", ""),
        ({"achieved": 0.87, "nominal": 0.90}, "too low", "too narrow"),
        ({"measure": "size", "nominal": 0.05, "achieved": 0.075}, "holds", ""),
        ({"measure": "size", "nominal": 0.05, "achieved": 0.0751}, "too high", "rejects too often"),
        ({"measure": "size", "nominal": 0.05, "achieved": 0.024}, "too low", "rejects too rarely"),
        ({"measure": "power", "nominal": None, "achieved": 0.1}, None, ""),
        ({"achieved": None, "mc_std_error": None, "computed": 3}, None, ""),
    ],
)
def test_verdicts(changes, verdict, words):
    one = row(**changes)
    assert one.verdict == verdict
    assert verdict_words(one) == words


def test_tables_survive_the_way_to_disk():
    table = Table(subject="s", seed=1, versions={"numpy": "2"}, rows=(row(), row(nobs=90)))
    assert read_table(dump_table(table)) == table
    with pytest.raises(ValueError, match="unknown measure"):
        read_table(dump_table(replace(table, rows=(row(measure="hope"),))))


def test_a_tally_counts_what_it_is_given():
    tally = Tally(Where("iid normal", 0.5, 252))
    for i in range(200):
        tally.note("k", "coverage", i % 4 != 0, flags=("f",) if i < 50 else ())
    tally.note("k", "coverage", None)
    for _ in range(99):
        tally.note("few", "size", share=False)
    for i in range(100):
        tally.note("mean", "prediction", 0.9 + 0.1 * (i % 2))
    covered, few, mean = tally.rows()
    assert (covered.achieved, covered.replications, covered.computed) == (0.75, 201, 200)
    assert (covered.flagged, covered.nominal) == (50, 0.95)
    assert covered.mc_std_error == pytest.approx((0.75 * 0.25 / 200) ** 0.5, abs=5e-5)
    assert (few.achieved, few.mc_std_error) == (None, None)
    assert mean.mc_std_error == pytest.approx(0.05 / 99**0.5, abs=1e-4)


def test_every_miss_is_marked_on_the_page(page):
    marks = sum(page.count(f"✗ {w}") for w in ("too", "rejects"))
    assert marks == sum(bool(verdict_words(one)) for one in coverage_rows())
    assert marks > 0
    missed = sum(one.verdict != "holds" for one in promises())
    counted = [
        sum(int(re.sub(r"<.*?>", "", cell)) for cell in cells)
        for cells in re.findall(
            r"<a [^>]*>[^<]*</a></th>(?:<td[^>]*>\d+</td>){2}"
            r"<td[^>]*>(.*?)</td><td[^>]*>(\d+)</td>",
            scorecard().html,
        )
    ]
    assert sum(counted) == missed


def test_a_statistic_without_simulation_says_so(page):
    assert "Coverage or size is not simulated for this method." in page
    silent = [m for m in load_methods() if not coverage_table(m).html]
    assert {"jennrich", "pearson", "half-life"}.isdisjoint(m.id for m in silent)


def test_other_programs_agree_within_tolerance():
    sources = agreement_sources()
    assert len(agreement_rows()) >= 90
    for one in agreement_rows():
        method_of(one.key)
        assert one.difference <= one.tolerance, one.key
        assert one.program in sources["programs"]
        assert one.data in sources["data"]


def test_the_stored_agreement_is_that_of_the_raw_outputs():
    spec = importlib.util.spec_from_file_location("agreement", ORACLES / "agreement.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    made, stored = script.rows(), agreement_rows()
    assert len(made) == len(stored)
    for new, old in zip(made, stored, strict=True):
        assert replace(new, ours=old.ours) == old, "run tests/oracles/agreement.py"
        # Another processor rounds otherwise; what a change of code moves is larger.
        # A fit may end elsewhere within the tolerance of the comparison.
        room = old.tolerance if old.absolute else 1e-12
        assert new.ours == pytest.approx(old.ours, rel=1e-6, abs=room), old.key
    assert script.sources() == agreement_sources()


def test_the_page_is_valid_and_asks_nobody_for_anything(page):
    html5lib.HTMLParser(strict=True).parse(page)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
    assert page.count("<script") == 1  # the evidence dialog and sorting, with their hash
    assert " style=" not in page
    assert page.count("<h1>") == 1
    levels = [int(n) for n in re.findall(r"<h(\d)[ >]", page)]
    assert all(b - a <= 1 for a, b in pairwise(levels)), levels
    assert not re.search(r"</h[23]>\s*(<h2|</main)", page)
    # With the source of every method and each subject simulated; a tenth of it over the wire.
    assert (
        len(page.encode()) <= 1_250_000
    )  # eleven worlds in place of three, and each test of a page in them


def test_links_within_the_page_lead_somewhere(page):
    page = re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_sources_stand_in_the_page_as_they_are_on_disk(page):
    text = unescape(page)
    for path in ("convex_research.statistics.dependence.correlation.pearson",):
        assert source_of(path) in text
    assert not re.search(r"/(?:home|work|usr|tmp)/", page), "a path of this machine"


def test_effects_are_read_with_their_reasons():
    made = referee.effects().html
    assert "0.20" in made
    assert "correlation margin z" in made
    assert "Below" in made or "below" in made


def test_the_same_evidence_gives_the_same_bytes_and_the_index_learns_of_it(page, tmp_path):
    write_index(tmp_path)
    assert "methodology.html" not in (tmp_path / "index.html").read_text()
    assert publish_methodology(tmp_path).read_text("utf-8") == page
    index = (tmp_path / "index.html").read_text()
    html5lib.HTMLParser(strict=True).parse(index)
    assert 'href="methodology.html"' in index
    made = {"feed.xml", "index.csv", "index.html", "index.json", "methodology.html"}
    assert {p.name for p in tmp_path.iterdir()} == made


def test_a_notebook_without_record_or_title_is_refused():
    empty = nbformat.v4.new_notebook()
    with pytest.raises(PublishingError, match="holds no record"):
        ConvexReportExporter().from_notebook_node(empty)


def test_a_simulation_can_be_run_again_by_name(tmp_path, monkeypatch):
    years = importlib.import_module("convex_research.methodology.simulations.years")
    tally = Tally(Where("iid normal", 0.5, 252))
    for _ in range(120):
        tally.note("consistency.years", "size", 0.0)
    rows = tally.rows()
    monkeypatch.setitem(years.SUBJECTS, "years", lambda: rows)
    (done,) = recompute(["years"], tmp_path)
    assert done.words.startswith("1 of 1: years, 1 rows")
    stored = read_table((tmp_path / "years.json").read_text())
    assert stored.rows == tuple(rows)
    assert {"python", "numpy", "scipy", "statsmodels", "arch"} == set(stored.versions)
    with pytest.raises(InputError, match="unknown simulation 'luck'"):
        list(recompute(["luck"], tmp_path))
    with pytest.raises(InputError, match="cannot write the results"):
        list(recompute(["years"], tmp_path / "nowhere"))
    assert expected_minutes() > expected_minutes(["years"]) > 0


def test_the_notebook_is_in_the_house_form():
    text = notebook_path("methodology").read_text("utf-8")
    assert text == json.dumps(json.loads(text), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    notebook = nbformat.reads(text, 4)
    nbformat.validate(notebook)
    calls = re.findall(r"\bshow\.(\w+)\(", "\n".join(c.source for c in notebook.cells))
    assert set(calls) == set(referee.__all__)
    assert calls[-1] == "page"
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
            assert len(cell.source.splitlines()) == 1


def test_twenty_promises_lead_each_with_its_worst_world():
    assert len(PROMISES) == 20
    page = referee.promises_that_matter().html
    for promise in PROMISES:
        cells = promise.cells
        assert len(cells) > 1, promise.words
        shares = [one.achieved for one in cells]
        worst = max(shares) if promise.measure == "size" else min(shares)
        assert cells[0].achieved == worst
        assert f"{100 * worst:.1f}" in page
        assert f"{100 * median(shares):.1f}" in page
    own_jumps = next(one for one in PROMISES if one.words == "r over 90 days")
    row = page[page.index("Interval of r over 90 days") :]
    assert f"Not in 1 of {len(own_jumps.cells)} cells" in row[:400]
