"""Two forecasts or hedges scored on the same days: relative gain and equality of losses."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from convex_research.core.estimates import (
    Estimate,
    Interval,
    Missing,
    NotComputed,
    TestResult,
    too_short,
)
from convex_research.statistics.inference.block_draws import (
    BlockDraws,
    data_seed,
    guarded_block_length,
    stationary_draws,
    stationary_std_error,
    symmetric_half_width,
)
from convex_research.statistics.inference.fixed_b import PVALUE_FLOOR, fixed_b_pvalue
from convex_research.statistics.inference.flags import OF_ITS_OWN_DAYS
from convex_research.statistics.inference.influence_interval import (
    MIN_NOBS_INTERVAL,
    MIN_NOBS_TEST,
    as_pair,
    bartlett_lag,
    hac_std_error,
    influence_interval,
    unusable,
)

if TYPE_CHECKING:
    from convex_research.core.typing import Array, ArrayLike

__all__ = ["diebold_mariano", "gain_and_test", "hac_gain", "relative_gain"]

_Resampled: TypeAlias = "tuple[float, float, Array, Array, float]"

_REPLICATIONS = 999
_LARGEST = 1e4  # a loss beyond so many of the benchmark's is another scale, not a share of it


def relative_gain(
    loss: ArrayLike,
    benchmark: ArrayLike,
    *,
    confidence_level: float = 0.95,
    block_length: float | None = None,
    seed: int | None = None,
    what: str = "1 - mean loss / mean benchmark loss",
) -> Estimate | NotComputed:
    """Share of the benchmark's mean loss that a method removes.

    1 - q, q = mean(loss) / mean(benchmark). The interval is symmetric percentile-t on log q: whole
    days are resampled in blocks, so the two losses stay paired. Politis and Romano 1994; Goetze and
    Kuensch (1996), Annals of Statistics 24, 1914-1933.

    Parameters
    ----------
    loss, benchmark : array_like, shape (T,)
        Losses on the same dates, not negative.
    block_length : float, optional
        Mean block length; chosen from the influence values by default.
    what : str
        What is measured, for the method's description.
    """
    made = _resampled(loss, benchmark, block_length, seed)
    if isinstance(made, NotComputed):
        return made
    return _gain(made, np.size(loss), confidence_level, what)


def gain_and_test(
    loss: ArrayLike,
    benchmark: ArrayLike,
    null: float,
    *,
    confidence_level: float = 0.95,
    what: str = "1 - mean loss / mean benchmark loss",
) -> tuple[Estimate | NotComputed, TestResult | NotComputed]:
    """The gain of :func:`relative_gain`, and the test of a given gain from the same resamples.

    - ``null``: the gain under the null, below one.
    - ``test``: ``statistic`` = (log(1 - null) - log q) / se, positive where more is removed;
      ``pvalue`` the share of resamples whose studentised deviation is as far from zero.
    """
    made = _resampled(loss, benchmark, None, None)
    if isinstance(made, NotComputed):
        return made, made
    quotient, std_error, deviation, se_star, length = made
    gain = _gain(made, np.size(loss), confidence_level, what)
    if isinstance(gain, NotComputed):
        return gain, gain
    statistic = (math.log1p(-null) - math.log(quotient)) / std_error
    with np.errstate(divide="ignore", invalid="ignore"):
        beyond = ~(np.abs(deviation) / se_star < abs(statistic))
    test = TestResult(
        statistic=statistic,
        pvalue=(1.0 + float(beyond.sum())) / (1.0 + _REPLICATIONS),
        null=f"over these days {100.0 * null:g} % of the mean loss was removed",
        alternative="more or less was removed",
        distribution=f"stationary bootstrap, mean block {length:.1f}, {_REPLICATIONS} replications",
        nobs=np.size(loss),
        flags=(OF_ITS_OWN_DAYS,),
    )
    return gain, test


def _gain(
    made: _Resampled, nobs: int, confidence_level: float, what: str
) -> Estimate | NotComputed:
    """1 - q with its symmetric percentile-t interval."""
    quotient, std_error, deviation, se_star, length = made
    half = symmetric_half_width(deviation, se_star, std_error, confidence_level=confidence_level)
    if half is None or half > math.log(_LARGEST / quotient):
        return NotComputed(
            Missing.NO_FIT, "a few days make up the whole loss, so no interval can be given"
        )
    return Estimate(
        value=1.0 - quotient,
        std_error=std_error * quotient,
        low=1.0 - quotient * math.exp(half),
        high=1.0 - quotient * math.exp(-half),
        confidence_level=confidence_level,
        interval=Interval.BOOTSTRAP,
        method=(
            f"{what}; stationary bootstrap of paired days, symmetric percentile-t on the log"
            f" scale, mean block {length:.1f}, {_REPLICATIONS} replications"
        ),
        nobs=nobs,
    )


def _resampled(
    loss: ArrayLike, benchmark: ArrayLike, block_length: float | None, seed: int | None
) -> tuple[float, float, Array, Array, float] | NotComputed:
    """Q = mean(loss) / mean(benchmark), and the error of its log: own, and of each resample."""
    model, base = as_pair(loss, benchmark)
    if (reason := _unusable_losses(model, base)) is not None:
        return reason
    scale = float(base.max())
    model_mean, base_mean = float((model / scale).mean()), float((base / scale).mean())
    unit_model, unit_base = model / scale / model_mean, base / scale / base_mean
    influence = unit_model - unit_base
    if float(np.abs(influence).max()) < 1e-12:
        return NotComputed(
            Missing.EXACT, "both methods are the same here, so the gain has no sampling error"
        )
    length = guarded_block_length(influence) if block_length is None else block_length
    used_seed = data_seed(model, base, salt="paired losses") if seed is None else seed
    draws = stationary_draws(model.size, length, replications=_REPLICATIONS, seed=used_seed)
    deviation, se_star = _log_ratio(unit_model, unit_base, draws)
    std_error = stationary_std_error(influence, length)
    return model_mean / base_mean, std_error, deviation, se_star, length


def hac_gain(
    loss: ArrayLike, benchmark: ArrayLike, *, confidence_level: float = 0.95, lag: int | None = None
) -> Estimate | NotComputed:
    """The same gain with a HAC interval, which costs no draws: for further runs.

    1 - q with influence values q (base / mean base) - loss / mean base.
    """
    model, base = as_pair(loss, benchmark)
    if (reason := _unusable_losses(model, base)) is not None:
        return reason
    unit = model / float(base.mean()), base / float(base.mean())
    quotient = float(unit[0].mean())
    influence = quotient * unit[1] - unit[0]
    return influence_interval(
        1.0 - quotient, influence, confidence_level=confidence_level, law="larger", lag=lag
    )


def _unusable_losses(model: Array, base: Array) -> NotComputed | None:
    if model.size < MIN_NOBS_INTERVAL:
        return too_short(f"at least {MIN_NOBS_INTERVAL} dates", model.size)
    if not (np.isfinite(model).all() and np.isfinite(base).all()):
        return NotComputed(Missing.MISSING_VALUES, "the losses have missing or infinite values")
    largest = float(base.max())
    if largest <= 0.0 or min(float(base.min()), float(model.min())) < 0.0:
        return NotComputed(Missing.EXACT, "the benchmark has no loss to reduce")
    model_mean, base_mean = float((model / largest).mean()), float((base / largest).mean())
    if model_mean <= 1e-24 * base_mean:
        return NotComputed(
            Missing.EXACT, "nothing is left of the loss, so the gain has no sampling error"
        )
    if model_mean > _LARGEST * base_mean:
        return NotComputed(
            Missing.UNDEFINED,
            f"the loss is more than {_LARGEST:,.0f} times what it is compared with",
        )
    return None


def _log_ratio(model: Array, base: Array, draws: BlockDraws) -> tuple[Array, Array]:
    """Log ratio of resampled means, less the sample's own, and its standard error.

    Both series have mean one. The standard error comes from the resample's own blocks.
    """
    blocks = draws.block_sums(np.column_stack([model - 1.0, base - 1.0]))
    means = 1.0 + draws.totals(blocks) / draws.nobs
    means = np.maximum(means, 1e-300)
    count = np.diff(draws.first, append=draws.start.size)
    score = (blocks[:, 0] + draws.length) * np.repeat(1.0 / means[:, 0], count)
    score -= (blocks[:, 1] + draws.length) * np.repeat(1.0 / means[:, 1], count)
    std_error = np.sqrt(np.add.reduceat(score * score, draws.first)) / draws.nobs
    return np.log(means[:, 0] / means[:, 1]), std_error


def diebold_mariano(
    loss_a: ArrayLike,
    loss_b: ArrayLike,
    *,
    names: tuple[str, str] = ("the first", "the second"),
    horizon: int = 1,
) -> TestResult | NotComputed:
    """Diebold-Mariano test that two methods lose equally much.

    t = mean(d) / se with d = loss_a - loss_b; positive: the first loses more. Bartlett HAC with lag
    floor(1.3 sqrt(T)) and fixed-b p-value, two-sided. Diebold and Mariano (1995), JBES 13, 253-263.

    Parameters
    ----------
    loss_a, loss_b : array_like, shape (T,)
        Losses on the same dates.
    names : tuple of str
        What the methods are called in the hypotheses.
    horizon : int
        Observations a forecast reaches ahead; the HAC lag is at least ``horizon`` - 1.
    """
    first, second = as_pair(loss_a, loss_b)
    difference = first - second
    if (reason := unusable(difference, min_nobs=MIN_NOBS_TEST)) is not None:
        if first.size >= MIN_NOBS_TEST and np.isfinite(difference).all():
            return NotComputed(Missing.EXACT, "both methods lose equally much on every date")
        return reason
    lag = min(max(bartlett_lag(difference.size), horizon - 1), difference.size - 1)
    scaled = difference / float(np.abs(difference).max())
    std_error, b, used = hac_std_error(scaled, lag)
    if std_error < 1e-12 * abs(float(scaled.mean())) or std_error == 0.0:
        return NotComputed(Missing.EXACT, "the losses differ by the same amount on every date")
    statistic = float(scaled.mean()) / std_error
    pvalue = fixed_b_pvalue(statistic, b)
    return TestResult(
        statistic=statistic,
        pvalue=pvalue,
        pvalue_bound="<" if pvalue <= PVALUE_FLOOR else None,
        null=f"{names[0]} and {names[1]} lose equally much",
        alternative="their mean losses differ",
        distribution=f"fixed-b t (Bartlett, lag {used}, b {b:.3f})",
        nobs=difference.size,
    )
