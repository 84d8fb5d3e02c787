"""A pair's daily record: what is kept of each day, as it was published."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from convex_research.core.config import AnalysisConfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convex_research.daily.watch.look import Watched

__all__ = ["Row", "daily_rows"]


def _estimates(config: AnalysisConfig) -> tuple[str, ...]:
    """Keys of the estimates that are kept; the windows are those of the configuration."""
    year, rolling, recent = config.year, config.rolling_window, config.recent_window
    return (
        *(f"correlation.pearson[{w}]" for w in (*config.windows, "all")),
        *(f"correlation.spearman[{year}]", f"correlation.kendall[{year}]"),
        *("correlation.synchronised[all]", "correlation.weekly[all]"),
        *("correlation.ewma[0.94]", f"regression.beta[{year}]"),
        *(f"regression.beta_reverse[{year}]", f"regression.rsquared[{year}]"),
        *(f"volatility.annual_a[{year}]", f"volatility.annual_b[{year}]"),
        *(f"rolling.pearson_{end}[{rolling}]" for end in ("min", "max", "min_5y", "max_5y")),
        *("rolling.null_percentile", f"recent.difference[{recent}]"),
        *(f"recent.recent[{recent}]", f"recent.preceding[{recent}]"),
        *("stability.breaks", "dynamics.dcc_last", "dynamics.kalman_beta"),
        *("forecast.pearson[21]", "spread.zscore", "spread.ratio"),
        *("spread.volatility[252]", "spread.tracking_error[252]", "cointegration.half_life"),
        *("hedge.ratio[all]", "hedge.effectiveness_out", "performance.last_a"),
        *("performance.last_b", "performance.relative_strength[252]"),
    )


def _tests(config: AnalysisConfig) -> tuple[str, ...]:
    """Keys of the tests that are kept."""
    rolling = config.rolling_window
    return (
        *("recent.fisher", "stability.wied_simulated", "stability.sup_f_simulated"),
        *(f"rolling.pearson_{end}_test[{rolling}]" for end in ("min", "max")),
        *("cointegration.engle_granger[aic]", "regimes.equality"),
    )


class Row(NamedTuple):
    """One number, or one verdict, of one pair on one day.

    Parameters
    ----------
    as_of : str
        Last date of the pair's data, ISO.
    slug, key : str
        The pair, and the record's key; a claim's is ``claim.`` and its id.
    value, low, high, pvalue : float or None
        An estimate with its interval; of a test the statistic and its p-value.
    text : str
        A claim's verdict; the last date of an extreme.
    """

    as_of: str
    slug: str
    key: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    pvalue: float | None = None
    text: str = ""


def daily_rows(record: Mapping[str, Any], seen: Watched | None) -> Iterator[Row]:
    """What is kept of a pair's record, and of the look at the pair on the same data."""
    row = partial(Row, slug=str(record["pair"]["slug"]), as_of=str(record["as_of"]))
    config = AnalysisConfig.of_record(record)
    for key in _estimates(config):
        one = record["estimates"].get(key)
        if one is not None:
            text = str(one.get("end") or "") if "pearson_m" in key else ""
            ends = {end: one.get(end) for end in ("low", "high")}
            yield row(key=key, value=one["value"], text=text, **ends)
    for key in _tests(config):
        one = record["tests"].get(key)
        if one is not None:
            yield row(key=key, value=one["statistic"], pvalue=one["pvalue"])
    for claim in record["claims"]:
        pvalue, verdict = claim.get("pvalue"), claim["verdict"]
        yield row(key=f"claim.{claim['id']}", pvalue=pvalue, text=verdict)
    if seen is not None:
        yield row(key="watch.change", value=seen.statistic, pvalue=seen.pvalue)
        if seen.move is not None:
            yield row(key="watch.spread_move", value=seen.move.value, pvalue=seen.move.pvalue)
