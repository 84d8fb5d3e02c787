"""What the first screen of a universe answers: together, changed, groups, movers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from convex_research.claims.answer import Answer
from convex_research.claims.answers import FirstScreen
from convex_research.claims.answers.words import closeness, untested
from convex_research.claims.changes import agreeing
from convex_research.claims.claim import ANSWER_WORDS
from convex_research.claims.effects import CORRELATION_MARGIN_Z
from convex_research.claims.sentences import CHANGE, R, counted, in_words, quantity, written
from convex_research.claims.verdict import size_of
from convex_research.core import formatting as fmt
from convex_research.core.estimates import Estimate, NotComputed
from convex_research.core.flags import Flag
from convex_research.core.sentences import Quantity, Sentence

if TYPE_CHECKING:
    from convex_research.claims.claim import AnswerCode
    from convex_research.universe.screen import Screen

__all__ = ["past", "universe_screen"]

_YEARS = {"daily": 252, "weekly": 52, "monthly": 12, "quarterly": 4, "yearly": 1}
_LEVEL = 0.05
_APART = 0.1  # of all pairs; the test of one says so of three in a hundred by chance
_NAMED = 8  # members of a group in a sentence
_CLOSINGS = {"yes": "more than chance", "slightly": "real, but small", "open": "possibly chance"}


def _span(screen: Screen, nobs: int) -> str:
    """So many observations as time: ``past year``, ``4 years``, ``last 90 days``."""
    years = nobs / _YEARS[screen.frequency]
    whole = round(2.0 * years) / 2.0
    if whole < 1.0 or abs(years - whole) > 0.08 * min(whole, 2.0):
        return f"{nobs:,} {fmt.PERIODS[screen.frequency]}s"
    if whole == 1.0:
        return "year"
    return f"{whole:g} years".replace(".5", "\N{VULGAR FRACTION ONE HALF}")


def past(screen: Screen, nobs: int) -> str:
    """The last observations as a window."""
    length = _span(screen, nobs)
    return f"past {length}" if "year" in length else f"last {length}"


def _noun(screen: Screen) -> str:
    """How many there are of what."""
    kinds = {one.series.instrument.category for one in screen.tracks}
    many = "currencies" if kinds == {"currency"} else "instruments"
    return f"{fmt.count(len(screen.tracks))} {many}"


def universe_screen(screen: Screen) -> FirstScreen:
    """Whether they move together, whether that has changed, which groups and which pairs moved."""
    answers = (_together(screen), _changed(screen), _groups(screen), _moved(screen))
    return FirstScreen(_title(screen), _meta(screen), _banner(screen), answers)


def _title(screen: Screen) -> str:
    count = len(screen.joint.clusters)
    found = int(screen.changes.discovered.sum())
    held = "no group holds together"
    if count:
        groups = counted(count, "group", "groups") if count > 12 else in_words(count)
        held = f"{groups} group{'s hold' if count > 1 else ' holds'} together"
        held = held if count <= 12 else f"{groups} hold together"
    moved = "no pair moved beyond chance"
    if found:
        moved = f"{in_words(found)} pair{'s' if found > 1 else ''} moved beyond chance"
    return f"{_noun(screen)}: {held}, {moved}"


def _meta(screen: Screen) -> str:
    returns, pairs = screen.joint.returns, len(screen.measures.pairs)
    shared, every = returns.shape[1], len(screen.tracks)
    who = f"all {every:,}" if shared == every else f"{shared:,} of {every:,}"
    left = len(screen.skipped)
    named = f" {counted(left, 'instrument')} left out, named below." if left else ""
    return (
        f"{screen.frequency.capitalize()} {screen.kind} returns to {fmt.long_day(screen.as_of)}, "
        f"each of {pairs:,} pairs on its own shared days; {who} share {len(returns):,} "
        f"{fmt.PERIODS[screen.frequency]}s.{named}"
    )


def _banner(screen: Screen) -> Sentence | None:
    """How many pairs have daily numbers that are too low."""
    marks = (Flag.ASYNCHRONOUS, Flag.RARELY_TRADED_A, Flag.RARELY_TRADED_B)
    apart = sum(not set(one).isdisjoint(marks) for one in screen.flags())
    if apart <= _APART * len(screen.measures.pairs) or screen.frequency != "daily":
        return None
    return Sentence(
        "{n} of {all} pairs look as if they closed at different hours: their daily r may be too "
        "low; the table has the weekly one.",
        {"n": fmt.count(apart), "all": fmt.count(len(screen.measures.pairs))},
    )


def _together(screen: Screen) -> Answer:
    question, year = "Do they move together?", screen.config.year
    key = f"average.pearson[{year}]"
    r = screen.joint.results[key]
    if not isinstance(r, Estimate):
        return untested("average", question, r)
    z = screen.measures.columns[f"{year}.z"]
    known = np.isfinite(z)
    weaker, stronger = closeness(r)
    word = "No clear link" if r.covers(0.0) else weaker.capitalize()
    legs = screen.joint.returns.shape[1]
    notes = [
        (
            f"{fmt.count(r.nobs)} observations that {fmt.count(legs)} share, {r.start} to {r.end}; "
            f"{r.method}."
        )
    ]
    if weaker != stronger and not r.covers(0.0):
        notes.append(
            f"The word is that of the weaker end; the interval spans {weaker} to {stronger}."
        )
    return Answer(
        id="average",
        question=question,
        answer=word,
        word=word,
        number=quantity(r, R, key),
        label=f"average r of {fmt.count(legs * (legs - 1) // 2)} pairs, {past(screen, r.nobs)}",
        window=past(screen, r.nobs),
        sentence=Sentence(
            "{k} of {n} pairs are below 0.",
            {"k": fmt.count(int((z[known] < 0.0).sum())), "n": fmt.count(int(known.sum()))},
        ),
        keys=(key,),
        notes=tuple(notes),
    )


def _changed(screen: Screen) -> Answer:
    """The table of answers of one change of correlation, on Fisher's scale."""
    question, year = "Has that changed lately?", screen.config.year
    keys = tuple(
        f"average.{name}[{year}]" for name in ("difference_r", "difference", "pearson", "preceding")
    )
    found = [screen.joint.results[key] for key in keys]
    missing = next((one for one in found if isinstance(one, NotComputed)), None)
    if missing is not None:
        return untested("change", question, missing)
    in_r, in_z, new, old = (one for one in found if isinstance(one, Estimate))
    answer, word = _judged(screen, in_z)
    closer = abs(new.value) > abs(old.value)
    way: Literal["", "closer", "looser"] = "closer" if closer else "looser"
    if answer not in {"yes", "slightly"}:
        way = ""
    places = agreeing(in_r, new.value, old.value)
    unit = R._replace(decimals=places)
    before = _span(screen, old.nobs)
    closing = _CLOSINGS.get(answer, "the same within the margin")
    return Answer(
        id="change",
        question=question,
        answer=answer,
        word=word,
        number=quantity(in_r, CHANGE._replace(decimals=places), keys[0], null=0.0),
        label=f"change, {past(screen, new.nobs)} less {before} before",
        window=past(screen, new.nobs),
        way=way,
        sentence=Sentence(
            "{new} against {old} in the {before} before: {closing}.",
            {
                "new": written(new.value, unit),
                "old": written(old.value, unit),
                "before": before,
                "closing": f"{way}, {closing}" if way else closing,
            },
        ),
        keys=keys,
        notes=(
            (
                f"{in_z.method}. A change matters from {CORRELATION_MARGIN_Z:.2f} of "
                "Fisher's z; "
                f"this one is {quantity(in_z, CHANGE)} there."
            ),
        ),
    )


