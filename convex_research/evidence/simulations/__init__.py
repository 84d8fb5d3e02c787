"""The programs behind the stored tables; :mod:`convex_research.evidence.recompute` runs them."""
