"""From returns to a finished analysis: the only room that decides what is computed.

What holds everywhere: ``returns`` is the sample, of a pair or of one leg, ``config`` the choices,
``helpers`` are further series by role, ``results`` stand by key, ``flags`` are what a reader must
know before any number, ``rows`` or ``part`` are rows of the returns, ``level`` is a confidence
level. What a key does not lead to is a ``KeyError`` that names its neighbours.
"""

from convex_research.analysis.instrument import InstrumentAnalysis
from convex_research.analysis.pair import PairAnalysis
from convex_research.analysis.results import Analysis
from convex_research.analysis.section import Curve, Section

__all__ = [
    "Analysis",
    "Curve",
    "InstrumentAnalysis",
    "PairAnalysis",
    "Section",
]
