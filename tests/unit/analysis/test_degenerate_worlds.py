"""Whole analyses of samples that hardly are ones: a number or a reason, on both pages."""

from __future__ import annotations

import math
import re
from html import unescape

import numpy as np
import pandas as pd
import pytest
from support import executed, series_data

from convex_research import Pair, align, analyze
from convex_research.analysis.record import dump_record, validate_record
from convex_research.analysis.sections import SECTIONS
from convex_research.core.errors import DataError
from convex_research.core.estimates import Estimate, NotComputed
from convex_research.data.series import Prices

NOBS, HALF = 320, 160
ABSURD = 1e9  # a page shows prices, slopes and percent: none of these worlds has as much of any
NO_NUMBER = re.compile(r"(?<![a-z])[+\-−]?(?:nan|inf|infinity)(?![a-z])", re.IGNORECASE)
LONG = re.compile(r"\d{1,3}(?:,\d{3}){3,}|\d{10,}")


def series(name, values, kind="price"):
    days = np.busday_offset("2015-01-01", np.arange(len(values)), roll="forward")
    made = pd.Series(np.asarray(values, dtype=float), index=pd.DatetimeIndex(days).as_unit("s"))
    unit = {"price": "USD", "level": "points"}[kind]
    return series_data(f"csv:made.csv#{name}", made, id=name, kind=kind, unit=unit)


def priced(returns):
    return 100.0 * np.cumprod(np.append(1.0, 1.0 + returns))


def put(x, where, value):
    changed = x.copy()
    changed[where] = value
    return changed


def legs(nobs):
    a, noise = 0.01 * np.random.default_rng(1).standard_t(5, (2, nobs))
    return a, 0.7 * a + 0.7 * noise


A, B = legs(NOBS)
T = np.arange(NOBS + 1)
OFF = np.zeros(NOBS)
GROWTH = 100.0 * 1.001**T
STEPS = [HALF, HALF + 5, NOBS - 3]
# Returns of both legs, or prices where there is one more of them.
COMPUTED = {
    "A frozen in the first half": (put(A, slice(0, HALF), 0.0), B),
    "B frozen in the second half": (A, put(B, slice(HALF, None), 0.0)),
    "B frozen until the last 60 days": (A, put(B, slice(0, -60), 0.0)),
    "A frozen on the last 60 days": (put(A, slice(-60, None), 0.0), B),
    "one frozen in each half": (put(A, slice(HALF, None), 0.0), put(B, slice(0, HALF), 0.0)),
    "B moves on one day": (A, put(OFF, HALF, 0.05)),
    "B moves on the first day": (A, put(OFF, 0, 0.05)),
    "A moves on three days": (put(OFF, STEPS, [0.05, -0.03, 0.01]), B),
    "the same but for a factor": (A, 2.0 * priced(A)),
    "opposite": (A, -A),
    "r of 1 - 1e-9": (A, A + 5e-5 * B),
    "r of 1 - 1e-12": (A, A + 1e-6 * B),
    "r of 1 - 1e-16": (A, A + 1e-8 * B),
    "r of -1 + 1e-18": (A, -A + 1e-9 * B),
    "twice the leg, in cents": (A, np.round(priced(2.0 * A), 2)),
    "A constant growth in the second half": (put(A, slice(HALF, None), 3e-4), B),
    "B constant growth in the first half": (A, put(B, slice(0, HALF), 1e-3)),
    "B constant growth in cents": (A, np.round(GROWTH, 2)),
    "a straight line each": (100.0 + 0.1 * T, 50.0 + 0.2 * T),
    "a step of 10,000 and back": (put(priced(A), HALF, 1e6), B),
    "a jump of 10,000 in both": (put(A, HALF, 1e4), put(B, HALF, 1e4)),
    "A loses all but a hundred-thousandth": (put(A, HALF, -0.99999), B),
    "up and down by one": (100.0 + T % 2, B),
    "up and down by one in turn": (100.0 + T % 2, 50.0 + (T + 1) % 2),
    "B up and down by one": (A, 100.0 + T % 2),
    "volatility awakes": (A * np.exp(np.linspace(-12.0, 2.0, NOBS)), B),
    "volatility dies in one, awakes in the other": (
        A * np.exp(np.linspace(2.0, -15.0, NOBS)),
        B * np.exp(np.linspace(-15.0, 2.0, NOBS)),
    ),
    "sines": (100.0 + 10.0 * np.sin(T / 20.0), 50.0 + 5.0 * np.cos(T / 20.0)),
    "B is A of the day before": (A, np.append(0.0, A[:-1])),
}
GENTLY = 1.0 + 1e-12 * np.random.default_rng(9).standard_normal(NOBS + 1)
REFUSED = {
    "constant growth": (GROWTH, "equal up to rounding"),
    "constant growth, tiny": (100.0 * (1.0 + 1e-7) ** T, "equal up to rounding"),
    "rounding alone": (100.0 * GENTLY, "equal up to rounding"),
    "at 1e308": (priced(B) * 5e305, r"unit is needed .* between 1e-30 and 1e\+30"),
    "at 1e-300": (priced(B) * 1e-302, "unit is needed"),
    "subnormal": (priced(B) * 1e-322, "unit is needed"),
    "a tick of 1e308": (put(priced(B), HALF, 1e308), r"1e\+308 on 2015-08-13"),
    "a tick of 1e-300": (put(priced(B), HALF, 1e-300), "1e-300 on"),
    "a jump of 1e15": (priced(put(B, HALF, 1e15)), r"beyond 1e\+06"),
}


