"""What people read: numbers, escaping, charts without inline style."""

import os
import re
import subprocess
import sys
from copy import copy
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from support import study_of

from convex_research import Pair, align, analyze, analyze_instrument, load_prices, load_series
from convex_research import presentation as show
from convex_research.core import formatting as fmt
from convex_research.core.arrays import thin
from convex_research.core.cells import numbers
from convex_research.core.estimates import Estimate, Missing, NotComputed
from convex_research.core.fragments import table, tag, text
from convex_research.data.series import QualityNote
from convex_research.presentation.tables.detail import _FLAGS, _SUBJECTS

WITH_SUBJECT = {"chart", "detail_table", "first", "question", "record", "table"}
PIECES = [
    name
    for name in show.__all__
    if name not in WITH_SUBJECT
    and getattr(show, name).__annotations__.get("analysis") in {"Study", "Analysis"}
]
PAIRS = [("sp500", "nasdaq"), ("sp500", "vix"), ("wti", "vix")]


@pytest.fixture(scope="module", params=PAIRS, ids="-".join)
def analysis(request):
    return study_of(*request.param)


@pytest.mark.parametrize(
    ("x", "decimals", "plus", "shown"),
    [
        (0.5, 2, True, "+0.50"),
        (-0.5, 2, False, "−0.50"),
        (-0.0001, 2, True, "0.00"),
        (1234.5, 1, False, "1,234.5"),
        (-0.0, 0, False, "0"),
    ],
)
def test_numbers_have_real_minus_signs_and_no_negative_zero(x, decimals, plus, shown):
    assert fmt.number(x, decimals, plus=plus) == shown


def test_units_and_open_ends():
    beta = Estimate(
        value=-0.00407,
        low=-0.0059,
        high=-0.0022,
        confidence_level=0.95,
        method="m",
        nobs=252,
        unit="decimal per points",
    )
    assert fmt.value(beta) == "−0.41\u202f% per point"
    assert fmt.interval(beta) == "(−0.59 to −0.22)"
    reverse = replace(beta, value=-19.73, low=-34.6, high=-4.87, unit="points per decimal")
    assert fmt.value(reverse) == "−0.20 points per 1\u202f%"
    sd = replace(beta, value=0.0107, low=0.0082, high=0.0139, unit="decimal")
    assert fmt.value(sd) == "1.07\u202f%"
    assert fmt.interval(sd) == "(0.82\u202f% to 1.39\u202f%)"
    life = replace(beta, value=12.0, low=4.0, high=None, bound="unbounded", unit="days")
    assert fmt.interval(life) == "(4 to no limit)"
    assert fmt.pvalue(0.0004) == "< 0.001"
    assert fmt.pvalue(0.01, bound="<") == "< 0.01"


def test_warnings_about_the_data_have_real_minus_signs(peers):
    words = "csv:x-1.csv#a: beyond 25 % on 2018-02-05 (-30 %), of rank -0.5 and no split."
    noted = replace(peers.returns, quality=(QualityNote("large_move", "warning", words),))
    other = copy(peers)
    other.returns = noted
    for piece in (show.first(other), show.provenance(other)):
        assert "x-1.csv#a: beyond 25 % on 2018-02-05 (−30 %), of rank −0.5" in piece.html


def test_everything_from_outside_is_escaped():
    assert text("<script>'\"&\n\x1b") == "&lt;script&gt;&#x27;&quot;&amp;\\n\\x1b"
    assert tag("td", "x", data_key='a"b') == '<td data-key="a&quot;b">x</td>'
    made = table("<b>", ("<i>",), [("<u>", "<s>")])
    assert not re.search(r"<(b|i|u|s)>", made.html)


def test_a_reason_is_shown_instead_of_a_number():
    html = numbers(
        "tails.chi_lower[0.95]", NotComputed(Missing.TOO_SHORT, "needs 500 observations")
    )
    assert 'data-key="tails.chi_lower[0.95]"' in html
    assert "needs 500 observations" in html


