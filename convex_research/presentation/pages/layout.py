"""Which claims a page shows, in which order, and which it leaves to its evidence section.

A page's prose is short: claims are shown in their sections as long as there is room beside
its other sentences, and some go before others. What is not shown is still tested, still counts
in the error control, and stands in the evidence section with its sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from convex_research.claims import Opened
from convex_research.presentation.pages.appendix import instruments
from convex_research.presentation.prose.headline import banner
from convex_research.presentation.prose.readings import reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.claims import Claim
    from convex_research.studies import Study

__all__ = [
    "MOST_WORDS",
    "READINGS",
    "SECTIONS",
    "claims_by_section",
    "explaining",
    "paragraphs_of",
    "questions_of",
    "sections_of",
    "shown",
]

_SHOWN: WeakKeyDictionary[Study, dict[tuple[str, int], dict[str, Claim]]] = WeakKeyDictionary()
# Most words of a page's prose, and those of sentences that are always there: the sample, the
# answer, the tally, the introduction to the evidence; in a comparison also what says that a part
# does not apply.
MOST_WORDS = 880
_ALWAYS = {"correlation": 150, "comparison": 175}

# Readings in each page's notebook, which come before any claim that can wait.
READINGS = {
    "correlation": (
        *("ranks", "volatility", "dynamics", "asymmetry", "tails", "forecast", "diagnostics"),
    ),
    "comparison": ("changes", "growth", "capture", "spread", "hedge", "scenario"),
}

# Section of the notebook -> claims, as they are read.
SECTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "correlation": {
        "meaning": ("C25[year]", "C31", "C32", "C27"),
        "recent": ("C29",),
        "years": ("C35", "C33"),
        "extremes": ("C26", "C34"),
        "stability": ("C18a",),
        "tails": ("C22a",),
        "leads": ("C15",),
        "regimes": ("C16",),
        "forecast": ("C30",),
    },
    "comparison": {
        "recent": ("C29",),
        "prices": ("C07a",),
        "hedge": ("C36",),
        "scenario": ("C24",),
    },
}

# Sections of the comparison that stand below the answers to questions.
_AFTER_ANSWERS = {"prices", "hedge", "scenario"}

# Questions readers have of any pair; {a} and {b} are the legs.
_QUESTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("What is the relationship between {a} and {b}?", ("C25[all]", "C23", "C11", "C12")),
    ("Does {a} lead {b}, and when?", ("C15", "C13", "C08")),
    ("Is their correlation always the same?", ("C18a", "C16", "C18b[vix]")),
    ("What drives them apart?", ("C02", "C14", "C20", "C21")),
    ("Is {b} a hedge for {a}?", ("C22a", "C22b")),
)

# Category of the pair -> headings with claims. A claim about prices, peers or a market leg is
# absent where it does not apply, so a heading without one is left out.
_PARAGRAPHS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "peer": (
        ("The tilt between two peers", ("C01", "C06", "C05", "C17")),
        ("Episodes of leadership", ("C04", "C03")),
        ("Trading the gap", ("C09", "C19", "C07b")),
    ),
    "cross-asset": (
        ("Two kinds of asset and the market", ("C28", "C26")),
        ("Episodes of relative performance", ("C04",)),
        ("Sizing the spread", ("C09", "C19")),
    ),
    "volatility": (
        ("An asset and a gauge of expected volatility", ("C27", "C32")),
        ("Stress and turbulence", ("C34", "C33")),
        ("The month ahead", ("C30",)),
    ),
    "rate": (
        ("A price and a rate", ("C27", "C32")),
        ("Rates and the state of the economy", ("C18b[hy_spread]", "C18b[yield_10y]", "C33")),
        ("The month ahead", ("C30",)),
    ),
    "crypto": (
        ("Trading around the clock", ("C13", "C26", "C28")),
        ("Episodes of relative performance", ("C04", "C19")),
        ("Sizing the spread", ("C09",)),
    ),
    "commodity": (
        ("A commodity and the market", ("C28", "C26")),
        ("Episodes of relative performance", ("C04", "C19")),
        ("Sizing the spread", ("C09",)),
    ),
}

# The first to go when a page has no room: what repeats another claim or is widest of the point.
_SACRIFICE = {
    "correlation": ("C33", "C34", "C22a", "C16", "C26", "C35", "C31"),
    "comparison": (
        *("C17", "C25[all]", "C24", "C05", "C03", "C01", "C07b", "C10", "C33", "C36", "C21"),
        *("C13", "C34", "C28", "C20", "C12", "C16", "C26", "C18b[hy_spread]", "C30"),
        *("C18b[yield_10y]", "C19", "C29", "C14", "C08", "C04", "C18b[vix]", "C09", "C27"),
        *("C06", "C07a", "C32", "C02"),
    ),
}


def questions_of() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The usual questions, with the claims that answer each."""
    return _QUESTIONS


