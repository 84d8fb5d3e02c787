"""Regression, lead-lag, cointegration, hedges and diagnostics against R and gretl.

Tolerances: least squares, HAC, closed forms 1e-9 relative; unit roots, Johansen, Granger,
variance ratios 1e-6; MacKinnon p-values 5e-4 absolute.
"""

from __future__ import annotations

import hashlib
import importlib.util
import warnings
from pathlib import Path

import numpy as np
import pytest

from convex_research.statistics.hedging.hedge import effectiveness_in, effectiveness_out
from convex_research.statistics.hedging.hedge_ratios import rolling_ratios
from convex_research.statistics.inference import hac_regression
from convex_research.statistics.leads import lead_lag
from convex_research.statistics.levels import cointegration as coint
from convex_research.statistics.levels.half_life import _autoregression, half_life
from convex_research.statistics.levels.unit_root import adf, dickey_fuller
from convex_research.statistics.levels.variance_ratio import variance_ratio, variance_ratio_test
from convex_research.statistics.single import diagnostics

FOLDER = Path(__file__).parents[2] / "oracles" / "dependence"


def _script():
    spec = importlib.util.spec_from_file_location("dependence_run", FOLDER / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=["simulated", "sample"])
def case(request):
    script = _script()
    if request.param == "simulated":
        rows = np.loadtxt(FOLDER / "data.csv", delimiter=",", skiprows=1)
    else:
        rows = script.embedded()
    digest = hashlib.sha256(script.text_of(rows).encode("ascii")).hexdigest()
    answers = {}
    for program in ("Rscript", "gretlcli"):
        for line in (FOLDER / f"{request.param}.{program}.txt").read_text().splitlines():
            key, _, value = line.partition(" -> ")
            if key == "sha256":
                assert value == digest, "the answers belong to other data"
            elif not key.startswith("version"):
                answers[f"{program}:{key}"] = float(value)
    return rows.T, answers


def same(ours, answers, key, tolerance, program="Rscript"):
    # Other programs subtract small p-values from one and are left with rounding.
    floor = 1e-14 if key.endswith("pvalue") else 0.0
    assert ours == pytest.approx(answers[f"{program}:{key}"], rel=tolerance, abs=floor)


def test_up_and_down(case):
    (a, b, _, _), answers = case
    for name in ("beta_up", "beta_down"):
        estimate = getattr(hac_regression, name)(a, b)
        same(estimate.value, answers, name, 1e-9)
        same(estimate.std_error, answers, f"{name}.se.auto", 1e-9)
    fit = hac_regression._two_sided(a, b, 60)
    same(np.sqrt(fit.covariance(5)[0, 0]), answers, "beta_up.se.lag5", 1e-9)
    same(np.sqrt(fit.covariance(5)[1, 1]), answers, "beta_down.se.lag5", 1e-9)
    assert hac_regression.newey_west_lag(fit.scores) == answers["Rscript:up_down.auto_lag"]
    test = hac_regression.up_down(a, b)
    same(test.statistic, answers, "up_down.statistic", 1e-8)  # a square: twice the digits lost
    same(test.pvalue, answers, "up_down.pvalue", 1e-6)


@pytest.mark.parametrize("shifts", [1, 5])
def test_dimson(case, shifts):
    (a, b, _, _), answers = case
    estimate = hac_regression.beta_dimson(a, b, shifts)
    same(estimate.value, answers, f"dimson{shifts}.value", 1e-9)
    same(estimate.std_error, answers, f"dimson{shifts}.se", 1e-9)
    assert f"automatic lag {answers[f'Rscript:dimson{shifts}.lag']:.0f}," in estimate.method


@pytest.mark.parametrize("direction", ["ab", "ba"])
def test_granger_and_wald(case, direction):
    (a, b, _, _), answers = case
    legs = (a, b) if direction == "ab" else (b, a)
    for lags in range(1, 6):
        test = lead_lag.granger(*legs, lags)
        same(test.statistic, answers, f"granger_{direction}[{lags}].statistic", 1e-6)
        same(test.pvalue, answers, f"granger_{direction}[{lags}].pvalue", 1e-6)
    test = lead_lag.wald(*legs, 5)
    same(test.statistic, answers, f"wald_{direction}[5].statistic", 1e-6)
    same(test.pvalue, answers, f"wald_{direction}[5].pvalue", 1e-6)


