"""The one table of reasons why lines are rejected."""

from pathlib import Path

import pytest

from orders.ingest.states import RejectReason
from orders.rejects.models import RejectedLine
from orders.sources.spec import FIELDS

PAPER = Path(__file__).parents[3] / "docs" / "administrators.md"
BEGIN, END = "<!-- reasons of rejected lines -->", "<!-- end of reasons -->"


def test_reasons_are_documented_as_they_are():
    rows = [f"| `{r}` | {r.heading} | {r.advice or 'the line says it'} |" for r in RejectReason]
    wanted = "\n".join(["| reason | means | what to do |", "|---|---|---|", *rows])
    assert PAPER.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0].strip() == wanted


@pytest.mark.parametrize("reason", list(RejectReason))
def test_reason_is_a_stable_word_with_a_heading_and_a_field_that_there_is(reason):
    assert reason == reason.name.lower() and len(reason) <= 32
    assert reason.heading and not reason.heading.endswith(".")
    assert reason.field in {"", *FIELDS}
    assert not reason.advice or reason.advice.endswith(".")


def test_reason_is_found_by_its_code_only():
    assert RejectReason.of("two_codes") is RejectReason.TWO_CODES
    assert RejectReason.of("Two referral codes in one order") is None


def test_line_says_what_to_do_in_words_of_its_reason_or_its_own():
    line = RejectedLine(reason="date_missing", message="The line has no date.")
    assert (line.heading, line.advice) == ("Date missing", "Type the day.")
    line = RejectedLine(reason="nul_character", message="'a␀' holds a NUL character.")
    assert line.advice == "'a␀' holds a NUL character."
    assert RejectedLine(reason="of_old", message="").heading == "of_old"
