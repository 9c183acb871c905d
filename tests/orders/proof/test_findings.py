"""A column decides its reading with its evidence, or it is a question; a reading is never guessed."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.ingest.reading.dates import canonical_moment
from orders.proof.choices import open_findings, spec_from
from orders.proof.date_findings import date_findings
from orders.proof.fields import likely_fields, state_of
from orders.proof.finding import Place
from orders.proof.findings import (
    findings_of,
    likely_columns,
    missing_of,
    number_finding,
    state_findings,
)
from orders.proof.study import study
from orders.proof.tally import Counting
from orders.sources.spec import Spec
from tests.orders.proof.test_study import EXPORT

BERLIN = Place("Europe/Berlin", "EUR")


def column(*cells, heading="X"):
    counting = Counting(heading, 0)
    counting.add(cells, range(2, len(cells) + 2))
    return counting.tally


def dates(*cells):
    return date_findings(column(*cells), BERLIN)[0]


def test_dates_that_decide_are_counted_with_the_first_that_does():
    found = dates("05/03/2026", "03/04/2026", "14/05/2026", "05/03/2026")
    assert (found.chosen, found.lines) == ("dmy", [(4, "14/05/2026")])
    assert found.evidence == "3 dates fit both readings, 1 only day first, none only month first"


def test_dates_that_fit_both_ways_are_a_question():
    found = dates("05/03/2026", "03/04/2026")
    assert found.is_open
    assert [(r.key, r.changes, r.note) for r in found.readings] == [
        ("dmy", {"date_formats": ["%d/%m/%Y"]}, "reads 2 of 2, 2026-03 to 2026-04"),
        ("mdy", {"date_formats": ["%m/%d/%Y"]}, "reads 2 of 2, 2026-03 to 2026-05"),
    ]


def test_two_readings_in_one_column_are_a_question_with_where_each_stands():
    found = dates("05/14/2026", "05/15/2026", "14/05/2026")
    assert found.is_open and "line 4 to 4 day first, 2 to 3 month first" in found.evidence


@given(
    st.lists(st.dates(date(1991, 1, 1), date(2026, 12, 31)), min_size=1, max_size=30), st.sampled_from("./-")
)
def test_a_chosen_order_of_dates_is_the_one_they_were_written_in(days, mark):
    for order, pattern in (("dmy", "%d{0}%m{0}%Y"), ("mdy", "%m{0}%d{0}%Y")):
        found = dates(*(day.strftime(pattern.format(mark)) for day in days))
        assert found.chosen in (order, "")
        assert found.is_open == all(day.day <= 12 for day in days)


@pytest.mark.parametrize(
    ("cells", "chosen", "formats"),
    [
        (["2026-05-03 10:00", "2026-05-04T11:12:13+02:00"], "ymd", ["iso"]),
        (["20260503", "20261123"], "ymd", ["%Y%m%d"]),
        (["23. Oktober 2026", "1. März 2026"], "dmy", ["%d. %B %Y"]),
        (["23.11.2026 24:00", "3.11.2026"], "dmy", ["%d.%m.%Y %H:%M", "%d.%m.%Y"]),
        (["11/23/2026 2:30 PM"], "mdy", ["%m/%d/%Y %I:%M %p"]),
        (["46349", "46350.5"], "excel", ["excel"]),
        (["2026-05-03 00:00:00 (date cell)"], "typed", ["iso"]),
    ],
)
def test_formats_that_exports_have(cells, chosen, formats):
    found = dates(*cells)
    assert (found.chosen, found.reading and found.reading.changes) == (chosen, {"date_formats": formats})


def test_years_of_two_figures_that_may_stand_anywhere_are_a_question():
    found = dates("05/06/07", "06/07/08")
    assert found.is_open and [reading.key for reading in found.readings] == ["dmy", "mdy", "ymd"]


def test_zone_is_asked_of_times_only():
    assert [f.key for f in date_findings(column("2026-05-03"), BERLIN)] == ["date"]
    zone = date_findings(column("2026-05-03 10:00", "2026-05-03T10:00Z"), BERLIN)[1]
    assert zone.evidence == "1 times name no zone; yours is Europe/Berlin"
    assert "All 1 times carry" in date_findings(column("2026-05-03T10:00Z"), BERLIN)[1].evidence


@pytest.mark.parametrize(
    ("cells", "chosen"),
    [
        (["1.234,56", "5"], "comma"), (["1,234.56", "5"], "point"), (["1.250", "2.000"], ""), (["5", "6"], "any"),
        (["1.250", "1,5"], "comma"), (["1,5", "1.5"], ""),
    ],
)  # fmt: skip
def test_decimal_mark_is_what_the_column_shows(cells, chosen):
    assert number_finding("quantity", column(*cells)).chosen == chosen


def test_question_of_the_mark_says_what_each_makes_of_the_whole():
    found = number_finding("quantity", column("1.250", "2.000"))
    assert [r.note for r in found.readings] == [
        "reads 2 of 2; they sum to 3.25",
        "reads 2 of 2; they sum to 3,250",
    ]


@given(st.lists(st.decimals(0, 10**7, places=2), min_size=1, max_size=30))
def test_a_chosen_mark_gives_the_sum_that_was_written(amounts):
    written = [f"{amount:,}".translate(str.maketrans(",.", ".,")) for amount in amounts]
    tally = column(*written)
    assert number_finding("amount", tally).chosen == "comma"
    assert tally.numbers.sums[","] == str(sum(amounts))


def test_words_of_our_lists_are_known_and_abbreviations_asked_about():
    found = {f.key: f.chosen for f in state_findings(column("erledigt", "Livré", "STO"))}
    assert found == {"state:erledigt": "completed", "state:livré": "completed", "state:sto": ""}


@pytest.fixture
def export(tmp_path):
    def write(text=EXPORT):
        path = tmp_path / "orders.csv"
        path.write_bytes(text.encode("cp1252"))
        found = study(path, path.name)
        columns = likely_columns(found)
        return found, columns, findings_of(found, columns, BERLIN)

    return write


def test_an_export_that_decides_all_makes_a_source_without_a_question(export):
    found, columns, findings = export()
    assert open_findings(findings, {}) == [] and missing_of(columns) == []
    spec = Spec.parse(spec_from(found, columns, findings, {}))
    assert (spec.encoding, spec.delimiter, spec.decimal_mark, spec.date_formats) == (
        "utf-8",
        ";",
        ",",
        ("%d.%m.%Y",),
    )
    assert spec.totals == ("summe",) and spec.states == {"erledigt": "completed", "storniert": "cancelled"}
    assert spec.columns == {
        "number": "AUFTRNR", "date": "DATUM", "code": "ZUW_NR", "amount": "BETRAG", "state": "STATUS",
    }  # fmt: skip


def test_answers_settle_questions_and_may_change_what_was_decided(export):
    found, columns, findings = export(EXPORT.replace("erledigt", "ERL"))
    assert [finding.key for finding in open_findings(findings, {})] == ["state:erl"]
    spec = spec_from(found, columns, findings, {"state:erl": "scheduled", "state:storniert": "completed"})
    assert spec["states"] == {"erl": "scheduled", "storniert": "completed"}


def test_currency_is_the_one_that_amounts_name_or_the_tenants(export):
    _, _, findings = export()
    assert findings[-1].evidence == "No column names one; yours is EUR"
    _, _, findings = export(EXPORT.replace("5,00;", "5,00 USD;").replace("7,00;", "$7,00;"))
    assert (findings[-1].chosen, findings[-1].leaning) == ("", "USD")
    assert findings[-1].evidence == "1 amount has USD, 1 amount has $; 1 name nothing"


def test_column_that_cannot_hold_the_field_of_its_heading_is_not_taken(export):
    _, columns, _ = export(EXPORT.replace("03.05.2026", "soon").replace("14.05.2026", "later"))
    assert missing_of(columns) == ["Order date"]


@pytest.mark.parametrize(
    "written",
    [
        ("3 novembre 2026", "14 août 2026", "1er févr. 2026"), ("Nov 3, 2026", "August 14, 2026", "Feb 1, 2026"),
        ("3 de noviembre de 2026", "14 de agosto de 2026", "1º de febrero de 2026"),
        ("Tue, 03 Nov 2026 10:00:00 +0100", "Fri, 14 Aug 2026 10:00:00 +0100", "Sun, 01 Feb 2026 10:00:00 +0100"),
        ("Di., 3. Nov. 2026", "Fr., 14. Aug. 2026", "So., 1. Feb. 2026"), ("2026-Nov-03", "2026-Aug-14", "2026-Feb-01"),
        ("3rd November 2026", "14th August 2026", "1st February 2026"), ("3 ноября 2026 г.", "14 августа 2026 г.", "1 февраля 2026 г."),
        ("2026. november 3.", "2026. augusztus 14.", "2026. február 1."), ("2026. 11. 03.", "2026. 08. 14.", "2026. 02. 01."),
        ("20261103T143000Z", "20260814T143000Z", "20260201T143000Z"), ("20261103143000", "20260814143000", "20260201143000"),
        ("03.11.2026 14.30", "14.08.2026 14.30", "01.02.2026 14.30"), ("03/11/2026 14h30", "14/08/2026 14h30", "01/02/2026 14h30"),
        ("03.11.2026 14:30 Uhr", "14.08.2026 14:30 Uhr", "01.02.2026 14:30 Uhr"),
        ("03/11/2026 2:30 p. m.", "14/08/2026 2:30 p. m.", "01/02/2026 2:30 p. m."),
    ],
)  # fmt: skip
def test_dates_as_countries_and_programs_write_them_are_read_by_what_is_found(written):
    found = dates(*written)
    formats = found.reading.changes["date_formats"]
    read = [
        canonical_moment(text, formats, zone=ZoneInfo("UTC"), today=date(2026, 11, 23)) for text in written
    ]
    assert [text[:10] for text in read] == ["2026-11-03", "2026-08-14", "2026-02-01"]


def test_amounts_with_the_sign_of_several_currencies_are_the_tenants_only_where_it_has_it(export):
    dollars = EXPORT.replace("1.234,56", "$1.234,56").replace("5,00;", "$5,00;").replace("7,00;", "$7,00;")
    _, _, findings = export(dollars)
    assert findings[-1].is_open and [r.key for r in findings[-1].readings][:2] == ["USD", "CAD"]
    assert findings[-1].evidence == "3 amounts have $"
    found, columns, _ = export(dollars)
    (asked,) = [f for f in findings_of(found, columns, Place("UTC", "CAD")) if f.key == "currency"]
    assert (asked.chosen, asked.reading.changes) == ("CAD", {"currency": "CAD"})


def test_amounts_that_name_different_currencies_are_a_question(export):
    _, _, findings = export(EXPORT.replace("5,00;", "€ 5,00;").replace("7,00;", "$7,00;"))
    assert findings[-1].is_open and {"EUR", "USD"} <= {r.key for r in findings[-1].readings}
    assert "amounts of others are rejected" in findings[-1].evidence


def test_orders_without_a_currency_in_a_column_of_them_are_a_question_and_never_the_tenants_by_itself(export):
    text = "No;Date;Amount;Currency\n1;2026-11-13;5,00;USD\n2;2026-11-13;5,00;\n3;2026-11-13;5,00;kr\n"
    found, columns, findings = export(text)
    (asked,) = open_findings(findings, {})
    assert (asked.key, [r.key for r in asked.readings]) == ("currency:", ["USD", "EUR", "none"])
    assert "currency" not in spec_from(found, columns, findings, {"currency:": "none"})
    assert spec_from(found, columns, findings, {"currency:": "USD"})["currency"] == "USD"


def test_a_column_of_the_tenants_own_word_says_whose_an_order_is_and_a_name_alone_makes_no_product(export):
    found, columns, _ = export("Order No;Date;Amount;Broker;Description\n1;2026-11-13;5,00;B1;x\n")
    assert columns == {"number": 0, "date": 1, "amount": 2}
    assert likely_columns(found, partners=["Broker", "Brokers"])["code"] == 3


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        ("VBELN ERDAT KUNNR MATNR KWMENG NETWR WAERK", "number date code product_code quantity amount currency"),
        ("Sipariş_No Tarih Müşteri Tutar", "number date code amount"), ("Užsakymo_nr. Data Klientas Suma", "number date code amount"),
        ("订单号 日期 客户编号 金额 状态", "number date code amount state"),
    ],
)  # fmt: skip
def test_headings_of_erps_and_languages(headings, fields):
    found = likely_fields(headings.split())
    assert [
        next(name for name, places in found.items() if place in places)
        for place in range(len(headings.split()))
    ] == fields.split()


def test_states_of_other_languages_are_known():
    words = {
        "完了": "completed",
        "已取消": "cancelled",
        "Levererad": "completed",
        "törölve": "cancelled",
        "신규": "received",
    }
    assert {word: state_of(word) for word in words} == words
