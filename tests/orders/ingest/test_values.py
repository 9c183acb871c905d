"""What a cell means: what is blank, whose row it is, what a spreadsheet has made of it, which day it is."""

import pytest

from orders.book.models import Order
from orders.rejects.models import RejectedLine
from partners.directory.models import Partner
from partners.standing.models import PartnerMonth
from tests.orders.factories import csv_text, import_rows, make_source, run_import

COLUMNS = {"number": "No", "date": "Date", "code": "Code", "amount": "Amount"}
HEADER = "No,Date,Code,Amount"
SHOP = COLUMNS | {"state": "Status", "currency": "Currency"}
SHOP_HEADER = "No,Date,Code,Amount,Status,Currency"
STATES = {"paid": "completed", "voided": "cancelled", "pending": "received"}


def take(*rows, header=HEADER, **spec):
    source = make_source(**{"columns": COLUMNS, "create_partners": True} | spec)
    return run_import(source, csv_text(*rows, header=header))


def shop(*rows, **spec):
    return take(*rows, header=SHOP_HEADER, columns=SHOP, **{"states": STATES} | spec)


def orders(*fields):
    return list(Order.objects.order_by("number").values_list("number", *fields))


def reasons():
    return [(line.line_no, line.reason) for line in RejectedLine.objects.order_by("line_no")]


# --- blank ----------------------------------------------------------------------------------------


def test_rows_below_an_order_take_state_currency_and_day_from_the_row_above(in_mercy):
    shop(
        "#1,2026-11-20,LIN,40,voided,USD", "#1,,,20,,", "#2,2026-11-20,LIN,40,pending,USD", "#2,,,5,NULL,-",
        "#3,2026-11-04,LIN,20,paid,USD", "#3,,,60,,",
    )  # fmt: skip
    assert [(n, s, int(a)) for n, s, a in orders("state", "amount")] == [
        ("#1", "cancelled", 60), ("#2", "received", 45), ("#3", "completed", 80),
    ]  # fmt: skip
    assert reasons() == []


def test_what_the_source_says_of_blank_holds_only_where_no_row_above_says_more(in_mercy):
    shop(
        "#1,2026-11-20,LIN,40,voided,USD",
        "#1,,,20,,",
        "#2,2026-11-20,LIN,7,,",
        states=STATES | {"": "completed"},
        currency="USD",
    )
    assert orders("state") == [("#1", "cancelled"), ("#2", "completed")]


def test_a_row_above_of_another_order_says_nothing(in_mercy):
    shop(
        "#1,2026-11-20,LIN,40,voided,USD",
        "#2,,LIN,20,paid,USD",
        "#3,2026-11-20,LIN,20,,USD",
        "#4,2026-11-20,LIN,20,paid,",
    )
    assert orders() == [("#1",)]
    assert reasons() == [(3, "date_missing"), (4, "state_missing"), (5, "currency_missing")]


def test_a_row_without_a_number_belongs_to_no_order(in_mercy):
    shop("#1,2026-11-20,LIN,40,paid,USD", ",,,40,,")
    assert [int(a) for _, a in orders("amount")] == [40]
    assert reasons() == [(3, "number_missing")]


def test_rows_below_are_found_across_blocks_of_lines_and_rejected_lines(in_mercy):
    rows = [f"#{n},2026-11-20,LIN,1,paid,USD" for n in range(499)]
    shop(*rows, "#X,2026-11-20,LIN,1,voided,USD", "#X,,,x,,", "#X,,,2,,")
    assert Order.objects.get(number="#X").state == "cancelled"
    assert [reason for _, reason in reasons()] == ["not_a_number"]
    # The rejected line keeps what it took from above, so that it can be corrected by itself.
    assert RejectedLine.objects.get().raw["state"] == "voided"


@pytest.mark.parametrize(
    "nothing", ["NULL", "#N/A", "nan", "None", "-", "n/a", "#REF!", "#NV", "\u200b\ufeff", "\u00a0"]
)
def test_no_partner_is_made_of_a_word_for_nothing(in_mercy, nothing):
    take(f"1,2026-11-01,{nothing},10", "2,2026-11-01,REAL1,5")
    assert list(Partner.objects.values_list("name", flat=True)) == ["REAL1"]


@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#WERT!"])
def test_a_spreadsheets_error_is_no_quantity_and_no_amount(in_mercy, error):
    take(
        f"1,2026-11-01,A,{error},10", header="No,Date,Code,Qty,Amount", columns=COLUMNS | {"quantity": "Qty"}
    )
    assert reasons() == [(2, "not_a_number")]


