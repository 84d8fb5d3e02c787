"""Pieces of a page: pure functions of a finished analysis, one call a cell.

Every piece that its files name in ``__all__`` can be called from here.
"""

from convex_research.presentation.charts.heat_map import *
from convex_research.presentation.charts.lookup import *
from convex_research.presentation.charts.universe import *
from convex_research.presentation.pages.appendix import *
from convex_research.presentation.pages.first import *
from convex_research.presentation.pages.guide import *
from convex_research.presentation.pages.output import record
from convex_research.presentation.pages.own import figure
from convex_research.presentation.pages.rows import *
from convex_research.presentation.pages.universe import *
from convex_research.presentation.tables.chosen import table
from convex_research.presentation.tables.detail import *
from convex_research.presentation.tables.evidence import *
from convex_research.presentation.tables.instrument import *
from convex_research.presentation.tables.pair import *
from convex_research.presentation.tables.scenarios import *
from convex_research.presentation.tables.universe import *

__all__ = [name for name, piece in globals().items() if callable(piece) and name[0] != "_"]
