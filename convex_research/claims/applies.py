"""Which pairs a claim is about; one that is not about a pair is absent from its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from convex_research.claims.facts import Facts

__all__ = [
    "always",
    "equal_weight",
    "equity_peers",
    "funds",
    "peers",
    "prices",
    "us_equity",
    "with_market",
    "without_vix",
]

_US_EQUITY = frozenset(
    (
        *("sp500", "nasdaq", "SPX", "IXIC", "SPY", "RSP", "IWM", "QQQ", "MDY", "IJR", "DIA"),
        *("VTI", "IWD", "IWF", "USMV", "MTUM", "XLK", "XLF", "XLE", "XLV", "XLI", "XLY"),
        *("XLP", "XLU", "XLB", "XLRE", "XLC"),
    )
)


def always(facts: Facts) -> bool:  # noqa: ARG001
    """Every pair."""
    return True


def prices(facts: Facts) -> bool:
    """Both legs are prices."""
    return facts.two_prices


def peers(facts: Facts) -> bool:
    """Both legs are of one kind."""
    return facts.two_prices and facts.category == "peer"


def equity_peers(facts: Facts) -> bool:
    """Both legs are shares or hold them."""
    return peers(facts) and facts.asset_classes == ("equity", "equity")


def with_market(facts: Facts) -> bool:
    """Neither leg is the market itself."""
    return facts.two_prices and not facts.market_is_leg


def us_equity(facts: Facts) -> bool:
    """A leg is rebuilt with the American indices."""
    return equity_peers(facts) and bool(_US_EQUITY & set(facts.ids))


def funds(facts: Facts) -> bool:
    """Both legs can be bought as funds."""
    legs = facts.analysis.returns.prices
    return equity_peers(facts) and legs.a.instrument.unit == "USD" == legs.b.instrument.unit


def equal_weight(facts: Facts) -> bool:
    """A weighs its members equally."""
    return facts.ids[0] == "RSP"


def without_vix(facts: Facts) -> bool:
    """Neither leg is a gauge of volatility."""
    return prices(facts) and "volatility" not in facts.asset_classes
