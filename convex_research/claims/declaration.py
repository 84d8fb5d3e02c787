"""A claim's declaration, and the one evaluation that every claim goes through.

Hypothesis, what it rests on, the smallest effect of interest, the rule in words, every
sentence and the pairs it is about are said once, beside the function that decides it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from convex_research.claims.claim import Claim, answer_of
from convex_research.claims.finding import Case
from convex_research.claims.survival import broken
from convex_research.claims.verdict import downgraded
from convex_research.core import formatting as fmt
from convex_research.core.estimates import NotComputed, named
from convex_research.core.sentences import Sentence, typographic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from convex_research.claims.claim import AnswerCode, Verdict
    from convex_research.claims.effects import Effect
    from convex_research.claims.facts import Facts
    from convex_research.claims.finding import Finding

__all__ = ["DISCOVERED", "Declaration", "Rule", "evaluated", "percent_of"]

DISCOVERED = "found under the page's error control"
"""Words of a rule."""


class Rule(NamedTuple):
    """What would have made a hypothesis hold or fail, in words.

    ``{a}`` and ``{b}`` are the legs, ``{level}`` is the confidence level of the configuration.

    Parameters
    ----------
    supported, rejected : str
        What the data have to show; anything between leaves the claim open.
    """

    supported: str
    rejected: str

    @classmethod
    def beyond(cls, what: str, size: float, *also: str, otherwise: str = "") -> Rule:
        """There is an effect, on either side of zero."""
        return cls(
            f"{what} is not zero, {DISCOVERED}{_and(also)}; by more than matters where the "
            f"{{level}} interval lies wholly beyond ±{size:.2f}",
            f"{what} lies within ±{size:.2f}, {DISCOVERED}{otherwise}",
        )

    @classmethod
    def effect(cls, what: str, null: str, margin: str, *also: str) -> Rule:
        """There is an effect on one side."""
        return cls(
            f"{what} is above {null}, {DISCOVERED}{_and(also)}; by more than matters where the "
            f"{{level}} interval lies wholly above {margin}",
            f"{what} is below {margin}, {DISCOVERED}",
        )

    def named(self, a: str, b: str, level: str, period: str) -> Rule:
        """The rule with the legs' names, the level, and what an observation is called."""
        fields = {"a": a, "b": b, "level": level, "period": period}
        return Rule(*(words.format(**fields) for words in self))

    @classmethod
    def above(cls, what: str, size: str, *also: str) -> Rule:
        """Something is large."""
        return cls(
            f"{what} is above {size}, {DISCOVERED}{_and(also)}",
            f"{what} is below {size}, {DISCOVERED}",
        )


def _and(also: tuple[str, ...]) -> str:
    return "".join(f", and {one}" for one in also)


def percent_of(x: float, decimals: int = 0) -> str:
    """A size in a rule, in per cent."""
    return fmt.percent(x, decimals)


