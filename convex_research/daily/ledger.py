"""Which changes are news: one error budget a calendar month, however often one looks.

Testing anew every day at 5 % would be wrong twice. Overlapping samples make today's p-value
almost yesterday's, so that a pair that once crosses a line crosses it again; and a real change
is reported once, while every further day brings new chances of a false report beside it: the
share of false reports among *news* would go to one. Procedures for streams of tests
(alpha-investing, LORD, SAFFRON) need p-values that are valid given the past, which p-values of
overlapping windows are not.

Here a p-value is valid over a whole month of looks. The watched statistic has the law of its
largest value at 23 looks; any other test of the same pair is charged 23 looks each time; the
smallest so far counts. Such a p-value only falls during the month and is valid at its end,
hence at every day before, chosen or not. A step-up procedure over all pairs (Blanchard and
Roquain's, with half of its trust in a single discovery) then keeps the expected share of false
reports among all reports of the month at or below 5 %, whatever the dependence between pairs
and days; where nothing changes at all, at most one month in twenty holds any false report. A
new month is a new budget.

A report is not repeated while it stays open: it closes after five looks in a row with a small
statistic, and only looks after that can open it again.

References
----------
Benjamini and Yekutieli (2001), Annals of Statistics 29, 1165-1188; Blanchard and Roquain
(2008), Electronic Journal of Statistics 2, 963-992 (other priors, and weights); Ramdas, Yang,
Wainwright and Jordan (2017), NeurIPS 30 (streams, and why dependence matters there).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from convex_research.daily.step_up import half_on_one, stepped_up
from convex_research.statistics.monitoring import LOOKS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["ALPHA", "CALM", "CALM_LOOKS", "PARTS", "Decision", "Look", "bar_of_one", "decide"]

ALPHA = 0.05
"""False discovery rate of a month's reports."""

PARTS: dict[str, tuple[float, float]] = {
    # part: (its share of the pair's p-value, looks it is charged)
    "change": (0.97, 1.0),
    "recent": (0.01, float(LOOKS)),
    "break": (0.01, float(LOOKS)),
    "extreme": (0.01, float(LOOKS)),
    "move": (1.0, float(LOOKS)),
}
"""Tests of one pair. All but the last say that the correlation changed, by weights; the last is
about the spread's latest move."""

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
        Of the parts in ``PARTS``; that of ``change`` is valid for a month already.
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
        ``pvalue_adjusted``, ``statistic``, ``reached`` (date of the look that decided).
    closed : tuple of str
        Names of the reports that close today.
    adjusted : dict of str to float
        Adjusted p-value by ``slug/kind``, without what is open since an earlier month.
    comparisons : int
        Pairs and kinds compared this month, which the adjustment counts.
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

    Returns
    -------
    Decision
    """
    accounts = {name: dict(kept) for name, kept in state.get("accounts", {}).items()}
    opened = {name: dict(kept) for name, kept in state.get("open", {}).items()}
    made, closed = 0, []
    for look in looks:
        name = f"{look.slug}/{look.kind}"
        account = _account(accounts.get(name), look)
        if account is None:
            continue
        made += 1
        accounts[name] = account
        if _close(opened, name, look):
            closed.append(name)
            account["best"] = None
    month = max((str(a["as_of"])[:7] for a in accounts.values()), default="")
    weights = _normalised(listed)
    # What is still open from an earlier month is no test of this one: counted as rejected, it
    # would lower the bar for everything else.
    older = {name for name, kept in opened.items() if kept["since"][:7] < month}
    pvalues = [
        1.0 if name in older else _pvalue(accounts.get(name), month, weights[name])
        for name in listed
    ]
    prior = half_on_one(len(pvalues)) if pvalues else []
    controlled = dict(zip(listed, stepped_up(pvalues, prior), strict=True))
    adjusted = {name: p for name, p in controlled.items() if name not in older}
    news = []
    for name, pvalue in adjusted.items():
        if pvalue <= ALPHA and name not in opened:
            slug, _, kind = name.rpartition("/")
            best = accounts[name]["best"]
            report = {"slug": slug, "kind": kind, **best, "pvalue_adjusted": pvalue}
            news.append(report)
            opened[name] = {
                "since": accounts[name]["as_of"],
                "statistic": best["statistic"],
                "calm": 0,
            }
    news.sort(key=lambda one: (one["pvalue_adjusted"], one["pvalue"], one["slug"], one["kind"]))
    kept = {"accounts": accounts, "open": opened}
    return Decision(
        news=tuple(news),
        closed=tuple(closed),
        adjusted=adjusted,
        comparisons=len(listed),
        looks=made,
        state=kept,
    )


def bar_of_one(listed: Sequence[str]) -> float:
    """What the p-value of a correlation must not exceed to be the only report of a month.

    Parameters
    ----------
    listed : sequence of str
        ``slug/kind`` of everything that is compared.
    """
    weight = max(_normalised(listed).values())
    return ALPHA * half_on_one(len(listed))[0] * weight / len(listed)


def _account(before: Mapping[str, Any] | None, look: Look) -> dict[str, Any] | None:
    """The pair's account after this look; nothing if it is no new look."""
    if before is not None and look.as_of <= before["as_of"]:
        return None
    same_month = before is not None and before["as_of"][:7] == look.as_of[:7]
    looks = (before["looks"] if same_month and before else 0) + 1
    best = before["best"] if same_month and before else None
    if looks <= LOOKS:  # further looks would not be covered by the month's law
        part, pvalue = _combined(look)
        if best is None or pvalue < best["pvalue"]:
            best = {
                "part": part,
                "pvalue": pvalue,
                "statistic": look.statistic,
                "reached": look.as_of,
            }
    return {"as_of": look.as_of, "looks": looks, "best": best}


def _combined(look: Look) -> tuple[str, float]:
    """The smallest p-value of a pair's tests by weights, and which one it is."""
    charged = {
        part: min(1.0, p * PARTS[part][1] / PARTS[part][0]) for part, p in look.pvalues.items()
    }
    part = min(charged, key=lambda one: (charged[one], one))
    return part, charged[part]


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


def _pvalue(account: Mapping[str, Any] | None, month: str, weight: float) -> float:
    """The month's p-value by weight; one where nothing was looked at this month."""
    if account is None or account["best"] is None or account["as_of"][:7] != month:
        return 1.0
    return min(1.0, float(account["best"]["pvalue"]) / weight)
