"""A study: claims by identifier, errors that name neighbours, keys that complete, frames."""

import matplotlib.figure
import numpy as np
import pandas as pd
import pytest
from support import study_of

import convex_research as cr
from convex_research import studies
from convex_research.core.errors import InputError


@pytest.fixture(scope="module")
def made():
    return study_of("sp500", "vix", start="2016-01-01")


def test_a_study_is_made_of_symbols_or_of_a_pair(made):
    again = cr.study(cr.Pair("sample:sp500", "sample:vix"), start="2016-01-01", helpers={})
    assert again["correlation.pearson[252]"] == made["correlation.pearson[252]"]
    assert set(made.helpers) == {"oil"}
    assert again.helpers == {}
    for wrong in (("sample:sp500",), (cr.Pair("sample:sp500", "sample:vix"), "sample:wti")):
        with pytest.raises(InputError, match="needs two s"):
            cr.study(*wrong)


def test_what_cannot_be_used_is_refused_at_once(made):
    with pytest.raises(TypeError, match="align needs Prices, which load_prices gives; got list"):
        cr.align([made, made])
    with pytest.raises(TypeError, match="analyze needs AlignedReturns, which align gives"):
        cr.analyze(made.returns.prices)
    with pytest.raises(TypeError, match="config must be an AnalysisConfig, got dict"):
        cr.analyze(made.returns, {"rolling_window": 60})


def test_claims_are_found_by_identifier_and_read_in_order(made):
    assert made.claims["C29"].id == "C29"
    assert [claim.id for claim in made.claims] == made.claims.ids
    assert made.claims is made.claims
    assert made.claims[0].id == made.claims.ids[0]
    with pytest.raises(KeyError, match="no claim 'C99'; nearest are C"):
        made.claims["C99"]


def test_a_wrong_key_names_its_neighbours(made):
    with pytest.raises(KeyError, match=r"nearest are correlation.pearson\[252\]"):
        made["correlation.pearson[250]"]
    with pytest.raises(KeyError, match="no section 'corelation'; nearest are correlation"):
        made["corelation.pearson[252]"]
    with pytest.raises(KeyError, match=r"no curve .*nearest are rolling.pearson\[90\]"):
        made.curve("rolling.pearson[60]")
    with pytest.raises(KeyError, match=r"nearest are correlation.pearson\[252\]"):
        made.section("correlation")["correlation.pearson[250]"]
    alone = cr.analyze_instrument(made.returns.prices.a)
    with pytest.raises(KeyError, match=r"nearest are volatility.annual\[252\]"):
        alone["volatility.annual[250]"]


def test_keys_complete_in_jupyter(made):
    assert "stability.breaks" in made._ipython_key_completions_()
    section = made.section("tails")
    assert section._ipython_key_completions_() == list(section.results)
    assert "C29" in made.claims._ipython_key_completions_()


def test_a_summary_is_the_first_screen(made):
    lines = made.summary().splitlines()
    screen = made.first_screen()
    assert lines[:2] == [screen.title, screen.meta]
    assert len(lines) == 7
    for line, one in zip(lines[2:], screen.answers, strict=True):
        assert line.startswith(one.question)
        assert one.word in line
        assert one.number is None or str(one.number) in line
        assert line.endswith(str(one.sentence))


def test_the_comparison_computes_what_it_prints(made, monkeypatch):
    computed = []
    real = studies.PairAnalysis._compute
    monkeypatch.setattr(
        studies.PairAnalysis, "_compute", lambda s, name: computed.append(name) or real(s, name)
    )
    assert len(cr.analyze(made.returns).answers("comparison")) == 5
    # The answer on risk is that of a claim, whose word hangs on the page's other claims.
    assert {"asynchrony", "correlation", "performance", "spread", "volatility"} <= set(computed)
    assert len(computed) == len(set(computed))


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_an_exact_relation_is_called_so(sign):
    days = pd.bdate_range("2020-01-01", periods=300)
    level = pd.Series(np.random.default_rng(5).standard_normal(300).cumsum(), days, name="a")
    study = cr.study(level, (2.0 * sign * level).rename("b"), kind="level")
    exactly = "exactly in step" if sign > 0 else "exactly against each other"
    assert study.first_screen().title == f"a and b move {exactly}"
    first, *others = study.answers()
    assert str(first.number) == ("+1" if sign > 0 else "−1")
    assert [one.answer for one in others[:2]] == ["untested", "untested"]


def test_every_repr_is_one_readable_line(made):
    shown = [made, made.claims, made.claims["C29"], made.returns, made.section("tails")]
    shown += [made["correlation.pearson[252]"], made["correlation.pearson[30]"], *made.claims]
    for one in shown:
        assert "\n" not in repr(one)
        assert len(repr(one)) < 200
        assert " object at " not in repr(one)
    r = repr(made["correlation.pearson[252]"])
    assert r.startswith("<Estimate −0.")
    assert "at 95 %, n 252, 201" in r


def test_a_frame_has_a_row_a_result_with_typed_columns(made):
    frame = made.to_frame()
    assert list(frame.index) == list(made.results)
    assert list(frame.columns[:8]) == [
        *("section", "statistic", "window", "value", "low", "high", "unit", "nobs")
    ]
    assert list(frame.columns[8:13]) == ["start", "end", "method", "flags", "reason"]
    assert frame["nobs"].dtype == "Int64"
    r = frame.loc["correlation.pearson[252]"]
    assert (r["section"], r["statistic"], r["window"]) == ("correlation", "pearson", "252")
    assert r["value"] == made["correlation.pearson[252]"].value
    assert r["end"] == pd.Timestamp(made.as_of)
    missing = frame[frame["reason"].notna()]
    assert len(missing) == sum(isinstance(x, cr.NotComputed) for x in made.results.values())
    assert missing["value"].isna().all()
    test = frame.loc["recent.fisher"]
    assert test["pvalue"] == made["recent.fisher"].pvalue


def test_a_curve_becomes_a_frame_and_a_picture(made):
    curve = made.curve("rolling.pearson[90]")
    frame = curve.to_frame()
    assert list(frame.columns) == ["value", "low", "high"]
    assert frame.index.name == "date"
    np.testing.assert_array_equal(frame["value"], curve.value)
    ax = matplotlib.figure.Figure().add_subplot()
    assert made.plot("rolling", ax=ax) is ax
    assert made.plot("rolling.pearson[90]").get_title() == "rolling.pearson[90]"
    with pytest.raises(KeyError, match="nearest are rolling"):
        made.plot("rollin", ax=ax)
    with pytest.raises(KeyError, match="no curve"):
        made.plot("tails.lower", ax=ax)


def test_a_study_is_published_to_its_own_date(made, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(
        "convex_research.publishing.publish", lambda *a, **k: asked.append((a, k)) or []
    )
    assert made.publish(tmp_path) == []
    (pair, kind, output), named = asked[0]
    assert (pair, kind, output) == (made.pair, "all", tmp_path)
    assert named["as_of"] == made.as_of
    assert str(named["start"]) == "2016-01-01"
