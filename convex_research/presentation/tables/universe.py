"""Tables of a universe: movers, listed pairs, instruments, what joins them, and their data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from convex_research.analysis.record import versions
from convex_research.core import formatting as fmt
from convex_research.core.estimates import Estimate
from convex_research.core.fragments import (
    Cell,
    Fragment,
    command,
    joined,
    linked,
    paragraph,
    table,
    tag,
    text,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from convex_research.core.fragments import Line
    from convex_research.data.series import SeriesData
    from convex_research.universe.screen import Screen

__all__ = [
    "average_table",
    "left_out",
    "members_table",
    "movers_table",
    "pairs_table",
    "shrunk_table",
    "tree_table",
    "universe_reproduce",
    "universe_sources",
]

_CHANGES = 10
_SHRUNK = 30


def _r(value: float) -> str:
    """A correlation or a slope; what is short of one is not rounded onto it."""
    if np.isnan(value):
        return ""
    short = 1.0 - abs(value)
    decimals = min(1 - int(np.floor(np.log10(short))), 8) if 1e-9 < short < 0.01 else 2
    return fmt.number(value, decimals, plus=True)


def _ended(value: float, low: float, high: float, key: str = "") -> Cell:
    """A number with its interval."""
    if np.isnan(value):
        return Cell("not computed", class_="missing")
    shown = tag("b", _r(value))
    if np.isfinite(low):
        shown += f" {tag('i', f'({fmt.span_of(_r(low), _r(high))})', class_='ci')}"
    return Cell(shown, *((key,) if key else ()), data_sort=f"{value:.4f}")


def _p(value: float) -> Cell:
    return Cell(text(fmt.pvalue(value).removeprefix("= ")), data_sort=f"{value:.9f}")


def _pair(screen: Screen, a: str, b: str, pages: Mapping[frozenset[str], str]) -> Cell:
    label, page = f"{screen.label(a)} and {screen.label(b)}", pages.get(frozenset((a, b)))
    return linked(label, page) if page else Cell(text(label))


def _by_pair(pages: Sequence[Mapping[str, str]]) -> dict[frozenset[str], str]:
    return {frozenset((one["a"], one["b"])): one["page"] for one in pages}


def average_table(screen: Screen) -> Fragment:
    """Average correlation now and before, its change, and the shares of the first components."""
    year = screen.config.year
    names = {
        f"average.pearson[{year}]": "Average r, past year",
        f"average.preceding[{year}]": "Average r, before",
        f"average.difference_r[{year}]": "Change in r",
        f"average.difference[{year}]": "Change on Fisher's scale",
        "leaderboard.top": "Largest r of all, past year",
        "leaderboard.bottom": "Smallest r of all, past year",
    }
    lines: list[Line] = []
    for key, name in names.items():
        one = screen.joint.results.get(key)
        if not isinstance(one, Estimate):
            continue
        shown = f"{tag('b', fmt.value(one, plus=True))} {tag('i', fmt.interval(one), class_='ci')}"
        lines.append((name + _whose(screen, key), Cell(shown, key), f"{one.nobs:,}", one.method))
    for k, share in enumerate(screen.joint.shares[:3], start=1):
        head = f"Share of component {k} in the variance of all"
        lines.append((head, Cell(fmt.percent(float(share), 0), f"average.component[{k}]"), "", ""))
    return table("Together", ("What", "Value", "n", "Method"), lines)


def _whose(screen: Screen, key: str) -> str:
    row = screen.joint.extremes.get(key.partition(".")[2])
    if row is None:
        return ""
    a, b = (screen.label(screen.symbols[i]) for i in screen.measures.pairs[row])
    return f": {a} and {b}"


def movers_table(screen: Screen, pages: Sequence[Mapping[str, str]] = ()) -> Fragment:
    """The largest changes, whether or not they are more than chance among all."""
    changes, links = screen.changes, _by_pair(pages)
    order = changes.known[np.argsort(changes.pvalues[changes.known], kind="stable")]
    found = int(changes.discovered.sum())
    frame = changes.table(order[: max(_CHANGES, min(found, 100))]).sort_values(
        "pvalue", kind="stable"
    )
    lines: list[Line] = []
    records: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
    for row, one in zip(frame.index.tolist(), records, strict=True):
        a, b = (screen.symbols[i] for i in screen.measures.pairs[row])
        key = f"recent.difference_r[{int(one['window'])}]"
        closer = abs(one["recent"]) > abs(one["before"])
        answer = ("Closer" if closer else "Looser") if changes.discovered[row] else "Can’t tell"
        lines.append(
            (
                _pair(screen, a, b, links),
                screen.past(int(one["window"])),
                Cell(_r(one["recent"]), key),
                _r(one["before"]),
                _ended(one["change"], one["low"], one["high"], key),
                *(_p(one[name]) for name in ("pvalue", "pvalue_adjusted")),
                Cell(tag("b", answer) if changes.discovered[row] else answer),
            )
        )
    count = fmt.count(changes.known.size)
    header = (
        *("Pair", "Window", "r now", "r before", "Change"),
        *("p, both looks", f"p, adjusted for {count}", "Beyond chance?"),
    )
    note = (
        f"Each of {count} pairs is looked at twice; closed Benjamini-Yekutieli, theirs above 1,000 "
        "pairs, whose adjusted p stands here: at most 5 % of the pairs named are false. Intervals "
        "allow for a pair's being chosen for the size of its change."
    )
    caption = f"{len(lines)} of {count} pairs, the smallest p first"
    return table(caption, header, lines, note=note, stacked=True, sortable=True)


def pairs_table(screen: Screen, pages: Sequence[Mapping[str, str]] = ()) -> Fragment:
    """Movers, the strongest, the weakest and each instrument's nearest, with a search."""
    links, listed = _by_pair(pages), screen.listed_pairs()
    rows: dict[Any, dict[Any, Any]] = screen.to_frame().loc[list(listed)].to_dict("index")
    year, window = screen.config.year, screen.config.rolling_window
    keys = [
        *(f"correlation.pearson[{year}]", "correlation.pearson[all]"),
        *("correlation.weekly[all]", f"regression.beta[{year}]"),
    ]
    low_key, high_key = (f"rolling.pearson_{side}_5y[{window}]" for side in ("min", "max"))
    body, reasons, flags = [], set(), set()
    for row, why in listed.items():
        one = rows[row]
        a, b = one["a"], one["b"]
        cells = [
            tag("td", ", ".join(why)),
            *(_td(one[key], one[f"{key}.low"], one[f"{key}.high"]) for key in keys),
            _path(one[low_key], one[f"{low_key}.end"]),
            _path(one[high_key], one[f"{high_key}.end"]),
            tag("td", text(one["flags"].replace("_", " "))),
            tag("td", fmt.count(int(one["nobs"])), class_="num"),
        ]
        head = tag("th", _pair(screen, a, b, links).html, scope="row")
        attributes = {"data_c": why[0], "data_f": one["flags"] or "none"}
        body.append(tag("tr", head + "".join(cells), **attributes))
        reasons.add(why[0])
        flags |= set(one["flags"].split())
    heads = (
        *("Pair", "Listed as", f"r, last {year:,}", "r, whole sample", "r, weekly"),
        *(f"Beta, last {year:,}", f"Lowest r over {window:,}", f"Highest r over {window:,}"),
        *("Flags", "n, whole sample"),
    )
    head = tag("thead", tag("tr", "".join(tag("th", text(one), scope="col") for one in heads)))
    caption = tag("caption", f"{len(body):,} of {len(screen.measures.pairs):,} pairs")
    inner = tag(
        "table", caption + head + tag("tbody", "".join(body)), id="pairs", class_="sortable"
    )
    html = _tools(sorted(reasons), sorted(flags)) + tag(
        "div", inner, class_="scroll", tabindex="0", role="region", aria_label="Table of pairs"
    )
    html += (
        '<p class="missing" id="none" hidden>No pair fits. '
        '<button type="button" class="plain" id="clear">Show all</button></p>'
    )
    note = (
        "All pairs are in the file of this name that ends in .parquet; convex-research report A B "
        f"makes the page of a pair. Intervals are {fmt.level(screen.config.confidence_level)}; "
        "lowest and highest are of the last 1,260 observations, with the last day of the window."
    )
    html += paragraph(text(note), class_="note", data_about="definition")
    attributes = {"class_": "uni-pairs", "data_key": " ".join([*keys, low_key, high_key])}
    return Fragment(tag("div", html, **attributes), "pairs of the universe")


