"""Where the Jupyter server of this kernel serves a file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from urllib.parse import quote

__all__ = ["address_of"]


def address_of(path: Path) -> str | None:
    """Address of a file on the Jupyter server that started this kernel.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    str or None
        Path of an address on the server, ``/files/reports/index.html``; ``None`` where there
        is no Jupyter server, or the file lies outside its folder.
    """
    from jupyter_core.paths import jupyter_runtime_dir

    parent = os.environ.get("JPY_PARENT_PID", "")
    if not parent.isdecimal():
        return None
    try:
        said = json.loads((Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json").read_text())
        base, root = str(said["base_url"]), Path(said["root_dir"]).resolve()
        inside = path.resolve().relative_to(root)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return f"{base.rstrip('/')}/files/{quote(inside.as_posix())}"
