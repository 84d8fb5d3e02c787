"""The index page: rows for the template, small pictures of rolling r, and nothing else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from convex_research.claims import strength_words
from convex_research.core import formatting as fmt
from convex_research.core.config import AnalysisConfig
from convex_research.presentation.charts.sparkline import tiny_path
from convex_research.publishing.assets import content_policy, script, stylesheet, template_folder
from convex_research.publishing.index.entries import FLAGS
from convex_research.publishing.meta.describe import leg_name, stored_estimate
from convex_research.publishing.meta.pair import PageMeta, render_meta

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jinja2 import Template

__all__ = ["render_choice", "render_index", "render_notice"]

_LABELS = {"correlation": "Correlation", "comparison": "Side by side", "instrument": "Instrument"}
_DIRECTIONS = {"higher": "Higher", "lower": "Lower", "open": "No clear change"}
_SHOWN_CHANGES = 8


def render_index(
    content: Mapping[str, Any], *, methodology: bool, site: str | None, digest: bool = False
) -> str:
    """The page for what ``index.json`` holds, whole without its script.

    It links the methodology page and the daily digest where there are such; ``site`` is the address
    of the output folder.
    """
    pairs, failures = content["pairs"], content["failures"]
    text = script("sort", "index")
    used = [flag for flag in FLAGS if any(flag in pair["flags"] for pair in pairs)]
    tested = [row for row in content["across_pairs"]["claims"] if row["pairs"]]
    count = f"of {fmt.count(len(pairs))} pairs" if len(pairs) > 1 else ""
    title = f"Correlation {count}".strip()
    meta = PageMeta(title=title, description=_description(content), path="index.html")
    return _template("index").render(
        meta=render_meta(meta, site),
        policy=content_policy(text if pairs else None),
        stylesheet=stylesheet(),
        script=text if pairs else "",
        pairs=[_row(pair, content["across_pairs"]["pairs"]) for pair in pairs],
        summary=_summary(content),
        categories=sorted({pair["category"] for pair in pairs}),
        flags=[(flag, *FLAGS[flag]) for flag in used],
        failures=_grouped(failures),
        failed=len(failures),
        controlled=[row for row in tested if row["with_pvalue"]],
        level=fmt.percent(content["across_pairs"]["level"], 0),
        instruments=[_instrument_row(one) for one in content["instruments"]],
        volatility_window=_counts(
            {one["volatility"]["nobs"] for one in content["instruments"] if one["volatility"]}
        ),
        changes=content["changes"][:_SHOWN_CHANGES],
        methodology=methodology,
        digest=digest,
    )


def render_notice(name: str, reason: str) -> str:
    """A page in the place of one that could not be built, in the folder of instruments."""
    return _template("notice").render(
        name=name, reason=reason, policy=content_policy(), stylesheet=stylesheet()
    )


def render_choice(name: str, series: Sequence[tuple[str, str]]) -> str:
    """A page under a name that several series share, with page name and symbol of each."""
    return _template("notice").render(
        name=name, series=series, policy=content_policy(), stylesheet=stylesheet()
    )


@cache
def _template(name: str) -> Template:
    from jinja2 import Environment, FileSystemLoader

    environment = Environment(
        loader=FileSystemLoader(template_folder()),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(f"{name}.html.j2")


def _description(content: Mapping[str, Any]) -> str:
    pairs = content["pairs"]
    what = f"{fmt.count(len(pairs))} {'pair' if len(pairs) == 1 else 'pairs'}"
    until = f" to {content['as_of']}" if content["as_of"] else ""
    level = _levels(pairs)
    return f"{what} with correlation, {level} interval, change lately and beta{until}."


def _summary(content: Mapping[str, Any]) -> str:
    """What the numbers in the table are, in a sentence."""
    dates = sorted({pair["as_of"] for pair in content["pairs"]})
    if not dates:
        return ""
    until = f"to {dates[-1]}" if len(dates) == 1 else f"to dates from {dates[0]} to {dates[-1]}"
    return (
        f"Data {until}. r and beta are those of the last {_windows(content['pairs'])} "
        "observations, or of the whole sample where it is shorter; brackets are "
        f"{_levels(content['pairs'])} intervals. The change is that of r over the last "
        "observations against those before them, as each page tells it."
    )


def _levels(pairs: Sequence[Mapping[str, Any]]) -> str:
    """Coverage of the intervals, ``95 %``; pages may differ in it."""
    known = (one["correlation"]["confidence_level"] for one in pairs if one["correlation"])
    levels = sorted({level for level in known if level is not None})
    return " or ".join(map(fmt.level, levels)) or "confidence"


def _windows(pairs: Sequence[Mapping[str, Any]]) -> str:
    """Observations that lead the pages; pages may differ in them."""
    keys = {one["correlation"]["key"] for one in pairs if one["correlation"]}
    return _counts({int(key[20:-1]) for key in keys if not key.endswith("[all]")})


def _counts(windows: set[int]) -> str:
    return " or ".join(map(fmt.count, sorted(windows) or [AnalysisConfig().year]))


def _shown(found: Mapping[str, Any] | None, *, plus: bool = False) -> dict[str, Any]:
    """Text of a number and of its interval, and what to sort by."""
    one = stored_estimate(found)
    if one is None:
        return {"value": "", "interval": "", "sort": ""}
    return {
        "value": fmt.value(one, plus=plus),
        "interval": fmt.interval(one),
        "sort": f"{one.value:.5g}",
    }


def _row(pair: Mapping[str, Any], among: Mapping[str, Any]) -> dict[str, Any]:
    r = stored_estimate(pair["correlation"])
    change = pair["change"]
    kinds = list(pair["pages"])
    links = [{"href": pair["pages"][kind], "label": _LABELS[kind]} for kind in kinds[1:]]
    links += [
        {"href": href, "label": leg_name(pair[leg])} for leg, href in pair["instruments"].items()
    ]
    return {
        **pair,
        "href": pair["pages"][kinds[0]],
        "links": links,
        "r": _shown(pair["correlation"], plus=True),
        "strength": strength_words(r).capitalize() if r else "",
        "change": _shown(change["difference"] if change else None, plus=True),
        "direction": _direction(change, among.get(pair["slug"], {}).get("C29")),
        "beta": _shown(pair["beta"]),
        "flags": [(flag, FLAGS[flag][0]) for flag in pair["flags"]],
        "flag_ids": " ".join(pair["flags"]),
        "count": fmt.count(r.nobs if r else pair["nobs"]),
        "picture": _picture(pair["rolling"], pair["as_of"]),
    }


def _direction(change: Mapping[str, Any] | None, among: Mapping[str, Any] | None) -> str:
    """What changed lately; "perhaps" where it counts alone and not among all pairs."""
    if change is None:
        return ""
    words = _DIRECTIONS[change["direction"]]
    if change["direction"] != "open" and among is not None and among["verdict"] != "rejected":
        words = f"Perhaps {words.lower()}"
    return f"{words} (last {change['window']})"


def _picture(rolling: Mapping[str, Any] | None, as_of: str) -> dict[str, str] | None:
    """Path of the small chart with the words for those who cannot see it."""
    if rolling is None:
        return None
    path = rolling["path"]
    (day, last), values = path[-1], [value for _, value in path]
    low, high, end = (fmt.number(x, 2, plus=True) for x in (min(values), max(values), last))
    # A window in which a leg does not move is not in the path.
    when = "now" if day == as_of else f"on {day}"
    return {
        "d": tiny_path(path),
        "sort": f"{last:.3f}",
        "words": f"{low} to {high}, {when} {end}",
    }


def _grouped(failures: Iterable[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Failures of one folder with one cause in one row."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in failures:
        key = (one["slug"], one["cell"], one["message"])
        row = rows.setdefault(key, {**one, "pages": []})
        row["pages"].append(_LABELS.get(one["kind"], one["kind"]))
    return [{**row, "pages": ", ".join(row["pages"])} for row in rows.values()]


def _instrument_row(one: Mapping[str, Any]) -> dict[str, Any]:
    last = stored_estimate(one["last"])
    carried = last is None or fmt.suffix(last)  # by the number itself
    return {
        **one,
        "name": leg_name(one),
        "last": {**_shown(one["last"]), "unit": "" if carried else one["unit"]},
        "change": _shown(one["change_1y"], plus=True),
        "volatility": _shown(one["volatility"]),
        "drawdown": _shown(one["drawdown"]),
        "count": fmt.count(len(one["pairs"])),
    }
