"""Plain words for the keys of results, where a reader opens the evidence of a claim."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from convex_research.presentation.prose import names
from convex_research.statistics.stability.stress_windows import STRESS_WINDOWS

if TYPE_CHECKING:
    from convex_research.studies import Study

_STRESS = {window.key: window.name for window in STRESS_WINDOWS}
_REGIMES = {"low_vol": "calm", "mid_vol": "middle", "high_vol": "turbulent"}

# {a} and {b} are the legs, {q} what stands in brackets in the key. A key that ends in a leg or in
# both is here without: {first} is the leg, or the cause, and {second} the other one.
_LABELS = {
    "asynchrony.lag": "Has a {day} of {first} no link with the next one of {second}?",
    "asynchrony.asymmetry": "Are both links with the next {day} as close?",
    "asynchrony.same_day": "Have the legs no link on the same {day}?",
    "asynchrony.share": "Share of the link that shows a {day} later",
    "correlation.synchronised": "Correlation with a {day}'s leeway",
    "lead_lag.skip": "Has {first} no link with {second} {q} {day}s later?",
    "correlation.pearson": "Correlation r, {q}",
    "correlation.spearman": "Rank correlation, {q}",
    "correlation.weekly": "Correlation of weekly returns",
    "correlation.partial": "Correlation once the market is taken out",
    "correlation.partial_drop": "Drop of r once the market is taken out",
    "regression.beta": "Slope (beta) of {a} on {b}, {q}",
    "regression.beta_reverse": "Slope (beta) of {b} on {a}, {q}",
    "regression.rsquared": "Shared variance r², {q}",
    "concordance.same_sign": "Share of {day}s in the same direction",
    "concordance.same_sign_extreme": "The same on the largest moves of {a}",
    "concordance.sign_test": "Are the directions unrelated?",
    "concordance.hit": "{second} follows the direction of {first} next",
    "concordance.next": "Is the next direction of {second} unrelated?",
    "consistency.halves": "r in the second half less r in the first",
    "consistency.halves_z": "The same on Fisher's z scale",
    "consistency.halves_test": "Is r the same in both halves?",
    "consistency.beta_halves": "Beta in the second half less that in the first",
    "consistency.beta_halves_test": "Is beta the same in both halves?",
    "consistency.regime_gap": "Difference of r, {regimes} {day}s",
    "consistency.regime_gap_90": "The same, {regimes}, 90 % interval",
    "consistency.standardised_regime_gap": "Difference of r, own volatility divided out, {regimes}",
    "consistency.years": "Is r the same in every year?",
    "consistency.years_gap": "Largest difference between two years",
    "consistency.years_within": "Do two years differ by the margin?",
    "consistency.year_highest": "Year with the highest r",
    "consistency.year_lowest": "Year with the lowest r",
    "consistency.swings": "Changes of correlation against changes of turbulence, by ranks",
    "consistency.swings_test": "Are the two unrelated?",
    "consistency.rolling_low": "Level that 95 % of rolling windows exceed",
    "consistency.stress_share": "Extreme windows with days of named stress",
    "consistency.stress_base": "All windows with days of named stress",
    "consistency.stress_test": "Is stress as frequent in both?",
    "rolling.pearson_min": "Lowest rolling window",
    "rolling.pearson_max": "Highest rolling window",
    "rolling.pearson_min_5y": "Lowest rolling window of the last 1,260 observations",
    "rolling.pearson_max_5y": "Highest rolling window of the last 1,260 observations",
    "rolling.usual": "Last rolling window, with the middle of its own history",
    "rolling.history_percentile": "Share of earlier rolling windows that were lower",
    "rolling.synchronised_usual": "With a {day}'s leeway, with the middle of its own history",
    "rolling.synchronised_percentile": "Share of earlier such windows that were lower",
    "rolling.null_min": "Lowest window under constant correlation",
    "rolling.null_max": "Highest window under constant correlation",
    "recent.recent": "Correlation r, last {n} {day}s",
    "recent.preceding": "Correlation r, the {day}s before them",
    "recent.difference": "Difference on Fisher's z scale",
    "correlation.page": "Pearson r, all windows together",
    "correlation.pearson_daily": "Pearson r, read every {day} for a year",
    "recent.difference_r": "Difference of r",
    "recent.difference_joint": "Difference on Fisher's z scale, both looks allowed for, {q}",
    "recent.difference_r_joint": "Difference of r, both looks allowed for, {q}",
    "recent.equivalence": "The same, 90 % interval",
    "recent.fisher": "Are both correlations the same?",
    "recent.weekly_recent": "Weekly r, last {q} weeks",
    "recent.weekly_preceding": "Weekly r, the weeks before them",
    "recent.weekly_difference": "Weekly difference on Fisher's z scale",
    "recent.weekly_difference_r": "Weekly difference of r",
    "recent.weekly_equivalence": "The same weekly, 90 % interval",
    "recent.weekly_fisher": "Are both weekly correlations the same?",
    "recent.jennrich": "Are both the same? (Jennrich)",
    "regimes.pearson": "Correlation r, {regimes} {day}s",
    "regimes.difference": "Difference on Fisher's z scale, {regimes} {day}s",
    "regimes.standardised_difference": "The same, own volatility divided out, {regimes}",
    "regimes.equality": "Is r the same in every third of {day}s?",
    "regimes.standardised_equality": "The same, own volatility divided out",
    "stability.cusum_r": "Is r the same throughout?",
    "stability.shift": "Largest change of Fisher's z over three dates",
    "stability.shift_split": "Change at the date with the largest, Fisher's z",
    "stability.shift_split_r": "The same in r",
    "stability.shift_within": "Does r change by the margin at one of three dates?",
    "forecast.hit_rate": "Past ranges of the long-run mean that held",
    "forecast.hit_rate_ewma": "Past ranges of exponential weights that held",
    "forecast.hit_rate_dcc": "Past ranges of DCC that held",
    "forecast.tracking_error": "Tracking error of the next {q} {day}s",
    "forecast.tracking_error_hit_rate": "Past ranges of the tracking error that held",
    "forecast.gain_ewma": "Gain of exponential weights over the long-run mean",
    "forecast.gain_dcc": "Gain of DCC over the long-run mean",
    "forecast.diebold_mariano_ewma": "Do exponential weights lose as much as the mean?",
    "forecast.diebold_mariano_dcc": "Does DCC lose as much as the mean?",
    "hedge.effectiveness_in": "Variance removed, fitted to the whole sample",
    "hedge.effectiveness_out": "Variance removed, out of sample",
    "hedge.effectiveness_hindsight": "Variance removed, fitted to the same {day}s afterwards",
    "hedge.hindsight_loss": "What hindsight would have added",
    "hedge.volatility_removed": "Volatility removed, out of sample",
    "hedge.volatility_removed_reverse": "Volatility removed, the other leg held",
    "hedge.effectiveness_out_reverse": "Variance removed, the other leg held",
    "hedge.ratio_reverse": "Hedge ratio, the other leg held",
    "hedge.ratio": "Hedge ratio",
    "tails.joint_worst": "Worst 5 % {day}s of {a} on which {b} fell",
    "tails.exceedance_lower": "Correlation r on {day}s on which both fell",
    "leads.rotation": "Do moves of {first} say nothing of {second} in rotations?",
    "leads.share": "Variance of {second} that past moves of {first} explain",
    "leads.share_90": "Past moves of {first} on {second}, 90 % interval",
    "leads.skip_share": "Variance of {second} that moves of {first} {q} {day}s before explain",
    "leads.block": "Does {lags} of {first} say nothing of {second}?",
    "cointegration.engle_granger": "Is there no lasting tie? (Engle-Granger)",
    "cointegration.phillips_ouliaris": "Is there no lasting tie? (Phillips-Ouliaris)",
    "cointegration.half_life": "Half-life of a gap",
    "cointegration.variance_ratio": "Variance ratio over {q} {day}s",
    "persistence.variance_ratio": "Variance ratio over {q} {day}s",
    "persistence.episode_test": "Do random walks have episodes as long?",
    "persistence.longest_episode": "Longest episode on one side of the average",
    "persistence.trend_test": "Is the price ratio a random walk?",
    "divergence.volatility_gain": "Cut in squared forecast error of the spread",
    "divergence.after_breakdowns": "Spread's moves after breakdowns, log ratio",
    "divergence.breakdown_episodes": "Breakdowns of correlation",
    "divergence.reconstitution": "Spread's moves around reconstitutions, log ratio",
    "spread.own_share": "Share of the spread's variance that is the riskier leg's own",
    "spread.volatility_usual": "Last volatility of the spread, with its own history",
    "spread.volatility_percentile": "Share of earlier volatilities of the spread that were lower",
    "spread.tracking_error_usual": "Last rolling tracking error, with its own history",
    "spread.tracking_error_percentile": "Share of earlier tracking errors that were lower",
    "performance.change": "Change of {first}, {q}",
    "performance.capture_up": "Share of {b}'s rises that {a} makes",
    "performance.capture_down": "Share of {b}'s falls that {a} makes",
    "performance.capture_gap": "The first less the second",
    "performance.capture_gap_test": "Are both shares the same?",
    "performance.wins": "Full calendar years in which {a} did better",
    "performance.wins_test": "Is each ahead in half of the years?",
    "performance.max_drawdown": "Deepest fall of {first}",
    "performance.recovery": "From that peak of {first} until it was regained",
    "volatility.ratio": "Volatility of {a} over that of {b}, {q}",
    "volatility.ratio_change": "That ratio over the one before",
    "volatility.ratio_change_test": "Is the ratio what it was before?",
    "performance.last_usual": "Last level, with the middle of its own history",
    "performance.last_percentile": "Share of earlier levels that were lower",
    "spread.zscore_usual": "Distance of the price ratio from its mean, with its own history",
    "spread.zscore_percentile": "Share of earlier distances that were lower",
    "spread.tracking_error": "Volatility of the spread",
    "market.beta": "Market beta of {first}",
    "market.beta_gap": "Difference of the market betas",
    "market.delay": "Market's pull on {first} that arrives late",
    "market.delay_gap": "Difference of the late shares",
    "market.lead_bull": "Lead in bull markets",
    "market.lead_bear": "Lead in bear markets",
    "market.lead_after_beta": "Lead that the market betas do not explain",
    "market.style_gap": "Difference of R², {q} caps",
    "macro.risk": "Spread against falls of {q}",
    "macro.clark_west": "Do forecasts by macro series gain nothing?",
    "macro.oos_gap": "The same out of sample",
    "macro.oos_rsquared": "The same, weights known only from the past",
    "macro.risk_after_beta": "Spread against falls of {q}, the market taken out of both",
    "macro.risk_after_beta_test": "Is the spread unrelated to risk appetite, given the market?",
    "macro.risk_test": "Is the spread unrelated to risk appetite?",
    "macro.shift": "Change of next month's correlation with {q}",
    "macro.rsquared": "Variance of the weekly spread explained",
    "macro.test": "Do macro series explain nothing?",
    "macro.idiosyncratic_gap": "Share explained, close less loose weeks",
    "macro.recoveries": "Recoveries in the sample",
    "macro.recovery_gap": "Lead in the first year of recoveries",
    "scenario.stress": "{first}: {stress}",
}
_SERIES = {"vix": "the VIX", "hy_spread": "the credit spread", "yield_10y": "the 10-year yield"}
_LEGS = re.compile(r"_(ab?|ba?)(?=_|$)")
_WINDOWED = ("correlation.", "regression.", "concordance.")


def label(analysis: Study, key: str) -> str:
    """What a key's number is, in plain words; a key without words is spelled out."""
    stem, _, rest = key.partition("[")
    qualifier = rest.removesuffix("]")
    words = _LABELS.get(stem) or _LABELS.get(_LEGS.sub("", stem))
    if words is None and stem.endswith("_90"):
        return "The same, 90 % interval"
    if words is None:
        spelled = re.sub(r"[._]+", " ", stem).capitalize()
        return f"{spelled}, {qualifier}" if qualifier else spelled
    a, b = (names.short(one) for one in names.legs(analysis))
    legs = _LEGS.search(stem)
    first, second = (b, a) if legs and legs[1][0] == "b" else (a, b)
    shown = _SERIES.get(qualifier, qualifier)
    if stem.startswith(_WINDOWED):
        shown = _window(analysis, qualifier)
    elif shown[:1].isdigit():  # lags 2-5
        shown = shown.replace("-", " to ")
    return words.format(
        a=a,
        b=b,
        first=first,
        second=second,
        n=qualifier,
        q=shown,
        lags=f"lag {shown}",
        day=names.per_period(analysis),
        regimes=" less ".join(_REGIMES.get(one, one) for one in qualifier.split("-")),
        stress=_STRESS.get(qualifier, qualifier),
    )


def _window(analysis: Study, qualifier: str) -> str:
    known = {*map(str, analysis.config.measured_windows), "all"}
    return names.window(analysis, qualifier).lower() if qualifier in known else qualifier
