"""The exploration notebook in a real JupyterLab, opened by `convex-research lab`."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time

import pytest

LATEST = 120_000  # milliseconds a slow machine may take for any one step


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start_lab(folder, home):
    """A server with its settings apart from the user's; its address once it says so."""
    own = {
        name: str(home / name.lower())
        for name in ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    }
    environment = {**os.environ, **own, "OPENBLAS_NUM_THREADS": "1"}
    settings = home / "jupyter_config_dir" / "lab" / "user-settings" / "@jupyterlab"
    settings /= "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    more = ["--allow-root"] if os.name == "posix" and os.geteuid() == 0 else []
    command = [sys.executable, "-m", "convex_research", "lab", "--folder", str(folder)]
    command += ["--no-browser", "--port", str(free_port()), "--", *more]
    server = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(server.stderr), daemon=True)
    reader.start()  # ends with the server
    limit = time.monotonic() + LATEST / 1000
    while time.monotonic() < limit and server.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\S+token=\w+", "".join(said))
        if found:
            return server, reader, found[0]
        time.sleep(0.1)
    server.kill()
    server.wait()
    raise AssertionError("".join(said))


@pytest.fixture
def lab(browser, watched, tmp_path):
    folder = tmp_path / "work"
    server, reader, address = start_lab(folder, tmp_path)
    context = browser.new_context(viewport={"width": 1300, "height": 1500})
    context.set_default_timeout(LATEST)
    page = context.new_page()
    watched.watch(page, "http://127.0.0.1")
    try:
        page.goto(address)
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        yield page
    finally:
        context.close()
        server.terminate()
        server.wait(timeout=60)
        reader.join(timeout=60)
        server.stderr.close()


def drawn(explorer):
    return explorer.locator("#explore1-rolling path").evaluate_all(
        "all => all.map(one => one.getAttribute('d')).join()"
    )


def settled(page):
    page.wait_for_function("!document.querySelector('.convex-explore progress')")


@pytest.fixture
def explorer(lab):
    """The explorer after "Run All Cells", with its first chart."""
    lab.get_by_text(re.compile(r"\| Idle$")).first.wait_for()  # cells run before that are lost
    lab.get_by_role("menuitem", name="Run", exact=True).click()
    lab.locator("#jp-mainmenu-run").get_by_text("Run All Cells", exact=True).click()
    one = lab.locator(".convex-explore")
    one.locator("h2", has_text="S&P 500 and Nasdaq").wait_for()
    one.locator("#explore1-rolling").wait_for()
    settled(lab)
    return one


def choose(page, explorer, name, title):
    """Type an instrument, by keyboard alone."""
    explorer.get_by_label("Instrument B: search").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    explorer.locator(title).wait_for()
    settled(page)


def test_explore_change_the_pair_and_publish(lab, explorer, watched, pictures, tmp_path):
    explorer.screenshot(path=pictures / "explore.png")
    first = drawn(explorer)
    explorer.get_by_role("combobox", name="Window").select_option(label="252 observations")
    explorer.locator("figcaption", has_text="252 days").wait_for()
    settled(lab)
    window = drawn(explorer)
    assert window != first
    choose(lab, explorer, "vix", "h2:has-text('S&P 500 and VIX')")
    assert drawn(explorer) != window
    check_reading(lab, explorer)
    check_errors(lab, explorer)
    check_tabs(lab, explorer)
    check_publishing(lab, explorer, tmp_path / "work")
    assert watched.asked == []


def check_reading(page, explorer):
    """A date typed below the chart reads it."""
    day = explorer.get_by_label("Read the chart on")
    said = explorer.get_by_text(re.compile(r"^\d{4}-\d\d-\d\d: 252-day r −0\.\d\d \["))
    said.wait_for()
    latest = said.text_content()
    day.fill("2017-03-05")  # a Sunday
    page.keyboard.press("Tab")
    page.wait_for_function("() => document.body.textContent.includes('2017-03-03: 252-day r −')")
    assert said.text_content() != latest


def check_errors(page, explorer):
    """A name that is none: one sentence, no traceback, nothing of the old pair."""
    choose(page, explorer, "nonsense", "[role=alert]")
    said = explorer.get_by_role("alert").text_content()
    assert said.startswith("'nonsense' is not in the catalogue.")
    assert "Traceback" not in page.locator("body").text_content()
    assert explorer.locator("h2").count() == 0
    choose(page, explorer, "vix", "h2:has-text('S&P 500 and VIX')")
    assert explorer.get_by_role("alert").count() == 0


def check_tabs(page, explorer):
    """Tabs are labelled and work by keyboard; axe finds nothing on the one that opens."""
    from axe_playwright_python.sync_playwright import Axe

    explorer.get_by_role("tab", name="Overview").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    explorer.locator("caption", has_text="Correlation by window").first.wait_for()
    settled(page)
    found = Axe().run(page, context=".convex-explore").response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []


def check_publishing(page, explorer, folder):
    """The button makes both pages and links to them."""
    explorer.get_by_role("button", name="Publish").click()
    link = explorer.get_by_role("link", name="sp500-vs-vix/correlation.html")
    link.wait_for()
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    assert "S&P 500 and VIX" in opened.value.title()
    explorer.get_by_role("link", name="sp500-vs-vix/comparison.html").wait_for()
    assert (folder / "reports" / "sp500-vs-vix" / "comparison.json").is_file()
