"""Series from providers; the only room that knows files and the network.

Loading: :func:`load_series`, :func:`load_prices`, :func:`write_snapshot`; :func:`symbols_of` names
all series of a file. The gate is in
:mod:`convex_research.data.quality.gate`, the care of the cache in
:mod:`convex_research.data.cache.maintenance`.
"""

from convex_research.data.cache import maintenance as cache
from convex_research.data.cache.snapshot import SNAPSHOT_VARIABLE, write_snapshot
from convex_research.data.context import load_helpers
from convex_research.data.files.universe import symbols_of
from convex_research.data.loading import load_prices, load_series
from convex_research.data.providers.environment import OFFLINE_VARIABLE, report_waiting
from convex_research.data.providers.registry import provider_names
from convex_research.data.quality import gate as quality
from convex_research.data.series import Prices, Provenance, QualityNote, SeriesData

__all__ = [
    "OFFLINE_VARIABLE",
    "SNAPSHOT_VARIABLE",
    "Prices",
    "Provenance",
    "QualityNote",
    "SeriesData",
    "cache",
    "load_helpers",
    "load_prices",
    "load_series",
    "provider_names",
    "quality",
    "report_waiting",
    "symbols_of",
    "write_snapshot",
]
