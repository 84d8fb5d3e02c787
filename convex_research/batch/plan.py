"""PAIRS.toml: which pairs a batch builds."""

from __future__ import annotations

import tomllib
from collections import Counter
from typing import TYPE_CHECKING, Any

from convex_research.catalogue import Pair, load_catalogue
from convex_research.config import as_day
from convex_research.data.sample import SAMPLES
from convex_research.errors import ConvexResearchError, InputError, printable
from convex_research.publishing.pages import Request

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["read_pairs", "sample_requests", "slugs_of"]

_KNOWN = {"a", "b", "category", "start", "as_of", "returns"}
CATEGORIES = ("peer", "cross-asset", "volatility", "rate", "crypto", "commodity")


def sample_requests() -> list[Request]:
    """The pairs of the embedded sample, which need no network."""
    symbols = {f"sample:{name}" for name in SAMPLES}
    return [
        Request(pair=pair) for pair in load_catalogue().pairs if set(pair.public_symbols) <= symbols
    ]


def read_pairs(path: Path) -> list[Request]:
    """Read ``[[pairs]]`` tables from a TOML file.

    Parameters
    ----------
    path : Path
        A file with tables of ``a``, ``b`` and optionally ``category``, ``start``,
        ``as_of`` and ``returns``.

    Returns
    -------
    list of Request

    Raises
    ------
    InputError
        Naming the table and what is wrong in it: unknown keys are errors.
    """
    where = printable(path.name)
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise InputError(f"{where}: cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{where}: is not TOML: {printable(error)}.") from None
    extra = sorted(set(content) - {"pairs"})
    if extra:
        raise InputError(f"{where}: unknown key {printable(extra[0])!r}; only [[pairs]] is known.")
    tables = content.get("pairs")
    if not isinstance(tables, list) or not tables:
        raise InputError(f"{where}: has no [[pairs]] table.")
    return [_request(table, f"{where}: pair {n}") for n, table in enumerate(tables, start=1)]


def _request(table: Any, where: str) -> Request:
    if not isinstance(table, dict):
        raise InputError(f"{where}: is not a table.")
    unknown = sorted(set(table) - _KNOWN)
    if unknown:
        known = ", ".join(sorted(_KNOWN))
        raise InputError(f"{where}: unknown key {printable(unknown[0])!r}; known are {known}.")
    for leg in ("a", "b"):
        if not isinstance(table.get(leg), str) or not table[leg].strip():
            raise InputError(f'{where}: needs {leg} = "SYMBOL".')
    category = table.get("category")
    if category is not None and category not in CATEGORIES:
        raise InputError(
            f"{where}: category {printable(category)!r} is unknown; use {', '.join(CATEGORIES)}."
        )
    returns = table.get("returns", "simple")
    if returns not in ("simple", "log"):
        raise InputError(f'{where}: returns must be "simple" or "log", not {printable(returns)!r}.')
    try:
        return Request(
            pair=Pair(table["a"], table["b"], category),
            start=as_day(table.get("start"), "start"),
            as_of=as_day(table.get("as_of"), "as_of"),
            returns=returns,
        )
    except ConvexResearchError as error:
        raise InputError(f"{where}: {error}") from None


def slugs_of(requests: list[Request]) -> list[str]:
    """Folder of each request; requests that would share one get a short hash.

    Raises
    ------
    InputError
        If two requests are the same in everything.
    """
    shared = Counter(request.pair.slug for request in requests)
    slugs = [
        request.pair.slug
        if shared[request.pair.slug] == 1
        else f"{request.pair.slug}-{request.fingerprint}"
        for request in requests
    ]
    twice = next((slug for slug, n in Counter(slugs).items() if n > 1), None)
    if twice is not None:
        raise InputError(f"The pair {twice} is listed twice with the same choices.")
    return slugs
