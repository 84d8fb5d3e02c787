"""The words at the top of the index: which pairs have changed, and which come nearest to it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from convex_research.core import formatting as fmt
from convex_research.publishing.meta.describe import CHANGED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["Door", "door"]

_LISTED = 4
_LONGEST = 100  # letters of a title with names
_WAYS = {"closer": "more closely", "looser": "less closely"}


class Door(NamedTuple):
    """The words, with the pairs they tell of.

    Parameters
    ----------
    title, meta : str
        The finding, and the sample in a line.
    lead : str
        What the list of changes is.
    changes : list of dict
        Entries, the surest first.
    more : int
        How many count alone, where not all of them are listed.
    note : str
        How many count alone, and how many among all.
    extremes : list of (str, dict)
        The closest pair, the least linked, the most opposed.
    """

    title: str
    meta: str
    lead: str
    changes: list[Mapping[str, Any]]
    more: int
    note: str
    extremes: list[tuple[str, Mapping[str, Any]]]


def door(content: Mapping[str, Any], shared: Sequence[str]) -> Door:
    """The top of the index.

    Parameters
    ----------
    content : dict
        What ``index.json`` holds.
    shared : sequence of str
        Labels of the flags that all pairs have.
    """
    pairs = content["pairs"]
    moved = sorted((one for one in pairs if one["lately"]["way"]), key=_doubt)
    sure = [one for one in moved if one["lately"]["answer"] != "perhaps"]
    lead = "" if len(pairs) < 2 else "Beyond chance:" if sure else "Nothing beyond chance."
    if moved and not sure:
        lead += " Nearest to it:"
    return Door(
        _title(pairs, sure, moved),
        _meta(content, shared),
        lead,
        (sure or moved)[:_LISTED],
        len(moved) if len(moved) > _LISTED else 0,
        _note(pairs, moved, sure),
        _extremes(pairs),
    )


def _doubt(pair: Mapping[str, Any]) -> tuple[float, str]:
    change = pair["change"]
    return (1.0 if change is None or change["pvalue"] is None else change["pvalue"], pair["slug"])


def _title(
    pairs: Sequence[Mapping[str, Any]],
    sure: Sequence[Mapping[str, Any]],
    moved: Sequence[Mapping[str, Any]],
) -> str:
    if not pairs:
        return "No pairs yet"
    if len(pairs) == 1:
        return _short(f"{pairs[0]['title']}: {_start(pairs[0]['line'])}", pairs[0]["title"])
    count = fmt.count(len(pairs))
    if not sure:
        title = f"No pair of {count} has clearly changed lately"
        return _short(f"{title}; {moved[0]['title']} come nearest", title) if moved else title
    first = sure[0]
    if len(sure) == 1:
        what = f"{first['title']} move {_WAYS[first['lately']['way']]} lately"
        return _short(f"{what}; no other of {count} pairs has clearly changed", what)
    title = f"{fmt.count(len(sure))} of {count} pairs have clearly changed lately"
    return _short(f"{title}, {first['title']} most surely", title)


def _short(title: str, shorter: str) -> str:
    return title if len(title) <= _LONGEST else shorter


def _start(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:].rstrip(".")


def _meta(content: Mapping[str, Any], shared: Sequence[str]) -> str:
    pairs = content["pairs"]
    if not pairs:
        return ""
    days = sorted({date.fromisoformat(pair["as_of"]) for pair in pairs})
    until = fmt.long_day(days[-1])
    if len(days) > 1:
        until = f"dates from {fmt.long_day(days[0])} to {until}"
    legs = {pair[leg]["symbol"] for pair in pairs for leg in ("a", "b")}
    frequencies = " and ".join(sorted({pair["frequency"] for pair in pairs}))
    count = fmt.count(len(pairs))
    held = f"{fmt.count(len(legs))} instruments, {count} {'pair' if count == '1' else 'pairs'}"
    levels = {one["correlation"]["confidence_level"] for one in pairs if one["correlation"]}
    ranges = " or ".join(fmt.level(one) for one in sorted(levels - {None}))
    parts = [f"{held}, {frequencies} returns to {until}."]
    parts += [f"{label.capitalize()}." for label in shared]
    parts += [f"Intervals are {ranges}."] if ranges else []
    if len(pairs) > 1:
        parts.append(f"A change counts where it survives allowing for all {count} pairs.")
    return " ".join(parts)


def _note(
    pairs: Sequence[Mapping[str, Any]],
    moved: Sequence[Mapping[str, Any]],
    sure: Sequence[Mapping[str, Any]],
) -> str:
    if len(pairs) < 2:
        return ""
    count = fmt.count(len(pairs))
    if not moved:
        return f"None of {count} pairs counts as changed, even alone."
    survive = "all survive" if len(sure) == len(moved) else f"{len(sure) or 'none'} survive"
    if len(sure) == 1 < len(moved) or not sure:
        survive += "s"
    counts = "counts" if len(moved) == 1 else "count"
    if len(moved) == len(sure) == 1:
        survive = "it survives"
    return (
        f"{fmt.count(len(moved))} of {count} pairs {counts} as changed alone; {survive} allowing "
        f"for all {count} (closed Benjamini–Yekutieli, {CHANGED}). "
        "Each page answers for its own pair."
    )


def _extremes(pairs: Sequence[Mapping[str, Any]]) -> list[tuple[str, Mapping[str, Any]]]:
    """Pairs by their r; each interval is its own pair's and does not allow for the choice."""
    known = [one for one in pairs if one["correlation"] is not None and one["answers"]]
    if len(known) < 3:
        return []

    def r(one: Mapping[str, Any]) -> float:
        return float(one["correlation"]["value"])

    first, last = max(known, key=r), min(known, key=r)
    found = {"Closest": first} if r(first) > 0.0 else {}
    if r(last) < 0.0:
        found["Most opposed"] = last
    least = min(known, key=lambda one: abs(r(one)))
    if all(one is not least for one in found.values()):
        found["Least linked"] = least
    return list(found.items())
