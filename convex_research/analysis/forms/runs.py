"""Which further runs each result has: other lags, parts of the sample, other choices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from convex_research.analysis.forms.choices import CHOICES
from convex_research.analysis.forms.reruns import REMADE, Remade
from convex_research.analysis.forms.variants import variants
from convex_research.core.estimates import NotComputed, Result

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convex_research.analysis.pair import PairAnalysis
    from convex_research.analysis.shared_sample import SharedSample

__all__ = ["Run", "further_runs"]


@dataclass(frozen=True, slots=True)
class Run:
    """One further run of a result.

    Parameters
    ----------
    name : str
        What was changed, to be read after "the answer changes".
    part : bool
        Whether it rests on fewer data, so that less can be asked of it.
    result : Estimate or TestResult
        What it gave.
    form : str
        Form of the sample it rests on, one of
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
    made: list[Run] = []
    if name in REMADE:
        made += _remade(analysis, REMADE[name], qualifier, memo)
    if name in CHOICES:
        found = CHOICES[name](analysis, qualifier)
        made += [Run(*one) for one in found if not isinstance(one[2], NotComputed)]
    return tuple(made)


def _remade(
    analysis: PairAnalysis, plan: Remade, qualifier: str, memo: dict[Any, Any]
) -> Iterator[Run]:
    helpers = plan.helpers(qualifier, analysis.helpers)
    place = (helpers, plan.weekly)
    if place not in memo:
        memo[place] = variants(
            analysis.returns,
            analysis.helpers,
            helpers,
            weekly=plan.weekly,
            understated=bool(analysis.clock_flags),
        )
    for kind, variant in memo[place]:
        if kind not in plan.forms:
            continue
        result: Result = plan.make(_last(variant, plan, qualifier), qualifier)
        if not isinstance(result, NotComputed):
            yield Run(variant.name, variant.part, result, kind)


def _last(variant: SharedSample, plan: Remade, qualifier: str) -> SharedSample:
    """The last observations of a form, for a result of a trailing window."""
    if not plan.window or not qualifier.isdigit():
        return variant
    size = variant.a.size
    rows = slice(max(0, size - int(qualifier)), size)
    return replace(variant.rows(variant.name, rows), part=variant.part)
