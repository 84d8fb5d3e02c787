"""Rows of the comparison that are no claims: each answer, its words, and what decides it."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest
from support import study_of
from wording import brief

from convex_research import analyze
from convex_research.claims.answers import comparison_rows
from convex_research.core.estimates import Estimate, Missing, NotComputed, TestResult
from convex_research.returns import resample

FIRST, LAST = date(2000, 1, 4), date(2018, 12, 31)


def est(low, value, high, nobs=1260):
    return Estimate(
        value=value,
        low=low,
        high=high,
        confidence_level=0.95,
        method="HAC",
        nobs=nobs,
        start=FIRST,
        end=LAST,
    )


def seen(value, unit="decimal", start=FIRST, end=LAST):
    return Estimate(value=value, method="observed", nobs=252, unit=unit, start=start, end=end)


def p(value):
    return TestResult(
        statistic=2.0, pvalue=value, null="n", alternative="a", distribution="d", nobs=1260
    )


class Made(dict):
    """An analysis of two prices that holds just these results."""

    clock_flags = ()

    def __init__(self, results):
        super().__init__(results)
        self.config = SimpleNamespace(year=252)
        legs = [
            SimpleNamespace(instrument=SimpleNamespace(name=name, kind="price", id=name))
            for name in ("Left", "Right")
        ]
        self.returns = SimpleNamespace(
            frequency="daily",
            units=("decimal", "decimal"),
            periods_per_year=252,
            prices=SimpleNamespace(a=legs[0], b=legs[1]),
        )


def row(ident, results, claims=()):
    return {one.id: one for one in comparison_rows(Made(results), claims)}[ident]


def grown(ratio, change, pvalue):
    return {
        "volatility.ratio[252]": est(*ratio, nobs=252),
        "volatility.ratio_change[252]": est(*change),
        "volatility.ratio_change_test[252]": p(pvalue),
    }


def captured(up, down, gap, pvalue):
    return {
        "performance.capture_up": est(up - 0.04, up, up + 0.04),
        "performance.capture_down": est(down - 0.04, down, down + 0.04),
        "performance.capture_gap": est(*gap),
        "performance.capture_gap_test": p(pvalue),
    }


def led(a, b, a5=None, b5=None):
    years = {} if a5 is None else {"[5y]": (a5, b5)}
    return {
        f"performance.change_{leg}{span}": seen(both["ab".index(leg)])
        for span, both in {"[1y]": (a, b), **years}.items()
        for leg in "ab"
    }


def won(share, pvalue, half=0.2):
    return {
        "performance.wins[year]": est(share - half, share, min(share + half, 1.0), nobs=20),
        "performance.wins_test[year]": p(pvalue),
    }


def fell(a, b, days_a=None, days_b=None):
    made = {}
    for leg, depth, days in (("a", a, days_a), ("b", b, days_b)):
        made[f"performance.max_drawdown_{leg}"] = seen(depth)
        none = NotComputed(Missing.NOT_IN_SAMPLE, "has not regained its peak")
        made[f"performance.drawdown_last_{leg}"] = seen(-0.14)
        made[f"performance.recovery_{leg}"] = none if days is None else seen(days, "days")
    return made


CASES = [
    ("N8", grown((1.3, 1.5, 1.7), (1.12, 1.3, 1.5), 0.001), "Yes", "Left’s volatility was 1.50 "),
    (
        *("N8", grown((0.59, 1 / 1.5, 0.77), (0.6, 1 / 1.25, 0.88), 0.001), "Yes"),
        (
            "Right’s volatility was 1.50 times (1.30 to 1.69) Left’s in the past year, 1.20 times "
            "in the four years before."
        ),
    ),
    ("N8", grown((1.3, 1.5, 1.7), (1.02, 1.3, 1.5), 0.01), "Yes, size open", "1.15 times in the"),
    (
        "N8",
        grown((1.3, 1.5, 1.7), (1.01, 1.05, 1.09), 0.0001),
        "Yes, slightly",
        "less than the tent",
    ),
    ("N8", grown((1.1, 1.2, 1.3), (0.6, 0.7, 0.8), 0.001), "No", "It has shrunk: Left’s"),
    ("N8", grown((1.1, 1.2, 1.3), (0.97, 1.0, 1.03), 0.9), "No", "the same within a tenth."),
    ("N8", grown((1.1, 1.2, 1.3), (0.7, 1.1, 1.6), 0.4), "Can’t tell", "Left’s volatility was"),
    (
        "N9",
        captured(0.9, 0.7, (0.1, 0.2, 0.3), 0.001),
        "Yes",
        "90 % (86 % to 94 %) of Right’s rise",
    ),
    ("N9", captured(0.9, 0.7, (0.1, 0.2, 0.3), 0.001), "Yes", "and only 70 % of its fall"),
    ("N9", captured(0.9, 0.86, (0.02, 0.04, 0.048), 1e-4), "Yes, slightly", "too little to matter"),
    ("N9", captured(0.6, 0.9, (-0.4, -0.3, -0.2), 0.001), "No", "and 90 % of its fall on down one"),
    ("N9", captured(0.7, 0.7, (-0.02, 0.0, 0.02), 0.9), "No", "70 % of its fall on down ones: ali"),
    ("N9", captured(0.7, 0.6, (-0.1, 0.1, 0.3), 0.3), "Can’t tell", "since 2000 and 60 % of its"),
    ("N9", captured(-0.3, 0.2, (-0.8, -0.5, -0.2), 0.01), "Not tested", "against each other"),
    (
        *("N10", led(0.33, 0.2, 0.3, 0.7), "Left"),
        "It gained 33 % in the past year, Right 20 %; over five years Right led.",
    ),
    (
        "N10",
        led(-0.3, 0.02, 0.3, 0.7),
        "Right",
        "It gained 2 % in the past year, Left lost 30 %; i",
    ),
    (
        "N10",
        led(-0.3, -0.02, 0.3, 0.7),
        "Right",
        "It lost 2 % in the past year, Left 30 %; it led o",
    ),
    ("N10", led(0.33, 0.2), "Left", "It gained 33 % in the past year, Right 20 %."),
    (
        *("N11", won(0.8, 0.001), "Yes"),
        "Left was ahead in 16 of 20 full years (60 % to 100 %), 2000 to 2018.",
    ),
    ("N11", won(0.2, 0.001), "Yes", "Right was ahead in 16 of 20 full years"),
    ("N11", won(0.5, 1.0), "Can’t tell", "Left was ahead in 10 of 20 full years (30 % to 70 %), 2"),
    (
        *("N12", fell(-0.56, -0.59, 1983, 1362), "Left longer"),
        (
            "It needed 1,983 days to regain its peak of January 2000, Right 1,362 days, though "
            "Right had fallen further."
        ),
    ),
    (
        "N12",
        fell(-0.56, -0.5, 100, 900),
        "Right longer",
        "It needed 900 days to regain its peak of",
    ),
    ("N12", fell(-0.56, -0.5, None, 900), "Left still is", "It is 14 % below its peak of January"),
    ("N12", fell(-0.56, -0.5), "Both still are", "Left is 14 % below its peak of January"),
]


@pytest.mark.parametrize(("ident", "results", "word", "words"), CASES)
def test_each_answer(ident, results, word, words):
    found = row(ident, results)
    assert found.word == word
    assert words in str(found.sentence)
    brief(found, "Left", "Right")
    assert all(key in results for key in found.keys)


def test_what_would_be_found_stands_beside_an_open_answer_only():
    unclear = row("N8", grown((1.1, 1.2, 1.3), (0.7, 1.1, 1.6), 0.4))
    assert "four times in five" in unclear.notes[-1]
    shown = row("N8", grown((1.3, 1.5, 1.7), (1.12, 1.3, 1.5), 0.001))
    assert not any("four times" in one for one in shown.notes)


def test_rows_are_under_the_error_control_of_the_page():
    results = grown((1.3, 1.5, 1.7), (1.02, 1.3, 1.5), 0.02)
    assert row("N8", results).answer == "yes"
    none = [SimpleNamespace(pvalues=(0.9, 0.9)) for _ in range(20)]
    assert row("N8", results, none).answer == "open"


@pytest.mark.parametrize("leg", ["nasdaq", "wti", "vix"])
def test_rows_of_real_pairs(leg):
    study = study_of("sp500", leg)
    rows = comparison_rows(study, study.claims)
    assert [one.id for one in rows] == ["N10", "N11", "N12", "N8", "N9"]
    assert all(key in study for one in rows for key in one.keys)
    for one in rows:
        brief(one, "S&P 500", "Nasdaq Composite", "WTI crude oil")
        # Oil closes at another hour: what it gains and loses on the same days is not judged.
        assert (one.answer == "untested") == (leg == "vix" or (leg, one.id) == ("wti", "N9"))
        assert one.to_dict()["text"] == one.text


def test_rows_of_weeks_and_of_few_days(peers):
    weekly = analyze(resample(peers.returns, "weekly"))
    rows = comparison_rows(weekly, weekly.claims)
    assert "in the last 252 weeks" in str(rows[3].sentence)
    assert "on its up weeks since 1999" in str(rows[4].sentence)
    short = peers.returns
    few = replace(
        short,
        values=short.values[-146:],
        levels=short.levels[-147:],
        price_dates=short.price_dates[-147:],
    )
    analysis = analyze(few)
    led_, won_, under, grown_, _ = comparison_rows(analysis, analysis.claims)
    assert {led_.word, won_.word, grown_.word} == {"Not tested"}
    assert under.word == "Both still are"
