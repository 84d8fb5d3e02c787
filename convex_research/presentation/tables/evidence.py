"""The evidence behind each claim: values, tests, error control, sensitivity, and the rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convex_research.claims import declaration, hypothesis
from convex_research.claims.registry import claims_of
from convex_research.claims.verdict import ANSWERS
from convex_research.core import formatting as fmt
from convex_research.core.estimates import Estimate, NotComputed, TestResult
from convex_research.core.fragments import Fragment, anchor, paragraph, tag, text
from convex_research.presentation.prose import names
from convex_research.presentation.prose.labels import label

if TYPE_CHECKING:
    from convex_research.claims import Claim
    from convex_research.studies import Study

__all__ = ["evidence"]

_HEADER = ("Evidence", "Value [interval] or p", "n, dates", "Method")

_INTRODUCTION = (
    "For each claim: its hypothesis with the verdict, what that rests on, a p-value for yes and "
    "one for no, and the rule fixed beforehand. Of this page's answers at most 5 % are expected to "
    "be false (closed Benjamini-Yekutieli over the smaller of each). Further runs, made in another "
    "way, can only leave a claim open: those on all data must agree, and none on a part may "
    "contradict."
)


def evidence(analysis: Study, kind: str = "correlation") -> Fragment:
    """What each claim of a page that could be tested rests on, and the rule fixed beforehand.

    Parameters
    ----------
    analysis : Study
        A finished analysis.
    kind : {"correlation", "comparison"}
        Which page.
    """
    tested = [one for one in claims_of(analysis.claims, kind) if one.answer != "untested"]
    html = paragraph(_INTRODUCTION, class_="note", data_about="definition")
    html += "".join(_article(analysis, claim) for claim in tested)
    return Fragment(tag("div", html, class_="evidence-list") if tested else "", "evidence")


def _article(analysis: Study, claim: Claim) -> str:
    """Hypothesis with its verdict, what was found, and the table of one claim."""
    declared = declaration(claim.id)
    a, b = (names.short(one) for one in names.legs(analysis))
    title = f"“{hypothesis(claim.id, a, b)}”"
    quoted = tag("span", text(title), class_="hypothesis")
    verdict = tag("span", claim.verdict.capitalize(), class_="verdict")
    heading = tag("h3", f"{quoted} {verdict} {tag('span', text(claim.id), class_='when')}")
    head = tag("tr", "".join(tag("th", text(name), scope="col") for name in _HEADER))
    lines = [_wide("Found", str(claim.sentence))]
    lines += [_line(analysis, key) for key in claim.evidence]
    lines += _control(analysis, claim)
    if declared is not None and declared.rule is not None:
        rule = declared.rule.named(a, b, names.level(analysis), names.per_period(analysis))
        lines.append(_wide("Supported if", f"{rule.supported}."))
        lines.append(_wide("Rejected if", f"{rule.rejected}."))
    inner = tag("caption", text(f"{title}: evidence"), class_="unseen")
    inner += tag("thead", head) + tag("tbody", "".join(lines))
    listed = tag("table", inner, class_="rests")
    box = tag("div", listed, class_="scroll", tabindex="0", role="region", aria_label=title)
    place = anchor("evidence", claim.id)
    return tag("article", heading + box, class_="evidence-item", id=place, data_claim=claim.id)


def _line(analysis: Study, key: str) -> str:
    """A row of one key: value, observations and dates, method."""
    result = analysis[key]
    head = tag("th", text(label(analysis, key)), scope="row")
    if isinstance(result, NotComputed):
        reason = names.with_legs(analysis, result.reason, key)
        words = tag("td", text(f"not computed: {reason}"), colspan="3")
        return tag("tr", head + words, data_key=key)
    if isinstance(result, TestResult):
        shown = f"p {text(fmt.pvalue(result.pvalue, bound=result.pvalue_bound))}"
        method = f"{result.distribution}; null: {names.with_legs(analysis, result.null, key)}"
    else:
        read = fmt.as_read(key, result)
        shown = " ".join((text(fmt.value(read)), text(fmt.interval(read)))).strip()
        method = _level(result) + result.method + _carried(result)
    sample = f"{fmt.count(result.nobs)}, {fmt.span(result)}"
    cells = (
        tag("td", shown, class_="num"),
        tag("td", text(sample), class_="dates"),
        tag("td", text(fmt.with_minus(method)), class_="how"),
    )
    return tag("tr", head + "".join(cells), data_key=key)


def _level(result: Estimate) -> str:
    if result.confidence_level is None:
        return ""
    return f"{fmt.percent(result.confidence_level, 0)}, "


def _carried(result: Estimate) -> str:
    if result.carrying_days is None:
        return ""
    return f"; {fmt.count(round(result.carrying_days))} observations carry the variance"


def _wide(head: str, words: str) -> str:
    """A row of one sentence."""
    return tag("tr", tag("th", text(head), scope="row") + tag("td", text(words), colspan="3"))


def _control(analysis: Study, claim: Claim) -> list[str]:
    """Rows for both p-values and for each run made in another way."""
    lines = []
    tests = [r for key in claim.evidence if isinstance(r := analysis[key], TestResult)]
    bounds = {test.pvalue: test.pvalue_bound for test in tests}
    both = zip(claim.pvalues or (), claim.pvalues_adjusted or (), strict=False)
    for answer, (p, adjusted) in zip(ANSWERS, both, strict=False):
        words = f"p {fmt.pvalue(p, bound=bounds.get(p))}; adjusted p {fmt.pvalue(adjusted)}"
        found = "; found" if claim.discovered and claim.verdict == answer else ""
        lines.append(_wide(f"For “{answer}”", words + found))
    return lines + [_run(one) for one in claim.sensitivity]


def _run(one: dict[str, Any]) -> str:
    """A row for a run made in another way, and whether the verdict survives it."""
    count = fmt.count(one["nobs"]) if "nobs" in one else ""
    agreement = "agrees" if one["agrees"] else "disagrees"
    cells = tag("td", text(_result_of_run(one)), class_="num")
    cells += tag("td", text(count), class_="n") + tag("td", text(agreement))
    return tag("tr", tag("th", text(f"Run {one['run']}"), scope="row") + cells)


def _result_of_run(one: dict[str, Any]) -> str:
    """What a run gave, in the form in which its claim's own number is read."""
    unit = one.get("unit", "dimensionless")
    if unit == "p-value":
        return f"p {fmt.pvalue(one['value'])}"
    if "key" not in one:
        return f"{_plain(one['value'])} ({unit})"
    low, high, level = (one.get(name) for name in ("low", "high", "confidence_level"))
    found = Estimate(
        value=one["value"],
        method=one["run"],
        nobs=one["nobs"],
        unit=unit,
        low=low,
        high=high,
        confidence_level=level,
        bound="unbounded" if level and None in {low, high} else None,
    )
    read = fmt.as_read(one["key"], found)
    return f"{fmt.value(read)} {fmt.interval(read)}".rstrip()


def _plain(x: float) -> str:
    if float(x).is_integer():
        return fmt.number(x, 0)
    return "< 0.001" if 0.0 < x < 0.001 else fmt.number(x, 3 if abs(x) < 0.1 else 2)
