"""Every claim's verdicts from estimates made by hand; the adjusted p decides."""

import re
from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import false_discovery_control
from wording import answers_its_question, brief

from convex_research.claims import Claim, evaluate, evaluated
from convex_research.claims.facts import Facts
from convex_research.claims.registry import DECLARATIONS
from convex_research.claims.survival import run
from convex_research.claims.verdict import (
    ANSWERS,
    above,
    below,
    beyond,
    downgraded,
    within,
)
from convex_research.core.estimates import Estimate, Interval, Missing, NotComputed, TestResult
from convex_research.core.flags import Flag
from convex_research.core.sentences import Sentence
from convex_research.statistics.many.closed import closed_discoveries

DAY = date(2018, 12, 31)
YES = frozenset({"supported"})
STRONG = (
    ("macro.shift[hy_spread]", 0.2, 0.3),
    ("macro.shift[yield_10y]", -0.3, -0.2),
    ("hedge.effectiveness_out", 0.7, 0.8),
)


def est(low, value, high, level=0.95, **more):
    return Estimate(
        value=value,
        low=low,
        high=high,
        confidence_level=level,
        method="HAC (Bartlett, lag 46), larger of fixed-b and Student t with 30 df",
        interval=Interval.HAC,
        start=date(2014, 1, 2),
        end=DAY,
        **{"nobs": 1260, **more},
    )


def seen(value, nobs=1260, unit="decimal"):
    first = date(2014, 1, 2)
    return Estimate(value=value, method="observed", nobs=nobs, start=first, end=DAY, unit=unit)


def result_of(p):
    return TestResult(
        statistic=2.0, pvalue=p, null="n", alternative="a", distribution="d", nobs=1260
    )


class Made(dict):
    """An analysis that holds just the results a claim asks for."""

    def __init__(self, results, *, category="peer", path=None, ids=("left", "right"), flags=()):
        super().__init__(results)
        self.config = SimpleNamespace(recent_window=90, rolling_window=90, windows=(), year=252)
        legs = [
            SimpleNamespace(
                instrument=SimpleNamespace(
                    name=name, kind="price", id=one, category="equity", unit="USD", calendar="XNYS"
                )
            )
            for name, one in zip(("Left", "Right"), ids, strict=True)
        ]
        self.returns = SimpleNamespace(
            frequency="daily",
            periods_per_year=252,
            units=("decimal", "decimal"),
            prices=SimpleNamespace(a=legs[0], b=legs[1]),
            day=lambda i: DAY,
            nobs=1260,
            dates=np.busday_offset("2014-01-02", np.arange(1260), roll="forward"),
            dropped=(0, 0),
            outside=(0, 0),
        )
        self.pair = SimpleNamespace(categorise=lambda: category)
        self._path = path
        self.further = {}
        self.clock_flags = self.flags = flags

    def runs(self, key):
        return self.further.get(key, ())

    def curve(self, key):
        if self._path is None:
            raise KeyError(key)
        return SimpleNamespace(value=self._path)


MISSING = NotComputed(Missing.TOO_SHORT, "needs a market series besides the two")
R = "correlation.pearson[all]"
SMALL, LARGE = result_of(0.001), result_of(0.5)


def gap(key, low, high, narrow=None):
    """A 95 % and a 90 % estimate under their keys."""
    near = narrow or (low * 0.9 + high * 0.1, high * 0.9 + low * 0.1)
    name, mark, rest = key.partition("[")
    middle = 0.5 * (low + high)
    return {
        key: est(low, middle, high),
        f"{name}_90{mark}{rest}": est(near[0], middle, near[1], 0.90),
    }


def c16(raw, clean=None):
    """Turbulent less calm in Fisher's z, as it is and with volatility divided out."""
    pair, divided = "[high_vol-low_vol]", clean or raw
    return {
        f"regimes.difference{pair}": est(*raw),
        f"regimes.standardised_difference{pair}": est(*divided),
        f"consistency.regime_gap{pair}": est(*(0.4 * x for x in raw)),
        f"consistency.standardised_regime_gap{pair}": est(*(0.4 * x for x in divided)),
        "regimes.pearson[high_vol]": seen(0.91),
        "regimes.pearson[low_vol]": seen(0.75),
        R: est(0.8, 0.85, 0.9),
    }


def c35(low, high, test=SMALL, within=LARGE):
    years = {"consistency.year_highest": dated(0.8, 0.85, 0.9, 2016)}
    years |= {"consistency.year_lowest": dated(0.4, 0.5, 0.6, 2018), R: est(0.6, 0.7, 0.8)}
    made = gap("consistency.years_gap", low, high)
    return {**made, **years, "consistency.years": test, "consistency.years_within": within}


def dated(low, value, high, year):
    return replace(est(low, value, high), start=date(year, 1, 2), end=date(year, 12, 30))


def c15(ab, ba, *, p_ab=0.9, p_ba=0.9, out=0.01, nobs=1260):
    made = {}
    for way, p, share in (("ab", p_ab, ab), ("ba", p_ba, ba)):
        made[f"leads.share_{way}[5]"] = est(0.0, share, share + 0.01, nobs=nobs)
        made |= {f"leads.block_{way}[1]": result_of(p), f"leads.block_{way}[2-5]": result_of(0.9)}
        made[f"lead_lag.oos_rsquared_{way}[1]"] = est(out - 0.01, out, out + 0.01)
    return made


