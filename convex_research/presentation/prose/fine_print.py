"""What stands beside a claim in small type: its sample, both p-values, further runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.claims.answers.words import method_of
from convex_research.claims.facts import Facts
from convex_research.core import formatting as fmt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convex_research.claims import Claim
    from convex_research.claims.verdict import Pvalues
    from convex_research.studies import Study

__all__ = ["fine_print"]


def fine_print(analysis: Study, claim: Claim) -> Iterator[str]:
    """Sentences of fine print.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    claim : Claim
        One of its claims.
    """
    facts = Facts(analysis)
    first = next((one for key in claim.evidence if (one := facts.estimate(key))), None)
    if first is not None:
        yield method_of(facts, first)
    if claim.pvalues is not None and claim.pvalues_adjusted is not None:
        yield (
            f"{_both(claim.pvalues)}; allowing for all claims of the pair, "
            f"{_both(claim.pvalues_adjusted)}."
        )
    if claim.sensitivity:
        runs = dict.fromkeys(run["run"] for run in claim.sensitivity)
        other = dict.fromkeys(run["run"] for run in claim.sensitivity if not run["agrees"])
        agree = [run for run in runs if run not in other]
        listed = f": {'; '.join(agree)}" if agree else ""
        words = f"{len(agree)} of {len(runs)} further runs agree{listed}."
        yield f"{words} Not so {'; '.join(other)}." if other else words


def _both(pvalues: Pvalues) -> str:
    """That of yes and that of no."""
    yes, no = (fmt.pvalue(p).removeprefix("= ") for p in pvalues)
    return f"p {yes} for yes and {no} for no"
