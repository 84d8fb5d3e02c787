"""Sentences with numbers in them: plain text and markup of the same parts, never parsed again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from convex_research.core.fragments import tag, text

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Quantity", "Sentence", "typographic"]


class Quantity(NamedTuple):
    """A number as it is read.

    Parameters
    ----------
    text : str
        The number with its unit: ``"0.77 times"``, ``"328 of SPY's 329 worst days"``.
    ends : str
        Ends of its interval: ``"0.28 to 1.06"``, ``"98 % or more"``; none where it has none or
        where another number of the sentence has one.
    key : str
        Of the result that it is read from.
    """

    text: str
    ends: str = ""
    key: str = ""

    def __str__(self) -> str:
        return f"{self.text} ({self.ends})" if self.ends else self.text

    @property
    def html(self) -> str:
        """The number in bold, its interval lighter."""
        shown = tag("b", text(self.text))
        if self.ends:
            shown += " " + tag("i", f"({text(self.ends)})")
        return tag("span", shown, class_="num", **({"data_key": self.key} if self.key else {}))


def typographic(words: str) -> str:
    """Words with the apostrophe of print."""
    return words.replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words with fields.

    Parameters
    ----------
    words : str
        With ``{name}`` where a field stands.
    fields : mapping of str to str or Quantity
        What stands there; quantities are bold, the rest is plain.

    Examples
    --------
    >>> str(Sentence("By {x}: too small to matter.", {"x": Quantity("+0.09", "0.06 to 0.12")}))
    'By +0.09 (0.06 to 0.12): too small to matter.'
    """

    words: str = ""
    fields: Mapping[str, str | Quantity] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", typographic(self.words))

    def __str__(self) -> str:
        return self.words.format(**{name: str(one) for name, one in self.fields.items()})

    def __bool__(self) -> bool:
        return bool(self.words)

    @property
    def html(self) -> str:
        """Finished markup."""
        fields = {
            name: one.html if isinstance(one, Quantity) else text(one)
            for name, one in self.fields.items()
        }
        return text(self.words).format(**fields)

    def also(self, words: str, **fields: str | Quantity) -> Sentence:
        """With further words."""
        return Sentence(self.words + words, {**self.fields, **fields})
