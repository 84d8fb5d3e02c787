"""The rules that every sentence of a claim or an answer keeps."""

from __future__ import annotations

import re
from typing import Any

from convex_research.claims.answer import Answer
from convex_research.core.sentences import Quantity

BANNED = re.compile(
    r"\b(significant\w*|robust|reliabl\w+|remarkabl\w+|amplif\w+|dampen\w*|coin flip|QLIKE|Wald|"
    r"HAC|Fisher|fixed-b|cointegrat\w+|legs?|spread|samples like this|at face value|supported|"
    r"rejected|causes?|should|safe|inconclusive|nan|None)\b"
)
WORDS, NUMBERS = 25, 3
ANSWERS = ("Yes", "Yes, slightly", "Yes, size open", "No", "Can’t tell", "Not tested")
INSTEAD = ("Only on paper", "Less lately")
_ASKS_WHICH = ("Which", "What", "How", "Who", "And over", "If ")
# What is no number of the text: years and dates, lengths of windows, the whole of a count, steps.
_NOT_COUNTED = re.compile(
    r"since \d{4}|\b(?:19|20)\d\d\b|\d[\d,]*-(?:day|week|month)|\d[\d,]* (?:day|week|month|year)s?|"
    r"of \S+ [\d,]+ (?:largest|worst)|of 1,000|[Ff]or (?:each )?1 (?:%|bp)|short of .1"
)


def bare(claim: Any, *names: str) -> str:
    """A sentence without the ends of its intervals, each name a single word."""
    fields = claim.sentence.fields.items()
    shown = {name: x.text if isinstance(x, Quantity) else x for name, x in fields}
    words: str = claim.sentence.words.format(**shown)
    for name in names:
        words = words.replace(name, "A")
    return words


def sentences(words: str) -> list[str]:
    """Each by itself."""
    return re.split(r"(?<=[.]) (?=[A-Z])", words)


def numbers(words: str) -> list[str]:
    """Those that count."""
    words = re.sub(r"between (\S+) and \S+", r"within \1", words)  # a range is one
    return re.findall(r"\d[\d.,]*", _NOT_COUNTED.sub("", words))


def few(words: str, most: int) -> None:
    """Each sentence has few words, and few numbers but for the ends of intervals."""
    for one in sentences(words):
        assert sum(any(map(str.isalnum, word)) for word in one.split()) <= most, one
        assert len(numbers(one)) <= NUMBERS, (numbers(one), one)


def plain(words: str) -> None:
    """Words that readers know, and no number that says more or less than is known."""
    assert not BANNED.search(re.sub("(credit|high-yield) spread", "", words)), words
    assert not re.search(r"[+−]1\.00\b|\binf\b", words), words


def brief(claim: Any, *names: str) -> None:
    """Short, with few numbers that have keys, in words that readers know."""
    words, reach = bare(claim, *names), getattr(claim, "reach", "")
    few(f"{words} {reach}", WORDS)
    if claim.answer == "untested":
        return
    plain(f"{words} {reach}")
    assert not re.search(r"\(([^()]+) to \1\)|-\d", claim.text), claim.text
    keys = [x.key for x in claim.sentence.fields.values() if isinstance(x, Quantity)]
    assert keys or "same" in words, claim.text
    known = claim.keys if isinstance(claim, Answer) else claim.evidence
    assert set(keys) <= {*known}, (keys, claim.text)


def answers_its_question(claim: Any) -> None:
    """A which-question by the thing, any other by yes or no."""
    decided = claim.answer not in {"open", "untested"}
    if claim.question.startswith(_ASKS_WHICH):
        assert (claim.word in ANSWERS) != decided, claim.text
    else:
        assert claim.word in ANSWERS + INSTEAD, claim.text