def _td(value: float, low: float, high: float) -> str:
    """A number with its interval, bare: there are thousands."""
    if np.isnan(value):
        return tag("td", "", class_="missing")
    ends = f" {tag('i', f'({fmt.span_of(_r(low), _r(high))})')}" if np.isfinite(low) else ""
    return tag("td", tag("b", _r(value)) + ends)


def _path(value: float, day: object) -> str:
    if np.isnan(value):
        return tag("td", "", class_="missing")
    return tag("td", f"{_r(value)} {tag('i', str(day)[:10])}")


def _tools(reasons: Sequence[str], flags: Sequence[str]) -> str:
    """Search and filters, which the script shows."""

    def options(listed: Iterable[str], every: str) -> str:
        each = "".join(tag("option", text(one.replace("_", " ")), value=one) for one in listed)
        return f'<option value="">{every}</option>{each}'

    search = (
        '<label>Search <input type="search" id="q" placeholder="name" autocomplete="off" '
        'spellcheck="false" aria-controls="pairs"></label>'
    )
    inner = search + tag("label", "Listed as " + tag("select", options(reasons, "all"), id="c"))
    inner += tag("label", "Flag " + tag("select", options(flags, "any"), id="f"))
    inner += '<output id="found" aria-live="polite"></output><button type="reset">Clear</button>'
    return f'<form class="uni-tools" id="tools" role="search" hidden>{inner}</form>'