def _judged(screen: Screen, in_z: Estimate) -> tuple[AnswerCode, str]:
    """Answer and word of a change: yes, its size perhaps open; slightly; no; can't tell."""
    if not in_z.covers(0.0):
        size = size_of(in_z, CORRELATION_MARGIN_Z)
        answer: AnswerCode = "slightly" if size == "slight" else "yes"
        return answer, "Yes, size open" if size == "open" else ANSWER_WORDS[answer]
    if screen.joint.change_is_small(CORRELATION_MARGIN_Z, _LEVEL):
        return "no", ANSWER_WORDS["no"]
    return "open", ANSWER_WORDS["open"]


def _groups(screen: Screen) -> Answer:
    question, groups = "Which groups hold together?", screen.joint.clusters
    if not groups:
        return Answer(
            id="groups",
            question=question,
            answer="None",
            word="None",
            sentence=Sentence("No three hold together when days are drawn anew."),
        )
    count = len(groups)
    word = f"{in_words(count).capitalize()} group{'s' if count > 1 else ''}"
    fields: dict[str, str | Quantity] = {}
    parts = []
    for at, group in enumerate(groups[:_NAMED]):
        fields[f"head{at}"] = screen.label(group.members[0])
        fields[f"size{at}"] = f"{fmt.count(len(group.members))}, {written(group.r, R)}"
        parts.append(f"around {{head{at}}} ({{size{at}}})")
    words = ", ".join(parts)
    inside = sum(len(one.members) for one in groups)
    fields["rest"] = f"{fmt.count(len(screen.tracks) - inside)} in none"
    return Answer(
        id="groups",
        question=question,
        answer=word,
        word=word,
        sentence=Sentence(words[0].upper() + words[1:] + "; {rest}.", fields),
        notes=(
            (
                "Branches of the tree of average linkage that come back when blocks of days are "
                "drawn anew, by a mean Jaccard similarity of at least .70; the number beside a "
                "size is the average r of the year between its members."
            ),
        ),
    )


def _moved(screen: Screen) -> Answer:
    question, changes = "Which pairs moved beyond chance?", screen.changes
    count, found = changes.known.size, int(changes.discovered.sum())
    if screen.joint.change is None:
        return untested("movers", question, "no pair has two windows to compare")
    row, change = screen.joint.change
    a, b = (screen.label(screen.symbols[i]) for i in screen.measures.pairs[row])
    new, old = changes.looks[change.nobs].r[row].tolist()
    places = agreeing(change, new, old)
    word = f"{in_words(found).capitalize() if found else 'None'} of {fmt.count(count)}"
    words = "{new} against {old} before."
    if not found:
        words = "{new} against {old} before: the nearest to one, but chance gives as much."
    unit = R._replace(decimals=places)
    return Answer(
        id="movers",
        question=question,
        answer=word,
        word=word,
        number=quantity(change, CHANGE._replace(decimals=places), "leaderboard.change", null=0.0),
        label=f"{a} and {b}, {past(screen, change.nobs)} less before",
        window=past(screen, change.nobs),
        sentence=Sentence(words, {"new": written(new, unit), "old": written(old, unit)}),
        keys=("leaderboard.change",),
        notes=(
            (
                f"Both looks, the last {changes.windows[0]} and {changes.windows[-1]} "
                f"observations, at {fmt.count(count)} pairs; closed Benjamini-Yekutieli up to "
                "1,000 p-values, theirs above: at most 5 % of the pairs named are false. Intervals "
                "allow for a pair's being chosen for the size of its change."
            ),
        ),
    )
