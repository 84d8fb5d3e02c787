"""The page for referees: pure functions of stored evidence, one call a cell."""

from convex_research.methodology.pages.articles import methods
from convex_research.methodology.pages.chart import coverage_chart
from convex_research.methodology.pages.claims import claims
from convex_research.methodology.pages.coverage import scorecard
from convex_research.methodology.pages.digests import digests
from convex_research.methodology.pages.front import (
    effects,
    folded,
    page,
    rules,
    title,
    unexplained,
    versions,
    worlds,
)
from convex_research.methodology.pages.promises import promises_that_matter

__all__ = [
    "claims",
    "coverage_chart",
    "digests",
    "effects",
    "folded",
    "methods",
    "page",
    "promises_that_matter",
    "rules",
    "scorecard",
    "title",
    "unexplained",
    "versions",
    "worlds",
]
