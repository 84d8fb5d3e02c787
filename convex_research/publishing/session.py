"""A kernel in which notebooks are executed one after the other."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Self

from jupyter_core.utils import run_sync

from convex_research.kernels.manager import LocalKernelManager, kernel_name

__all__ = ["KernelSession"]

_RESET_SECONDS = 10.0
# What a notebook begins with is what it would find in a kernel of its own, but for the analysis.
_RESET = """
from convex_research.analysis.handover import hand_over
hand_over(get_ipython().user_ns.values())
get_ipython().reset()
"""


class KernelSession:
    """A kernel that several notebooks use, one after the other, until the end of the block.

    Both pages of a pair are built in one, so that the second finds the analysis of the first.
    A notebook that fails takes the kernel with it, and so does a kernel that is lost: the next
    one then begins in a new one.
    """

    def __init__(self) -> None:
        self._manager: LocalKernelManager | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def fresh(self) -> LocalKernelManager:
        """A manager whose kernel holds nothing of an earlier notebook, or is yet to start."""
        if self._manager is not None and not _is_reset(self._manager):
            self.end()
        if self._manager is None:
            name = kernel_name()
            self._manager = LocalKernelManager(**({"kernel_name": name} if name else {}))
        return self._manager

    def end(self) -> None:
        """End the kernel, if there is one."""
        manager, self._manager = self._manager, None
        if manager is not None:
            _end(manager)


@run_sync
async def _is_reset(manager: Any) -> bool:
    """Have the kernel forget its notebook; whether it did."""
    with suppress(Exception):
        if await manager.is_alive():
            reply = await manager.last_client.execute(
                _RESET, silent=True, reply=True, timeout=_RESET_SECONDS
            )
            return bool(reply["content"]["status"] == "ok")
    return False


@run_sync
async def _end(manager: Any) -> None:
    try:
        if manager.has_kernel:
            await manager.shutdown_kernel(now=True)
    finally:
        await manager.cleanup_resources()
