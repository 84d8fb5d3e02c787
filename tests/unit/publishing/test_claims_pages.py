"""Claims on whole pages: sentences, evidence, applicability, helper series, the network."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
from support import study_of

from convex_research import Pair, study
from convex_research.claims import evaluate
from convex_research.core.estimates import Estimate, NotComputed
from convex_research.data import load_series
from convex_research.data.context import ROLES, load_helpers

PAIRS = ("sp500 nasdaq", "sp500 vix", "wti nasdaq", "wti vix")


def analysed(names, **options):
    return study(*(f"sample:{name}" for name in names.split()), **options)


@pytest.fixture(scope="module")
def pages():
    return {names: study_of(*names.split()) for names in PAIRS}


@pytest.mark.parametrize("names", PAIRS)
def test_sentences_and_evidence(pages, names):
    analysis = pages[names]
    claims = analysis.claims
    assert len({c.id for c in claims}) == len(claims) >= 13
    for claim in claims:
        text = claim.text
        assert text.endswith("."), text
        assert re.match(r"[A-Z\d]|r ", text), text  # r is a symbol
        assert "  " not in text
        assert "None" not in text
        assert "nan" not in re.split(r"\W+", text.lower())
        assert not re.search(r"\b(\w{3,}(?: \w+)?) \1\b", text), text
        assert not re.search(r"(?<![\d\w-])-\d", text), text  # a real minus sign
        assert text.count("(") == text.count(")")
        assert "(embedded sample)" not in text
        assert len(text) < 620, text
        for key in claim.evidence:
            assert key in analysis, key
        if claim.verdict == "not tested":
            assert claim.reason.rstrip(".").lower() in text.lower()
        else:
            assert claim.evidence
            assert re.search(r"\d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d", claim.sample), claim.sample
    tested = [c for c in claims if c.pvalue is not None]
    assert all(c.pvalue <= c.pvalue_adjusted <= 1.0 for c in tested)


def test_pages_repeat_themselves(pages):
    assert evaluate(analysed("sp500 vix")) == pages["sp500 vix"].claims


def ids(analysis):
    return {claim.id for claim in analysis.claims}


def test_claims_that_are_not_about_the_pair_are_absent(pages):
    market_leg = {"C08", "C12", "C13", "C28"}
    peers = {"C03", "C05", "C06", "C10", "C20[earnings]", "C20[liquidity]"}
    prices = {"C04", "C07a", "C09", "C14", "C19", "C21", "C22a", "C23"}
    assert not market_leg & ids(pages["sp500 nasdaq"])  # the market is a leg
    assert peers <= ids(pages["sp500 nasdaq"])
    assert prices <= ids(pages["sp500 nasdaq"])
    assert "C07b" not in ids(pages["sp500 nasdaq"])  # indices have no flows
    assert not (market_leg | peers | prices) & ids(pages["sp500 vix"])
    assert "C18b[vix]" not in ids(pages["sp500 vix"])
    assert "C26" not in ids(pages["sp500 vix"])  # legs that move against each other
    assert market_leg - {"C28"} <= ids(pages["wti nasdaq"])
    assert "C28" not in ids(pages["wti nasdaq"])  # not tight, so nothing to explain
    assert not peers & ids(pages["wti nasdaq"])


def test_helpers_of_the_sample_never_leave_it():
    assert sorted(load_helpers(Pair("sample:sp500", "sample:nasdaq"))) == ["oil", "vix"]
    assert sorted(load_helpers(Pair("sample:wti", "sample:vix"))) == ["market"]
    assert sorted(load_helpers(Pair("sample:wti", "sample:nasdaq"))) == ["market", "vix"]
    found = load_helpers(Pair("sample:wti", "sample:nasdaq"), None, date(2005, 1, 1))
    assert sorted(found) == ["market"]  # the VIX of the sample begins later: absent


def test_what_cannot_be_reached_is_absent_without_noise(apart, capsys, recwarn):
    assert load_helpers(Pair("QQQ", "TLT"), offline=True) == {}
    assert capsys.readouterr() == ("", "")
    assert not list(recwarn)


def test_own_files_never_cause_a_request(host, tmp_path):
    for name in ("a", "b"):
        days = pd.bdate_range("2020-01-01", periods=100)
        table = pd.DataFrame({"Close": np.arange(100.0) + 50.0}, index=days.rename("Date"))
        table.to_csv(tmp_path / f"{name}.csv")
    pair = Pair(*(f"csv:{tmp_path / name}.csv#Close" for name in ("a", "b")))
    assert load_helpers(pair) == {}
    assert host.asked == []


def test_a_silent_provider_is_not_asked_again(host, monkeypatch):
    monkeypatch.setattr(
        "convex_research.data.http.transport.time.sleep", lambda _: None, raising=False
    )
    host.reply = (404, b"no such thing", {})
    assert load_helpers(Pair("QQQ", "TLT")) == {}
    assert len(host.asked) < 60


def test_roles_are_in_the_catalogue():
    from convex_research import load_catalogue

    assert all(load_catalogue().named(name) for name in ROLES.values())


def test_partial_correlation_needs_the_market_and_uses_shared_dates():
    with_market = analysed("wti nasdaq")
    r = with_market["correlation.partial[all]"]
    frame = pd.concat(
        [load_series(f"sample:{name}").values for name in ("wti", "nasdaq", "sp500")],
        axis=1,
        join="inner",
    ).pct_change()
    frame = frame.dropna().to_numpy()
    a, b, m = frame.T
    left, right = (y - np.polyval(np.polyfit(m, y, 1), m) for y in (a, b))
    assert isinstance(r, Estimate)
    assert r.nobs == len(frame)
    assert r.value == pytest.approx(np.corrcoef(left, right)[0, 1], abs=1e-12)
    drop = with_market["correlation.partial_drop[all]"]
    assert drop.value == pytest.approx(np.corrcoef(a, b)[0, 1] - r.value, abs=1e-12)
    without = analysed("wti nasdaq", helpers={})
    assert isinstance(without["correlation.partial[all]"], NotComputed)
    claims = evaluate(without, only=["C08", "C12"])
    assert [c.verdict for c in claims] == ["not tested"] * 2


def cut(series, first=None, last=None, *, stale=False):
    part = series.between(first, last)
    return replace(part, provenance=replace(part.provenance, stale=stale))


def test_helpers_that_end_early_do_not_overlap_or_are_stale():
    market = load_series("sample:sp500")
    early = analysed("wti nasdaq", helpers={"market": cut(market, None, date(2008, 1, 1))})
    gap = early["market.beta_gap"]
    assert gap.end == date(2007, 12, 31)
    (claim,) = evaluate(early, only=["C12"])
    assert "the market series covers only part of the pair's sample" in claim.sample
    apart = {"market": cut(market, None, date(1999, 3, 1))}
    late = analysed("wti nasdaq", helpers=apart, start="2005-01-01")
    (claim,) = evaluate(late, only=["C12"])
    assert claim.verdict == "not tested"
    assert "ends 1999-03-01" in claim.text
    old = analysed("wti nasdaq", helpers={"market": cut(market, stale=True)})
    (claim,) = evaluate(old, only=["C12"])
    assert "an outdated copy" in claim.sample


def test_a_market_under_another_name_is_noticed():
    market = load_series("sample:sp500")
    other = replace(market, instrument=replace(market.instrument, id="fund"))
    analysis = analysed("sp500 nasdaq", helpers={"market": other})
    assert "the market itself" in analysis["correlation.partial[all]"].reason
    assert not evaluate(analysis, only=["C12"])


def test_page_without_helpers_has_no_error():
    short = analysed("sp500 nasdaq", helpers={}, start="2018-06-01")
    assert all(claim.text.endswith(".") for claim in short.claims)
