"""Reads of rejected lines."""

import pytest

from orders.rejects import service
from orders.rejects.models import RejectedLine
from prm.core.errors import Refused
from tests.orders.factories import import_rows, make_source


@pytest.fixture
def run(in_mercy):
    return import_rows(
        make_source(), "1,bad,77,A,1,1", "2,worse,77,A,1,1", "3,2026-05-03,77,A,x,1", "4,2026-05-03,77,A,1,1"
    )


def test_open_and_settled_lines_are_all_lines(run):
    assert (run.rejected_lines.open().count(), run.rejected_lines.settled().count()) == (3, 0)
    service.dismiss(RejectedLine.objects.filter(line_no=2))
    assert [line.line_no for line in run.rejected_lines.open()] == [3, 4]
    assert [line.line_no for line in run.rejected_lines.settled()] == [2]


def test_corrections_are_the_latest_by_fingerprint(run):
    first, second = RejectedLine.objects.filter(reason="date_unreadable")
    for line in (first, second):
        service.correct(line.pk, line.raw | {"date": "2026-05-03"})
    all_of_them, latest = RejectedLine.objects.corrections(10), RejectedLine.objects.corrections(1)
    for line, is_latest in ((first, False), (second, True)):
        assert all_of_them.take(line.raw, line.reason)["date"] == "2026-05-03"
        assert all_of_them.take(line.raw, line.reason) is None
        assert (latest.take(line.raw, line.reason) is not None) == is_latest


def test_line_without_advice_of_its_kind_says_its_own_message(run):
    line = RejectedLine.objects.first()
    line.reason = "name_of_old"
    assert (line.heading, line.advice) == ("name_of_old", line.message)
    assert str(line) == f"2: {line.message}"


def test_correction_whose_amount_no_field_can_hold_is_refused_and_the_line_stays_open(run):
    line = RejectedLine.objects.get(reason="not_a_number")
    with pytest.raises(Refused, match="The amount is too large"):
        service.correct(line.pk, line.raw | {"quantity": "999999999", "unit_price": "999999999999"})
    line.refresh_from_db()
    assert line.state == "open"


def test_retry_of_what_cannot_be_stored_leaves_it_open(run):
    big = {"quantity": "999999999", "unit_price": "999999999999", "number": "9", "date": "2026-05-03"}
    RejectedLine.objects.filter(line_no=2).update(raw=big)
    assert service.retry(RejectedLine.objects.filter(line_no=2)) == (0, 1)
    assert RejectedLine.objects.get(line_no=2).state == "open"


def test_groups_of_another_run_are_another_matter(run):
    other = import_rows(make_source("Other"), "9,bad,77,A,1,1")
    assert [group.count for group in other.rejected_lines.by_reason()] == [1]
    assert sum(group.count for group in run.rejected_lines.by_reason()) == 3