def c15_apart(p_ab, p_ba=0.9, share=0.01, nobs=1260, days="2-5"):
    made = c15(0.3, 0.0, p_ab=0.0001)  # the next day's, which is the clock's
    for way, p in (("ab", p_ab), ("ba", p_ba)):
        size = share if p < 0.05 else 0.0
        made[f"leads.skip_share_{way}[{days}]"] = est(0.0, size, size + 0.01, nobs=nobs)
        made[f"lead_lag.skip_{way}[{days}]"] = result_of(p)
    return made


def c27(ab, ba, p_ab=0.5, p_ba=0.5):
    hits = {"concordance.hit_ab": ab, "concordance.hit_ba": ba}
    return hits | {"concordance.next_ab": result_of(p_ab), "concordance.next_ba": result_of(p_ba)}


def c30(low, high, p):
    made = {}
    for name in ("ewma", "dcc"):
        made[f"forecast.gain_{name}[21]"] = est(low, 0.5 * (low + high), high)
        # Negative: the method loses less than the average.
        test = replace(result_of(p), statistic=-0.5 * (low + high))
        made[f"forecast.diebold_mariano_{name}[21]"] = test
    return made


def c18a(low, high, split, test=SMALL, within=LARGE):
    """The size over three dates, and the widest split with its own interval."""
    shift = est(low, 0.5 * (low + high), high)
    one = est(split[0], sum(split) / 2, split[1], std_error=0.1)
    one = replace(one, day=date(2016, 3, 1))
    return {
        "stability.shift": shift,
        "stability.shift_split": one,
        "stability.shift_split_r": replace(
            one, value=0.4 * one.value, low=one.low * 0.4, high=one.high * 0.4
        ),
        "stability.cusum_r": test,
        "stability.shift_within": within,
        R: est(0.6, 0.7, 0.8),
    }


def c02(low, high, p=0.001, credit=None):
    made = {
        **gap("macro.risk_after_beta[vix]", low, high),
        "macro.risk_after_beta_test": result_of(p),
    }
    return made if credit is None else {**made, **gap("macro.risk_after_beta[hy_spread]", *credit)}


def c36(fitted, out):
    return {
        "hedge.effectiveness_hindsight": share(fitted),
        "hedge.effectiveness_out": share(out),
        "hedge.hindsight_loss": share(fitted - out),
    }


def c21(*ends):
    return {"macro.idiosyncratic_gap[weekly]": est(*ends)}


def share(value, half=0.02):
    return est(value - half, value, value + half)


def loosened(p):
    ends = est(0.3, 0.4, 0.5)
    return {
        R: share(0.8),
        "rolling.pearson_min_test[90]": replace(result_of(p), statistic=0.2),
        "rolling.null_min": ends,
        "rolling.pearson_min_5y[90]": est(-0.1, 0.2, 0.5),
        "consistency.stress_share[90]": seen(0.6),
        "consistency.stress_base[90]": seen(0.2),
    }


