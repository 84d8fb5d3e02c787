"""From a forked process to a kernel: what an ordinary one gets when it is started."""

from __future__ import annotations

import ctypes
import gc
import os
import random
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ipykernel.iostream import OutStream
from ipykernel.kernelapp import IPKernelApp

from convex_research.kernels.wire import send

if TYPE_CHECKING:
    import socket

__all__ = ["Order", "become_kernel"]

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of Linux


@dataclass(frozen=True, slots=True)
class Order:
    """What a kernel is started with.

    Parameters
    ----------
    arguments : list of str
        Of ``ipykernel_launcher``.
    folder : str
        Where it works.
    environment : dict
        All of its environment.
    files : list of int
        Its standard input, output and error.
    owner : socket.socket
        Where it says that it can be connected to.
    """

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    files: list[int]
    owner: socket.socket


class PromptStream(OutStream):
    """Standard output or error, which does not wait when it has nothing to say.

    A kernel flushes both twice for every cell and after everything it shows, and each time
    its own waits for the thread that sends.
    """

    def flush(self) -> None:
        """Send what was written, if anything."""
        if self._buffers or self.echo is not None:
            super().flush()  # type: ignore[no-untyped-call]


def become_kernel(order: Order, library_environment: dict[str, str], parent: int) -> None:
    """Cut a freshly forked process loose, and run the kernel until it is told to stop.

    ``library_environment`` is what libraries have added to the environment when they were
    imported, ``parent`` the process that forked this one; without it there is no kernel.
    """
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    os.environ.clear()
    os.environ.update({**library_environment, **order.environment})
    time.tzset()
    os.chdir(order.folder)
    sys.argv[:] = ["ipykernel_launcher", *order.arguments]
    for number, file in enumerate(order.files):
        os.dup2(file, number)
        os.close(file)
    # Random numbers of its own, and what matplotlib would have read from the environment, as
    # if it had imported for itself.
    random.seed()
    if "numpy.random" in sys.modules:
        sys.modules["numpy.random"].seed()
    if "matplotlib" in sys.modules and os.environ.get("MPLBACKEND"):
        with suppress(ValueError):
            sys.modules["matplotlib"].rcParams["backend"] = os.environ["MPLBACKEND"]
    gc.enable()
    # It looks whether its parent, not whoever asked for it, is still there: systems other
    # than Linux have no signal for that.
    app: Any = IPKernelApp.instance(
        parent_handle=parent, outstream_class=f"{__name__}.{PromptStream.__name__}"
    )
    app.initialize(order.arguments)
    with order.owner, suppress(OSError):
        send(order.owner, {"pid": os.getpid()})
    app.start()