@pytest.mark.parametrize("leg", ["a", "b"])
def test_unit_roots(case, leg):
    series, answers = case
    x = series[2 + "ab".index(leg)]
    for lags in (0, 1, 5):
        same(adf(x, lags=lags).statistic, answers, f"adf_{leg}[{lags}]", 1e-6)
    test = adf(x, lags=1)
    same(test.statistic, answers, f"adf_{leg}[1].statistic", 1e-6, "gretlcli")
    theirs = answers[f"gretlcli:adf_{leg}[1].pvalue"]
    # The library's polynomials (MacKinnon 1994) against gretl's tables (MacKinnon 1996):
    # they agree to 5e-4 where a test decides and to 4e-3 near one, where none does.
    assert test.pvalue == pytest.approx(theirs, abs=5e-4 if theirs < 0.5 else 4e-3)


def test_kpss_at_the_lags_of_others(case):
    """Our lag is automatic; the statistic is compared through its definition at fixed lags."""
    from statsmodels.tsa.stattools import kpss as library

    series, answers = case
    for leg, x in zip("ab", series[2:], strict=True):
        for lag in (10, 20):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # the p-value's table is passed
                statistic = library(x, regression="c", nlags=lag)[0]
            same(statistic, answers, f"kpss_{leg}[{lag}]", 1e-6)


def test_engle_granger(case):
    (_, _, log_a, log_b), answers = case
    resid = coint.cointegrating_residual(log_a, log_b)
    for lags in (0, 1, 5):
        statistic = dickey_fuller(resid, lags, constant=False).statistic
        same(statistic, answers, f"engle_granger[{lags}]", 1e-6)
    test = coint.engle_granger(log_a, log_b)
    same(test.statistic, answers, "engle_granger[1].statistic", 1e-6, "gretlcli")
    assert test.pvalue == pytest.approx(answers["gretlcli:engle_granger[1].pvalue"], abs=5e-4)


@pytest.mark.parametrize("rank", [0, 1])
def test_johansen(case, rank):
    (_, _, log_a, log_b), answers = case
    test = coint.johansen_trace(log_a, log_b, rank)
    same(test.statistic, answers, f"johansen_trace_{rank}", 1e-6)
    same(test.statistic, answers, f"johansen_trace_{rank}.statistic", 1e-6, "gretlcli")
    # Doornik's published coefficients have two decimals, gretl's copy a few more.
    theirs = answers[f"gretlcli:johansen_trace_{rank}.pvalue"]
    assert test.pvalue == pytest.approx(theirs, abs=5e-4)


def test_half_life_of_the_residual(case):
    (_, _, log_a, log_b), answers = case
    phi, std_error = _autoregression(coint.cointegrating_residual(log_a, log_b))
    same(phi, answers, "phi", 1e-9)
    same(std_error, answers, "phi.se", 1e-9)
    same(half_life(log_a, log_b).value, answers, "half_life", 1e-6)


@pytest.mark.parametrize("horizon", [2, 5, 10, 20, 60])
def test_variance_ratios(case, horizon):
    (_, _, log_a, log_b), answers = case
    ratio = log_a - log_b
    same(variance_ratio(ratio, horizon).value, answers, f"variance_ratio[{horizon}]", 1e-9)
    z = variance_ratio_test(ratio, horizon).statistic
    same(z, answers, f"variance_ratio[{horizon}].z", 1e-6)


@pytest.mark.parametrize("leg", ["a", "b"])
def test_single_legs(case, leg):
    series, answers = case
    x = series["ab".index(leg)]
    box = diagnostics.ljung_box(x)
    same(box.statistic, answers, f"ljung_box_{leg}.statistic", 1e-9)
    same(box.pvalue, answers, f"ljung_box_{leg}.pvalue", 1e-6)
    same(diagnostics.arch_lm(x).statistic, answers, f"arch_lm_{leg}.statistic", 1e-9)
    same(diagnostics.jarque_bera(x).statistic, answers, f"jarque_bera_{leg}.statistic", 1e-9)
    same(diagnostics.tail_index(x).value, answers, f"tail_index_{leg}", 1e-9)


def test_hedges(case):
    (a, b, _, _), answers = case
    same(effectiveness_in(a, b).value, answers, "hedge.effectiveness_in", 1e-9)
    out = effectiveness_out(a, b, rolling_ratios(a, b))
    same(out.value, answers, "hedge.effectiveness_out", 1e-9)