# Claim, results, verdict, words of its sentence.
CASES = [
    (
        "C01",
        {
            "market.style_gap[mid-large]": est(0.03, 0.1, 0.2),
            "market.style_gap[mid-small]": est(0.03, 0.1, 0.2),
        },
        "supported",
        "Mid caps. They explain 10 points (3 to 20) more",
    ),
    (
        "C01",
        {
            "market.style_gap[mid-large]": est(-0.3, -0.2, -0.1),
            "market.style_gap[mid-small]": est(0.03, 0.1, 0.2),
        },
        "rejected",
        "Large caps. They explain 20 points (10 to 30) more",
    ),
    (
        "C01",
        {
            "market.style_gap[mid-large]": est(0.01, 0.1, 0.2),
            "market.style_gap[mid-small]": est(0.03, 0.1, 0.2),
        },
        "inconclusive",
        "mid caps less large caps: +10 points (1 to 20)",
    ),
    (
        "C02",
        c02(0.12, 0.4),
        "supported",
        "No. The other way round: r of Right’s lead with falls of the VIX is −0.26",
    ),
    (
        "C02",
        c02(-0.4, -0.12),
        "supported",
        "Yes. After beta, r of Right’s lead with falls of the VIX is +0.26 (0.12 to 0.40)",
    ),
    ("C02", c02(-0.4, -0.12), "supported", "since 2014"),
    ("C02", c02(-0.09, 0.09, p=0.9), "rejected", "No. After beta"),
    ("C02", c02(0.05, 0.4), "supported", "No. The other way round"),
    ("C02", c02(0.02, 0.09), "supported", "No. The other way round"),
    ("C02", c02(0.12, 0.4, p=0.5), "inconclusive", "a true r of 0.26"),
    ("C02", c02(0.12, 0.4, credit=(0.01, 0.2)), "supported", ", of the credit spread −0.11"),
    ("C02", c02(0.12, 0.4, credit=(-0.3, -0.1)), "inconclusive", "of the credit spread +0.20"),
    ("C02", c02(-0.09, 0.09, p=0.9, credit=(0.0, 0.3)), "inconclusive", "Can’t tell"),
    ("C02", c02(-0.09, 0.09, p=0.9, credit=(-0.05, 0.05)), "rejected", "next to no link"),
    ("C03", {"macro.recoveries": seen(1.0)}, "not tested", "Needs 4 recoveries, there are 1"),
    (
        "C03",
        {"macro.recoveries": seen(5.0), "macro.recovery_gap": est(-0.1, 0.05, 0.2)},
        "inconclusive",
        "a true lead of 30 points a year",
    ),
    (
        "C03",
        {"macro.recoveries": seen(5.0), "macro.recovery_gap": est(0.03, 0.1, 0.2)},
        "supported",
        "Yes. It leads by +10 points a year (3 to 20) over other times, in 5 recoveries",
    ),
    (
        "C03",
        {"macro.recoveries": seen(5.0), "macro.recovery_gap": est(-0.3, -0.1, 0.01)},
        "rejected",
        "it led by −10 points a year (−30 to +1)",
    ),
    (
        "C04",
        {
            "persistence.variance_ratio[252]": est(1.3, 1.8, 2.2),
            "persistence.trend_test[252]": SMALL,
        },
        "supported",
        "Yes. Over a year the price ratio moves 1.34 times (1.14 to 1.48) as far as",
    ),
    (
        "C04",
        {
            "persistence.variance_ratio[252]": est(0.3, 0.8, 1.1),
            "persistence.trend_test[252]": LARGE,
        },
        "rejected",
        "no lasting trends",
    ),
    (
        "C04",
        {
            "persistence.variance_ratio[252]": est(1.3, 1.8, 2.2),
            "persistence.trend_test[252]": LARGE,
        },
        "inconclusive",
        "Can’t tell. Over a year",
    ),
    (
        "C06",
        {
            **gap("consistency.beta_halves", 0.2, 0.5),
            "consistency.beta_halves_test": SMALL,
        },
        "supported",
        "Yes. By +0.35 (0.20 to 0.50) from the first half",
    ),
    (
        "C06",
        {**gap("consistency.beta_halves", -0.09, 0.09), "consistency.beta_halves_test": LARGE},
        "rejected",
        "No. From the first half",
    ),
    (
        "C06",
        {**gap("consistency.beta_halves", -0.05, 0.3), "consistency.beta_halves_test": LARGE},
        "inconclusive",
        "a true change of 0.33",
    ),
    (
        "C07a",
        {
            "cointegration.engle_granger[aic]": SMALL,
            "cointegration.half_life": est(5.0, 10.0, 30.0),
            "cointegration.phillips_ouliaris": SMALL,
        },
        "supported",
        "Yes. Half of a gap closes in 10 days (5 to 30)",
    ),
    (
        "C07a",
        {
            "cointegration.engle_granger[aic]": SMALL,
            "cointegration.half_life": est(5.0, 10.0, 30.0),
            "cointegration.phillips_ouliaris": LARGE,
        },
        "inconclusive",
        "Phillips-Ouliaris",
    ),
    (
        "C07a",
        {
            "cointegration.engle_granger[aic]": LARGE,
            "cointegration.half_life": est(300.0, 400.0, None, bound="unbounded"),
        },
        "rejected",
        "half of a gap takes 400 days (300 to no limit)",
    ),
    (
        "C07a",
        {
            "cointegration.engle_granger[aic]": LARGE,
            "cointegration.half_life": est(50.0, 90.0, None, bound="unbounded"),
        },
        "inconclusive",
        "do not count on it",
    ),
    (
        "C08",
        {"market.lead_bull": est(0.03, 0.1, 0.2), "market.lead_bear": est(-0.4, -0.3, -0.1)},
        "supported",
        "Yes. Left leads by 10 points a year (3 to 20) in bull markets, Right by 30 in bear",
    ),
    (
        "C08",
        {"market.lead_bull": est(-0.3, -0.1, -0.03), "market.lead_bear": est(-0.4, -0.3, -0.1)},
        "rejected",
        "Left’s lead was −10 points a year (−30 to −3), since 2014; 2 would count",
    ),
    (
        "C08",
        {"market.lead_bull": est(-0.1, 0.1, 0.2), "market.lead_bear": est(-0.4, -0.3, -0.1)},
        "inconclusive",
        "Left’s lead was +10 points a year (−10 to +20) in bull markets, Right’s +30 in bear",
    ),
    (
        "C09",
        {"divergence.volatility_gain": est(0.1, 0.2, 0.3)},
        "supported",
        "Yes. Weighting them cuts a forecast’s squared error by 20 % (10 % to 30 %)",
    ),
    (
        "C09",
        {"divergence.volatility_gain": est(0.02, 0.1, 0.2)},
        "supported",
        "whether by a useful 5 % is open",
    ),
    ("C09", {"divergence.volatility_gain": est(-0.3, -0.1, 0.0)}, "rejected", "at most 0 %"),
    (
        "C09",
        {"divergence.volatility_gain": est(-0.02, 0.1, 0.2)},
        "inconclusive",
        "(−2 % to +20 %)",
    ),
    (
        "C12",
        {
            **gap("market.beta_gap", 0.1, 0.3),
            "market.beta_a": share(1.2),
            "market.beta_b": share(1.0),
        },
        "supported",
        "differ by 0.20 % (0.10 % to 0.30 %), since 2014: Left moves 1.20 %, Right 1.00 %",
    ),
    (
        "C12",
        {
            **gap("market.beta_gap", -0.04, 0.04),
            "market.beta_a": share(1.0),
            "market.beta_b": share(1.0),
        },
        "rejected",
        "Yes. Within 0.05 %",
    ),
    (
        "C12",
        {
            **gap("market.beta_gap", -0.02, 0.3),
            "market.beta_a": share(1.0),
            "market.beta_b": share(1.0),
        },
        "inconclusive",
        "a true difference of 0.30 %",
    ),
    (
        "C13",
        {
            **gap("market.delay_gap", 0.02, 0.06),
            "market.delay_a": seen(0.05),
            "market.delay_b": seen(0.01),
        },
        "supported",
        "Yes. Left makes 4.0 points (2.0 to 6.0) more of its move late than Right",
    ),
    (
        "C13",
        {
            **gap("market.delay_gap", -0.009, 0.009),
            "market.delay_a": seen(0.0),
            "market.delay_b": seen(0.0),
        },
        "rejected",
        "differ by at most 0.9 points",
    ),
    (
        "C13",
        {
            **gap("market.delay_gap", -0.02, 0.06),
            "market.delay_a": seen(0.0),
            "market.delay_b": seen(0.0),
        },
        "inconclusive",
        "Left made 2.0 points (−2.0 to +6.0) more",
    ),
    (
        "C14",
        {"macro.rsquared[weekly]": est(0.06, 0.2, 0.3), "macro.test[weekly]": SMALL},
        "supported",
        "20 % (6 % to 30 %)",
    ),
    (
        "C14",
        {"macro.rsquared[weekly]": est(-0.02, 0.0, 0.03), "macro.test[weekly]": LARGE},
        "rejected",
        "at most 3 %",
    ),
    (
        "C14",
        {"macro.rsquared[weekly]": est(0.06, 0.2, 0.3), "macro.test[weekly]": LARGE},
        "inconclusive",
        "a true share of 21 %",
    ),
    ("C15", c15(0.02, 0.0, p_ab=0.001), "supported", "Left leads Right: its last five days"),
    ("C15", c15(0.02, 0.0, p_ab=0.001, out=-0.01), "inconclusive", "differs out of sample"),
    ("C15", c15(0.003, 0.02, p_ba=0.001), "supported", "Right leads Left"),
    ("C15", c15(0.0, 0.0, nobs=5040), "rejected", "the other way it is no more"),
    (
        "C15",
        c15(0.0, 0.0),
        "inconclusive",
        "0 % (up to 1.0 %) of Right’s next day since 2014; the other way it is none",
    ),
    ("C15", c15(0.02, 0.02, p_ab=0.001, p_ba=0.001), "inconclusive", "the other way it is 2.0 %"),
    ("C16", c16((0.25, 0.4, 0.55)), "supported", "By +0.16 (0.10 to 0.22) since 2014"),
    ("C16", c16((-0.55, -0.4, -0.25)), "supported", "No. It falls, by −0.16"),
    ("C16", c16((0.1, 0.3, 0.5)), "supported", "Yes, size open. By +0.12"),
    (
        "C16",
        c16((0.25, 0.4, 0.55), (-0.2, 0.1, 0.4)),
        "inconclusive",
        "with volatility divided out",
    ),
    ("C16", c16((0.25, 0.4, 0.55), (-0.55, -0.4, -0.25)), "inconclusive", "; −0.16 with"),
    ("C16", c16((0.25, 0.4, 0.55), (-0.1, 0.0, 0.1)), "rejected", "Volatility alone makes"),
    ("C16", c16((-0.1, 0.02, 0.14)), "rejected", "counts as the same"),
    ("C16", c16((-0.2, 0.02, 0.24)), "inconclusive", "the calmest: +0.01 (−0.08 to +0.10)"),
    ("C18a", c18a(0.25, 0.7, (0.3, 0.6)), "supported", "Since March 2016 r has changed by +0.18"),
    ("C18a", c18a(0.1, 0.7, (0.1, 0.6)), "supported", "Yes, size open. Since March 2016"),
    (
        "C18a",
        c18a(0.0, 0.15, (-0.02, 0.14)),
        "supported",
        "Yes, slightly. It has moved and come back",
    ),
    ("C18a", c18a(0.0, 0.7, (-0.1, 0.6)), "supported", "differs by at most 0.24"),
    (
        "C18a",
        c18a(0.0, 0.15, (-0.1, 0.14), LARGE, SMALL),
        "rejected",
        "counts as the same",
    ),
    ("C18a", c18a(0.0, 0.4, (-0.1, 0.3), LARGE), "inconclusive", "four times in five"),
    (
        "C18b[vix]",
        gap("macro.shift[vix]", 0.15, 0.4),
        "supported",
        "r changes by +0.28 (0.15 to 0.40)",
    ),
    (
        "C18b[vix]",
        gap("macro.shift[vix]", -0.4, -0.15),
        "supported",
        "r changes by −0.28 (−0.40 to −0.15)",
    ),
    ("C18b[vix]", gap("macro.shift[vix]", -0.05, 0.05), "rejected", "too little to matter"),
    ("C18b[vix]", gap("macro.shift[vix]", -0.02, 0.4), "inconclusive", "(−0.02 to +0.40)"),
    (
        "C19",
        {
            "divergence.after_breakdowns[90]": est(0.2, 0.4, 0.6),
            "divergence.breakdown_episodes": seen(7.0),
        },
        "supported",
        "Larger moves. In the 21 days after 7 drops of 90-day r",
    ),
    (
        "C19",
        {
            "divergence.after_breakdowns[90]": est(-0.2, 0.0, 0.05),
            "divergence.breakdown_episodes": seen(7.0),
        },
        "rejected",
        "Moves of the usual size.",
    ),
    (
        "C19",
        {
            "divergence.after_breakdowns[90]": est(-0.02, 0.2, 0.6),
            "divergence.breakdown_episodes": seen(7.0),
        },
        "inconclusive",
        "a true ratio of 1.78 four times",
    ),
    (
        "C20",
        {"divergence.reconstitution": est(0.3, 0.5, 0.6, nobs=9)},
        "supported",
        "1.65 times (1.35 to 1.82)",
    ),
    (
        "C20",
        {"divergence.reconstitution": est(-0.3, 0.0, 0.2, nobs=9)},
        "rejected",
        "No. In 9 yearly reshuffles",
    ),
    (
        "C20",
        {"divergence.reconstitution": est(-0.3, 0.0, 0.5, nobs=9)},
        "inconclusive",
        "Can’t tell. In 9",
    ),
    ("C21", c21(0.1, 0.2, 0.3), "supported", "+20 points (10 to 30)"),
    ("C21", c21(-0.3, -0.1, 0.02), "rejected", "No. Share of the gap’s moves"),
    (
        "C21",
        {"macro.idiosyncratic_gap[weekly]": est(-0.3, 0.0, 0.3)},
        "inconclusive",
        "a true gap of 61 points",
    ),
    (
        "C22a",
        {"tails.joint_worst": share(0.9), "tails.exceedance_lower[0]": share(0.6)},
        "supported",
        "No. Right fell too on 90 % of Left’s 1,260 worst days (88 % to 92 %)",
    ),
    (
        "C22a",
        {"tails.joint_worst": share(0.4), "tails.exceedance_lower[0]": share(0.6)},
        "rejected",
        "Right fell too on only 40 %",
    ),
    (
        "C22a",
        {"tails.joint_worst": share(0.7), "tails.exceedance_lower[0]": share(0.6)},
        "inconclusive",
        "r on days when both fell is +0.60",
    ),
    ("C22b", {"hedge.effectiveness_out": share(0.1)}, "supported", "took out only 5 %"),
    (
        "C22b",
        {"hedge.effectiveness_out": share(0.8), "hedge.effectiveness_out[ewma]": share(0.8)},
        "rejected",
        "took out 55 % (53 % to 58 %) of Left’s volatility",
    ),
    (
        "C22b",
        {"hedge.effectiveness_out": share(0.8), "hedge.effectiveness_out[ewma]": share(0.3)},
        "inconclusive",
        "differs with exponentially weighted",
    ),
    ("C22b", {"hedge.effectiveness_out": share(0.4)}, "inconclusive", "29 % would count"),
    (
        "C23",
        {"concordance.same_sign[all]": share(0.8)},
        "supported",
        "On 80 % (78 % to 82 %) of days",
    ),
    (
        "C23",
        {"concordance.same_sign[all]": share(0.4)},
        "rejected",
        "more often against each other",
    ),
    ("C23", {"concordance.same_sign[all]": share(0.6)}, "inconclusive", "half would be chance"),
    (
        "C26",
        {R: share(0.9), "consistency.rolling_low[90]": share(0.8)},
        "supported",
        "lie above +0.80 (0.78 to 0.82)",
    ),
    (
        "C26",
        {
            R: share(0.9),
            "consistency.rolling_low[90]": share(0.5),
            "rolling.pearson_min_5y[90]": share(0.3),
        },
        "rejected",
        "Only above +0.50",
    ),
    (
        "C26",
        {R: share(0.9), "consistency.rolling_low[90]": share(0.7)},
        "inconclusive",
        "above +0.70",
    ),
    (
        "C27",
        c27(share(0.6), share(0.5), 0.001),
        "supported",
        "Right followed Left’s direction on 60.0 %",
    ),
    ("C27", c27(share(0.6), share(0.5)), "inconclusive", "direction on 60.0 %"),
    ("C27", c27(share(0.5), share(0.44), p_ba=0.001), "supported", "Left went against"),
    ("C27", c27(share(0.5, 0.01), share(0.5, 0.01)), "rejected", "no edge worth trading"),
    (
        "C28",
        {
            R: share(0.8),
            "correlation.partial[all]": share(0.1),
            "correlation.partial_drop[all]": share(0.7),
        },
        "supported",
        "Take the market out and r since 2014 falls by 0.70 (0.68 to 0.72), from +0.80 to +0.10",
    ),
    (
        "C28",
        {
            R: share(0.8),
            "correlation.partial[all]": share(0.7),
            "correlation.partial_drop[all]": share(0.1),
        },
        "rejected",
        "Without the market r is still +0.70",
    ),
    (
        "C28",
        {
            R: share(0.8),
            "correlation.partial[all]": share(0.5),
            "correlation.partial_drop[all]": share(0.3),
        },
        "inconclusive",
        "Without the market r is +0.50 (0.48 to 0.52) since 2014; with it, +0.80",
    ),
    ("C30", c30(-0.1, 0.04, 0.5), "supported", "Nothing tried errs 5 % less"),
    ("C30", c30(0.1, 0.3, 0.001), "rejected", "errs 20 % (10 % to 30 %) less since 2014: use it"),
    ("C30", c30(-0.1, 0.3, 0.001), "rejected", "errs at most 30 % less since 2014: use it"),
    ("C30", c30(0.1, 0.3, 0.5), "inconclusive", "errs 20 %"),
    (
        "C33",
        {"consistency.swings": est(0.2, 0.6, 0.8, nobs=15), "consistency.swings_test": SMALL},
        "supported",
        "are years of large changes in volatility: rank correlation +0.60 (0.20 to 0.80)",
    ),
    (
        "C33",
        {"consistency.swings": est(-0.8, -0.5, -0.1, nobs=15), "consistency.swings_test": LARGE},
        "rejected",
        "are years of small changes in volatility",
    ),
    (
        "C33",
        {"consistency.swings": est(-0.2, 0.3, 0.6, nobs=15), "consistency.swings_test": LARGE},
        "inconclusive",
        "over 16 years is +0.30 (−0.20 to +0.60)",
    ),
    ("C34", loosened(0.001), "supported", "r fell to +0.20 in December 2018; a constant r does so"),
    ("C34", loosened(0.5), "inconclusive", "goes as low in 500 of 1,000 simulated samples"),
    ("C35", c35(0.25, 0.8), "supported", "From +0.85 (0.80 to 0.90) in 2016 to +0.50 in 2018"),
    ("C35", c35(0.15, 0.8), "supported", "Yes, size open. From +0.85"),
    ("C35", c35(0.0, 0.19, LARGE, SMALL), "rejected", "no two of 5 years differ by enough"),
    ("C35", c35(0.0, 0.8, LARGE), "inconclusive", "not shown to be more than chance"),
    ("C36", c36(0.8, 0.4), "supported", "Fitted with hindsight it would have removed 55 %"),
    ("C36", c36(0.8, 0.79), "rejected", "set from the past, 54 %"),
    ("C36", c36(0.8, 0.7), "inconclusive", "four times in five"),
]
DECLARED = {declared.id: declared for declared in DECLARATIONS}


