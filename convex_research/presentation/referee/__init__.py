"""The page for referees: pure functions of stored evidence, one call a cell."""

from convex_research.presentation.referee.articles import contents, methods
from convex_research.presentation.referee.chart import coverage_chart
from convex_research.presentation.referee.claims import claims
from convex_research.presentation.referee.coverage import scorecard
from convex_research.presentation.referee.digests import digests
from convex_research.presentation.referee.front import (
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
