"""Whether a file is in the encoding its source declares, and a clear word when it is not.

What else a file may be written in is told by charset-normalizer, as advice: a file is read as its source
says or not at all.
"""

import codecs
import io
from pathlib import Path
from typing import Final

from orders.ingest.errors import BrokenFile
from orders.sources.spec import ENCODINGS

# Bytes looked at.
SAMPLE: Final = 262_144
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_FILES: Final = (
    (b"\xd0\xcf\x11\xe0", "an Excel file of the old kind (.xls): save it as .xlsx or CSV"),
    (b"%PDF", "a PDF file: export the orders as CSV or XLSX"),
    (b"\x1f\x8b", "a gzip file: unpack it first"),
    (b"PK\x03\x04", "a ZIP file: unpack it first"),
)


def check(raw: io.BufferedReader, declared: str, name: str) -> str:
    """Return the codec to read with. Looks at the beginning of the file and rewinds.

    Raises `BrokenFile` when the beginning shows another encoding, or no text at all.
    A UTF-8 mark (BOM) at the beginning is accepted and dropped.
    """
    check_kind(raw, name)
    sample = raw.read(SAMPLE)
    raw.seek(0)
    mark = marked(sample)
    if mark and mark != declared:
        raise BrokenFile(name, _differs(mark, declared))
    if mark:
        return "utf-8-sig" if mark == "utf-8" else mark
    wide = wide_without_mark(sample)
    if declared in ("utf-16", "utf-32"):
        if wide.startswith(declared):
            return wide
        raise BrokenFile(name, _differs(wide[:6] or likely(sample) or "another encoding", declared))
    if wide or sample[:4096].count(0) * 4 >= len(sample[:4096]) > 1:
        raise BrokenFile(name, _differs(wide[:6] or "utf-16", declared))
    if declared != "utf-8" and not sample.isascii() and _is_utf8(sample):
        raise BrokenFile(name, _differs("utf-8", declared))
    return declared


def check_kind(raw: io.BufferedReader, name: str) -> None:
    """Refuse a file that is no text at all, by its first bytes."""
    head = raw.read(8)
    raw.seek(0)
    for magic, what in _OTHER_FILES:
        if head.startswith(magic):
            raise BrokenFile(name, f"This is {what}.")


def marked(sample: bytes) -> str:
    """Return which encoding the mark (BOM) at the beginning of a file says, "" without one."""
    return next((encoding for bom, encoding in _BOMS if sample.startswith(bom)), "")


def located(path: Path, encoding: str, name: str) -> BrokenFile:
    """Return the error for a file that stopped being readable somewhere, with the line."""
    decoder = codecs.getincrementaldecoder(encoding)()
    newlines = 0
    with path.open("rb") as file:
        while block := file.read(65_536):
            try:
                decoder.decode(block)
            except UnicodeDecodeError as error:
                # A sequence begun in the block before may shift the place by up to three bytes.
                before = error.object[: error.start]
                line = newlines + before.count(b"\n") + 1
                sign = " ".join(f"{byte:02x}" for byte in error.object[error.start : error.start + 1])
                guess = likely(error.object[:SAMPLE])
                looks = f" The file looks like {guess}: change" if guess else " Change"
                return BrokenFile(
                    name,
                    f"The byte {sign} cannot be read as {encoding.removesuffix('-sig')}.{looks} the encoding of"
                    " the source, or save the file anew. Nothing of it was taken.",
                    line=line,
                )
            newlines += block.count(b"\n")
    return BrokenFile(name, f"The file ends in the middle of a character of {encoding}.")


def _differs(looks_like: str, declared: str) -> str:
    return (
        f"The file is written in {looks_like}, but the source says {declared}. Change the encoding of"
        " the source, or save the file anew. Nothing of it was taken."
    )


def wide_without_mark(sample: bytes) -> str:
    """Return which codec of UTF-16 or UTF-32 a text without a mark is written in, "" for neither.

    Separators, digits and line ends are ASCII in every table of orders: their other bytes are NUL.
    """
    head = sample[:65_536]
    places = [head[place::4].count(0) * 4 for place in range(4)]
    is_nul = [count * 2 >= len(head) > 1 for count in places]
    if is_nul[2] and is_nul[3] and not is_nul[0]:
        return "utf-32-le"
    if is_nul[0] and is_nul[1] and not is_nul[3]:
        return "utf-32-be"
    odd, even = head[1::2].count(0), head[0::2].count(0)
    if (odd + even) * 4 < len(head) or len(head) < 2:
        # Texts in other scripts have few: line ends and digits, all on the same side.
        return _few_nuls(head, odd, even)
    return "utf-16-le" if odd >= even else "utf-16-be"


def _few_nuls(head: bytes, odd: int, even: int) -> str:
    if odd > 8 * max(even, 1) and head.count(b"\n\0"):
        return "utf-16-le"
    return "utf-16-be" if even > 8 * max(odd, 1) and head.count(b"\0\n") else ""


def _is_utf8(sample: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def likely(sample: bytes) -> str | None:
    """Return which of the encodings that sources know a text is most likely in; None when none fits.

    Of several that give the same text the most usual is named.
    """
    # It is asked about broken files only.
    from charset_normalizer import from_bytes  # noqa: PLC0415 - heavy, rarely used

    if wide := wide_without_mark(sample):
        return wide[:6]
    by_codec = {codecs.lookup(encoding).name: encoding for encoding in ENCODINGS}
    best = from_bytes(sample, cp_isolation=list(by_codec)).best()
    if best is None:
        return None
    same_text = {codecs.lookup(codec).name for codec in best.could_be_from_charset}
    return next((encoding for codec, encoding in by_codec.items() if codec in same_text), None)
