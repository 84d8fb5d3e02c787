"""Further runs: what breaks a verdict, what does not, and what they are computed from."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import study_of

from convex_research import Pair, align, analyze, load_prices
from convex_research.analysis.forms.choices import CHOICES
from convex_research.analysis.forms.reruns import RERUNS
from convex_research.claims import Declaration, evaluate, evaluated
from convex_research.claims.applies import always
from convex_research.claims.facts import Facts
from convex_research.claims.finding import Finding
from convex_research.claims.registry import DECLARATIONS
from convex_research.claims.regression import slope, step
from convex_research.claims.survival import broken, far_from_zero, judged, run
from convex_research.claims.verdict import above
from convex_research.core.estimates import Estimate, TestResult
from convex_research.core.flags import Flag
from convex_research.statistics.dependence.concordance import same_sign
from convex_research.statistics.dependence.correlation import pearson


def est(low, value, high, error=None):
    return Estimate(
        value=value,
        std_error=error,
        low=low,
        high=high,
        confidence_level=0.9,
        method="HAC",
        nobs=600,
    )


def one(result, *, part=False, name="with half the lag"):
    return SimpleNamespace(name=name, part=part, result=result, form="lag")


def agrees(result, verdict, *, part=False):
    (entry,) = judged([one(result, part=part)], "k", verdict, lambda e: above(e, 0.5))
    return entry["agrees"]


@pytest.mark.parametrize(
    ("result", "part", "verdict", "survives"),
    [
        (est(0.6, 0.7, 0.8, 0.05), False, "supported", True),
        (est(0.4, 0.7, 0.9, 0.1), False, "supported", False),  # all data must say the same
        (est(0.4, 0.7, 0.9, 0.1), True, "supported", True),  # less data may be open
        (est(0.2, 0.45, 0.7, 0.1), True, "supported", True),  # within one standard error
        (est(0.2, 0.35, 0.5, 0.1), True, "supported", False),  # beyond one standard error
        (est(0.2, 0.35, 0.5, 0.1), True, "rejected", True),
        (est(0.6, 0.7, 0.8, 0.05), True, "rejected", False),
    ],
)
def test_what_breaks_a_verdict(result, part, verdict, survives):
    assert agrees(result, verdict, part=part) is survives


def test_a_number_without_an_interval_is_judged_by_itself():
    observed = Estimate(value=0.45, method="observed", nobs=600)
    (entry,) = judged([one(observed, part=True)], "k", "supported", lambda e: above(e, 0.5))
    assert (entry["verdict"], entry["agrees"]) == ("rejected", False)


def test_an_effect_must_keep_its_sign():
    main = est(0.2, 0.3, 0.4)
    rule = far_from_zero("supported", main, 0.1)
    assert rule(est(0.2, 0.3, 0.4)) == "supported"
    assert rule(est(-0.4, -0.3, -0.2)) == "rejected"
    assert far_from_zero("rejected", main, 0.1)(est(-0.05, 0.0, 0.05)) == "rejected"


def test_tests_support_below_a_tenth_and_break_a_rejection_below_a_twentieth():
    def made(p):
        return TestResult(
            statistic=1.0, pvalue=p, null="n", alternative="a", distribution="d", nobs=9
        )

    def outcome(p, verdict):
        (entry,) = judged([one(made(p))], "k", verdict, lambda e: above(e, 0.5))
        return entry["agrees"]

    assert outcome(0.09, "supported")
    assert not outcome(0.11, "supported")
    assert outcome(0.11, "rejected")
    assert not outcome(0.01, "rejected")


@given(
    st.floats(-1, 1),
    st.floats(0.001, 1),
    st.sampled_from(["inconclusive", "not tested"]),
    st.booleans(),
)
def test_an_open_claim_has_nothing_to_lower(value, half, verdict, part):
    runs = [one(est(value - half, value, value + half, half / 2), part=part)]
    assert judged(runs, "k", verdict, lambda e: above(e, 0.5)) == []


def test_the_sentence_says_which_run_broke_the_verdict(peers):
    runs = [
        run("on weekly returns", 0.2, agrees=False),
        run("out of sample", 0.2, agrees=True),
        run("with half the lag", 0.2, agrees=False),
    ]
    declared = Declaration(
        id="C99",
        hypothesis="It holds",
        question="Does it hold?",
        subject="It",
        applies=always,
        decide=lambda case: Finding(runs=runs, sample="(n)"),
        sentences={"yes": "It does", "open": "It may"},
    )
    claim = evaluated(declared, Facts(peers), frozenset({"supported"}))
    assert claim.verdict == "inconclusive"
    assert claim.text == (
        "Does it hold? Can’t tell. It may. The answer differs on weekly returns and with half the "
        "lag."
    )
    assert claim.sensitivity == tuple(runs)
    more = [run(name, 0.0, agrees=False) for name in ("a", "b", "c", "d")]
    assert broken(more) == "a, b and in 2 further runs"


@pytest.fixture(scope="module")
def peers():
    return study_of("sp500", "nasdaq", start="2014-01-01")


def test_runs_are_the_statistic_on_other_forms_of_the_sample(peers):
    a, b = peers.returns.a, peers.returns.b
    found = {one.name: one.result for one in peers.runs("concordance.same_sign[all]")}
    half = a.size // 2
    second = found["in the second half of the sample"]
    assert second.value == pytest.approx(((a[half:] > 0) == (b[half:] > 0)).mean(), abs=0.01)
    assert second == same_sign(a[half:], b[half:])
    assert found["with twice the memory in the standard error"].value == same_sign(a, b).value
    logs = np.diff(np.log(peers.returns.levels), axis=0)
    r = {one.name: one.result for one in peers.runs("correlation.pearson[252]")}
    assert r["on log returns"].value == pytest.approx(pearson(*logs[-252:].T).value, abs=1e-12)
    assert (
        r["with half the memory in the standard error"].value
        == peers["correlation.pearson[252]"].value
    )
    assert (
        "lag 10" in r["with half the memory in the standard error"].method
    )  # floor(1.3 sqrt 252) is 20
    assert "lag 40" in r["with twice the memory in the standard error"].method
    capped = [np.clip(x, *np.quantile(x, (0.005, 0.995))) for x in (a, b)]
    expected = np.corrcoef(capped[0][-252:], capped[1][-252:])[0, 1]
    assert r["with the most extreme moves capped"].value == pytest.approx(expected, abs=1e-12)


def test_runs_are_computed_once_and_repeat_themselves(peers):
    first = peers.runs("regression.beta[252]")
    assert peers.runs("regression.beta[252]") is first
    again = analyze(peers.returns, helpers=peers.helpers).runs("regression.beta[252]")
    assert [(x.name, x.result) for x in again] == [(x.name, x.result) for x in first]
    assert peers.runs("volatility.annual_a[252]") == ()


def test_weekly_runs_where_closes_are_apart(tmp_path):
    days = pd.date_range("2020-01-01", periods=900)
    walk = np.random.default_rng(3).normal(0, 0.01, (900, 2)).cumsum(axis=0)
    for name, part in (("a", days[days.day_of_week < 5]), ("b", days)):
        values = 100 * np.exp(pd.Series(walk[:, int(name == "b")], days))[part]
        values.rename("Close").to_csv(tmp_path / f"{name}.csv", index_label="Date")
    pair = Pair(*(f"csv:{tmp_path / name}.csv#Close" for name in "ab"))
    returns = align(load_prices(pair))
    assert Flag.ASYNCHRONOUS in analyze(returns).flags  # B has weekends too
    names = [one.name for one in analyze(returns).runs("correlation.pearson[all]")]
    assert "on weekly returns" in names
    together = study_of("sp500", "nasdaq")
    assert not together.clock_flags
    assert "weekly" not in [one.form for one in together.runs("correlation.pearson[all]")]


def test_every_kind_of_run_has_a_result_behind_it(peers):
    names = {key.partition("[")[0] for key in peers.results}
    assert {*RERUNS, *CHOICES} <= names


def test_every_decided_claim_has_runs(peers):
    exact = {"C34"}  # simulated samples are its only evidence
    for claim in peers.claims:
        decided = claim.verdict in {"supported", "rejected"}
        assert bool(claim.sensitivity) == (decided and claim.id not in exact) or not decided
        for entry in claim.sensitivity:
            assert {"run", "value", "unit", "agrees"} <= entry.keys()
        if decided:
            assert all(entry["agrees"] for entry in claim.sensitivity)
    assert len({declared.id for declared in DECLARATIONS}) == len(DECLARATIONS)


def test_half_a_sample_that_says_the_opposite_opens_the_claim(peers):
    rng = np.random.default_rng(11)
    n = 1200
    common, noise = rng.standard_normal((2, n)), rng.standard_normal((2, n))
    early = np.arange(n) < n // 2
    a = common[0] * 0.01
    b = 0.01 * np.where(early, common[0], 0.4 * common[0] + 0.9 * noise[0])
    values = np.column_stack([a, b])
    levels = 100 * np.vstack([[1.0, 1.0], np.cumprod(1 + values, axis=0)])
    made = replace(
        peers.returns, values=values, levels=levels, price_dates=peers.returns.price_dates[: n + 1]
    )
    (claim,) = evaluate(analyze(made), only=["C23"])
    share = same_sign(a, b)
    assert share.low > 0.70  # supported by the whole sample alone
    assert claim.verdict == "inconclusive"
    assert claim.reach.startswith("The answer differs in the second half of the sample")


@pytest.mark.parametrize(
    ("units", "beta", "words"),
    [
        (("decimal", "decimal"), (0.71, 0.78, 0.85), "0.78 % (0.71 % to 0.85 %) for each 1 %"),
        (("bp", "decimal"), (100.0, 250.0, 400.0), "+2.50 bp (1.00 to 4.00) for each 1 %"),
        (("points", "decimal"), (-150, -120, -90), "−1.20 points (−1.50 to −0.90) for each 1 %"),
        (
            ("decimal", "points"),
            (-0.006, -0.004, -0.002),
            "−0.40 % (−0.60 % to −0.20 %) for each point",
        ),
        (("decimal", "bp"), (0.0001, 0.0002, 0.0003), "+0.02 % (0.01 % to 0.03 %) for each 1 bp"),
        (("bp", "bp"), (0.5, 0.8, 1.1), "0.80 bp (0.50 to 1.10) for each 1 bp"),
        (("bp", "points"), (-1.2, -0.8, -0.4), "−0.80 bp (−1.20 to −0.40) for each point"),
        (
            ("decimal", "decimal"),
            (0.0011, 0.0016, 0.0021),
            "0.0016 % (0.0011 % to 0.0021 %) for each 1 %",
        ),
    ],
)
def test_slopes_are_said_in_the_units_of_both_legs(units, beta, words):
    assert f"{slope(est(*beta), units)} for each {step(units[1])}" == words


def test_what_a_lead_would_need_has_the_power_that_is_said():
    from scipy.stats import chi2, ncx2

    from convex_research.claims.lead import detectable_share

    ncp = 1000 * detectable_share(1000, lags=5, tried=6)
    assert ncx2.sf(chi2.isf(0.05 / 10 / 6, 5), 5, ncp) == pytest.approx(0.8, abs=1e-6)
