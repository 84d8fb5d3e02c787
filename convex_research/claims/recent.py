"""C29, whether correlation has changed lately: over the recent window and over the last year."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from convex_research.claims import applies
from convex_research.claims.changes import agreeing, change, findable, moved
from convex_research.claims.declaration import DISCOVERED, Declaration, Rule
from convex_research.claims.effects import CORRELATION_MARGIN_Z
from convex_research.claims.finding import Finding
from convex_research.claims.places import At
from convex_research.claims.sentences import R, written
from convex_research.claims.survival import sign_kept
from convex_research.claims.verdict import Pvalues, size_of, within

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts
    from convex_research.claims.finding import Case
    from convex_research.core.estimates import Estimate, NotComputed, TestResult

__all__ = ["DECLARED"]


class _Look(NamedTuple):
    """The last observations against those before them."""

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
        names = ("difference", "difference_joint", "difference_r_joint", "recent", "preceding")
        return tuple(f"recent.{name}[{self.window}]" for name in names)

    @property
    def pair(self) -> tuple[str, str]:
        """Both correlations as they are read, the later one first."""
        unit = R._replace(decimals=self.places)
        return written(self.recent.value, unit), written(self.preceding.value, unit)

    @property
    def places(self) -> int:
        """Decimals at which the change agrees with them."""
        return agreeing(self.joint_r, self.recent.value, self.preceding.value)


def _look(facts: Facts, window: int, test: str) -> _Look | None:
    names = ("difference", "difference_joint", "difference_r_joint", "recent", "preceding")
    found = facts.estimates(*(f"recent.{name}[{window}]" for name in names))
    tested = facts.test(test)
    return _Look(window, test, tested, *found) if isinstance(found, tuple) and tested else None


def _tracks(case: Case) -> Finding | NotComputed:
    """A change by either look, each at its share of the level; its absence by the last year."""
    facts, margin = case.facts, CORRELATION_MARGIN_Z
    window, year = facts.analysis.config.recent_window, facts.year
    looks = [
        look
        for look in (
            _look(facts, window, "recent.fisher"),
            _look(facts, year, f"recent.fisher[{year}]") if year != window else None,
        )
        if look is not None
    ]
    if not looks:
        return facts.missing(*case.keys)
    verdict = case.verdict
    last = looks[-1] if looks[-1].window == year else None
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
            "window": facts.span(shown.window),
            "beside": f"{beside} the {facts.span(shown.preceding.nobs)} before",
            **moved(facts),
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
        at=(At("correlation.recent"), At("comparison.recent")),
        gives_way={"comparison": 23},
    ),
)
