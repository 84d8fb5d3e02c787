"""Whether a relation is the same throughout: breaks, regimes, years, monitoring."""
