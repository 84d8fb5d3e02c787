"""A map of correlations: cells of a colour, like beside like, and blocks where there are many."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from convex_research.core import formatting as fmt
from convex_research.core.fragments import Fragment, folded, joined, tag, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from matplotlib.axes import Axes

    from convex_research.core.typing import Array
    from convex_research.universe.screen import Screen

__all__ = ["draw_map", "heat_map"]

_MOST = 60  # names that have cells of their own
_BLOCK = 40
_CELLS = 40_000  # inside all blocks together
_UNIT = 10
_FEW = 12  # names that need no wide map
_STEPS = 7


class _Block(NamedTuple):
    """Places of neighbours; a group that holds together has its number."""

    members: list[int]
    group: int


def heat_map(screen: Screen, pages: Sequence[Mapping[str, str]] = ()) -> Fragment:
    """Correlation of every pair over the year, ordered so that like stands by like.

    Parameters
    ----------
    screen : Screen
        A finished screen.
    pages : sequence of mapping
        Pages of pairs in the same folder: symbols ``a`` and ``b``, and ``page``.

    Returns
    -------
    Fragment
        To 60 names a cell a pair; beyond that blocks of neighbours, each of which opens its cells.
    """
    place = {symbol: at for at, symbol in enumerate(screen.symbols)}
    order = screen.joint.order
    legs = [place[symbol] for symbol in order.index]
    groups = [int(one) for one in order["group"].fillna(0)]
    matrix = screen.matrix().to_numpy(dtype=np.float64)
    links = {
        frozenset((place[one["a"]], place[one["b"]])): one["page"]
        for one in pages
        if one["a"] in place and one["b"] in place
    }
    year = f"correlation.pearson[{screen.config.year}]"
    what = f"Correlation of {fmt.count(len(legs))} instruments over the past year"
    caption = tag("figcaption", f"{tag('b', 'Correlation, past year')}, like beside like")
    moved = _moved(screen)
    if len(legs) <= _MOST:
        inner = _cells(screen, legs, links, what, groups)
        inner += _key(groups=any(groups), moved=bool(moved))
        inner += folded("Table of the map", _table(screen, matrix, legs, links), class_="raw")
        return Fragment(tag("figure", caption + inner, class_="mx", data_key=year), what)
    blocks = _blocks(legs, groups)
    means = _means(matrix, blocks)
    names = [_name(screen, block) for block in blocks]
    numbers = [block.group for block in blocks]
    inner = _svg(means, [str(k + 1) for k in range(len(blocks))], numbers, (), f"{what}, by block")
    inner += _key(groups=any(groups), moved=False)
    room, opened = _CELLS, []
    for k, block in enumerate(blocks):
        size = len(block.members)
        head = f"{k + 1}. {names[k]}: average r {_written(means[k, k])}"
        if 1 < size <= _MOST and size * size <= room:
            room -= size * size
            here = _cells(screen, block.members, links, names[k])
            opened.append(folded(head, Fragment(here), class_="raw"))
        else:
            opened.append(tag("p", text(head), class_="fine"))
    listed = "".join(opened)
    inner += folded("Table of the map", _block_table(names, means), class_="raw")
    figure = tag("figure", caption + inner, class_="mx", data_key=year)
    return joined([Fragment(figure), Fragment(tag("div", listed, class_="blocks"))], what)


def draw_map(screen: Screen, ax: Axes | None = None) -> Axes:
    """The same by matplotlib, a cell a pair however many."""
    from matplotlib import pyplot as plt

    axes = ax if ax is not None else plt.subplots(figsize=(7.0, 6.0))[1]
    order = screen.joint.order.index
    matrix = screen.matrix().loc[order, order].to_numpy(dtype=np.float64)
    image = axes.imshow(matrix, cmap="RdBu", vmin=-1.0, vmax=1.0, interpolation="nearest")
    if len(order) <= _MOST:
        labels = [screen.label(one) for one in order]
        axes.set_xticks(range(len(labels)), labels, rotation=90, fontsize=7)
        axes.set_yticks(range(len(labels)), labels, fontsize=7)
    axes.set_title(f"Correlation, last {screen.config.year:,}")
    axes.get_figure(root=True).colorbar(image, ax=axes, shrink=0.8)  # type: ignore[union-attr]
    return axes


def _moved(screen: Screen) -> set[frozenset[int]]:
    rows = np.flatnonzero(screen.changes.discovered)
    return {frozenset(pair) for pair in screen.measures.pairs[rows].tolist()}


def _blocks(legs: Sequence[int], groups: Sequence[int]) -> list[_Block]:
    """Groups as they are, the rest by neighbours; only neighbours where groups are many."""
    found: list[_Block] = []
    for group, members in groupby(zip(legs, groups, strict=True), key=lambda one: one[1]):
        listed = [leg for leg, _ in members]
        whole = group and len(listed) <= _MOST
        step = len(listed) if whole else -(-len(listed) // -(-len(listed) // _BLOCK))
        found += [_Block(listed[k : k + step], group) for k in range(0, len(listed), step)]
    if len(found) <= _MOST:
        return found
    step = max(_BLOCK, -(-len(legs) // _MOST))
    return [_Block(list(legs[k : k + step]), 0) for k in range(0, len(legs), step)]


def _means(matrix: Array, blocks: Sequence[_Block]) -> Array:
    """Average correlation between blocks, and within each."""
    known = np.where(np.eye(len(matrix), dtype=bool), np.nan, matrix)
    made = np.full((len(blocks),) * 2, np.nan)
    for i, one in enumerate(blocks):
        for j, other in enumerate(blocks):
            inner = known[np.ix_(one.members, other.members)]
            if np.isfinite(inner).any():
                made[i, j] = np.nanmean(inner)
    return made


def _name(screen: Screen, block: _Block) -> str:
    labels = [screen.label(screen.symbols[leg]) for leg in block.members]
    if len(labels) <= 3:
        return ", ".join(labels)
    kind = "group of" if block.group else "neighbours"
    return f"{kind} {fmt.count(len(labels))}, {labels[0]} to {labels[-1]}"


def _cells(
    screen: Screen,
    legs: Sequence[int],
    links: Mapping[frozenset[int], str],
    what: str,
    groups: Sequence[int] = (),
) -> str:
    """The picture with what the script needs to say what a cell is."""
    matrix, moved = screen.matrix().to_numpy(dtype=np.float64), _moved(screen)
    inner = matrix[np.ix_(legs, legs)]
    labels = [screen.label(screen.symbols[leg]) for leg in legs]
    dots = [
        (i, j)
        for i, one in enumerate(legs)
        for j, other in enumerate(legs)
        if frozenset((one, other)) in moved
    ]
    lower = [inner[i, j] for i in range(len(legs)) for j in range(i)]
    pages = ",".join(
        f"{i}:{j}:{page}"
        for i, one in enumerate(legs)
        for j, other in enumerate(legs[:i])
        if (page := links.get(frozenset((one, other))))
    )
    data = {
        "data_r": ",".join("" if np.isnan(r) else f"{100.0 * r:.0f}" for r in lower),
        "data_names": "|".join(labels),
        "data_symbols": "|".join(screen.symbols[leg] for leg in legs),
        "data_pages": pages,
    }
    svg = _svg(inner, labels, groups, dots, what)
    said = tag("p", "", class_="cell", aria_live="polite", data_about="navigation")
    return tag("div", svg + said, class_="map", **data)


def _svg(
    matrix: Array,
    labels: Sequence[str],
    groups: Sequence[int],
    dots: Iterable[tuple[int, int]],
    what: str,
) -> str:
    """Cells as one path a colour, runs of one colour as one piece."""
    size, count = _UNIT, len(labels)
    longest = max(map(len, labels))
    left = min(14 + 6 * longest, 90) if count <= _MOST else 0
    height = min(size * 0.78, 9.0)
    paths: dict[str, list[str]] = {}
    own = _diagonal(matrix)
    for i in range(count):
        colours = [_colour(matrix[i, j]) if i != j or own else "" for j in range(count)]
        at = 0
        for colour, run in groupby(colours):
            length = len(list(run))
            if colour:
                run_of = f"M{at} {i}h{length}v1h-{length}z"
                paths.setdefault(colour, []).append(run_of)
            at += length
    inner = "".join(
        tag("path", "", class_=colour, d="".join(made)) for colour, made in sorted(paths.items())
    )
    end = left + size * count
    lines = "".join(f"M0 {k}H{count}M{k} 0V{count}" for k in range(count + 1))
    inner += tag("path", "", class_="hg", d=lines)
    inner = tag("g", inner, transform=f"translate({left} {left}) scale({size})")
    for k, label in enumerate(labels if left else ()):
        shown, middle = text(label[:14]), left + size * k + 0.5 * size + 0.35 * height
        common = {"class_": "hl", "font_size": f"{height:.1f}"}
        inner += tag("text", shown, x=f"{left - 3}", y=f"{middle:.1f}", text_anchor="end", **common)
        turn = f"translate({middle:.1f} {left - 3}) rotate(-90)"
        inner += tag("text", shown, transform=turn, **common)
    for first, last in _runs(groups):
        x, width = f"{left + size * first}", f"{size * (last - first)}"
        inner += tag("rect", "", class_="hb", x=x, y=x, width=width, height=width)
    for i, j in dots:
        x, y = (f"{left + size * (k + 0.5):g}" for k in (j, i))
        inner += tag("circle", "", class_="hm", cx=x, cy=y, r="2.2")
    box = {"viewBox": f"0 0 {end + 1} {end + 1}", "data_left": f"{left}", "data_size": f"{size}"}
    return tag(
        "svg", inner, class_="heat", role="img", aria_label=f"{what}; the table has it", **box
    )


def _diagonal(matrix: Array) -> bool:
    """Whether a cell on the diagonal is a number like the others, as of blocks."""
    return bool(np.nanmin(np.abs(np.diag(matrix) - 1.0)) > 0.0)


def _runs(groups: Sequence[int]) -> Iterable[tuple[int, int]]:
    at = 0
    for group, run in groupby(groups):
        length = len(list(run))
        if group and length > 1:
            yield at, at + length
        at += length


def _colour(r: float) -> str:
    if np.isnan(r):
        return ""
    return f"{'p' if r >= 0.0 else 'm'}{min(int(_STEPS * abs(r)), _STEPS - 1)}"


def _key(*, groups: bool, moved: bool) -> str:
    ramp = "".join(tag("i", "", class_=one) for one in ("m6", "m4", "m2", "p0", "p2", "p4", "p6"))
    items = tag("li", f"{fmt.MINUS}1 {tag('span', ramp, class_='ramp')} +1")
    if moved:
        items += tag("li", tag("i", "", class_="dotk") + "moved beyond chance")
    if groups:
        items += tag("li", tag("i", "", class_="boxk") + "group")
    return tag("ul", items, class_="key", data_about="definition")


def _written(r: float) -> str:
    return "" if np.isnan(r) else fmt.number(r, 2, plus=True)


def _table(
    screen: Screen, matrix: Array, legs: Sequence[int], links: Mapping[frozenset[int], str]
) -> Fragment:
    """The same as a table, with links to the pages that there are."""
    labels = [screen.label(screen.symbols[leg]) for leg in legs]
    lines = []
    for i, one in enumerate(legs):
        cells = []
        for other in legs:
            page, shown = links.get(frozenset((one, other))), _written(matrix[one, other])
            shown = "" if one == other else shown
            cells.append(tag("td", tag("a", shown, href=page) if page and shown else shown))
        lines.append(tag("tr", tag("th", text(labels[i]), scope="row") + "".join(cells)))
    return _scrolled("Correlation over the past year", labels, lines)


def _block_table(names: Sequence[str], means: Array) -> Fragment:
    lines = [
        tag(
            "tr",
            tag("th", text(f"{k + 1}. {name}"), scope="row")
            + "".join(tag("td", _written(r)) for r in means[k]),
        )
        for k, name in enumerate(names)
    ]
    return _scrolled(
        "Average correlation of blocks", [str(k + 1) for k in range(len(names))], lines
    )


def _scrolled(caption: str, heads: Sequence[str], lines: Sequence[str]) -> Fragment:
    head = tag("td", "") + "".join(tag("th", text(one), scope="col") for one in heads)
    inner = tag("caption", caption) + tag("thead", tag("tr", head)) + tag("tbody", "".join(lines))
    attributes: dict[str, Any] = {"tabindex": "0", "role": "region", "aria_label": caption}
    return Fragment(tag("div", tag("table", inner, class_="cells"), class_="scroll", **attributes))
