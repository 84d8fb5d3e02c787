"""Claims of one correlation and the index never contradict each other, over many pairs."""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from support import series_data

from convex_research import Pair, align, analyze
from convex_research.claims import Claim, evaluate
from convex_research.claims.coherence import beside, giving_way
from convex_research.core.estimates import Estimate
from convex_research.core.sentences import Sentence
from convex_research.data.series import Prices
from convex_research.publishing.index.entries import pair_entry
from convex_research.publishing.records import PairReport
from convex_research.statistics.simulate.worlds import normal_returns, sv_returns

QUESTIONS = ("C16", "C18a", "C29", "C35")


def claim(claim_id, verdict, size=None):
    yes = "rejected" if claim_id in {"C22a", "C22b", "C29"} else "supported"
    sentence = Sentence("f.")
    made = Claim(id=claim_id, hypothesis="h", question="q?", verdict=verdict, sentence=sentence)
    return replace(made, size=size, yes=yes)


def facts(split, start):
    one = Estimate(value=0.4, method="m", nobs=1260, unit="Fisher z")
    known = {
        "stability.shift_split": replace(one, day=split),
        "recent.difference[252]": replace(one, start=start),
    }
    return SimpleNamespace(year=252, estimate=known.get)


@pytest.mark.parametrize(
    ("shift", "years", "lately", "split", "gives_way"),
    [
        (("supported", None), ("rejected", None), ("supported", None), 2012, {"C35"}),
        (("supported", None), ("rejected", None), ("supported", None), 2018, {"C35", "C29"}),
        (("supported", "open"), ("rejected", None), ("supported", None), 2018, set()),
        (("supported", "slight"), ("rejected", None), ("supported", None), 2018, set()),
        (("rejected", None), ("supported", None), ("supported", None), 2018, {"C18a"}),
        (("rejected", None), ("supported", "open"), ("supported", None), 2018, set()),
        (("supported", None), ("supported", None), ("rejected", None), 2018, set()),
        (("inconclusive", None), ("inconclusive", None), ("supported", None), 2018, set()),
    ],
)
def test_no_gives_way_to_a_change_that_denies_it(shift, years, lately, split, gives_way):
    claims = {
        name: claim(name, *what)
        for name, what in (("C18a", shift), ("C35", years), ("C29", lately))
    }
    assert giving_way(claims, facts(date(split, 6, 1), date(2015, 1, 2))) == gives_way
    assert giving_way({}, facts(date(split, 6, 1), date(2015, 1, 2))) == set()


def said(**verdicts):
    """What is said beside each of these claims, by their verdicts."""
    given = {name: claim(name, *what) for name, what in verdicts.items()}
    return {one: str(found.sentence) for one, found in beside(given).items()}


def test_years_that_differ_without_a_shift_are_told_as_swings():
    years = ("supported", "open")
    assert "swings" in said(C35=years, C18a=("inconclusive",))["C18a"]
    assert "swings" in said(C35=years, C18a=("rejected",))["C18a"]
    assert said(C35=years, C18a=("supported",)) == {}
    assert said(C35=("inconclusive",), C18a=("rejected",)) == {}
    assert said() == {}


def test_selling_one_stands_beside_holding_both():
    fall, hedge = ("supported",), ("rejected",)
    assert said(C22a=fall, C22b=hedge)["C22a"].endswith("does protect.")
    assert said(C22a=fall, C22b=("inconclusive",)) == {}
    assert said(C22a=("rejected",), C22b=hedge) == {}


def study(a, b):
    days = pd.bdate_range("2014-01-01", periods=a.size + 1)
    made = [
        series_data(name, pd.Series(100.0 * np.cumprod(np.append(1.0, 1.0 + 0.01 * x)), days))
        for name, x in (("left", a), ("right", b))
    ]
    return analyze(align(Prices(Pair("sample:sp500", "sample:nasdaq"), *made)))


def paths():
    """Constant r, a lasting break, a break in the last year, and r that swings by the year."""
    for seed in range(2):
        for world in (normal_returns, sv_returns):
            high, low = (world(1260, 1, rho=r, seed=seed) for r in (0.85, 0.45))
            for part in (slice(0, 0), slice(700, None), slice(1008, None), slice(252, 504)):
                a, b = ((x[:, 0].copy(), y[:, 0]) for x, y in zip(high, low, strict=True))
                a[0][part], b[0][part] = a[1][part], b[1][part]
                yield a[0], b[0]


def test_no_page_contradicts_itself_or_the_index():
    answers = set()
    for a, b in paths():
        made = study(a, b)
        claims = {one.id: one for one in evaluate(made, only=QUESTIONS)}
        shift, years, lately = (claims[one] for one in ("C18a", "C35", "C29"))
        answers |= {(one.id, one.answer) for one in claims.values()}
        beyond = [one.answer == "yes" and one.size is None for one in (shift, years)]
        assert not (beyond[0] and years.answer == "no")
        assert not (beyond[1] and shift.answer == "no")
        split = made["stability.shift_split"]
        if shift.answer in {"yes", "slightly"} and split.low < 0.0 < split.high:
            assert "moved and come back" in shift.text
            assert "(" not in str(shift.sentence)
        if years.answer == "yes" and shift.answer in {"no", "open"}:
            assert "swings" in shift.text
        record = {**made.to_dict(), "claims": [one.to_dict() for one in claims.values()]}
        entry = pair_entry(PairReport("x", record, ("correlation",)), {})
        changed = lately.answer in {"yes", "slightly"}
        assert ("changed" in entry["flags"]) == changed == (entry["change"]["direction"] != "open")
        assert entry["change"]["pvalue"] == lately.pvalue
        assert ("unstable" in entry["flags"]) == (shift.verdict == "supported")
        for one in claims.values():
            assert "stable" not in one.text
    assert {("C18a", "yes"), ("C18a", "open"), ("C29", "yes"), ("C29", "open")} <= answers
    assert {("C35", "yes"), ("C35", "open")} <= answers
