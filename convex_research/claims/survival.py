"""Whether a verdict survives further runs: other lags, parts of the sample, other choices.

A run on all data must reach the same verdict with its 90 % interval. A run on part of them,
or under another definition, knows less: it breaks the verdict when its number lies outside
the claimed region by more than its own standard error. Runs only downgrade.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from convex_research.claims.verdict import LEVEL, above, below, beyond
from convex_research.core.estimates import Estimate, TestResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from convex_research.claims.claim import Verdict

    Judge = Callable[[Estimate], Verdict]

__all__ = ["broken", "far_from_zero", "judged", "over", "run", "sign_kept", "under"]

_OPPOSITE = {"supported": "rejected", "rejected": "supported"}
_NAMED = 2


def run(name: str, value: float, *, agrees: bool, unit: str = "p-value") -> dict[str, Any]:
    """A run that gave one number: what was changed, and whether it agrees."""
    return {"run": name, "form": "choice", "value": value, "unit": unit, "agrees": agrees}


def over(edge: float) -> Judge:
    """The rule of :func:`above` for further runs."""
    return lambda estimate: above(estimate, edge)


def under(edge: float) -> Judge:
    """The rule of :func:`below` for further runs."""
    return lambda estimate: below(estimate, edge)


def far_from_zero(verdict: Verdict, estimate: Estimate, margin: float) -> Judge:
    """The rule of :func:`beyond` for further runs: a supported effect must keep its sign."""
    if verdict != "supported":
        return lambda one: beyond(one, margin)
    return over(margin) if estimate.value > 0.0 else under(-margin)


def sign_kept(estimate: Estimate, verdict: Verdict = "supported") -> Judge:
    """The rule for further runs of a change that gave a verdict: it must keep its sign."""
    side = above if estimate.value > 0.0 else below
    return lambda one: verdict if side(one, 0.0) == "supported" else "inconclusive"


def judged(runs: Iterable[Any], key: str, verdict: Verdict, judge: Judge) -> list[dict[str, Any]]:
    """Every run of a result with its own verdict, and whether the claim's survives it.

    Parameters
    ----------
    runs : iterable of Run
        From :meth:`convex_research.analysis.PairAnalysis.runs`.
    key : str
        Key of the result.
    verdict : Verdict
        The claim's, before further runs.
    judge : callable
        From an estimate to the verdict it gives.

    Returns
    -------
    list of dict
        Empty for a claim that is open or not tested: there is nothing to lower.
    """
    if verdict not in _OPPOSITE:
        return []
    entries = []
    for one in runs:
        found = one.result
        head = {"run": one.name, "form": one.form, "key": key}
        if isinstance(found, TestResult):
            entries.append({**head, **_tested(found, verdict)})
            continue
        near = _near(found)
        own = judge(near if found.confidence_level is None else found)
        agrees = judge(near) != _OPPOSITE[verdict] if one.part else own == verdict
        entries.append(
            {
                **head,
                "value": found.value,
                "low": found.low,
                "high": found.high,
                "confidence_level": found.confidence_level,
                "unit": found.unit,
                "nobs": found.nobs,
                "verdict": own,
                "agrees": agrees,
            }
        )
    return entries


def _near(found: Estimate) -> Estimate:
    """The same with the interval of one standard error; of no width where there is none."""
    error = found.std_error or 0.0
    low, high = found.value - error, found.value + error
    return replace(found, low=low, high=high, confidence_level=0.68, bound=None)


def _tested(found: TestResult, verdict: Verdict) -> dict[str, Any]:
    """A test supports below 10 %; what is rejected must not be found at 5 %."""
    seen = found.pvalue < 2.0 * LEVEL
    return {
        "value": found.pvalue,
        "unit": "p-value",
        "nobs": found.nobs,
        "verdict": "supported" if seen else "inconclusive",
        "agrees": seen if verdict == "supported" else found.pvalue >= LEVEL,
    }


def broken(runs: Sequence[dict[str, Any]]) -> str:
    """What changes the answer, as words for a sentence; the first two by name.

    Examples
    --------
    >>> broken([run("by the week", 0.4, agrees=False), run("out of sample", 0.1, agrees=True)])
    'by the week'
    """
    names = list(dict.fromkeys(str(one["run"]) for one in runs if not one["agrees"]))
    named = names[:_NAMED]
    rest = len(names) - len(named)
    if rest:
        return f"{', '.join(named)} and in {rest} further {'run' if rest == 1 else 'runs'}"
    return " and ".join(named)
