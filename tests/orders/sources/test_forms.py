"""The form of a source shows what the source says, and says back what was typed."""

import pytest

from orders.sources.forms import SourceForm, initial_of
from orders.sources.service import save_source
from orders.sources.spec import Spec
from tests.orders.factories import COLUMNS, make_source

TYPED = {
    "name": "Meditech", "header": "on", "encoding": "utf-8", "delimiter": ",", "decimal_mark": ".",
    "date_format": "%m/%d/%Y, iso", "partner_kind": "physician", "number_prefixes": "C, X", "is_active": "on",
    "states": "X = cancelled\n\nDone=completed\n", "column_number": "ORD_NO", "column_date": "ORD_DT",
    "column_amount": "NET_AMT",
}  # fmt: skip


def test_what_was_typed_becomes_the_specification():
    form = SourceForm(TYPED)
    assert form.is_valid(), form.errors
    spec = form.cleaned_data["spec"]
    assert spec["columns"] == {"number": "ORD_NO", "date": "ORD_DT", "amount": "NET_AMT"}
    assert spec["date_formats"] == ["%m/%d/%Y", "iso"]
    assert spec["cancellations"] == {"number_prefixes": ["C", "X"], "types": []}
    assert spec["states"] == {"X": "cancelled", "Done": "completed"}
    assert (spec["create_partners"], spec["drop_exact_repeats"]) == (False, False)


def test_numbers_of_columns_are_numbers_where_there_are_no_headings():
    typed = TYPED | {"column_number": "1", "column_date": "2", "column_amount": "3"}
    without = SourceForm({key: value for key, value in typed.items() if key != "header"})
    assert without.is_valid(), without.errors
    assert without.cleaned_data["spec"]["columns"] == {"number": 1, "date": 2, "amount": 3}
    headings = SourceForm(typed)
    assert headings.is_valid()
    assert headings.cleaned_data["spec"]["columns"]["number"] == "1"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"column_date": ""}, "column_date"),
        ({"date_format": "%d.%m"}, "date_format"),
        ({"states": "X = lost"}, "states"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"currency": "XQZ"}, "currency"),
        ({"column_product_name": "Name"}, "column_product_code"),
        ({"column_amount": "ORD_NO"}, "column_number"),
        ({"filters": "Status drop x"}, "filters"),
        ({"filters": "Status: drop x"}, "filters"),
        ({"totals_row": "Total"}, "totals_row"),
        ({"mint_numbers": "on"}, "mint_numbers"),
        ({"column_number_3": "PART"}, "column_number_2"),
        ({"header_number": "ORD_NO", "header_date": "ORD_NO"}, "header_number"),
        ({"header_number": "ORD_NO", "header_number_2": "PART"}, "header_number"),
    ],
)
def test_problem_stands_beside_its_field(typed, field):
    form = SourceForm(TYPED | typed)
    assert not form.is_valid()
    assert field in form.errors or (field == "__all__" and form.errors)


def test_form_of_a_source_saved_as_it_is_changes_nothing(in_mercy):
    source = make_source(
        columns=COLUMNS, states={"x": "cancelled"}, cancellations={"number_prefixes": ["C"], "types": ["credit note"]},
        date_formats=["%d.%m.%Y", "iso"], decimal_mark=",", timezone="Europe/London", create_partners=True,
        filters=[{"column": "a: b", "take": ["x", "y"]}, {"column": "Kind", "leave": ["z"]}],
        minor_units=True, header_columns={"number": "No", "state": "Status"}, header_files="heads*",
    )  # fmt: skip
    shown = {key: value for key, value in initial_of(source).items() if value is not False}
    form = SourceForm(shown)
    assert form.is_valid(), form.errors
    from orders.sources.spec import Spec

    assert Spec.parse(form.cleaned_data["spec"]) == source.rules


def test_totals_and_rows_without_number_are_shown_as_they_are(in_mercy):
    from orders.sources.spec import Spec

    columns = {"date": 1, "amount": 2}
    source = make_source(
        columns=columns, header=False, mint_numbers=True, control_totals={"row": "7", "lines": 1, "amount": 2},
        filters=[{"column": 3, "leave": ["Draft"]}],
    )  # fmt: skip
    form = SourceForm({key: value for key, value in initial_of(source).items() if value is not False})
    assert form.is_valid(), form.errors
    assert Spec.parse(form.cleaned_data["spec"]) == source.rules
    assert form.uses_sieves and form.uses_rare and not form.uses_headers


def test_settings_that_no_field_shows_stay_when_the_page_saves(in_mercy):
    """A source made from a file has such: dropped, the next file would be read otherwise without a word."""
    columns = {"number": "No", "date": "Date", "amount": "Sum", "quantity": "Qty"}
    spec = {
        "columns": columns, "quote": "'", "escape": "\\", "totals": ["Summe"], "decimal_mark": ",",
        "decimal_marks": {"quantity": "."},
    }  # fmt: skip
    source = save_source(None, name="Made", spec=spec)
    shown = initial_of(source)
    form = SourceForm({name: value for name, value in shown.items() if value is not False}, source=source)
    assert form.is_valid(), form.errors
    assert Spec.parse(form.cleaned_data["spec"]) == source.rules
    changed = SourceForm(
        {**{n: v for n, v in shown.items() if v is not False}, "decimal_mark": "."}, source=source
    )
    assert changed.is_valid(), changed.errors
    assert Spec.parse(changed.cleaned_data["spec"]).decimal_marks == {}
