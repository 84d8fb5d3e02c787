"""The connection to a kernel: which one, over which sockets, and when it is ready."""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager
from inspect import unwrap
from pathlib import Path
from queue import Empty
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from jupyter_client.asynchronous import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from traitlets import CaselessStrEnum, Type, default

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LocalKernelClient", "LocalKernelManager", "kernel_name", "kernels_named"]

_LONGEST_FOLDER = 80  # the name of a Unix socket has at most 104 characters


_chosen: list[tuple[str, Path]] = []


def kernel_name() -> str | None:
    """Name of the kernel notebooks run in, if it is not the one they name themselves."""
    return _chosen[-1][0] if _chosen else None


@contextmanager
def kernels_named(name: str, folder: Path) -> Iterator[None]:
    """Run the notebooks this process executes in another kernel, until the end of the block.

    Its specification is in ``folder``, whether or not it is installed as well.
    """
    choice = (name, folder)
    _chosen.append(choice)
    try:
        yield
    finally:
        _chosen.remove(choice)


class LocalKernelClient(AsyncKernelClient):  # type: ignore[misc]  # untyped base
    """Knows that a kernel is ready by what it says, not by how long it has been silent."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers, and its output has been read up to the answer.

        The output of a request ends with the state "idle"; Jupyter's own client waits for
        a fifth of a second without any output instead. A ``RuntimeError`` says that the
        kernel died, or does not answer in time.
        """
        deadline = time.monotonic() + (timeout or float("inf"))
        asked: set[str] = set()
        # A kernel greets whoever has subscribed to its output; older ones do not.
        await _message(self.iopub_channel, None, "iopub_welcome", 0.05)
        while time.monotonic() < deadline:
            # Again after every silence: what is said before the subscription has reached
            # the kernel is lost.
            asked.add(self.kernel_info())
            answer = await _message(self.shell_channel, asked, "kernel_info_reply", 1.0)
            if answer is not None and await _message(self.iopub_channel, asked, "idle", 0.2):
                self._handle_kernel_info_reply(answer)
                return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


async def _message(
    channel: Any, asked: set[str] | None, what: str, seconds: float
) -> dict[str, Any] | None:
    """The first answer, to a request of ours if any, that is or says ``what``; if in time."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        try:
            message: dict[str, Any] = await channel.get_msg(timeout=left)
        except Empty:
            break
        states = (message["msg_type"], message["content"].get("execution_state"))
        ours = asked is None or message["parent_header"].get("msg_id") in asked
        if ours and what in states:
            return message
    return None


class LocalKernelManager(AsyncKernelManager):  # type: ignore[misc]  # untyped base
    """Talks to its kernel over Unix sockets where there are any, in a folder of its own.

    Messages carry a report's code and data; on TCP any program on the machine could
    listen to them. Left to itself, Jupyter puts the sockets of all kernels into the folder
    it is in, under the same names.
    """

    # Jupyter's own wait a hundredth of a second at the end, for its tests to look at them.
    start_kernel = _async_start_kernel = unwrap(AsyncKernelManager.start_kernel)
    shutdown_kernel = _async_shutdown_kernel = unwrap(AsyncKernelManager.shutdown_kernel)

    transport = CaselessStrEnum(["tcp", "ipc"], default_value="tcp", config=True)
    client_factory = Type(LocalKernelClient, klass="jupyter_client.KernelClient")

    def __init__(self, **options: Any) -> None:
        self._folder = TemporaryDirectory(prefix="convex-research-")
        sockets = hasattr(socket, "AF_UNIX") and len(self._folder.name) < _LONGEST_FOLDER
        options.setdefault("transport", "ipc" if sockets else "tcp")
        options.setdefault("connection_file", str(Path(self._folder.name) / "kernel.json"))
        super().__init__(**options)
        self.last_client: LocalKernelClient | None = None

    def client(self, **options: Any) -> LocalKernelClient:
        """A client; the one before it, of the last notebook, is of no more use."""
        self._stop_client()
        self.last_client = super().client(**options)
        return self.last_client

    def _stop_client(self) -> None:
        if self.last_client is not None:
            self.last_client.stop_channels()
            self.last_client = None

    async def _async_cleanup_resources(self, restart: bool = False) -> None:  # noqa: FBT001, FBT002
        await super()._async_cleanup_resources(restart)
        if not restart:
            self._stop_client()
            self._folder.cleanup()

    cleanup_resources = _async_cleanup_resources

    @default("kernel_spec_manager")  # type: ignore[untyped-decorator]
    def _kernel_spec_manager_default(self) -> KernelSpecManager:
        manager = KernelSpecManager(parent=self)
        manager.kernel_dirs = [*(str(folder) for _, folder in _chosen), *manager.kernel_dirs]
        return manager
