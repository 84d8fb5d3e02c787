"""Options that several commands share, and what they set for the processes that follow."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Offline", "Output", "SiteUrl", "go_offline", "name_site"]

Output = Annotated[Path, typer.Option("--output", metavar="DIR", help="Folder of the reports.")]
Offline = Annotated[bool, typer.Option("--offline", help="Use samples, files and cache only.")]
SiteUrl = Annotated[
    str | None,
    typer.Option(
        "--site-url",
        metavar="URL",
        help="Address the output folder will have; gives pages a canonical link and a card.",
    ),
]


def go_offline(*, offline: bool) -> None:
    """Tell the data layer, in this process and in the kernels it starts."""
    if offline:
        os.environ["CONVEX_RESEARCH_OFFLINE"] = "1"


def name_site(site_url: str | None) -> None:
    """Tell the exporter, in this process and in those it starts."""
    from convex_research.publishing.meta import pair as meta

    if site_url is not None:
        os.environ[meta.SITE_VARIABLE] = meta.check_site_url(site_url)
    meta.site_url()  # a wrong one in the environment is found before anything is built