def analysed(a, b, kinds=("price", "price")):
    a, b = (x if len(x) > NOBS else priced(x) for x in (a, b))
    pair = Prices(Pair("csv:made.csv#a", "csv:made.csv#b"), *map(series, "AB", (a, b), kinds))
    rng = np.random.default_rng(5)
    walks = np.exp(0.01 * np.cumsum(rng.standard_normal((3, NOBS + 1)), axis=1))
    roles = {"market": "price", "vix": "level", "oil": "price"}
    helpers = {
        role: series(role, 100.0 * walk, kind)
        for (role, kind), walk in zip(roles.items(), walks, strict=True)
    }
    return analyze(align(pair, accept=("bad_tick",)), helpers=helpers)


def shown(analysis, kind):
    """What the cells of a page say, without markup."""
    outputs = (out for cell in executed(kind, analysis).cells for out in cell.get("outputs", ()))
    html = " ".join(out["data"].get("text/html", "") for out in outputs)
    html = re.sub(r"<(script|style).*?</\1>", " ", html, flags=re.DOTALL)
    spoken = re.findall(r'(?:aria-label|title|\bd|points)="([^"]*)"', html)
    return unescape(re.sub(r"<[^>]+>", " ", html) + " ".join(spoken))


def around(pattern, text):
    return [text[max(0, m.start() - 60) : m.end() + 20] for m in pattern.finditer(text)]


def assert_sober(analysis):
    record = analysis.to_dict()
    validate_record(record)
    dump_record(record)  # refuses what is not finite
    for key, result in analysis.results.items():
        if isinstance(result, NotComputed):
            assert not NO_NUMBER.search(result.reason), (key, result.reason)
            continue
        if isinstance(result, Estimate):
            numbers = [result.value, result.std_error, result.low, result.high]
        else:
            numbers = [result.statistic]
        assert max(abs(x) for x in numbers if x is not None) < ABSURD, (key, result)
        if key.startswith("hedge.effectiveness") and "exact" not in result.flags:
            assert result.low >= 1.0 - 1e4, (key, result)
    for name in SECTIONS:
        for key, curve in analysis.section(name).curves.items():
            for path in (curve.value, curve.low, curve.high):
                if path is not None:
                    defined = path[~np.isnan(path)]
                    assert (np.abs(defined) < ABSURD).all(), key
    for kind in ("correlation", "comparison"):
        text = shown(analysis, kind)
        assert not around(NO_NUMBER, text)
        assert not around(LONG, text)


# Warnings are errors here, and Estimate and TestResult refuse what is not finite.
@pytest.mark.parametrize("world", COMPUTED)
def test_a_sober_number_or_a_reason(world):
    assert_sober(analysed(*COMPUTED[world]))


@pytest.mark.parametrize("world", ["A frozen in the first half", "r of 1 - 1e-16"])
def test_a_level_against_a_price_as_well(world):
    assert_sober(analysed(*COMPUTED[world], kinds=("level", "price")))


@pytest.mark.parametrize("world", REFUSED)
@pytest.mark.parametrize("leg", ["A", "B"])
def test_what_no_arithmetic_holds_is_refused_in_one_line_with_its_name(world, leg):
    values, words = REFUSED[world]
    pair = (values, B) if leg == "A" else (A, values)
    with pytest.raises(DataError, match=rf"^csv:made.csv#{leg}: .*{words}") as refused:
        analysed(*pair)
    assert "\n" not in str(refused.value)


def test_a_leg_at_rest_at_the_end_has_no_latest_values():
    analysis = analysed(A, put(B, slice(HALF, None), 0.0))
    for key in ("rolling.pearson[90]", "rolling.beta[90]"):
        path = analysis.curve(key).value
        assert np.isfinite(path[HALF - 1])
        assert np.isnan(path[HALF + 89 :]).all()
    reason = analysis["correlation.pearson[90]"]
    assert isinstance(reason, NotComputed)
    assert "does not move" in reason.reason
    assert "last not computed (no movement in its window)" in shown(analysis, "correlation")


def test_constant_growth_is_no_movement():
    """Rounding makes a different number of each of its returns; their sd is 1e-16."""
    analysis = analysed(put(A, slice(HALF, None), 1e-3), B)
    late = analysis.returns.a[HALF:]
    assert math.isclose(late[0], 1e-3, rel_tol=1e-9)
    assert (late == late[0]).all()
    assert np.isnan(analysis.curve("rolling.pearson[90]").value[-1])
