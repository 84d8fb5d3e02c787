"""Pages built once, and a real browser that may talk to nobody."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import shutil
import string
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from convex_research import AnalysisConfig, Pair, align, analyze, load_helpers, load_prices
from convex_research.core.files import notebook_path, write_atomically
from convex_research.publishing.exporter import ConvexReportExporter, record_of
from convex_research.publishing.index.write import write_index
from convex_research.publishing.records import read_reports
from convex_research.publishing.request import PairRequest, instrument_requests

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PAIR = "sp500-vs-nasdaq"
_LOADING = {"prices", "aligned", "further", "choices", "s"}


def chromium() -> str | None:
    """Debian's Chromium, or the one that is named."""
    named = os.environ.get("CONVEX_RESEARCH_CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")


def missing() -> str | None:
    """Why there can be no browser here."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed; the `browser` extra brings it"
    if chromium() is None:
        return "there is no Chromium; install Debian's, or name one in CONVEX_RESEARCH_CHROMIUM"
    return None


def pytest_collection_modifyitems(items):
    reason = missing()
    if reason:
        for item in items:
            if "browser" in getattr(item, "fixturenames", ()):
                item.add_marker(pytest.mark.skip(reason=reason))


# --- Pages -------------------------------------------------------------------------------


def run_notebook(kind: str, parameters: dict[str, Any], **given: Any) -> Any:
    """A report notebook run cell by cell in this process.

    Kernels are tested elsewhere; here an analysis may be given in place of the cells that
    make one, which is how the pages of unusual pairs come about.
    """
    import nbformat

    notebook = nbformat.read(notebook_path(kind), as_version=4)
    scope: dict[str, Any] = {}
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        names = {n.id for s in tree.body if isinstance(s, ast.Assign) for n in s.targets}
        if given and names and names <= _LOADING:
            scope |= given
            continue
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, kind, "exec"), scope)
        if "parameters" in cell.metadata.get("tags", ()):
            scope |= parameters
        if last is not None:
            shown = eval(compile(ast.Expression(last.value), kind, "eval"), scope)
            cell.outputs = [nbformat.v4.new_output("execute_result", data=_bundle(shown))]
    return notebook


def _bundle(shown: Any) -> dict[str, Any]:
    if hasattr(shown, "_repr_mimebundle_"):
        return dict(shown._repr_mimebundle_())
    return {"text/html": shown._repr_html_()}


def build(folder: Path, kind: str, **given: Any) -> Path:
    """The page of a pair, and its record."""
    notebook = run_notebook(kind, {}, **given)
    html, _ = ConvexReportExporter().from_notebook_node(notebook)
    record = record_of(notebook)
    page = folder / record["pair"]["slug"] / f"{kind}.html"
    write_atomically(page.with_suffix(".json"), json.dumps(record))
    write_atomically(page, html)
    return page


def build_methodology(folder: Path) -> Path:
    html, _ = ConvexReportExporter().from_notebook_node(run_notebook("methodology", {}))
    write_atomically(folder / "methodology.html", html)
    return folder / "methodology.html"


def build_instrument(folder: Path, symbol: str) -> Path:
    """The page of a leg, with the pairs that lie in the folder."""
    pair = Pair("sample:sp500", "sample:vix")
    reports = read_reports(folder).pairs
    one = instrument_requests([PairRequest(pair=pair)], reports=reports)[symbol]
    notebook = run_notebook("instrument", one.parameters)
    html, _ = ConvexReportExporter().from_notebook_node(notebook)
    page = folder / "instruments" / f"{one.slug}.html"
    write_atomically(page.with_suffix(".json"), json.dumps(record_of(notebook)))
    write_atomically(page, html)
    return page


def analysis_of(a: str, b: str, **bounds: Any) -> Any:
    pair = Pair(a, b)
    returns = align(load_prices(pair, **bounds))
    return analyze(returns, AnalysisConfig(), load_helpers(pair, **bounds))


@pytest.fixture(scope="session")
def negative():
    """S&P 500 against the VIX: a price, a level, and r below zero."""
    return analysis_of("sample:sp500", "sample:vix", start="2015-01-01")


@pytest.fixture(scope="session")
def site(tmp_path_factory, negative) -> Path:
    """A folder of reports as `convex-research batch` leaves it."""
    folder = tmp_path_factory.mktemp("site")
    strong = analysis_of("sample:sp500", "sample:nasdaq", start="2009-01-01")
    for analysis in (strong, negative):
        for kind in ("correlation", "comparison"):
            build(folder, kind, s=analysis)
    build_methodology(folder)
    build_instrument(folder, "sample:sp500")
    failure = {
        "schema": "convex-research/failure/1",
        "kind": "correlation",
        "slug": "sp500-vs-wti",
        "names": ["S&P 500", "WTI crude oil"],
        "reason": "no answer from the source",
    }
    write_atomically(folder / "sp500-vs-wti" / "correlation.failed.json", json.dumps(failure))
    write_index(folder)
    return folder


LONG_A, LONG_B = (string.ascii_uppercase * 2)[:40], (string.ascii_lowercase * 2)[:40]


@pytest.fixture(scope="session")
def rate_and_price(tmp_path_factory):
    """A rate against a price, with names of 40 characters that cannot be broken."""
    folder = tmp_path_factory.mktemp("csv")
    random = np.random.default_rng(7)
    moves = random.standard_normal((700, 2)) @ np.array([[1.0, 0.4], [0.0, 0.9]])
    days = np.busday_offset("2015-01-02", np.arange(700), roll="forward")
    rate, price = 3.0 + np.cumsum(0.02 * moves[:, 0]), 90 * np.exp(np.cumsum(0.01 * moves[:, 1]))
    lines = [f"{d},{x:.4f},{y:.4f}" for d, x, y in zip(days, rate, price, strict=True)]
    path = folder / "made.csv"
    path.write_text("date,rate,price\n" + "\n".join(lines) + "\n")
    a = f"csv:{path}#rate?kind=rate&unit=percent&name={LONG_A}"
    return analysis_of(a, f"csv:{path}#price?name={LONG_B}")


@pytest.fixture(scope="session")
def short():
    """So few observations that most sections have nothing to say."""
    return analysis_of("sample:sp500", "sample:wti", start="2018-08-20")


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    """How pages are built, for tests that need unusual ones."""
    return SimpleNamespace(page=build, instrument=build_instrument, long_name=LONG_A)


# --- Browser -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    """One Chromium for the tests of a file; playwright must not outlive them."""
    if missing():
        pytest.skip(missing())
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield running
        running.close()


@dataclass
class Watched:
    """What went wrong in a page."""

    problems: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def watch(self, page: Any, allowed: str) -> None:
        def route(one: Any) -> None:
            url = one.request.url
            if url.startswith((allowed, "data:", "blob:")):
                one.continue_()
            else:
                self.asked.append(url)
                one.abort()

        def say(message: Any) -> None:
            if message.type in {"error", "warning"}:
                self.problems.append(message.text)

        page.route("**/*", route)
        page.on("console", say)
        page.on("pageerror", lambda error: self.problems.append(str(error)))


@pytest.fixture
def show(browser):
    """Open a page; afterwards nothing may have been asked for or complained about."""
    watched, contexts = Watched(), []

    def open_page(path: Path, *, width: int = 1280, dark: bool = False, js: bool = True) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=js,
        )
        contexts.append(context)
        page = context.new_page()
        watched.watch(page, "file:")
        page.goto(path.as_uri())
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watched.problems == []
    assert watched.asked == []


@pytest.fixture
def watched() -> Watched:
    """For tests that open their pages themselves."""
    return Watched()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Path:
    """Where screenshots are left."""
    named = os.environ.get("CONVEX_RESEARCH_SCREENSHOTS")
    folder = Path(named) if named else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
