"""How often digests report a change that is none, and how soon one that is.

Two hundred pairs are watched for 120 days, in six months of 20 looks each, with the package's
own statistics and the package's own decisions. What is planted comes on day 41 and stays.
Beside each share that is found stands the share that could be found at all: by the test of
Neyman and Pearson that knows true volatilities, both correlations, the law of the shocks and
the day of the shift, and needs the same p-value as a single report among so many comparisons.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convex_research.daily.promise import DigestRow
from convex_research.daily.watch.error_budget import PARTS, Look, bar_of_one, decide
from convex_research.statistics.simulate import worlds
from convex_research.statistics.stability import monitoring
from convex_research.statistics.stability.look_law import look_pvalue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convex_research.core.typing import Array

    News = list[list[tuple[int, str]]]

__all__ = ["SEED", "SUBJECTS"]

SEED = 20250401
PAIRS, DAYS, MONTH, SHIFT_DAY, WITHIN = 200, 120, 20, 40, 40
BEFORE = monitoring.BURN_IN + monitoring.REFERENCE + monitoring.GAP - 1
SESSIONS = tuple(f"2024-{1 + d // MONTH:02d}-{1 + d % MONTH:02d}" for d in range(DAYS))
NAMES = tuple(f"{i}/{kind}" for i in range(PAIRS) for kind in ("correlation", "spread"))
DF = 8.0
BOUND_PATHS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A world.

    Parameters
    ----------
    law : str
        ``"CCC-GARCH-t8"``, ``"normal"`` or ``"t5"``.
    before : tuple of float
        Correlations of the pairs, from and to.
    after : float or None
        Correlation of the first ``shifted`` pairs from day 41 on.
    shifted : int
        Number of these.
    common : bool
        Half of each shock is shared by all pairs.
    jump : tuple of float
        Factors on both legs' returns from day 41 on.
    replications : int
        How often it is simulated.
    instead : int
        Further shifted pairs, each of which takes the place of the first one in turn: a
        single pair tells little of how often it is found.
    """

    law: str = "CCC-GARCH-t8"
    before: tuple[float, float] = (0.2, 0.95)
    after: float | None = None
    shifted: int = 0
    common: bool = False
    jump: tuple[float, float] = (1.0, 1.0)
    replications: int = 80
    instead: int = 0

    @property
    def words(self) -> str:
        """The world's name in the table."""
        more = ", shocks shared by all pairs" if self.common else ""
        if self.jump != (1.0, 1.0):
            legs = "both legs" if self.jump[0] == self.jump[1] else "one leg"
            more += f", volatility of {legs} times {max(self.jump):g} from day 41"
        return f"{self.law}{more}"


SHIFTS = ((0.95, 0.65), (0.9, 0.6), (0.85, 0.55), (0.8, 0.5), (0.6, 0.9), (0.65, 0.95))
CASES = (
    *(Case(law=law) for law in ("CCC-GARCH-t8", "normal", "t5")),
    Case(common=True),
    *(Case(jump=jump, replications=20) for jump in ((2.0, 2.0), (2.0, 1.0), (3.0, 3.0))),
    *(
        Case(
            before=(before, before),
            after=after,
            shifted=shifted,
            replications=replications,
            instead=instead,
        )
        for before, after in SHIFTS
        for shifted, replications, instead in ((1, 35, 7), (20, 15, 0), (60, 10, 0))
    ),
)


def returns(case: Case, seed: int) -> tuple[Array, Array]:
    """Both legs of every pair, shape (T, pairs); the first pairs shift, and any after 200."""
    rng = np.random.default_rng(seed)
    nobs, pairs = BEFORE + DAYS, PAIRS + case.instead
    rho = np.tile(np.linspace(*case.before, pairs), (nobs, 1))
    if case.after is not None:
        shifts = (np.arange(pairs) < case.shifted) | (np.arange(pairs) >= PAIRS)
        rho[BEFORE + SHIFT_DAY :, shifts] = case.after
    z = rng.standard_normal((nobs, 2, pairs))
    if case.common:
        z = math.sqrt(0.5) * z + math.sqrt(0.5) * rng.standard_normal((nobs, 2, 1))
    z[:, 1] = rho * z[:, 0] + np.sqrt(1.0 - rho**2) * z[:, 1]
    if case.law != "normal":
        factors = worlds.mixing_factors(5.0 if case.law == "t5" else DF)
        z *= factors[rng.integers(0, len(factors), size=(nobs, 1, pairs))]
    if case.law == "CCC-GARCH-t8":
        z *= worlds.garch_volatility(z, worlds.garch_world(0.0))
    for leg, factor in enumerate(case.jump):
        z[BEFORE + SHIFT_DAY :, leg] *= factor
    return 0.01 * z[:, 0], 0.01 * z[:, 1]


