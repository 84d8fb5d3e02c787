"""Smallest effects of interest: fixed beforehand, never tuned to a result.

Each is the smallest size of an effect that would change what a reader does; anything
smaller counts as none. They decide what "supported" and "rejected" mean.
"""

from __future__ import annotations

__all__ = [
    "AMPLIFIED_SPREAD",
    "ANNUAL_LEAD",
    "BETA_DRIFT",
    "BETA_MARGIN",
    "COMOVEMENT",
    "CORRELATION_MARGIN_Z",
    "CORRELATION_SHIFT",
    "DELAY_SHARE",
    "DIRECTION_CHANCE",
    "DIRECTION_SHARE",
    "DOWN_CORRELATION",
    "DRIFT_RANGE",
    "EVENT_RATIO",
    "FORECAST_GAIN",
    "HEDGE_LOSS",
    "HEDGE_USEFUL",
    "HEDGE_USELESS",
    "HIT_RATE",
    "IDIOSYNCRATIC_GAP",
    "LEAD_SHARE",
    "LONGEST_HALF_LIFE",
    "MACRO_SHARE",
    "MARKET_DROP",
    "NO_COMOVEMENT",
    "PARTIAL_STRONG",
    "RECENT_MARGIN_Z",
    "REGIME_GAP",
    "RISK_LINK",
    "STABLE_BAND",
    "STYLE_GAP",
    "TREND_RATIO",
]

# C35: z is the log of the ratio of the volatility of the legs' sum to that of their difference,
# at equal volatility; 0.20 changes that ratio by 22 % at every level of r.
CORRELATION_MARGIN_Z = 0.20

# C29: about 0.10 in r at r = 0.85: a change smaller than the width of a strength band's half
# would not alter how anyone uses the pair.
RECENT_MARGIN_Z = 0.35

# Five hundredths of beta: below this a leg neither amplifies nor dampens by an amount
# that survives trading costs in a hedge.
BETA_MARGIN = 0.05

# C01: two hundredths of R2 are what rebalancing noise alone moves between index families.
STYLE_GAP = 0.02

# C02: a correlation below a tenth explains less than one per cent of the spread's variance.
RISK_LINK = 0.10

# C03, C08: two per cent a year is about what two index funds differ by in costs and tracking.
ANNUAL_LEAD = 0.02

# C04: a fifth more variance at one year than a random walk has is the least a trend follower
# would notice.
TREND_RATIO = 1.20

# C06: a tenth of beta is the step in which hedges are usually adjusted.
BETA_DRIFT = 0.10

# C07a: a gap that takes more than a year to close by half is not mean reversion one can use.
LONGEST_HALF_LIFE = 252.0

# C11: a connection that leaves most of the variance unshared (r below a half) is loose.
COMOVEMENT = 0.50

# C11: below this r there is no shared exposure worth the name.
NO_COMOVEMENT = 0.30

# C11, C28: the market explains the link when r falls by at least one strength band without it.
MARKET_DROP = 0.20

# C28: what is left without the market still counts as tight from here on.
PARTIAL_STRONG = 0.50

# C13: one hundredth of the market's pull arriving late is about one basis point on a day on
# which the market moves by one per cent.
DELAY_SHARE = 0.01

# C14: below a twentieth of its variance the spread is not "the" macro signal.
MACRO_SHARE = 0.05

# C15: half a per cent of variance foreseen is about what costs of daily trading take.
LEAD_SHARE = 0.005

# C16: five hundredths of r change a two-asset portfolio's volatility by about one per cent.
REGIME_GAP = 0.05

# C17, C23: seven days in ten, the least that "in the same direction" can mean.
DIRECTION_SHARE = 0.70

# C23: every second day is chance.
DIRECTION_CHANCE = 0.50

# C18a: a tenth of r between the halves of a sample is half a strength band.
DRIFT_RANGE = 0.10

# C18a: filtered correlation that stays within this distance of its median does not move.
STABLE_BAND = 0.05

# C18b: a tenth of Fisher's z for each standard deviation is about 0.03 in r at r = 0.85.
CORRELATION_SHIFT = 0.10

# C19: a tenth more than usual is the least that would change a position's size.
AMPLIFIED_SPREAD = 1.10

# C10, C20: a quarter more than in the weeks around is the least that makes a window special.
EVENT_RATIO = 1.25

# C21: as C14, a twentieth of the spread's variance.
IDIOSYNCRATIC_GAP = 0.05

# C22a: a correlation of 0.3 on falling days is the least that makes two longs fall together.
DOWN_CORRELATION = 0.30

# C22b: a hedge that removes half of the variance takes about three tenths off the volatility.
HEDGE_USEFUL = 0.50

# C22b: one that removes less than a quarter leaves seven eighths of the volatility.
HEDGE_USELESS = 0.25

# C27: two points above one half is about what a daily signal needs to pay its costs.
HIT_RATE = 0.52

# C30: a twentieth less loss is the least that makes another forecast worth its upkeep.
FORECAST_GAIN = 0.05

# C36: a tenth of A's variance that a hedge promised and did not remove.
HEDGE_LOSS = 0.10
