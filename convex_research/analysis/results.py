"""What every analysis has: sections that are computed on first use, and results by key."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, ClassVar

from convex_research.core.estimates import Estimate, NotComputed, Result, TestResult, named

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    import pandas as pd

    from convex_research.analysis.section import Curve, Profile, Section
    from convex_research.core.config import AnalysisConfig
    from convex_research.core.flags import Flag
    from convex_research.returns import Sample

__all__ = ["Analysis", "nearest"]

# Columns of every frame of results; those after ``reason`` are there for completeness.
_COLUMNS = [
    *("section", "statistic", "window", "value", "low", "high", "unit", "nobs"),
    *("start", "end", "method", "flags", "reason"),
    *("pvalue", "std_error", "confidence_level"),
]


def nearest(what: str, key: object, known: Iterable[str]) -> KeyError:
    """The error of a key that is not there, with those most like it.

    Examples
    --------
    >>> nearest("result", "tails.lowr", ["tails.lower", "tails.upper"]).args[0]
    "no result 'tails.lowr'; nearest are tails.lower, tails.upper"
    """
    like = get_close_matches(str(key), list(known), n=3, cutoff=0.0)
    return KeyError(f"no {what} {str(key)[:80]!r}; nearest are {', '.join(like)}")


class Analysis:
    """Results of a sample, each section computed on first use and then kept."""

    SECTIONS: ClassVar[tuple[str, ...]] = ()
    """Names of the sections, which are the first parts of keys, in the record's order."""

    returns: Sample
    config: AnalysisConfig

    def __init__(self, returns: Sample, config: AnalysisConfig) -> None:
        self.returns = returns
        self.config = config
        self._sections: dict[str, Section] = {}

    def _compute(self, name: str) -> Section:
        raise NotImplementedError

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What a reader must know before any number."""
        raise NotImplementedError

    @property
    def as_of(self) -> date:
        """Last observation date."""
        return self.returns.day(-1)

    @property
    def end(self) -> date:
        """The as-of date that gives this sample again: a week may end after its last price."""
        if self.config.frequency is None:
            return self.as_of
        return max(leg.series.provenance.end for leg in self.returns.legs)

    def section(self, name: str) -> Section:
        """One section, computed on first use."""
        if name not in self.SECTIONS:
            raise nearest("section", name, self.SECTIONS)
        if name not in self._sections:
            self._sections[name] = self._compute(name)
        return self._sections[name]

    def get(self, key: str) -> Result | None:
        """Result by key, or ``None`` where the section has none of that key."""
        return self.section(key.partition(".")[0]).results.get(key)

    def __getitem__(self, key: str) -> Result:
        """Result by key, such as ``analysis["correlation.pearson[252]"]``."""
        return self.section(key.partition(".")[0])[key]

    def __contains__(self, key: str) -> bool:
        return key.partition(".")[0] in self.SECTIONS and self.get(key) is not None

    def _ipython_key_completions_(self) -> list[str]:
        """Every key; what is not computed yet is, once."""
        return list(self.results)

    def estimate(self, key: str) -> Estimate | None:
        """The estimate under a key, or ``None`` where there is none."""
        result = self.get(key)
        return result if isinstance(result, Estimate) else None

    def curve(self, key: str) -> Curve:
        """A path over time by key, such as ``"rolling.pearson[90]"``."""
        curves = self.section(key.partition(".")[0]).curves
        if key not in curves:
            raise nearest("curve", key, curves)
        return curves[key]

    def profile(self, key: str) -> Profile | None:
        """A fitted function for charts by key, if there is one."""
        return self.section(key.partition(".")[0]).profiles.get(key)

    @property
    def results(self) -> dict[str, Result]:
        """Every result of every section, by key."""
        sections = (self.section(name) for name in self.SECTIONS)
        return {key: result for one in sections for key, result in one.results.items()}

    def to_frame(self) -> pd.DataFrame:
        """Every result as a row, indexed by key.

        A test's statistic is its ``value``; a result that was not computed has its ``reason`` and
        nothing else.
        """
        import pandas as pd

        rows = {key: _row(key, result) for key, result in self.results.items()}
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=_COLUMNS)
        frame["nobs"] = frame["nobs"].astype("Int64")
        numbers = ["value", "low", "high", "pvalue", "std_error", "confidence_level"]
        frame[numbers] = frame[numbers].astype("float64")
        for day in ("start", "end"):
            frame[day] = pd.to_datetime(frame[day])
        return frame.rename_axis("key")


def _row(key: str, result: Result) -> list[Any]:
    """The result's columns, in the order of ``_COLUMNS``."""
    section, _, rest = key.partition(".")
    statistic, _, qualifier = rest.partition("[")
    held: dict[str, Any] = {
        "section": section,
        "statistic": statistic,
        "window": qualifier.removesuffix("]"),
    }
    if isinstance(result, NotComputed):
        held["reason"] = named(result.reason)
    else:
        held |= result.to_dict()
        held["flags"] = ", ".join(result.flags)
        held["statistic"] = statistic
    if isinstance(result, TestResult):
        held |= {"value": result.statistic, "method": result.distribution}
    return [held.get(column) for column in _COLUMNS]
