"""How results show themselves in a notebook: by a renderer further down the house."""

from __future__ import annotations

from importlib import import_module

__all__ = ["Displayed"]


class Displayed:
    """Shown by Jupyter as HTML.

    What is shown is decided in :mod:`convex_research.presentation.display`, which is found
    by name, so that imports keep pointing one way and results stay free of markup.
    """

    __slots__ = ()

    def _repr_html_(self) -> str:
        """The same bytes for the same values; everything from outside is escaped."""
        shown: str = import_module("convex_research.presentation.display").html_of(self)
        return shown
