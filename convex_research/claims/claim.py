"""What a claim is: a hypothesis with a verdict, a sentence and its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal

from convex_research.core import formatting as fmt
from convex_research.core.errors import printable
from convex_research.core.estimates import named
from convex_research.core.fragments import facts, table

if TYPE_CHECKING:
    from convex_research.claims.verdict import Pvalues
    from convex_research.core.sentences import Sentence

__all__ = [
    "ANSWER_WORDS",
    "AnswerCode",
    "Claim",
    "Claims",
    "Size",
    "Verdict",
    "answer_of",
    "word_of",
]

Verdict = Literal["supported", "rejected", "inconclusive", "not tested"]
Size = Literal["open", "slight"]
AnswerCode = Literal["yes", "slightly", "no", "open", "untested"]

ANSWER_WORDS: dict[AnswerCode, str] = {
    "yes": "Yes",
    "slightly": "Yes, slightly",
    "no": "No",
    "open": "Can\N{RIGHT SINGLE QUOTATION MARK}t tell",
    "untested": "Not tested",
}
"""As pages print them."""


def answer_of(
    verdict: Verdict, yes: Verdict, size: Size | None = None, *, contrary: bool = False
) -> AnswerCode:
    """The answer to a question that a verdict on its hypothesis gives.

    Parameters
    ----------
    verdict : Verdict
        Of the hypothesis.
    yes : Verdict
        The one that answers with yes.
    size : {"open", "slight"}, optional
        Of an effect that is shown.
    contrary : bool
        Whether the effect goes the other way than the question asks.
    """
    if verdict == "not tested":
        return "untested"
    if verdict == "inconclusive":
        return "open"
    if verdict != yes or contrary:
        return "no"
    return "slightly" if size == "slight" else "yes"


def word_of(answer: AnswerCode, size: Size | None = None) -> str:
    """An answer as pages print it, with what is known of the size of a shown effect."""
    if answer == "yes" and size == "open":
        return f"{ANSWER_WORDS['yes']}, size open"
    return ANSWER_WORDS[answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A tested sentence.

    Parameters
    ----------
    id : str
        Identifier such as ``"C15"``.
    hypothesis : str
        What the verdict is about; ``{a}`` and ``{b}`` are the legs.
    question : str
        What a reader asks; :attr:`answer` answers it.
    verdict : {"supported", "rejected", "inconclusive", "not tested"}
        Outcome of the one verdict rule.
    sentence : Sentence
        What was found, made from the verdict and the evidence only; why it is not tested.
    reach : str
        What data like these would have found, in a sentence, where the answer stays open; or
        which further runs leave it open.
    named : str
        The thing itself, where the question asks which; said only where the claim is decided.
    parent : str
        The claim in whose evidence it is shown; one without stands for itself.
    subject, reason : str
        What is not tested, and why.
    sample : str
        Observations, dates and interval in parentheses; none where nothing was tested.
    evidence : tuple of str
        Keys of the results it rests on.
    pvalues, pvalues_adjusted : Pvalues, optional
        Of both answers, and adjusted for all p-values of the page (Benjamini and Yekutieli).
    discovered : bool
        Whether the page's error control (closed Benjamini-Yekutieli) finds the answer; it rules,
        whatever the adjusted p-value is, and further runs may still leave the claim open.
    sensitivity : tuple of dict
        Further runs; they can only downgrade a verdict.
    size : {"open", "slight"}, optional
        Of a supported effect whose presence is shown by a test: by how much is open, or less
        than matters.
    changed_by : str
        Names of the further runs that change the answer: the claim is open whatever its interval
        says.
    yes : {"supported", "rejected"}
        The verdict that answers the question with yes.
    contrary : bool
        Whether the effect goes the other way than the question asks, so that it is denied.
    """

    id: str
    hypothesis: str
    question: str
    verdict: Verdict
    sentence: Sentence
    reach: str = ""
    named: str = ""
    parent: str = ""
    subject: str = ""
    reason: str = ""
    sample: str = ""
    evidence: tuple[str, ...] = ()
    pvalues: Pvalues | None = None
    pvalues_adjusted: Pvalues | None = None
    discovered: bool = False
    sensitivity: tuple[dict[str, Any], ...] = ()
    size: Size | None = None
    changed_by: str = ""
    yes: Verdict = "supported"
    contrary: bool = False

    @property
    def answer(self) -> AnswerCode:
        """The answer to the question: yes, slightly, no, open, or untested."""
        return answer_of(self.verdict, self.yes, self.size, contrary=self.contrary)

    @property
    def word(self) -> str:
        """The answer as a page prints it."""
        if self.named and self.answer not in {"open", "untested"}:
            return self.named
        return word_of(self.answer, self.size)

    @property
    def text(self) -> str:
        """Question, answer and sentence, and what would have been found."""
        said = f"{self.question} {self.word}. {self.sentence}"
        return f"{said} {self.reach}" if self.reach else said

    @property
    def pvalue(self) -> float | None:
        """That of the answer given; of the nearer one where the claim is open."""
        return None if self.pvalues is None else self.pvalues[self._nearer]

    @property
    def pvalue_adjusted(self) -> float | None:
        """The same p-value, adjusted."""
        return None if self.pvalues_adjusted is None else self.pvalues_adjusted[self._nearer]

    @property
    def _nearer(self) -> int:
        """Which of both p-values speaks for the answer."""
        if self.verdict in {"supported", "rejected"} or self.pvalues is None:
            return int(self.verdict == "rejected")
        return int(self.pvalues.rejected < self.pvalues.supported)

    def to_dict(self) -> dict[str, Any]:
        """The record's form."""
        return {
            "id": self.id,
            "question": self.question,
            "answer": self.answer,
            "word": self.word,
            "verdict": self.verdict,
            "text": self.text,
            "evidence": list(self.evidence),
            "pvalue": self.pvalue,
            "pvalue_adjusted": self.pvalue_adjusted,
            "discovered": self.discovered,
            "pvalues": None if self.pvalues is None else self.pvalues._asdict(),
            "sensitivity": [dict(run) for run in self.sensitivity],
            **({"size": self.size} if self.size else {}),
            **({"opened": ["further_runs"]} if self.changed_by else {}),
        }

    def __repr__(self) -> str:
        return f"<Claim {self.id}, {self.verdict}: {printable(self.text, limit=120)}>"

    def _repr_html_(self) -> str:
        listed = [
            ("Question", self.question),
            ("Answer", self.word),
            ("Hypothesis", named(self.hypothesis)),
            ("Verdict on it", self.verdict),
            ("Found", self.sentence),
            ("Evidence", ", ".join(self.evidence)),
            ("p-value", _p(self.pvalue)),
            ("p-value, adjusted for the page", _p(self.pvalue_adjusted)),
            ("Sensitivity runs", fmt.count(len(self.sensitivity)) if self.sensitivity else None),
        ]
        return facts(f"Claim {self.id}", listed)


class Claims(tuple[Claim, ...]):
    """Claims in their order, each also by its identifier: ``claims["C29"]``."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, str):
            return super().__getitem__(key)
        for claim in self:
            if claim.id == key:
                return claim
        like = ", ".join(get_close_matches(key, self.ids, n=3, cutoff=0.0))
        raise KeyError(f"no claim {key[:80]!r}; nearest are {like}")

    @property
    def ids(self) -> list[str]:
        """Identifiers, in order."""
        return [claim.id for claim in self]

    def _ipython_key_completions_(self) -> list[str]:
        return self.ids

    def __repr__(self) -> str:
        supported = sum(claim.verdict == "supported" for claim in self)
        return f"<Claims, {len(self)} tested, {supported} supported>"

    def _repr_html_(self) -> str:
        rows = [(claim.id, claim.verdict, claim.text) for claim in self]
        return table(f"{len(self)} claims", ("Claim", "Verdict", "Sentence"), rows).html


def _p(pvalue: float | None) -> str | None:
    return None if pvalue is None else fmt.pvalue(pvalue).removeprefix("= ")
