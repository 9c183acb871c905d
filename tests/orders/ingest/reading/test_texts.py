"""Texts go into the database and come out as they were; in messages they are short and on one line."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.ingest.errors import BadCell
from orders.ingest.reading.texts import _EDGES, NULL, clean, escape, says_nothing, shown, unescape
from orders.ingest.statement import create
from orders.ingest.temporary import PRODUCT

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=30)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=st.lists(texts, min_size=1, max_size=5))
def test_escaped_texts_come_back_from_the_database_as_they_were(in_mercy, written):
    create(PRODUCT)
    with connection.cursor() as cursor:
        with cursor.copy(PRODUCT.copy_sql()) as copy:
            for place, text in enumerate(written):
                copy.write(f"{place}\t{escape(text)}\t\n")
        cursor.execute("SELECT code FROM prm_product ORDER BY product")
        assert [row[0] for row in cursor.fetchall()] == written


@given(st.text())
def test_equal_texts_and_only_those_are_equal_when_escaped(text):
    assert unescape(escape(text)) == text or text == NULL
    assert not set(escape(text)) & {"\t", "\n", "\r"}


def test_null_is_nothing_in_messages():
    assert unescape(NULL) == ""


@given(st.text())
def test_text_in_a_message_is_one_short_line(text):
    line = shown(text)
    assert len(line) <= 60 and "\n" not in line and "\0" not in line


@given(st.text(), st.text(alphabet=" \t\n\u00a0"))
def test_blanks_around_a_cell_mean_nothing(text, blank):
    if "\0" in text:
        with pytest.raises(BadCell, match="NUL"):
            clean(text)
    else:
        assert clean(f"{blank}{text}{blank}") == clean(text) in (text.strip(_EDGES), "")
        assert clean(text) or says_nothing(text.strip(_EDGES))


@pytest.mark.parametrize(
    "word",
    ["-", "--", "\u2014", "\u2012\u2012", "_", "NULL", "(null)", "[NULL]", "<None>", "{blank}", "(empty)", "nil", "NaN", "NaT", "-nan", "<NA>",
     "n/a", "N.A.", "n. a.", "k.A.", "not available", "undefined", "#N/A", "#REF!", "#DIV/0!", "#NULL", "...", "\u2026", '=""', '="-"',
     "\u200bNULL\u200b"],
)  # fmt: skip
def test_a_word_for_nothing_is_nothing(word):
    assert clean(word) == clean(f" {word} ") == ""


@pytest.mark.parametrize(
    "word", ["NA", "0", "none-1", "N", "nullable", "x-", "-1", "1-", "a_b", "(A)", "[null"]
)
def test_what_may_be_a_code_is_one(word):
    assert clean(word) == word


def test_a_text_that_is_kept_from_a_spreadsheet_is_that_text():
    assert [clean(cell) for cell in ('="0017"', '=" A ""b"" "', '="a"&"b"', "=1+1")] == [
        "0017", 'A "b"', '="a"&"b"', "=1+1",
    ]  # fmt: skip
