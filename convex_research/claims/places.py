"""Where claims stand: the sections of the pages, the usual questions, headings by category."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["AFTER_ANSWERS", "HEADINGS", "QUESTIONS", "SECTIONS", "At"]


class At(NamedTuple):
    """A place of a claim.

    Parameters
    ----------
    group : str
        A section, a question or a heading of this module, such as ``"correlation.meaning"``.
    rank : int
        Its turn in the group; the first is 1.
    """

    group: str
    rank: int = 1

    @classmethod
    def each(cls, rank: int, *groups: str) -> tuple[At, ...]:
        """The same turn in several groups."""
        return tuple(cls(group, rank) for group in groups)


SECTIONS: dict[str, tuple[str, ...]] = {
    "correlation": (
        *("meaning", "recent", "years", "extremes", "stability", "tails", "leads", "regimes"),
        "forecast",
    ),
    "comparison": ("recent", "prices", "hedge", "scenario"),
}
"""Sections of each page that hold claims; a claim is at ``"page.section"``."""

AFTER_ANSWERS = frozenset({"prices", "hedge", "scenario"})
"""Sections of the comparison that stand below the answers to questions."""

QUESTIONS = {
    "question.relation": "What is the relationship between {a} and {b}?",
    "question.lead": "Does {a} lead {b}, and when?",
    "question.stability": "Is their correlation always the same?",
    "question.drivers": "What drives them apart?",
    "question.hedge": "Is {b} a hedge for {a}?",
}
"""Questions readers have of any pair; ``{a}`` and ``{b}`` are the legs."""

# A claim about prices, peers or a market leg is absent where it does not apply, so that a heading
# without one is left out.
HEADINGS = {
    "peer": {
        "peer.tilt": "The tilt between two peers",
        "peer.episodes": "Episodes of leadership",
        "peer.trading": "Trading the gap",
    },
    "cross-asset": {
        "cross-asset.market": "Two kinds of asset and the market",
        "cross-asset.episodes": "Episodes of relative performance",
        "cross-asset.sizing": "Sizing the spread",
    },
    "volatility": {
        "volatility.moves": "An asset and a gauge of expected volatility",
        "volatility.stress": "Stress and turbulence",
        "volatility.ahead": "The month ahead",
    },
    "rate": {
        "rate.moves": "A price and a rate",
        "rate.economy": "Rates and the state of the economy",
        "rate.ahead": "The month ahead",
    },
    "crypto": {
        "crypto.clock": "Trading around the clock",
        "crypto.episodes": "Episodes of relative performance",
        "crypto.sizing": "Sizing the spread",
    },
    "commodity": {
        "commodity.market": "A commodity and the market",
        "commodity.episodes": "Episodes of relative performance",
        "commodity.sizing": "Sizing the spread",
    },
}
"""Headings for each category of pair."""
