"""A logo as it comes in: a PNG, told by its content, taken apart and drawn anew.

Nothing of the file stays but its picture: no text, no profile, no bytes behind its end. What is not exactly a picture
of the size it says is refused, before its pixels take memory.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final, NamedTuple

from prm.core.errors import Refused
from prm.core.notation.reader import figure

LARGEST_FILE: Final = 512 * 1024
"""Bytes of a file."""
SMALLEST, LARGEST = 16, 1024
"""Pixels on a side."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_OTHERS: Final = (
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"RIFF", "a WebP picture"),
    (b"%PDF", "a PDF document"),
    (b"<", "an SVG drawing or a web page"),
    (b"PK", "an archive or a document"),
)
# Channels by kind of colour, and the bits that each may have (PNG, third edition, section 11.2.1).
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_BITS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_FILTERS: Final = 4


class Logo(NamedTuple):
    """A picture as it is kept."""

    png: bytes
    width: int
    height: int


class _Head(NamedTuple):
    width: int
    height: int
    bits: int
    kind: int

    @property
    def row_bytes(self) -> int:
        """Return the bytes of a row of pixels, with the one that says how it is filtered."""
        return 1 + (self.width * self.bits * _CHANNELS[self.kind] + 7) // 8


def read_logo(content: bytes) -> Logo:
    """Return the picture of a file, drawn anew. Raises `Refused` for what is no PNG, too large, small or broken."""
    if len(content) > LARGEST_FILE:
        raise _refused(
            f"A logo has {LARGEST_FILE // 1024} KB at most, this file {figure(len(content) // 1024)} KB."
        )
    if not content.startswith(_PNG):
        start = content.lstrip()[:8]
        words = next(
            (words for begin, words in _OTHERS if start.startswith(begin)), "no picture that we know"
        )
        raise _refused(f"This file is {words}. Save the logo as PNG and send that.")
    try:
        chunks = list(_chunks(content))
        head = _head(chunks)
        rows = _rows(chunks, head)
        kept = _kept(chunks, head)
    except (ValueError, struct.error, zlib.error) as error:
        raise _refused(f"This PNG is broken: {error}.") from error
    parts = [(b"IHDR", chunks[0][1]), *kept, (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b"")]
    return Logo(_PNG + b"".join(_written(*part) for part in parts), head.width, head.height)


def _refused(message: str) -> Refused:
    return Refused(message, field="logo", code="logo")


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and data of each part up to the end of the picture. Raises ValueError for broken ones."""
    at = len(_PNG)
    while True:
        length, name = struct.unpack_from(">I4s", content, at)
        data = content[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, at + 8 + length)
        if zlib.crc32(name + data) != checksum:
            raise ValueError("a checksum is wrong")
        yield name, data
        if name == b"IEND":
            return
        at += 12 + length


def _head(chunks: list[tuple[bytes, bytes]]) -> _Head:
    name, data = chunks[0]
    if name != b"IHDR" or len(data) != 13:
        raise ValueError("it does not begin as one")
    width, height, bits, kind, packed, filtered, laced = struct.unpack(">IIBBBBB", data)
    if kind not in _BITS or bits not in _BITS[kind] or packed or filtered:
        raise ValueError("nobody knows its kind of colour")
    if laced:
        raise _refused("This PNG is interlaced. Save it without, which is the usual way.")
    if not (SMALLEST <= width <= LARGEST and SMALLEST <= height <= LARGEST):
        raise _refused(f"A logo has {SMALLEST} to {LARGEST} pixels on a side, this one {width} × {height}.")
    return _Head(width, height, bits, kind)


def _rows(chunks: list[tuple[bytes, bytes]], head: _Head) -> bytes:
    """Return the filtered rows of pixels. Raises ValueError where they are not as many as the picture says."""
    packed = b"".join(data for name, data in chunks if name == b"IDAT")
    wanted = head.row_bytes * head.height
    # One byte more than it may have, so that a small file never becomes a large picture.
    rows = zlib.decompressobj().decompress(packed, wanted + 1)
    if len(rows) != wanted:
        raise ValueError("it has other pixels than it says")
    if any(rows[at] > _FILTERS for at in range(0, wanted, head.row_bytes)):
        raise ValueError("a row is packed in no known way")
    return rows


def _kept(chunks: list[tuple[bytes, bytes]], head: _Head) -> list[tuple[bytes, bytes]]:
    """Return the palette and what is seen through, which the pixels need; nothing else. Raises ValueError."""
    found = dict(chunks)
    palette, clear = found.get(b"PLTE", b""), found.get(b"tRNS", b"")
    if head.kind == 3 and not (0 < len(palette) <= 768 and len(palette) % 3 == 0):
        raise ValueError("its palette is missing")
    if len(clear) > 256:
        raise ValueError("it says too much of what is clear")
    kept = [(b"PLTE", palette)] if head.kind == 3 else []
    return [*kept, (b"tRNS", clear)] if clear and head.kind in (0, 2, 3) else kept


def _written(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data), name) + data + struct.pack(">I", zlib.crc32(name + data))
