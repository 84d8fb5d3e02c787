"""The index page: a map, what has changed, rows of answers, and nothing else."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from convex_research.core import formatting as fmt
from convex_research.core.config import AnalysisConfig
from convex_research.presentation.charts.sparkline import tiny_path
from convex_research.publishing.assets import content_policy, script, stylesheet, template_folder
from convex_research.publishing.index.door import door
from convex_research.publishing.index.entries import FLAGS
from convex_research.publishing.index.matrix import correlation_matrix
from convex_research.publishing.meta.describe import leg_name, stored_estimate
from convex_research.publishing.meta.pair import PageMeta, render_meta

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from jinja2 import Template

__all__ = ["PART", "part_names", "render_choice", "render_index", "render_notice"]

PART = 200
"""Pairs on a page, and in a file of ``index.json``."""

_LABELS = {"correlation": "Correlation", "comparison": "Side by side", "instrument": "Instrument"}
_SHOWN_CHANGES = 8
_SAID = {"changed", "unstable"}  # the answers say it, or most pairs have it
_MISSING = {
    "word": "not known",
    "number": None,
    "ends": None,
    "label": "",
    "window": "",
    "answer": "untested",
}
_WEIGHTS = {"open": "ans ct", "perhaps": "ans ct", "untested": "ans nt"}
_ASKED = ("r", "Changed lately?", "Unusual today?", "Hedge?", "Next month")
_DRAWN = ("slug", "href", "title", "side", "legs", "line", "flags", "answers", "picture")


def part_names(pairs: int, ending: str) -> list[str]:
    """Names of the files that hold so many pairs."""
    further = range(2, -(-pairs // PART) + 1)
    return [f"index.{ending}", *(f"index-{k}.{ending}" for k in further)]


def render_index(
    content: Mapping[str, Any], *, methodology: bool, site: str | None, digest: bool = False
) -> dict[str, str]:
    """The page for what ``index.json`` holds, whole without its script, by file name.

    More pairs than :data:`PART` have further pages, which the script does without. Pages link the
    methodology page and the daily digest where there are such; ``site`` is the address of the
    output folder.
    """
    pairs = content["pairs"]
    text = script("sort", "index") if pairs else ""
    shared = [flag for flag in FLAGS if pairs and all(flag in one["flags"] for one in pairs)]
    quiet = _SAID.union(shared if len(pairs) > 1 else ())
    top = door(content, [FLAGS[flag][0] for flag in FLAGS if flag in quiet - _SAID])
    usual = _usual(pairs)
    rows = [_row(pair, usual, quiet) for pair in pairs]
    names = part_names(len(pairs), "html")
    used = [flag for flag in FLAGS if any(flag in pair["flags"] for pair in pairs)]
    tested = [row for row in content["across_pairs"]["claims"] if row["with_pvalue"]]
    shown = {
        "stylesheet": stylesheet("index"),
        "heads": [(asked, one.head) for asked, one in zip(_ASKED, usual, strict=True)],
        "as_of": content["as_of"],
        "parts": names,
        "part": PART,
        "count": len(pairs),
        "universes": [(f"universe/{x['slug']}.html", x["name"]) for x in content["universes"]],
        "methodology": methodology,
        "digest": digest,
    }
    further = {}
    for k, name in enumerate(names[1:], 1):
        first, last = k * PART + 1, min((k + 1) * PART, len(pairs))
        title = f"Pairs {fmt.count(first)} to {fmt.count(last)} of {fmt.count(len(pairs))}"
        further[name] = _template("index").render(
            **shown,
            meta=render_meta(PageMeta(title=title, description=top.title, path=name), site),
            policy=content_policy(style=shown["stylesheet"]),
            title=title,
            rows=rows[first - 1 : last],
            at=name,
        )
    meta = PageMeta(title=top.title, description=f"{top.title}. {top.meta}", path="index.html")
    page = _template("index").render(
        **shown,
        meta=render_meta(meta, site),
        policy=content_policy(text or None, style=shown["stylesheet"]),
        script=text,
        title=top.title,
        door=top,
        matrix=correlation_matrix(pairs),
        rows=rows[:PART],
        at=names[0],
        data=_data(rows) if further else "",
        categories=sorted({pair["category"] for pair in pairs}),
        flags=[(flag, *FLAGS[flag]) for flag in used],
        failures=_grouped(content["failures"]),
        failed=len(content["failures"]),
        controlled=tested,
        level=fmt.percent(content["across_pairs"]["level"], 0),
        instruments=[_instrument_row(one) for one in content["instruments"]],
        volatility_window=_counts(
            {one["volatility"]["nobs"] for one in content["instruments"] if one["volatility"]}
        ),
        changes=content["changes"][:_SHOWN_CHANGES],
    )
    return {names[0]: page, **further}


def render_notice(name: str, reason: str) -> str:
    """A page in the place of one that could not be built, in the folder of instruments."""
    return _notice(name=name, reason=reason)


def render_choice(name: str, series: Sequence[tuple[str, str]]) -> str:
    """A page under a name that several series share, with page name and symbol of each."""
    return _notice(name=name, series=series)


def _notice(**shown: Any) -> str:
    return _template("notice").render(**shown, policy=content_policy(), stylesheet=stylesheet())


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


def _data(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as JSON that cannot end its element; the script draws them by the row's template."""
    drawn = [[row[name] for name in (*_DRAWN, "category", "as_of", "ids")] for row in rows]
    text = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


