"""``publish``: from a pair, or one instrument, to its pages, records and executed notebooks."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from convex_research.catalogue import Pair
from convex_research.core.config import AnalysisConfig, as_day
from convex_research.core.errors import ConvexResearchError
from convex_research.core.files import prepare_folder
from convex_research.data.quality.gate import acceptable
from convex_research.publishing.index.write import write_index
from convex_research.publishing.records import PAIR_KINDS, read_reports
from convex_research.publishing.render import (
    failure_fields,
    render_page,
    write_failure,
    write_page,
)
from convex_research.publishing.request import (
    InstrumentRequest,
    PairRequest,
    instrument_requests,
    leg_pages,
    links_of,
    named,
    page_name,
)
from convex_research.publishing.session import KernelSession

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from convex_research.core.config import ReturnKind
    from convex_research.publishing.request import Asked, PageRequest

__all__ = ["build_page", "publish", "publish_instrument"]


def publish(
    pair: Pair,
    kind: Literal["correlation", "comparison", "all"] = "correlation",
    output: str | Path = "reports",
    *,
    start: date | str | None = None,
    as_of: date | str | None = None,
    returns: ReturnKind = "simple",
    config: AnalysisConfig | None = None,
    helpers: Mapping[str, str | None] | None = None,
    accept: Collection[str] = (),
) -> list[Path]:
    """Build pages of a pair and of its legs, and bring the index up to date.

    Parameters
    ----------
    pair : Pair
        The two symbols.
    kind : {"correlation", "comparison", "all"}
        Which pages.
    output : path
        Folder of the reports.
    start, as_of : date or ISO text, optional
        Inclusive bounds on prices.
    returns : {"simple", "log"}
        How prices become returns.
    config : AnalysisConfig, optional
        Choices of the analysis.
    helpers : mapping of str to str, optional
        Symbols of further series by role (``{"market": "SPY"}``) that take the place of the
        catalogue's; ``None`` leaves a role out.
    accept : collection of str
        Checks of the quality gate whose refusal is overruled, by name.

    Returns
    -------
    list of Path
        The pages written; a ``.json`` record and the executed ``.ipynb`` lie beside each. Bad input
        is an error before anything is written, see :mod:`convex_research.core.errors`.
    """
    if not isinstance(pair, Pair):
        given = type(pair).__name__
        raise TypeError(f"publish needs a Pair, got {given}; study(...).publish takes series.")
    choices = _choices(start, as_of, returns, config, accept)
    request = PairRequest(pair=pair, helpers=dict(helpers or {}), **choices)
    request, folder = _checked(request, output)
    kinds = PAIR_KINDS if kind == "all" else (kind,)
    there = [(folder / page_name(request.slug, one)).with_suffix(".json") for one in PAIR_KINDS]
    alone = len(kinds) == 1 and not all(path.is_file() for path in there)
    request = replace(request, alone=alone, leg_pages=leg_pages(request, folder))
    with KernelSession() as session:
        pages = [build_page(request, one, folder, session) for one in kinds]
        pages += _build_legs(request, folder, session)
    write_index(folder)
    return pages


def _choices(
    start: date | str | None,
    as_of: date | str | None,
    returns: ReturnKind,
    config: AnalysisConfig | None,
    accept: Collection[str],
) -> dict[str, Any]:
    return {
        "start": as_day(start, "start"),
        "as_of": as_day(as_of, "as_of"),
        "returns": returns,
        "config": config or AnalysisConfig(),
        "accept": acceptable(accept),
    }


def _checked(request: Asked, output: str | Path) -> tuple[Asked, Path]:
    """The request, once its data are known to be good, by its name in the folder."""
    request.check()
    folder = prepare_folder(Path(output))
    return named([request], folder)[0], folder


def publish_instrument(
    symbol: str,
    output: str | Path = "reports",
    *,
    start: date | str | None = None,
    as_of: date | str | None = None,
    returns: ReturnKind = "simple",
    config: AnalysisConfig | None = None,
    accept: Collection[str] = (),
) -> Path:
    """Build the page of one instrument and bring the index up to date; see :func:`publish`.

    ``symbol`` is a full symbol or a catalogue name. Pairs in the folder that have the
    instrument are linked.
    """
    choices = _choices(start, as_of, returns, config, accept)
    request, folder = _checked(InstrumentRequest(symbol=symbol, **choices), output)
    links = links_of(request, read_reports(folder).pairs)
    page = build_page(replace(request, pairs=tuple(links)), "instrument", folder)
    write_index(folder)
    return page


def build_page(
    request: PageRequest, kind: str, output: Path, session: KernelSession | None = None
) -> Path:
    """Execute one notebook and write page, record and notebook, or nothing.

    Parameters and errors are those of :func:`~convex_research.publishing.render.render_page`.
    """
    files = render_page(request, kind, session=session)
    return write_page(files, page_name(request.slug, kind), output)


def _build_legs(request: PairRequest, output: Path, session: KernelSession) -> list[Path]:
    """The page of every leg, after the pages of the pair; a failure is kept."""
    legs = instrument_requests([request], output, read_reports(output).pairs)
    pages = []
    for one in {leg.slug: leg for leg in legs.values()}.values():
        try:
            pages.append(build_page(one, "instrument", output, session))
        except ConvexResearchError as error:
            write_failure(one, "instrument", output, failure_fields(error))
    return pages
