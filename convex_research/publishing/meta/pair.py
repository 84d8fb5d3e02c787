"""The head of a page: title, description, canonical link, Open Graph, JSON-LD."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from convex_research.core.errors import InputError, printable

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "CARD_SIZE",
    "SITE_VARIABLE",
    "PageMeta",
    "check_site_url",
    "dataset",
    "pair_dataset",
    "render_meta",
    "site_url",
]

SITE_VARIABLE = "CONVEX_RESEARCH_SITE_URL"
CARD_SIZE = (1200, 630)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMeta:
    """What a page says of itself to browsers, search engines and previews.

    The path is where it lies under the site's address, such as ``spy-vs-iwm/correlation.html``, the
    card the file name of the preview image beside it with what that shows in words, and data the
    schema.org description of its data, see :func:`dataset`.
    """

    title: str
    description: str
    path: str
    card: str | None = None
    card_words: str = ""
    data: dict[str, Any] | None = None


def check_site_url(text: str) -> str:
    """The address under which the output folder is served, ending in a slash.

    It is an InputError if it is not a plain http or https address.
    """
    shown = printable(text)
    advice = "write one such as https://example.org/reports/."
    if not text.isascii() or not text.isprintable() or set(text) & set(" \"'<>\\^`{|}"):
        raise InputError(f"The site address {shown!r} has characters no address has; {advice}")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InputError(f"The site address {shown!r} cannot be read; {advice}") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise InputError(f"The site address {shown!r} is no http or https address; {advice}")
    if parts.username is not None or parts.query or parts.fragment or "?" in text or "#" in text:
        raise InputError(
            f"The site address {shown!r} must have no user name, query or fragment; {advice}"
        )
    return text if text.endswith("/") else f"{text}/"


def site_url() -> str | None:
    """The address of the site from the environment, if there is one; see :func:`check_site_url`."""
    text = os.environ.get(SITE_VARIABLE, "").strip()
    return check_site_url(text) if text else None


def render_meta(page: PageMeta, site: str | None = None) -> str:
    """The part of the head that is the same for every kind of page, as markup.

    Without the address of a site, canonical link, page address and card are left out: they must be
    absolute. A JSON-LD block is not executed, so a content policy without its hash lets it stand.
    """
    base = site and site + quote(page.path)
    lines = [
        f"<title>{escape(page.title)}</title>",
        _meta("name", "description", page.description),
        _meta("property", "og:type", "article"),
        _meta("property", "og:title", page.title),
        _meta("property", "og:description", page.description),
    ]
    if base:
        lines.insert(2, f'<link rel="canonical" href="{escape(base)}">')
        lines.append(_meta("property", "og:url", base))
    if base and page.card:
        image = base.rpartition("/")[0] + "/" + quote(page.card)
        lines += [
            _meta("property", "og:image", image),
            _meta("property", "og:image:type", "image/png"),
            _meta("property", "og:image:width", str(CARD_SIZE[0])),
            _meta("property", "og:image:height", str(CARD_SIZE[1])),
            _meta("property", "og:image:alt", page.card_words or page.description),
        ]
    lines.append(
        _meta("name", "twitter:card", "summary_large_image" if base and page.card else "summary")
    )
    if page.data is not None:
        lines.append(_data_block(page.data, base))
    return "\n".join(lines)


def _meta(kind: str, name: str, content: str) -> str:
    return f'<meta {kind}="{name}" content="{escape(content)}">'


def _data_block(data: dict[str, Any], base: str | None) -> str:
    """JSON-LD that cannot end its element: ``<`` is written as an escape."""
    if base:
        data = {**data, "@id": base, "url": base}
        folder = base.rpartition("/")[0] + "/"
        listed = data.get("distribution", ())
        data["distribution"] = [{**d, "contentUrl": folder + d["contentUrl"]} for d in listed]
    text = json.dumps(data, sort_keys=True, allow_nan=False, ensure_ascii=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return f'<script type="application/ld+json">{text}</script>'


def dataset(
    record: dict[str, Any], *, name: str, description: str, keywords: Iterable[str], file: str
) -> dict[str, Any]:
    """Schema.org description of a record: what was measured, over which dates.

    ``file`` is the name of the record beside the page, without its ending.
    """
    sample = record["data"]
    return {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "name": name,
        "description": description,
        "temporalCoverage": f"{sample['start']}/{sample['end']}",
        "dateModified": record["as_of"],
        "version": record["as_of"],
        "isAccessibleForFree": True,
        "keywords": list(keywords),
        "distribution": [
            {
                "@type": "DataDownload",
                "encodingFormat": "application/json",
                "contentUrl": f"{file}.json",
            }
        ],
    }


def pair_dataset(
    record: dict[str, Any], *, name: str, description: str, key: str | None
) -> dict[str, Any]:
    """The :func:`dataset` of a pair's page, with the estimate under a key as what was measured."""
    sample = record["data"]
    keywords = ("correlation", "beta", *(record["pair"][leg]["name"] for leg in "ab"))
    data = dataset(
        record, name=name, description=description, keywords=keywords, file=record["kind"]
    )
    data["measurementTechnique"] = (
        f"{sample['frequency']} {sample['returns']} returns on shared dates"
    )
    r = record["estimates"].get(key)
    if r is not None:
        ends = {"minValue": r.get("low"), "maxValue": r.get("high")}
        data["variableMeasured"] = [
            {
                "@type": "PropertyValue",
                "name": f"Pearson correlation of returns, last {r['nobs']} observations",
                "propertyID": key,
                "value": r["value"],
                **{name: end for name, end in ends.items() if end is not None},
            }
        ]
    return data
