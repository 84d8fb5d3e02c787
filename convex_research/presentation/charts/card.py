"""The preview image of a pair's page: drawn from its record, the same bytes every time."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from convex_research.core import formatting as fmt
from convex_research.core.config import AnalysisConfig
from convex_research.core.errors import printable
from convex_research.core.flags import CLOCK
from convex_research.presentation.charts.svg import COLOURS, to_png

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH, _HEIGHT = 1200, 630
_LEFT, _RIGHT = 80.0, 1120.0
_MOST = 5  # rows of windows


def draw_card(record: dict[str, Any]) -> bytes:
    """Names, the first answer, and r by window with its interval, of a page's record.

    A PNG of 1200 by 630 pixels.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(_WIDTH / 100, _HEIGHT / 100), dpi=100, facecolor="#ffffff")
    rows = _rows(record)
    _heading(figure, record)
    if rows:
        _answer(figure, record)
        _whiskers(figure, rows)
    else:
        _say(figure, _LEFT, 330, "No correlation is given", size=34, colour="muted")
    sample = record["data"]
    foot = (
        f"{fmt.count(sample['nobs'])} {sample['frequency']} returns, {sample['start']} to "
        f"{sample['end']}. Bars are {_level(record)} intervals."
    )
    _say(figure, _LEFT, 52, foot, size=17, colour="muted")
    return to_png(figure)


def _level(record: dict[str, Any]) -> str:
    return fmt.level(AnalysisConfig.of_record(record).confidence_level)


def _rows(record: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    """Key, words and fields of the correlations that are known, that which leads the last."""
    keys = {
        f"correlation.pearson[{w}]": "whole sample" if w == "all" else f"last {w:,}"
        for w in (*record["config"]["windows"], "all")
    }
    if not CLOCK.isdisjoint(record.get("flags", ())):
        keys = {
            "correlation.pearson[all]": "daily, too low",
            "correlation.weekly[all]": "weekly",
            "correlation.synchronised[all]": "a day's leeway",
        }
    found = [(key, words, record["estimates"].get(key)) for key, words in keys.items()]
    return [(key, words, one) for key, words, one in found if one is not None][-_MOST:]


def _say(
    figure: Figure, x: float, y: float, words: str, *, size: float, colour: str = "ink", **more: Any
) -> None:
    """Text at a place in pixels from the lower left; ``size`` is in pixels too."""
    figure.text(
        x / _WIDTH,
        y / _HEIGHT,
        words.replace("$", r"\$"),
        fontsize=0.72 * size,
        color=COLOURS[colour],
        family="DejaVu Sans",
        **more,
    )


def _name(leg: dict[str, Any], most: int) -> str:
    """The leg's name; its identifier where the font has no such letters."""
    name = printable(leg["name"].removesuffix(" (embedded sample)"), limit=most)
    return name if _drawable(name) else printable(leg["id"], limit=most)


@cache
def _letters() -> frozenset[int]:
    """Every character the image's font can draw."""
    from matplotlib.font_manager import findfont, get_font

    return frozenset(get_font(findfont("DejaVu Sans")).get_charmap())


def _drawable(name: str) -> bool:
    return bool(name) and all(ord(letter) in _letters() for letter in name)


def _heading(figure: Figure, record: dict[str, Any]) -> None:
    names = [_name(record["pair"][leg], 44) for leg in "ab"]
    longest = max(len(name) for name in names)
    size = min(56.0, 1040.0 / (0.62 * max(longest + 4, 1)))
    _say(figure, _LEFT, 530, names[0], size=size, weight="bold")
    _say(figure, _LEFT, 530 - 1.28 * size, f"and {names[1]}", size=size, weight="bold")


def _answer(figure: Figure, record: dict[str, Any]) -> None:
    """The first answer of the page that has a number, in large figures."""
    one = next((one for one in record.get("summary", ()) if one["number"]), None)
    if one is not None:
        size = min(104.0, 560.0 / (0.62 * len(one["number"])))
        _say(figure, _LEFT, 265, one["number"], size=size, colour="a", weight="bold")
        _say(figure, _LEFT, 210, one["label"], size=19, colour="muted")
        _say(figure, _LEFT, 170, f"{one['word']}: {one['ends'] or one['number']}", size=24)
    _say(figure, _LEFT, 132, f"as of {record['as_of']}", size=19, colour="muted")


def _whiskers(figure: Figure, rows: list[tuple[str, str, dict[str, Any]]]) -> None:
    """One line a window on a common axis."""
    from matplotlib.ticker import MaxNLocator

    axes = figure.add_axes((660 / _WIDTH, 135 / _HEIGHT, 440 / _WIDTH, 235 / _HEIGHT))
    axes.set_axis_off()
    ends = [one[end] for _, _, one in rows for end in ("low", "high") if one.get(end) is not None]
    values = [one["value"] for _, _, one in rows]
    low, high = min([*ends, *values]), max([*ends, *values])
    low, high = max(-1.0, low - 0.05), min(1.0, high + 0.05)
    axes.set_xlim(low, high)
    axes.set_ylim(-0.7, len(rows) - 0.3)
    for tick in (t for t in MaxNLocator(4).tick_values(low, high) if low <= t <= high):
        axes.axvline(tick, color=COLOURS["grid"], linewidth=1.5)
        words = fmt.number(tick, 2, plus=True)
        axes.text(tick, -0.78, words, fontsize=12, color=COLOURS["muted"], ha="center", va="top")
    for height, (_, words, one) in enumerate(reversed(rows)):
        if one.get("low") is not None and one.get("high") is not None:
            span = [one["low"], one["high"]]
            axes.plot(span, [height, height], color=COLOURS["a"], linewidth=5, alpha=0.45)
        axes.plot([one["value"]], [height], "o", color=COLOURS["a"], markersize=12)
        axes.annotate(
            words,
            (0, height),
            xycoords=("axes fraction", "data"),
            xytext=(-14, 0),
            textcoords="offset points",
            fontsize=14,
            color=COLOURS["ink"],
            ha="right",
            va="center",
        )
