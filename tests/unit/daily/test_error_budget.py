"""News once, within an error budget for each digest."""

import pytest

from convex_research.daily.watch.error_budget import ALPHA, CALM_LOOKS, PARTS, Look, decide
from convex_research.statistics.many.step_up import mostly_on_one, stepped_up

LISTED = [f"p{i}/{kind}" for i in range(5) for kind in ("correlation", "spread")]
TINY = 1e-7


def look(slug="p0", day="2024-03-04", statistic=-6.0, kind="correlation", **pvalues):
    return Look(
        slug=slug, kind=kind, as_of=day, statistic=statistic, pvalues=pvalues or {"change": TINY}
    )


def days(number, start=1, month="2024-03"):
    return [f"{month}-{d:02d}" for d in range(start, start + number)]


def test_a_small_pvalue_is_news_once():
    first = decide({}, [look()], LISTED)
    assert [one["slug"] for one in first.news] == ["p0"]
    assert first.news[0]["reached"] == "2024-03-04"
    assert first.comparisons == 10
    second = decide(first.state, [look(day="2024-03-05")], LISTED)
    assert not second.news
    assert "p0/correlation" in second.state["open"]


def test_the_same_data_are_no_second_look():
    first = decide({}, [look(statistic=0.1, change=0.9)], LISTED)
    again = decide(first.state, [look()], LISTED)
    assert again.looks == 0
    assert not again.news
    assert again.state == first.state


def test_a_report_leaves_and_returns():
    state = decide({}, [look(day="2024-03-01")], LISTED).state
    for day in days(CALM_LOOKS - 1, 2):
        made = decide(state, [look(day=day, statistic=-0.5, change=0.9)], LISTED)
        assert not made.closed
        state = made.state
    # One large look starts the count again.
    state = decide(state, [look(day="2024-03-06")], LISTED).state
    for day in days(CALM_LOOKS, 7):
        made = decide(state, [look(day=day, statistic=-0.5, change=0.9)], LISTED)
        state = made.state
    assert made.closed == ("p0/correlation",)
    assert not made.news  # the old p-value is spent
    made = decide(state, [look(day="2024-03-12")], LISTED)
    assert [one["slug"] for one in made.news] == ["p0"]


def test_a_report_that_turns_round_closes_and_is_news_again():
    state = decide({}, [look(day="2024-03-01")], LISTED).state
    told = []
    for day in days(CALM_LOOKS + 1, 2):
        made = decide(state, [look(day=day, statistic=6.0)], LISTED)
        state, told = made.state, [*told, *made.news]
    assert len(told) == 1
    assert told[0]["statistic"] > 0


def test_adjustment_is_the_step_up_by_weights():
    looks = [look(f"p{i}", statistic=1.0, change=p) for i, p in enumerate((1e-4, 1e-3, 0.2))]
    made = decide({}, looks, LISTED)
    share = PARTS["change"]
    weighted = []
    for name in LISTED:
        i, kind = int(name[1]), name.split("/")[1]
        p = (1e-4, 1e-3, 0.2)[i] if i < 3 and kind == "correlation" else 1.0
        weighted.append(min(1.0, min(1.0, p / share) / 1.9))
    expected = dict(zip(LISTED, stepped_up(weighted, mostly_on_one(len(LISTED))), strict=True))
    assert made.adjusted == pytest.approx(expected)
    assert {one["slug"] for one in made.news} == {
        name.split("/")[0] for name, p in expected.items() if p <= ALPHA
    }


def test_the_smallest_of_a_pairs_tests_counts_by_its_share():
    made = decide({}, [look(statistic=1.0, change=0.5, recent=1e-5)], ["p0/correlation"])
    (told,) = made.news
    assert told["part"] == "recent"
    assert told["pvalue"] == pytest.approx(1e-5 / PARTS["recent"])


def test_shares_of_the_tests_of_a_correlation_make_one():
    assert sum(share for part, share in PARTS.items() if part != "move") == pytest.approx(1.0)


def test_a_small_pvalue_of_another_day_counts_no_more():
    state = decide({}, [look("p0", "2024-03-28", change=2e-2)], LISTED).state
    made = decide(state, [look("p1", "2024-03-29", statistic=0.1, change=0.9)], LISTED)
    assert made.adjusted["p0/correlation"] == 1.0


def test_what_is_open_does_not_lower_the_bar():
    many = [f"p{i}/correlation" for i in range(60)]
    reported = decide({}, [look(f"p{i}", "2024-03-01") for i in range(50)], many)
    assert len(reported.news) == 50
    looks = [look(f"p{i}", "2024-03-04") for i in range(50)]
    middling = look("p55", "2024-03-04", statistic=4.0, change=2e-3)
    made = decide(reported.state, [*looks, middling], many)
    assert not made.news
    assert "p0/correlation" not in made.adjusted
    # In the digest of the others' reports it would have passed together with them.
    together = decide({}, [*[look(f"p{i}", "2024-03-04") for i in range(50)], middling], many)
    assert "p55" in {one["slug"] for one in together.news}


def test_a_report_that_closes_today_is_not_opened_by_the_same_look():
    state = decide({}, [look(day="2024-03-01")], LISTED).state
    for day in days(CALM_LOOKS, 2):
        made = decide(state, [look(day=day, statistic=-0.5, recent=1e-9)], LISTED)
        state = made.state
    assert made.closed == ("p0/correlation",)
    assert not made.news


def test_news_is_ranked_and_the_state_survives_json():
    import json

    looks = [look("p3", change=1e-6), look("p1", change=1e-8), look("p2", change=1e-7)]
    made = decide({}, looks, LISTED)
    assert [one["pvalue"] for one in made.news] == sorted(one["pvalue"] for one in made.news)
    kept = json.loads(json.dumps(made.state))
    assert decide(kept, [], LISTED) == decide(made.state, [], LISTED)