class _Usual(NamedTuple):
    """What the number of an answer is on most pairs; the others say what it is in their cells."""

    label: str
    what: str
    window: str
    word: str

    @property
    def head(self) -> str:
        """As the head of the column says it."""
        what = self.window if self.what == "r" else self.label
        return f"{what}; {self.word[0].lower()}{self.word[1:]} unless said" if self.word else what


def _usual(pairs: Sequence[Mapping[str, Any]]) -> list[_Usual]:
    counts: list[Counter[_Usual]] = [Counter() for _ in _ASKED]
    for pair in pairs:
        for k, answer in enumerate(pair["answers"]):
            if answer["number"]:
                word = answer["word"] if k == len(_ASKED) - 1 else ""
                counts[k][_Usual(answer["label"], _what(answer), answer["window"], word)] += 1
    none = _Usual("", "", "", "")
    return [max(sorted(one), key=one.__getitem__, default=none) for one in counts]


def _what(answer: Mapping[str, Any]) -> str:
    """The label without its window, where it ends in it."""
    return str(answer["label"].removesuffix(answer["window"]).removesuffix(", "))


def _counts(windows: set[int]) -> str:
    return " or ".join(map(fmt.count, sorted(windows) or [AnalysisConfig().year]))


def _row(
    pair: Mapping[str, Any], usual: Sequence[_Usual], quiet: Collection[str]
) -> dict[str, Any]:
    """A pair as texts, in the order in which they stand."""
    answers = pair["answers"] or [_MISSING] * len(_ASKED)
    lately = pair["lately"]
    answers = [answers[0], {**answers[1], **lately}, *answers[2:]]
    cells = [_cell(answer, one) for answer, one in zip(answers, usual, strict=True)]
    r = stored_estimate(pair["correlation"])
    if r is not None:
        cells[0] = _cell({**answers[0], "word": ""}, usual[0], sort=f"{r.value:.5g}")
        if not pair["answers"]:
            cells[0][1:3] = [fmt.value(r, plus=True), fmt.ends(r)]
    kinds = list(pair["pages"])
    side = pair["pages"].get("comparison", "") if len(kinds) > 1 else ""
    return {
        "slug": pair["slug"],
        "href": pair["pages"][kinds[0]],
        "title": pair["title"],
        "side": side,
        "legs": [[href, leg_name(pair[leg])] for leg, href in pair["instruments"].items()],
        "line": pair["line"],
        "flags": [[flag, FLAGS[flag][0]] for flag in pair["flags"] if flag not in quiet],
        "answers": cells,
        "picture": _picture(pair["rolling"], pair["as_of"]),
        "category": pair["category"],
        "as_of": pair["as_of"],
        "ids": " ".join(pair["flags"]),
    }


def _cell(answer: Mapping[str, Any], usual: _Usual, *, sort: str = "") -> list[str]:
    """Word, number, ends, label where it is not the usual one, weight, and what to sort by."""
    number = answer["number"] or ""
    label = answer["window"] if _what(answer) == usual.what else answer["label"]
    if not number or answer["label"] == usual.label:
        label = ""
    stored = answer.get("value")
    sort = sort or ("" if stored is None or not number else f"{stored:.5g}")
    word = "" if number and answer["word"] == usual.word else answer["word"]
    weight = _WEIGHTS.get(answer["answer"], "ans")
    return [word, number, answer["ends"] or "", label, weight, sort]


def _picture(rolling: Mapping[str, Any] | None, as_of: str) -> list[str]:
    """Path of the small chart, the words for those who cannot see it, and what to sort by."""
    if rolling is None:
        return ["", "", ""]
    path = rolling["path"]
    (day, last), values = path[-1], [value for _, value in path]
    low, high, end = (fmt.number(x, 2, plus=True) for x in (min(values), max(values), last))
    # A window in which a leg does not move is not in the path.
    when = "now" if day == as_of else f"on {day}"
    return [tiny_path(path), f"{low} to {high}, {when} {end}", f"{last:.3f}"]


def _grouped(failures: Iterable[Mapping[str, str]]) -> list[dict[str, Any]]:
    """Failures of one folder with one cause in one row."""
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in failures:
        key = (one["slug"], one["cell"], one["message"])
        row = rows.setdefault(key, {**one, "pages": []})
        row["pages"].append(_LABELS.get(one["kind"], one["kind"]))
    return [{**row, "pages": ", ".join(row["pages"])} for row in rows.values()]


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