def made_of(claim_id, results):
    ids = ("RSP", "SPY") if claim_id == "C01" else ("SPY", "MDY") if claim_id == "C20" else None
    analysis = Made(results, path=np.full(500, 0.5), **({"ids": ids} if ids else {}))
    (claim,) = evaluate(analysis, only=[claim_id])
    return claim, analysis


@pytest.mark.parametrize(("claim_id", "results", "verdict", "words"), CASES)
def test_verdict_and_sentence(claim_id, results, verdict, words):
    claim, analysis = made_of(claim_id, results)
    assert claim.verdict == verdict, claim.text
    assert words in claim.text
    assert all(key in analysis for key in claim.evidence)
    lint(claim.text)
    brief(claim)
    answers_its_question(claim)
    again, _ = made_of(claim_id, results)
    assert again == claim


def lint(text):
    assert text.endswith(".")
    assert "  " not in text
    assert "nan" not in re.split(r"\W+", text.lower())
    assert "None" not in text
    assert not re.search(r"-\d", re.sub(r"\d{4}-\d\d-\d\d|\d+-day", "", text)), text
    assert not re.search(r"\b(\w{3,}) \1\b", text), text
    assert text.count("(") == text.count(")")
    assert not re.search(r"\b1 (?:days|breakdowns|years|recoveries|reconstitutions)\b", text)


