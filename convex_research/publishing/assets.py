"""Files of the package that publishing needs: notebooks, templates, stylesheet, scripts."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from pathlib import Path

__all__ = ["content_policy", "script", "stylesheet", "template_folder"]


def template_folder() -> Path:
    """Folder of the page templates."""
    return Path(str(resources.files(__package__))) / "templates"


@cache
def stylesheet(*names: str) -> str:
    """Text of one inline style element: that of all pages, and those named beside it."""
    files = (template_folder() / f"{name}.css" for name in ("page", *names))
    return "\n".join(file.read_text("utf-8").strip() for file in files)


@cache
def script(*names: str) -> str:
    """Text of one inline script element made of these files beside the template, in their order."""
    texts = ((template_folder() / f"{name}.js").read_text("utf-8").strip() for name in names)
    return "\n".join(texts)


def content_policy(script: str | None = None, *, style: str | None = None) -> str:
    """Content-Security-Policy: nothing is loaded, and only our own style and script apply.

    Script and style are the texts of the page's one element of each, exactly as they stand in the
    page; the style is that of all pages by default.
    """
    rules = ["default-src 'none'"]
    if script:
        rules.append(f"script-src {_source(script)}")
    rules += [
        f"style-src {_source(style or stylesheet())}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(rules)


def _source(text: str) -> str:
    """The hash by which a policy allows an inline element with this text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
