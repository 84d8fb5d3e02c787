"""Exploring a pair in JupyterLab: the pieces of the reports behind a few controls."""

from convex_research.exploring.explorer import Explorer, explore

__all__ = ["Explorer", "explore"]
