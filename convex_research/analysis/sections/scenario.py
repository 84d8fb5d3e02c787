"""B given A's move, the worst joint days, and named stress windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.statistics.dependence.tails import joint_worst
from convex_research.statistics.hedging.scenario import Neighbours, b_given_a, horizon_moves
from convex_research.statistics.stability.stress_windows import STRESS_WINDOWS, cumulative_move

if TYPE_CHECKING:
    from convex_research.core.config import AnalysisConfig
    from convex_research.returns import AlignedReturns


MOVES = (-10, -5, 5, 10)
WORST_DAYS = 10

# About a month in observations; slower data move by one observation.
_HORIZONS = {"daily": 21, "weekly": 4}


def compute(returns: AlignedReturns, config: AnalysisConfig) -> Section:
    """Every ``scenario.*`` key."""
    section = Section("scenario", returns)
    _given(section, returns, config.confidence_level)
    _worst(section, returns)
    for name, leg in zip("ab", returns.legs, strict=True):
        for window in STRESS_WINDOWS:
            move = cumulative_move(
                leg.levels * leg.scale,
                leg.price_dates,
                window,
                relative=leg.is_price,
                unit=leg.unit,
            )
            section.add(f"stress_{name}[{window.key}]", move)
    return section


def _given(section: Section, returns: AlignedReturns, level: float) -> None:
    horizon = _HORIZONS.get(returns.frequency, 1)
    a, b = returns.legs
    if not a.is_price:
        reason = NotComputed(
            Missing.NOT_A_PRICE, "a move in per cent needs a price; {a} is not one"
        )
        names = ("b_given_a", "neighbours", "neighbours_low", "neighbours_high")
        section.add_each([f"{name}[{move}]" for move in MOVES for name in names], reason)
        return
    moves_a = horizon_moves(a.levels, horizon=horizon)
    moves_b = horizon_moves(b.levels * b.scale, horizon=horizon, relative=b.is_price)
    for move in MOVES:
        found = b_given_a(
            moves_a, moves_b, move / 100.0, horizon=horizon, confidence_level=level, unit=b.unit
        )
        section.add(f"b_given_a[{move}]", found.fitted)
        _neighbours(section, move, found.neighbours, b.unit)


def _neighbours(section: Section, move: int, near: Neighbours, unit: str) -> None:
    values = (
        ("", "mean", near.mean),
        ("_low", "smallest", near.low),
        ("_high", "largest", near.high),
    )
    for suffix, name, value in values:
        key = f"neighbours{suffix}[{move}]"
        if value is None:
            reason = (
                f"{{a}} never moved by {move} % within {100 * near.reach:g} points in this sample"
            )
            section.add(key, NotComputed(Missing.NOT_IN_SAMPLE, reason))
            continue
        method = (
            f"observed, {name} of {near.count} overlapping windows ({near.separate} without "
            f"shared days) in which A moved within {100 * near.reach:g} points of {move} %"
        )
        section.add(key, Estimate(value=value, method=method, nobs=near.count, unit=unit))
    if near.mean is not None:
        apart = Estimate(
            value=float(near.separate),
            method="count of like windows without shared days",
            nobs=near.count,
            unit="windows",
        )
        section.add(f"neighbours_separate[{move}]", apart)


def _worst(section: Section, returns: AlignedReturns) -> None:
    indices = joint_worst(returns.a, returns.b, count=WORST_DAYS).indices
    for rank in range(1, WORST_DAYS + 1):
        for column, leg in enumerate("ab"):
            key = f"worst_{leg}[{rank}]"
            if rank > len(indices):
                reason = f"both legs fell on {len(indices)} days only in this sample"
                section.add(key, NotComputed(Missing.NOT_IN_SAMPLE, reason))
                continue
            row = indices[rank - 1]
            value = float(returns.values[row, column])
            observed = Estimate(value=value, method="observed", nobs=1, unit=returns.units[column])
            section.add(key, observed, slice(row, row + 1))