def test_every_claim_with_data_has_its_cases():
    without = {
        "C05",
        "C07b",
        "C10",
        "C20[earnings]",
        "C20[liquidity]",
    }  # never tested: no data are loaded
    alike = {"C18b[hy_spread]", "C18b[yield_10y]"}  # C18b[vix] with another series
    elsewhere = {"C29", "C32"}  # in test_claims.py
    assert {case[0] for case in CASES} == set(DECLARED) - without - alike - elsewhere
    for claim_id in without:
        claim = evaluated(DECLARED[claim_id], Facts(Made({})))
        assert claim.verdict == "not tested"
        assert "Needs" in claim.text
        lint(claim.text)
    decided = {}
    for claim_id, _, verdict, _ in CASES:
        decided.setdefault(claim_id, set()).add(verdict)
    assert all(
        v - {"not tested"} == {"supported", "rejected", "inconclusive"}
        for c, v in decided.items()
        if c != "C34"
    )


@pytest.mark.parametrize(
    ("verdict", "yes", "size", "answer"),
    [
        ("supported", "supported", None, "yes"),
        ("supported", "supported", "open", "yes"),
        ("supported", "supported", "slight", "slightly"),
        ("rejected", "supported", None, "no"),
        ("rejected", "rejected", "slight", "slightly"),
        ("supported", "rejected", None, "no"),
        ("inconclusive", "supported", None, "open"),
        ("not tested", "rejected", None, "untested"),
    ],
)
def test_the_answer_is_that_to_the_question(verdict, yes, size, answer):
    claim = Claim(
        id="C00", hypothesis="h", question="q?", verdict=verdict, sentence=Sentence("f"), size=size
    )
    claim = replace(claim, yes=yes)
    assert claim.answer == claim.to_dict()["answer"] == answer


