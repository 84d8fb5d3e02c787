"""A digest in its forms: page, plain text, and the markup of the mail."""

from __future__ import annotations

import textwrap
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

    from convex_research.daily.promise import DigestRow

__all__ = ["MOST_IN_MAIL", "digest_html", "digest_text", "line_of", "mail_html"]

MOST_IN_MAIL = 10
_TOLD = (0.95, 0.9, 0.8)  # correlations before a fall, in the words on what is found
_GROUPS = {
    "verdict": ("Verdicts that flipped", "verdict"),
    "recent": ("Recent against preceding observations", "recent difference"),
    "break": ("Dated breaks", "break"),
    "extreme": ("New rolling extremes", "rolling extreme"),
    "move": ("Largest spread moves", "spread move"),
}


def _render(template: str, **values: Any) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    return environment.get_template(template).render(**values) + "\n"


def line_of(signal: Mapping[str, Any]) -> tuple[list[float], float] | None:
    """A signal's last half year and the level it is compared with, if there is a line."""
    path, usual = signal.get("path") or [], signal.get("usual")
    if len(path) < 2:
        return None
    return path, float(path[0] if usual is None else usual["value"])


def _picture(signal: Mapping[str, Any]) -> str | None:
    found = line_of(signal)
    if found is None:
        return None
    path, level = found
    return sparkline(path, level=level, label=f"Line that ends at {fmt.number(path[-1])}")


def digest_html(content: Mapping[str, Any]) -> str:
    """The page ``digest/<as-of>.html``.

    Parameters
    ----------
    content : mapping
        ``Digest.content``.
    """
    signals = [
        {
            **one,
            "picture": _picture(one),
            "reading": _capital(reading(one)),
            "evidence": [{**also, "tests": tests(also)} for also in one["evidence"]],
        }
        for one in content["signals"]
    ]
    return _render(
        "digest.html.j2",
        d={**content, "signals": signals, "silent": _silent(content)},
        groups=_groups(content),
        power=_power(),
        policy=content_policy(),
        stylesheet=stylesheet(),
    )


def _power() -> str:
    """What a reader may expect to be told of, from the stored simulation."""
    rows = digest_table().rows
    alone = {row.before[0]: row for row in rows if row.shifted == 1}
    quiet = [row for row in rows if row.after is None and "volatility" not in row.world]
    most = max(quiet, key=lambda row: row.digests_with_false_report)
    strong, usual, weak = (alone[before] for before in _TOLD)
    assert weak.bound is not None
    return (
        "In simulated markets where no correlation changes, at most "
        f"{_with_error(most.digests_with_false_report, most.rate_std_error)} of digests report "
        "that one did (± one standard error of the simulation). A correlation of one pair of 200 "
        f"that falls by 0.3 is reported within 40 sessions in {_found(strong)} of cases if it was "
        f"{strong.before[0]:.2f} before, in {_found(usual)} if it was {usual.before[0]:.2f}, and "
        f"in {_found(weak)} if it was {weak.before[0]:.2f}: the weaker it was, the less 40 "
        "observations tell. Of the last even a test that knew everything but whether it fell "
        f"would find {_whole(weak.bound)}."
    )


def _found(row: DigestRow) -> str:
    """Share of planted shifts that were found."""
    return _with_error(row.found or 0.0, row.found_std_error or 0.0)


def _with_error(share: float, error: float) -> str:
    one, other = (fmt.number(100.0 * x, 1) for x in (share, error))
    return f"{one} ± {other}\N{NARROW NO-BREAK SPACE}%"


def _whole(share: float | None) -> str:
    return fmt.percent(share or 0.0, 0)


