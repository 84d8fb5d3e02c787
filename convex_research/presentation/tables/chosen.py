"""A table of the results whose keys fit, by name or by pattern."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from convex_research.core.estimates import NotComputed
from convex_research.core.fragments import Fragment
from convex_research.presentation.prose.labels import label
from convex_research.presentation.tables.detail import results_table

if TYPE_CHECKING:
    from convex_research.studies import Study

__all__ = ["table"]


def table(analysis: Study, *patterns: str, caption: str = "", note: str = "") -> Fragment:
    """The results whose keys fit: value, interval or p, observations and dates.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    *patterns : str
        Keys, in which ``*`` stands for anything and brackets for themselves:
        ``"regimes.pearson[*]"``. Only sections that are named are computed.
    caption, note : str
        Plain text above and below; the caption is the section's name by default.

    Returns
    -------
    Fragment
        In the order of the patterns; what is not computed is told where nothing else fits, and
        empty where no key does.
    """
    keys: dict[str, None] = {}
    for pattern in patterns:
        section = pattern.partition(".")[0]
        fits = pattern.replace("[", "[[]")
        keys |= dict.fromkeys(
            key for key in analysis.section(section).results if fnmatchcase(key, fits)
        )
    there = [key for key in keys if not isinstance(analysis[key], NotComputed)]
    shown = there or list(keys)[:1]
    if not shown:
        return Fragment("", f"no results: {', '.join(patterns)}")
    listed = ((label(analysis, key), key) for key in shown)
    title = caption or patterns[0].partition(".")[0].replace("_", " ").capitalize()
    return results_table(analysis, title, listed, note=note)
