"""Pure functions on arrays, one subject a file.

Arrays in; :class:`~convex_research.core.estimates.Estimate`,
:class:`~convex_research.core.estimates.TestResult` or
:class:`~convex_research.core.estimates.NotComputed` out. No dates, no files, no pages.
Every estimator can be taken from here by name; it is loaded on first use.

What holds everywhere, and is said only here:

- ``a`` and ``b`` (inside, ``x`` and ``y``) are the returns of both legs on shared dates, in any
  unit, shape (T,); ``market`` is a third such series. In a regression ``a`` is explained by ``b``.
  The series of one call are one-dimensional and of equal length and masks have their shape; two
  masks of a call share no day, nor do two samples. Otherwise, and for an argument outside its
  range, a ``ValueError`` is raised.
- A function returns what its signature says; its text has the formula, the error with its degrees
  of freedom, and the source. Missing or infinite values, fewer than 30 observations (60 for a
  test) and a leg that does not move give a ``NotComputed``. Rolling functions alone take NaN.
- ``confidence_level`` is the nominal coverage of a two-sided interval, in (0, 1); ``unit`` is that
  of the value, for a slope of A per unit of B; ``std_error`` is on the scale of the value also
  where the interval is made on another, such as Fisher's: tanh(z -+ c se / (1 - r^2)).
- Errors come from influence values f_t: sqrt(T) (estimate - truth) ~ N(0, Omega), Omega the
  Bartlett long-run variance of f with ``lag``, floor(1.3 sqrt(T)) by default, ``stretch`` times
  as long where given. b = (lag + 1) / T. Critical values are fixed-b's, or Student's with
  1 / (1 / d + b / 1.5) degrees of freedom, 4 at least, d = (sum f^2)^2 / sum f^4 the days that
  carry the variance. Functions that are not listed below take finite series that move.
- ``window`` counts observations. ``seed`` is made from the data where it is not given: the same
  data give the same numbers.

References cited by name: Clopper and Pearson (1934), Biometrika 26, 404-413; Croux and Dehon
(2010), Statistical Methods and Applications 19, 497-515; Efron and Stein (1981), Annals of
Statistics 9, 586-596; Kiefer and Vogelsang (2005), Econometric Theory 21, 1130-1164; Lazarus,
Lewis, Stock and Watson (2018), JBES 36, 541-559; Ledoit and Wolf (2008), Journal of Empirical
Finance 15, 850-859; Newey and West (1987), Econometrica 55, 703-708, and (1994), Review of Economic
Studies 61, 631-653; Politis and Romano (1994), JASA 89, 1303-1313; Welch (1947), Biometrika 34,
28-35; Zou (2007), Psychological Methods 12, 399-413.

Examples
--------
>>> import numpy as np
>>> from convex_research.statistics import beta
>>> x = np.random.default_rng(1).standard_normal(500)
>>> round(beta(2.0 * x + np.random.default_rng(2).standard_normal(500), x).value, 1)
2.0
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

_ESTIMATORS = {
    "dependence.asynchrony": ("asynchrony", "rarely_traded", "synchronised"),
    "dependence.comparison": ("compare", "difference", "fisher_test", "jennrich_test"),
    "dependence.concordance": ("hit_rate", "same_sign", "same_sign_extreme", "sign_test"),
    "dependence.conditional_correlation": ("ewma", "ewma_path", "partial", "partial_drop"),
    "dependence.correlation": ("kendall", "pearson", "spearman"),
    "dependence.explained": ("explained", "explained_gap", "explained_test", "rsquared_gap"),
    "dependence.exposure": ("delay_gap", "market_slopes", "mean_gap", "mean_in"),
    "dependence.regression": ("alpha", "beta", "line_band", "rsquared"),
    "dependence.side_by_side": (
        *("capture_gap", "growth_gap", "own_share", "reward_gap", "volatility_change"),
        *("volatility_ratio_test", "years_ahead"),
    ),
    "dependence.tail_symmetry": ("symmetry",),
    "dependence.tails": ("chi", "exceedance", "joint_worst"),
    "dynamics.dcc": ("dcc",),
    "dynamics.envelope": ("rolling_envelope",),
    "dynamics.forecast": ("correlation_forecasts", "gain_over_mean", "next_correlation"),
    "dynamics.garch": ("ccc_garch", "garch"),
    "dynamics.kalman": ("kalman_beta",),
    "dynamics.rolling": ("rolling_beta", "rolling_fisher_z", "rolling_pearson"),
    "dynamics.rolling_band": ("extreme_window", "window_band"),
    "hedging.hedge": (
        "compare_hedges",
        "effectiveness_in",
        "effectiveness_out",
        "hedge_ratio",
        "hindsight",
    ),
    "hedging.scenario": ("b_given_a",),
    "inference.hac_regression": ("beta_dimson", "beta_down", "beta_up", "up_down"),
    "inference.paired_losses": ("diebold_mariano", "hac_gain", "relative_gain"),
    "leads.lead_lag": ("cross_correlation", "granger", "lead_sum", "wald"),
    "leads.lead_share": ("lead_share", "rotation_test"),
    "leads.predictability": ("clark_west", "out_of_sample_rsquared"),
    "leads.skip_lead": ("skip_wald",),
    "levels.cointegration": ("engle_granger", "johansen_trace", "phillips_ouliaris"),
    "levels.divergence": ("after_breakdowns", "event_ratio", "volatility_forecast_gain"),
    "levels.half_life": ("half_life",),
    "levels.spread": ("price_ratio", "spread_volatility", "tracking_error", "zscore"),
    "levels.trend": ("episode_test", "longest_episode", "trend_test"),
    "levels.unit_root": ("adf", "kpss"),
    "levels.variance_ratio": ("chow_denning", "variance_ratio", "variance_ratio_test"),
    "many.closed": ("closed_discoveries",),
    "many.step_up": ("stepped_up",),
    "single.diagnostics": ("arch_lm", "jarque_bera", "ljung_box", "tail_index"),
    "single.distribution": ("histogram", "quantile", "student_tails"),
    "single.episodes": ("deepest_episodes", "underwater"),
    "single.history": ("history_percentile", "usual_range"),
    "single.performance": ("cagr", "capture", "max_drawdown", "relative_strength"),
    "single.reward": ("reward_for_risk",),
    "single.rolling_volatility": ("rolling_volatility",),
    "single.volatility": ("annual_volatility", "volatility", "volatility_ratio"),
    "stability.breaks": ("breaks",),
    "stability.constancy": ("beta_gap", "gap_test"),
    "stability.constant_correlation": ("wied",),
    "stability.contagion": ("forbes_rigobon",),
    "stability.homogeneity": ("equivalence", "gaps_between", "welch_james", "widest_gap"),
    "stability.lasting_shift": ("change_date", "cusum_r", "splits"),
    "stability.macro_shift": ("monthly_shift",),
    "stability.regimes": ("equality", "market_regimes", "pearson_in", "volatility_regimes"),
    "stability.regression_stability": ("cusum", "nyblom", "sup_f"),
}
_HOMES = {name: home for home, names in _ESTIMATORS.items() for name in names}

__all__ = sorted(_HOMES)  # noqa: PLE0605  # the table is where they are listed


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
