"""B given A's move, the worst joint days, and named stress windows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.analysis.section import Section
from convex_research.core.estimates import Missing, NotComputed, observed
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
            levels = leg.levels * leg.scale
            move = cumulative_move(
                levels, leg.price_dates, window, relative=leg.is_price, unit=leg.unit
            )
            section.add(f"stress_{name}[{window.key}]", move)
    return section


def _given(section: Section, returns: AlignedReturns, level: float) -> None:
    horizon = _HORIZONS.get(returns.frequency, 1)
    a, b = returns.legs
    if not a.is_price:
        text = "a move in per cent needs a price; {a} is not one"
        names = ("b_given_a", "neighbours", "neighbours_low", "neighbours_high")
        keys = [f"{name}[{move}]" for move in MOVES for name in names]
        section.add_each(keys, NotComputed(Missing.NOT_A_PRICE, text))
        return
    moves_a = horizon_moves(a.levels, horizon=horizon)
    moves_b = horizon_moves(b.levels * b.scale, horizon=horizon, relative=b.is_price)
    for move in MOVES:
        scenario = b_given_a(
            moves_a, moves_b, move / 100.0, horizon=horizon, confidence_level=level, unit=b.unit
        )
        section.add(f"b_given_a[{move}]", scenario.fitted)
        _neighbours(section, move, scenario.neighbours, b.unit)


def _neighbours(section: Section, move: int, near: Neighbours, unit: str) -> None:
    reach = f"within {100 * near.reach:g} points"
    values = (("", "mean", near.mean), ("_low", "smallest", near.low))
    for suffix, name, value in (*values, ("_high", "largest", near.high)):
        key = f"neighbours{suffix}[{move}]"
        if value is None:
            text = f"{{a}} never moved by {move} % {reach} in this sample"
            section.add(key, NotComputed(Missing.NOT_IN_SAMPLE, text))
            continue
        method = (
            f"observed, {name} of {near.count} overlapping windows ({near.separate} without "
            f"shared days) in which A moved {reach} of {move} %"
        )
        section.add(key, observed(value, near.count, unit, method))
    if near.mean is not None:
        method = "count of like windows without shared days"
        apart = observed(near.separate, near.count, "windows", method)
        section.add(f"neighbours_separate[{move}]", apart)


def _worst(section: Section, returns: AlignedReturns) -> None:
    indices = joint_worst(returns.a, returns.b, count=WORST_DAYS).indices
    for rank in range(1, WORST_DAYS + 1):
        for column, leg in enumerate("ab"):
            key = f"worst_{leg}[{rank}]"
            if rank > len(indices):
                text = f"both legs fell on {len(indices)} days only in this sample"
                section.add(key, NotComputed(Missing.NOT_IN_SAMPLE, text))
                continue
            row = indices[rank - 1]
            move = observed(returns.values[row, column], unit=returns.units[column])
            section.add(key, move, slice(row, row + 1))