def _silent(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Sources that did not answer, with the words of what is known of them."""
    return [{**one, "known": known_of(one)} for one in content.get("silent", ())]


def _groups(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = []
    for kind, (title, _) in _GROUPS.items():
        rows = [
            {
                **one,
                "measured": _two(one["statistic"]),
                "tests": tests(one),
                "p": pvalue_text(one["pvalue"]).removeprefix("=").strip(),
                "adjusted": _adjusted(one),
            }
            for one in content["moved"]
            if one["kind"] == kind
        ]
        if rows:
            found.append({"title": title, "count": content["moved_counts"][kind], "rows": rows})
    return found


def _moved_words(content: Mapping[str, Any]) -> str:
    counts = content["moved_counts"]
    return ", ".join(
        plural(counts[kind], word) for kind, (_, word) in _GROUPS.items() if counts.get(kind)
    )


def mail_html(
    content: Mapping[str, Any], pictures: Mapping[int, str], site: str | None = None
) -> str:
    """The mail's HTML part.

    Parameters
    ----------
    content : mapping
        ``Digest.content``.
    pictures : mapping of int to str
        Content-ID of each signal's picture, by its place.
    site : str, optional
        Address of the reports, ending in a slash; without it nothing is linked.
    """
    signals = [
        {**one, "cid": pictures.get(i), "reading": _capital(reading(one))}
        for i, one in enumerate(content["signals"])
    ]
    return _render(
        "mail.html.j2",
        d={**content, "signals": signals, "silent": _silent(content)},
        name=digest_name(content),
        most=MOST_IN_MAIL,
        site=site,
        subject=subject(content),
        moved=_moved_words(content),
    )


def digest_text(content: Mapping[str, Any], site: str | None = None) -> str:
    """The digest as plain text, also the mail's first part."""
    base = site or "../"
    lines = [content["sentence"], ""]
    for one in content["signals"]:
        lines += [f"* {one['title']}", one["headline"], f"{_capital(reading(one))}."]
        lines += [_line(also) for also in one["evidence"]]
        lines.append(f"{base}{one['page']}")
        lines.append("")
    for one in content.get("silent", ()):
        lines += [f"{one['source']}: {one['problem']}.", f"- {known_of(one)}", ""]
    if content["problems"]:
        lines.append("Data problems")
        lines += [f"- {p['message']} ({'; '.join(p['pairs'])})" for p in content["problems"]]
        lines.append("")
    for title, some in (
        ("Reported earlier, and still so", "still_open"),
        ("No longer so", "closed"),
    ):
        if content[some]:
            lines.append(title)
            lines += [f"- {one['title']}: {one['kind']}" for one in content[some]]
            lines.append("")
    groups = _groups(content)
    if groups:
        lines += ["Moved, but not beyond chance", ""]
    for group in groups:
        lines.append(f"{group['title']}: {group['count']}")
        for one in group["rows"]:
            lines += [_line(one, f"{one['title']}: "), f"  {base}{one['page']}"]
        lines.append("")
    promise = "Of the changes that a digest reports as new, at most 5 % are false on average. "
    advice = "For information only; no advice to buy or sell."
    lines.append(advice if "silent" in content else promise + advice)
    return "\n".join(_wrapped(line) for line in lines) + "\n"


def _line(one: Mapping[str, Any], name: str = "") -> str:
    """A listed change with its number, interval and tests."""
    number = f" {one['shown']} ({one['covers']})" if one["shown"] else f" ({one['covers']})"
    found = tests(one)
    return f"- {name}{one['words']}{number}{f'; {found}' if found else ''}"


def _adjusted(one: Mapping[str, Any]) -> str:
    """The adjusted p-value as a cell; what is open is not tested anew."""
    if one["pvalue_adjusted"] is None:
        return "reported earlier" if one.get("open") else "\N{EN DASH}"
    return pvalue_text(one["pvalue_adjusted"]).removeprefix("=").strip()


def _two(x: float | None) -> str:
    return "\N{EN DASH}" if x is None else fmt.number(x, 2, plus=True)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _wrapped(line: str) -> str:
    if line.strip().startswith(("http", "../")):
        return line
    follow = "  " if line.startswith(("- ", "* ")) else ""
    return textwrap.fill(
        line, 78, subsequent_indent=follow, break_long_words=False, break_on_hyphens=False
    )
