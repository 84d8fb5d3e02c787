"""The first screen of a universe: what its average does, its groups, its movers, and the map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.core import formatting as fmt
from convex_research.core.fragments import Fragment, paragraph, tag, text
from convex_research.presentation.pages.first import range_mark
from convex_research.presentation.pages.rows import answer_word, tied

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.claims.answer import Answer
    from convex_research.universe.screen import Screen

__all__ = ["universe"]

_GROUPS, _MEMBERS, _MOVERS = 6, 14, 5


def universe(screen: Screen, *parts: Any) -> Fragment:
    """Title, sample, and four answers beside the map.

    Parameters
    ----------
    screen : Screen
        A finished screen.
    *parts : Fragment or Chart
        The first is the map; the others are evidence of the answers.
    """
    picture, *others = (*parts, Fragment(""))
    title, meta, clock, answers = screen.first_screen()
    html = tag("h1", text(title)) + paragraph(text(meta), class_="meta", data_about="sample")
    notes = [tag("li", clock.html, data_key="asynchrony.share")] if clock else []
    warned = sum(one.level != "note" for one in screen.quality)
    if warned:
        words = (
            f"{warned:,} warning{'s' if warned > 1 else ''} about the data stand with the sources."
        )
        notes.append(tag("li", tag("a", words, href="#s-data"), data_about="source"))
    html += tag("ul", "".join(notes), class_="banner") if notes else ""
    news = "".join(_section(screen, one) for one in answers)
    html += tag("div", picture.html + tag("div", news, class_="news"), class_="uni")
    fine = "".join(
        paragraph(
            f"{tag('b', text(one.question))} {text(fmt.with_minus(' '.join(one.notes)))}",
            class_="fine",
            data_key=" ".join(one.keys) or f"groups.{one.id}",
        )
        for one in answers
        if one.notes
    )
    inner = fine + "".join(one.html for one in others)
    summary = tag("summary", "Evidence for the answers")
    html += tag("details", summary + tag("div", inner), class_="fold")
    return Fragment(html, "first screen")


def _section(screen: Screen, one: Answer) -> str:
    """A question with its answer; groups and movers as lists."""
    html = tag("h2", text(one.question), id=f"s-{one.id}")
    if one.id == "groups" and screen.joint.clusters:
        html += tag("ul", "".join(_groups(screen)))
    elif one.id == "movers" and screen.changes.discovered.any():
        html += tag("p", answer_word(one)) + tag("ul", "".join(_movers(screen)))
    else:
        number = ""
        if one.number is not None:
            shown = tag("b", text(one.number.text), class_="big" if one.id == "average" else "")
            if one.number.ends:
                shown += f" {tag('i', range_mark(one.range) + text(one.number.ends))}"
            number = f" {tag('span', shown, class_='num')} {text(one.label)}."
        html += tag("p", f"{answer_word(one)}.{number} {tied(one.sentence.html)}")
    return tag("section", html, data_key=" ".join(one.keys) or f"groups.{one.id}")


def _groups(screen: Screen) -> Iterable[str]:
    clusters = screen.joint.clusters
    for one in clusters[:_GROUPS]:
        names = [text(screen.label(symbol)) for symbol in one.members]
        more = len(names) - _MEMBERS
        listed = ", ".join(names[:_MEMBERS]) + (f" and {more:,} more" if more > 0 else "")
        r = fmt.number(one.r, 2, plus=True)
        yield tag("li", f"{tag('b', f'Around {names[0]}')}, {len(names)}, average r {r}: {listed}.")
    if len(clusters) > _GROUPS:
        yield tag("li", f"And {len(clusters) - _GROUPS:,} smaller groups.")
    rest = len(screen.tracks) - sum(len(one.members) for one in clusters)
    if rest:
        yield tag("li", f"{tag('b', 'No group')}, {rest:,}.")


def _movers(screen: Screen) -> Iterable[str]:
    movers = screen.movers()
    for one in movers.head(_MOVERS).to_dict("records"):
        a, b = (tag("b", text(screen.label(one[leg]))) for leg in "ab")
        new, old, change, low, high = (
            fmt.number(one[name], 2, plus=True)
            for name in ("recent", "before", "change", "low", "high")
        )
        ends = tag("i", f"({fmt.span_of(low, high)})")
        yield tag(
            "li",
            f"{a} and {b}: {new} {screen.past(one['window'])}, {old} before: "
            f"{tag('span', tag('b', change) + ' ' + ends, class_='num')}.",
        )
    if len(movers) > _MOVERS:
        yield tag("li", f"And {len(movers) - _MOVERS:,} more, below.")
