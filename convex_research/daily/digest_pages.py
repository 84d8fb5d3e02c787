"""A digest in its forms: page, plain text, and the markup of the mail, each a template."""

from __future__ import annotations

import textwrap
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convex_research.core import formatting as fmt
from convex_research.daily.feeds import digest_name
from convex_research.daily.promise import digest_table
from convex_research.daily.wording import known_of, plural, pvalue_text, reading, subject, tests
from convex_research.presentation.charts.sparkline import sparkline
from convex_research.publishing.assets import content_policy, stylesheet

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MOST_IN_MAIL", "digest_html", "digest_text", "line_of", "mail_html"]

MOST_IN_MAIL = 10
_BEFORE = (0.95, 0.9, 0.8)  # correlations before a fall, in the words on what is found
_DASH = "\N{EN DASH}"
_GROUPS = {
    "verdict": ("Verdicts that flipped", "verdict"),
    "recent": ("Recent against preceding observations", "recent difference"),
    "break": ("Dated breaks", "break"),
    "extreme": ("New rolling extremes", "rolling extreme"),
    "move": ("Largest spread moves", "spread move"),
}


def _render(template: str, content: Mapping[str, Any], **values: Any) -> str:
    """A form of the digest; what all of them read of its values is worded here."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=select_autoescape(["html.j2"], default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"reading": reading, "known": known_of, "tests": tests}
    digest = {"silent": (), **content}
    values |= {"groups": _groups(content), "most": MOST_IN_MAIL}
    return environment.get_template(template).render(d=digest, **values) + "\n"


def _groups(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What moved, by kind, with its p-values as cells."""
    groups = []
    for kind, (title, noun) in _GROUPS.items():
        rows = [
            {**one, "p": _cell(one["pvalue"]), "adjusted": _cell(one["pvalue_adjusted"])}
            for one in content["moved"]
            if one["kind"] == kind
        ]
        for one in rows:  # what is open is not tested anew
            if one["pvalue_adjusted"] is None and one.get("open"):
                one["adjusted"] = "reported earlier"
            statistic = one["statistic"]
            one["measured"] = _DASH if statistic is None else fmt.number(statistic, 2, plus=True)
        count = content["moved_counts"].get(kind, 0)
        if count:
            groups.append({"title": title, "count": count, "noun": noun, "rows": rows})
    return groups


def _cell(pvalue: float | None) -> str:
    return pvalue_text(pvalue).removeprefix("=").strip()


def line_of(signal: Mapping[str, Any]) -> tuple[list[float], float] | None:
    """A signal's last half year and the level it is compared with, if there is a line."""
    path, usual = signal.get("path") or [], signal.get("usual")
    if len(path) < 2:
        return None
    return path, float(path[0] if usual is None else usual["value"])


def digest_html(content: Mapping[str, Any]) -> str:
    """The page ``digest/<as-of>.html``; ``content`` is that of a digest, as everywhere here."""
    pictures = []
    for line in map(line_of, content["signals"]):
        label = f"Line that ends at {fmt.number(line[0][-1])}" if line else ""
        pictures.append(sparkline(line[0], level=line[1], label=label) if line else "")
    return _render(
        "digest.html.j2",
        content,
        pictures=pictures,
        power=_power(),
        policy=content_policy(),
        stylesheet=stylesheet(),
    )


@cache
def _power() -> str:
    """What a reader may expect to be told of, from the stored simulation."""
    rows = digest_table().rows
    alone = {row.before[0]: row for row in rows if row.shifted == 1}
    quiet = [row for row in rows if row.after is None and "volatility" not in row.world]
    most = max(quiet, key=lambda row: row.digests_with_false_report)
    strong, usual, weak = (_with_error(alone[r].found, alone[r].found_std_error) for r in _BEFORE)
    bound = alone[_BEFORE[-1]].bound
    assert bound is not None
    return (
        "In simulated markets where no correlation changes, at most "
        f"{_with_error(most.digests_with_false_report, most.rate_std_error)} of digests report "
        "that one did (± one standard error of the simulation). A correlation of one pair of 200 "
        f"that falls by 0.3 is reported within 40 sessions in {strong} of cases if it was "
        f"{_BEFORE[0]:.2f} before, in {usual} if it was {_BEFORE[1]:.2f}, and in {weak} if it was "
        f"{_BEFORE[2]:.2f}: the weaker it was, the less 40 observations tell. Of the last even a "
        "test that knew everything but whether it fell would find "
        f"{fmt.percent(bound, 0)}."
    )


def _with_error(share: float | None, error: float | None) -> str:
    one, other = (fmt.number(100.0 * (x or 0.0), 1) for x in (share, error))
    return f"{one} ± {other}\N{NARROW NO-BREAK SPACE}%"


def mail_html(
    content: Mapping[str, Any], pictures: Mapping[int, str], site: str | None = None
) -> str:
    """The mail's HTML part.

    Parameters
    ----------
    content : mapping
        Of the digest.
    pictures : mapping of int to str
        Content-ID of each signal's picture, by its place.
    site : str, optional
        Address of the reports, ending in a slash; without it nothing is linked.
    """
    moved = ", ".join(plural(one["count"], one["noun"]) for one in _groups(content))
    names = {"name": digest_name(content), "subject": subject(content), "moved": moved}
    return _render("mail.html.j2", content, pictures=pictures, site=site, **names)


def digest_text(content: Mapping[str, Any], site: str | None = None) -> str:
    """The digest as plain text, also the mail's first part."""
    text = _render("digest.txt.j2", content, base=site or "../")
    return "\n".join(map(_wrapped, text.splitlines())) + "\n"


def _wrapped(line: str) -> str:
    if line.strip().startswith(("http", "../")):
        return line
    follow = "  " if line.startswith(("- ", "* ")) else ""
    return textwrap.fill(
        line, 78, subsequent_indent=follow, break_long_words=False, break_on_hyphens=False
    )