def test_every_claim_asks_a_question():
    for one in DECLARATIONS:
        words = one.question.format(a="A", b="B", of_now="this week's", of_then="next week's")
        assert words.endswith("?")
        assert "{" not in words
    asked_of_the_opposite = {one.id for one in DECLARATIONS if one.yes == "rejected"}
    assert asked_of_the_opposite == {"C12", "C22a", "C22b", "C29"}


def test_identifiers_are_unique():
    assert len(DECLARED) == len(DECLARATIONS)


@pytest.mark.parametrize("declared", DECLARATIONS, ids=lambda one: one.id)
def test_a_claim_without_results_is_not_tested(declared):
    claim = evaluated(declared, Facts(Made({})))
    assert claim.verdict == "not tested"
    lint(claim.text)


@pytest.mark.parametrize(("claim_id", "results", "verdict", "words"), CASES)
def test_no_answer_is_given_that_the_page_does_not_find(claim_id, results, verdict, words):
    facts = Facts(Made(results, path=np.full(500, 0.5)))
    declared = DECLARED[claim_id]
    open_ = evaluated(declared, facts)
    assert open_.verdict in {"inconclusive", "not tested"}
    assert not open_.discovered
    if verdict in {"supported", "rejected"}:
        assert open_.pvalues[ANSWERS.index(verdict)] < 0.05
        assert evaluated(declared, facts, frozenset({verdict})).verdict == verdict


