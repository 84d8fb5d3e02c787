"""Smallest effects of interest: fixed beforehand, never tuned to a result.

Each is the smallest size of an effect that would change what a reader does; anything
smaller counts as none. They decide what "supported" and "rejected" mean.
"""

from __future__ import annotations

from typing import Self

from convex_research.statistics.stability.homogeneity import MARGIN

__all__ = ["Effect"]


class Effect(float):
    """A size, and why no smaller one matters.

    Parameters
    ----------
    size : float
        In the unit of what is measured.
    reason : str
        Begins with the claims that it decides, where they are few.
    """

    reason: str

    def __new__(cls, size: float, reason: str) -> Self:
        """A size with its reason."""
        effect = super().__new__(cls, size)
        effect.reason = reason
        return effect


CORRELATION_MARGIN_Z = Effect(
    MARGIN,
    "C16, C18a, C29, C35: z is the log of the ratio of the volatility of the legs' sum to that of "
    "their difference, at equal volatility; 0.20 changes that ratio by 22 % at every level of r.",
)
BETA_MARGIN = Effect(
    0.05,
    "C12: five hundredths of beta move a hedge by less than trading costs.",
)
VOLATILITY_RATIO = Effect(
    1.05,
    "C32: a twentieth more volatility is what two funds on one index differ by.",
)
NO_SLOPE = Effect(0.30, "C32: below this r a slope explains less than a tenth of the moves.")
STYLE_GAP = Effect(
    0.02,
    "C01: two hundredths of R2 are what rebalancing noise alone moves between index families.",
)
RISK_LINK = Effect(
    0.10,
    "C02: a correlation below a tenth explains less than one per cent of the spread's variance.",
)
ANNUAL_LEAD = Effect(
    0.02,
    "C03, C08: two per cent a year is about what two index funds differ by in costs and tracking.",
)
TREND_RATIO = Effect(
    1.20,
    "C04: a fifth more variance at one year than a random walk has is the least a trend "
    "follower would notice.",
)
BETA_DRIFT = Effect(0.10, "C06: a tenth of beta is the step in which hedges are usually adjusted.")
LONGEST_HALF_LIFE = Effect(
    252.0,
    "C07a: a gap that takes more than a year to close by half is not mean reversion one can use.",
)
COMOVEMENT = Effect(
    0.50,
    "C28: a connection that leaves most of the variance unshared (r below a half) is loose.",
)
MARKET_DROP = Effect(
    0.20,
    "C28: the market explains the link when r falls by at least one strength band without it.",
)
PARTIAL_STRONG = Effect(
    0.50,
    "C28: what is left without the market still counts as tight from here on.",
)
DELAY_SHARE = Effect(
    0.01,
    "C13: one hundredth of the market's pull arriving late is about one basis point on a day "
    "on which the market moves by one per cent.",
)
MACRO_SHARE = Effect(
    0.05,
    'C14: below a twentieth of its variance the spread is not "the" macro signal.',
)
LEAD_SHARE = Effect(
    0.005,
    "C15: half a per cent of variance foreseen is about what costs of daily trading take.",
)
DIRECTION_SHARE = Effect(
    0.70,
    'C22a, C23, C26: seven days in ten, the least that "in the same direction" can mean.',
)
DIRECTION_CHANCE = Effect(0.50, "C23: every second day is chance.")
CORRELATION_SHIFT = Effect(
    0.10,
    "C18b: a tenth of Fisher's z for each standard deviation is about 0.03 in r at r = 0.85.",
)
AMPLIFIED_SPREAD = Effect(
    1.10,
    "C19: a tenth more than usual is the least that would change a position's size.",
)
EVENT_RATIO = Effect(
    1.25,
    "C10, C20: a quarter more than in the weeks around is the least that makes a window special.",
)
IDIOSYNCRATIC_GAP = Effect(0.05, "C21: as C14, a twentieth of the spread's variance.")
DOWN_CORRELATION = Effect(
    0.30,
    "C22a: a correlation of 0.3 on falling days is the least that makes two longs fall together.",
)
HEDGE_USEFUL = Effect(
    0.50,
    "C22b: a hedge that removes half of the variance takes about three tenths off the volatility.",
)
HEDGE_USELESS = Effect(
    0.25,
    "C22b: one that removes less than a quarter leaves seven eighths of the volatility.",
)
HIT_RATE = Effect(
    0.52,
    "C27: two points above one half is about what a daily signal needs to pay its costs.",
)
SIZE_GAIN = Effect(
    0.05,
    "C09: a twentieth less squared error is a fortieth less error; one who knew the volatility of "
    "tomorrow would gain little more in calm clusters.",
)
FORECAST_GAIN = Effect(
    0.05,
    "C30: a twentieth less loss is the least that makes another forecast worth its upkeep.",
)
HEDGE_LOSS = Effect(0.10, "C36: a tenth of A's variance that a hedge promised and did not remove.")