def members_table(screen: Screen) -> Fragment:
    """Every instrument: its group, its average correlation, its nearest and its dates."""
    matrix = screen.matrix().to_numpy(dtype=np.float64, copy=True)
    np.fill_diagonal(matrix, np.nan)
    order = screen.joint.order
    place = {symbol: at for at, symbol in enumerate(screen.symbols)}
    head = {one: k for k, group in enumerate(screen.joint.clusters) for one in group.members}
    clusters = screen.joint.clusters
    key = f"correlation.pearson[{screen.config.year}]"
    lines: list[Line] = []
    for symbol in order.index:
        at = place[symbol]
        own, known = screen.tracks[at].series, matrix[at][np.isfinite(matrix[at])]
        group = "none"
        if symbol in head:
            group = f"around {screen.label(clusters[head[symbol]].members[0])}"
        near = ""
        if known.size:
            other = int(np.nanargmax(matrix[at]))
            near = f"{screen.label(screen.symbols[other])} {_r(matrix[at, other])}"
        name = f"{text(screen.label(symbol))} {tag('span', text(_name(own)), class_='ci')}"
        lines.append(
            (
                Cell(name),
                group,
                Cell(_r(float(known.mean())) if known.size else "", key),
                near,
                fmt.count(len(own.values)),
                f"{own.provenance.start} to {own.provenance.end}",
            )
        )
    header = ("Instrument", "Group", "Average r with the others", "Nearest", "n", "Dates")
    return table(f"All {fmt.count(len(lines))}", header, lines, sortable=True)


def _name(series: SeriesData) -> str:
    return series.instrument.name.removesuffix(" (embedded sample)")


