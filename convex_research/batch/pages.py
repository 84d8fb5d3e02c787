"""Pages as tasks of a batch, and how a worker builds them."""

from __future__ import annotations

import os
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from convex_research.batch.tasks import Assignment, PageDone, PageFailed
from convex_research.data import SNAPSHOT_VARIABLE
from convex_research.kernels import warm_kernels
from convex_research.publishing.meta.pair import SITE_VARIABLE
from convex_research.publishing.render import failure_fields, render_page
from convex_research.publishing.session import KernelSession

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from convex_research.batch.tasks import Page
    from convex_research.publishing.request import PageRequest

__all__ = ["Task", "build"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Assignment):
    """Pages that are to be built from the same series.

    Parameters
    ----------
    request : PageRequest
        The pair or instrument and its choices.
    series : dict of str to bytes
        Files of a snapshot that holds all series the pages load.
    site_url : str, optional
        Address the pages will have.
    """

    request: PageRequest
    series: Mapping[str, bytes]
    site_url: str | None

    def outcomes(self) -> Iterator[Page]:
        """See :func:`build`."""
        return build(self)

    @property
    def slug(self) -> str:
        """The pair's folder, or the name of the instrument's page."""
        return self.request.slug


@cache
def _warm() -> ExitStack:
    """Kernels are forked from one process from the first task to the worker's end."""
    open_ = ExitStack()
    open_.enter_context(warm_kernels())
    return open_


def build(task: Task) -> Iterator[Page]:
    """Build the pages of a task, from the series it carries and nothing else."""
    _warm()
    with tempfile.TemporaryDirectory(prefix="task-") as folder, KernelSession() as session:
        for name, content in task.series.items():
            (Path(folder) / name).write_bytes(content)
        os.environ[SNAPSHOT_VARIABLE] = folder
        os.environ[SITE_VARIABLE] = task.site_url or ""
        stages: dict[str, float] = {}
        began = time.perf_counter()
        problem: dict[str, str] | None = None
        try:  # whether the data can be used is found without starting a kernel
            task.request.check()
        except Exception as error:  # noqa: BLE001 - a page that fails must not end the others
            problem = failure_fields(error)
        stages["check"] = time.perf_counter() - began
        for kind in task.kinds:
            if problem is not None:
                yield PageFailed(slug=task.slug, kind=kind, stages=stages, **problem)
            else:
                yield _page(task, kind, session, stages)
            stages = {}


def _page(task: Task, kind: str, session: KernelSession, stages: dict[str, float]) -> Page:
    began = time.perf_counter()
    try:
        files = render_page(
            task.request, kind, session=session, timeout=task.page_timeout, seconds=stages
        )
    except Exception as error:  # noqa: BLE001 - as above
        stages["until it failed"] = time.perf_counter() - began
        return PageFailed(slug=task.slug, kind=kind, stages=stages, **failure_fields(error))
    memory = psutil.Process().memory_info().rss
    return PageDone(slug=task.slug, kind=kind, files=files, stages=stages, memory=memory)
