"""What would have made each claim's hypothesis hold or fail, in words.

The sizes are those of :mod:`convex_research.claims.effects`; none is written down twice.
"""

from __future__ import annotations

from typing import NamedTuple

from convex_research.claims import effects
from convex_research.core import formatting as fmt

__all__ = ["Rule", "rule_of"]

_P = "adjusted p below 0.05"


class Rule(NamedTuple):
    """A claim's rule; {a} and {b} are the legs.

    Parameters
    ----------
    supported, rejected : str
        What the data have to show; anything between leaves the claim open.
    """

    supported: str
    rejected: str


def _share(x: float) -> str:
    return fmt.percent(x, 0)


def _more(x: float) -> str:
    return fmt.percent(x - 1.0, 0)


def _beyond(what: str, size: float, *also: str) -> tuple[str, str]:
    """Rule of a claim that there is an effect, on either side of zero."""
    extra = "".join(f", and {one}" for one in also)
    return (
        f"the {{level}} interval of {what} lies wholly beyond ±{size:.2f}{extra}",
        f"the 90 % interval of {what} lies within ±{size:.2f}",
    )


def _above(what: str, size: str, *also: str) -> tuple[str, str]:
    """Rule of a claim that something is large."""
    extra = "".join(f", and {one}" for one in also)
    return (
        f"the whole interval of {what} lies above {size}{extra}",
        f"the whole interval of {what} lies below {size}",
    )


