"""A mark's colour carries white letters, or is refused with one that does."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.company.settings.colour import LEAST, PALETTE, checked_colour, contrast_with_white, darkened
from prm.core.errors import Refused
from tests.conftest import ROOT

colours = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)


@pytest.mark.parametrize(("colour", "contrast"), [("#ffffff", 1), ("#000000", 21), ("#767676", 4.54)])
def test_contrast_is_that_of_wcag(colour, contrast):
    assert contrast_with_white(colour) == pytest.approx(contrast, abs=0.01)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("", ""), ("  ", ""), ("#8C2F45", "#8c2f45"), ("8c2f45", "#8c2f45"), ("#036", "#003366")],
)
def test_a_colour_is_kept_in_one_form(typed, kept):
    assert checked_colour(typed) == kept


@pytest.mark.parametrize("typed", ["red", "#12", "#gggggg", "rgb(1,2,3)", "#8c2f45;}", "url(x)"])
def test_what_is_no_colour_is_refused(typed):
    with pytest.raises(Refused, match="six digits"):
        checked_colour(typed)


def test_one_that_is_too_light_is_refused_with_a_darker_one_that_does():
    with pytest.raises(Refused) as refused:
        checked_colour("#ffd400")
    assert "1.4:1" in refused.value.message
    advised = re.search(r"(#[0-9a-f]{6}) is the nearest", refused.value.message)[1]
    assert checked_colour(advised) == advised


@given(colours)
def test_darkening_ends_in_a_colour_that_is_taken(colour):
    found = darkened(colour)
    assert contrast_with_white(found) >= LEAST
    assert checked_colour(found) == found


def test_the_palette_is_that_of_the_style_sheet_and_is_taken():
    css = (ROOT / "prm/static/prm/tokens.css").read_text()
    written = re.findall(r"\.prm-mark-(\d) \{ background: (#[0-9a-f]{6}); \}", css)
    assert [colour for _, colour in sorted(written)] == list(PALETTE)
    assert [checked_colour(colour) for colour in PALETTE] == list(PALETTE)
