"""The explorer's stylesheet: the pages' own, inside a notebook and in its theme."""

from __future__ import annotations

from functools import cache
from importlib import resources

from convex_research.publishing.assets import stylesheet

__all__ = ["style_element"]


@cache
def style_element() -> str:
    """The pages' rules for what stands in a view, the explorer's for the rest.

    Rules for the page as a whole (``html``, ``:root``) match nothing inside a view; the
    colours come from the explorer's own rules, which know JupyterLab's themes.
    """
    own = resources.files(__package__).joinpath("explore.css").read_text("utf-8")
    return f"<style>.convex-view{{{stylesheet()}}}\n{own}</style>"
