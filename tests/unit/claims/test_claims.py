"""One verdict rule: inside, outside, or open."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from convex_research import AnalysisConfig
from convex_research.claims import (
    DECLARATIONS,
    declaration,
    effects,
    evaluated,
    strength,
    strength_words,
)
from convex_research.claims.facts import Facts
from convex_research.claims.sentences import cut_reach, percent, reach
from convex_research.claims.verdict import detectable
from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, TestResult


def estimate(low, value, high, level=0.95):
    return Estimate(
        value=value,
        low=low,
        high=high,
        confidence_level=level,
        method="fixed-b HAC (Bartlett, lag 20, b 0.083)",
        interval=Interval.FIXED_B,
        nobs=252,
    )


@pytest.mark.parametrize(
    ("low", "value", "high", "words"),
    [
        (0.85, 0.9, 0.95, "very strong positive"),
        (0.70, 0.77, 0.85, "strong to very strong positive"),
        (-0.85, -0.77, -0.70, "strong to very strong negative"),
        (-0.1, 0.05, 0.15, "negligible"),
        (0.1, 0.2, 0.3, "negligible to weak positive"),
        (-0.3, 0.1, 0.5, "weak negative to moderate positive"),
        (0.8, 0.8, 0.8, "very strong positive"),
        (0.1999, 0.5, 0.5999, "negligible to moderate positive"),
    ],
)
def test_labels_name_the_bands_of_both_ends(low, value, high, words):
    assert strength_words(estimate(low, value, high)) == words


@given(st.floats(-0.999, 0.999), st.floats(-0.999, 0.999))
def test_one_label_only_if_the_interval_is_in_one_band(x, y):
    low, high = sorted((x, y))
    labels = strength(estimate(low, low, high))
    assert (len(labels) == 1) == (
        strength(estimate(low, low, low)) == strength(estimate(high, high, high))
    )


class Made(dict):
    """An analysis that holds just the results a claim asks for."""

    def runs(self, key):
        return ()

    clock_flags = ()
    config = AnalysisConfig()
    flags = ()
    returns = SimpleNamespace(
        frequency="daily",
        periods_per_year=252,
        units=("decimal", "decimal"),
        prices=SimpleNamespace(
            a=SimpleNamespace(instrument=SimpleNamespace(name="Left")),
            b=SimpleNamespace(instrument=SimpleNamespace(name="Right")),
        ),
    )


def recent(short, long=None, p=(0.5, 0.5)):
    """Both looks: Fisher's z of the last 90 and 252 observations less that before them."""
    made = {}
    for window, ends, pvalue in ((90, short, p[0]), (252, long, p[1])):
        if ends is None:
            continue
        test = TestResult(
            statistic=1.0, pvalue=pvalue, null="n", alternative="a", distribution="d", nobs=1260
        )
        made |= {
            f"recent.difference[{window}]": estimate(*ends),
            f"recent.difference_joint[{window}]": estimate(*ends),
            f"recent.difference_r_joint[{window}]": estimate(*(0.4 * x for x in ends)),
            f"recent.recent[{window}]": estimate(0.7, 0.8, 0.9),
            f"recent.preceding[{window}]": estimate(0.6, 0.75, 0.9),
            "recent.fisher" if window == 90 else f"recent.fisher[{window}]": test,
        }
    return Made({**made, "correlation.pearson[all]": estimate(0.6, 0.75, 0.9)})


OPEN, SAME, WIDE = (-0.5, 0.1, 0.7), (-0.15, 0.0, 0.15), (0.25, 0.5, 0.75)


@pytest.mark.parametrize(
    ("made", "found", "size", "words"),
    [
        (recent(OPEN, SAME), {"supported"}, None, "Over the past year r has changed by 0.00"),
        (recent(OPEN, OPEN), set(), None, "Over the past year r has changed by"),
        (recent(OPEN), set(), None, "Over the past 90 days r has changed by"),
        (recent(WIDE, OPEN, (0.001, 0.5)), {"rejected"}, None, "Over the past 90 days r has"),
        (recent(OPEN, WIDE, (0.5, 0.001)), {"rejected"}, None, "Over the past year r has"),
        (recent(OPEN, (0.1, 0.5, 0.9), (0.5, 0.01)), {"rejected"}, "open", "Yes, size open"),
        (
            recent(OPEN, (0.02, 0.1, 0.18), (0.5, 0.01)),
            {"rejected"},
            "slight",
            "real, too small to matter",
        ),
    ],
)
def test_a_recent_change_by_either_look(made, found, size, words):
    claim = evaluated(declaration("C29"), Facts(made), frozenset(found))
    assert {claim.verdict} == (found or {"inconclusive"})
    assert claim.size == size
    assert words in claim.text
    looks = [made[key].pvalue for key in made if key.startswith("recent.fisher")]
    assert claim.pvalues.rejected == pytest.approx(1.0 - (1.0 - min(looks)) ** len(looks))
    if "recent.fisher[252]" not in made:
        assert claim.pvalues.supported == 1.0  # the short window alone never says no
    said = {"supported": "no", "rejected": "slightly" if size == "slight" else "yes"}
    assert claim.answer == said.get(claim.verdict, "open")


