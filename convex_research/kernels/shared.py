"""The parent that everyday Jupyter programs share: started when wanted, gone when not.

``papermill -k convex-research-warm`` is over in seconds, so a parent of its own would save
it nothing. This one stays for a while after its last kernel has ended. It listens in a
folder that nobody else can enter, and is used only by programs with the same Python, the
same version of every file of the package and the same settings.
"""

from __future__ import annotations

import hashlib
import os
import socket
import stat
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout
from jupyter_core.paths import jupyter_runtime_dir

from convex_research.kernels.owner import (
    START_SECONDS,
    NoWarmKernel,
    await_ready,
    order_kernel,
    start_parent,
)

if TYPE_CHECKING:
    import subprocess

    from convex_research.kernels.owner import ForkedKernel

__all__ = ["IDLE_VARIABLE", "common_kernel"]

IDLE_VARIABLE = "CONVEX_RESEARCH_WARM_SECONDS"
_IDLE_SECONDS = 120.0
_PACKAGE = Path(__file__).parents[1]
_SETTINGS = ("HOME", "IPYTHON", "LANG", "LC_", "MATPLOTLIBRC", "MPLCONFIGDIR", "PYTHON", "XDG_")
_started: list[subprocess.Popen[bytes]] = []


def common_kernel(message: dict[str, Any], files: tuple[int, int, int]) -> ForkedKernel:
    """A kernel from the parent that this user's programs share, started if there is none."""
    _started[:] = [one for one in _started if one.poll() is None]
    path = _private_folder() / f"{_fingerprint()}.sock"
    for _ in range(2):
        connection = _connected(path) or _first_connected(path)
        # It may have decided to go while we were connecting.
        with suppress(NoWarmKernel):
            return order_kernel(connection, message, files)
    raise NoWarmKernel("the process that forks them does not answer")


def _private_folder() -> Path:
    """A folder of ours that nobody else can enter."""
    if not hasattr(os, "fork"):
        raise NoWarmKernel("this system cannot fork")
    try:
        folder = Path(jupyter_runtime_dir()) / "convex-research"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        about = folder.lstat()
    except OSError as error:
        raise NoWarmKernel(f"there is no private folder for its socket ({error})") from None
    private = stat.S_ISDIR(about.st_mode) and not about.st_mode & 0o077
    if not private or about.st_uid != os.getuid():
        raise NoWarmKernel(f"others can enter {folder}, where its socket would be")
    return folder


def _fingerprint() -> str:
    """Changes with the Python, the libraries, the package's files and what they read."""
    parts = [sys.executable, str(_PACKAGE)]
    parts += [f"{k}={v}" for k, v in sorted(os.environ.items()) if k.startswith(_SETTINGS)]
    places = sysconfig.get_paths()
    for folder in sorted({places["purelib"], places["platlib"]}):
        with suppress(OSError):
            parts.append(str(Path(folder).stat().st_mtime_ns))
    changed = [path.stat().st_mtime_ns for path in _PACKAGE.rglob("*") if path.suffix != ".pyc"]
    parts.append(f"{len(changed)} {max(changed)}")
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _connected(path: Path) -> socket.socket | None:
    """A connection to the parent, if one is listening."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
    except (FileNotFoundError, ConnectionRefusedError):
        connection.close()
        return None
    except OSError as error:
        connection.close()
        raise NoWarmKernel(f"its socket cannot be used ({error})") from None
    return connection


def _first_connected(path: Path) -> socket.socket:
    """Start the parent, unless another program is just doing that, and connect."""
    try:
        with FileLock(path.with_suffix(".lock"), timeout=START_SECONDS):
            connection = _connected(path)
            if connection is None:
                path.unlink(missing_ok=True)
                _start(path)
                connection = _connected(path)
    except (OSError, Timeout) as error:
        raise NoWarmKernel(f"the process that forks them does not start ({error})") from None
    if connection is None:
        raise NoWarmKernel("the process that forks them does not answer")
    return connection


def _start(path: Path) -> None:
    seconds = os.environ.get(IDLE_VARIABLE, "")
    idle = seconds if seconds.replace(".", "", 1).isdigit() else str(_IDLE_SECONDS)
    process = start_parent("--listen", str(path), idle)
    await_ready(process)
    # It outlives us: it must not hold what we write to, nor be waited for.
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    _started.append(process)
