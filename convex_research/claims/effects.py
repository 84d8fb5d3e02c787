"""Smallest effects of interest: fixed beforehand, never tuned to a result."""

from __future__ import annotations

__all__ = ["BETA_MARGIN", "RECENT_MARGIN_Z"]

# About 0.10 in r at r = 0.85: a change smaller than the width of a strength band's half
# would not alter how anyone uses the pair.
RECENT_MARGIN_Z = 0.35

# Five hundredths of beta: below this a leg neither amplifies nor dampens by an amount
# that survives trading costs in a hedge.
BETA_MARGIN = 0.05