def looks_of(a: Array, b: Array) -> tuple[Array, Array, Array, Array]:
    """Change and its p-value, spread move and its p-value, each shape (120, pairs)."""
    x, y, s = (monitoring.over_limited_volatility(leg) for leg in (a, b, a - b))
    parts = []
    for month in range(DAYS // MONTH):
        end = BEFORE - monitoring.GAP + 1 + month * MONTH
        reference = slice(max(monitoring.BURN_IN, end - monitoring.REFERENCE), end)
        upto = BEFORE + (month + 1) * MONTH
        fitted = monitoring.fit_reference(x[reference], y[reference])
        change = monitoring.change_statistics(x[:upto], y[:upto], fitted, MONTH)
        pvalue = np.ones_like(change)
        for day, pair in np.argwhere(np.abs(change) > 2.0):  # smaller ones decide nothing
            pvalue[day, pair] = look_pvalue(change[day, pair], fitted.nobs, rho=fitted.rho[pair])
        latest = s[upto - MONTH : upto]
        parts.append((change, pvalue, latest, monitoring.tail_pvalues(s[reference], latest)[0]))
    change, pvalue, moves, rare = (np.concatenate(kind) for kind in zip(*parts, strict=True))
    return change, pvalue, moves, rare


def news_of(looks: tuple[Array, ...], first: int = 0, days: int = DAYS) -> News:
    """Pair and kind of everything that each digest reports, with ``first`` as first pair."""
    columns = [first, *range(1, PAIRS)]
    change, change_p, moves, moves_p = (kind[:, columns].tolist() for kind in looks)
    state: dict[str, object] = {}
    told: News = []
    for day, as_of in enumerate(SESSIONS[:days]):
        today = []
        for kind, part, sizes, pvalues in (
            ("correlation", "change", change[day], change_p[day]),
            ("spread", "move", moves[day], moves_p[day]),
        ):
            today += [
                Look(slug=str(i), kind=kind, as_of=as_of, statistic=size, pvalues={part: p})
                for i, (size, p) in enumerate(zip(sizes, pvalues, strict=True))
            ]
        decision = decide(state, today, NAMES)
        state = decision.state
        told.append([(int(one["slug"]), one["kind"]) for one in decision.news])
    return told


def _false(case: Case, told: News) -> News:
    """Reports of what did not change."""
    moved = case.jump != (1.0, 1.0)  # then a spread that jumps did change

    def is_false(pair: int, kind: str, day: int) -> bool:
        if kind == "spread":
            return not (day >= SHIFT_DAY and (moved or pair < case.shifted))
        return pair >= case.shifted or day < SHIFT_DAY

    return [[one for one in news if is_false(*one, day)] for day, news in enumerate(told)]


def _found(case: Case, told: News) -> list[bool]:
    """Whether each shifted pair is reported within 40 sessions."""
    days = range(SHIFT_DAY, SHIFT_DAY + WITHIN)
    named = {pair for day in days for pair, kind in told[day] if kind == "correlation"}
    return [pair in named for pair in range(case.shifted)]


def simulate(case: Case, seed: int = SEED) -> DigestRow:
    """One row of the table."""
    found: list[bool] = []
    rates: list[tuple[float, float, float]] = []  # by month: digests, any and share of false
    reports = false = false_spreads = 0
    for replication in range(case.replications):
        looks = looks_of(*returns(case, seed + 1000 * replication))
        told = news_of(looks)
        wrong = _false(case, told)
        for first in range(0, DAYS, MONTH):
            days = range(first, first + MONTH)
            of_digests = [bool(wrong[day]) for day in days]
            shares = [len(wrong[day]) / max(len(told[day]), 1) for day in days]
            digests = sum(of_digests) / MONTH
            rates.append((digests, float(any(of_digests)), sum(shares) / MONTH))
        reports += sum(map(len, told))
        false += sum(map(len, wrong))
        false_spreads += sum(kind == "spread" for news in wrong for _, kind in news)
        found += _found(case, told)
        for other in range(PAIRS, PAIRS + case.instead):
            found += _found(case, news_of(looks, other, SHIFT_DAY + WITHIN))
    by_digest, any_false, rate = np.array(rates).T
    share = float(np.mean(found)) if found else None
    return DigestRow(
        world=case.words,
        before=case.before,
        after=case.after,
        shifted=case.shifted,
        months=len(rates),
        months_with_false_report=round(float(any_false.mean()), 5),
        digests_with_false_report=round(float(by_digest.mean()), 6),
        false_discovery_rate=round(float(rate.mean()), 5),
        rate_std_error=round(float(by_digest.std()) / math.sqrt(len(rates)), 6),
        reports=reports,
        false_reports=false,
        false_spread_reports=false_spreads,
        found=None if share is None else round(share, 4),
        found_std_error=(
            None if share is None else round(math.sqrt(share * (1 - share) / len(found)), 4)
        ),
        bound=None if case.after is None else round(best_power(case.before[0], case.after), 4),
    )


def best_power(before: float, after: float, paths: int = BOUND_PATHS) -> float:
    """Power of the most powerful test of 40 Student pairs at the level one report needs.

    Drawn under the shift; the level is the mean of exp(-llr) over paths beyond the bar, by
    which the bar is found without ever simulating so rare an event.
    """
    level = bar_of_one(NAMES) * PARTS["change"]
    rng = np.random.default_rng(SEED)
    z = rng.standard_normal((2, WITHIN, paths))
    z[1] = after * z[0] + math.sqrt(1.0 - after**2) * z[1]
    z *= np.sqrt(DF / rng.chisquare(DF, size=(WITHIN, paths)))

    def loglik(rho: float) -> Array:
        room = 1.0 - rho * rho
        distance = (z[0] ** 2 - 2.0 * rho * z[0] * z[1] + z[1] ** 2) / room
        summed = np.log1p(distance / DF).sum(axis=0)
        return np.asarray(-0.5 * WITHIN * math.log(room) - 0.5 * (DF + 2.0) * summed)

    ratio = np.sort(loglik(after) - loglik(before))[::-1]
    reached = np.cumsum(np.exp(-ratio)) / paths
    return float(np.searchsorted(reached, level) / paths)


def rows() -> Iterator[DigestRow]:
    """All worlds."""
    for case in CASES:
        yield simulate(case)


SUBJECTS = {"digests": rows}
