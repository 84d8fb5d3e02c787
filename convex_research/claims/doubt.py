"""Claims whose interval heavy tails spoil: open, whatever the interval says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from convex_research.claims.facts import CHANGED
from convex_research.claims.sentences import after_colon, leg_names

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis
    from convex_research.claims.claim import Claim

__all__ = ["doubted", "is_doubted", "repeated"]

_HEAVY = "Open, because tails are so heavy that no interval holds its level"
_AGAIN = "Open, because of heavy tails"
_FACE = ". Taken at face value: "
_FACE_AGAIN = ". At face value: "


def doubted(claim: Claim, analysis: PairAnalysis) -> Claim:
    """The claim, open if an interval it rests on cannot be trusted.

    Parameters
    ----------
    claim : Claim
        As its interval has it.
    analysis : PairAnalysis
        What it was tested on.
    """
    flags = {f for key in claim.evidence for f in getattr(analysis[key], "flags", ())}
    # C31 is about an identity, which needs no interval.
    if "heavy_tails" not in flags or claim.verdict == "not tested" or claim.id == "C31":
        return claim
    text = f"{_HEAVY}{_FACE}{after_colon(claim.text, leg_names(analysis))}"
    if claim.text.startswith(CHANGED):  # open already, for another reason
        text = claim.text.replace("Open, because", f"{_HEAVY}, and", 1)
    return replace(claim, verdict="inconclusive", size=None, text=text)


def is_doubted(claim: Claim) -> bool:
    """Whether the claim's sentence explains what heavy tails do to it."""
    return claim.text.startswith(_HEAVY)


def repeated(text: str) -> str:
    """A doubted claim's sentence where the explanation stands in full above; others as they are.

    Examples
    --------
    >>> repeated("Open, because tails are so heavy that no interval holds its level. Taken at "
    ...          "face value: strong.")
    'Open, because of heavy tails. At face value: strong.'
    """
    if not text.startswith(_HEAVY):
        return text
    rest = text.removeprefix(_HEAVY)
    if rest.startswith(_FACE):
        rest = _FACE_AGAIN + rest.removeprefix(_FACE)
    return _AGAIN + rest
