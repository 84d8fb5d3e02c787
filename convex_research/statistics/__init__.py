"""Pure functions on arrays, one subject a file.

Arrays in; :class:`~convex_research.core.estimates.Estimate`,
:class:`~convex_research.core.estimates.TestResult` or
:class:`~convex_research.core.estimates.NotComputed` out. No dates, no files, no pages.
"""
