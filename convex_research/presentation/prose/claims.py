"""Claims as sentences of a page, each worded as what was found, with a way to its evidence.

A verdict is about the hypothesis, which the sentence may deny: it stands in the evidence.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from convex_research.claims.places import QUESTIONS
from convex_research.claims.registry import in_group
from convex_research.core.fragments import Fragment, anchor, paragraph, tag, text
from convex_research.presentation.pages import layout
from convex_research.presentation.prose import names
from convex_research.presentation.prose.facts import facts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.claims import Claim
    from convex_research.studies import Study

__all__ = ["claim_sentence", "claims", "cross_asset", "questions", "verdicts"]

# A line never ends between a number and its per cent sign.
_TIED = "\N{NARROW NO-BREAK SPACE}%"


def claim_sentence(analysis: Study, *claim_ids: str) -> Fragment:
    """What was found by claims; those that do not apply are absent.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    *claim_ids : str
        Which claims, in the order in which they are shown.
    """
    by_id = {claim.id: claim for claim in analysis.claims}
    chosen = [by_id[claim_id] for claim_id in claim_ids if claim_id in by_id]
    return Fragment("".join(map(_sentence, chosen)), f"claims {', '.join(claim_ids)}")


def claims(analysis: Study, section: str, kind: str = "correlation") -> Fragment:
    """The facts and claims of one section of a page, claims as far as they have room.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    section : str
        A name in :data:`convex_research.claims.places.SECTIONS`.
    kind : {"correlation", "comparison"}
        Which page.

    Raises
    ------
    KeyError
        If the page has no such section.
    """
    shown = _sentences_shown(analysis, kind)
    html = facts(analysis, f"{kind}.{section}").html
    html += "".join(shown[i] for i in layout.claims_by_section(kind)[section] if i in shown)
    return Fragment(html, f"claims: {section}")


def _sentences_shown(analysis: Study, kind: str) -> dict[str, str]:
    """The claims that a page shows, each as the paragraph that stands there."""
    return {i: _sentence(claim) for i, claim in layout.shown(analysis, kind).items()}


def _sentence(claim: Claim) -> str:
    found = claim.sentence.html.replace(" %", _TIED)
    if claim.sample:
        found += " " + tag("span", text(claim.sample.replace(" %", _TIED)), class_="sample")
    body = tag("span", found)
    link = tag(
        "a",
        "evidence",
        class_="evidence",
        href="#" + anchor("evidence", claim.id),
        aria_label=f"Evidence for claim {claim.id}",
    )
    return tag("p", f"{body} {link}", class_="claim", data_claim=claim.id)


def questions(analysis: Study) -> Fragment:
    """The usual questions about a pair, answered by claims; one without a claim is left out."""
    a, b = (names.short(one) for one in names.legs(analysis))
    headed = [
        (title.format(a=a, b=b), facts(analysis, group).html, in_group(group))
        for group, title in QUESTIONS.items()
    ]
    html = _headed(analysis, headed) or paragraph("No claim applies.", data_about="definition")
    return Fragment(html, "questions")


def cross_asset(analysis: Study) -> Fragment:
    """What sets the legs apart, by the category of the pair; a claim is said once on the page."""
    sections = layout.claims_by_section("comparison").values()
    earlier = {i for ids in sections for i in ids}
    earlier |= {i for group in QUESTIONS for i in in_group(group)}
    headings = layout.paragraphs_of(analysis)
    left = [(title, "", tuple(i for i in ids if i not in earlier)) for title, ids in headings]
    words = "Every other claim that applies to this pair stands among the answers above."
    html = _headed(analysis, left) or paragraph(words, data_about="definition")
    return Fragment(html, "cross-asset analysis")


def _headed(analysis: Study, groups: Iterable[tuple[str, str, tuple[str, ...]]]) -> str:
    """Headings with their facts and the claims below them, as far as the page shows them."""
    shown = _sentences_shown(analysis, "comparison")
    listed = (
        (title, first + "".join(shown[i] for i in ids if i in shown))
        for title, first, ids in groups
    )
    return "".join(tag("h3", text(title)) + html for title, html in listed if html)


def verdicts(analysis: Study, kind: str = "correlation") -> Fragment:
    """How many hypotheses of the page hold, fail and stay open."""
    by_id = layout.shown(analysis, kind)
    tested = [claim for claim in by_id.values() if claim.verdict != "not tested"]
    count = Counter(claim.verdict for claim in tested)
    words = (
        f"Of the {len(tested)} hypotheses tested for this page, {count['supported']} "
        f"{_verb(count['supported'], 'is', 'are')} supported, {count['rejected']} rejected and "
        f"{count['inconclusive']} inconclusive; each is stated with its evidence."
    )
    return Fragment(
        paragraph(text(words), class_="tally", data_claim=" ".join(c.id for c in tested)),
        "how many claims hold",
    )


def _verb(number: int, one: str, many: str) -> str:
    return one if number == 1 else many
