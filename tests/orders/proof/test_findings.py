"""A column decides its reading with its evidence, or it is a question; a reading is never guessed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.proof.choices import open_findings, spec_from
from orders.proof.date_findings import date_findings
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
    assert (findings[-1].chosen, findings[-1].evidence) == ("USD", "1 amounts name USD")


def test_column_that_cannot_hold_the_field_of_its_heading_is_not_taken(export):
    _, columns, _ = export(EXPORT.replace("03.05.2026", "soon").replace("14.05.2026", "later"))
    assert missing_of(columns) == ["Order date"]
