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
def stylesheet() -> str:
    """The one stylesheet of all pages."""
    return (template_folder() / "page.css").read_text("utf-8").strip()


@cache
def script(*names: str) -> str:
    """Text of one inline script element made of these files beside the template, in their order."""
    texts = ((template_folder() / f"{name}.js").read_text("utf-8").strip() for name in names)
    return "\n".join(texts)


def content_policy(script: str | None = None) -> str:
    """Content-Security-Policy: nothing is loaded, and only our own style and script apply.

    The script is the text of the page's one script element, exactly as it stands in the page.
    """
    rules = ["default-src 'none'"]
    if script:
        rules.append(f"script-src {_source(script)}")
    rules += [
        f"style-src {_source(stylesheet())}",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    return "; ".join(rules)


def _source(text: str) -> str:
    """The hash by which a policy allows an inline element with this text."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
