"""Further runs of a result: other lags, parts of the sample, other returns.

They decide nothing alone. A claim whose verdict does not survive them is left open.
"""

from convex_research.analysis.forms.runs import Run, further_runs

__all__ = ["Run", "further_runs"]
