"""A logo is a PNG by its content, drawn anew; all else is refused in words."""

import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.company.settings.logo import LARGEST_FILE, read_logo
from prm.core.errors import Refused
from tests.company.factories import chunk, png


@pytest.mark.parametrize(("kind", "bits"), [(0, 1), (0, 8), (2, 8), (2, 16), (3, 4), (4, 8), (6, 8)])
def test_every_kind_of_picture_is_drawn_anew_and_read_again(kind, bits):
    logo = read_logo(png(40, 20, kind=kind, bits=bits))
    assert (logo.width, logo.height) == (40, 20)
    assert read_logo(logo.png).png == logo.png


def test_nothing_but_the_picture_stays():
    hidden = chunk(b"tEXt", b"Comment\0<script>alert(1)</script>") + chunk(b"eXIf", b"somewhere")
    logo = read_logo(png(extra=hidden, tail=b"<?php evil ?>"))
    for word in (b"script", b"somewhere", b"evil", b"tEXt"):
        assert word not in logo.png
    assert logo.png.endswith(chunk(b"IEND", b""))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xd8\xff\xe0JFIF", "a JPEG picture"),
        (b"GIF89a", "a GIF picture"),
        (b"RIFF1234WEBP", "a WebP picture"),
        (b"<svg onload=alert(1)>", "an SVG drawing"),
        (b"  \n<html>", "a web page"),
        (b"%PDF-1.7", "a PDF"),
        (b"PK\3\4", "an archive"),
        (b"hello", "no picture that we know"),
        (b"", "no picture that we know"),
    ],
)
def test_other_files_are_named(content, words):
    with pytest.raises(Refused, match=words) as refused:
        read_logo(content)
    assert refused.value.field == "logo"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (png(8, 16), "16 to 1024 pixels"),
        (png(16, 2000), "16 to 1024 pixels"),
        (png(laced=1), "interlaced"),
        (png(kind=5), "kind of colour"),
        (png(rows=b"\0"), "other pixels"),
        (png(rows=b"\0" * 10_000_000), "other pixels"),
        (png(rows=(b"\7" + b"\0" * 48) * 16), "packed in no known way"),
        (png()[:-20], "broken"),
        (png().replace(b"IHDR", b"IHDX"), "checksum"),
        (png().replace(zlib.compress((b"\0" + b"\x80" * 48) * 16), b"x" * 8), "broken"),
        (b"\x89PNG\r\n\x1a\n", "broken"),
        (png() + b"x" * LARGEST_FILE, "512 KB at most"),
    ],
)
def test_what_is_no_whole_picture_is_refused(content, words):
    with pytest.raises(Refused, match=words):
        read_logo(content)


@given(st.binary(max_size=400), st.integers(8, 120))
def test_no_bytes_make_it_fail_otherwise(noise, at):
    content = png()
    with suppress(Refused):
        assert read_logo(content[:at] + noise + content[at + len(noise) :]).png
