"""C29, whether correlation has changed lately: over the recent window and over the last year."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convex_research.claims import applies
from convex_research.claims.changes import agreeing, change, findable, moved, same_range
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule
from convex_research.claims.effects import CORRELATION_MARGIN_Z
from convex_research.claims.finding import Finding
from convex_research.claims.sentences import R, in_words, written
from convex_research.claims.survival import sign_kept
from convex_research.claims.verdict import Pvalues, size_of, within

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import Estimate, NotComputed, TestResult

__all__ = ["DECLARED"]

_WEEKS = 104


class _Look(NamedTuple):
    """The last observations against those before them; ``of`` is ``weekly_`` for weeks."""

    of: str
    window: int
    tested: str
    test: TestResult
    gap: Estimate
    joint: Estimate
    joint_r: Estimate
    recent: Estimate
    preceding: Estimate

    @property
    def keys(self) -> tuple[str, ...]:
        return _keys(self.of, self.window)

    def span(self, facts: Facts, nobs: int) -> str:
        """So many of its observations as time."""
        return f"{in_words(nobs // 52)} years" if self.of else facts.span(nobs)

    @property
    def pair(self) -> tuple[str, str]:
        """Both correlations as they are read, the later one first."""
        return written(self.recent.value, R), written(self.preceding.value, R)

    def level(self, facts: Facts) -> dict[str, str]:
        """What is weekly, where it is, and what counts as the same then."""
        if not self.of:
            return {}
        same = same_range(facts, self.preceding.value)
        return {"moved": "weekly r has changed by", "same": same}

    @property
    def places(self) -> int:
        """Decimals of the change beside them."""
        return agreeing(self.joint_r, self.recent.value, self.preceding.value)


def _keys(of: str, window: int) -> tuple[str, ...]:
    """Of a look: one alone allows for no other."""
    joint = "" if of else "_joint"
    names = ("difference", f"difference{joint}", f"difference_r{joint}", "recent", "preceding")
    return tuple(f"recent.{of}{name}[{window}]" for name in names)


def _look(facts: Facts, of: str, window: int, test: str) -> _Look | None:
    found = facts.estimates(*_keys(of, window))
    tested = facts.test(test)
    if tested is None or not isinstance(found, tuple):
        return None
    return _Look(of, window, test, tested, *found)


def _windows(facts: Facts) -> list[tuple[str, int, str]]:
    """The recent window and the last year; two years of weeks where closes are apart."""
    window, year = facts.analysis.config.recent_window, facts.year
    if facts.clock is not None:
        return [("weekly_", _WEEKS, f"recent.weekly_fisher[{_WEEKS}]")]
    last = [("", year, f"recent.fisher[{year}]")] if year != window else []
    return [("", window, "recent.fisher"), *last]


def _tracks(case: Case) -> Finding | NotComputed:
    """A change by either look, each at its share of the level; its absence by the last year."""
    facts, margin = case.facts, CORRELATION_MARGIN_Z
    windows = _windows(facts)
    looks = [look for one in windows if (look := _look(facts, *one)) is not None]
    if not looks:
        keys = (key for of, window, test in windows for key in (*_keys(of, window), test))
        return facts.missing(*keys)
    verdict = case.verdict
    last = looks[-1] if looks[-1].of or looks[-1].window == facts.year else None
    same = 1.0 if last is None else Pvalues.of_change(last.gap, margin).rejected
    found = min(looks, key=lambda look: look.test.pvalue)
    shown = found if verdict == "rejected" else last or found
    kept = sign_kept(shown.gap, "rejected")
    runs = facts.runs(
        shown.keys[0],
        verdict,
        kept if verdict == "rejected" else lambda one: within(one, margin),
    )
    recent, preceding = shown.pair
    beside = f": {recent} against {preceding} over" if not facts.twins else " as over"
    return Finding(
        of=shown.joint,
        fields={
            "change": change(facts, *shown.keys[1:3], places=shown.places),
            "window": shown.span(facts, shown.window),
            "beside": f"{beside} the {shown.span(facts, shown.preceding.nobs)} before",
            **moved(facts),
            **shown.level(facts),
        },
        reach=findable(facts, shown.preceding.value, shown.joint, 2 * len(looks)),
        runs=runs,
        size=size_of(shown.joint, margin),
        evidence=tuple(
            key
            for look in sorted(looks, key=shown.__ne__)  # the one that is told comes first
            for key in (*look.keys, look.tested)
        ),
        pvalues=Pvalues(same, 1.0 - (1.0 - found.test.pvalue) ** len(looks)),
    )


DECLARED = (
    Declaration(
        id="C29",
        hypothesis="Recent correlation tracks the preceding one",
        question="Has that changed lately?",
        yes="rejected",
        subject="whether r has changed lately",
        applies=applies.always,
        decide=_tracks,
        keys=("recent.difference[{recent}]",),
        effects=(CORRELATION_MARGIN_Z,),
        rule=Rule(
            "the last year's r and that of the four years before differ by less than "
            f"{CORRELATION_MARGIN_Z:.2f} of Fisher's z, {DISCOVERED}",
            "the recent window or the last year differs from what lies before it, both looks "
            f"allowed for, {DISCOVERED}; by more than matters where the joint interval lies wholly "
            f"beyond ±{CORRELATION_MARGIN_Z:.2f} of Fisher's z",
        ),
        sentences={
            "yes": "Over the past {window} {moved} {change}{wide}{beside}",
            "slightly": "Over the past {window} {moved} {change}{wide}: real, too small to matter",
            "no": "Over the past {window} {moved} {change}{wide}; {same} counts as the same",
            "open": "Over the past {window} {moved} {change}{wide}{beside}",
        },
        speaks_for="rejected",
    ),
)
