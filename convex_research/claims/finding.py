"""What a claim's function gets and gives: a case, and what was found of the hypothesis."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from convex_research.claims.effects import CORRELATION_MARGIN_Z
from convex_research.claims.survival import far_from_zero, over
from convex_research.claims.verdict import ANSWERS, Pvalues, above, size_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from convex_research.claims.claim import Size, Verdict
    from convex_research.claims.facts import Facts
    from convex_research.claims.survival import Judge
    from convex_research.core.estimates import Estimate, TestResult
    from convex_research.core.sentences import Quantity

__all__ = ["Case", "Finding", "size_above", "sized_runs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A declaration meets a pair.

    Parameters
    ----------
    facts : Facts
        The analysis.
    keys : tuple of str
        Keys of the estimates.
    estimates, tests : tuple
        Results under the declaration's keys, all there.
    discovered : frozenset of Verdict
        Answers that the error control over the page allows; none before it.
    speaks_for : Verdict
        The verdict that an effect gives.
    """

    facts: Facts
    keys: tuple[str, ...]
    estimates: tuple[Estimate, ...]
    tests: tuple[TestResult, ...]
    discovered: frozenset[Verdict]
    speaks_for: Verdict

    @property
    def verdict(self) -> Verdict:
        """There is an effect where its null is found wrong; else none, or open."""
        effect_first = sorted(ANSWERS, key=self.speaks_for.__ne__)
        return next((one for one in effect_first if one in self.discovered), "inconclusive")

    def runs(self, judge: Judge, at: int = 0) -> list[dict[str, Any]]:
        """Further runs of one of the estimates, judged."""
        return self.facts.runs(self.keys[at], self.verdict, judge)

    def runs_of_parts(self, *judges: Judge) -> list[dict[str, Any]]:
        """Further runs of every estimate that decides as the whole does."""
        return [
            run
            for at, (estimate, judge) in enumerate(zip(self.estimates, judges, strict=False))
            if judge(estimate) == self.verdict
            for run in self.runs(judge, at)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found of a hypothesis.

    Parameters
    ----------
    of : Estimate, optional
        Its sample stands at the end of the sentence.
    fields : mapping of str to str or Quantity
        For the sentences, besides the legs' names.
    reach : str
        What would have been found, in a sentence, where it stays open.
    named : str
        The thing itself, where the question asks which.
    question : str
        In place of the declaration's, with the same fields.
    runs : list of dict
        Further runs; one that disagrees leaves the claim open.
    pvalues : Pvalues, optional
        Of both answers; without them no answer is given.
    also : tuple of str
        Keys it rests on besides those declared.
    evidence : tuple of str, optional
        Keys it rests on in place of those declared.
    instead : mapping of str to str
        Another of the declaration's sentences for an answer.
    counted, series : str, optional
        What is counted where it is not observations, and what a further series is called.
    sample : str
        In place of the estimate's own.
    size : {"open", "slight"}, optional
        Of an effect that is shown.
    contrary : bool
        Whether the effect goes the other way than the question asks.
    """

    of: Estimate | None = None
    fields: Mapping[str, str | Quantity] = field(default_factory=dict)
    reach: str = ""
    named: str = ""
    question: str = ""
    runs: list[dict[str, Any]] = field(default_factory=list)
    pvalues: Pvalues | None = None
    also: tuple[str, ...] = ()
    evidence: tuple[str, ...] | None = None
    instead: Mapping[str, str] = field(default_factory=dict)
    counted: str | None = None
    series: str = "the other series"
    sample: str = ""
    size: Size | None = None
    contrary: bool = False

    @classmethod
    def of_change(
        cls,
        case: Case,
        margin: float,
        *,
        at: int = 0,
        pvalues: Pvalues | None = None,
        **said: Any,
    ) -> Finding:
        """An effect on either side of zero; further runs keep its side."""
        effect = case.estimates[at]
        return cls(
            of=effect,
            runs=case.runs(far_from_zero(case.verdict, effect, margin), at),
            size=size_of(effect, margin),
            pvalues=pvalues or Pvalues.of_change(effect, margin),
            **said,
        )

    @classmethod
    def of_effect(
        cls,
        case: Case,
        margin: float,
        *,
        null: float = 0.0,
        pvalues: Pvalues | None = None,
        **said: Any,
    ) -> Finding:
        """An effect above its null; further runs stay above it, or below the margin."""
        (effect,) = case.estimates[:1]
        return cls(
            of=effect,
            runs=case.runs(over(margin if case.verdict == "rejected" else null)),
            size=size_above(effect, margin),
            pvalues=pvalues or Pvalues.of_effect(effect, margin, null=null),
            **said,
        )

    @classmethod
    def of_side(cls, case: Case, edge: float, *, at: int = 0, **said: Any) -> Finding:
        """A parameter above an edge, as in further runs."""
        estimate = case.estimates[at]
        pvalues = Pvalues.of_side(estimate, edge)
        return cls(of=estimate, runs=case.runs(over(edge), at), pvalues=pvalues, **said)


def size_above(effect: Estimate, margin: float) -> Size | None:
    """What is known of the size of an effect that is shown to be above its null."""
    sizes: dict[Verdict, Size] = {"inconclusive": "open", "rejected": "slight"}
    return sizes.get(above(effect, margin))


def sized_runs(
    case: Case, test: str, size: Size | None
) -> tuple[list[dict[str, Any]], Size | None]:
    """Further runs of a change of r: of its test, and of its size where that is told.

    Parameters
    ----------
    case : Case
        Its first estimate is the size of the change.
    test : str
        Key of the test that shows it.
    size : {"open", "slight"}, optional
        From the interval; runs that disagree leave a shown size open.
    """
    judge = over(CORRELATION_MARGIN_Z)
    runs, sized = case.facts.runs(test, case.verdict, judge), case.runs(judge)
    if size is not None:
        return runs, size
    if case.verdict == "supported" and not all(sizing["agrees"] for sizing in sized):
        return runs, "open"
    return runs + sized, None