_RULES: dict[str, Rule] = {
    "C01": Rule(
        "mid caps explain more of the variance of {a} than large caps and than small caps do, by "
        f"more than {effects.STYLE_GAP} of R² in both intervals",
        "one of the two gaps lies wholly below zero",
    ),
    "C02": Rule(
        *_beyond(
            "the correlation of the spread with falls of the VIX",
            effects.RISK_LINK,
            _P,
            "falls of the high-yield spread point the same way where they are loaded",
        ),
    ),
    "C03": Rule(
        *_above("the lead of {a} over at least 4 recoveries", _share(effects.ANNUAL_LEAD)),
    ),
    "C04": Rule(
        *_above("the variance ratio of yearly changes", f"{effects.TREND_RATIO}", _P),
    ),
    "C06": Rule(
        *_beyond(
            "the change of beta between the halves of the sample",
            effects.BETA_DRIFT,
            _P,
            "a test for a break at any date agrees",
        ),
    ),
    "C07a": Rule(
        f"the half-life's interval ends below {effects.LONGEST_HALF_LIFE:.0f} observations, {_P}, "
        "and a second test of cointegration agrees",
        f"the half-life's interval begins above {effects.LONGEST_HALF_LIFE:.0f} observations, or "
        "the variance ratio lies wholly above 1",
    ),
    "C08": Rule(
        "the leg with the larger market beta leads in bull markets and trails in bear markets, "
        f"each by more than {_share(effects.ANNUAL_LEAD)} a year with its whole interval",
        f"one of the two intervals excludes {_share(effects.ANNUAL_LEAD)} a year",
    ),
    "C09": Rule(
        *_above("the cut in squared forecast error", _share(effects.FORECAST_GAIN)),
    ),
    "C11": Rule(
        f"the intervals lie above {effects.COMOVEMENT:.2f} for r, and above "
        f"{effects.MARKET_DROP:.2f} for its drop once the market is taken out",
        f"the interval of r lies below {effects.NO_COMOVEMENT:.2f}, or that of the drop below "
        f"{effects.MARKET_DROP:.2f}",
    ),
    "C12": Rule(
        *_beyond("the difference of the market betas", effects.BETA_MARGIN),
    ),
    "C13": Rule(
        *_beyond("the difference of the shares that arrive late", effects.DELAY_SHARE),
    ),
    "C14": Rule(
        *_above(
            "the share of the weekly spread explained",
            _share(effects.MACRO_SHARE),
            _P,
            "forecasts out of sample gain",
        ),
    ),
    "C15": Rule(
        f"past moves of {{a}} explain {fmt.percent(effects.LEAD_SHARE)} of the variance of {{b}} "
        f"or more, only this direction has its {_P}, and forecasts out of sample agree",
        f"the 90 % interval of that share ends below {fmt.percent(effects.LEAD_SHARE)}, or the "
        "same rule finds that {b} leads {a}",
    ),
    "C16": Rule(
        "the {level} interval of a difference between two thirds of days, sorted by volatility, "
        f"lies beyond ±{effects.REGIME_GAP:.2f}, {_P}, and it remains once each leg's volatility "
        "is divided out",
        f"the 90 % intervals of all three differences lie within ±{effects.REGIME_GAP:.2f}",
    ),
    "C17": Rule(
        f"the share of days and r both lie wholly above {effects.DIRECTION_SHARE:.2f}, {_P}",
        f"one of the two lies wholly below {effects.DIRECTION_SHARE:.2f}",
    ),
    "C18a": Rule(
        *_beyond(
            "the change of r between the halves of the sample",
            effects.DRIFT_RANGE,
            _P,
            "two of three tests for a change at any date agree",
        ),
    ),
    "C18b": Rule(
        *_beyond(
            "the change of next month's correlation, on Fisher's z scale, for each standard "
            "deviation of the series",
            effects.CORRELATION_SHIFT,
        ),
    ),
    "C19": Rule(
        *_above("how much larger the spread's moves are", _more(effects.AMPLIFIED_SPREAD)),
    ),
    "C20": Rule(
        *_above("how much larger the spread's moves are", _more(effects.EVENT_RATIO)),
    ),
    "C21": Rule(
        *_above(
            "the difference in the share explained",
            f"{100 * effects.IDIOSYNCRATIC_GAP:.0f} points",
        ),
    ),
    "C22a": Rule(
        f"the share of worst days lies wholly above {effects.DIRECTION_SHARE:.2f} and r on days "
        f"on which both fell wholly above {effects.DOWN_CORRELATION:.2f}",
        "one of the two lies wholly below its mark",
    ),
    "C22b": Rule(
        f"“no hedge”: the variance removed lies wholly below {_share(effects.HEDGE_USELESS)}, by "
        "other ways to set the ratio too",
        f"a hedge after all: it lies wholly above {_share(effects.HEDGE_USEFUL)}",
    ),
    "C23": Rule(
        f"the share of days lies wholly above {effects.DIRECTION_SHARE:.2f}",
        f"it lies wholly below {effects.DIRECTION_CHANCE:.2f}",
    ),
    "C24": Rule(
        "the moves are observed and nothing is inferred from them",
        "it cannot fail: it reports, and tests nothing",
    ),
    "C25": Rule(
        "the whole interval lies in one band of strength (|r| from 0.8 very strong, 0.6 strong, "
        "0.4 moderate, 0.2 weak, below negligible)",
        "it is never rejected: an interval across two bands leaves it open, with both names",
    ),
    "C26": Rule(
        *_above("the level that 95 % of rolling windows exceed", f"{effects.DIRECTION_SHARE:.2f}"),
    ),
    "C27": Rule(
        f"a hit rate lies wholly above {_share(effects.HIT_RATE)}, {_P}",
        f"both hit rates lie wholly below {_share(effects.HIT_RATE)}",
    ),
    "C28": Rule(
        f"without the market r lies wholly below {effects.PARTIAL_STRONG:.2f}, and its drop "
        f"wholly above {effects.MARKET_DROP:.2f}",
        f"without the market r still lies wholly above {effects.PARTIAL_STRONG:.2f}",
    ),
    "C29": Rule(
        "the 90 % interval of the difference lies within "
        f"±{effects.RECENT_MARGIN_Z} on Fisher's z scale (about ±0.10 at r = 0.85)",
        f"its {{level}} interval lies wholly beyond ±{effects.RECENT_MARGIN_Z}, and a second test "
        "agrees",
    ),
    "C30": Rule(
        "the gain of every alternative in forecast loss lies wholly below "
        f"{_share(effects.FORECAST_GAIN)}",
        f"the best alternative gains {_share(effects.FORECAST_GAIN)} or more, with its interval "
        f"above zero and {_P}",
    ),
    "C31": Rule(
        "r² equals the share explained and the product of both slopes, to twelve digits",
        "an identity fails, which would be an error of the program",
    ),
    "C32": Rule(
        f"beta lies wholly above {1 + effects.BETA_MARGIN:.2f}; above zero if the legs have "
        "different units",
        f"beta lies wholly below {1 - effects.BETA_MARGIN:.2f}, or wholly within "
        f"{1 - effects.BETA_MARGIN:.2f} to {1 + effects.BETA_MARGIN:.2f}; wholly below zero if the "
        "legs have different units",
    ),
    "C33": Rule(
        f"the rank correlation with changes of volatility is positive, {_P}",
        "its interval lies wholly below zero",
    ),
    "C34": Rule(
        f"extreme windows hold more days of stress than others do, {_P}",
        "they hold fewer, and chance makes so few in one case of forty at most",
    ),
    "C35": Rule(
        f"a test in which each year has its own error finds them unequal, {_P}; by more than "
        "matters where the {level} interval of the widest gap between two years, the choice among "
        f"them allowed for, lies above {effects.CORRELATION_MARGIN_Z:.2f} on Fisher's z scale",
        "the 90 % interval of the widest gap between two years ends below "
        f"{effects.CORRELATION_MARGIN_Z:.2f}",
    ),
    "C36": Rule(
        f"more than {100 * effects.HEDGE_LOSS:.0f} points of the promised cut are lost, with the "
        "whole interval",
        f"the whole interval loses less than {100 * effects.HEDGE_LOSS:.0f} points",
    ),
}

_STABLE = f" and the filtered correlation stays within {effects.STABLE_BAND} of its median"
_RULES["C18a"] = _RULES["C18a"]._replace(rejected=_RULES["C18a"].rejected + _STABLE)


def rule_of(claim_id: str) -> Rule | None:
    """The rule of a claim, ``C18b[vix]`` as ``C18b``; none for what is never tested."""
    return _RULES.get(claim_id.partition("[")[0])