# --- numbers and codes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", ["4.50012E+11", "4,5E+11", "1.2345678901234568e+18", "1E+15", "2026-05-03 (date cell)"]
)
def test_what_a_spreadsheet_has_changed_is_rejected(in_mercy, number):
    take(f'"{number}",2026-11-01,SCI,10', f'2,2026-11-01,"{number}",10')
    assert orders() == []
    assert reasons() == [(2, "changed_by_spreadsheet"), (3, "changed_by_spreadsheet")]


def test_an_order_has_one_number_with_and_without_a_float_tail(in_mercy):
    take("2,2026-11-01,A,10", "2.0,2026-11-01,A,5", "02,2026-11-01,A,1")
    assert [(n, int(a)) for n, a in orders("amount")] == [("02", 1), ("2", 15)]


@pytest.mark.parametrize(
    "written",
    [
        "ZW100",
        "\u200bZW100",
        "ZW100\ufeff",
        "Z\u00adW100",
        "\uff3a\uff37\uff11\uff10\uff10",
        "zw100",
        " ZW100\u00a0",
    ],
)
def test_a_code_is_what_people_see(in_mercy, written):
    take("1,2026-11-01,ZW100,10", f"2,2026-11-01,{written},10")
    assert Partner.objects.get().name == "ZW100"


def test_composed_and_decomposed_letters_hyphens_and_headings_are_the_same(in_mercy):
    take(
        "1,2026-11-01,M\u00dcLLER-1,10", "2,2026-11-01,MU\u0308LLER\u20111,10",
        header="No,Date,Code,Betrag fu\u0308r Ha\u0308ndler", columns=COLUMNS | {"amount": "Betrag f\u00fcr H\u00e4ndler"},
    )  # fmt: skip
    assert Partner.objects.get().name == "M\u00dcLLER-1"


def test_letters_of_two_alphabets_that_look_alike_are_no_code(in_mercy):
    take("1,2026-11-01,\u0410B1,10", "2,2026-11-01,\u0410\u0411\u04121,10")
    assert reasons() == [(2, "mixed_letters")]
    assert Partner.objects.get().name == "\u0410\u0411\u04121"


# --- days -----------------------------------------------------------------------------------------


def test_one_impossible_date_rejects_its_line_and_not_the_run(in_mercy):
    take(
        "1,2026-11-01T10:00:00-05:00,A,10", "2,9999-12-31T23:59:59-05:00,A,20", "3,0001-01-01T00:00:00+05:00,A,20",
        "4,2026-11-02,A,30",
    )  # fmt: skip
    assert orders() == [("1",), ("4",)]
    assert reasons() == [(3, "date_out_of_range"), (4, "date_out_of_range")]


@pytest.mark.parametrize(
    "zone", ["Europe/Moscow", "Pacific/Kiritimati", "Pacific/Honolulu", "America/New_York"]
)
def test_a_day_without_a_time_is_that_day_in_every_zone(in_mercy, zone):
    take("1,2026-11-01,A,10", timezone=zone)
    assert (
        Order.objects.get().month.isoformat() == PartnerMonth.objects.get().month.isoformat() == "2026-11-01"
    )
    assert PartnerMonth.objects.get().first_on.isoformat() == "2026-11-01"


def test_a_date_cell_needs_no_format_and_is_never_swapped(in_mercy):
    take("1,2026-11-05 (date cell),A,10", date_formats=["%Y-%d-%m"])
    assert PartnerMonth.objects.get().first_on.isoformat() == "2026-11-05"


@pytest.mark.parametrize(
    ("pattern", "written"),
    [("%Y-%m-%dT%H:%M:%SZ", "2026-05-03T23:30:00Z"), ("%Y-%m-%d %H:%M:%S UTC", "2026-05-03 23:30:00 UTC")],
)
def test_a_moment_that_says_utc_is_in_utc_whatever_the_zone_of_the_source(in_mercy, pattern, written):
    import_rows(make_source(date_formats=[pattern], timezone="Asia/Tokyo"), f"1,{written},77,A,1,10")
    assert Order.objects.get().placed_at.isoformat() == "2026-05-03T23:30:00+00:00"


def test_a_whole_number_with_the_fraction_of_another_country_is_that_number(in_mercy):
    rows = [
        "1001;2026-05-03;77,0;A;1;10",
        "1001,0;2026-05-03;77;B;1;10",
        "1001,00;2026-05-03;77;C;1;10",
        "1,000;2026-05-03;78;A;1;10",
    ]
    run_import(
        make_source(delimiter=";", decimal_mark=","), csv_text(*rows, header="No;Date;Code;Item;Qty;Price")
    )
    assert set(Order.objects.values_list("number", "code", "amount")) == {
        ("1001", "77", 30),
        ("1,000", "78", 10),
    }


