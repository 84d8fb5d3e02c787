"""What a reader must know of a pair or of one series before any number, as codes."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["CLOCK", "RARE", "Flag"]


class Flag(StrEnum):
    """Stands at the top of a record, and with the numbers that it touches."""

    ASYNCHRONOUS = "asynchronous"
    """The legs close at different times: daily links are too low."""
    RARELY_TRADED_A = "rarely_traded_a"
    RARELY_TRADED_B = "rarely_traded_b"
    """The leg stands still on a tenth of days or more: every link of it is too low."""
    TWINS = "twins"
    """r is above .99: what is left is the tracking error."""
    EXACT = "exact"
    """The legs move exactly in step, or exactly against each other."""
    STALE = "stale"
    """An outdated copy of a series had to be used."""
    PARTIAL_YEAR = "partial_year"
    """A calendar year has a part without observations."""


RARE = frozenset((Flag.RARELY_TRADED_A, Flag.RARELY_TRADED_B))
CLOCK = RARE | {Flag.ASYNCHRONOUS}
"""Flags under which daily numbers understate the link."""
