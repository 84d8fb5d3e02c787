"""From returns to a finished analysis: the only room that decides what is computed."""

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