@pytest.mark.parametrize("alike", ["\u0420\u0421100", "\u03a1\u039f100"])
def test_no_partner_is_made_of_a_code_that_looks_like_anothers(in_mercy, alike):
    """All of its letters are of another alphabet, so it is a code of its own; people say whose, as they see no difference."""
    latin = {"\u0420\u0421100": "PC100", "\u03a1\u039f100": "PO100"}[alike]
    source = make_source(create_partners=True)
    import_rows(
        source,
        f"1,2026-05-03,{latin},A,1,10",
        f"2,2026-05-03,{alike},A,1,10",
        "3,2026-05-03,\u0416\u0410100,A,1,10",
    )
    assert set(Partner.objects.values_list("name", flat=True)) == {latin, "\u0416\u0410100"}
    assert [order.number for order in Order.objects.unattributed()] == ["2"]
    import_rows(
        make_source("Alone", create_partners=True, code_scheme="B"), "1,2026-05-03,\u0410\u0412200,A,1,10"
    )
    assert Partner.objects.filter(codes__normal="\u0410\u0412200").exists()


@pytest.mark.parametrize("half", ["PM", "pm", "p.m.", "P.M.", "p. m."])
def test_halves_of_the_day_are_read_as_people_write_them(in_mercy, half):
    import_rows(
        make_source(date_formats=["%Y-%m-%d %I:%M %p"], timezone="UTC"),
        f"1,2026-05-03 01:30 {half},77,A,1,10",
    )
    assert Order.objects.get().placed_at.isoformat() == "2026-05-03T13:30:00+00:00"


def test_rows_of_an_order_that_do_not_follow_one_another_take_what_its_first_row_says(in_mercy):
    shop(
        "1001,2026-11-20,LIN,40,voided,USD",
        "2,2026-11-21,BO,5,paid,EUR",
        "1001.0,,,20,,",
        "2,,,1,,",
        "1001,,,3,NULL,-",
    )
    assert [(n, s, c, int(a), day.day) for n, s, c, a, day in orders("state", "currency", "amount", "placed_at")] == [
        ("1001", "cancelled", "USD", 63, 20), ("2", "completed", "EUR", 6, 21),
    ]  # fmt: skip
    assert reasons() == []


def test_a_blank_state_that_the_source_gives_a_meaning_is_still_that_of_its_order(in_mercy):
    shop(
        "1,2026-11-20,LIN,40,voided,USD",
        "2,2026-11-21,BO,5,,USD",
        "1,,,20,,",
        states={**STATES, "": "completed"},
    )
    assert [(n, s, int(a)) for n, s, a in orders("state", "amount")] == [
        ("1", "cancelled", 60),
        ("2", "completed", 5),
    ]


def test_several_blanks_inside_a_number_or_a_code_are_one(in_mercy):
    take(
        "A  1,2026-11-20,R  7,40",
        "A 1,2026-11-20,R 7,20",
        "A\u00a01,2026-11-20,R\u20037,5",
        "A1,2026-11-20,R7,1",
    )
    assert [(n, c, int(a)) for n, c, a in orders("code", "amount")] == [("A 1", "R 7", 65), ("A1", "R7", 1)]


@pytest.mark.parametrize("sign", ["$40", "US$ 40", "40 kr", "¥40", "\\40", "£40", "Rs. 40", "40 zł"])
def test_an_amount_with_the_sign_of_another_currency_is_rejected(in_mercy, sign):
    take(f"1,2026-11-20,LIN,{sign}", currency="EUR")
    assert reasons() == [(2, "other_currency")]


@pytest.mark.parametrize(
    ("sign", "currency"),
    [("$40", "CAD"), ("US$ 40", "USD"), ("40 kr", "NOK"), ("¥40", "CNY"), ("\\40", "JPY"), ("Rs 40", "PKR")],
)
def test_a_sign_of_several_currencies_is_the_sources_where_it_has_it(in_mercy, sign, currency):
    take(f"1,2026-11-20,LIN,{sign}", currency=currency)
    assert [(c, int(a)) for _, c, a in orders("currency", "amount")] == [(currency, 40)]


def test_a_column_of_currencies_takes_signs_of_one_and_of_the_source(in_mercy):
    rows = (
        "1,2026-11-20,L,1,paid,US$",
        "2,2026-11-20,L,1,paid,€",
        "3,2026-11-20,L,1,paid,$",
        "4,2026-11-20,L,1,paid,kr",
    )
    shop(*rows, currency="CAD")
    assert orders("currency") == [("1", "USD"), ("2", "EUR"), ("3", "CAD")]
    assert reasons() == [(5, "unknown_currency")]
