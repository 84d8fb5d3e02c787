"""What stands beside a claim in small type: its sample, both p-values, further runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convex_research.core import formatting as fmt
from convex_research.core.estimates import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from convex_research.claims import Claim
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
    found = (analysis.estimate(key) for key in claim.evidence if key in analysis)
    method = next((one.method for one in found if isinstance(one, Estimate)), "")
    if claim.sample:
        yield f"{claim.sample}: {method}." if method else f"{claim.sample}."
    if claim.pvalues is not None and claim.pvalues_adjusted is not None:
        both = (
            f"{word} p {fmt.pvalue(p)}, among all claims of the pair {fmt.pvalue(adjusted)}"
            for word, p, adjusted in zip(
                ("for yes", "for no"), claim.pvalues, claim.pvalues_adjusted, strict=True
            )
        )
        yield f"{'; '.join(both)}.".capitalize()
    if claim.sensitivity:
        runs = dict.fromkeys(run["run"] for run in claim.sensitivity)
        other = dict.fromkeys(run["run"] for run in claim.sensitivity if not run["agrees"])
        agree = len(claim.sensitivity) - sum(not run["agrees"] for run in claim.sensitivity)
        words = f"{agree} of {len(claim.sensitivity)} further runs agree: {'; '.join(runs)}."
        yield f"{words} Not {'; '.join(other)}." if other else words
