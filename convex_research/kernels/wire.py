"""Messages between those who ask for kernels and the parent: JSON with open files."""

from __future__ import annotations

import json
import socket
import struct
from typing import Any

__all__ = ["receive", "send"]

_LENGTH = struct.Struct("!I")
_MOST_FILES = 4


def send(channel: socket.socket, message: dict[str, Any], files: tuple[int, ...] = ()) -> None:
    """Send a message; open files travel with its first byte."""
    body = json.dumps(message).encode("utf-8", "surrogatepass")
    head = _LENGTH.pack(len(body))
    if files:
        sent = socket.send_fds(channel, [head], list(files))
        head = head[sent:]
    channel.sendall(head + body)


def receive(channel: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """Read one message and the files that came with it, or ``None`` at the end."""
    head, files, _, _ = socket.recv_fds(channel, _LENGTH.size, _MOST_FILES)
    if not head:
        return None
    head += _exactly(channel, _LENGTH.size - len(head))
    body = _exactly(channel, _LENGTH.unpack(head)[0])
    message: dict[str, Any] = json.loads(body.decode("utf-8", "surrogatepass"))
    return message, files


def _exactly(channel: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = channel.recv(size - len(parts))
        if not part:
            raise ConnectionError("the connection ended inside a message")
        parts += part
    return bytes(parts)
