"""Whether a file is in the encoding its source declares, and a clear word when it is not."""

import codecs
import io
from pathlib import Path

from orders.ingest.errors import BrokenFile

SAMPLE = 262_144
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHER_FILES = (
    (b"\xd0\xcf\x11\xe0", "an Excel file of the old kind (.xls): save it as .xlsx or CSV"),
    (b"%PDF", "a PDF file: export the orders as CSV or XLSX"),
    (b"\x1f\x8b", "a gzip file: unpack it first"),
    (b"PK\x03\x04", "a ZIP file: unpack it first"),
)


def check(raw: io.BufferedReader, declared: str, name: str) -> str:
    """The codec to read with. Looks at the beginning of the file and rewinds.

    Raises :class:`BrokenFile` when the beginning shows another encoding, or no text at all.
    A UTF-8 mark (BOM) at the beginning is accepted and dropped.
    """
    sample = raw.read(SAMPLE)
    raw.seek(0)
    for magic, what in _OTHER_FILES:
        if sample.startswith(magic):
            raise BrokenFile(name, f"This is {what}.")
    marked = next((encoding for bom, encoding in _BOMS if sample.startswith(bom)), None)
    if marked is not None and marked != declared:
        raise BrokenFile(name, _differs(marked, declared))
    if marked is not None:
        return "utf-8-sig" if marked == "utf-8" else marked
    if declared == "utf-16":
        if b"\0" in sample:
            return _utf16_without_mark(sample)
        raise BrokenFile(name, _differs(_guess(sample), declared))
    if sample[:4096].count(0) * 4 >= len(sample[:4096]) > 1:
        raise BrokenFile(name, _differs("utf-16", declared))
    if declared != "utf-8" and not sample.isascii() and _is_utf8(sample):
        raise BrokenFile(name, _differs("utf-8", declared))
    return declared


def located(path: Path, encoding: str, name: str) -> BrokenFile:
    """The error for a file that stopped being readable somewhere, with the line."""
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
                return BrokenFile(
                    name,
                    f"The byte {sign} cannot be read as {encoding.removesuffix('-sig')}. The file looks"
                    f" like {_guess(error.object[: error.end + 64])}: change the encoding of the source, or"
                    " save the file anew. Nothing of it was taken.",
                    line=line,
                )
            newlines += block.count(b"\n")
    return BrokenFile(name, f"The file ends in the middle of a character of {encoding}.")


def _differs(looks_like: str, declared: str) -> str:
    return (
        f"The file is written in {looks_like}, but the source says {declared}. Change the encoding of"
        " the source, or save the file anew. Nothing of it was taken."
    )


def _utf16_without_mark(sample: bytes) -> str:
    return "utf-16-le" if sample[1::2].count(0) >= sample[0::2].count(0) else "utf-16-be"


def _is_utf8(sample: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _guess(sample: bytes) -> str:
    if sample.count(0) * 4 >= len(sample):
        return "utf-16"
    if _is_utf8(sample):
        return "utf-8"
    # In cp1252 these five bytes mean nothing; old DOS and Mac files use them.
    return "iso-8859-1" if any(byte in sample for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)) else "cp1252"
