"""One table a subject, declared as labels and keys, for everything beyond the headline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from convex_research.core.cells import cell, sample_of
from convex_research.core.estimates import NotComputed, TestResult
from convex_research.core.flags import Flag
from convex_research.core.fragments import Fragment, Line, paragraph, table, tag, text
from convex_research.presentation.prose import names

if TYPE_CHECKING:
    from collections.abc import Iterable

    from convex_research.analysis import InstrumentAnalysis
    from convex_research.core.estimates import Result
    from convex_research.studies import Study

__all__ = ["detail_table"]

# What a flag means for a reader, told once under the table.
_FLAGS: dict[str, str] = {
    "small_sample": "The sample is short for the stated level",
    Flag.ASYNCHRONOUS: "The legs close at different times: this daily number is too low",
    Flag.RARELY_TRADED_A: "The first leg stands still on many days: this daily number is too low",
    Flag.RARELY_TRADED_B: "The second leg stands still on many days: this daily number is too low",
    "unclear_drift": "Neither leg drifts clearly, which the law of this test assumes",
    "assumes_homoskedasticity": "Clustering volatility makes this test reject too often",
    "over_rejects_when_volatility_clusters": (
        "Clustering volatility makes this p-value too small, in 45 % of cases at the worst"
    ),
    "over_rejects_when_jumps": (
        "In samples this short, jumps of one leg alone make it reject in up to 13 % of cases"
    ),
    "widest_of_three": (
        "It is the widest of three splits: where nothing changed, its interval holds in 86 to 97 % "
        "of cases"
    ),
    "few_days_carry": (
        "Few days carry the variance before: if they were jumps of one leg alone, it rejects in up "
        "to 19 % of cases"
    ),
    "volatility_outside_law": "Moving volatility makes it reject in up to 17 % of cases",
    "jumps_outside_law": "Jumps make it reject a constant r in up to 32 % of cases",
    "blind_to_slope": "It cannot see a change in the slope",
    "assumes_iid_normal": "It assumes independent normal returns and is shown for comparison",
    "short_under_heavy_tails": "The interval is somewhat short when tails are heavy",
    "short_when_volatility_clusters": "The interval is somewhat short when volatility clusters",
    "partial_helper": "A series it needs besides the pair covers part of the sample only",
    "stale_helper": "An outdated copy of a series it needs besides the pair was used",
    "few_tail_days": "Few observations lie in this tail",
    "beyond_observed": "No move of this size was observed; this is an extrapolation",
    "of_its_own_days": "It is about these days' own volatilities, which differ by themselves",
    "rejects_too_often": "This p-value is too small; it is shown for comparison",
    "date_intervals_short_when_volatility_clusters": (
        "Date intervals are short when volatility clusters"
    ),
}


@dataclass(frozen=True, slots=True)
class _Subject:
    """Caption, rows of (label, key), and a note; {a} and {b} are the legs, {day} is the period."""

    caption: str
    rows: tuple[tuple[str, str], ...]
    note: str = ""
    nulls: bool = True  # whether each test says its null, or the label asks the question


_SUBJECTS = {
    "extremes": _Subject(
        "Rolling extremes against a world in which nothing changes",
        (
            ("Lowest window", "rolling.pearson_min_5y[{rolling}]"),
            ("Lowest window of a path under constant correlation", "rolling.null_min"),
            ("Highest window", "rolling.pearson_max_5y[{rolling}]"),
            ("Highest window of a path under constant correlation", "rolling.null_max"),
            ("Is the lowest window lower than that allows?", "rolling.pearson_min_test[{rolling}]"),
            (
                "Is the highest window higher than that allows?",
                "rolling.pearson_max_test[{rolling}]",
            ),
        ),
        "All of it over the last 1,260 observations at most: their own extremes, and those of "
        "1,000 simulated paths with the pair's own volatility clusters and heavy tails but one "
        "constant correlation.",
    ),
    "stability": _Subject(
        "Is the relation stable?",
        (
            ("Constant correlation (signs of blocks)", "stability.cusum_r"),
            ("Change of Fisher's z at the widest of three dates", "stability.shift_split"),
            ("Its size, allowing for the choice", "stability.shift"),
            ("Last day before the largest change", "stability.change_date"),
            ("Constant correlation (Wied)", "stability.wied"),
            ("Constant regression (sup-F)", "stability.sup_f"),
            ("Constant regression (Nyblom)", "stability.nyblom"),
            ("Constant intercept (CUSUM)", "stability.cusum"),
            ("Breaks found (Bai-Perron)", "stability.breaks"),
        ),
        "A small p speaks against stability; a large one does not prove it.",
    ),
    "dynamics": _Subject(
        "Correlation and beta as they move",
        (
            ("DCC correlation, latest", "dynamics.dcc_last"),
            ("DCC correlation, lowest", "dynamics.dcc_min"),
            ("DCC correlation, highest", "dynamics.dcc_max"),
            ("DCC weight of news", "dynamics.dcc_a"),
            ("DCC memory", "dynamics.dcc_b"),
            ("Random-walk beta of {a} on {b}, latest", "dynamics.kalman_beta"),
        ),
    ),
    "asymmetry": _Subject(
        "Rises, falls, leads and lags in the slope",
        (
            ("Beta of {a} on rises of {b}", "regression.beta_up"),
            ("Beta of {a} on falls of {b}", "regression.beta_down"),
            ("Are they the same?", "regression.up_down"),
            ("Beta with one lead and one lag (Dimson)", "regression.beta_dimson[1]"),
            ("Beta with five leads and five lags", "regression.beta_dimson[5]"),
        ),
    ),
    "tails": _Subject(
        "Moving together in the tails",
        (
            ("Correlation when both fall", "tails.exceedance_lower[0]"),
            ("Correlation when both rise", "tails.exceedance_upper[0]"),
            ("Both beyond 1 sd down", "tails.exceedance_lower[1]"),
            ("Both beyond 1 sd up", "tails.exceedance_upper[1]"),
            ("Worst 5 % together (chi)", "tails.chi_lower[0.95]"),
            ("Best 5 % together (chi)", "tails.chi_upper[0.95]"),
            ("Are the tails symmetric?", "tails.symmetry"),
            ("Share of {a}'s worst 5 % {day}s on which {b} fell", "tails.joint_worst"),
        ),
        "Chi is 0 for independent tails and 1 for tails that coincide.",
    ),
    "lead_lag": _Subject(
        "Does one move before the other?",
        (
            ("{a} helps to predict {b}", "lead_lag.wald_ab[5]"),
            ("{b} helps to predict {a}", "lead_lag.wald_ba[5]"),
            ("The same weekly, {a} first", "lead_lag.wald_weekly_ab[1]"),
            ("The same weekly, {b} first", "lead_lag.wald_weekly_ba[1]"),
            ("{a} two to five {day}s before {b}", "lead_lag.skip_ab[2-5]"),
            ("{b} two to five {day}s before {a}", "lead_lag.skip_ba[2-5]"),
            ("Gain of forecasts of {b}, out of sample", "lead_lag.oos_rsquared_ab[1]"),
            ("Gain of forecasts of {a}, out of sample", "lead_lag.oos_rsquared_ba[1]"),
        ),
        "Five lags, HAC Wald tests; the null is that nothing is gained. Closes at different hours "
        "alone make a daily lead.",
        nulls=False,
    ),
    "clock": _Subject(
        "Does one move before the other?",
        (
            ("Correlation with a {day}'s leeway", "correlation.synchronised[all]"),
            ("Weekly correlation", "correlation.weekly[all]"),
            ("Share of the link that shows a {day} later", "asynchrony.share"),
            ("A {day} of {a} and the next of {b}", "asynchrony.lag_ab"),
            ("A {day} of {b} and the next of {a}", "asynchrony.lag_ba"),
            ("The larger of both links against the smaller", "asynchrony.asymmetry"),
            ("{a} two to five {day}s before {b}", "lead_lag.skip_ab[2-5]"),
            ("{b} two to five {day}s before {a}", "lead_lag.skip_ba[2-5]"),
            ("{a} four to eight {day}s before {b}", "lead_lag.skip_ab[4-8]"),
            ("{b} four to eight {day}s before {a}", "lead_lag.skip_ba[4-8]"),
        ),
        "What shows a day later is the clock, or a leg that follows its own past; it is no lead.",
        nulls=False,
    ),
    "cointegration": _Subject(
        "Do the prices stay together?",
        (
            ("Engle-Granger, one lag", "cointegration.engle_granger[1]"),
            ("Engle-Granger, lags by AIC", "cointegration.engle_granger[aic]"),
            ("Phillips-Ouliaris", "cointegration.phillips_ouliaris"),
            ("Johansen trace, no common path", "cointegration.johansen_trace_0"),
            ("Half-life of a deviation, {day}s", "cointegration.half_life"),
            ("Variance ratio of the price ratio, 20 {day}s", "cointegration.variance_ratio[20]"),
        ),
        "A small p speaks for a lasting tie. A variance ratio below 1 is a ratio that turns back.",
    ),
    "hedge": _Subject(
        "How much of {a}'s variance did {b} hedge?",
        (
            ("Hedge ratio, whole sample", "hedge.ratio[all]"),
            ("In sample", "hedge.effectiveness_in"),
            ("Out of sample, rolling least squares", "hedge.effectiveness_out"),
            ("Out of sample, one for one", "hedge.effectiveness_out[naive]"),
            ("Out of sample, exponential weights", "hedge.effectiveness_out[ewma]"),
            ("Out of sample, DCC", "hedge.effectiveness_out[dcc]"),
            ("Out of sample, random-walk beta", "hedge.effectiveness_out[kalman]"),
        ),
        "Share of variance removed; out of sample each ratio was known the {day} before.",
    ),
    "regimes": _Subject(
        "Correlation by regime",
        (
            ("Calm (volatility of {a} in its lowest third)", "regimes.pearson[low_vol]"),
            ("Middle third", "regimes.pearson[mid_vol]"),
            ("Turbulent (highest third)", "regimes.pearson[high_vol]"),
            ("Are the three equal?", "regimes.equality"),
            (
                "The same after each leg's volatility is divided out",
                "regimes.standardised_equality",
            ),
            ("{a} within 20 % of its high", "regimes.pearson[bull]"),
            ("{a} at least 20 % below its high", "regimes.pearson[bear]"),
            ("Turbulent, corrected for volatility (Forbes-Rigobon)", "contagion.forbes_rigobon"),
        ),
        "Regimes are known the {day} before. Choosing turbulent {day}s alone moves a correlation.",
    ),
    "spread": _Subject(
        "The spread between the two",
        (
            ("Price ratio, latest", "spread.ratio"),
            ("Standard deviations from its 252-{day} mean", "spread.zscore"),
            ("Volatility of the return difference, a {day}", "spread.volatility"),
            ("Tracking error, a year", "spread.tracking_error"),
        ),
    ),
    "diagnostics": _Subject(
        "What the returns look like",
        (
            ("Tail index of {a}", "diagnostics.tail_index_a"),
            ("Tail index of {b}", "diagnostics.tail_index_b"),
            ("{a}: volatility clusters (ARCH-LM)", "diagnostics.arch_lm_a"),
            ("{b}: volatility clusters (ARCH-LM)", "diagnostics.arch_lm_b"),
            ("{a}: autocorrelated (Ljung-Box)", "diagnostics.ljung_box_a"),
            ("{b}: autocorrelated (Ljung-Box)", "diagnostics.ljung_box_b"),
            ("{a}: normal (Jarque-Bera)", "diagnostics.jarque_bera_a"),
            ("{b}: normal (Jarque-Bera)", "diagnostics.jarque_bera_b"),
        ),
    ),
}


def detail_table(analysis: Study, subject: str) -> Fragment:
    """The results of one subject, with what their flags mean.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    subject : str
        extremes, stability, dynamics, asymmetry, tails, lead_lag, cointegration, hedge,
        regimes, spread or diagnostics.

    Raises
    ------
    KeyError
        If there is no such subject.
    """
    apart = subject == "lead_lag" and analysis.clock_flags
    chosen = _SUBJECTS["clock" if apart else subject]
    a, b = (names.short(one) for one in names.legs(analysis))
    words = {"a": a, "b": b, "day": names.per_period(analysis)}
    rolling = analysis.config.rolling_window
    listed = [(label.format(**words), key.format(rolling=rolling)) for label, key in chosen.rows]
    caption = chosen.caption.format(**words)
    if all(isinstance(analysis[key], NotComputed) for _, key in listed):
        return not_computed(analysis, listed[0][1], caption)
    note = chosen.note.format(**words)
    return results_table(analysis, caption, listed, note=note, nulls=chosen.nulls)


def results_table(
    analysis: Study | InstrumentAnalysis,
    caption: str,
    listed: Iterable[tuple[str, ...]],
    *,
    head: str = "",
    value: str = "",
    note: str = "",
    nulls: bool = True,
) -> Fragment:
    """A row for each result: what it is, value with interval or p, observations, dates.

    Parameters
    ----------
    analysis : Study or InstrumentAnalysis
        A finished analysis.
    caption, note : str
        Above and below the table; what the marks of flags mean follows the note.
    listed : iterable of (str, str) or (str, str, "+")
        Label and key of each row; positive numbers of the latter carry their sign.
    head, value : str
        Heads of the first two columns.
    nulls : bool
        Whether each test says its null.
    """
    results = [
        (label, key, names.with_legs_in(analysis, key, analysis[key]), bool(plus))
        for label, key, *plus in listed
    ]
    marks, meanings = flag_notes(result for _, _, result, _ in results)
    tests = any(isinstance(result, TestResult) for _, _, result, _ in results)
    rows: list[Line] = []
    for label, key, result, plus in results:
        after = flagged(result, marks)
        if nulls and isinstance(result, TestResult):
            after += tag("span", text(f"null: {result.null}"), class_="when")
        rows.append((label, cell(key, result, plus=plus, after=after), *sample_of(result)))
    header = (
        head or ("Question or statistic" if tests else "Statistic"),
        value or f"Value [{names.level(analysis)} interval]{' or p' if tests else ''}",
        *("n", "Dates"),
    )
    return table(caption, header, rows, note=" ".join(filter(None, (note, *meanings))))


def not_computed(analysis: Study, key: str, caption: str) -> Fragment:
    """The reason why a table is missing, in its place."""
    result = names.with_legs_in(analysis, key, analysis[key])
    reason = result.reason if isinstance(result, NotComputed) else "there are no results"
    return Fragment(paragraph(text(f"Not computed: {reason}."), data_key=key), caption)


def flag_notes(results: Iterable[Result]) -> tuple[dict[str, str], list[str]]:
    """A mark for each flag among the results, in their order, and a sentence for each mark."""
    flags = dict.fromkeys(f for r in results for f in getattr(r, "flags", ()))
    flags.pop("partial_year", None)  # the row's label says so
    marks = dict(zip(flags, "*†‡§¶#", strict=False))
    words = ((mark, _FLAGS.get(f, f.replace("_", " ").capitalize())) for f, mark in marks.items())
    return marks, [f"{mark} {meaning}." for mark, meaning in words]


def flagged(result: Result, marks: dict[str, str]) -> str:
    """The marks of a result, raised; nothing where it has none."""
    shown = "".join(marks[f] for f in getattr(result, "flags", ()) if f in marks)
    return tag("sup", text(shown)) if shown else ""
