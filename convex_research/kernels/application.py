"""An IPython kernel that is made before anybody has asked for it.

Sockets, threads and the shell take longer than all else in the start of a forked kernel, and
none of it depends on who will use the kernel. What does, comes with the order: where to listen,
the key of its messages, and whatever of the user's own runs when a kernel starts.
"""

from __future__ import annotations

import os
import sys
import threading
from functools import partial
from typing import TYPE_CHECKING, Any

from ipykernel.iostream import OutStream
from ipykernel.kernelapp import IPKernelApp
from traitlets import default
from traitlets.config import Config
from traitlets.config.loader import DeferredConfigString

from convex_research.kernels.arguments import EVERY_KERNELS, of_the_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

    import zmq

__all__ = ["PreparedKernelApp"]

_PATIENCE = 10.0


class PromptStream(OutStream):
    """Standard output or error, which does not wait when it has nothing to say.

    A kernel flushes both twice for every cell and after everything it shows, and each time
    its own waits for the thread that sends.
    """

    def flush(self) -> None:
        """Send what was written, if anything."""
        if self._buffers or self.echo is not None:
            super().flush()  # type: ignore[no-untyped-call]


_Base: Any = IPKernelApp  # half of it has types


class PreparedKernelApp(_Base):  # type: ignore[misc]
    """Starts in two steps: :meth:`prepare`, and later :meth:`take`."""

    _prepared = False
    _subshells = True

    def prepare(self, *, subshells: bool) -> None:
        """Do all that does not depend on the order.

        Parameters
        ----------
        subshells : bool
            Whether cells can run beside each other, for which every message passes through
            one more thread.
        """
        self._subshells = subshells
        self.initialize([])
        # Jupyter has every remark of no importance made, and thrown away by its handler.
        self.log.setLevel(self.log_level)
        # What a first cell would import and set up.
        self.shell.run_cell("None", silent=True)

    def take(self, arguments: list[str], files: list[int]) -> None:
        """Do the rest; when this returns, the kernel can be connected to.

        Parameters
        ----------
        arguments : list of str
            For which :func:`~convex_research.kernels.arguments.can_prepare` holds.
        files : list of int
            Standard input, output and error.
        """
        self._prepared = True
        self._connect_files(files)
        self.shell.init_environment()  # once more: the environment is another by now
        asked = {name: DeferredConfigString(v) for name, v in of_the_kernel(arguments).items()}
        self.kernel.update_config(Config({type(self.kernel).__name__: asked}))
        self.connection_file = arguments[1]
        super().init_connection_file()
        self._bind_all()
        super().init_heartbeat()
        super().write_connection_file()
        super().log_connection_info()
        self.kernel.record_ports({f"{name}_port": port for name, port in self._ports.items()})
        super().init_gui_pylab()
        super().init_extensions()
        super().init_code()
        sys.stdout.flush()
        sys.stderr.flush()

    def _connect_files(self, files: list[int]) -> None:
        """Give the process its files; output streams that watch theirs hold a copy of it."""
        for number, file in enumerate(files):
            stream = (sys.stdin, sys.stdout, sys.stderr)[number]
            copy = getattr(stream, "_original_stdstream_copy", None)
            os.dup2(file, number if copy is None else copy)

    def _bind_all(self) -> None:
        """Listen; each socket is touched only by the thread that reads it."""
        shell, control, output = (
            getattr(thread, "io_loop", None)
            for thread in (self.shell_channel_thread, self.control_thread, self.iopub_thread)
        )
        for name, socket, loop in (
            ("shell", self.shell_socket, shell),
            ("stdin", self.stdin_socket, None),
            ("control", self.control_socket, control),
            ("iopub", self.iopub_thread.socket, output),
        ):
            self._in_loop(loop, partial(self._listen, name, socket))
        self._in_loop(control, self._connect_debugger)

    def _listen(self, name: str, socket: zmq.Socket[Any]) -> None:
        self._apply_curve_server_options(socket)
        setattr(self, f"{name}_port", super()._bind_socket(socket, getattr(self, f"{name}_port")))

    def _connect_debugger(self) -> None:
        import zmq

        self._apply_curve_client_options(self.debug_shell_socket)
        self.debug_shell_socket.connect(self.shell_socket.getsockopt(zmq.LAST_ENDPOINT))

    def _in_loop(self, loop: Any, call: Callable[[], None]) -> None:
        """Have a loop's thread do something, and wait until it has."""
        if loop is None:
            call()
            return
        done, problems = threading.Event(), []

        def attempt() -> None:
            try:
                call()
            except Exception as error:  # noqa: BLE001 - raised below, in the thread that asked
                problems.append(error)
            done.set()

        loop.add_callback(attempt)
        if not done.wait(_PATIENCE):
            raise TimeoutError("a thread of the kernel does not answer")
        if problems:
            raise problems[0]

    @default("outstream_class")  # type: ignore[untyped-decorator]
    def _stream_of_output(self) -> str:
        return f"{__name__}.{PromptStream.__name__}"

    # Steps of IPKernelApp.initialize that are known beforehand, or have to wait for the order.

    def parse_command_line(self, argv: list[str] | None = None) -> None:  # noqa: ARG002
        """Set what every kernel is told: a parser of all options takes longer to make."""
        name, _, value = EVERY_KERNELS.removeprefix("--").partition("=")
        section, _, trait = name.partition(".")
        self.update_config(Config({section: {trait: value}}))

    def init_control(self, context: zmq.Context[Any]) -> None:
        """Make the threads that wait for messages."""
        super().init_control(context)
        if not self._subshells:
            self.shell_channel_thread = None

    def _bind_socket(self, s: Any, port: int) -> int:
        return int(super()._bind_socket(s, port)) if self._prepared else port

    def init_connection_file(self) -> None:
        """Later."""

    def init_heartbeat(self) -> None:
        """Later."""

    def write_connection_file(self, **kwargs: Any) -> None:
        """Later."""

    def log_connection_info(self) -> None:
        """Later."""

    def init_gui_pylab(self) -> None:
        """Later: it adds to the environment."""

    def init_extensions(self) -> None:
        """Later: it runs what the user has set up."""

    def init_code(self) -> None:
        """Later: it runs what the user has set up."""
