"""Every sentence of every claim keeps the rules of a page's words, in unlike worlds."""

import re
from functools import cache

import numpy as np
import pandas as pd
import pytest
from support import series_data, study_of
from wording import answers_its_question, brief

from convex_research import AnalysisConfig, Pair, align, analyze
from convex_research.claims.answers import comparison_rows
from convex_research.claims.coherence import giving_way
from convex_research.claims.facts import Facts
from convex_research.core.sentences import Quantity
from convex_research.data import load_series
from convex_research.data.series import Prices
from convex_research.statistics.simulate.worlds import sv_returns

DAYS = 1300
RNG = np.random.default_rng(5)
A, B = (x[:, 0] for x in sv_returns(DAYS, 1, rho=0.8, seed=3))
OWN = RNG.standard_normal(DAYS)
LATE = np.arange(DAYS) > 700
CONFIG = AnalysisConfig(
    windows=(21, 63, 126, 504), rolling_window=60, recent_window=40, confidence_level=0.9
)


def study(a, b, *kinds, config=None):
    """Of two series of returns in per cent, or of yields in hundredths."""
    days, made = pd.bdate_range("2014-01-01", periods=a.size + 1), []
    for name, x, kind in zip(("one", "other"), (a, b), kinds or ("price", "price"), strict=True):
        steps = np.append(0.0, x)
        path = 100.0 * np.cumprod(1.0 + 0.01 * steps)
        values = path if kind == "price" else 5.0 + 0.01 * steps.cumsum()
        made.append(series_data(name, pd.Series(values, days), id=name, kind=kind))
    category = "peer" if "rate" not in kinds else "rate"
    pair = Pair("sample:sp500", "sample:nasdaq", category=category)
    return analyze(align(Prices(pair, *made)), config)


def helped(a, b, **roles):
    plain = study_of(a, b)
    return analyze(
        plain.returns,
        plain.config,
        helpers={role: load_series(f"sample:{name}") for role, name in roles.items()},
    )


def broken(before, after):
    """r that changes on a day."""
    mixed = [np.where(LATE, after, before) * A, np.sqrt(1.0 - np.where(LATE, after, before) ** 2)]
    return mixed[0] + mixed[1] * OWN


WORLDS = {
    "peers": lambda: helped("sp500", "nasdaq", vix="vix"),
    "index level": lambda: study_of("sp500", "vix"),
    "level first": lambda: study_of("vix", "sp500"),
    "near zero": lambda: helped("nasdaq", "wti", market="sp500", vix="vix"),
    "two clocks": lambda: study_of("sp500", "wti"),
    "weekly": lambda: study_of("sp500", "nasdaq", config=AnalysisConfig(frequency="weekly")),
    "monthly": lambda: study_of("sp500", "nasdaq", config=AnalysisConfig(frequency="monthly")),
    "other windows": lambda: study(A, B, config=CONFIG),
    "twins": lambda: study(A, A + 0.04 * OWN * np.where(LATE, 2.0, 1.0)),
    "opposite twins": lambda: study(A, -A + 0.04 * OWN),
    "nearly twins": lambda: study(A, A + 0.18 * OWN),
    "exact": lambda: study(A, 2.0 * A),
    "short": lambda: study(A[:200], B[:200]),
    "price and yield": lambda: study(A, -B, "price", "rate"),
    "yields": lambda: study(A, B, "rate", "rate"),
    "break": lambda: study(A, broken(0.9, 0.4)),
    "break to against": lambda: study(A, broken(0.3, -0.6)),
    "lead": lambda: study(A, 0.6 * np.append(0.0, A[:-1]) + 0.5 * A + OWN),
    "against": lambda: study(A, -0.5 * np.append(0.0, A[:-1]) + 0.5 * A + OWN),
}


@cache
def made_in(world):
    return WORLDS[world]()


@pytest.mark.parametrize("world", WORLDS)
def test_every_sentence_keeps_the_rules(world):
    made = made_in(world)
    facts = Facts(made)
    names = sorted({facts.a, facts.b}, key=len, reverse=True)
    claims = {one.id: one for one in made.claims}
    assert len(claims) > 10
    for claim in claims.values():
        brief(claim, *names)
        answers_its_question(claim)
        assert claim.text.startswith(claim.question)
        assert "100 %" not in claim.reach, claim.text
        decided = claim.answer in {"yes", "slightly"}
        for number in claim.sentence.fields.values():
            if isinstance(number, Quantity) and decided and not claim.named:
                assert not re.search("−.*[+]", number.ends), claim.text
            if isinstance(number, Quantity) and re.search(r"\b100 %", str(number)):
                found = made[number.key]
                assert 1.0 in {found.value, found.low, found.high}, claim.text
        assert claim.id == "C32" or not re.search(r"\b(stable|steady|steadily)\b", claim.text)
        if world in {"weekly", "monthly"} and claim.id != "C09":  # needs daily data
            assert not re.search(r"\b(day|days|today)\b", claim.text), claim.text
    assert not giving_way(claims, facts)
    for child in (one for one in claims.values() if one.parent):
        assert child.parent in claims or child.parent.startswith("C18b"), child.id


@pytest.mark.parametrize("world", WORLDS)
def test_rows_that_are_no_claims_keep_them_too(world):
    made = made_in(world)
    facts = Facts(made)
    for one in comparison_rows(made, made.claims):
        brief(one, *sorted({facts.a, facts.b}, key=len, reverse=True))
        assert all(key in made for key in one.keys), one.text
        if world in {"weekly", "monthly"} and one.id != "N12":  # which counts days of the calendar
            assert not re.search(r"\b(day|days|today)\b", one.text), one.text


def test_the_worlds_are_unlike():
    """Each answer to most questions of the correlation page is given somewhere."""
    given = {}
    for world in WORLDS:
        for claim in made_in(world).claims:
            given.setdefault(claim.id, set()).add(claim.answer)
    assert {"yes", "open"} <= given["C18a"]
    assert {"no", "open"} <= given["C15"]
    assert {"yes", "no", "open"} <= given["C23"]
