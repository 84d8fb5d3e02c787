"""What a claim may look at: a finished analysis, read without surprises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.analysis.flags import TWINS
from convex_research.claims.sentences import clock, in_words, leg_names, own, sample
from convex_research.claims.survival import judged
from convex_research.core import formatting as fmt
from convex_research.core.estimates import Estimate, Missing, NotComputed, Result, TestResult
from convex_research.core.flags import Flag

if TYPE_CHECKING:
    from convex_research.analysis import PairAnalysis
    from convex_research.claims.claim import Verdict
    from convex_research.claims.survival import Judge

__all__ = ["Facts"]

_NEXT = ("this", "next")
_PARTIAL = "{series} covers only part of the pair's sample"
_STALE = "an outdated copy of {series} was used"


class Facts:
    """Results by key, names and kinds of the legs.

    Parameters
    ----------
    analysis : PairAnalysis
        A finished analysis.

    Attributes
    ----------
    a, b : str
        Names of the legs.
    """

    def __init__(self, analysis: PairAnalysis) -> None:
        self.analysis = analysis
        self.a, self.b = leg_names(analysis)

    def result(self, key: str) -> Result:
        """Result under a key, or the reason why there is none."""
        if key in self.analysis:
            return self.analysis[key]
        return NotComputed(Missing.NOT_IN_ANALYSIS, "it is not part of this analysis")

    def estimate(self, key: str) -> Estimate | None:
        """The estimate under a key, if there is one."""
        found = self.result(key)
        return found if isinstance(found, Estimate) else None

    def test(self, key: str) -> TestResult | None:
        """The test under a key, if there is one."""
        found = self.result(key)
        return found if isinstance(found, TestResult) else None

    def estimates(self, *keys: str) -> tuple[Estimate, ...] | NotComputed:
        """All of these estimates, or the first reason why one is missing."""
        found = [self.result(key) for key in keys]
        missing = next((r for r in found if isinstance(r, NotComputed)), None)
        if missing is not None:
            return missing
        estimates = tuple(r for r in found if isinstance(r, Estimate))
        exact = next((one for one in estimates if "exact" in one.flags), None)
        return estimates if exact is None else NotComputed(Missing.EXACT, exact.method)

    def missing(self, *keys: str) -> NotComputed:
        """The first reason why one of these results is missing."""
        reasons = (r for key in keys if isinstance(r := self.result(key), NotComputed))
        other = NotComputed(Missing.NOT_IN_ANALYSIS, "a result of another kind is needed")
        return next(reasons, other)

    @property
    def year(self) -> int:
        """The window that stands for the last year."""
        return self.analysis.config.year

    @property
    def category(self) -> str:
        """Category of the pair."""
        return str(self.analysis.pair.categorise())

    @property
    def frequency(self) -> str:
        """Frequency of the data."""
        return str(self.analysis.returns.frequency)

    @property
    def period(self) -> str:
        """What an observation is called: ``day``, ``week`` and so on."""
        return fmt.PERIODS[self.analysis.returns.frequency]

    @property
    def words(self) -> dict[str, str]:
        """What every question and sentence may say."""
        daily = self.frequency == "daily"
        now, then = ("today", "tomorrow") if daily else (f"{n} {self.period}" for n in _NEXT)
        words = {"a": self.a, "b": self.b, "now": now, "then": then}
        return {"period": self.period, **words, **{f"of_{k}": own(v) for k, v in words.items()}}

    def span(self, nobs: int, article: str = "", *, letters: bool = True) -> str:
        """So many observations as time: ``year``, ``four years`` or ``90 days``.

        A year is one only where it has as many observations as a year of this pair has.
        """
        years = nobs / self.analysis.returns.periods_per_year
        whole = round(years)
        if whole < 1 or abs(years - whole) > 0.02 * whole:
            return f"{nobs:,} {self.period}s"
        if whole == 1:
            return f"{article}year"
        return f"{in_words(whole) if letters else whole} years"

    @property
    def units(self) -> tuple[str, str]:
        """Units of the legs' returns."""
        a, b = self.analysis.returns.units
        return str(a), str(b)

    @property
    def one_unit(self) -> bool:
        """Whether both legs' returns have one unit, so that there is a spread."""
        return bool(self.analysis.returns.units[0] == self.analysis.returns.units[1])

    @property
    def two_prices(self) -> bool:
        """Whether both legs are prices."""
        return self.one_unit and self.kinds == ("price", "price")

    @property
    def kinds(self) -> tuple[str, str]:
        """Kinds of the legs."""
        prices = self.analysis.returns.prices
        return prices.a.instrument.kind, prices.b.instrument.kind

    @property
    def ids(self) -> tuple[str, str]:
        """Catalogue names of the legs."""
        prices = self.analysis.returns.prices
        return prices.a.instrument.id, prices.b.instrument.id

    @property
    def asset_classes(self) -> tuple[str, str]:
        """Categories of the legs."""
        prices = self.analysis.returns.prices
        return prices.a.instrument.category, prices.b.instrument.category

    @property
    def market_is_leg(self) -> bool:
        """Whether a leg is the market itself, so that market-leg claims are absent."""
        found = self.result("correlation.partial[all]")
        same = isinstance(found, NotComputed) and found.code == Missing.MARKET_IS_LEG
        return same or bool({"sp500", "SPY", "SPX"} & set(self.ids))

    @property
    def twins(self) -> bool:
        """Whether changes are told of the gap that is left, which r hardly shows."""
        whole = self.estimate("correlation.pearson[all]")
        opposite = whole is not None and whole.value < -TWINS
        return opposite or Flag.TWINS in self.analysis.flags

    @property
    def clock(self) -> NotComputed | None:
        """Why daily numbers cannot tell how closely the legs are linked, where they cannot."""
        why = clock(self.analysis)
        return NotComputed(Missing.ASYNCHRONOUS, why) if why else None

    def runs(self, key: str, verdict: Verdict, judge: Judge) -> list[dict[str, Any]]:
        """Further runs of a result, judged; none where there is nothing to lower.

        Parameters
        ----------
        key : str
            Key of the result.
        verdict : Verdict
            The claim's, before further runs.
        judge : callable
            From an estimate to the verdict it gives.
        """
        if verdict not in {"supported", "rejected"}:
            return []
        return judged(self.analysis.runs(key), key, verdict, judge)

    def sample(
        self, estimate: Estimate, units: str | None = None, series: str = "the other series"
    ) -> str:
        """The sample of a sentence, with what must be known of a further series."""
        words = sample(estimate, self.frequency, units)
        notes = [
            note.format(series=series)
            for flag, note in (("partial_helper", _PARTIAL), ("stale_helper", _STALE))
            if flag in estimate.flags
        ]
        return f"{words[:-1]}; {'; '.join(notes)})" if notes else words
