"""From a forked process to a kernel: what an ordinary one gets when it is started."""

from __future__ import annotations

import ctypes
import gc
import os
import random
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from convex_research.kernels.wire import receive, send

__all__ = ["Order", "become_kernel", "settle"]

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
    owner : int
        Open file on which it says that it can be connected to.
    app : IPKernelApp, optional
        The kernel, where it was made ahead of the order.
    """

    arguments: list[str]
    folder: str
    environment: dict[str, str]
    files: list[int]
    owner: int
    app: Any = None


def settle(channel: socket.socket, *, prepare: bool, subshells: bool) -> Order:
    """Cut a freshly forked process loose from its parent and wait for its order.

    Parameters
    ----------
    channel : socket.socket
        Where the order comes from.
    prepare : bool
        Whether to make the kernel while waiting.
    subshells : bool
        Whether that can run cells beside each other.
    """
    parent = os.getppid()
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    channel.send(b"!")
    app = _prepared(parent, subshells=subshells) if prepare else None
    arrived = receive(channel)
    if arrived is None or os.getppid() != parent or (prepare and app is None):
        os._exit(0)
    channel.close()
    message, (*files, owner) = arrived
    return Order(message["arguments"], message["folder"], message["environment"], files, owner, app)


def _prepared(parent: int, *, subshells: bool) -> Any:
    """A kernel without an order; none if that fails, which an ordinary one explains better."""
    from convex_research.kernels.application import PreparedKernelApp

    try:
        # It looks whether its parent, not whoever asked for it, is still there: systems
        # other than Linux have no signal for that.
        app: Any = PreparedKernelApp.instance(parent_handle=parent)
        app.prepare(subshells=subshells)
    except (Exception, SystemExit):  # noqa: BLE001 - whatever it is
        return None
    return app


def become_kernel(order: Order, added: dict[str, str]) -> None:
    """Take on the order and run the kernel until it is told to stop.

    Parameters
    ----------
    order : Order
        What to start with.
    added : dict
        What libraries have added to the environment when they were imported.
    """
    os.environ.clear()
    os.environ.update({**added, **order.environment})
    time.tzset()
    os.chdir(order.folder)
    sys.argv[:] = ["ipykernel_launcher", *order.arguments]
    _reseed()
    _choose_backend()
    gc.enable()
    app = order.app
    if app is not None:
        app.take(order.arguments, order.files)
    else:
        from ipykernel.kernelapp import IPKernelApp

        for number, file in enumerate(order.files):
            os.dup2(file, number)
        app = IPKernelApp.instance(parent_handle=os.getppid())
        app.initialize(order.arguments)
    for file in order.files:
        os.close(file)
    with socket.socket(fileno=order.owner) as owner, suppress(OSError):
        send(owner, {"ready": True})
    app.start()


def _reseed() -> None:
    """Give every kernel its own random numbers, as if it had imported for itself."""
    random.seed()
    numpy = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed()


def _choose_backend() -> None:
    """What matplotlib would have read from the environment, had it been imported here."""
    matplotlib = sys.modules.get("matplotlib")
    backend = os.environ.get("MPLBACKEND")
    if matplotlib is not None and backend:
        with suppress(ValueError):
            matplotlib.rcParams["backend"] = backend