def test_thinning_keeps_extremes_and_ends():
    rng = np.random.default_rng(3)
    for n in (10, 299, 300, 301, 5000):
        value = rng.standard_normal(n)
        value[: n // 10] = np.nan
        kept = thin(value, 300)
        assert kept.size <= 300
        good = np.flatnonzero(np.isfinite(value))
        assert {
            int(good[0]),
            int(good[-1]),
            int(np.nanargmax(value)),
            int(np.nanargmin(value)),
        } <= set(kept.tolist())
        assert np.all(np.diff(kept) > 0)


@pytest.mark.parametrize("name", PIECES)
def test_every_piece_is_clean_markup(analysis, name):
    piece = getattr(show, name)(analysis)
    assert "style=" not in piece.html
    assert "nan" not in re.sub(r"[a-z]*nan[a-z]+|[a-z]+nan", "", piece.html.lower()), name
    assert "\\u" not in piece.html
    assert "0x" not in repr(piece)
    ET.fromstring(f"<div>{piece.html}</div>".replace("&nbsp;", " "))
    assert getattr(show, name)(analysis).html == piece.html


def test_ids_in_a_page_are_unique(analysis):
    page = "".join(getattr(show, name)(analysis).html for name in PIECES)
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    both = show.evidence(analysis, "comparison").html  # claims of the other page link there
    ids += re.findall(r'\sid="([^"]+)"', both)
    for used in re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', page):
        assert (used[0] or used[1]) in ids


def test_every_number_in_a_table_names_its_key(peers):
    html = show.statistics_table(peers).html
    keys = re.findall(r'data-key="([^"]+)"', html)
    assert "regression.beta[252]" in keys
    assert set(keys) <= set(peers.results)


def test_a_claim_carries_its_id_and_one_that_does_not_apply_is_absent(peers):
    assert 'data-claim="C16"' in show.question(peers, "C16").html
    assert show.question(peers, "C28").html == ""
    with pytest.raises(KeyError, match="no question 'C99'"):
        show.question(peers, "C99")


def test_no_window_long_enough_still_answers(peers):
    returns = peers.returns
    short = analyze(
        replace(
            returns,
            price_dates=returns.price_dates[:101],
            levels=returns.levels[:101],
            values=returns.values[:100],
        )
    )
    assert 'data-key="correlation.pearson[all]' in show.first(short).html
    for name in PIECES:
        getattr(show, name)(short)


def test_no_folder_of_the_user_reaches_a_piece(tmp_path):
    rng = np.random.default_rng(1)
    days = np.arange("2020-01-01", "2020-12-01", dtype="datetime64[D]")
    prices = 100 * np.exp(np.cumsum(0.01 * rng.standard_normal((days.size, 2)), axis=0))
    folder = tmp_path / "private"
    folder.mkdir()
    lines = [f"{d},{x},{y}" for d, (x, y) in zip(days, prices, strict=True)]
    (folder / "p.csv").write_text('date,<script>,b"\n' + "\n".join(lines) + "\n")
    pair = Pair(f"csv:{folder}/p.csv#<script>", f'csv:{folder}/p.csv#b"')
    made = analyze(align(load_prices(pair)))
    html = "".join(getattr(show, name)(made)._repr_html_() for name in PIECES)
    assert "private" not in html
    assert "<script" not in html
    assert "private" not in str(made.to_dict())


@pytest.mark.parametrize("start", [None, "2017-03-04"])  # a Saturday: no price bears that date
def test_the_command_printed_makes_the_page_again(start):
    pair = Pair("sample:sp500", "sample:vix")
    shown = [
        show.reproduce(analyze(align(load_prices(pair, start, "2018-06-29")))).html,
        show.reproduce(analyze_instrument(load_series(pair.a, start, "2018-06-29"))).html,
    ]
    legs = (f"{pair.a} {pair.b}", pair.a)
    asked = f" --start {start}" if start else ""
    for html, symbols in zip(shown, legs, strict=True):
        printed = " ".join(re.sub(r"<[^>]*>", " ", html.partition("Made with")[0]).split())
        expected = f"convex-research report {symbols}{asked} --as-of 2018-06-29 --returns simple"
        assert printed == expected


def test_pieces_do_not_depend_on_the_hash_seed():
    code = (
        "from convex_research import *; from convex_research import presentation as show;"
        "a = analyze(align(load_prices(Pair('sp500', 'vix'), '2016-01-01')));"
        "import hashlib; text = show.first(a).html + show.chart(a, 'rolling').html;"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        for seed in ("1", "2", "3")
    ]
    seen = {process.communicate()[0] for process in started}
    assert [process.returncode for process in started] == [0, 0, 0]
    assert len(seen) == 1


@pytest.mark.parametrize("subject", sorted(_SUBJECTS))
def test_every_subject_has_its_table(analysis, subject):
    html = show.detail_table(analysis, subject).html
    ET.fromstring(f"<div>{html}</div>")
    assert "{" not in html
    keys = re.findall(r'data-key="([^"]+)"', html)
    assert set(keys) <= set(analysis.results)
    if "<table" not in html:
        assert html.startswith(f'<p data-key="{keys[0]}">Not computed: ')


def test_every_flag_a_result_can_carry_has_words(analysis):
    flags = {f for r in analysis.results.values() for f in getattr(r, "flags", ())}
    assert flags - {"partial_year"} <= set(_FLAGS)
