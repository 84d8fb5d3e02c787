"""What other programs give for the same data: a small table kept with the package."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["Agreement", "agreement_rows", "agreement_sources"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One number of this package beside that of another program.

    Parameters
    ----------
    key : str
        Record key of the statistic.
    what : str
        Which of its numbers: value, std_error, statistic, pvalue.
    ours, theirs : float
        The two numbers.
    tolerance : float
        Largest relative difference accepted; absolute where ``absolute``.
    absolute : bool
        Whether differences are absolute.
    program : str
        The other program, a name in :func:`agreement_sources`.
    data : str
        The data, a name in :func:`agreement_sources`.
    note : str
        Why the tolerance is wider than rounding, or which variant is compared.
    """

    key: str
    what: str
    ours: float
    theirs: float
    tolerance: float
    program: str
    data: str
    absolute: bool = False
    note: str = ""

    @property
    def difference(self) -> float:
        """Absolute difference, relative to theirs unless ``absolute``."""
        gap = abs(self.ours - self.theirs)
        return gap if self.absolute or self.theirs == 0.0 else gap / abs(self.theirs)


@cache
def _content() -> dict[str, Any]:
    file = resources.files(__package__).joinpath("agreement.json")
    content: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return content


@cache
def agreement_rows() -> tuple[Agreement, ...]:
    """Every stored comparison."""
    return tuple(Agreement(**row) for row in _content()["rows"])


def agreement_sources() -> dict[str, dict[str, str]]:
    """Versions of the other programs, and what the data are with their hashes."""
    return {"programs": _content()["programs"], "data": _content()["data"]}