def untested(case: Case) -> None:
    """Decides nothing: the data of such a claim are not loaded."""
    raise NotImplementedError(f"no data for {case.keys}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A claim: one place for all that is said of it.

    Parameters
    ----------
    id : str
        Identifier, with a qualifier in brackets for one of a family: ``"C18b[vix]"``.
    hypothesis : str
        What verdicts are about; ``{a}`` and ``{b}`` are the legs.
    question : str
        What a reader asks, with the fields of :attr:`~convex_research.claims.facts.Facts.words`.
    subject : str
        Of the sentence that says why it is not tested.
    decide : callable
        From a case to a finding, to the reason why there is none, or to nothing where the
        claim is not about this pair after all.
    applies : callable
        Whether the claim is about a pair at all; one that is not is absent.
    keys : tuple of str
        Estimates it needs; ``{recent}``, ``{rolling}`` and ``{year}`` are the windows of the
        configuration.
    tests : tuple of str
        Tests it needs, the primary one first.
    effects : tuple of Effect
        Smallest effects of interest, fixed beforehand.
    rule : Rule, optional
        What supports and what rejects it, in words.
    sentences : mapping of str to str
        What is said, by answer and by whatever a finding puts in an answer's place, without the
        full stop; a small effect and an open answer have the words of "yes" by default.
    yes : {"supported", "rejected"}
        The verdict that answers the question with yes.
    speaks_for : Verdict
        The verdict that an effect gives; it comes first where both are found.
    needs : str
        What it would need, where nothing that is loaded can test it.
    one_clock : bool
        Whether it judges the size of a daily link, which closes at different times understate.
    parent : str
        The claim in whose evidence it is shown, on a page that has it.
    """

    id: str
    hypothesis: str
    question: str
    subject: str
    applies: Callable[[Facts], bool]
    decide: Callable[[Case], Finding | NotComputed | None] = untested
    keys: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    rule: Rule | None = None
    sentences: Mapping[str, str] = field(default_factory=dict)
    yes: Verdict = "supported"
    speaks_for: Verdict = "supported"
    needs: str = ""
    one_clock: bool = False
    parent: str = ""

    def words_for(self, answer: AnswerCode, instead: Mapping[str, str]) -> str:
        """The sentence for an answer, with its fields."""
        return self.sentences.get(instead.get(answer, answer), self.sentences.get("yes", ""))

    def statement(self, a: str = "A", b: str = "B") -> str:
        """The hypothesis with the legs' names."""
        return named(self.hypothesis, {"a": a, "b": b})


def evaluated(
    declared: Declaration, facts: Facts, discovered: frozenset[Verdict] = frozenset()
) -> Claim | None:
    """A claim from its declaration.

    Parameters
    ----------
    declared : Declaration
        What is tested.
    facts : Facts
        The analysis.
    discovered : frozenset of Verdict
        Answers that error control allows; none by default, so that the claim stays open.

    Returns
    -------
    Claim or None
        One that lacks data says so; none where it is not about this pair.
    """
    config = facts.analysis.config
    windows = {"recent": config.recent_window, "rolling": config.rolling_window}
    windows["year"] = facts.year
    keys = tuple(key.format(**windows) for key in declared.keys)
    tests = tuple(key.format(**windows) for key in declared.tests)
    estimates = tuple(e for key in keys if (e := facts.estimate(key)) is not None)
    results = tuple(t for key in tests if (t := facts.test(key)) is not None)
    if declared.needs:
        return _not_tested(declared, facts, declared.needs)
    if declared.one_clock and facts.clock is not None:
        return _not_tested(declared, facts, facts.clock.reason)
    if len(estimates) < len(keys) or len(results) < len(tests):
        return _not_tested(declared, facts, named(facts.missing(*keys, *tests).reason))
    case = Case(
        facts=facts,
        keys=keys,
        estimates=estimates,
        tests=results,
        discovered=discovered,
        speaks_for=declared.speaks_for,
    )
    found = declared.decide(case)
    if found is None:
        return None
    if isinstance(found, NotComputed):
        return _not_tested(declared, facts, named(found.reason))
    verdict = downgraded(case.verdict, found.runs)
    size = found.size if verdict == declared.speaks_for else None
    answer = answer_of(verdict, declared.yes, size, contrary=found.contrary)
    sentence = Sentence(
        declared.words_for(answer, found.instead),
        {**facts.words, **found.fields},
    )
    changed = broken(found.runs) if verdict != case.verdict else ""
    reach = f"The answer differs {changed}." if changed else found.reach
    sample = found.sample
    if found.of is not None:
        sample = facts.sample(found.of, found.counted, found.series)
    return Claim(
        id=declared.id,
        hypothesis=declared.hypothesis,
        question=typographic(found.question or declared.question).format(**facts.words),
        yes=declared.yes,
        contrary=found.contrary,
        verdict=verdict,
        sentence=sentence.also("."),
        reach=reach if verdict == "inconclusive" else "",
        named=found.named,
        parent=declared.parent,
        sample=sample,
        evidence=(*keys, *tests, *found.also) if found.evidence is None else found.evidence,
        pvalues=found.pvalues,
        discovered=case.verdict in discovered,
        sensitivity=tuple(found.runs),
        size=size,
        changed_by=changed,
    )


def _not_tested(declared: Declaration, facts: Facts, why: str) -> Claim:
    subject = declared.subject.format(**facts.words)
    return Claim(
        id=declared.id,
        hypothesis=declared.hypothesis,
        question=typographic(declared.question).format(**facts.words),
        verdict="not tested",
        sentence=Sentence("{why}.", {"why": why[:1].upper() + why[1:]}),
        parent=declared.parent,
        subject=subject,
        reason=why,
    )
