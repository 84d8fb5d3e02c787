"""Notebooks into pages: papermill executes, nbconvert converts, the index follows."""

from convex_research.publishing.page import publish

__all__ = ["publish"]
