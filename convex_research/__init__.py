"""Two instruments in, a page out that a careful quant would sign.

Names are loaded on first use, so that ``import convex_research`` stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convex_research.analysis import InstrumentAnalysis, PairAnalysis
    from convex_research.catalogue import Instrument, Pair, load_catalogue, related_pairs
    from convex_research.claims import Claim
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.errors import ConvexResearchError
    from convex_research.core.estimates import Estimate, Missing, NotComputed, TestResult
    from convex_research.data import Prices, Provenance, load_helpers, load_prices, load_series
    from convex_research.exploring import explore
    from convex_research.instruments import InstrumentStudy, analyze_instrument
    from convex_research.publishing import publish
    from convex_research.returns import AlignedReturns, align
    from convex_research.studies import Study, analyze, study
    from convex_research.universe.load import screen

__version__ = "0.2.0"

_HOMES = {
    "AlignedReturns": "returns",
    "AnalysisConfig": "core.config",
    "Claim": "claims",
    "ConvexResearchError": "core.errors",
    "Estimate": "core.estimates",
    "Instrument": "catalogue",
    "InstrumentAnalysis": "analysis",
    "InstrumentStudy": "instruments",
    "Missing": "core.estimates",
    "NotComputed": "core.estimates",
    "Pair": "catalogue",
    "PairAnalysis": "analysis",
    "Prices": "data",
    "Provenance": "data",
    "Study": "studies",
    "TestResult": "core.estimates",
    "align": "returns",
    "analyze": "studies",
    "explore": "exploring",
    "analyze_instrument": "instruments",
    "load_catalogue": "catalogue",
    "load_helpers": "data",
    "load_prices": "data",
    "load_series": "data",
    "publish": "publishing",
    "related_pairs": "catalogue",
    "screen": "universe.load",
    "study": "studies",
}

__all__ = [
    "AlignedReturns",
    "AnalysisConfig",
    "Claim",
    "ConvexResearchError",
    "Estimate",
    "Instrument",
    "InstrumentAnalysis",
    "InstrumentStudy",
    "Missing",
    "NotComputed",
    "Pair",
    "PairAnalysis",
    "Prices",
    "Provenance",
    "Study",
    "TestResult",
    "align",
    "analyze",
    "analyze_instrument",
    "explore",
    "load_catalogue",
    "load_helpers",
    "load_prices",
    "load_series",
    "publish",
    "related_pairs",
    "screen",
    "study",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
