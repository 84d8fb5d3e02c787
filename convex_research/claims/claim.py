"""What a claim is: a hypothesis with a verdict, a sentence and its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from convex_research.claims.hypotheses import hypothesis
from convex_research.core import formatting as fmt
from convex_research.core.fragments import facts, table

__all__ = ["Claim", "Claims", "Size", "Verdict"]

Verdict = Literal["supported", "rejected", "inconclusive", "not tested"]
Size = Literal["open", "slight"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A tested sentence.

    Parameters
    ----------
    id : str
        Identifier such as ``"C25"``.
    verdict : {"supported", "rejected", "inconclusive", "not tested"}
        Outcome of the one verdict rule.
    text : str
        The sentence, made from the verdict and the evidence only.
    evidence : tuple of str
        Keys of the results it rests on.
    pvalue, pvalue_adjusted : float, optional
        Primary p-value, and after the error control of the page.
    sensitivity : tuple of dict
        Further runs; they can only downgrade a verdict.
    size : {"open", "slight"}, optional
        Of a supported effect whose presence is shown by a test: by how much is open, or less
        than matters.
    """

    id: str
    verdict: Verdict
    text: str
    evidence: tuple[str, ...] = ()
    pvalue: float | None = None
    pvalue_adjusted: float | None = None
    sensitivity: tuple[dict[str, Any], ...] = ()
    size: Size | None = None

    def to_dict(self) -> dict[str, Any]:
        """The record's form."""
        return {
            "id": self.id,
            "verdict": self.verdict,
            "text": self.text,
            "evidence": list(self.evidence),
            "pvalue": self.pvalue,
            "pvalue_adjusted": self.pvalue_adjusted,
            "sensitivity": [dict(run) for run in self.sensitivity],
            **({"size": self.size} if self.size else {}),
        }

    def __repr__(self) -> str:
        return f"<Claim {self.id}, {self.verdict}: {self.text}>"

    def _repr_html_(self) -> str:
        listed = [
            ("Hypothesis", hypothesis(self.id)),
            ("Verdict on it", self.verdict),
            ("Found", self.text),
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
