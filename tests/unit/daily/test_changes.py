"""Changes of a record: each with its statistic, its interval, and what that is."""

import pytest

from convex_research.daily.watch.changes import changes, summary_of
from convex_research.daily.watch.look import Move, Watched


def estimate(value, low=None, high=None, **more):
    bounds = {} if low is None else {"low": low, "high": high, "confidence_level": 0.95}
    return {"value": value, "method": "m", "nobs": 500, "unit": "dimensionless", **bounds, **more}


def record(**claims):
    test = {"statistic": -2.5, "pvalue": 0.01}
    return {
        "as_of": "2024-05-03",
        "data": {"quality": [], "frequency": "daily"},
        "estimates": {
            "recent.difference[90]": estimate(-0.31, -0.5, -0.1, unit="Fisher z"),
            "recent.difference_r[90]": estimate(-0.12, -0.2, -0.03),
            "rolling.pearson_min_5y[90]": estimate(0.11, -0.2, 0.4),
            "stability.breaks": estimate(2.0, unit="breaks"),
            "stability.break[2]": estimate(700.0, start="2023-05-01", end="2023-07-14"),
            "correlation.pearson[252]": estimate(0.51, 0.4, 0.6),
            "spread.zscore": estimate(1.5),
        },
        "tests": {
            "recent.fisher": test,
            "stability.cusum_r": {"statistic": 1.7, "pvalue": 0.02},
            "rolling.pearson_min_test[90]": {"statistic": 0.11, "pvalue": 0.03},
        },
        "claims": [
            {"id": name, "text": "A sentence.", "pvalue": None, **claim}
            for name, claim in claims.items()
        ],
    }


BEFORE = {
    "verdicts": {"C29": "supported", "C25[252]": "supported", "C18a": "supported"},
    "words": {"C29": "No", "C18a": "Yes"},
    "recent": 0.4,
    "breaks": 1.0,
    "lowest": 0.3,
    "highest": 0.9,
    "quality": [],
}
CLAIMS = {
    "C29": {
        "question": "Has that changed lately?",
        "word": "Yes",
        "verdict": "rejected",
        "evidence": ["recent.fisher", "spread.zscore", "recent.difference[90]"],
        "pvalue": 0.012,
    },
    "C25[252]": {"verdict": "inconclusive", "evidence": ["correlation.pearson[252]"]},
    "C18a": {"verdict": "not tested", "evidence": []},
}
MOVE = Move(0.031, 4.2, 1e-4, 1, 1170, -0.014, 0.015)
SEEN = Watched("2024-05-03", 0.3, 0.9, slice(0, 1170), MOVE)


def found():
    made = list(changes(record(**CLAIMS), BEFORE, SEEN))
    return {(one["kind"], one.get("claim", "")): one for one in made}


def test_nothing_made_by_other_methods_is_compared():
    made = changes({**record(**CLAIMS), "methods": "2"}, BEFORE, SEEN)
    assert [one["kind"] for one in made] == ["move"]
    kept = summary_of({**record(**CLAIMS), "methods": "2"})
    assert kept["methods"] == "2"
    assert summary_of(record(**CLAIMS))["methods"] == "1"


def test_every_change_says_what_it_measured_and_how_well():
    made = found()
    assert len(made) == 7
    for one in made.values():
        assert {"statistic", "value", "low", "high", "shown", "covers", "pvalue"} <= set(one)
        assert one["covers"]
    flipped = made["verdict", "C29"]
    assert flipped["words"] == "Has that changed lately? Yes; before: No."
    # A record that has no words says the hypothesis and its verdict.
    hypothesis = "Correlation has changed at some date"
    assert made["verdict", "C18a"]["words"] == f"“{hypothesis}”: not tested; before: Yes."
    # The claim's own interval: the first of its evidence that has one; and its own p-value.
    assert flipped["shown"].replace("\N{MINUS SIGN}", "-") == "-0.31 (-0.50 to -0.10)"
    assert flipped["covers"].startswith("95")
    assert flipped["covers"].endswith("interval of recent.difference[90]")
    assert (flipped["statistic"], flipped["pvalue"]) == (-2.5, 0.012)
    by_interval = made["verdict", "C25[252]"]
    assert (by_interval["low"], by_interval["high"]) == (0.4, 0.6)
    assert by_interval["statistic"] is None
    assert made["verdict", "C18a"]["shown"] == ""
    assert "not tested now" in made["verdict", "C18a"]["covers"]
    assert made["recent", ""]["statistic"] == -2.5
    assert made["extreme", ""]["high"] == 0.4


def test_a_break_has_an_interval_of_dates():
    one = found()["break", ""]
    assert one["shown"] == "2023-05-01 to 2023-07-14"
    assert one["words"] == "2 breaks are dated where there was 1."
    assert (one["statistic"], one["pvalue"]) == (1.7, 0.02)


def test_a_move_comes_with_the_range_of_usual_moves():
    one = found()["move", ""]
    assert (one["low"], one["high"]) == (-0.014, 0.015)
    assert one["statistic"] == 4.2
    assert "once as large in the 1,170 sessions" in one["words"]
    shown = one["shown"].replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{MINUS SIGN}", "-")
    assert shown == "+3.10 % (-1.40 % to +1.50 %)"


def test_nothing_changed_nothing_said():
    same = record(**{name: {**one, "verdict": "supported"} for name, one in CLAIMS.items()})
    before = summary_of(same)
    assert list(changes(same, before, None)) == []


@pytest.mark.parametrize("missing", ["stability.break[2]", "recent.difference_r[90]"])
def test_a_number_that_is_not_there_leaves_the_rest(missing):
    without = record(**CLAIMS)
    del without["estimates"][missing]
    made = list(changes(without, BEFORE, SEEN))
    assert len(made) >= 6
