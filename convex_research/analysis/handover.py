"""One analysis for several notebooks that are executed one after the other in one kernel.

Between two notebooks whoever executes them calls :func:`hand_over`; the second then finds the
analysis that the first has finished, if it asks for the same one. Nowhere else is anything kept: an
analysis asked for twice is made twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from convex_research.analysis.pair import PairAnalysis

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["hand_over", "handed_over"]

_analyses: list[PairAnalysis] = []


def hand_over(values: Iterable[Any]) -> None:
    """Leave the analyses among the values of a notebook's names to the next, and only those."""
    _analyses[:] = [one for one in values if isinstance(one, PairAnalysis)]


def handed_over(analysis: PairAnalysis) -> PairAnalysis:
    """The analysis of the same data and choices that was handed over, or the given one."""
    same = (one for one in _analyses if _equal(_inputs(one), _inputs(analysis)))
    return next(same, analysis)


def _inputs(analysis: PairAnalysis) -> tuple[Any, ...]:
    return (type(analysis), analysis.returns, analysis.config, analysis.helpers)


def _equal(a: Any, b: Any) -> bool:
    """Whether two values are equal in every part; those of arrays are compared one by one."""
    if type(a) is not type(b):
        return False
    if is_dataclass(a):
        a, b = ({one.name: getattr(value, one.name) for one in fields(a)} for value in (a, b))
    if isinstance(a, Mapping):
        return a.keys() == b.keys() and all(_equal(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(_equal, a, b))
    if hasattr(a, "tobytes"):
        a, b = ((value.dtype, value.shape, value.tobytes()) for value in (a, b))
    # Those of pandas also know that two missing values are alike.
    return bool(a.equals(b) if hasattr(a, "equals") else a == b)
