"""Which claims there are, and to which pairs each applies."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from convex_research.claims import (
    direction,
    extremes,
    hedging,
    lead,
    macro,
    market,
    reversion,
    spreading,
    stability,
)
from convex_research.claims.recent import tracks
from convex_research.claims.regression import amplification, explained_variance
from convex_research.claims.strength import strength_claims

if TYPE_CHECKING:
    from collections.abc import Callable

    from convex_research.claims.claim import Claim
    from convex_research.claims.facts import Facts

    Maker = Callable[[Facts, float | None], Claim | None]
    Applies = Callable[[Facts], bool]

__all__ = ["REGISTRY", "Entry", "made"]


class Entry(NamedTuple):
    """A claim: its identifier, what makes it, and the pairs it is about.

    Parameters
    ----------
    id : str
        Identifier.
    maker : callable
        From facts and the adjusted p-value (``None`` before error control) to the claim.
    applies : callable
        Whether the claim is about this pair at all; a claim that is not is absent.
    """

    id: str
    maker: Maker
    applies: Applies


_US_EQUITY = frozenset(
    (
        *("sp500", "nasdaq", "SPX", "IXIC", "SPY", "RSP", "IWM", "QQQ", "MDY", "IJR", "DIA"),
        *("VTI", "IWD", "IWF", "USMV", "MTUM", "XLK", "XLF", "XLE", "XLV", "XLI", "XLY"),
        *("XLP", "XLU", "XLB", "XLRE", "XLC"),
    )
)


def _always(facts: Facts) -> bool:  # noqa: ARG001
    return True


def _prices(facts: Facts) -> bool:
    return facts.two_prices


def _peers(facts: Facts) -> bool:
    return facts.two_prices and facts.category == "peer"


def _equity_peers(facts: Facts) -> bool:
    return _peers(facts) and facts.asset_classes == ("equity", "equity")


def _with_market(facts: Facts) -> bool:
    return facts.two_prices and not facts.market_is_leg


def _us_equity(facts: Facts) -> bool:
    return _equity_peers(facts) and bool(_US_EQUITY & set(facts.ids))


def _funds(facts: Facts) -> bool:
    prices = facts.analysis.returns.prices
    return _equity_peers(facts) and prices.a.instrument.unit == "USD" == prices.b.instrument.unit


def _equal_weight(facts: Facts) -> bool:
    return facts.ids[0] == "RSP"


def _without_vix(facts: Facts) -> bool:
    return _prices(facts) and "volatility" not in facts.asset_classes


def _not_leg(name: str) -> Applies:
    """A macro series says nothing of a pair that it is a leg of."""
    own = {"vix": {"vix", "VIX"}, "hy_spread": {"BAMLH0A0HYM2"}, "yield_10y": {"DGS10"}}[name]
    return lambda facts: not own & set(facts.ids)


def _shift(name: str) -> Maker:
    def maker(facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
        return macro.correlation_shifts(facts, name)

    return maker


REGISTRY: tuple[Entry, ...] = (
    Entry("C01", market.mid_cap, _equal_weight),
    Entry("C02", macro.risk_appetite, _without_vix),
    Entry("C03", macro.recoveries, _equity_peers),
    Entry("C04", reversion.long_episodes, _prices),
    Entry("C05", macro.factors, _equity_peers),
    Entry("C06", stability.tilts, _peers),
    Entry("C07a", reversion.mean_reversion, _prices),
    Entry("C07b", reversion.flows, _funds),
    Entry("C08", market.bull_and_bear, _with_market),
    Entry("C09", spreading.sizing, _prices),
    Entry("C10", spreading.corporate_events, _equity_peers),
    Entry("C11", market.shared_market, _with_market),
    Entry("C12", market.sensitivities, _with_market),
    Entry("C13", market.delays, _with_market),
    Entry("C14", macro.macro_signal, _prices),
    Entry("C15", lead.leads, _always),
    Entry("C16", stability.regimes, _always),
    Entry("C17", direction.same_direction, _peers),
    Entry("C18a", stability.unstable, _always),
    *(
        Entry(f"C18b[{name}]", _shift(name), _not_leg(name))
        for name in ("vix", "hy_spread", "yield_10y")
    ),
    Entry("C19", spreading.breakdowns, _prices),
    Entry("C20", spreading.reconstitution, _us_equity),
    Entry("C20[earnings]", spreading.earnings, _equity_peers),
    Entry("C20[liquidity]", spreading.liquidity, _equity_peers),
    Entry("C21", macro.macro_when_alone, _prices),
    Entry("C22a", direction.no_hedge_together, _prices),
    Entry("C22b", hedging.not_a_hedge, _always),
    Entry("C23", direction.both_rise_or_fall, _prices),
    Entry("C24", hedging.stress_moves, _always),
    Entry("C26", stability.consistency, _always),
    Entry("C27", direction.next_day, _always),
    Entry("C28", market.common_driver, _with_market),
    Entry("C29", tracks, _always),
    Entry("C30", hedging.baseline, _always),
    Entry("C31", explained_variance, _always),
    Entry("C32", amplification, _always),
    Entry("C33", extremes.swings, _always),
    Entry("C34", extremes.stress, _always),
    Entry("C35", stability.years, _always),
    Entry("C36", hedging.looking_back, _always),
)


def made(facts: Facts, only: frozenset[str] | None = None) -> list[tuple[Maker, Claim]]:
    """Every claim that applies, before error control, with what makes it.

    Parameters
    ----------
    facts : Facts
        The analysis.
    only : frozenset of str, optional
        Identifiers wanted; all by default.
    """
    entries = [e for e in REGISTRY if (only is None or e.id in only) and e.applies(facts)]
    found = [(entry.maker, entry.maker(facts, None)) for entry in entries]
    kept = [(maker, claim) for maker, claim in found if claim is not None]
    if only is None or "C25" in only:
        strengths = strength_claims(facts.analysis)
        kept += [(partial(_fixed, claim), claim) for claim in strengths]
    return kept


def _fixed(claim: Claim, facts: Facts, adjusted: float | None) -> Claim:  # noqa: ARG001
    return claim
