"""``publish_methodology``: the page for referees, beside the index."""

from __future__ import annotations

from pathlib import Path

from convex_research.core.files import prepare_folder, write_atomically
from convex_research.publishing.execute import execute_notebook

__all__ = ["publish_methodology"]


def publish_methodology(output: str | Path = "reports") -> Path:
    """Build ``methodology.html`` from the stored evidence.

    Parameters
    ----------
    output : path
        Folder of the reports; an index that lies there is brought up to date.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ConvexResearchError
        If the folder cannot be written to, or the notebook fails.
    """
    from convex_research.publishing.exporter import ConvexReportExporter
    from convex_research.publishing.index.write import write_index

    folder = prepare_folder(Path(output))
    html, _ = ConvexReportExporter().from_notebook_node(execute_notebook("methodology", {}))
    page = folder / "methodology.html"
    write_atomically(page, html)
    if (folder / "index.html").is_file():
        write_index(folder)
    return page
