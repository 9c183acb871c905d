"""What a file may be written in: advice for people, never a reading of its own."""

import io

import pytest

from orders.doors.files import encodings
from orders.ingest.errors import BrokenFile
from orders.sources.spec import ENCODINGS

WEST = "1,2026-05-03,Müller & Söhne Straße café Ångström señor\n"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp850", "mac-roman", "utf-16"])
def test_likely_encoding_is_one_that_sources_know(encoding):
    assert encodings.likely((WEST * 20).encode(encoding)) == encoding


def _holds_west(encoding):
    try:
        "Müller Söhne Straße café".encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


# Little text in mac-roman cannot be told from other encodings.
@pytest.mark.parametrize(
    "encoding", [name for name in ENCODINGS if name != "mac-roman" and _holds_west(name)]
)
def test_likely_encoding_reads_the_text_as_it_was_meant(encoding):
    text = "1,2026-05-03,Müller & Söhne Straße café\n" * 20
    guess = encodings.likely(text.encode(encoding))
    assert guess is not None
    assert text.encode(encoding).decode(guess) == text


def test_of_several_that_read_the_same_the_most_usual_is_named():
    assert encodings.likely((WEST * 20).encode("iso-8859-15")) == "cp1252"


def test_text_without_nul_where_utf16_was_declared():
    with pytest.raises(BrokenFile, match=r"written in cp1252, but the source says utf-16"):
        encodings.check(io.BufferedReader(io.BytesIO((WEST * 20).encode("cp1252"))), "utf-16", "may.csv")


def test_guess_does_not_change_what_is_read():
    raw = io.BufferedReader(io.BytesIO((WEST * 20).encode("cp850")))
    assert encodings.check(raw, "cp1252", "may.csv") == "cp1252"
    assert raw.tell() == 0


@pytest.mark.parametrize(
    ("content", "declared", "codec"),
    [
        (b"\xef\xbb\xbfNo,Date\n", "utf-8", "utf-8-sig"),
        ("No,Date\n".encode("utf-16"), "utf-16", "utf-16"),
        ("No,Date\n".encode("utf-16-le"), "utf-16", "utf-16-le"),
        ("No,Date\n".encode("utf-16-be"), "utf-16", "utf-16-be"),
        (b"No,Date\n", "cp1252", "cp1252"),
    ],
)
def test_codec_follows_the_declared_encoding_and_the_mark(content, declared, codec):
    assert encodings.check(io.BufferedReader(io.BytesIO(content)), declared, "may.csv") == codec


def test_file_that_ends_in_the_middle_of_a_character(tmp_path):
    path = tmp_path / "may.csv"
    path.write_bytes(b"No\n1\xc3")
    assert "ends in the middle of a character of utf-8" in encodings.located(path, "utf-8", "may.csv").message
