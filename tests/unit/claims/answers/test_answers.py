"""First screens of unlike pairs: five answers, three of an instrument, in few words."""

import re
from dataclasses import replace

import numpy as np
import pytest
from wording import BANNED
from worlds import NAMES, E, moves, of, series, world

import convex_research as cr
from convex_research.claims.answers.comparison import riskier
from convex_research.claims.answers.words import closeness, ranked
from convex_research.claims.facts import Facts
from convex_research.core.estimates import Estimate, Interval
from convex_research.core.sentences import Quantity
from convex_research.publishing.meta.describe import describe, index_line, page_title

KINDS = ("correlation", "comparison")
QUESTIONS = {
    "correlation": ("C25", "C29", "N1", "C22b", "N2"),
    "comparison": ("N3", "N4", "N5", "N6", "N7"),
}


@pytest.fixture(scope="module", params=NAMES)
def study(request):
    return world(request.param)


def plain(text):
    return re.sub(r"[\u202f\xa0]", " ", text)


def words(text):
    """Words as a reader counts them: a number with its unit is one, and so is a name."""
    return re.sub(r"[\s\u202f]%|[\u202f\xa0]", "%", text).split()


@pytest.mark.parametrize("kind", KINDS)
def test_five_answers_in_few_words(study, kind):
    answers = study.answers(kind)
    assert tuple(one.id for one in answers) == QUESTIONS[kind]
    for one in answers:
        said = str(one.sentence)
        bare = re.sub(r" \([^)]*\)", "", said)
        assert len(words(bare)) <= 15, said
        assert said[0].isupper() or said[0].isdigit() or said[0] in "+−$"
        assert said.endswith(".")
        numbers = [x for x in one.sentence.fields.values() if isinstance(x, Quantity)]
        assert len(numbers) <= 3
        assert all(not x.ends for x in numbers[2:])
        shown = " ".join((one.question, one.word, str(one.number or ""), one.label, said))
        assert not BANNED.search(shown), shown
        assert one.window in one.label
        assert "{" not in shown
        assert one.keys or one.answer == "untested"
        for key in one.keys:
            assert key in study, key


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_rounded_onto_what_it_is_not(study, kind):
    text = str(study.first_screen(kind))
    assert not re.search(r"\bnan\b|\binf\b|None", text)
    assert not re.search(r"[+−]1\.00\b", text)
    assert not re.search(r"(?<!to )\b100 %", text)
    for one in study.answers(kind):
        if one.number is not None and one.number.ends.endswith("100 %"):
            assert study[one.keys[0]].high == 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_the_record_and_the_index_say_the_same(study, kind):
    record, screen = study.to_dict(kind), study.first_screen(kind)
    assert page_title(record) == screen.title
    for stored, one in zip(record["summary"], screen.answers, strict=True):
        assert stored["text"] == one.text
        assert f"{one.question} {one.word}" in describe(record)
        if one.number is not None:
            assert plain(one.number.text) in describe(record)
    assert index_line(record).endswith(".")


def test_what_claims_answer_is_the_claims_own_answer(study):
    for one in study.answers():
        if one.id in study.claims.ids:
            claim = study.claims[one.id]
            assert (one.answer, one.word) == (claim.answer, claim.word)
            if one.number is not None:
                assert set(one.keys) & set(claim.evidence)


def test_what_further_runs_leave_open_is_open_on_the_other_page():
    study = world("ordinary")
    claim, facts = study.claims["C32"], Facts(study)
    unclear = replace(claim, verdict="inconclusive", size=None, changed_by="by weeks")
    assert riskier(facts, unclear).word == "Can’t tell"
    assert str(riskier(facts, unclear).sentence).endswith(": further runs differ.")
    assert riskier(facts, replace(claim, verdict="rejected", size=None)).word == "Alike"


def test_titles_are_findings():
    assert (
        world("ordinary").first_screen().title
        == "AAA and BBB move moderately together; no clear recent change"
    )
    assert "move moderately against each other" in world("against").first_screen().title
    assert world("unlinked").first_screen().title.startswith("AAA and BBB: no clear link, and ")
    assert world("twins").first_screen().title.startswith("AAA and BBB move in step; ")
    assert world("exact").first_screen().title == "AAA and BBB move exactly in step"
    assert world("exact").first_screen("comparison").title == "AAA and BBB do the same"
    assert world("61").first_screen().title.count(";") == 0
    assert world("level").first_screen("comparison").title.endswith("no scale to compare them on")


def test_twins_are_asked_of_the_gap_between_them():
    first, change, today, _, ahead = world("twins").answers()
    r = world("twins")["correlation.pearson[252]"]
    assert float(first.number.text) == pytest.approx(1.0 - r.value, rel=0.05)
    assert first.label == "short of r = +1, past year"
    assert "Tracking error" in str(first.sentence)
    z = world("twins")["recent.difference_joint[252]"]
    assert float(change.number.text.rstrip("×")) == pytest.approx(np.exp(-z.value), rel=0.01)
    assert today.keys[0] == "spread.tracking_error_usual[90]"
    assert ahead.question == "What tracking error next month?"


@pytest.mark.parametrize("kind", ["apart", "rare"])
def test_closes_apart_are_read_with_a_days_leeway(kind):
    first, change, today, hedge, ahead = world(kind).answers()
    assert first.keys[0] == "correlation.synchronised[all]"
    assert first.word.startswith("At least") == (kind == "rare")
    assert change.keys[0] == "recent.weekly_difference[104]"
    assert change.label.startswith("weekly r, past 2 years less 4 years")
    assert today.keys[0] == "rolling.synchronised_usual[504]"
    assert hedge.answer == ahead.answer == "untested"
    assert "Read r with a day’s leeway" in str(world(kind).first_screen().banner)
    assert world("ordinary").first_screen().banner is None


