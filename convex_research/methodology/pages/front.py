"""The head and the end of the page for referees: answer, rules, worlds, effects, versions."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING

from convex_research.claims import effects as effects_of_interest
from convex_research.core import formatting as fmt
from convex_research.core.fragments import Fragment, joined, paragraph, table, tag, text
from convex_research.core.fragments import folded as fold
from convex_research.methodology import MEASURES, agreement_rows, coverage_rows, tables
from convex_research.methodology.pages.agreement import programs_table
from convex_research.methodology.pages.coverage import promises, verdict_words, within_noise
from convex_research.methodology.pages.methods import load_methods
from convex_research.presentation.pages.output import PAGE_MIME, DataOutput

if TYPE_CHECKING:
    from convex_research.methodology import CoverageRow

__all__ = ["effects", "folded", "page", "rules", "title", "unexplained", "versions", "worlds"]

_TITLE = "Methodology"

# A constant of the module with the comment that gives its reason.


def title() -> Fragment:
    """Heading of the page."""
    words = (
        "For a referee: what every number of a report is, what it assumes, how often it keeps "
        "its promise in simulated returns, whether other programs agree, and the source that "
        "computes it."
    )
    return Fragment(tag("h1", _TITLE) + paragraph(text(words), class_="sample"), "title")


def _summary() -> str:
    rows = promises()
    missed = [row for row in rows if row.verdict != "holds"]
    bold = _bold(missed)
    return (
        f"{len(rows) - len(missed):,} of {len(rows):,} simulated promises hold; {len(bold)} are "
        f"too bold and {len(missed) - len(bold)} too cautious, and each is marked where it stands."
    )


def _bold(rows: list[CoverageRow]) -> list[CoverageRow]:
    """Those that err on the wrong side: too narrow, or rejecting too often."""
    return [row for row in rows if verdict_words(row) in {"too narrow", "rejects too often"}]


def unexplained() -> Fragment:
    """How many cells miss their band, and which of them neither a flag nor noise explains."""
    compared = agreement_rows()
    inside = sum(row.difference <= row.tolerance for row in compared)
    bold = _bold(promises())
    flagged = [row for row in bold if 2 * (row.flagged or 0) > row.computed]
    near = [row for row in bold if row not in flagged and within_noise(row)]
    rest = [row for row in bold if row not in flagged and row not in near]
    words = (
        f"Of the {len(bold)} too bold, {len(flagged)} carry a warning flag in most samples, "
        f"{len(near)} of the others lie within two Monte Carlo standard errors of their band, "
        f"and {len(rest)} do neither"
    )
    named = dict.fromkeys(row.key + (f" for {row.note}" if row.note else "") for row in rest)
    words += f": {', '.join(named)}. " if named else ". "
    words += (
        f"{inside} of {len(compared)} numbers compared with other programs agree within their "
        f"tolerance. {len(load_methods())} methods, {len(coverage_rows()):,} simulated cells."
    )
    html = paragraph(text(_summary())) + paragraph(text(words))
    return Fragment(html, "what the evidence says")


_RULES = (
    (
        "Every estimate carries its observations, dates, interval, method and level. Fewer than "
        "30 observations for an interval or 60 for a test give a reason instead of a number."
    ),
    (
        "A claim has a p-value for each of its answers: that of the null for yes, the larger of "
        "two one-sided tests at the smallest effect of interest, fixed beforehand, for no. "
        'A p-value above 0.05 alone never says "stable", "unchanged" or "equal".'
    ),
    (
        "The closed Benjamini-Yekutieli procedure (Xu, Fischer and Ramdas 2025) over the smaller "
        "p-value of each claim of one report, and over those of one claim across pairs: of the "
        "answers given at most 5 % are expected to be false, under any dependence (proved for what "
        "Benjamini and Yekutieli find, simulated for what the closed procedure adds)."
    ),
    (
        "Sensitivity runs (lags, weekly returns, log returns, half samples, trimming) can lower a "
        "verdict and never raise it. A run on all data must give the same verdict with its 90 % "
        "interval; one on part of them, or under another definition, breaks the verdict when its "
        "number lies outside the claimed region by more than its own standard error."
    ),
    (
        "Random draws are seeded from the data: the same inputs give the same bytes."
    ),
    (
        "Prices are put on shared dates first and differenced then. Rates, spreads and volatility "
        "indices become differences in their own unit."
    ),
    (
        "A number whose method is known to miss its level carries a flag; where no method holds "
        "the number is not computed and the page says why."
    ),
)  # fmt: skip


def folded(label: str, *parts: Fragment) -> Fragment:
    """Pieces that a reader opens."""
    return Fragment(fold(label, joined(parts), class_="printed"), label)


def rules() -> Fragment:
    """The rules above all methods."""
    items = "".join(tag("li", text(rule)) for rule in _RULES)
    return Fragment(tag("ol", items, class_="rules"), "rules above all methods")


_WORLDS = (
    ("iid normal", "Independent bivariate normal returns."),
    ("iid t5, iid t3", "Independent bivariate Student returns with 5 or 3 degrees of freedom."),
    (
        "CCC-GARCH t8",
        (
            "Constant correlation; each leg a GARCH(1,1) with omega .03, alpha .07, beta .90 and "
            "Student shocks with 8 degrees of freedom: heavy tails and volatility in clusters."
        ),
    ),
    ("GJR t6", "As above, with falls that raise volatility seven times as much as rises."),
    (
        "common stochastic volatility",
        (
            "Log variance of both legs: a common AR(1) (.98, innovations .20) and an own one "
            "(.95, .10). Strong: .985, .25 and .15."
        ),
    ),
    (
        "common jumps, own jumps",
        (
            "CCC-GARCH t8, and on one day in a hundred a normal jump of five standard "
            "deviations: in A and nine tenths of it in B, or in each leg on days of its own."
        ),
    ),
    ("volatility threefold", "CCC-GARCH t8, three times as large from the middle on."),
    (
        "rough volatility with leverage",
        "Log variance of four half-lives, from a day to a year, that falls of the market raise.",
    ),
    (
        "skewed, coarse ticks",
        "GARCH(1,1) with skewed shocks, rounded to a fifth of a standard deviation.",
    ),
    (
        "others",
        (
            "Moving correlation (DCC), a slope that is a random walk, a Clayton copula, closes "
            "hours apart, a leg that rests: named in the tables."
        ),
    ),
)


def worlds() -> Fragment:
    """What was simulated, and how the tables are read."""
    listed = "".join(tag("dt", text(name)) + tag("dd", text(words)) for name, words in _WORLDS)
    measures = "; ".join(f"{name}: {words}" for name, words in MEASURES.items())
    how = (
        "A cell is per cent achieved ± one Monte Carlo standard error. ✗ marks what lies outside "
        "its band as it stands, noise or not: an interval at 95 % within 93 to 97 (at least 92 "
        "below 252 observations), a test at 5 % within 2.5 to 7.5. Power has no band. "
        "“flagged”: most of these results carry a warning on a report's page. "
        f"Measures are {measures}."
    )
    return Fragment(tag("dl", listed) + paragraph(text(how)), "the simulated worlds")


def effects() -> Fragment:
    """Smallest effects of interest, with the reason that stands beside each in the source."""
    lines = [
        (name.replace("_", " ").lower(), str(effect), effect.reason)
        for name, effect in vars(effects_of_interest).items()
        if isinstance(effect, effects_of_interest.Effect)
    ]
    header = ("Effect", "Size", "Reason")
    strength = (
        "Strength of correlation by |r|: 0.8 very strong, 0.6 strong, 0.4 moderate, 0.2 weak, "
        "else negligible; an interval that spans two bands gets both names."
    )
    return table("Smallest effects of interest, fixed beforehand", header, lines, note=strength)


def versions() -> Fragment:
    """What made this page and the stored numbers, and how to make them again."""
    names = ("convex-research", "numpy", "scipy", "statsmodels", "arch", "latex2mathml")
    made_with = ", ".join(f"{name} {version(name)}" for name in names)
    lines = [
        (
            one.subject,
            fmt.count(len(one.rows)),
            str(one.seed),
            ", ".join(f"{k} {v}" for k, v in one.versions.items()),
        )
        for one in tables()
    ]
    header = ("Simulation", "Cells", "Seed", "Versions")
    html = paragraph(text(f"This page was made with {made_with}."))
    html += table("Stored simulations", header, lines, stacked=True).html + programs_table().html
    html += paragraph(text("The first command makes this page, the second runs every simulation."))
    commands = "convex-research methodology\nconvex-research methodology --recompute"
    html += tag("pre", tag("code", commands), tabindex="0")
    return Fragment(html, "versions")


def page() -> DataOutput:
    """Title and description for the exporter; the last cell of the notebook."""
    content = {"kind": "methodology", "title": _TITLE, "description": _summary()}
    return DataOutput(PAGE_MIME, content, f"page: {_TITLE}")
