"""Pictures for tests."""

import struct
import zlib


def chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I4s", len(data), name) + data + struct.pack(">I", zlib.crc32(name + data))


def png(
    width: int = 16, height: int = 16, *, kind: int = 2, bits: int = 8, laced: int = 0, rows: bytes | None = None,
    extra: bytes = b"", tail: bytes = b"",
) -> bytes:  # fmt: skip
    """A PNG file; `extra` are more parts, `tail` is what stands behind its end."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(kind, 1)
    row = b"\0" + b"\x80" * ((width * bits * channels + 7) // 8)
    head = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, laced)
    palette = chunk(b"PLTE", b"\1\2\3" * 256) if kind == 3 else b""
    data = chunk(b"IDAT", zlib.compress(row * height if rows is None else rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + palette + data + chunk(b"IEND", b"") + tail
