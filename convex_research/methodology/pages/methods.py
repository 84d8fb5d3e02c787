"""The methods as data: ``methods.toml``, one entry a statistic or family."""

from __future__ import annotations

import inspect
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from typing import Any

__all__ = ["SECTIONS", "Method", "load_methods", "method_of", "source_of"]

SECTIONS = {
    "intervals": "Intervals behind the estimates",
    "asynchrony": "Closes at different times",
    "correlation": "Correlation",
    "regression": "Regression of A on B",
    "volatility": "Volatility",
    "rolling": "Rolling correlation",
    "recent": "Recent against preceding",
    "stability": "Stability",
    "dynamics": "Dynamics",
    "tails": "Tails",
    "contagion": "Contagion",
    "regimes": "Regimes",
    "lead_lag": "Lead and lag",
    "cointegration": "Cointegration",
    "hedge": "Hedging A with B",
    "spread": "Spread",
    "performance": "Performance",
    "scenario": "Scenarios",
    "forecast": "Forecasts",
    "diagnostics": "Diagnostics of a leg",
    "concordance": "Direction",
    "consistency": "Constancy across parts",
    "divergence": "Divergence",
    "leads": "Size of leads",
    "market": "Market exposure",
    "macro": "Macroeconomic series",
    "persistence": "Persistence of relative performance",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A statistic or family as a referee reads it.

    Parameters
    ----------
    id : str
        Anchor on the page.
    section : str
        A name in ``SECTIONS``.
    title, where : str
        Heading, and what the symbols stand for.
    keys : tuple of str
        Record keys; ``*`` stands for anything.
    formula : tuple of str
        LaTeX.
    assumptions, cannot, reference : tuple of str
        What it needs, what it cannot say, who it comes from.
    functions : tuple of str
        Dotted paths of what computes it.
    """

    id: str
    section: str
    title: str
    where: str
    keys: tuple[str, ...]
    formula: tuple[str, ...]
    assumptions: tuple[str, ...]
    cannot: tuple[str, ...]
    reference: tuple[str, ...]
    functions: tuple[str, ...]

    def covers(self, key: str) -> bool:
        """Whether a record key belongs to it."""
        return any(_pattern(one).fullmatch(key) for one in self.keys)


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in key.split("*")))


@cache
def load_methods() -> tuple[Method, ...]:
    """Every method, in the order of the sections."""
    file = resources.files("convex_research.methodology").joinpath("methods.toml")
    entries = tomllib.loads(file.read_text("utf-8"))["methods"]
    made = [_method(entry) for entry in entries]
    order = list(SECTIONS)
    return tuple(sorted(made, key=lambda method: order.index(method.section)))


def _method(entry: dict[str, Any]) -> Method:
    fields: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in entry.items()}
    return Method(**fields)


@cache
def method_of(key: str) -> Method:
    """The one method a record key belongs to.

    Raises
    ------
    KeyError
        If there is none, or more than one.
    """
    found = [method for method in load_methods() if method.covers(key)]
    if len(found) != 1:
        raise KeyError(f"{key} belongs to {len(found)} methods")
    return found[0]


def source_of(path: str) -> str:
    """Source of a function by its dotted path."""
    module, _, name = path.rpartition(".")
    return inspect.getsource(getattr(import_module(module), name)).strip()
