from __future__ import annotations

from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from convex_research.core.estimates import NotComputed
from convex_research.statistics.simulate.worlds import normal_returns
from convex_research.statistics.stability.break_intervals import (
    argmax_cdf,
    argmax_intervals,
    ratio_intervals,
)
from convex_research.statistics.stability.breaks import (
    Breaks,
    _criterion_values,
    _partitions,
    _segment_ssr,
    breaks,
)

FOLDER = Path(__file__).parents[2] / "oracles" / "stability"


def oracle() -> dict[str, list[float]]:
    lines = (FOLDER / "stability.txt").read_text().splitlines()[2:]
    return {line.split()[0]: [float(v) for v in line.split()[1:]] for line in lines}


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    values = np.loadtxt(FOLDER / "data.csv", delimiter=",", skiprows=1)
    return values[:, 0], values[:, 1]


@pytest.fixture(scope="module")
def weekly(data: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    a, b = (x.reshape(-1, 5).sum(axis=1) for x in data)
    return a, b


def test_partitions_against_strucchange(weekly: tuple[np.ndarray, np.ndarray]) -> None:
    theirs = oracle()
    partitions, ssr = _partitions(_segment_ssr(*weekly), 18)
    bic = _criterion_values(ssr, 120, "bic")
    for m in range(6):
        assert ssr[m] == pytest.approx(theirs[f"rss[{m}]"][0], rel=1e-9)
        assert bic[m] == pytest.approx(theirs[f"bic[{m}]"][0], rel=1e-9)
    for m in (1, 2, 3):
        assert (partitions[m] + 1).tolist() == theirs[f"dates[{m}]"]


@pytest.mark.parametrize("level", [0.9, 0.95])
@pytest.mark.parametrize("count", [1, 2])
def test_intervals_against_strucchange(
    weekly: tuple[np.ndarray, np.ndarray], count: int, level: float
) -> None:
    theirs = oracle()
    partitions, _ = _partitions(_segment_ssr(*weekly), 18)
    low, high = argmax_intervals(*weekly, partitions[count], level)
    assert (low + 1).tolist() == theirs[f"low[{count},{level:g}]"]
    assert (high + 1).tolist() == theirs[f"high[{count},{level:g}]"]


def test_dates_in_observations(data: tuple[np.ndarray, np.ndarray]) -> None:
    theirs = oracle()
    found = breaks(*data, criterion="bic")
    assert isinstance(found, Breaks)
    assert found.number.value == 2
    assert found.index.tolist() == [5 * k - 1 for k in theirs["dates[2]"]]
    assert found.bai_low.tolist() == [5 * k - 1 for k in theirs["low[2,0.95]"]]
    assert found.bai_high.tolist() == [5 * k - 1 for k in theirs["high[2,0.95]"]]
    # Three observations more at the start move every position by three.
    longer = breaks(*(np.concatenate([x[:3], x]) for x in data), criterion="bic")
    assert isinstance(longer, Breaks)
    assert (longer.index - found.index).tolist() == [3, 3]


def test_slopes_are_those_of_plain_regressions(data: tuple[np.ndarray, np.ndarray]) -> None:
    found = breaks(*data, criterion="bic")
    assert isinstance(found, Breaks)
    a, b = data
    bounds = [0, *(found.index + 1), a.size]
    for slope, i, j in zip(found.slopes, bounds, bounds[1:], strict=False):
        weekly = [x[i:j].reshape(-1, 5).sum(axis=1) for x in (a, b)]
        assert slope == pytest.approx(np.polyfit(weekly[1], weekly[0], 1)[0], rel=1e-8)


def test_search_against_every_partition() -> None:
    rng = np.random.default_rng(2)
    y, x = rng.standard_normal((2, 24))
    y[9:] += 2.0 * x[9:]
    _, ssr = _partitions(_segment_ssr(y, x), 5)

    def loss(i: int, j: int) -> float:
        design = np.column_stack([np.ones(j - i), x[i:j]])
        beta = np.linalg.lstsq(design, y[i:j], rcond=None)[0]
        return float(np.sum((y[i:j] - design @ beta) ** 2))

    for count in (1, 2):
        best = min(
            sum(loss(i, j) for i, j in zip((0, *cut), (*cut, 24), strict=True))
            for cut in combinations(range(1, 24), count)
            if min(np.diff([0, *cut, 24])) >= 5
        )
        assert ssr[count] == pytest.approx(best, rel=1e-9)


@pytest.mark.parametrize(("ratio", "spread"), [(1.0, 1.0), (2.0, 1.5), (0.5, 0.8)])
def test_argmax_law_by_simulation(ratio: float, spread: float) -> None:
    rng = np.random.default_rng(8)
    step, paths = 0.03, 2000
    sides = []
    for drift, scale in ((0.5, 1.0), (0.5 * ratio, spread)):
        moves = scale * np.sqrt(step) * rng.standard_normal((paths, 1500)) - drift * step
        walk = np.cumsum(moves, axis=1)
        sides.append((walk.max(axis=1), step * (walk.argmax(axis=1) + 1)))
    (left, at_left), (right, at_right) = sides
    place = np.where(left > right, -at_left, at_right)
    place[np.maximum(left, right) < 0] = 0.0
    for x in (-8.0, -2.0, 2.0, 8.0):
        # 4 standard errors and the grid's bias.
        assert argmax_cdf(x, ratio, spread) == pytest.approx(np.mean(place <= x), abs=0.04)


@pytest.mark.parametrize(("ratio", "spread"), [(1.0, 1.0), (30.0, 5.0), (0.01, 0.2)])
def test_argmax_law_is_a_distribution(ratio: float, spread: float) -> None:
    x = np.concatenate([-np.geomspace(1e5, 1e-6, 80), np.geomspace(1e-6, 1e5, 80)])
    values = [argmax_cdf(v, ratio, spread) for v in x]
    assert (np.diff(values) > -1e-9).all()
    assert values[0] < 1e-3
    assert values[-1] > 1.0 - 1e-3
    assert values[79] == pytest.approx(values[80], abs=1e-3)  # continuous at zero


def test_symmetric_case_is_yao() -> None:
    # Yao (1987): 90, 95 and 99 % points 4.7, 7.7 and 15.9 (one-sided; two-sided 7, 11, 22).
    assert argmax_cdf(7.69, 1.0, 1.0) == pytest.approx(0.95, abs=0.001)
    assert argmax_cdf(11.03, 1.0, 1.0) == pytest.approx(0.975, abs=0.001)


def test_no_break_and_long_samples() -> None:
    rng = np.random.default_rng(12)
    b, noise = rng.standard_normal((2, 10_000))
    found = breaks(b + noise, b)
    assert isinstance(found, Breaks)
    assert found.block == 10
    assert found.number.value == 0
    assert found.index.size == found.low.size == 0
    assert found.number.flags == ()
    assert found.slopes == pytest.approx([1.0], abs=0.1)


def test_what_cannot_be_dated(data: tuple[np.ndarray, np.ndarray]) -> None:
    a, b = data
    assert isinstance(breaks(a[:499], b[:499]), NotComputed)
    assert isinstance(breaks(b, b), NotComputed)
    assert isinstance(breaks(np.where(np.arange(600) < 300, 1.0, 2.0) * b, b), NotComputed)
    assert isinstance(breaks(np.where(np.arange(600) == 5, np.nan, a), b), NotComputed)
    with pytest.raises(ValueError, match="criterion"):
        breaks(a, b, criterion="aic")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="confidence_level"):
        breaks(a, b, confidence_level=1.0)