def paragraphs_of(analysis: Study) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Headings for the pair's category, with their claims."""
    return _PARAGRAPHS.get(analysis.pair.categorise(), _PARAGRAPHS["cross-asset"])


def claims_by_section(analysis: Study, kind: str) -> dict[str, tuple[str, ...]]:
    """Claims of each section of a page, with the window that stands for the year."""
    year = f"C25[{analysis.config.year}]"
    return {
        name: tuple(year if one == "C25[year]" else one for one in ids)
        for name, ids in SECTIONS[kind].items()
    }


def sections_of(analysis: Study, kind: str) -> list[tuple[str, ...]]:
    """Groups of claims of a page, as they are read."""
    own = list(claims_by_section(analysis, kind).items())
    groups = [ids for name, ids in own if name not in _AFTER_ANSWERS]
    if kind == "comparison":
        groups += [ids for _, ids in (*_QUESTIONS, *paragraphs_of(analysis))]
    return groups + [ids for name, ids in own if name in _AFTER_ANSWERS]


def _word_count(claims: Iterable[Claim]) -> int:
    """Words on the page: the sentence, its full stop, the link to its evidence."""
    listed = list(claims)
    short = [_length(claim, explained=True) for claim in listed]
    whole = (_length(claim, explained=False) for claim in listed)
    explanation = max((w - s for w, s in zip(whole, short, strict=True)), default=0)
    return explanation + sum(count + 2 for count in short)


def _length(claim: Claim, *, explained: bool) -> int:
    return len(f"{claim.sentence(explained=explained)} {claim.sample}".split())


def _other_words(analysis: Study, kind: str) -> int:
    """Words of a page's readings, of warnings about the data, and of what the legs are."""
    parts = [reading(analysis, subject) for subject in READINGS[kind]] + [banner(analysis)]
    if kind == "comparison":
        parts.append(instruments(analysis))
    return sum(len(part.prose.split()) for part in parts)


def shown(analysis: Study, kind: str) -> dict[str, Claim]:
    """The claims that a page shows, by id.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    kind : {"correlation", "comparison"}
        Which page.

    Returns
    -------
    dict of str to Claim
        Tested claims only, except where a question would have no answer at all: then the
        first of its claims says what it needs.
    """
    known = _SHOWN.setdefault(analysis, {})
    if (kind, MOST_WORDS) not in known:
        known[kind, MOST_WORDS] = _chosen(analysis, kind)
    return dict(known[kind, MOST_WORDS])


def _chosen(analysis: Study, kind: str) -> dict[str, Claim]:
    """The claims of a page that fit in it; nearly every part of a page asks for them."""
    by_id = {claim.id: claim for claim in analysis.claims}
    chosen: dict[str, Claim] = {}
    for ids in sections_of(analysis, kind):
        tested = [i for i in ids if i in by_id and by_id[i].verdict != "not tested"]
        chosen.update((i, by_id[i]) for i in tested)
    room = MOST_WORDS - _ALWAYS[kind] - _other_words(analysis, kind)
    waiting = []
    for i in _SACRIFICE[kind]:
        if _word_count(chosen.values()) <= room:
            break
        if i in chosen:
            waiting.append(chosen.pop(i))
    for claim in reversed(waiting):  # a short one may fit where a long one did not
        if _word_count((*chosen.values(), claim)) <= room:
            chosen[claim.id] = claim
    if kind == "comparison":
        chosen.update(_unanswered(by_id, chosen))
    return chosen


def explaining(analysis: Study, kind: str) -> str | None:
    """The first claim on a page that heavy tails left open: it explains what they do.

    Claims without a section are read last.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    kind : {"correlation", "comparison"}
        Which page.
    """
    chosen = shown(analysis, kind)
    placed = [chosen[i] for ids in sections_of(analysis, kind) for i in ids if i in chosen]
    order = placed + [claim for claim in analysis.claims if claim.id not in chosen]
    return next((claim.id for claim in order if Opened.HEAVY_TAILS in claim.opened), None)


def _unanswered(by_id: dict[str, Claim], kept: dict[str, Claim]) -> dict[str, Claim]:
    """For each question without an answer, the claim that says what is missing."""
    found = {}
    for _, ids in _QUESTIONS:
        known = [i for i in ids if i in by_id]
        if known and not any(i in kept for i in known):
            found[known[0]] = by_id[known[0]]
    return found
