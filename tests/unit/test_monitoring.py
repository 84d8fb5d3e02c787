"""Watching a correlation: the same by loops, unmoved by volatility, honest over a month."""

import math

import numpy as np
import pytest

from convex_research.statistics import monitoring as m
from convex_research.statistics.repeated_looks import repeated_looks_pvalue
from convex_research.statistics.worlds import ccc_garch_returns, garch_world, normal_returns

NOBS = m.BURN_IN + m.REFERENCE + m.GAP - 1 + 20


@pytest.fixture(scope="module")
def pair():
    return ccc_garch_returns(garch_world(0.8), NOBS, 3, seed=5)


def test_volatility_is_that_of_the_day_before(pair):
    x = pair[0]
    z = m.standardised(x)
    h = np.mean(x[: m.BURN_IN, 1] ** 2)
    for t in range(200):
        assert z[t, 1] == pytest.approx(x[t, 1] / math.sqrt(h), rel=1e-12)
        h = 0.94 * h + 0.06 * x[t, 1] ** 2


def by_loop(a, b, looks):
    """One pair, one look at a time, with plain formulas."""
    x, y = (m.standardised(leg[:, None])[:, 0] for leg in (a, b))
    end = len(x) - looks - m.GAP + 1
    rows = range(max(m.BURN_IN, end - m.REFERENCE), end)
    z = np.column_stack([x[rows.start : end], y[rows.start : end]])
    scatter = z.T @ z / len(z)
    for _ in range(6):
        d = np.einsum("ti,ij,tj->t", z, np.linalg.inv(scatter), z)
        scatter = (z * (18.0 / (16.0 + d))[:, None]).T @ z / len(z)
    sa, sb = np.sqrt(np.diag(scatter))
    rho = scatter[0, 1] / (sa * sb)

    def parts(u, v):
        u, v = u / sa, v / sb
        weight = 18.0 / (16.0 + (u * u - 2 * rho * u * v + v * v) / (1 - rho**2))
        return weight * u * u, weight * u * v, weight * v * v

    def noise(values):
        c = values - values.mean()
        n = len(c)
        lagged = sum(2 * (1 - j / 6) * (c[j:] @ c[:-j]) for j in range(1, 6))
        return max(c @ c, c @ c + lagged) / n

    uu, uv, vv = parts(z[:, 0], z[:, 1])
    noise_apart = noise((0.5 * (uu + vv) - uv) / (1 - rho))
    noise_together = noise((0.5 * (uu + vv) + uv) / (1 + rho))
    found = []
    for last in range(len(x) - looks, len(x)):
        uu, uv, vv = (p.mean() for p in parts(x[last - 39 : last + 1], y[last - 39 : last + 1]))
        apart = (math.sqrt(uu * vv) - uv) / (1 - rho)
        together = (math.sqrt(uu * vv) + uv) / (1 + rho)
        best = 0.0
        for moved, other, own, sign in (
            (apart, together, noise_apart, -1),
            (together, apart, noise_together, 1),
        ):
            size = 0.0
            for ratio, way in ((moved / max(other, 1), 1), (moved / min(other, 1), -1)):
                if way * (ratio - 1) > 0:
                    distance = ratio - 1 - math.log(ratio)
                    size = way * math.sqrt(2 * 40 / (1 + 40 / len(z)) / own * distance)
            if abs(size) > abs(best):
                best = sign * size
        found.append(best)
    return found


def test_all_pairs_at_once_are_each_pair_alone(pair):
    a, b = pair
    together = m.detector(a, b, 20)
    for i in range(a.shape[1]):
        assert together[:, i] == pytest.approx(by_loop(a[:, i], b[:, i], 20), rel=1e-9, abs=1e-12)


def test_neither_units_nor_order_of_the_legs_matter(pair):
    a, b = pair
    plain = m.detector(a, b, 20)
    assert m.detector(1e-9 * a, 1e6 * b, 20) == pytest.approx(plain, rel=1e-9)
    assert m.detector(b, a, 20) == pytest.approx(plain, rel=1e-9)
    # The mirror image: what moved together moves apart.
    assert m.detector(a, -b, 20) == pytest.approx(-plain, rel=1e-9)


