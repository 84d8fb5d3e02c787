"""The ``lab`` command: the exploration notebook, opened in JupyterLab."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from convex_research.core.errors import InputError, printable

__all__ = ["lab"]

NOTEBOOK = "explore.ipynb"


def lab(
    more: Annotated[
        list[str] | None,
        typer.Argument(metavar="[-- OPTION]", help="Further options of `jupyter lab`."),
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="DIR", help="Where the notebook is kept.")
    ] = Path(),
    port: Annotated[int | None, typer.Option("--port", help="Port of the server.")] = None,
    *,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Whether to open a browser.")
    ] = True,
) -> int:
    """Open the exploration notebook in JupyterLab; yours is never overwritten."""
    notebook = _place(folder).resolve()
    command = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={notebook.parent}"]
    command += [f"--LabApp.default_url=/lab/tree/{NOTEBOOK}"]
    # The address is a message of the highest level; what is below errors only hides it.
    command += ["--ServerApp.log_level=ERROR", "--LabApp.log_level=ERROR"]
    command += [f"--ServerApp.port={port}"] if port is not None else []
    command += [] if browser else ["--no-browser"]
    return _become([*command, *(more or [])])


def _become(command: list[str]) -> int:
    """Run the server in the place of this process, so that signals reach it."""
    if sys.platform == "win32":  # has nothing of the kind
        return subprocess.call(command)  # noqa: S603 - our own interpreter
    sys.stdout.flush()
    sys.stderr.flush()
    return os.execv(command[0], command)  # noqa: S606 - our own interpreter


def _place(folder: Path) -> Path:
    """The notebook in the user's folder: theirs if there is one, else a fresh copy."""
    from convex_research.core.files import notebook_path

    notebook = folder / NOTEBOOK
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with notebook.open("xb") as file:
            file.write(notebook_path("explore").read_bytes())
    except FileExistsError:
        if not notebook.is_file():
            raise InputError(f"Cannot write {printable(notebook)}: it is in the way.") from None
        typer.echo(f"{printable(notebook)} is there already and is opened as it is.", err=True)
    except OSError as error:
        cause = f"{error.strerror}; choose another --folder"
        raise InputError(f"Cannot write {printable(notebook)}: {cause}.") from None
    else:
        typer.echo(f"Copied the notebook to {printable(notebook)}.", err=True)
    return notebook
