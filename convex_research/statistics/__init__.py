"""Pure functions on arrays, one subject a file.

Arrays in; :class:`~convex_research.estimates.Estimate`,
:class:`~convex_research.estimates.TestResult` or
:class:`~convex_research.estimates.NotComputed` out. No dates, no files, no pages.
"""