def test_ratio_interval_by_its_definition(weekly: tuple[np.ndarray, np.ndarray]) -> None:
    y, x = weekly
    low, high = ratio_intervals(y, x, np.array([55]), _segment_ssr(y, x), 0.95)

    def loss(rows: slice) -> float:
        return float(np.polyfit(x[rows], y[rows], 1, full=True)[1][0])

    def total(last: int) -> float:
        return loss(slice(0, last + 1)) + loss(slice(last + 1, None))

    # Homoskedastic by hand: the bound with kappa = 1 is a subset.
    bound = -2.0 * np.log(1.0 - np.sqrt(0.95))
    kept = [t for t in range(2, 117) if 120 * np.log(total(t) / total(55)) <= bound]
    assert low[0] <= kept[0] <= 55 <= kept[-1] <= high[0]
    wide_low, wide_high = ratio_intervals(y, x, np.array([55]), _segment_ssr(y, x), 0.999)
    assert wide_low[0] <= low[0]
    assert wide_high[0] >= high[0]


def test_interval_covers_the_date() -> None:
    a, b = normal_returns(1260, 150, rho=0.8, seed=21)
    a[630:] += 0.6 * b[630:]
    inside = []
    for i in range(150):
        found = breaks(a[:, i].copy(), b[:, i].copy())
        assert isinstance(found, Breaks)
        if found.index.size == 1:
            inside.append(found.low[0] <= 629 <= found.high[0])
    assert len(inside) > 100
    assert np.mean(inside) > 0.92


def test_a_side_without_error_leaves_the_date_open() -> None:
    """A leg at rest before the break fits there exactly; Bai's law divides by that error."""
    x, noise = np.random.default_rng(8).standard_normal((2, 120))
    y = np.where(np.arange(120) < 60, 0.0, x + 0.3 * noise)
    ends = np.array([59])
    low, high = argmax_intervals(y, x, ends, 0.95)
    assert (low[0], high[0]) == (0, 119)
    low, high = ratio_intervals(y, x, ends, _segment_ssr(y, x), 0.95)
    assert low[0] <= 59 <= high[0]
