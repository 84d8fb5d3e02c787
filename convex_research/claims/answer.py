"""A question with its answer: what first screens, rows, the index, digests and records show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from convex_research.core.sentences import Quantity, Sentence

__all__ = ["Answer", "RangeKind"]

RangeKind = Literal["interval", "usual", "forecast", "chance", "observed"]
"""What stands beside a number: the error of an estimate, the middle 95 % of its own past, where
what comes next is to lie, what a constant relation gives by chance, or nothing but the fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer that is no claim's own: a claim has the same attributes where they are shared.

    Parameters
    ----------
    id : str
        ``"N1"``, or that of the claim it speaks for.
    question, word : str
        As printed; the word answers the question that is printed.
    answer : str
        ``yes``, ``slightly``, ``no``, ``open``, ``untested``, or the thing that is named.
    number : Quantity, optional
        The number of the answer, which stands outside the sentence on a first screen; its ends are
        what ``range`` says, of an observed one the other leg's number.
    label : str
        What the number is: ``"change, past year less 4 years before"``.
    window : str
        The part of the label that names its window: ``"past year"``.
    range : RangeKind
        What its interval is.
    sentence : Sentence
        At most 15 words on a first screen, 25 in a row.
    way : {"", "closer", "looser"}
        Which way a change goes that is shown.
    keys : tuple of str
        Results it rests on, that of the number first.
    notes : tuple of str
        Fine print: n, dates, method, p-values, what would have been found.
    """

    id: str
    question: str
    answer: str
    word: str
    sentence: Sentence
    number: Quantity | None = None
    label: str = ""
    window: str = ""
    range: RangeKind = "interval"
    way: Literal["", "closer", "looser"] = ""
    keys: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Answer, number and sentence, as they are read aloud."""
        number = (
            ""
            if self.number is None
            else f" {self.number}" + (f" {self.label}." if self.label else ".")
        )
        return f"{self.word}.{number} {self.sentence}".strip()

    def to_dict(self) -> dict[str, Any]:
        """The record's form."""
        return {
            "id": self.id,
            "question": self.question,
            "answer": self.answer,
            "word": self.word,
            "number": None if self.number is None else self.number.text,
            "ends": None if self.number is None else self.number.ends,
            "key": "" if self.number is None else self.number.key,
            "label": self.label,
            "window": self.window,
            "range": self.range,
            "way": self.way,
            "sentence": str(self.sentence),
            "text": self.text,
            "keys": list(self.keys),
        }