def shifted(before, after, *, days=40, seed=3):
    a, b = normal_returns(NOBS, 400, rho=before, seed=seed)
    rest = (b - before * a) / math.sqrt(1 - before**2)
    moved = after * a + math.sqrt(1 - after**2) * rest
    b[-days:] = moved[-days:]
    return a, b


@pytest.mark.parametrize(("before", "after", "sign"), [(0.9, 0.5, -1), (0.5, 0.9, 1)])
def test_a_change_shows_with_its_direction(before, after, sign):
    last = m.detector(*shifted(before, after), 20)[-1]
    assert np.mean(sign * last > 3.5) > 0.9


def test_volatility_alone_is_no_change():
    a, b = normal_returns(NOBS, 800, rho=0.8, seed=9)
    usual = np.quantile(np.abs(m.detector(a, b, 20)).max(axis=0), 0.99)
    for legs in ((a,), (a, b)):
        moved = [leg.copy() for leg in (a, b)]
        for i, leg in enumerate((a, b)):
            if any(leg is one for one in legs):
                moved[i][-30:] *= 2.0
        share = np.mean(np.abs(m.detector(*moved, 20)).max(axis=0) > usual)
        assert share < 0.05, len(legs)


def test_too_few_rows_are_refused(pair):
    a, b = (leg[:600] for leg in pair)
    with pytest.raises(ValueError, match="the reference needs 500"):
        m.detector(a, b, 20)
    with pytest.raises(ValueError, match="rows"):
        m.change_statistics(a[:30], b[:30], m.fit_reference(a, b), 1)


def test_pvalues_fall_with_the_statistic_and_do_not_depend_on_its_sign():
    grid = np.linspace(0.0, 12.0, 400)
    p = np.array([repeated_looks_pvalue(x) for x in grid])
    assert p[0] == 1.0
    assert (np.diff(p) <= 0).all()
    assert p[-1] == 1e-9
    assert repeated_looks_pvalue(-3.3) == repeated_looks_pvalue(3.3)
    # A shorter reference knows less: the same statistic is less surprising.
    assert repeated_looks_pvalue(4.5, 500) > repeated_looks_pvalue(4.5, 1170)
    with pytest.raises(ValueError, match="not a number"):
        repeated_looks_pvalue(math.nan)


def test_the_law_holds_for_paths_it_was_not_made_from():
    for rho, seed in ((0.3, 11), (0.9, 12)):
        a, b = ccc_garch_returns(garch_world(rho), NOBS + 3, 2000, seed=seed)
        largest = np.abs(m.detector(a, b, 23)).max(axis=0)
        p = np.array([repeated_looks_pvalue(x) for x in largest])
        for level in (0.5, 0.1, 0.02):
            assert np.mean(p <= level) == pytest.approx(level, rel=0.25)


def test_tails_count_inside_and_extrapolate_outside():
    rng = np.random.default_rng(2)
    past = rng.standard_t(5, size=(1000, 2))
    ordered = np.sort(np.abs(past[:, 0]))[::-1]
    latest = np.array([[ordered[499], 0.0], [ordered[0] * 2, 0.0]])
    p, as_often = m.tail_pvalues(past, latest)
    assert as_often[0, 0] == 500
    assert p[0, 0] == pytest.approx(501 / 1001)
    assert as_often[1, 0] == 0
    assert 0 < p[1, 0] < 1 / 1001
    assert p[0, 1] == 1.0


def test_tail_pvalues_are_not_too_small_under_student_moves():
    rng = np.random.default_rng(4)
    p, _ = m.tail_pvalues(rng.standard_t(4, size=(1170, 300)), rng.standard_t(4, size=(300, 300)))
    for level in (1e-2, 1e-3, 1e-4):
        assert np.mean(p <= level) < 1.5 * level + 2e-5
