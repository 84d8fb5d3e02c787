"""From a screen to its page, record, notebook and full table, and the pages of its movers."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from convex_research.catalogue import Pair
from convex_research.catalogue.symbols import slugify
from convex_research.core.errors import ConvexResearchError
from convex_research.core.files import prepare_folder, write_atomically
from convex_research.publishing.index.write import write_index
from convex_research.publishing.page import build_page, publish
from convex_research.publishing.records import UNIVERSE_FOLDER, read_reports
from convex_research.publishing.request import UniverseRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from convex_research.universe.screen import Screen

__all__ = ["publish_screen"]


def publish_screen(
    screen: Screen,
    output: str | Path = "reports",
    pages: int = 0,
    *,
    on_failure: Callable[[str], None] = lambda _: None,
) -> list[Path]:
    """Build the page of a universe, after those of its movers.

    Parameters
    ----------
    screen : Screen
        A finished screen.
    output : path
        Folder of the reports.
    pages : int
        Of how many movers the pages are built, the strongest first.
    on_failure : callable
        Told of a pair whose pages could not be built.

    Returns
    -------
    list of Path
        The page of the universe, then those of pairs.
    """
    folder = prepare_folder(Path(output))
    asked, slug = screen.asked, slugify(screen.name)
    universe, places = asked.universe, {}
    if asked.memory is not None:
        places = asked.memory.write(prepare_folder(folder / UNIVERSE_FOLDER / slug))
        universe = tuple(places.values())
    built: list[Path] = []
    for one in screen.movers().head(pages).to_dict("records"):
        legs = (screen.source(one[leg]) for leg in "ab")
        a, b = (places.get(leg, leg) for leg in legs)
        try:
            built += publish(
                Pair(a, b),
                "all",
                folder,
                start=asked.start,
                as_of=asked.as_of,
                returns=screen.kind,
                config=screen.config,
                accept=asked.accept,
            )[:2]
        except ConvexResearchError as error:
            on_failure(f"{one['a']} and {one['b']}: {error}")
    request = UniverseRequest(
        name=screen.name,
        symbols=universe,
        start=asked.start,
        as_of=asked.as_of,
        returns=screen.kind,
        config=screen.config,
        accept=asked.accept,
        skip_missing=asked.skip_missing,
        pages=tuple(_pages(screen, folder)),
    )
    page = build_page(request, "universe", folder)
    write_atomically(page.with_suffix(".parquet"), parquet(screen.to_frame()))
    write_index(folder)
    return [page, *built]


def _pages(screen: Screen, folder: Path) -> list[dict[str, str]]:
    """Pages of pairs of the universe that lie in the folder."""
    known = set(screen.symbols)
    found = []
    for one in read_reports(folder).pairs:
        a, b = (one.record["pair"][leg]["symbol"] for leg in "ab")
        if a in known and b in known:
            found.append({"a": a, "b": b, "page": f"../{one.slug}/{one.pages[0]}.html"})
    return found


def parquet(frame: pd.DataFrame) -> bytes:
    """A table as a file, the same bytes every time."""
    body = io.BytesIO()
    frame.to_parquet(body, index=False, compression="zstd")
    return body.getvalue()