def tree_table(screen: Screen) -> Fragment:
    """Edges of the spanning tree, the strongest first."""
    tree = screen.spanning_tree().sort_values("r", ascending=False, kind="stable")
    key = f"correlation.pearson[{screen.config.year}]"
    lines = [
        (f"{screen.label(one['a'])} and {screen.label(one['b'])}", Cell(_r(one["r"]), key))
        for one in tree.to_dict("records")
    ]
    note = (
        "The shortest tree that joins all, by the distance √(2 (1 − r)) of the past year "
        "(Mantegna 1999)."
    )
    return table("Spanning tree", ("Edge", "r"), lines, note=note)


def shrunk_table(screen: Screen) -> Fragment:
    """Correlation matrix of the year for those who invert it."""
    how = (
        'cr.screen(...).shrunk("ledoit-wolf") gives the matrix as a frame, "cleaned" that with '
        'averaged small eigenvalues, "pairwise" that of each pair over its own days.'
    )
    made = screen.shrunk()
    if len(made) > _SHRUNK:
        return Fragment(paragraph(text(how), class_="fine", data_about="method"))
    names = [screen.label(one) for one in made.columns]
    key = f"correlation.pearson[{screen.config.year}]"
    lines: list[Line] = [
        (name, *(Cell(_r(value), key) for value in row))
        for name, row in zip(names, made.to_numpy().tolist(), strict=True)
    ]
    note = f"Shrunk to the identity (Ledoit and Wolf 2004), positive definite. {how}"
    shown = table("Shrunk correlation matrix", ("", *names), lines, note=note)
    return Fragment(shown.html.replace("<table", '<table class="cells"', 1), "shrunk matrix")


def left_out(screen: Screen) -> Fragment:
    """What is not in the universe, and why; and what shares the days."""
    short = set(screen.symbols) - set(screen.joint.returns.columns)
    lines: list[Line] = [*screen.public_skipped.items()]
    lines += [
        (one, "measured pair by pair, but too short for what all share") for one in sorted(short)
    ]
    if not lines:
        return Fragment("", "nothing is left out")
    return table("Left out", ("Symbol", "Why"), lines, about="source")


def universe_sources(screen: Screen) -> Fragment:
    """Where each series came from, sources of many once."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for one in screen.tracks:
        source = one.series.provenance
        own = (
            *(source.provider, source.url, source.retrieved_at or "local"),
            *(source.adjustment, source.sha256[:16] + "…", source.licence),
        )
        lines.setdefault(own, []).append(screen.label(source.symbol))
    header = ("Series", "Provider", "Source", "First retrieved", "Adjustment", "SHA-256", "Licence")
    shown: list[Line] = [(fmt.listed(names, 12), *own) for own, names in lines.items()]
    most = 60
    more = len(shown) - most
    note = f"And {more:,} more sources; the record has them all." if more > 0 else ""
    html = table("Data and provenance", header, shown[:most], note=note, about="source").html
    notes = "".join(
        tag("li", text(f"{one.level}: {fmt.with_minus(one.message)}"), class_=one.level)
        for one in screen.quality
    )
    html += tag("ul", notes, class_="quality") if notes else ""
    return Fragment(tag("div", html, data_about="source"), "provenance")


def universe_reproduce(screen: Screen) -> Fragment:
    """The command that makes this page again, with versions."""
    asked = screen.asked
    arguments = ["convex-research", "screen", *screen.public_universe, "--name", screen.name]
    if asked.start is not None:
        arguments += ["--start", str(asked.start)]
    arguments += ["--as-of", str(screen.as_of)]
    if screen.kind != "simple":
        arguments += ["--returns", screen.kind]
    for name, held in screen.config.parameters.items():
        if name != "config":
            arguments += [f"--{name}", str(held)]
    for check in asked.accept:
        arguments += ["--accept", check]
    arguments += ["--skip-missing"] if asked.skip_missing else []
    listed = ", ".join(f"{name} {number}" for name, number in versions().items())
    words = (
        f"Made with {listed}. The record beside this page (the same name, ending in .json) holds "
        "its numbers with the full hash of each series; .parquet those of every pair."
    )
    parts = [Fragment(command(arguments)), Fragment(paragraph(text(words), data_about="method"))]
    return joined(parts, "how to reproduce")