def test_missing_data_is_not_tested():
    made = recent(OPEN)
    made["recent.difference[90]"] = NotComputed(Missing.TOO_SHORT, "needs 342 observations")
    claim = evaluated(declaration("C29"), Facts(made))
    assert claim.verdict == "not tested"
    assert "Needs 342 observations" in claim.text


@pytest.mark.parametrize(
    ("ends", "r", "found", "words"),
    [
        (
            (1.1, 1.2, 1.3),
            0.8,
            {"supported"},
            "Left. Left’s volatility is 1.20 times (1.10 to 1.30) Right’s",
        ),
        (
            (0.5, 0.6, 0.7),
            0.8,
            {"supported"},
            "Right. Right’s volatility is 1.67 times (1.43 to 2.00)",
        ),
        ((1.01, 1.1, 1.2), 0.8, {"supported"}, "Left. Left’s volatility"),
        ((0.98, 1.0, 1.02), 0.8, {"rejected"}, "Alike. "),
        ((0.9, 1.0, 1.1), 0.8, set(), "Can’t tell. "),
        ((1.1, 1.2, 1.3), 0.2, {"supported"}, "No steady slope. "),
    ],
)
def test_which_moves_more_is_a_matter_of_volatilities(ends, r, found, words):
    made = Made(
        {
            "regression.beta[252]": estimate(0.5, 0.6, 0.7),  # both slopes are below one
            "volatility.ratio[252]": estimate(*ends),
            "correlation.pearson[252]": estimate(r - 0.1, r, r + 0.1),
        }
    )
    claim = evaluated(declaration("C32"), Facts(made), frozenset(found))
    assert {claim.verdict} == (found or {"inconclusive"})
    assert words in claim.text


def test_claims_of_a_pair_cite_results_that_exist(peers):
    ids = [claim.id for claim in peers.claims]
    assert len(ids) == len(set(ids))
    for claim in peers.claims:
        assert claim.text.endswith(".")
        for key in claim.evidence:
            assert key in peers.results


def found_of(size, error, df, tail):
    """How often a one-sided test at this level finds an effect as large as said."""
    rng = np.random.default_rng(3)
    t = rng.normal(size / error, 1.0, 20_000) / np.sqrt(rng.chisquare(df, 20_000) / df)
    return np.mean(stats.t.sf(t, df) <= tail)


def test_an_open_sentence_says_what_is_found_four_times_in_five_under_error_control():
    df, error = 12, 0.117
    half = stats.t.isf(0.025, df) * error
    change = replace(estimate(0.24 - half, 0.24, 0.24 + half), std_error=error)
    assert reach(change, 0.0, "change", tails=2).startswith("Data like these find a true change")
    assert reach(change, 0.0, "change", tails=2).endswith(" four times in five.")
    middle = np.sqrt(stats.chi2.median(df) / df)  # of standard errors, around the true one
    size = detectable(change, 0.0, 2) * middle
    assert found_of(size, error, df, 0.05 / 10 / 2) == pytest.approx(0.8, abs=0.01)
    assert detectable(change, 0.3, 2) - detectable(change, 0.0, 2) == pytest.approx(0.3)
    hits = replace(estimate(0.511, 0.539, 0.567), std_error=0.013)
    assert reach(hits, 0.5, "share", percent, tails=4) == (
        "Data like these find a true share of 56 % four times in five."
    )
    assert reach(hits, 0.5, "share", percent, tails=4, most=0.55) == "", "nothing so large exists"


def test_a_cut_is_found_on_the_scale_of_its_interval():
    half, error = 1.96 * 0.18, 0.18
    gain = estimate(1.0 - np.exp(half), 0.0, 1.0 - np.exp(-half))
    size = 1.0 - np.exp(-(stats.norm.isf(0.005) + stats.norm.isf(0.2)) * error)
    assert f"a true cut of {100.0 * size:.0f} %" in cut_reach(replace(gain, std_error=error), 1)
    assert cut_reach(replace(gain, std_error=None), 1) == ""


def test_every_smallest_effect_decides_a_declared_claim():
    every = {name for name, x in vars(effects).items() if isinstance(x, effects.Effect)}
    named = {id(effect) for declared in DECLARATIONS for effect in declared.effects}
    assert {name for name in every if id(getattr(effects, name)) in named} == every
    assert len(every) > 20
    assert all(effect.reason for declared in DECLARATIONS for effect in declared.effects)
