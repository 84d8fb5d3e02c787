"""The connection to a kernel: sockets in a private folder instead of open TCP ports."""

from __future__ import annotations

import sys

from jupyter_client.manager import AsyncKernelManager
from traitlets import CaselessStrEnum

__all__ = ["LocalKernelManager"]


class LocalKernelManager(AsyncKernelManager):  # type: ignore[misc]  # untyped base
    """Talks to its kernel over Unix sockets where there are any.

    Messages carry a report's code and data; on TCP any program on the machine could
    listen to them.
    """

    transport = CaselessStrEnum(
        ["tcp", "ipc"], default_value="tcp" if sys.platform == "win32" else "ipc", config=True
    )
