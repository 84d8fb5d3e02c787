"""A correlation's last half year as a small line: drawn for pages as SVG, for mail as PNG."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from convex_research.core.typing import Array

__all__ = ["line_points", "sparkline_png", "sparkline_svg"]

WIDTH, HEIGHT = 240, 48
_MARGIN = 4.0
_FINER = 4
_PAPER, _INK, _RULE = (255, 255, 255), (0, 114, 178), (200, 206, 212)


def line_points(path: Sequence[float], usual: float | None) -> tuple[Array, float]:
    """Points of the line and the height of the usual level, in picture units."""
    values = np.asarray(path, dtype=np.float64)
    level = float(values[0]) if usual is None else usual
    low, high = min(float(values.min()), level), max(float(values.max()), level)
    spread = max(high - low, 0.05)
    x = np.linspace(_MARGIN, WIDTH - _MARGIN, values.size)

    def height(y: Array) -> Array:
        return np.asarray(HEIGHT - _MARGIN - (y - low) / spread * (HEIGHT - 2.0 * _MARGIN))

    return np.column_stack([x, height(values)]), float(height(np.array([level]))[0])


def sparkline_svg(path: Sequence[float], usual: float | None, label: str) -> str:
    """Markup of the line; colours are the stylesheet's.

    Parameters
    ----------
    path : sequence of float
        Correlations, oldest first; at least two.
    usual : float, optional
        The level it is compared with, drawn dashed.
    label : str
        Escaped text for readers who do not see it.
    """
    points, level = line_points(path, usual)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{label}"><line class="s-muted" x1="{_MARGIN}" x2="{WIDTH - _MARGIN}" '
        f'y1="{level:.1f}" y2="{level:.1f}" stroke="#5f6b76" stroke-dasharray="3 3"/>'
        f'<polyline class="s-a" points="{line}" fill="none" stroke="#0072b2" stroke-width="2"/>'
        f'<circle class="f-a" cx="{x:.1f}" cy="{y:.1f}" r="3" fill="#0072b2"/></svg>'
    )


def sparkline_png(path: Sequence[float], usual: float | None) -> bytes:
    """The same line as a picture of twice the size; the same path gives the same bytes."""
    points, level = line_points(path, usual)
    scale = 2 * _FINER
    tall, wide = HEIGHT * scale, WIDTH * scale
    drawn = np.zeros((tall, wide), dtype=np.uint8)
    row = round(level * scale)
    for start in range(int(_MARGIN) * scale, wide - int(_MARGIN) * scale, 6 * scale):
        drawn[row - 3 : row + 3, start : start + 3 * scale] = 1
    radius = round(1.1 * scale)
    offsets = np.arange(-radius, radius + 1)
    disc = np.argwhere(np.hypot(*np.meshgrid(offsets, offsets)) <= radius) - radius
    steps = max(2, round(float(np.hypot(*np.diff(points, axis=0).T).sum()) * scale / 2))
    at = np.linspace(0.0, len(points) - 1.0, steps)
    index = np.arange(len(points))
    dots = np.column_stack([np.interp(at, index, points[:, k]) for k in (1, 0)]) * scale
    marks = (np.round(dots)[:, None, :] + disc[None]).reshape(-1, 2).astype(int)
    np.clip(marks, 0, [tall - 1, wide - 1], out=marks)
    drawn[marks[:, 0], marks[:, 1]] = 2
    shape = (HEIGHT * 2, _FINER, WIDTH * 2, _FINER)
    shares = [(drawn == kind).reshape(shape).mean(axis=(1, 3)) for kind in (1, 2)]
    image = np.full((*shares[0].shape, 3), _PAPER, dtype=np.float64)
    for share, colour in zip(shares, (_RULE, _INK), strict=True):
        image += share[..., None] * (np.array(colour) - image)
    return _png(np.round(image).astype(np.uint8))


def _png(image: NDArray[np.uint8]) -> bytes:
    height, width, _ = image.shape
    rows = b"".join(b"\0" + image[y].tobytes() for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = (chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows, 9)), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
