"""What is known about the methods: simulated coverage and size, and other programs' answers.

The numbers are stored with the package, so that the page for referees needs no simulation;
:mod:`convex_research.methodology.recompute` makes them again.
"""

from convex_research.methodology.agreement import Agreement, agreement_rows, agreement_sources
from convex_research.methodology.claim_rows import (
    CLAIM_MEASURES,
    ClaimRow,
    ClaimTable,
    claim_tables,
)
from convex_research.methodology.rows import MEASURES, CoverageRow, Table, coverage_rows, tables

__all__ = [
    "CLAIM_MEASURES",
    "MEASURES",
    "Agreement",
    "ClaimRow",
    "ClaimTable",
    "CoverageRow",
    "Table",
    "agreement_rows",
    "agreement_sources",
    "claim_tables",
    "coverage_rows",
    "tables",
]
