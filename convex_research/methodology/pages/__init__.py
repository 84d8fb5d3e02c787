"""The page for referees: pure functions of stored evidence, one call a cell."""

from convex_research.methodology.pages.articles import contents, methods
from convex_research.methodology.pages.chart import coverage_chart
from convex_research.methodology.pages.claims import claims
from convex_research.methodology.pages.coverage import scorecard
from convex_research.methodology.pages.digests import digests
from convex_research.methodology.pages.front import (
    answer,
    effects,
    page,
    rules,
    title,
    versions,
    worlds,
)

__all__ = [
    "answer",
    "claims",
    "contents",
    "coverage_chart",
    "digests",
    "effects",
    "methods",
    "page",
    "rules",
    "scorecard",
    "title",
    "versions",
    "worlds",
]
