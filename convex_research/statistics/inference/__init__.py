"""From an influence function, a regression or a bootstrap to an interval."""
