"""Vectors as strips of colour: a row for each word, a cell for each number. Nothing in here knows Streamlit."""

from __future__ import annotations

import base64
import html
import struct
import zlib
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

POSITIVE, NEGATIVE = (
    (217, 119, 6),
    (109, 91, 208),
)  # amber and violet: told apart under every colour blindness, on white and black
_FULL_QUANTILE = 0.98  # of the sizes of all numbers: what is further from zero has the full colour, too
_PIXELS_PER_ROW = 8
_GAP_PIXELS = 1  # of these, left free below each row


def figure(
    title: str,
    words: Sequence[str],
    values: npt.NDArray[np.floating[Any]],
    *,
    alt: str,
    halves: tuple[str, str] | None = None,
    marked: Collection[int] = (),
) -> str:
    """The strips of some words, as HTML; `page.css` gives them their size.

    Args:
        title: Above them.
        words: At the left of each strip.
        values: Their numbers, (num_words, dim).
        alt: What the picture shows, in words.
        halves: Titles of the left and right half of the strips.
        marked: Positions of words that stand out.
    """
    kinds = [' class="marked"' if place in marked else "" for place in range(len(words))]
    labels = "".join(f"<li{kind}>{html.escape(word)}</li>" for word, kind in zip(words, kinds, strict=True))
    above = f'<div class="halves">{"".join(f"<span>{html.escape(half)}</span>" for half in halves)}</div>' if halves else ""
    source = base64.b64encode(to_png(coloured(values))).decode()
    picture = f'<img alt="{html.escape(alt)}" src="data:image/png;base64,{source}"/>'
    caption = f"<figcaption>{html.escape(title)}</figcaption>"
    rows = f'<div class="rows"><ol>{labels}</ol>{picture}</div>'
    return f'<figure class="strips" style="--num-rows:{len(words)}">{caption}{above}{rows}</figure>'


def coloured(values: npt.NDArray[np.floating[Any]]) -> Image:
    """The strips as pixels, uint8 (num_words * 8, dim, 4): red, green, blue, and opaque as far as a number is from zero."""
    exact = values.astype(np.float64)
    full = float(np.quantile(np.abs(exact), _FULL_QUANTILE)) if exact.size else 0.0
    strength = np.clip(np.abs(exact) / full, 0, 1) if full else np.zeros_like(exact)  # (num_words, dim)
    cells = np.zeros((*values.shape, 4), np.uint8)
    cells[..., :3] = np.where((exact > 0)[..., np.newaxis], POSITIVE, NEGATIVE)
    cells[..., 3] = np.round(255 * strength)
    image = np.repeat(cells, _PIXELS_PER_ROW, axis=0)
    for gap in range(_GAP_PIXELS):
        image[_PIXELS_PER_ROW - 1 - gap :: _PIXELS_PER_ROW, :, 3] = 0
    return image


def to_png(image: Image) -> bytes:
    """A PNG file of some pixels, uint8 (height, width, 4).

    Reference: Portable Network Graphics (PNG) Specification, second edition, sections 5 and 11.2.
    """
    height, width, _ = image.shape
    rows = b"".join(b"\0" + row.tobytes() for row in image)  # each begins with its filter, none
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)  # 8 bits of red, green, blue and opacity
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