def test_what_leeway_does_not_raise_is_not_called_too_low():
    # The link of the next day takes away what that of the day has.
    link = np.append(-0.3 * E[0][1:], 0.0) + E[0] + 0.8 * E[1]
    never, weekdays = series(0.01 * E[0], "AAA", freq="D"), series(0.01 * link, "BBB", freq="D")
    study = of(never, weekdays[weekdays.index.day_of_week < 5])  # which tells that closes differ
    wide, daily = (study[f"correlation.{key}[all]"].value for key in ("synchronised", "pearson"))
    assert study.clock_flags
    assert abs(wide) < abs(daily)
    assert "too low" not in study.summary()
    assert "understates" not in str(study.first_screen().banner)


def test_a_level_cannot_be_bought_and_has_no_scale_in_common():
    hedge = world("level").answers()[3]
    assert hedge.word == "Only on paper"
    assert str(hedge.sentence).startswith("GAUGE itself cannot be bought")
    assert all(one.answer == "untested" for one in world("level").answers("comparison"))
    riskier = world("rates").answers("comparison")[2]
    assert riskier.answer != "untested"


def test_a_year_is_one_only_where_it_has_the_days():
    assert world("ordinary").answers()[0].window == "past year"
    assert world("crypto").answers()[0].window == "last 252 days"
    assert world("weekly").answers()[0].window == "past 2 years"
    assert "Nineteen" not in str(world("windows").answers()[4].sentence)
    assert world("weekly").answers()[4].question == "What correlation over the next 21 weeks?"


def test_short_samples_say_what_is_missing():
    for name, missing in (("61", 4), ("120", 4), ("300", 3)):
        answers = world(name).answers()
        assert sum(one.answer in {"untested", "open"} for one in answers) >= missing
        for one in answers:
            if one.answer == "untested":
                assert "needs" in str(one.sentence).lower()


def test_the_forecast_is_the_winners():
    claim = world("ordinary").claims["C30"]
    key = world("ordinary").answers()[4].keys[0]
    assert (key == "forecast.pearson[21]") == (claim.answer != "no")


def estimate(value, low=None, high=None, **more):
    level = None if low is None else 0.95
    return Estimate(
        value=value, low=low, high=high, confidence_level=level, method="m", nobs=1_000, **more
    )


@pytest.mark.parametrize(
    ("ends", "weaker", "stronger"),
    [
        ((0.80, 0.9), "very closely", "very closely"),
        ((0.79, 0.9), "closely", "very closely"),
        ((-0.91, -0.42), "moderately", "very closely"),
        ((0.05, 0.25), "hardly", "loosely"),
    ],
)
def test_the_weaker_end_gives_the_word(ends, weaker, stronger):
    assert closeness(estimate(sum(ends) / 2.0, *ends)) == (weaker, stronger)


@pytest.mark.parametrize(
    ("rank", "inside", "said"),
    [
        (12.5, True, "One day in eight since 2000 was lower; unusual would be one in forty."),
        (80.0, True, "One day in five since 2000 was higher; unusual would be one in forty."),
        (45.0, True, "Near the middle: 45 % of days since 2000 were lower."),
        (99.0, False, "Only one day in 100 since 2000 was higher; unusual is one in forty."),
        (0.05, False, "No day since 2000 was lower."),
    ],
)
def test_ranks_in_words(rank, inside, said):
    usual = (
        estimate(0.5, 0.4 if inside else 0.6, 0.9, interval=Interval.HISTORY)
        if inside
        else (
            Estimate(value=0.95, low=0.4, high=0.9, confidence_level=0.95, method="m", nobs=1_000)
        )
    )
    code, word, sentence = ranked(usual, estimate(rank, unit="percent"), "day", "since 2000")
    assert (code, word) == (("no", "No") if inside else ("yes", "Yes"))
    assert plain(str(sentence)) == said


def test_an_index_line_is_perhaps_where_it_counts_alone():
    summary = [{"id": "C29", "answer": "yes", "way": "closer", "question": "?", "word": "Yes"}]
    key = "correlation.pearson[252]"
    fields = {"value": 0.77, "low": 0.7, "high": 0.85, "confidence_level": 0.95}
    record = {
        "estimates": {key: {**fields, "method": "m", "nobs": 252, "unit": "dimensionless"}},
        "summary": summary,
        "claims": [{"id": "C29", "verdict": "rejected"}],
    }
    found, lost = ({"discovered": one} for one in (True, False))
    assert index_line(record, found) == "Strong to very strong link; closer lately."
    assert index_line(record, lost) == "Strong to very strong link; perhaps closer lately."
    summary[0] |= {"answer": "open", "way": ""}
    assert index_line(record, lost) == "Strong to very strong link; no clear change."


@pytest.fixture(scope="module", params=["price", "fall", "level", "short"])
def instrument(request):
    a = moves(3)[0]
    one = series(a - (0.002 if request.param == "fall" else 0.0), "AAA")
    if request.param == "short":
        one = one[:70]
    study = of(
        one,
        series(moves(4)[0], "BBB"),
        kind=("level" if request.param == "level" else "price", "price"),
    )
    return cr.analyze_instrument(study.returns.prices.a)


def test_an_instrument_has_three(instrument):
    answers = instrument.answers()
    assert tuple(one.id for one in answers) == ("I1", "I2", "I3")
    assert len(instrument.to_dict()["summary"]) == 3
    for one in answers:
        assert len(words(str(one.sentence))) <= 15, str(one.sentence)
        assert not BANNED.search(one.text)
    text = instrument.summary()
    assert not re.search(r"\bnan\b|None", text)
    assert text.startswith(instrument.first_screen().title)
