"""The programs behind the stored tables; :mod:`convex_research.methodology.recompute` runs them."""
