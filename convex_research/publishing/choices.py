"""Choices of pages as people write them, in a command or in a file of pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.core.config import PARAMETERS, AnalysisConfig, as_day
from convex_research.core.errors import InputError, printable, refuse_unknown
from convex_research.data.context import ROLES
from convex_research.data.quality.gate import acceptable

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CHOICES", "fields_of", "together"]

CHOICES = ("start", "as_of", "returns", *PARAMETERS, "market", "helpers", "accept")
"""Their names, in the order in which they are listed."""


def together(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Choices in layers, a later one before an earlier; helpers and checks of all.

    Raises
    ------
    InputError
        If helpers are no table, or checks no list.
    """
    merged: dict[str, Any] = {"helpers": {}, "accept": []}
    for layer in layers:
        helpers, accept = layer.get("helpers") or {}, layer.get("accept") or []
        if not isinstance(helpers, dict) or not all(isinstance(x, str) for x in helpers.values()):
            raise InputError('helpers must be a table of role = "SYMBOL".')
        accept = [accept] if isinstance(accept, str) else accept
        if not isinstance(accept, list) or not all(isinstance(x, str) for x in accept):
            raise InputError('accept must be a list of checks, ["bad_tick"].')
        market = layer.get("market")
        if market is not None and not isinstance(market, str):
            raise InputError(f'market must be "SYMBOL", got {printable(market)}.')
        merged |= {name: held for name, held in layer.items() if held is not None} | {
            "helpers": merged["helpers"] | helpers | ({"market": market} if market else {}),
            "accept": list(dict.fromkeys([*merged["accept"], *accept])),
        }
    merged.pop("market", None)
    return merged


def fields_of(choices: Mapping[str, Any]) -> dict[str, Any]:
    """The choices as fields of a request of a pair.

    Parameters
    ----------
    choices : mapping
        Any of :data:`CHOICES`; those left out or ``None`` have their defaults.

    Raises
    ------
    InputError
        Naming the choice that makes no sense.
    """
    held = together(choices)
    returns = held.get("returns", "simple")
    if returns not in ("simple", "log"):
        raise InputError(f'returns must be "simple" or "log", not {printable(returns)!r}.')
    refuse_unknown(held["helpers"], ROLES, "role")
    named = {field: held[name] for name, field in PARAMETERS.items() if name in held}
    return {
        "start": as_day(held.get("start"), "start"),
        "as_of": as_day(held.get("as_of"), "as_of"),
        "returns": returns,
        "config": AnalysisConfig(**named),
        "helpers": held["helpers"],
        "accept": acceptable(held["accept"]),
    }
