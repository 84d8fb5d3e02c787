"""What changed in the past when a provider's body replaced an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from convex_research.data.cache.store import Entry
    from convex_research.data.http.exchange import Parsed

__all__ = ["describe_restatement"]

_SAME = 1e-5  # relative; single-precision closes differ by 1e-7 from answer to answer


def describe_restatement(old: Parsed, new: Parsed, entry: Entry) -> str:
    """One sentence on values of the past that differ between two answers, or nothing.

    Closes before dividend adjustment are compared where there are any, because each
    dividend moves every adjusted close before it. The last old value is left out: it
    may have been provisional.
    """
    before = (old.values if old.raw is None else old.raw).iloc[:-1]
    after = new.values if new.raw is None else new.raw
    shared = before.index.intersection(after.index)
    gone = len(before) - len(shared)
    a, b = before.loc[shared].to_numpy(), after.loc[shared].to_numpy()
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-12)
    change = np.abs(b - a) / scale
    moved = np.flatnonzero(change > _SAME)
    if not moved.size and not gone:
        return ""
    parts = []
    if moved.size:
        first = shared[moved[0]].date()
        parts.append(
            f"{moved.size:,} of {len(shared):,} earlier values changed, from {first} on, "
            f"by {100 * float(change.max()):.2g} % at most"
        )
    if gone:
        parts.append(f"{gone:,} earlier dates are gone")
    since = entry.retrieved_at[:10]
    return f"History restated since the answer of {since}: {' and '.join(parts)}."
