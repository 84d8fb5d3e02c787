"""Which claims a page shows, in which order, and which it leaves to its evidence section.

A page's prose is short: claims are shown in their sections as long as there is room beside
its other sentences, and some go before others. What is not shown is still tested, still counts
in the error control, and stands in the evidence section with its sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from convex_research.claims.places import AFTER_ANSWERS, HEADINGS, QUESTIONS, SECTIONS
from convex_research.claims.registry import in_group, placed
from convex_research.presentation.pages.appendix import instruments
from convex_research.presentation.prose.facts import facts
from convex_research.presentation.prose.headline import banner
from convex_research.presentation.prose.readings import READINGS, reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.claims import Claim
    from convex_research.studies import Study

_SHOWN: WeakKeyDictionary[Study, dict[tuple[str, int], dict[str, Claim]]] = WeakKeyDictionary()
# Most words of a page's prose, and those of sentences that are always there: the sample, the
# answer, the tally, the introduction to the evidence; in a comparison also what says that a part
# does not apply.
MOST_WORDS = 880
_ALWAYS = {"correlation": 150, "comparison": 175}


def claims_by_section(kind: str) -> dict[str, tuple[str, ...]]:
    """Claims of each section of a page."""
    return {name: in_group(f"{kind}.{name}") for name in SECTIONS[kind]}


def paragraphs_of(analysis: Study) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Headings for the pair's category, with their claims."""
    headings = HEADINGS.get(analysis.pair.categorise(), HEADINGS["cross-asset"])
    return tuple((title, in_group(group)) for group, title in headings.items())


def sections_of(analysis: Study, kind: str) -> list[tuple[str, ...]]:
    """Groups of claims of a page, as they are read."""
    own = list(claims_by_section(kind).items())
    groups = [ids for name, ids in own if name not in AFTER_ANSWERS]
    if kind == "comparison":
        groups += [in_group(group) for group in QUESTIONS]
        groups += [ids for _, ids in paragraphs_of(analysis)]
    return groups + [ids for name, ids in own if name in AFTER_ANSWERS]


def _word_count(claims: Iterable[Claim]) -> int:
    """Words on the page: the sentence, its full stop, the link to its evidence."""
    return sum(len(f"{claim.sentence} {claim.sample}".split()) + 2 for claim in claims)


def _other_words(analysis: Study, kind: str) -> int:
    """Words of a page's readings, of warnings about the data, and of what the legs are."""
    parts = [reading(analysis, subject) for subject in READINGS[kind]] + [banner(analysis)]
    groups = [f"{kind}.{name}" for name in SECTIONS[kind]]
    if kind == "comparison":
        parts.append(instruments(analysis))
        groups += QUESTIONS
    parts += [facts(analysis, group) for group in groups]
    return sum(len(part.prose.split()) for part in parts)


def shown(analysis: Study, kind: str) -> dict[str, Claim]:
    """The claims that a page shows, by id.

    Tested claims only, except where a question would have no answer at all: then the first of
    its claims says what it needs.
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
    turns = {one.id: one.gives_way[kind] for one in placed() if kind in one.gives_way}
    for i in sorted(turns, key=turns.__getitem__):
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


def _unanswered(by_id: dict[str, Claim], kept: dict[str, Claim]) -> dict[str, Claim]:
    """For each question without an answer, the claim that says what is missing."""
    found = {}
    for group in QUESTIONS:
        known = [i for i in in_group(group) if i in by_id]
        if known and not any(i in kept for i in known):
            found[known[0]] = by_id[known[0]]
    return found
