"""Which changes are news: an error budget for each digest.

Every digest tests all pairs that have new data. A step-up procedure over all comparisons
(Blanchard and Roquain's, with three quarters of its trust in a single discovery) keeps the
expected share of false ones among the changes a digest finds at or below 5 %, whatever the
dependence between pairs; where nothing changes at all, at most one digest in twenty finds any.

Overlapping samples make today's p-value almost yesterday's, so a change that was found stays
found. It is reported once and not again while it stays open: it closes after five looks in a
row with a small statistic, and only looks after that can open it again. Hence far fewer digests
report something false than find something false: one run of false looks is one report. What is
open is not tested again, for counted as a discovery it would lower the bar for all others.

References
----------
Benjamini and Yekutieli (2001), Annals of Statistics 29, 1165-1188; Blanchard and Roquain
(2008), Electronic Journal of Statistics 2, 963-992 (other priors, and weights).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from convex_research.statistics.many.step_up import mostly_on_one, stepped_up

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ALPHA", "CALM", "CALM_LOOKS", "PARTS", "Decision", "Look", "bar_of_one", "decide"]

ALPHA = 0.05
"""False discovery rate of the changes that a digest finds."""

PARTS: dict[str, float] = {
    "change": 0.97,
    "recent": 0.01,
    "break": 0.01,
    "extreme": 0.01,
    "move": 1.0,
}
"""Tests of one pair, with their shares of its p-value. All but the last say that the
correlation changed; the last is about the spread's latest move."""

_WEIGHTS = {"correlation": 1.9, "spread": 0.1}
CALM = {"correlation": 2.0, "spread": 3.0}
"""A report closes below this absolute statistic."""
CALM_LOOKS = 5
"""Looks in a row below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What was seen of a pair on one day.

    Parameters
    ----------
    slug, kind : str
        The pair, and ``"correlation"`` or ``"spread"``.
    as_of : str
        Last date of its data, ISO.
    statistic : float
        Signed; it says whether a report is still open, and its direction.
    pvalues : dict of str to float
        Of the parts in ``PARTS``.
    """

    slug: str
    kind: str
    as_of: str
    statistic: float
    pvalues: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a day's looks amount to.

    Parameters
    ----------
    news : tuple of dict
        Reports that open today: ``slug``, ``kind``, ``part``, ``pvalue``,
        ``pvalue_adjusted``, ``statistic``, ``reached`` (last date of its data).
    closed : tuple of str
        Names of the reports that close today.
    adjusted : dict of str to float
        Adjusted p-value by ``slug/kind``, without what was open already.
    comparisons : int
        Pairs and kinds compared, which the adjustment counts.
    looks : int
        Looks made today.
    state : dict
        To be kept with the digest and given to the next day.
    """

    news: tuple[dict[str, Any], ...]
    closed: tuple[str, ...]
    adjusted: dict[str, float]
    comparisons: int
    looks: int
    state: dict[str, Any] = field(repr=False)


def decide(state: Mapping[str, Any], looks: Sequence[Look], listed: Sequence[str]) -> Decision:
    """Take one day's looks.

    Parameters
    ----------
    state : mapping
        ``Decision.state`` of the last digest; empty at the beginning.
    looks : sequence of Look
        At most one a pair and kind. A pair whose data end on the same date as at its last
        look, or before, is not looked at again.
    listed : sequence of str
        ``slug/kind`` of everything that is compared, looked at today or not.
    """
    seen = dict(state.get("seen", {}))
    opened = {name: dict(following) for name, following in state.get("open", {}).items()}
    older = set(opened)
    today: dict[str, dict[str, Any]] = {}
    discoveries, closed = 0, []
    for look in looks:
        name = f"{look.slug}/{look.kind}"
        if look.as_of <= seen.get(name, ""):
            continue
        discoveries += 1
        seen[name] = look.as_of
        if _close(opened, name, look):
            closed.append(name)
        elif name not in older:
            today[name] = _tested(look)
    weights = _normalised(listed)
    pvalues = [
        min(1.0, today[name]["pvalue"] / weights[name]) if name in today else 1.0 for name in listed
    ]
    prior = mostly_on_one(len(pvalues)) if pvalues else []
    controlled = dict(zip(listed, stepped_up(pvalues, prior), strict=True))
    adjusted = {name: p for name, p in controlled.items() if name not in older}
    news = []
    for name, pvalue in adjusted.items():
        if pvalue <= ALPHA and name in today:
            slug, _, kind = name.rpartition("/")
            found = today[name]
            news.append({"slug": slug, "kind": kind, **found, "pvalue_adjusted": pvalue})
            opened[name] = {"since": seen[name], "statistic": found["statistic"], "calm": 0}
    news.sort(key=lambda one: (one["pvalue_adjusted"], one["pvalue"], one["slug"], one["kind"]))
    following = {"seen": seen, "open": opened}
    return Decision(
        news=tuple(news),
        closed=tuple(closed),
        adjusted=adjusted,
        comparisons=len(listed),
        looks=discoveries,
        state=following,
    )


def bar_of_one(listed: Sequence[str]) -> float:
    """What the p-value of a correlation must not exceed to be the only change of ``listed``."""
    weight = max(_normalised(listed).values())
    return ALPHA * mostly_on_one(len(listed))[0] * weight / len(listed)


def _tested(look: Look) -> dict[str, Any]:
    """The smallest p-value of a pair's tests by their shares, and which one it is."""
    charged = {part: min(1.0, p / PARTS[part]) for part, p in look.pvalues.items()}
    part = min(charged, key=lambda one: (charged[one], one))
    return {
        "part": part,
        "pvalue": charged[part],
        "statistic": look.statistic,
        "reached": look.as_of,
    }


def _close(opened: dict[str, dict[str, Any]], name: str, look: Look) -> bool:
    """Count a calm look at an open report; whether it closes."""
    report = opened.get(name)
    if report is None:
        return False
    turned = look.statistic * report["statistic"] < 0.0
    calm = turned or abs(look.statistic) < CALM[look.kind]
    report["calm"] = report["calm"] + 1 if calm else 0
    if report["calm"] < CALM_LOOKS:
        return False
    del opened[name]
    return True


def _normalised(listed: Sequence[str]) -> dict[str, float]:
    """Weights of mean one."""
    raw = {name: _WEIGHTS[name.rpartition("/")[2]] for name in listed}
    mean = sum(raw.values()) / max(len(raw), 1)
    return {name: weight / mean for name, weight in raw.items()}
