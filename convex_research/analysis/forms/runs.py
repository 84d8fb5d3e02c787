"""Which further runs each result has: other lags, parts of the sample, other choices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from convex_research.analysis.forms.choices import CHOICES
from convex_research.analysis.forms.reruns import RERUNS, Rerun
from convex_research.analysis.forms.variants import variants
from convex_research.core.estimates import NotComputed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convex_research.analysis.pair import PairAnalysis
    from convex_research.analysis.shared_sample import SharedSample

__all__ = ["Run", "further_runs"]


@dataclass(frozen=True, slots=True)
class Run:
    """One further run of a result.

    ``name`` says what was changed, to be read after "the answer changes"; ``part`` whether it rests
    on fewer data, so that less can be asked of it; ``form`` is one of
    :data:`convex_research.analysis.forms.variants.FORMS`, or ``"choice"``.
    """

    name: str
    part: bool
    result: Any
    form: str = "choice"


def further_runs(analysis: PairAnalysis, key: str, memo: dict[Any, Any]) -> tuple[Run, ...]:
    """Every further run of a result, in a fixed order.

    Empty for a result that has none; a run that cannot be computed is left out.
    """
    name, _, rest = key.partition("[")
    qualifier = rest.rstrip("]")
    runs: list[Run] = []
    if name in RERUNS:
        runs += _reruns(analysis, RERUNS[name], qualifier, memo)
    if name in CHOICES:
        # Another choice is less than the result's own: less is asked of it.
        runs += [
            Run(words, part=True, result=result)
            for words, result in CHOICES[name](analysis, qualifier)
        ]
    return tuple(run for run in runs if not isinstance(run.result, NotComputed))


def _reruns(
    analysis: PairAnalysis, plan: Rerun, qualifier: str, memo: dict[Any, Any]
) -> Iterator[Run]:
    returns, roles = analysis.returns, plan.helpers(qualifier, analysis.helpers)
    place = (roles, plan.weekly)
    if place not in memo:
        clock = bool(analysis.clock_flags)
        forms = variants(returns, analysis.helpers, roles, weekly=plan.weekly, understated=clock)
        memo[place] = list(forms)
    for kind, variant in memo[place]:
        if kind in plan.forms:
            result = plan.compute(_last(variant, plan, qualifier), qualifier)
            yield Run(variant.name, variant.part, result, kind)


def _last(variant: SharedSample, plan: Rerun, qualifier: str) -> SharedSample:
    """The last observations of a form, for a result of a trailing window."""
    if not plan.window or not qualifier.isdigit():
        return variant
    size = variant.a.size
    rows = slice(max(0, size - int(qualifier)), size)
    return replace(variant.rows(variant.name, rows), part=variant.part)
