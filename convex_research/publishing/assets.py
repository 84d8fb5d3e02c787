"""Files of the package that publishing needs: notebooks, templates, stylesheet."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from pathlib import Path

from convex_research.errors import PublishingError

__all__ = ["content_policy", "notebook_path", "stylesheet", "template_folder"]


def template_folder() -> Path:
    """Folder of the page templates."""
    return Path(str(resources.files("convex_research.publishing"))) / "templates"


@cache
def stylesheet() -> str:
    """The one stylesheet of all pages."""
    return (template_folder() / "page.css").read_text("utf-8").strip()


def content_policy() -> str:
    """Content-Security-Policy: nothing is loaded, and only our own style applies."""
    digest = hashlib.sha256(stylesheet().encode()).digest()
    style = base64.b64encode(digest).decode()
    return f"default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'"


def notebook_path(kind: str) -> Path:
    """The report notebook of a kind, from the wheel or from the checkout.

    Raises
    ------
    PublishingError
        If the installation is incomplete.
    """
    package = Path(str(resources.files("convex_research")))
    for folder in (package / "notebooks", package.parent / "notebooks"):
        path = folder / f"{kind}.ipynb"
        if path.is_file():
            return path
    raise PublishingError(f"the notebook {kind}.ipynb is missing; install convex-research again.")
