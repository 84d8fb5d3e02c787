"""The record of a universe, and which of its pairs are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.analysis.record import by_type, leg_part, thinned_path, versions
from convex_research.analysis.record_types import METHODS, UNIVERSE_SCHEMA_NAME
from convex_research.analysis.section import Curve
from convex_research.catalogue.symbols import slugify
from convex_research.universe.table import interval_of

if TYPE_CHECKING:
    from convex_research.universe.screen import Screen

__all__ = ["listed_pairs", "universe_record"]

_ENDS = 25  # strongest and weakest pairs that are listed
_MOVERS = 100


def listed_pairs(screen: Screen) -> dict[int, list[str]]:
    """Rows of the pairs that a page lists, and why: movers, both ends, each one's nearest."""
    found: dict[int, list[str]] = {}
    movers = screen.changes.table(np.flatnonzero(screen.changes.discovered)).index
    r, _, high = interval_of(screen, str(screen.config.year))
    known = np.flatnonzero(np.isfinite(high))
    order = known[np.argsort(-r[known], kind="stable")]
    matrix = np.full((len(screen.tracks),) * 2, -np.inf)
    a, b = screen.measures.pairs.T
    rows = np.zeros(matrix.shape, dtype=np.intp)
    rows[a, b] = rows[b, a] = np.arange(a.size)
    matrix[a[known], b[known]] = matrix[b[known], a[known]] = r[known]
    nearest = rows[np.arange(len(matrix)), matrix.argmax(axis=1)]
    nearest = nearest[np.isfinite(matrix.max(axis=1))]
    for why, chosen in (
        ("moved", movers[:_MOVERS]),
        ("strongest", order[:_ENDS]),
        ("weakest", order[::-1][:_ENDS]),
        ("nearest", nearest),
    ):
        for row in chosen:
            reasons = found.setdefault(int(row), [])
            if why not in reasons:
                reasons.append(why)
    return found


def universe_record(screen: Screen) -> dict[str, Any]:
    """The record; see ``universe.schema.json`` in the package."""
    joint, window = screen.joint, screen.config.rolling_window
    days = joint.returns.index
    r, low, high = interval_of(screen, str(screen.config.year))
    symbols = screen.symbols
    pairs = screen.measures.pairs.tolist()
    path = joint.path
    return {
        "schema": UNIVERSE_SCHEMA_NAME,
        "methods": METHODS,
        "kind": "universe",
        "universe": {
            "slug": slugify(screen.name),
            "name": screen.name,
            "instruments": len(symbols),
            "pairs": len(pairs),
            "asked": list(screen.public_universe),
        },
        "as_of": screen.as_of.isoformat(),
        **screen.first_screen().to_dict(),
        "config": screen.config.to_dict(),
        "versions": versions(),
        "data": {
            "nobs": len(days),
            "start": f"{days[0]:%Y-%m-%d}",
            "end": f"{days[-1]:%Y-%m-%d}",
            "frequency": screen.frequency,
            "returns": screen.kind,
            "quality": [
                {"check": q.check, "level": q.level, "message": q.message} for q in screen.quality
            ],
            "shared_by": joint.returns.shape[1],
            "skipped": screen.public_skipped,
        },
        "members": [
            {**leg_part(one.series), "data": one.series.provenance.to_dict()}
            for one in screen.tracks
        ],
        **{k: v for k, v in by_type(joint.results).items() if k != "tests"},
        "movers": [
            {**one, "window": int(one["window"])} for one in screen.movers().to_dict("records")
        ],
        "groups": [
            {"members": list(one.members), "r": one.r, "stability": one.stability}
            for one in joint.clusters
        ],
        "order": list(joint.order.index),
        "component_shares": joint.shares.tolist(),
        "spanning_tree": screen.spanning_tree().to_dict("records"),
        "pairs": [
            {
                "a": symbols[pairs[row][0]],
                "b": symbols[pairs[row][1]],
                "listed": why,
                "r": float(r[row]),
                "low": float(low[row]),
                "high": float(high[row]),
            }
            for row, why in listed_pairs(screen).items()
            if np.isfinite(high[row])
        ],
        "series": {
            f"average.path[{window}]": thinned_path(path) if isinstance(path, Curve) else []
        },
    }