@pytest.mark.parametrize(
    ("low", "high", "found", "verdict", "size"),
    [
        (0.21, 0.9, {"supported"}, "supported", None),
        (0.19, 0.9, {"supported"}, "supported", "open"),
        (0.05, 0.19, {"supported", "rejected"}, "supported", "slight"),
        (0.21, 0.9, set(), "inconclusive", None),
        (0.05, 0.19, {"rejected"}, "rejected", None),
    ],
)
def test_years_have_one_table_of_answers(low, high, found, verdict, size):
    made = c35(low, high)
    claim = evaluated(DECLARED["C35"], Facts(Made(made)), frozenset(found))
    assert (claim.verdict, claim.size) == (verdict, size)
    assert claim.to_dict().get("size") == size
    assert claim.pvalues.supported == SMALL.pvalue
    lint(claim.text)


APART = (Flag.ASYNCHRONOUS,)
RESTS = (Flag.ASYNCHRONOUS, Flag.RARELY_TRADED_B)


@pytest.mark.parametrize(
    ("results", "flags", "verdict", "words"),
    [
        (c15_apart(0.001), APART, "supported", "Also beyond the next day, Left leads Right"),
        (c15_apart(0.9, 0.001), APART, "supported", "Also beyond the next day, Right leads Left"),
        (c15_apart(0.9), APART, "inconclusive", "With the next day left out"),
        (c15_apart(0.9, nobs=5040), APART, "rejected", "; the other way no more"),
        (c15_apart(0.001, days="4-8"), RESTS, "supported", "moves 4 to 8 days before"),
    ],
)
def test_a_lead_where_closes_are_apart_is_one_beyond_the_next_day(results, flags, verdict, words):
    facts = Facts(Made(results, flags=flags))
    claim = evaluated(DECLARED["C15"], facts, frozenset({verdict}))
    assert claim.verdict == verdict, claim.text
    assert words in claim.text
    assert not any("block" in key or "share_ab[5]" in key for key in claim.evidence)
    lint(claim.text)


@pytest.mark.parametrize("flags", [APART, RESTS])
def test_what_daily_numbers_cannot_tell_is_not_tested(flags):
    clocked = {one for one, declared in DECLARED.items() if declared.one_clock}
    assert {"C12", "C22a", "C22b", "C23", "C26", "C27", "C28", "C36"} <= clocked
    for claim_id, results, verdict, _ in CASES:
        if claim_id == "C15" or verdict == "not tested":  # rests on other keys then
            continue
        facts = Facts(Made(results, path=np.full(500, 0.5), flags=flags))
        claim = evaluated(DECLARED[claim_id], facts, frozenset({verdict}))
        assert claim is None or (claim.verdict == "not tested") == (claim_id in clocked), claim_id
        if claim_id in clocked and claim is not None:
            why = "Right stands still on many days" if flags is RESTS else "different times"
            assert why in claim.text
            lint(claim.text)


@pytest.mark.parametrize(
    ("value", "half", "size", "answer"),
    [
        (0.56, 0.03, None, "yes"),
        (0.53, 0.02, "open", "yes"),
        (0.51, 0.005, "slight", "slightly"),
        (0.477, 0.013, "slight", "slightly"),
        (0.44, 0.03, None, "yes"),
    ],
)
def test_the_size_of_what_the_last_move_tells(value, half, size, answer):
    made = c27(share(value, half), share(0.5), 0.001)
    claim = evaluated(DECLARED["C27"], Facts(Made(made)), frozenset({"supported"}))
    assert (claim.size, claim.answer) == (size, answer)
    assert ("against" in claim.text) == (value < 0.5)
    assert "coin" not in claim.text


def test_a_claim_that_denies_a_change_takes_the_change_first():
    both = frozenset({"supported", "rejected"})
    claim = evaluated(DECLARED["C30"], Facts(Made(c30(0.01, 0.04, 0.001))), both)
    assert (claim.verdict, claim.size) == ("rejected", "slight")
    assert claim.pvalue == claim.pvalues.rejected


def test_the_page_controls_both_answers_at_once():
    """One p-value among many must be far smaller than one alone, whichever answer it is for."""
    few = {
        "macro.shift[vix]": est(0.02, 0.2, 0.38),
        "consistency.rolling_low[90]": est(0.3, 0.5, 0.70),
    }
    alone = {one: evaluate(Made(few), only=[one])[one] for one in ("C18b[vix]", "C26")}
    assert {claim.verdict for claim in alone.values()} == {"supported", "rejected"}
    silent = {f"macro.shift[{one}]": est(-0.2, 0.01, 0.22) for one in ("yield_10y", "hy_spread")}
    crowded = evaluate(Made({**few, **silent}))
    assert {crowded[one].verdict for one in alone} == {"inconclusive"}
    strong = {key: est(low, 0.5 * (low + high), high) for key, low, high in STRONG}
    page = evaluate(Made({**few, **strong}))
    tested = [claim for claim in page if claim.pvalues is not None]
    family = [min(claim.pvalues) for claim in tested]
    found = closed_discoveries(family)
    assert sum(found) >= len(STRONG)
    for claim, one in zip(tested, found, strict=True):
        assert claim.discovered == one
        assert (claim.verdict == "inconclusive") == (not one)
    adjusted = [min(claim.pvalues_adjusted) for claim in tested]
    assert adjusted == pytest.approx(false_discovery_control(family, method="by").tolist())
    for claim in tested:
        nearer = claim.pvalues.index(min(claim.pvalues))
        assert claim.pvalues_adjusted[1 - nearer] >= claim.pvalues_adjusted[nearer]


