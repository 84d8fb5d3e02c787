"""Unit files for systemd, from the user's own command."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["unit_files"]

_SECRET = "--webhook"  # noqa: S105 - an option's name; its value never enters a unit

_SERVICE = """\
# ~/.config/systemd/user/convex-research.service
[Unit]
Description=Correlation reports and their daily digest
Wants=network-online.target
After=network-online.target

[Service]
Type=oneshot
# Relative paths start here: name the folder that holds your pairs and reports.
WorkingDirectory=%h
# Mail server, password file, webhook and keys, one NAME=value a line; readable by you alone.
EnvironmentFile=-%h/.config/convex-research.env
# From a virtual environment write its own convex-research with the whole path.
ExecStart=/usr/bin/env {command}
# 4: another run is still at work.
SuccessExitStatus=4
TimeoutStartSec=6h
Nice=10
"""
_TIMER = """\
# ~/.config/systemd/user/convex-research.timer
[Unit]
Description=Correlation reports every day

[Timer]
OnCalendar=*-*-* 06:30
RandomizedDelaySec=10min
# A day on which the machine was off is caught up.
Persistent=true

[Install]
WantedBy=timers.target
"""
_HOW = """\
# Then: systemctl --user daemon-reload && systemctl --user enable --now convex-research.timer
"""


def unit_files(arguments: Sequence[str]) -> str:
    """Service and timer for a command line.

    Parameters
    ----------
    arguments : sequence of str
        Words after ``convex-research``, as the user gave them. ``--systemd`` is left out, and
        ``--webhook`` with its address: it belongs into the environment file.

    Returns
    -------
    str
    """
    public: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == _SECRET:
            next(words, None)
        elif word != "--systemd" and not word.startswith(f"{_SECRET}="):
            public.append(word)
    command = " ".join(_quoted(word) for word in ("convex-research", *public))
    return "\n".join((_SERVICE.format(command=command), _TIMER, _HOW)).rstrip() + "\n"


def _quoted(word: str) -> str:
    """A word as systemd reads it: no specifiers, no variables, no line breaks."""
    safe = word.replace("%", "%%").replace("$", "$$").replace("\\", "\\\\").replace('"', '\\"')
    safe = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in safe)
    plain = safe and all(c.isalnum() or c in "-_./:=@,+~%" for c in safe)
    return safe if plain else f'"{safe}"'
