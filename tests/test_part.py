"""A part of the tests is the same for the same word, and no file is left out by every word."""

from tests.conftest import ROOT
from tests.part import ALWAYS, is_drawn

FILES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests").rglob("test_*.py"))


def drawn(word):
    return {path for path in FILES if is_drawn(path, f"8:{word}")}


def test_an_eighth_is_drawn_and_always_what_rests_on_the_servers():
    always = {path for path in FILES if path.startswith(ALWAYS)}
    assert all(any(path.startswith(place) for path in FILES) for place in ALWAYS)
    for word in ("1f0c", "9b31"):
        assert drawn(word) == drawn(word) >= always
        assert len(FILES) / 16 < len(drawn(word) - always) < len(FILES) / 5


def test_every_file_is_in_a_part_of_some_commit():
    assert set().union(*(drawn(str(number)) for number in range(200))) == set(FILES)