def test_a_fall_answers_no_to_whether_r_rises():
    fall, rise = ((sign * 0.25, sign * 0.4, sign * 0.55) for sign in (-1.0, 1.0))
    claims = [
        evaluated(DECLARED["C16"], Facts(Made(c16(tuple(sorted(one))))), YES)
        for one in (fall, rise)
    ]
    assert [claim.verdict for claim in claims] == ["supported", "supported"]
    assert [claim.answer for claim in claims] == ["no", "yes"]


def test_a_change_is_never_told_by_a_split_that_may_be_none():
    for low, high, split, size in (
        (0.0, 0.15, (-0.02, 0.14), "slight"),
        (0.0, 0.7, (-0.1, 0.6), "open"),
        (0.25, 0.7, (-0.1, 0.6), "open"),  # another split is wider for sure
    ):
        claim = evaluated(DECLARED["C18a"], Facts(Made(c18a(low, high, split))), YES)
        assert (claim.verdict, claim.size) == ("supported", size)
        assert str(claim.sentence).startswith("It has moved and come back")
        assert "(" not in claim.text
        assert claim.answer == ("slightly" if size == "slight" else "yes")


def test_where_no_draw_reached_the_test_the_widest_split_says_how_sure_it_is():
    made = c18a(0.25, 0.7, (0.3, 0.6))
    floor = replace(SMALL, pvalue=0.002, pvalue_bound="<=")
    claims = [
        evaluated(DECLARED["C18a"], Facts(Made({**made, "stability.cusum_r": one})), YES)
        for one in (floor, replace(floor, pvalue_bound=None))
    ]
    split = made["stability.shift_split"]
    one = 2.0 * stats.norm.sf(split.value / (split.high - split.value) * stats.norm.ppf(0.975))
    assert claims[0].pvalues.supported == pytest.approx(1.0 - (1.0 - one) ** 3, rel=1e-6)
    assert claims[1].pvalues.supported == 0.002
    weak = {**c18a(0.0, 0.7, (-0.1, 0.6)), "stability.cusum_r": floor}
    assert evaluated(DECLARED["C18a"], Facts(Made(weak)), YES).pvalues.supported == 0.002


def test_the_margin_is_told_in_r_at_the_level_of_the_pair():
    near = {R: est(0.9983, 0.9986, 0.9989)}
    same = c18a(0.0, 0.15, (-0.1, 0.14), LARGE, SMALL)
    rejected = frozenset({"rejected"})
    text = evaluated(DECLARED["C18a"], Facts(Made(same)), rejected).text
    assert "r between +0.58 and +0.79 counts as the same" in text
    text = evaluated(DECLARED["C18a"], Facts(Made(same | near)), rejected).text
    assert "r between +0.9979 and +0.99906" in text


def run_of(name, result, *, part=False):
    return SimpleNamespace(name=name, part=part, result=result, form="lag")


def test_runs_take_the_years_difference_or_only_its_size():
    analysis = Made(c35(0.25, 0.8))
    facts, declared = Facts(analysis), DECLARED["C35"]
    analysis.further = {
        "consistency.years": [run_of("capped", SMALL)],
        "consistency.years_gap": [run_of("by half", est(0.19, 0.5, 0.7, 0.90))],
    }
    claim = evaluated(declared, facts, YES)
    assert (claim.verdict, claim.size) == ("supported", "open")
    assert claim.word == "Yes, size open"
    assert all(one["agrees"] for one in claim.sensitivity)
    analysis.further["consistency.years_gap"] = [run_of("by half", est(0.21, 0.5, 0.7, 0.90))]
    assert evaluated(declared, facts, YES).size is None
    analysis.further["consistency.years"] = [run_of("capped", LARGE)]
    claim = evaluated(declared, facts, YES)
    assert (claim.verdict, claim.size) == ("inconclusive", None)
    assert claim.text.startswith("Do the years differ? Can’t tell. From +0.85")
    assert claim.text.endswith(". The answer differs capped.")


@given(st.floats(-2, 2), st.floats(0, 1), st.floats(0.01, 1))
def test_the_rule_has_one_outcome_and_mirrors(value, half, margin):
    one = est(value - half, value, value + half)
    flip = {"supported": "rejected", "rejected": "supported", "inconclusive": "inconclusive"}
    assert above(one, margin) == flip[below(one, margin)]
    outcome = beyond(one, margin)
    assert within(one, margin) == flip[outcome]
    if outcome == "supported":
        assert abs(value) > margin
    if outcome == "rejected":
        assert abs(value) < margin


def test_an_open_end_never_decides():
    half = est(10.0, 20.0, None, bound="unbounded")
    assert below(half, 252.0) == "inconclusive"
    assert above(half, 5.0) == "supported"
    assert above(seen(0.5), 0.1) == "inconclusive"


VERDICTS = st.sampled_from(["supported", "rejected", "inconclusive", "not tested"])


@given(VERDICTS, st.lists(st.booleans(), max_size=4))
def test_sensitivity_only_downgrades(verdict, agreements):
    final = downgraded(verdict, [run("x", 0.0, agrees=a) for a in agreements])
    assert final in {verdict, "inconclusive"}
    assert final == verdict or not all(agreements)
    assert verdict != "not tested" or final == "not tested"
