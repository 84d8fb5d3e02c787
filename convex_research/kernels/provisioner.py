"""What Jupyter starts a kernel with: forked from a parent, or else in the ordinary way."""

from __future__ import annotations

import asyncio
import os
import subprocess
from contextlib import suppress
from typing import Any

from jupyter_client.provisioning import LocalProvisioner

from convex_research.kernels.owner import (
    ForkedKernel,
    NoWarmKernel,
    parent_of_this_process,
    warn_once,
)
from convex_research.kernels.shared import common_kernel

__all__ = ["WarmProvisioner"]

_LAUNCHER = "ipykernel_launcher"


class WarmProvisioner(LocalProvisioner):  # type: ignore[misc]  # untyped base
    """Provides kernels forked from a process that has the libraries in memory.

    Everything else is as with Jupyter's own provisioner, of which this is one: the process
    it holds is a :class:`ForkedKernel` instead of a child of its own.
    """

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel; start one in the ordinary way where that is impossible."""
        try:
            kernel = await asyncio.to_thread(_forked, cmd, kwargs)
        except NoWarmKernel as reason:
            warn_once(reason)
            return await super().launch_kernel(cmd, **kwargs)
        self.process = kernel
        self.pid = self.pgid = kernel.pid
        self.cwd = kwargs.get("cwd") or os.getcwd()  # noqa: PTH109 - jupyter wants text
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel's process group, unless it has ended."""
        if isinstance(self.process, ForkedKernel):
            self.process.send_signal(signum)
        else:
            await super().send_signal(signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002 - Jupyter's
        """Kill the kernel, without Jupyter's waiting for it.

        Nothing survives being killed, but to give back its memory takes a kernel a while. Only
        one that is to listen in the same place has to wait for that.
        """
        if not isinstance(self.process, ForkedKernel):
            await super().kill(restart)
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.end(1.0 if restart else 0.0)


def _forked(command: list[str], options: dict[str, Any]) -> ForkedKernel:
    """A kernel from the parent of this process, or from one all processes share."""
    if _LAUNCHER not in command:
        raise NoWarmKernel(f"the kernel is not started by {_LAUNCHER}")
    environment = options.get("env")
    message = {
        "arguments": command[command.index(_LAUNCHER) + 1 :],
        "folder": str(options.get("cwd") or os.getcwd()),  # noqa: PTH109
        "environment": dict(os.environ if environment is None else environment),
    }
    nothing = os.open(os.devnull, os.O_RDWR)
    try:
        files = (nothing, _file(options.get("stdout"), 1), _file(options.get("stderr"), 2))
        parent = parent_of_this_process()
        return parent.kernel(message, files) if parent else common_kernel(message, files)
    finally:
        os.close(nothing)


def _file(given: Any, default: int) -> int:
    """The open file a kernel writes to, as ``subprocess`` is told it."""
    if given is None:
        return default
    if isinstance(given, int) and given >= 0:
        return given
    if hasattr(given, "fileno"):
        return int(given.fileno())
    raise NoWarmKernel("its output was asked for in a way that needs a child process")
